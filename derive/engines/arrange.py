"""Products in the order in which people write them: number, scalars, fraction, entries, brackets, sums."""

from __future__ import annotations

from derive.language.expression import (
    ONE,
    Add,
    Bracket,
    Direct,
    Expr,
    Function,
    Index,
    Mul,
    Number,
    Pow,
    Read,
    Sum,
    add,
    free_indices,
    mul,
    neg,
    walk,
)


def arranged(expr: Expr) -> Expr:
    """The same expression with every product's factors reordered; nothing else changes."""
    if isinstance(expr, Mul):
        flat = mul(*map(arranged, expr.factors))
        factors = flat.factors if isinstance(flat, Mul) else (flat,)
        return mul(*sorted(_squeezed(factors), key=_rank))
    if isinstance(expr, Add):
        return add(*map(arranged, expr.terms))
    if isinstance(expr, Bracket) and expr.relation == "=" and expr.left == expr.right:
        return ONE
    if isinstance(expr, Sum):
        return pulled(expr.index, arranged(expr.body))
    children = tuple(map(arranged, expr.children))
    return expr.with_children(children) if children else expr


def same_but_order(a: Expr, b: Expr) -> bool:
    """Whether only the order of terms and factors, or the place of a factor in front of a sum, is another."""
    return _unordered(a, {}) == _unordered(b, {})


def _unordered(expr: Expr, names: dict[str, str]) -> tuple[object, ...]:
    """The expression without its order; bound indices are told apart by where they are bound."""
    if isinstance(expr, Add):
        return ("+", tuple(sorted((_unordered(term, names) for term in expr.terms), key=repr)))
    if isinstance(expr, Mul | Sum):
        bound: list[tuple[object, ...]] = []
        factors: list[tuple[object, ...]] = []
        waiting: list[tuple[Expr, dict[str, str]]] = [(expr, names)]
        while waiting:
            one, inside = waiting.pop()
            if isinstance(one, Mul):
                waiting += [(factor, inside) for factor in reversed(one.factors)]
            elif isinstance(one, Sum):
                ends = _unordered(one.index.lower, inside), _unordered(one.index.upper, inside)
                bound.append(ends)
                waiting.append((one.body, {**inside, one.index.name: f"{len(bound)} of {ends}"}))
            else:
                factors.append(_unordered(one, inside))
        return ("*", tuple(sorted(bound, key=repr)), tuple(sorted(factors, key=repr)))
    if isinstance(expr, Bracket) and expr.relation == "=":
        return ("=", tuple(sorted((_unordered(side, names) for side in expr.children), key=repr)))
    if isinstance(expr, Index):
        return ("index", names.get(expr.name, expr.name))
    return (type(expr).__name__, _head(expr), *(_unordered(child, names) for child in expr.children))


def _head(expr: Expr) -> object:
    """What tells it from others of its kind, its parts apart."""
    match expr:
        case Number():
            return expr.value
        case Read():
            return expr.tensor.key
        case Bracket():
            return expr.relation
        case Function():
            return expr.name
        case Direct():
            return tuple(tensor.key for tensor in expr.held)
    return "" if expr.children else repr(expr)


def _squeezed(factors: tuple[Expr, ...]) -> list[Expr]:
    """Equal factors as powers, exponents added: b^p b^q = b^(p + q) where both are defined."""
    exponents: dict[Expr, Number] = {}
    for factor in factors:
        base, e = (factor.base, factor.exponent) if isinstance(factor, Pow) else (factor, ONE)
        if isinstance(e, Number) and not isinstance(base, Number):
            old = exponents.get(base)
            exponents[base] = e if old is None else Number(e.value + old.value)
        else:
            exponents[factor] = ONE
    result: list[Expr] = []
    for base, e in exponents.items():
        if e.value == 1:
            result.append(base)
        elif e.value != 0:
            result.append(Pow(base, e))
    return result


def _rank(factor: Expr) -> int:
    match factor:
        case Number():
            return 0
        case Read(_, ()):
            return 1
        case Pow(Read(_, ()), Number(e)) if e < 0:
            return 2
        case Pow(Read(), Number(e)) if e < 0:
            return 4
        case Pow(base, Number(e)) if e < 0 and any(isinstance(node, Function) for node in walk(base)):
            return 7  # exp(a) / (exp(a) + exp(b)): under what is like it
        case Pow(_, Number(e)) if e < 0:
            return 3
        case Add() | Pow(Add(), _):
            return 6
        case Sum():
            return 8
        case _:
            return 5


def pulled(index: Index, body: Expr) -> Expr:
    """sum_i c b_i = c sum_i b_i: factors without the index leave the sum."""
    if isinstance(body, Mul):
        outside = [f for f in body.factors if index.name not in free_indices(f)]
        inside = [f for f in body.factors if index.name in free_indices(f)]
        if not inside:
            return mul(*outside, add(index.upper, neg(index.lower), 1) if index.lower != ONE else index.upper)
        return mul(*outside, Sum(index, mul(*inside)))
    return Sum(index, body)
