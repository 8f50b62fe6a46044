"""Proof by cases: |z|, ReLU, step, max and min by the sign of what they branch on.

With z > 0, z = 0 and z < 0 for each such z outside of all sums, an expression has no branches left; if each of the
cases is zero as a formula, the expression is zero everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product

from derive.algebra.binding import rewrite
from derive.algebra.normal import Normalizer
from derive.algebra.polynomial import Poly, monomial_key
from derive.language.expression import ONE, ZERO, Expr, Function, Read, Sum, add, mul, neg

BRANCHING = frozenset({"abs", "relu", "step", "max", "min"})
MOST = 3  # signs that a proof branches on, each in three cases


def cases(expr: Expr) -> list[Expr]:
    """The expression in each case; none where it has no branches, or too many."""
    nodes = list(dict.fromkeys(_branching(expr)))
    if not nodes:
        return []
    context = Normalizer()
    found: dict[str, Expr] = {}  # what is branched on, by its form up to a positive factor and its sign
    signs: dict[Expr, tuple[str, int]] = {}
    for node in nodes:
        z = _condition(node)
        key, sign = _oriented(context, context.normal(z))
        found.setdefault(key, z if sign > 0 else neg(z))
        signs[node] = (key, sign)
    if len(found) > MOST:
        return []
    out = []
    for chosen in product((1, 0, -1), repeat=len(found)):
        case = dict(zip(found, chosen, strict=True))
        out.append(_vanishing(_in_case(expr, signs, case), found, case))
    return out


def _branching(expr: Expr) -> Iterator[Function]:
    """Innermost first, so that what a node branches on has no branches itself."""
    if isinstance(expr, Sum):
        return
    for child in expr.children:
        yield from _branching(child)
    if isinstance(expr, Function) and expr.name in BRANCHING and not any(_branches(a) for a in expr.arguments):
        yield expr


def _branches(expr: Expr) -> bool:
    return (isinstance(expr, Function) and expr.name in BRANCHING) or any(map(_branches, expr.children))


def _condition(node: Function) -> Expr:
    return node.arguments[0] - node.arguments[1] if len(node.arguments) == 2 else node.arguments[0]


def _oriented(context: Normalizer, poly: Poly) -> tuple[str, int]:
    if not poly:
        return "0", 1
    primitive = context.powers.primitive(poly, oriented=False)
    positive = primitive.terms[min(primitive.terms, key=monomial_key)] > 0
    return context.powers.primitive(poly, oriented=True).key, 1 if positive else -1


def _in_case(expr: Expr, signs: Mapping[Expr, tuple[str, int]], case: Mapping[str, int]) -> Expr:
    def put_in(node: Expr) -> Expr | None:
        if node not in signs or not isinstance(node, Function):
            return None
        key, sign = signs[node]
        return _value(node, case[key] * sign)

    return rewrite(expr, put_in)


def _value(node: Function, sign: int) -> Expr:
    z = node.arguments[0]
    match node.name:
        case "abs":
            return z if sign > 0 else neg(z) if sign < 0 else ZERO
        case "relu":
            return z if sign > 0 else ZERO
        case "step":
            return ONE if sign > 0 else ZERO
        case _ if sign == 0:  # the two are the same number
            return mul(Fraction(1, 2), add(*node.arguments))
        case _:
            return node.arguments[0 if (sign > 0) == (node.name == "max") else 1]


def _vanishing(expr: Expr, conditions: Mapping[str, Expr], case: Mapping[str, int]) -> Expr:
    """Where a name alone is 0, it is so everywhere."""
    zeros = {z for key, z in conditions.items() if case[key] == 0 and isinstance(z, Read)}
    return rewrite(expr, lambda node: ZERO if node in zeros else None) if zeros else expr
