"""Small mistakes in a formula: each with what it is called. The formula is true, what comes out is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from derive.algebra.binding import rewrite, substitute
from derive.judging.edits import places
from derive.language.domain import Integers
from derive.language.expression import (
    Add,
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
    power,
    tensors_in,
)
from derive.language.plain import plain

Slip = tuple[str, Expr]  # what it is called, and the formula with it
Rule = Callable[[Expr], Iterator[Slip]]
MAX_NODES = 200
SHORT = 50  # characters of a formula that is repeated


def slips(expr: Expr, axes: Sequence[Index]) -> Iterator[Slip]:
    """Single mistakes, the likeliest first; `axes` are the indices that the formula may hold freely."""
    here = list(places(expr))[:MAX_NODES]
    for rule in (_signs, _sums, _terms, _factors, _exponents, _sizes, _means, _indices, _functions):
        for node, rebuild in here:
            for text, new in rule(node):
                yield text, rebuild(new)
        if rule is _sums:
            for node, rebuild in here:
                for text, new in _unsummed(node, axes):
                    yield text, rebuild(new)


def _signs(node: Expr) -> Iterator[Slip]:
    if isinstance(node, Add):
        for k, term in enumerate(node.terms):
            changed = add(*node.terms[:k], neg(term), *node.terms[k + 1 :])
            yield f"the sign of {plain(term).removeprefix('-')} turned round", changed


def _sums(node: Expr) -> Iterator[Slip]:
    if isinstance(node, Sum):
        name = node.index.name
        yield f"the sum over {name} missing", node.body
        for other, index in free_indices(node.body).items():
            if other != name:
                yield f"the sum taken over {other} instead of {name}", Sum(index, node.body)


def _unsummed(node: Expr, axes: Sequence[Index]) -> Iterator[Slip]:
    """What is summed, at the index of the answer."""
    if isinstance(node, Sum):
        for own in axes:
            if (own.lower, own.upper) == (node.index.lower, node.index.upper):
                body = substitute(node.body, {node.index.name: own})
                yield f"the sum over {node.index.name} missing in {plain(node)}", body


def _terms(node: Expr) -> Iterator[Slip]:
    if isinstance(node, Add) and len(node.terms) > 1:
        for k, term in enumerate(node.terms):
            yield f"the term {plain(term)} missing", add(*node.terms[:k], *node.terms[k + 1 :])


def _factors(node: Expr) -> Iterator[Slip]:
    if not isinstance(node, Mul):
        return
    for k, factor in enumerate(node.factors):
        rest = mul(*node.factors[:k], *node.factors[k + 1 :])
        if factor == Number(Fraction(-1)):
            yield f"the minus sign before {plain(rest)} missing", rest
            continue
        yield f"the factor {plain(factor)} missing{_of(node)}", rest
        if not isinstance(factor, Number):
            turned = mul(*node.factors[:k], power(factor, -1), *node.factors[k + 1 :])
            yield f"{plain(factor)} on the wrong side of the fraction", turned
        yield f"the factor {plain(factor)} twice{_of(node)}", mul(node, factor)


def _of(node: Expr) -> str:
    """The formula that it is said of, where that is short."""
    text = plain(node)
    return f" in {text}" if len(text) <= SHORT else ""


def _exponents(node: Expr) -> Iterator[Slip]:
    if not isinstance(node, Pow) or not isinstance(node.exponent, Number):
        return
    e = node.exponent.value
    for new in dict.fromkeys(v for v in (e + 1, e - 1, e * 2, e / 2, -e, e / 3, e * 3) if v not in (e, 0)):
        yield f"the exponent {new} in place of {e} on {plain(node.base)}", power(node.base, new)


def _sizes(node: Expr) -> Iterator[Slip]:
    """m - 1 for m, in a factor or a denominator."""
    if isinstance(node, Read) and isinstance(node.tensor.domain, Integers) and not node.indices:
        yield f"{node.tensor.key} - 1 in place of {node.tensor.key}", node - 1


def _means(node: Expr) -> Iterator[Slip]:
    if isinstance(node, Sum):
        yield f"a mean over {node.index.name} in place of the sum", mul(node, power(node.index.extent, -1))


def _indices(node: Expr) -> Iterator[Slip]:
    """An array turned round."""
    if isinstance(node, Read) and len(node.indices) == 2 and node.indices[0] != node.indices[1]:
        swapped = Read(node.tensor, (node.indices[1], node.indices[0]))
        yield f"{node.tensor.key} transposed", swapped


def _functions(node: Expr) -> Iterator[Slip]:
    if isinstance(node, Function) and len(node.arguments) == 1:
        yield f"{node.name} left out", node.arguments[0]


def without(expr: Expr, key: str, value: int) -> Expr:
    """A number put in for a name, in formulas but not in the ranges of indices."""

    def put_in(node: Expr) -> Expr | None:
        if isinstance(node, Index):
            return node
        return Number(Fraction(value)) if isinstance(node, Read) and node.tensor.key == key else None

    return rewrite(expr, put_in) if key in tensors_in(expr) else expr
