"""Claims about a network of symbolic depth, at real depths: the whole network written out, every layer asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial

from msgspec.structs import replace

from derive.language.derivation import Claim
from derive.language.domain import Integers
from derive.language.expression import Add, Read
from derive.language.network import Network
from derive.language.problem import Problem
from derive.language.program import Program
from derive.language.verdict import Agrees, Evidence, Refuted, Verdict
from derive.verification.evaluation import Evaluator, Scalar, Values, entry_of
from derive.verification.points import Exact, Logarithm, Point
from derive.verification.rationals import Rationals
from derive.verification.session import Session

WIDTHS = (2, 3, 1)  # dealt to the layers in turn, so that neighbours differ and one is a single unit
DEPTHS = (1, 2, 3)  # where oracles look; every depth has its own network


def at_sizes(problem: Problem, depth: int, dealt: Sequence[int] = WIDTHS) -> Problem:
    """The problem at so many layers, of the widths that are dealt in turn."""
    whole = problem.composed(depth)
    widths = [tensor for tensor in whole.program.inputs() if isinstance(tensor.domain, Integers)]
    sizes = {tensor.key: dealt[place % len(dealt)] for place, tensor in enumerate(widths)}
    return replace(whole, instance={}, conditions=(), oracle_sizes=(sizes,))


def at_rest(program: Program, point: Point) -> Point:
    """The point with its biases such that every layer sums up to 0, where a sigmoid is steepest and bounds are sharp.

    A bias is an input that an equation adds at its own indices; sigma(0) = 1/2 is all that has to be known.
    """
    values: Values = {key: {at: _plain(value) for at, value in t.items()} for key, t in point.values.items()}
    for equation in program.equations:
        terms = equation.value.terms if isinstance(equation.value, Add) else ()
        added = [t for t in terms if isinstance(t, Read) and t.tensor.key in values and t.indices == equation.indices]
        evaluator = Evaluator(_Resting(), point.sizes, lambda node, entry: entry_of(values, node, entry))
        table = {}
        for scope in evaluator.assignments(equation.indices):
            entry = tuple(scope.values())
            table[entry] = evaluator.value(equation.value, scope)
            if added:
                values[added[0].tensor.key][entry] -= table[entry]
                table[entry] = Fraction(0)
        values[equation.tensor.key] = table
    return Point(point.sizes, {key: values[key] for key in point.values})


def _plain(value: Exact) -> Fraction:
    """The logarithm of a number is moved to the number itself: here, exponents are 0."""
    return value.of if isinstance(value, Logarithm) else value


class _Resting(Rationals):
    """Rationals, and sigma(0)."""

    def function(self, name: str, argument: Scalar) -> Scalar:
        if name == "logistic" and argument == 0:
            return Fraction(1, 2)
        return super().function(name, argument)


class Depths:
    """One oracle asked about every layer of networks of several depths."""

    def __init__(self, problem: Problem, module: object, seed: int, depths: Sequence[int] = DEPTHS) -> None:
        assert isinstance(problem.program, Network)
        self.network, self.depths = problem.program, tuple(depths)
        self.sessions: dict[int, Session] = {
            depth: module.session(at_sizes(problem, depth), seed=seed)  # type: ignore[attr-defined]
            for depth in self.depths
        }
        self.sharp: dict[int, Session] = {}
        for depth in self.depths:
            narrow = at_sizes(problem, depth, (1,))
            self.sharp[depth] = module.session(narrow, seed=seed)  # type: ignore[attr-defined]
            self.sharp[depth].moved = partial(at_rest, self.network.composed(depth))

    def check(self, claim: Claim) -> Evidence:
        """At random points; a claim with <= also where the network is at rest and every layer has one unit."""
        found = self._check(claim, self.sessions)
        if claim.relation == "<=" and isinstance(found.verdict, Agrees):
            sharp = self._check(claim, self.sharp)
            return sharp if isinstance(sharp.verdict, Refuted) else found  # a kink may stand at the sharp point
        return found

    def wrong(self, claim: Claim) -> Verdict:
        """A claim that is expected to be false: where every layer has one unit and rests, numbers are smallest."""
        found = self._check(claim, self.sharp)
        return (found if isinstance(found.verdict, Refuted) else self._check(claim, self.sessions)).verdict

    def _check(self, claim: Claim, sessions: Mapping[int, Session]) -> Evidence:
        points, sizes, worst = 0, [], Evidence("", Agrees(0))
        for depth, session in sessions.items():
            for _, (left, right) in self.network.instances((claim.left, claim.right), depth):
                found = session.check(replace(claim, left=left, right=right))
                if not isinstance(found.verdict, Agrees):
                    return replace(found, sizes=({self.network.depth.key: depth},))
                points += found.points
                worst = max(worst, found, key=_error)
                if {self.network.depth.key: depth} not in sizes:
                    sizes.append({self.network.depth.key: depth})
        return replace(worst, verdict=Agrees(points), sizes=tuple(sizes), points=points)


def _error(evidence: Evidence) -> float:
    return -1.0 if not evidence.oracle else 0.0 if evidence.error in ("", "exact") else float(evidence.error)
