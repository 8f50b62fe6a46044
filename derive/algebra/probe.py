"""Many expressions at the same few points: what judging many statements, and a search among candidates, needs.

Every value that a definition gives at a point is worked out once and kept, so an expression costs what its own tree
costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from math import prod
from random import Random
from typing import Any, TypeAlias

from flint import arb, ctx

from derive.algebra.binding import Definitions
from derive.algebra.compiled import Run, compiled
from derive.algebra.draws import Draws
from derive.algebra.evaluate import Balls, Entries, Evaluator
from derive.algebra.logs import LogNumbers
from derive.algebra.points import SmallPoints, has_radicals, inputs_of, sizes_of, small_sizes, tensors_of
from derive.algebra.residues import BadPointError
from derive.algebra.witness import enclosed, nested, shown
from derive.errors import BudgetError, UnsupportedError
from derive.language.expression import Expr, Index, free_indices, walk
from derive.language.verdict import Counterexample

POINTS = 3
ATTEMPTS = 40
STEPS = 20_000  # for one expression at one point
PURSE = 200_000  # for all that the definitions give at one point
BITS = 128
EXACT_POINTS, ENCLOSED_POINTS = 90, 60  # that a counterexample is looked for at
MANY = 5  # sizes
ATTEMPTS_AT_SIZES = 4
CELLS = 6  # values of the free indices at one random point
TRIED, SHARE = 4, 16  # steps that one more expression costs, and so many nodes a step more
DRAWN, ZEROS = 60, 2  # values that are tried for them; so many of the cells may be such that all is 0
SCALE, HALF = arb(10**12), arb("0.5")  # so many digits of an enclosure are kept
Key: TypeAlias = "tuple[tuple[object, ...], ...]"
NO_VALUE = (ArithmeticError, UnsupportedError, BudgetError, KeyError)


class Scatter:
    """Values for everything that some expressions depend on, shared by the points under one set of definitions or
    another."""

    def __init__(self, exprs: Sequence[Expr], definitions: Definitions, fixed: Mapping[str, int]) -> None:
        values = [equation.value for equation in definitions.values()]
        self.tensors = tensors_of((*exprs, *values), {})
        self.least = {key: low for key, low in sizes_of((*exprs, *values), {}).items() if key not in fixed}
        self.fixed = fixed
        self.rooted = [e for e in definitions.values() if has_radicals(e.value)]
        self._draws: dict[int, Draws] = {}

    def draws(self, seed: int) -> Draws:
        if seed not in self._draws:
            self._draws[seed] = Draws(self.tensors, self.least, f"points {seed}", self.fixed)
        return self._draws[seed]

    def has_roots(self, point: Evaluator) -> bool:
        """Have all entries with a root in their definition a value?"""
        for equation in self.rooted:
            point.start(STEPS)
            try:
                for env in point.assignments({index.name: index for index in equation.indices}):
                    point.value(equation.value, env)
            except BadPointError:
                return False
            except NO_VALUE:
                continue
        point.forget()
        return True


class Points:
    """Random points for everything that some expressions depend on, by way of definitions.

    Modulo a prime; or, where a function has no law there, with enclosures of which the first digits are kept.
    """

    def __init__(
        self,
        exprs: Sequence[Expr],
        definitions: Definitions,
        sizes: Mapping[str, int] | None = None,
        scatter: Scatter | None = None,
    ) -> None:
        self.exprs, self.definitions, self.fixed = tuple(exprs), definitions, dict(sizes or {})
        self.sizes = {key: least for key, least in sizes_of(self.exprs, definitions).items() if key not in self.fixed}
        self.scatter = scatter or Scatter(self.exprs, definitions, self.fixed)
        self._small: list[tuple[dict[str, int], dict[str, Entries]]] = []
        self._source = _small_points(self.exprs, definitions, self.sizes, self.fixed)
        self._exact: dict[int, Evaluator] = {}
        self._enclosed: dict[int, Evaluator] = {}
        self._modular: dict[int, Evaluator] = {}
        self._real: dict[int, Evaluator] = {}
        self._ordered: list[Evaluator] = []
        self._order = _rooted_first(self.scatter, definitions)

    def modular(self, place: int) -> Evaluator | None:
        """A point modulo a prime; those come first at which every root of the definitions exists."""
        while len(self._ordered) <= place:
            found = next(self._order, None)
            if found is None:
                return None
            self._ordered.append(found)
        return self._ordered[place]

    def real(self, seed: int) -> Evaluator:
        """A point of enclosures."""
        if seed not in self._real:
            self._real[seed] = self.scatter.draws(seed).enclosed(self.definitions, PURSE)
        return self._real[seed]

    # -- small points, for counterexamples -------------------------------------------------------------------------

    def small(self, place: int) -> tuple[dict[str, int], dict[str, Entries]] | None:
        while len(self._small) <= place:
            found = next(self._source, None)
            if found is None:
                return None
            self._small.append(found)
        return self._small[place]

    def difference(self, left: Expr, right: Expr) -> Counterexample | None:
        """The first small point at which two expressions differ, exact ones before enclosures."""
        free = free_indices(left) | free_indices(right)
        for exact, count in ((True, EXACT_POINTS), (False, ENCLOSED_POINTS)):
            for place in range(count):
                try:
                    found = self._differ_at(place, left, right, free, exact)
                except BudgetError:
                    return None  # larger sizes cost more still
                if found is not None:
                    return found
        return None

    def _differ_at(
        self, place: int, left: Expr, right: Expr, free: Mapping[str, Index], exact: bool
    ) -> Counterexample | None:
        point = self.small(place)
        if point is None:
            return None
        evaluator = self._at_small(place, *point, exact)
        evaluator.forget()
        evaluator.start(STEPS)
        runs = compiled(left).run, compiled(right).run
        try:
            for env in evaluator.assignments(free):
                one, other = (evaluator.run(run, env) for run in runs)
                if exact and one != other:
                    return self._counterexample(point, left, right, env, str(one), str(other))
                if not exact and (one - other).is_finite() and not (one - other).contains(0):
                    return self._counterexample(point, left, right, env, shown(one), shown(other))
        except (ArithmeticError, UnsupportedError, KeyError):
            return None
        return None

    def _at_small(self, place: int, sizes: dict[str, int], values: dict[str, Entries], exact: bool) -> Evaluator:
        kept = self._exact if exact else self._enclosed
        if place not in kept:
            if exact:
                kept[place] = Evaluator(LogNumbers(), self.definitions, sizes, values, PURSE)
            else:
                balls = {k: {w: enclosed(v) for w, v in table.items()} for k, table in values.items()}
                kept[place] = Evaluator(Balls(), self.definitions, sizes, balls, PURSE)
        return kept[place]

    def _counterexample(
        self,
        point: tuple[dict[str, int], dict[str, Entries]],
        left: Expr,
        right: Expr,
        env: dict[str, int],
        one: str,
        other: str,
    ) -> Counterexample:
        sizes, values = point
        used = (left, right, *free_indices(left).values(), *free_indices(right).values())
        wanted = {tensor.key for tensor in inputs_of(used, self.definitions)}
        counted = sizes_of(used, self.definitions).keys() | self.fixed.keys()
        shown_values = {key: nested(table) for key, table in values.items() if key in wanted}
        return Counterexample({k: v for k, v in sizes.items() if k in counted}, shown_values, one, other, env)


@lru_cache(maxsize=256)
def _drawn(spans: tuple[tuple[str, range], ...]) -> tuple[dict[str, int], ...]:
    """Values of the free indices, by chance."""
    rng = Random("cells")
    return tuple({name: rng.choice(span) for name, span in spans} for _ in range(DRAWN))


# The two that follow are no methods: a generator that holds its owner would keep it from being freed at once.


def _rooted_first(scatter: Scatter, definitions: Definitions) -> Iterator[Evaluator]:
    """Points modulo a prime, those first at which every root of the definitions exists."""
    others = []
    for seed in range(ATTEMPTS):
        point = scatter.draws(seed).modular(definitions, PURSE)
        if scatter.has_roots(point):
            yield point
        else:
            others.append(point)
    yield from others


def _small_points(
    exprs: Sequence[Expr], definitions: Definitions, least: Mapping[str, int], fixed: Mapping[str, int]
) -> Iterator[tuple[dict[str, int], dict[str, Entries]]]:
    """Least sizes and small numbers first: many points where the sizes are fixed, one at each where there are many."""
    largest = 4 if len(least) < 3 else 3
    points = SmallPoints(exprs, definitions)
    attempts = EXACT_POINTS if not least else 1 if len(least) >= MANY else ATTEMPTS_AT_SIZES
    for sizes in small_sizes(least, max(largest, *least.values()) if least else 1):
        for attempt in range(attempts):
            every = {**sizes, **fixed}
            try:
                yield every, points.at(every, attempt)
            except NO_VALUE:
                continue


class Probe:
    """Expressions with the same free indices, compared at random points; `steps` bounds what that may cost in all.

    A point after the first is worked out only where those before it tell nothing.
    """

    def __init__(self, points: Points, exprs: Sequence[Expr], steps: int = 100_000) -> None:
        self.free: dict[str, Index] = {}
        for expr in exprs:
            self.free.update(free_indices(expr))
        self.steps, self.exprs = steps, exprs
        self.source = points
        self._cells: list[list[dict[str, int]]] = []
        self._found: dict[Expr, list[tuple[object, ...]]] = {expr: [] for expr in exprs}
        self._runs = [compiled(expr).run for expr in self._found]
        self.points: list[Evaluator] = []
        for self.exact in (True, False):
            self._tried = 0
            if self._another():
                break

    @cached_property
    def each(self) -> int:
        """The steps that one more expression costs."""
        return TRIED + sum(1 for expr in self.exprs for _ in walk(expr)) // SHARE

    def _another(self) -> bool:
        """One point more at which all the expressions have values, which are kept; False where there is none, or there
        are enough."""
        if len(self.points) >= POINTS:
            return False
        for place in range(self._tried, ATTEMPTS if self.exact else POINTS):
            self._tried = place + 1
            point = self.source.modular(place) if self.exact else self.source.real(place)
            if point is None:
                break
            point.forget()  # so that what is asked costs the same in any order of statements
            spent = self.steps
            try:
                cells = self._telling(point, self._runs)
                values = [self._at(point, run, cells) for run in self._runs]
            except (UnsupportedError, BudgetError, KeyError):
                if place >= POINTS and not self.points:
                    break  # another point does not change that
                continue
            except ArithmeticError:
                continue
            finally:
                self.steps = spent  # what is asked for comes in addition
            for found, value in zip(self._found.values(), values, strict=True):
                assert value is not None
                found.append(value)
            self.points.append(point)
            self._cells.append(cells)
            return True
        self._tried = ATTEMPTS
        return False

    def _telling(self, point: Evaluator, runs: Sequence[Run]) -> list[dict[str, int]]:
        """Values of the free indices: all, or a few, most of them such that something is not 0 there.

        Under conditions an expression is 0 nearly everywhere, where it looks like any other.
        """
        spans = {name: point.range(index, {}) for name, index in self.free.items()}
        if prod(map(len, spans.values())) <= CELLS:
            return list(point.assignments(self.free))
        telling: list[dict[str, int]] = []
        zero: list[dict[str, int]] = []
        point.start(STEPS)
        for cell in _drawn(tuple(spans.items())):
            if len(telling) == CELLS:
                break
            try:
                tells = not self.exact or any(point.run(run, cell) for run in runs)
            except BudgetError:
                if len(telling) + len(zero) < CELLS:
                    raise
                break
            (telling if tells else zero).append(cell)
        return (telling[: CELLS - min(ZEROS, len(zero))] + zero)[:CELLS]

    def _at(
        self, point: Evaluator, run: Run, cells: list[dict[str, int]], wanted: tuple[object, ...] | None = None
    ) -> tuple[object, ...] | None:
        """The values at one point; None as soon as one is not what is wanted."""
        point.start(STEPS)
        try:
            if self.exact:
                return self._compared(point, run, cells, int, wanted)
            with ctx.workprec(BITS):
                return self._compared(point, run, cells, self._digits, wanted)
        finally:
            self.steps -= STEPS - point.left

    @staticmethod
    def _compared(
        point: Evaluator,
        run: Run,
        cells: list[dict[str, int]],
        told: Callable[[Any], object],
        wanted: tuple[object, ...] | None,
    ) -> tuple[object, ...] | None:
        found: list[object] = []
        for env in cells:
            value = told(point.run(run, env))
            if wanted is not None and value != wanted[len(found)]:
                return None
            found.append(value)
        return tuple(found)

    @staticmethod
    def _digits(value: Any) -> object:
        if not value.is_finite():
            raise ZeroDivisionError("no value")
        return str((value * SCALE + HALF).floor().mid())

    def _values(self, expr: Expr, wanted: Key | None = None) -> Iterator[tuple[object, ...] | None]:
        """The values at one point after another, as many as are wanted; None where they differ, or there are none."""
        code = compiled(expr)
        known = self._found.get(expr)
        if known is None and not code.names <= self.free.keys():
            yield None
            return
        place = 0
        while place < len(self.points) or self._another():
            goal = None if wanted is None else wanted[place]
            if known is not None:
                yield known[place] if goal is None or known[place] == goal else None
            else:
                try:
                    yield self._at(self.points[place], code.run, self._cells[place], goal)
                except NO_VALUE:
                    yield None
            place += 1

    def values(self, expr: Expr, wanted: Key | None = None) -> Key | None:
        """One tuple a point; None where it has no value, or is found to differ from what is wanted."""
        if not self.points or self.steps < 0:
            return None
        if expr not in self._found:
            self.steps -= self.each
        found = []
        for values in self._values(expr, wanted):
            if values is None:
                return None
            found.append(values)
        return tuple(found)

    def tells_apart(self, one: Expr, other: Expr) -> bool | None:
        """Do two expressions differ at a point? None where either has no value there."""
        if not self.points or self.steps < 0:
            return None
        for first, second in zip(self._values(one), self._values(other), strict=True):
            if first is None or second is None:
                return None
            if first != second:
                return True
        return False
