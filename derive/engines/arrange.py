"""Products in the order in which people write them: number, scalars, fraction, entries, brackets, sums."""

from __future__ import annotations

from derive.language.expression import (
    ONE,
    Add,
    Bracket,
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
