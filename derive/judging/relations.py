"""Inequalities and equations as relations: 2x > 2 is 1 < x; x < 1 is not x <= 1, as x = 1 shows.

A chain is the conjunction of its links, each brought to the form d > 0, d >= 0, d = 0 or d != 0. Two chains say the
same if every link of the one is a positive multiple of one of the other. They differ if at one point only one holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, pairwise

from msgspec import Struct

from derive.algebra.evaluate import Balls, Entries, Evaluator, NotExactError
from derive.algebra.logs import LogNumber, LogNumbers
from derive.algebra.normal import Normalizer
from derive.algebra.points import SmallPoints, inputs_of, sizes_of, small_sizes, tensors_of
from derive.algebra.witness import enclosed, nested
from derive.errors import BudgetError, UnsupportedError
from derive.judging.decision import ALL, PROOF_BUDGET, Outcome, provable
from derive.language.domain import Integers
from derive.language.expression import Expr, Index, Read, div, free_indices, mul
from derive.language.judgement import Failure
from derive.language.statement import Chain
from derive.language.tensor import Tensor
from derive.reading.pending import exactly

Point = tuple[dict[str, int], dict[str, Entries]]
NO_VALUE = (ArithmeticError, UnsupportedError, BudgetError, KeyError)
ZERO, ONE = (LogNumbers().number(Fraction(k)) for k in (0, 1))
ATTEMPTS, SIZES, STEPS = 8, 6, 5_000


class Link(Struct, frozen=True):
    """difference > 0, >= 0, = 0 or != 0."""

    sign: str
    difference: Expr


def links_of(chain: Chain) -> list[Link] | None:
    """None where a side is an array."""
    found = []
    for (left, right), relation in zip(pairwise(chain.sides), chain.relations, strict=True):
        if not (isinstance(left, Expr) and isinstance(right, Expr)) or relation == "~":
            return None
        one, other = exactly(left), exactly(right)
        if relation in ("<", "<="):
            one, other = other, one
        sign = {"<": ">", "<=": ">="}.get(relation, relation)
        found.append(Link(sign, one - other))
    return found


def same_relations(gold: Chain, answer: Chain) -> Outcome:
    """Do the two chains hold of the same values?"""
    one, other = links_of(gold), links_of(answer)
    if one is None or other is None:
        return Outcome(None, why="relations between arrays are compared side by side")
    context = Normalizer(budget=PROOF_BUDGET)
    if all(any(_same(context, a, b) for b in other) for a in one) and all(
        any(_same(context, a, b) for a in one) for b in other
    ):
        return Outcome(True, ALL)
    found = _told_apart(one, other)
    if found is not None:
        return Outcome(False, ALL, found)
    return Outcome(None, why="the relations are not multiples of each other")


def _same(context: Normalizer, one: Link, other: Link) -> bool:
    if one.sign != other.sign:
        return False
    for ratio in _ratios(context, one.difference, other.difference):
        positive = not isinstance(ratio, Fraction) or ratio > 0
        if (positive or one.sign in ("=", "!=")) and provable(mul(ratio, one.difference), other.difference, {}):
            return True
    return False


def _ratios(context: Normalizer, one: Expr, other: Expr) -> Iterator[Fraction | Expr]:
    """What the one may be multiplied by: the quotient of two coefficients, and sizes, which are positive."""
    try:
        first, second = context.normal(one), context.normal(other)
        shared = next((mono for mono in first.terms if mono in second.terms), None)
        if shared is not None:
            ratio = second.terms[shared] / first.terms[shared]
            yield Fraction(int(ratio.p), int(ratio.q))
    except NO_VALUE:
        yield Fraction(1)
    for tensor in _sizes((one, other)):
        yield Read(tensor)
        yield div(1, Read(tensor))


def _sizes(exprs: Sequence[Expr]) -> list[Tensor]:
    return [t for t in tensors_of(exprs, {}).values() if isinstance(t.domain, Integers)]


# -- a point at which only one of the two holds --------------------------------------------------------------------


def _told_apart(one: Sequence[Link], other: Sequence[Link]) -> Failure | None:
    exprs = tuple(link.difference for link in (*one, *other))
    for sizes, values in points(exprs):
        left, right = (_hold(links, sizes, values) for links in (one, other))
        if left is not None and right is not None and left != right:
            shown = {t.key: nested(values[t.key]) for t in inputs_of(exprs, {})}
            return Failure(sizes, shown, "true" if left else "false", "true" if right else "false")
    return None


def points(exprs: Sequence[Expr]) -> Iterator[Point]:
    """Small points, and from each those at which one of the expressions is 0."""
    free = {name: index for expr in exprs for name, index in free_indices(expr).items()}
    every = (*exprs, *free.values())
    for sizes in islice(small_sizes(sizes_of(every, {}), 3), SIZES):
        for attempt in range(ATTEMPTS):
            try:
                values = SmallPoints(every, {}).at(sizes, 2 * attempt + 1)
            except NO_VALUE:
                continue
            yield sizes, values
            for expr in exprs:
                yield from ((sizes, changed) for changed in _zeros(expr, sizes, values))


def _zeros(expr: Expr, sizes: Mapping[str, int], values: dict[str, Entries]) -> Iterator[dict[str, Entries]]:
    """The point moved along one scalar, in which the expression is linear there, to where it is 0."""
    for tensor in inputs_of((expr,), {}):
        if tensor.axes or isinstance(tensor.domain, Integers):
            continue

        def at(value: LogNumber, key: str = tensor.key) -> dict[str, Entries]:
            return {**values, key: {(): value}}

        try:
            low = _exact(expr, sizes, at(ZERO))
            high = _exact(expr, sizes, at(ONE))
            if low.logs or high.logs or low.power or high.power or low.whole == high.whole:
                continue
            root = at(LogNumber(low.whole / (low.whole - high.whole)))
            if _exact(expr, sizes, root).sign() == 0:
                yield root
        except NO_VALUE:
            continue


def _exact(expr: Expr, sizes: Mapping[str, int], values: Mapping[str, Entries]) -> LogNumber:
    evaluator = Evaluator(LogNumbers(), {}, sizes, values, STEPS)
    env = next(evaluator.assignments(free_indices(expr)), {})
    found: LogNumber = evaluator.value(expr, env)
    return found


def _hold(links: Sequence[Link], sizes: Mapping[str, int], values: Mapping[str, Entries]) -> bool | None:
    """Do all of them hold, for every value of the free indices? None where a side has no value."""
    free: dict[str, Index] = {name: index for link in links for name, index in free_indices(link.difference).items()}
    try:
        for env in Evaluator(LogNumbers(), {}, sizes, values, STEPS).assignments(free):
            holding = [_holds(link, sizes, values, env) for link in links]
            if any(one is None for one in holding):
                return None
            if not all(holding):
                return False
    except NO_VALUE:
        return None
    return True


def _holds(link: Link, sizes: Mapping[str, int], values: Mapping[str, Entries], env: Mapping[str, int]) -> bool | None:
    sign = sign_at(link.difference, sizes, values, env)
    if sign is None:
        return None
    return {">": sign > 0, ">=": sign >= 0, "=": sign == 0, "!=": sign != 0}[link.sign]


def sign_at(expr: Expr, sizes: Mapping[str, int], values: Mapping[str, Entries], env: Mapping[str, int]) -> int | None:
    """-1, 0 or 1 at a point, exactly or by enclosure; None where that does not tell."""
    try:
        exact: LogNumber = Evaluator(LogNumbers(), {}, sizes, values, STEPS).value(expr, env)
        return exact.sign()
    except NotExactError:
        balls = {key: {where: enclosed(v) for where, v in table.items()} for key, table in values.items()}
        ball = Evaluator(Balls(), {}, sizes, balls, STEPS).value(expr, env)
        return 1 if ball > 0 else -1 if ball < 0 else None
