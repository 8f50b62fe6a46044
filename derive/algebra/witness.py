"""The smallest counterexample: least sizes, small whole numbers, both sides' values exact or rigorously enclosed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from random import Random
from typing import TypeAlias

from flint import arb
from msgspec import Struct

from derive.algebra.binding import Definitions
from derive.algebra.compiled import compiled
from derive.algebra.evaluate import Balls, Entries, Evaluator, NotExactError, OutsideError
from derive.algebra.logs import LogNumber, LogNumbers
from derive.algebra.points import SmallPoints, inputs_of, sizes_of, small_sizes
from derive.errors import BudgetError, UnsupportedError
from derive.language.expression import Expr, Index, free_indices
from derive.language.question import Assumption
from derive.language.verdict import Counterexample

ATTEMPTS = 10  # points tried at each choice of sizes
MANY, FEW = 5, 3  # with so many sizes, so few points at each
STEPS = 500_000  # of evaluation at one point
SPENT = 3  # so often the steps may run out
REFUSED = 40  # points without any at which the sides have a value: there is none
POINTS = 300  # points tried in all, in each of the two rounds
NARROW = 1e-6  # the radius of an enclosure that tells anything
SCATTERED = 40  # choices of many sizes tried at random, after those points

Found: TypeAlias = "tuple[tuple[dict[str, int], str, str], dict[str, Entries]]"


class Tried(Struct, frozen=True):
    """At how many points two sides were compared, and where they were found to differ."""

    points: int
    counterexample: Counterexample | None = None


def witness(
    left: Expr, right: Expr, definitions: Definitions, assuming: Sequence[Assumption] = (), budget: int = STEPS
) -> Counterexample | None:
    """The first difference found; None if none was found."""
    return tried(left, right, definitions, assuming, budget).counterexample


def tried(
    left: Expr, right: Expr, definitions: Definitions, assuming: Sequence[Assumption] = (), budget: int = STEPS
) -> Tried:
    """Both sides compared at one small point after another until they differ, exact points before enclosures.

    `budget` bounds the steps at one point; once it has been spent a few times, no more points are tried.
    """
    points = 0
    for exact in (True, False):
        search = _Search((left, right), definitions, assuming, budget)
        for sizes, attempt in search.small():
            if found := search.at(sizes, attempt, exact):
                return Tried(points + search.compared, search.counterexample(found, sizes))
        for sizes, attempt in search.scattered():
            if found := search.at(sizes, attempt, exact):
                return Tried(points + search.compared, search.counterexample(*search.shrunk(found, sizes, exact)))
        points += search.compared
    return Tried(points)


class _Search:
    """Where two sides may differ."""

    def __init__(
        self, sides: tuple[Expr, Expr], definitions: Definitions, assuming: Sequence[Assumption], budget: int
    ) -> None:
        self.budget, self.spent, self.compared, self.refused = budget, 0, 0, 0
        self.sides, self.definitions, self.assuming = sides, definitions, assuming
        self.free = free_indices(sides[0]) | free_indices(sides[1])
        self.exprs = (*sides, *(side for assumption in assuming for side in (assumption.left, assumption.right)))
        self.sizes = sizes_of((*self.exprs, *self.free.values()), definitions)
        self.points = SmallPoints((*self.exprs, *self.free.values()), definitions, assuming)
        self.attempts = ATTEMPTS if len(self.sizes) < MANY else FEW

    def small(self) -> Iterator[tuple[dict[str, int], int]]:
        """The smallest sizes first."""
        choices = small_sizes(self.sizes, 4 if len(self.sizes) < 3 else 3)
        return islice(((sizes, attempt) for sizes in choices for attempt in range(self.attempts)), POINTS)

    def scattered(self) -> Iterator[tuple[dict[str, int], int]]:
        """Of many sizes together there are too many to try all small ones in turn."""
        random = Random(len(self.sizes))
        for _ in range(SCATTERED if len(self.sizes) >= MANY else 0):
            yield {name: least + random.randint(0, 2) for name, least in self.sizes.items()}, 1

    def at(self, sizes: dict[str, int], attempt: int, exact: bool) -> Found | None:
        """The difference at one point, and the point."""
        if self.spent >= SPENT or (self.refused >= REFUSED and not self.compared):
            return None
        try:
            values = self.points.at(sizes, attempt)
            compared, found = _difference(self.sides, self.free, self.definitions, sizes, values, exact, self.budget)
        except (NotExactError, ZeroDivisionError, OutsideError):
            return None
        except UnsupportedError:
            self.refused += 1
            return None
        except BudgetError:
            self.spent += 1
            return None
        self.compared += compared
        return None if found is None else (found, values)

    def shrunk(self, found: Found, sizes: dict[str, int], exact: bool) -> tuple[Found, dict[str, int]]:
        """One size after another made smaller, as long as the sides still differ."""
        for tried in self._smaller(sizes):
            if better := next(filter(None, (self.at(tried, k, exact) for k in range(self.attempts))), None):
                return self.shrunk(better, tried, exact)
        return found, sizes

    def _smaller(self, sizes: dict[str, int]) -> Iterator[dict[str, int]]:
        for name, least in self.sizes.items():
            for smaller in range(least, sizes[name]):
                yield {**sizes, name: smaller}

    def counterexample(self, found: Found, sizes: dict[str, int]) -> Counterexample:
        (where, left, right), values = found
        shown = {t.key: nested(values[t.key]) for t in inputs_of(self.exprs, self.definitions)}
        return Counterexample(sizes, shown, left, right, where)


def _difference(
    sides: tuple[Expr, Expr],
    free: dict[str, Index],
    definitions: Definitions,
    sizes: dict[str, int],
    values: dict[str, Entries],
    exact: bool,
    budget: int,
) -> tuple[bool, tuple[dict[str, int], str, str] | None]:
    """Whether the sides were compared for any values of the free indices, and where they differ."""
    compared, runs = False, [compiled(side).run for side in sides]
    if exact:
        evaluator = Evaluator(LogNumbers(), definitions, sizes, values, budget)
    else:
        balls = {k: {w: enclosed(v) for w, v in table.items()} for k, table in values.items()}
        evaluator = Evaluator(Balls(), definitions, sizes, balls, budget)
    for env in evaluator.assignments(free):
        left, right = (evaluator.run(run, env) for run in runs)
        if exact and left != right:
            return True, (env, str(left), str(right))
        if not exact and (left - right).is_finite() and not (left - right).contains(0):
            return True, (env, shown(left), shown(right))
        compared = compared or exact or bool((left - right).rad() < NARROW)  # which no infinite or lost value is
    return compared, None


def nested(table: Entries) -> object:
    """{(1, 1): a, (1, 2): b, ...} as nested tuples of text; a scalar as its text."""
    if () in table:
        return str(table[()])
    rows: dict[int, Entries] = {}
    for where, value in table.items():
        rows.setdefault(where[0], {})[where[1:]] = value
    return tuple(nested(row) for _, row in sorted(rows.items()))


def enclosed(value: LogNumber) -> arb:
    total = arb(value.whole.p) / arb(value.whole.q)
    for prime, c in value.logs:
        total += arb(c.p) / arb(c.q) * arb(prime).log()
    return total


def shown(value: arb) -> str:
    """Six digits of an enclosure; a value that may be zero is said to be about 0."""
    return "about 0" if value.contains(0) else value.str(6, radius=False)
