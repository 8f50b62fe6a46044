"""One oracle asked about the claims of one problem: points are kept, so that what claims share is computed once."""

from __future__ import annotations

import textwrap
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import ClassVar, Protocol

from msgspec import Struct

from derive.errors import UnsupportedError
from derive.language.derivation import Claim
from derive.language.expression import Direct, Read
from derive.language.notation import PartialName
from derive.language.problem import Problem
from derive.language.program import show_read
from derive.language.question import Assumption
from derive.language.verdict import Agrees, Counterexample, Evidence, Refuted, Undecided, Verdict
from derive.verification.assumptions import satisfy
from derive.verification.evaluation import (
    Arithmetic,
    Entry,
    Evaluator,
    Scalar,
    Scope,
    UndefinedError,
    entry_of,
    free_of_claim,
)
from derive.verification.forward import Forward, scope_of
from derive.verification.points import Point, Sizes, default_sizes, draw

ATTEMPTS = 4  # points tried at one size before it is called undefined there


class Differentiator(Protocol):
    """An oracle's own derivatives at one point."""

    def total(self, key: str, entry: Entry) -> Scalar:
        """d loss / d key[entry], everything downstream of it recomputed."""

    def direct(self, node: Direct, of: Entry, by: Entry) -> Scalar:
        """d of[entry] / d by[entry] along their one edge, all else held fixed."""


class Comparison(Struct, frozen=True):
    """Whether two values are the same, None where that stays open, and the error between them."""

    equal: bool | None
    error: float = 0.0


class Run:
    """One point: the forward values, and each derivative once it has been asked for."""

    def __init__(self, point: Point, forward: Forward, differentiator: Differentiator) -> None:
        self.point, self.forward, self.differentiator = point, forward, differentiator
        self._totals: dict[tuple[str, Entry], Scalar] = {}  # of shorthands too
        self.evaluator = Evaluator(forward.arithmetic, point.sizes, self._read, self.differentiator.direct)

    def _read(self, node: Read, entry: Entry) -> Scalar:
        if node.tensor.key in self.forward.shorthands:
            return self._shorthand(node, entry)
        if node.tensor.key in self.forward.values or not isinstance(node.tensor.name, PartialName):
            return entry_of(self.forward.values, node, entry)
        key = self.forward.target(node)
        if (key, entry) not in self._totals:
            self._totals[key, entry] = self.differentiator.total(key, entry)
        return self._totals[key, entry]

    def _shorthand(self, node: Read, entry: Entry) -> Scalar:
        """An entry of a name that stands for an expression."""
        key, equation = node.tensor.key, self.forward.shorthands[node.tensor.key]
        if (key, entry) not in self._totals:
            spans = [self.evaluator.span(axis, {}) for axis in node.tensor.axes]
            if not all(k in span for k, span in zip(entry, spans, strict=True)):
                raise UnsupportedError(f"{show_read(node)} has no entry {list(entry)}")
            self._totals[key, entry] = self.evaluator.value(equation.value, scope_of(equation, entry))
        return self._totals[key, entry]


class Session(ABC):
    """Checks claims by evaluating both sides at exact points of several sizes."""

    oracle: ClassVar[str]
    grid: ClassVar[tuple[int, ...]]
    exact: ClassVar[bool] = False

    def __init__(self, problem: Problem, sizes: Sequence[Sizes] | None = None, seed: int = 0) -> None:
        self.problem, self.seed = problem, seed
        self.sizes: tuple[Sizes, ...] = tuple(default_sizes(problem, self.grid) if sizes is None else sizes)
        self.moved: Callable[[Point], Point] = lambda point: point  # to a point where a bound is sharp
        self._runs: dict[tuple[object, ...], Run] = {}

    @cached_property
    @abstractmethod
    def arithmetic(self) -> Arithmetic: ...

    @abstractmethod
    def differentiator(self, forward: Forward) -> Differentiator: ...

    @abstractmethod
    def compare(self, left: Scalar, right: Scalar) -> Comparison: ...

    @abstractmethod
    def show(self, value: Scalar) -> str: ...

    def draw(self, sizes: Sizes, assuming: tuple[Assumption, ...], salt: str) -> Point:
        return satisfy(assuming, draw(self.problem, sizes, salt))

    def run(self, place: int, assuming: tuple[Assumption, ...], attempt: int) -> Run:
        key = (place, assuming, attempt)
        if key not in self._runs:
            drawn = self.draw(self.sizes[place], assuming, f"{self.oracle}/{self.seed}/{place}/{attempt}")
            point = self.moved(drawn)
            forward = Forward(self.problem, point.sizes, point.scalars(self.arithmetic), self.arithmetic)
            self._runs[key] = Run(point, forward, self.differentiator(forward))
        return self._runs[key]

    def check(self, claim: Claim) -> Evidence:
        """Agrees, when both sides are equal at every point; Refuted at the first where they differ."""
        tally, why, seen = _Tally(), "", []
        for place, sizes in enumerate(self.sizes):
            before = tally.points
            try:
                refuted = self._at_size(claim, place, tally)
            except (UnsupportedError, UndefinedError) as error:
                why = why or f"{_at(sizes)}{error}"
                continue
            if refuted is not None:
                return self._evidence(Refuted(refuted), (sizes,), tally)
            if tally.points > before:
                seen.append(sizes)
        verdict: Verdict = Undecided(why or "no size has a point") if why or not tally.points else Agrees(tally.points)
        return self._evidence(verdict, tuple(seen), tally)

    def _evidence(self, verdict: Verdict, sizes: tuple[Sizes, ...], tally: _Tally) -> Evidence:
        error = "exact" if self.exact else f"{tally.error:.0e}" if tally.error else "0"
        return Evidence(self.oracle, verdict, sizes, tally.points, error)

    def _at_size(self, claim: Claim, place: int, tally: _Tally) -> Counterexample | None:
        """The claim at the first point of this size where everything it says is defined."""
        undefined = UndefinedError("no point was tried")
        for attempt in range(ATTEMPTS):
            try:
                return self._at_point(claim, self.run(place, claim.assuming, attempt), tally)
            except UndefinedError as error:
                undefined = error
        raise undefined

    def _at_point(self, claim: Claim, run: Run, tally: _Tally) -> Counterexample | None:
        pairs = list(self.sides(claim, run))
        for where, left, right in pairs:
            outcome = self.compare(left, right) if claim.relation == "=" else self._ordered(left, right)
            tally.error = max(tally.error, outcome.error)
            if outcome.equal is None:
                sides = " = ".join(textwrap.shorten(self.show(side), 60) for side in (left, right))
                raise UnsupportedError(f"{sides} could not be decided")
            if not outcome.equal:
                tally.points += 1
                shown = run.point.shown()
                return Counterexample(run.point.sizes, shown, self.show(left), self.show(right), where)
        tally.points += len(pairs)
        return None

    def _ordered(self, left: Scalar, right: Scalar) -> Comparison:
        """left <= right, by the sign of the difference."""
        arithmetic = self.arithmetic
        negated = arithmetic.mul([arithmetic.number(Fraction(-1)), right])
        return Comparison(arithmetic.sign(arithmetic.add([left, negated])) <= 0)

    def sides(self, claim: Claim, run: Run) -> Iterator[tuple[Scope, Scalar, Scalar]]:
        for where in run.evaluator.assignments(free_of_claim(claim)):
            yield where, run.evaluator.value(claim.left, where), run.evaluator.value(claim.right, where)


@dataclass(slots=True)
class _Tally:
    points: int = 0
    error: float = 0.0


def _at(sizes: Sizes) -> str:
    return "".join(f"{key} = {value}, " for key, value in sizes.items())[:-2] + ": " if sizes else ""
