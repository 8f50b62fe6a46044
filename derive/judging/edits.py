"""Small changes of an expression, the likeliest slip first: each with its kind and a phrase for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations

from msgspec import Struct

from derive.algebra.binding import fresh_name, substitute
from derive.language.domain import Integers
from derive.language.expression import (
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
    expression,
    free_indices,
    mul,
    neg,
    power,
    tensors_in,
    walk,
)
from derive.rendering.formula import latex

Rebuild = Callable[[Expr], Expr]
FACTORS = (Fraction(2), Fraction(1, 2), Fraction(4), Fraction(1, 4), Fraction(3), Fraction(1, 3))
MAX_NODES = 400


class Phrase(Struct, frozen=True):
    """A sentence with places for expressions, which are set only if it comes to be told."""

    pattern: str
    about: tuple[Expr | str, ...] = ()

    def __str__(self) -> str:
        return self.pattern.format(*(one if isinstance(one, str) else latex(one) for one in self.about))


def _phrase(pattern: str, *about: Expr | str) -> Phrase:
    return Phrase(pattern, about)


class Edit(Struct, frozen=True):
    """The expression after one change."""

    kind: str
    phrase: Phrase
    expr: Expr


Found = Iterator[tuple[str, Phrase, Expr]]
Rule = Callable[[Expr, Mapping[str, int]], Found]


def edits(
    expr: Expr, lengths: Mapping[str, int], others: Sequence[Expr] = (), outer: Mapping[str, Index] | None = None
) -> Iterator[Edit]:
    """Single changes.

    `lengths` bound the numbers that stand as subscripts; `others` are terms that may be missing, `outer` the indices
    that are free on the other side.
    """
    here = list(places(expr))
    if len(here) > MAX_NODES:
        return
    for rule in (_signs, _indices, _exponents, _sums_missing, _sums_extra, _factors, _functions, _bounds, _terms_extra):
        yield from _everywhere(here, rule, lengths)
    for node, rebuild in here:
        for phrase, new in _other_letter(node, outer or {}):
            yield Edit("index", phrase, rebuild(new))
    yield from _factors_missing(expr)
    for factor in _factors_of(others):
        for node, rebuild in here:
            if isinstance(node, Mul):
                yield Edit("factor", _phrase("the factor {} is missing", factor), rebuild(mul(node, factor)))
    for term in others:
        yield Edit("missing term", _phrase("the term {} is missing", term), add(expr, term))


def exponents(expr: Expr) -> Iterator[Edit]:
    """Single changes of an exponent."""
    return _everywhere(list(places(expr)), _exponents, {})


def _everywhere(here: Sequence[tuple[Expr, Rebuild]], rule: Rule, lengths: Mapping[str, int]) -> Iterator[Edit]:
    for node, rebuild in here:
        for kind, phrase, new in rule(node, lengths):
            yield Edit(kind, phrase, rebuild(new))


def places(expr: Expr, rebuild: Rebuild = lambda new: new) -> Iterator[tuple[Expr, Rebuild]]:
    """Every node with what puts another in its place; parents first."""
    yield expr, rebuild
    children = expr.children
    for k, child in enumerate(children):

        def put(new: Expr, k: int = k, expr: Expr = expr) -> Expr:
            changed = (*children[:k], new, *children[k + 1 :])
            return rebuild(made(expr, changed))

        if not isinstance(expr, Direct):
            yield from places(child, put)


def made(node: Expr, children: tuple[Expr, ...]) -> Expr:
    """The node over other children, tidied as the reader would."""
    if isinstance(node, Add):
        return add(*children)
    if isinstance(node, Mul):
        return mul(*children)
    if isinstance(node, Pow):
        return power(*children)
    return node.with_children(children)


def _signs(node: Expr, lengths: Mapping[str, int]) -> Found:
    if isinstance(node, Add):
        for k, term in enumerate(node.terms):
            changed = add(*node.terms[:k], neg(term), *node.terms[k + 1 :])
            yield "sign", _phrase("the sign of {} is wrong", _unsigned(term)), changed
    elif isinstance(node, Mul) and isinstance(node.factors[0], Number) and node.factors[0].value < 0:
        yield "sign", _phrase("a minus sign is too many"), neg(node)
    elif isinstance(node, Mul | Sum | Read | Direct | Pow):
        yield "sign", _phrase("a minus sign is missing"), neg(node)


def _unsigned(term: Expr) -> Expr:
    """The term without its minus sign."""
    first = term.factors[0] if isinstance(term, Mul) else term
    return neg(term) if isinstance(first, Number) and first.value < 0 else term


def _indices(node: Expr, lengths: Mapping[str, int]) -> Found:
    if isinstance(node, Direct):
        for kind, phrase, new in _indices(node.of, lengths):
            yield kind, phrase, node.with_children((new, node.by))
        for kind, phrase, new in _indices(node.by, lengths):
            yield kind, phrase, node.with_children((node.of, new))
    if not isinstance(node, Read) or not node.indices:
        return
    for a, b in combinations(range(len(node.indices)), 2):
        if node.indices[a] == node.indices[b]:
            continue
        turned = list(node.indices)
        turned[a], turned[b] = turned[b], turned[a]
        swapped = Read(node.tensor, tuple(turned))
        if node.tensor.shape[a] == node.tensor.shape[b] or (_all_numbers(node) and _inside(swapped, lengths)):
            yield "index", _phrase("{} should be {}", node, swapped), swapped
    for k, (axis, index) in enumerate(zip(node.tensor.axes, node.indices, strict=True)):
        for other in _others(axis, index, lengths):
            new = Read(node.tensor, (*node.indices[:k], other, *node.indices[k + 1 :]))
            yield "index", _phrase("{} should be {}", node, new), new


def _all_numbers(node: Read) -> bool:
    return all(isinstance(index, Number) for index in node.indices)


def _inside(node: Read, lengths: Mapping[str, int]) -> bool:
    return all(
        isinstance(index, Number) and index.value <= _length(axis, lengths)
        for axis, index in zip(node.tensor.axes, node.indices, strict=True)
    )


def _length(axis: Index, lengths: Mapping[str, int]) -> int:
    if isinstance(axis.upper, Number):
        return int(axis.upper.value)
    return lengths.get(axis.upper.tensor.key, 0) if isinstance(axis.upper, Read) else 0


def _others(axis: Index, index: Expr, lengths: Mapping[str, int]) -> Iterator[Expr]:
    if isinstance(index, Number) and isinstance(axis.lower, Number):
        for value in range(int(axis.lower.value), min(_length(axis, lengths), 12) + 1):
            if value != index.value:
                yield expression(value)
    elif isinstance(index, Index):
        yield add(index, 1)
        yield add(index, -1)


def _exponents(node: Expr, lengths: Mapping[str, int]) -> Found:
    if isinstance(node, Pow) and isinstance(node.exponent, Number):
        e = node.exponent.value
        tried = [e + 1, e - 1, e * 2, e / 2, e / 3, e * 3, -e, e + Fraction(1, 2), e - Fraction(1, 2)]
        for new in dict.fromkeys(value for value in tried if value != e):
            changed = power(node.base, new)
            yield "exponent", _phrase("the exponent {} should be {}", str(e), str(new)), changed
    elif isinstance(node, Read | Direct | Function) or (isinstance(node, Add) and len(node.terms) <= 3):
        yield "exponent", _phrase("{} should be squared", node), power(node, 2)
        yield "exponent", _phrase("the root of {} is missing", node), power(node, Fraction(1, 2))


def _sums_missing(node: Expr, lengths: Mapping[str, int]) -> Found:
    """A sum over a free index of a product, or of the first or last factors of it over an index of their own."""
    if not isinstance(node, Mul | Read | Pow | Function | Direct):
        return
    factors = tuple(one for factor in (node.factors if isinstance(node, Mul) else (node,)) for one in _apart(factor))
    for name, index in free_indices(node).items():
        yield "missing sum", _phrase("a sum over {} is missing", name), Sum(index, node)
        own = index.renamed(fresh_name(name, set(free_indices(node)) | {name}))
        for cut in range(1, len(factors) + 1):
            for inner, outer in ((factors[:cut], factors[cut:]), (factors[cut:], factors[:cut])):
                if not inner or not any(name in free_indices(factor) for factor in inner):
                    continue
                body = substitute(mul(*inner), {name: own})
                yield (
                    "missing sum",
                    _phrase("a sum over an index of its own is missing before {}", mul(*inner)),
                    mul(Sum(own, body), *outer),
                )


def _apart(factor: Expr) -> tuple[Expr, ...]:
    """A square as two factors, of which one may belong into a sum."""
    if isinstance(factor, Pow) and factor.exponent == expression(2):
        return factor.base, factor.base
    return (factor,)


def _sums_extra(node: Expr, lengths: Mapping[str, int]) -> Found:
    if isinstance(node, Sum):
        for name, index in free_indices(node.body).items():
            if name != node.index.name:
                yield (
                    "index",
                    _phrase("the sum should be over {}, not over {}", name, node.index.name),
                    Sum(index, node.body),
                )
        yield "extra sum", _phrase("the sum over {} is too many", node.index.name), node.body


def _other_letter(node: Expr, outer: Mapping[str, Index]) -> Iterator[tuple[Phrase, Expr]]:
    """The sum over another of its letters, where its own is free on the other side of the equation."""
    if not isinstance(node, Sum):
        return
    for name, index in free_indices(node.body).items():
        for free, own in outer.items():
            if name not in outer and (own.lower, own.upper) == (node.index.lower, node.index.upper):
                body = substitute(node.body, {node.index.name: own})
                yield (
                    _phrase("the sum should be over {}, and {} stay free", name, free),
                    Sum(index, body),
                )


def _factors(node: Expr, lengths: Mapping[str, int]) -> Found:
    if not isinstance(node, Mul):
        return
    for k, factor in enumerate(node.factors):
        rest = mul(*node.factors[:k], *node.factors[k + 1 :])
        yield "factor", _phrase("the factor {} is too many", factor), rest
        if not isinstance(factor, Number):
            yield (
                "factor",
                _phrase("{} stands on the wrong side of the fraction", factor),
                mul(*node.factors[:k], power(factor, -1), *node.factors[k + 1 :]),
            )


def _functions(node: Expr, lengths: Mapping[str, int]) -> Found:
    """A prime that was dropped; an index bracket that was left out."""
    if isinstance(node, Function) and node.name in ("logistic", "tanh"):
        slope = mul(node, 1 - node) if node.name == "logistic" else 1 - power(node, 2)
        yield "prime", _phrase("the derivative of {} is meant, not its value", node), slope
    if isinstance(node, Bracket):
        yield "condition", _phrase("the condition is the opposite one"), 1 - node


def _bounds(node: Expr, lengths: Mapping[str, int]) -> Found:
    if not isinstance(node, Sum):
        return
    index = node.index
    for lower, upper in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        new = Index(index.name, _shifted(index.upper, upper), _shifted(index.lower, lower))
        body = substitute(node.body, {index.name: new})
        yield "bound", _phrase("the sum over {} has a wrong end", index.name), Sum(new, body)


def _shifted(end: Expr, by: int) -> Expr:
    """The end moved, its numbers added up: 1 + 1 - 1 is 1."""
    terms = end.terms if isinstance(end, Add) else (end,)
    number = sum((term.value for term in terms if isinstance(term, Number)), Fraction(by))
    return add(*(term for term in terms if not isinstance(term, Number)), number)


def _terms_extra(node: Expr, lengths: Mapping[str, int]) -> Found:
    if isinstance(node, Add):
        for k, term in enumerate(node.terms):
            yield "extra term", _phrase("the term {} is too many", term), add(*node.terms[:k], *node.terms[k + 1 :])


def _factors_missing(expr: Expr) -> Iterator[Edit]:
    """The whole, or one of its terms, times a number, a size or a scalar, or divided by it."""
    named: list[Expr] = [expression(value) for value in FACTORS]
    for tensor in _scalars(expr):
        named += [tensor, power(tensor, -1)]
    terms = expr.terms if isinstance(expr, Add) else ()
    for factor in named:
        yield Edit("factor", _phrase("the factor {} is missing", factor), mul(factor, expr))
        for k, term in enumerate(terms):
            changed = add(*terms[:k], mul(factor, term), *terms[k + 1 :])
            yield Edit("factor", _phrase("the factor {} is missing in {}", factor, term), changed)


def _factors_of(terms: Sequence[Expr]) -> list[Expr]:
    """The factors that stand in the terms of an answer, in its sums too."""
    found: dict[Expr, None] = {}
    for term in terms:
        for node in walk(term):
            if isinstance(node, Mul):
                found.update(dict.fromkeys(factor for factor in node.factors if not isinstance(factor, Number | Sum)))
    return list(found)


def _scalars(expr: Expr) -> list[Expr]:
    """Sizes of the axes that are read and summed, and the scalars that stand in the expression."""
    found: dict[str, Expr] = {}
    for node in walk(expr):
        axes = node.tensor.axes if isinstance(node, Read) else (node.index,) if isinstance(node, Sum) else ()
        for axis in axes:
            for tensor in tensors_in(axis.upper).values():
                found[tensor.key] = Read(tensor)
        if isinstance(node, Read) and not node.indices and not isinstance(node.tensor.domain, Integers):
            found[node.tensor.key] = node
    return list(found.values())
