"""Several outcomes as one, and what is said of the values that they were found at."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from derive.judging.decision import Outcome
from derive.judging.numbers import MODES
from derive.judging.pairs import Pair
from derive.language.expression import ZERO, Bracket, Expr, Mul, Number, Pow, Read, tensors_in
from derive.language.statement import Relation
from derive.reading.pending import exactly


def together(outcomes: Sequence[Outcome]) -> Outcome:
    """All true, or the first that is not."""
    for outcome in outcomes:
        if outcome.truth is False:
            good = sum(1 for one in outcomes if one.truth)
            return Outcome(False, outcome.scope, outcome.failure, why=str(good))
    for outcome in outcomes:
        if outcome.truth is None:
            return outcome
    weakest = max((one.mode for one in outcomes), key=lambda mode: MODES.index(mode) if mode in MODES else len(MODES))
    return Outcome(True, mode=weakest)


def says_zero(pairs: Sequence[Pair], relation: Relation) -> bool:
    """u = 0, for all that is said."""
    return relation == "=" and all(ZERO in (pair.left, pair.right) for pair in pairs)


def by_chance(pairs: Sequence[Pair], relation: Relation) -> str:
    """u - v = 0 in letters says that u is v in general, which numbers alone do not make true."""
    sides = [side for pair in pairs for side in (pair.left, pair.right)]
    letters = len({key for side in sides for key in tensors_in(side)}) > 1 and not any(
        numbers_in(exactly(side)) for side in sides
    )
    return "with these numbers alone; false in general" if letters and says_zero(pairs, relation) else ""


def has_numbers(pair: Pair) -> bool:
    """Does a number other than 0 and 1 stand in the right side, outside exponents? It may be one of the instance's."""
    return bool(numbers_in(exactly(pair.right)))


def numbers_in(expr: Expr) -> list[Fraction]:
    """The numbers other than 0 and 1 outside subscripts and exponents."""
    if isinstance(expr, Number):
        return [] if abs(expr.value) in (0, 1) else [expr.value]
    if isinstance(expr, Read):
        return []
    children = expr.children[:1] if isinstance(expr, Pow) else expr.children
    return [number for child in children for number in numbers_in(child)]


def score(outcome: Outcome) -> int:
    """How near to true: entries that are right in a false array count."""
    return 10_000 if outcome.truth else int(outcome.why) if outcome.why.isdigit() else 0


def both_sides(pairs: Sequence[Pair]) -> Sequence[Pair]:
    """left - right = 0, for sides that both read the instance."""
    return [Pair(pair.left - pair.right, ZERO, pair.place) for pair in pairs]


def conditions_of(pair: Pair) -> list[Bracket]:
    """What makes both sides 0 where it does not hold: nothing is said there."""
    left, right = (_brackets(side) for side in (pair.left, pair.right))
    return left if pair.right == ZERO else [one for one in left if one in right]


def _brackets(expr: Expr) -> list[Bracket]:
    factors = expr.factors if isinstance(expr, Mul) else (expr,)
    return [factor for factor in factors if isinstance(factor, Bracket)]


def values_said(cells: list[dict[str, int]]) -> str:
    if len(cells) == 1:
        return ", ".join(f"{name} = {k}" for name, k in cells[0].items())
    names = list(cells[0])
    if len(names) == 1:
        return f"{names[0]} = {', '.join(str(cell[names[0]]) for cell in cells)}"
    return "; ".join(", ".join(f"{name} = {k}" for name, k in cell.items()) for cell in cells[:4])
