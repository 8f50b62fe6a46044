"""Is a repaired side right? First at points, which costs little, then by a proof."""

from __future__ import annotations

from typing import Protocol

from derive.algebra.probe import Key, Probe
from derive.errors import BudgetError, DeriveError, UnsupportedError
from derive.judging.decision import at_sizes, provable
from derive.judging.derivatives import along_edges, has_edges
from derive.judging.fixed import FixedSizes
from derive.judging.layered import holds, looks_true
from derive.judging.pairs import Pair
from derive.judging.subject import Known, Subject
from derive.language.deep import DeepNetwork
from derive.language.derivation import Claim
from derive.language.expression import Expr
from derive.language.recurrence import Recurrence
from derive.language.verdict import Agrees
from derive.verification.evaluation import UndefinedError

STEPS = 20_000  # of evaluation, for all candidates together
IN_SEQUENCES, IN_LAYERS = 100, 60  # candidates


class Trial(Protocol):
    """What candidates for one false equation are tried at."""

    @property
    def spent(self) -> bool: ...

    def fits(self, side: int, new: Expr) -> bool:
        """Does nothing tell the changed side from the other one?"""
        ...

    def proved(self, side: int, new: Expr) -> bool: ...


def trial(subject: Subject, pair: Pair, fixed: FixedSizes, concrete: bool, steps: int = STEPS) -> Trial:
    program = subject.problem.program
    if isinstance(program, Recurrence):
        return InSequences(subject, pair)
    at_points = AtPoints(subject, pair, fixed, concrete, steps)
    if isinstance(program, DeepNetwork) and not at_points.probe.points:  # it names a layer by its number
        return InLayers(subject, pair)
    return at_points


def worked(known: Known, expr: Expr) -> Expr:
    """With every derivative along an edge worked out."""
    if not has_edges(expr):
        return expr
    side = along_edges(known, expr)
    assert isinstance(side, Expr)
    return side


class AtPoints:
    """At random points of the problem; entries that are named by number at its sizes alone."""

    def __init__(self, subject: Subject, pair: Pair, fixed: FixedSizes, concrete: bool, steps: int = STEPS) -> None:
        self.subject, self.fixed, self.concrete = subject, fixed, concrete
        self.has_edges = has_edges(pair.left) or has_edges(pair.right)
        self.known = subject.known
        self.sides = (worked(self.known, pair.left), worked(self.known, pair.right))
        points = self.known.points(sizes=subject.sizes) if concrete else self.known.points()
        self.probe = Probe(points, self.sides, steps)
        self._wanted: dict[int, Key | None] = {}

    @property
    def spent(self) -> bool:
        return self.probe.steps < 0

    def fits(self, side: int, new: Expr) -> bool:
        if side not in self._wanted:
            self._wanted[side] = self.probe.values(self.sides[1 - side])
        wanted = self._wanted[side]
        return wanted is not None and self.probe.values(self._worked(new), wanted) is not None

    def proved(self, side: int, new: Expr) -> bool:
        changed = self._worked(new)
        pair = Pair(changed, self.sides[1]) if side == 0 else Pair(self.sides[0], changed)
        if self.concrete:
            return at_sizes(self.subject, [pair], self.fixed).truth is True
        left, right, known = pair.left, pair.right, self.known
        return known.once(left, right, lambda: provable(left, right, known.definitions, known=known))

    def _worked(self, new: Expr) -> Expr:
        return worked(self.known, new) if self.has_edges else new


class InSequences:
    """At the first steps of sequences, then by their laws or by induction."""

    def __init__(self, subject: Subject, pair: Pair) -> None:
        self.sequences, self.pair, self.left = subject.sequences, pair, IN_SEQUENCES

    @property
    def spent(self) -> bool:
        return self.left < 0

    def fits(self, side: int, new: Expr) -> bool:
        self.left -= 1
        pair = self._changed(side, new)
        try:
            found = self.sequences.simulation.check(Claim("statement", pair.left, pair.right)).verdict
        except (UndefinedError, BudgetError, UnsupportedError, ArithmeticError):
            return False
        return isinstance(found, Agrees)

    def proved(self, side: int, new: Expr) -> bool:
        return self.sequences.judge([self._changed(side, new)]).truth is True

    def _changed(self, side: int, new: Expr) -> Pair:
        return Pair(new, self.pair.right) if side == 0 else Pair(self.pair.left, new)


class InLayers:
    """At every layer of networks of a few depths, then for every depth."""

    def __init__(self, subject: Subject, pair: Pair) -> None:
        self.known, self.pair, self.left = subject.known, pair, IN_LAYERS

    @property
    def spent(self) -> bool:
        return self.left < 0

    def fits(self, side: int, new: Expr) -> bool:
        self.left -= 1
        try:
            return looks_true(self.known, self._changed(side, new))
        except (DeriveError, ArithmeticError, KeyError):
            return False

    def proved(self, side: int, new: Expr) -> bool:
        return holds(self.known, (self._changed(side, new),))

    def _changed(self, side: int, new: Expr) -> Pair:
        return Pair(new, self.pair.right) if side == 0 else Pair(self.pair.left, new)
