"""Many expressions at the same few random points: what a search among candidates needs."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from flint import arb, ctx

from derive.algebra.binding import Definitions
from derive.algebra.evaluate import Balls, Evaluator
from derive.algebra.fingerprint import BadPointError, Residues, random_entries
from derive.algebra.points import inputs_of, sizes_of
from derive.errors import BudgetError, UnsupportedError
from derive.language.domain import NonNegative, is_positive
from derive.language.expression import Expr, Index, free_indices

POINTS = 3
ATTEMPTS = 40
STEPS = 200_000  # for one expression
BITS = 128
Key: TypeAlias = "tuple[tuple[object, ...], ...]"


class Probe:
    """Values at points where the given expressions have one; definitions are worked out once.

    Modulo a prime; or, where a function has no law there, as enclosures of which the first digits are kept. `steps`
    bounds what a search may cost in all.
    """

    def __init__(
        self,
        exprs: Sequence[Expr],
        definitions: Definitions,
        sizes: Mapping[str, int] | None = None,
        steps: int = 100_000,
    ) -> None:
        self.free: dict[str, Index] = {}
        for expr in exprs:
            self.free.update(free_indices(expr))
        self.shape = (*exprs, *self.free.values())
        self.definitions = definitions
        self.steps = steps
        self.points: list[Evaluator] = []
        for exact in (True, False):
            self.exact = exact
            for seed in range(POINTS):
                point = self._point(seed, exprs, sizes)
                if point is not None:
                    self.points.append(point)
            if self.points:
                break

    def _point(self, seed: int, exprs: Sequence[Expr], fixed: Mapping[str, int] | None) -> Evaluator | None:
        for attempt in range(ATTEMPTS):
            rng = random.Random(f"probe {seed}/{attempt}")
            sizes = {key: rng.randint(2, 3) for key in sizes_of(self.shape, self.definitions)}
            sizes.update(fixed or {})
            try:
                point = self._evaluator(sizes, rng)
                for expr in exprs:
                    self._at(point, expr)
            except (BadPointError, ZeroDivisionError):
                continue
            except (UnsupportedError, BudgetError, KeyError):
                return None
            return point
        return None

    def _evaluator(self, sizes: dict[str, int], rng: random.Random) -> Evaluator:
        tensors = inputs_of(self.shape, self.definitions)
        residues = {t.key: random_entries(t, sizes, rng) for t in tensors}
        if self.exact:
            return Evaluator(Residues(), self.definitions, sizes, residues)
        balls = {}
        for tensor in tensors:
            positive = is_positive(tensor.domain) or isinstance(tensor.domain, NonNegative)
            lowest = 1 if positive else -24
            balls[tensor.key] = {where: arb(rng.randint(lowest, 24)) / 16 for where in residues[tensor.key]}
        return Evaluator(Balls(), self.definitions, sizes, balls)

    def _at(self, point: Evaluator, expr: Expr) -> tuple[object, ...]:
        point.budget = STEPS
        with ctx.workprec(BITS):
            found = tuple(self._key(point.value(expr, env)) for env in point.assignments(self.free))
        self.steps -= STEPS - point.budget
        return found

    def _key(self, value: Any) -> object:
        if self.exact:
            return value.value
        if not value.is_finite():
            raise ZeroDivisionError("no value")
        return str((value * 10**12 + arb("0.5")).floor().mid())

    def values(self, expr: Expr, wanted: Key | None = None) -> Key | None:
        """One tuple a point; None where it has no value, or is found to differ from what is wanted."""
        if not self.points or self.steps < 0 or free_indices(expr).keys() - self.free.keys():
            return None
        try:
            found = []
            for place, point in enumerate(self.points):
                found.append(self._at(point, expr))
                if wanted is not None and found[-1] != wanted[place]:
                    return None
            return tuple(found)
        except (BadPointError, UnsupportedError, BudgetError, KeyError, ZeroDivisionError):
            return None
