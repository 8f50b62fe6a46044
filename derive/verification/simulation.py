"""The oracle for recurrences: every sequence computed step by step at exact numbers, every claim checked at every k."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from random import Random

from derive.errors import UnsupportedError
from derive.language.derivation import Claim
from derive.language.domain import Integers
from derive.language.expression import Read, free_indices, tensors_in
from derive.language.problem import Problem
from derive.language.question import Value
from derive.language.recurrence import Law, Recurrence
from derive.language.verdict import Agrees, Counterexample, Evidence, Refuted, Undecided, Verdict
from derive.verification.evaluation import Entry, Evaluator, Values
from derive.verification.rationals import Rationals

ORACLE = "unrolled"
STEPS = 6  # how far every sequence is run
POINTS = 4  # random starts and given sequences


class Simulation:
    """The sequences of one problem at several exact points, or at one that is given."""

    def __init__(self, problem: Problem, seed: int = 0, instance: Mapping[str, Value] | None = None) -> None:
        assert isinstance(problem.program, Recurrence)
        self.recurrence = problem.program
        if instance is not None:
            self.runs = [_sequences(problem.program, instance)]
        else:
            self.runs = [self._run(Random(f"{problem.id}/{seed}/{point}")) for point in range(POINTS)]

    def check(self, claim: Claim) -> Evidence:
        """Equal at every k from 0 at which both sides are defined; the first difference refutes."""
        points, k = 0, self.recurrence.counter.name
        if set(free_indices(claim.left) | free_indices(claim.right)) - {k}:
            return self._evidence(Undecided(f"only {k} may be free in a claim about a recurrence"), 0)
        for values in self.runs:
            evaluator = self._evaluator(values)
            for step in range(STEPS + 1):
                try:
                    left, right = (evaluator.value(side, {k: step}) for side in (claim.left, claim.right))
                except UnsupportedError:
                    continue  # a neighbour beyond the last step
                points += 1
                if left != right:
                    return self._evidence(Refuted(self._counterexample(claim, values, step, left, right)), points)
        return self._evidence(Agrees(points) if points else Undecided("no step has all the values it needs"), points)

    def _run(self, random: Random) -> Values:
        values: Values = {}
        for tensor in self.recurrence.inputs():
            if isinstance(tensor.domain, Integers):
                continue
            entries: list[Entry] = [(at,) for at in range(-1, STEPS + 2)] if tensor.axes else [()]
            values[tensor.key] = {entry: _small(random) for entry in entries}
        return run(self.recurrence, values, STEPS)

    def _evaluator(self, values: Values) -> Evaluator:
        return Evaluator(Rationals(), {}, lambda node, entry: read(values, node, entry))

    def _counterexample(
        self, claim: Claim, values: Values, step: int, left: Fraction, right: Fraction
    ) -> Counterexample:
        shown: dict[str, object] = {}
        read_by = self._read_by(claim)
        for tensor in self.recurrence.inputs():
            table = values.get(tensor.key, {}) if tensor.key in read_by else {}
            if () in table:
                shown[tensor.key] = str(table[()])
            elif table:
                shown[tensor.key] = tuple(str(table[at,]) for at in range(step + 1) if (at,) in table)
        return Counterexample({}, shown, str(left), str(right), {self.recurrence.counter.name: step})

    def _read_by(self, claim: Claim) -> set[str]:
        """What the claim reads, through the laws and start values of its sequences."""
        laws = (*self.recurrence.starts, *self.recurrence.laws)
        found = {*tensors_in(claim.left), *tensors_in(claim.right)}
        while more := {key for law in laws if law.read.tensor.key in found for key in tensors_in(law.right)} - found:
            found |= more
        return found

    @staticmethod
    def _evidence(verdict: Verdict, points: int) -> Evidence:
        return Evidence(ORACLE, verdict, ({"n": STEPS},) if points else (), points, "exact")


def simulated(recurrence: Recurrence, instance: Mapping[str, Value]) -> dict[str, object]:
    """The sequences of a worked instance, as text."""
    tables = _sequences(recurrence, instance)
    return {
        key: str(table[()]) if () in table else tuple(str(value) for at, value in sorted(table.items()) if at[0] >= 0)
        for key, table in tables.items()
    }


def _sequences(recurrence: Recurrence, instance: Mapping[str, Value]) -> Values:
    """As many steps as the shortest given sequence has entries."""
    values: Values = {}
    lengths = []
    for tensor in recurrence.inputs():
        given = instance.get(tensor.key)
        if tensor.axes and isinstance(given, tuple | list):
            lengths.append(len(given))
            values[tensor.key] = {(at,): Fraction(str(number)) for at, number in enumerate(given)}
        elif given is not None:
            values[tensor.key] = {(): Fraction(str(given))}
    return run(recurrence, values, min(lengths, default=STEPS))


def _small(random: Random) -> Fraction:
    return Fraction(random.choice((-3, -2, -1, 1, 2, 3)), random.choice((1, 1, 2)))


def run(recurrence: Recurrence, values: Values, steps: int) -> Values:
    """Every sequence from its start values to the last step, in the order of its laws."""
    evaluator = Evaluator(Rationals(), {}, lambda node, entry: read(values, node, entry))

    def put(law: Law, scope: dict[str, int]) -> None:
        entry = evaluator.entry(law.read, scope)
        values.setdefault(law.read.tensor.key, {})[entry] = evaluator.value(law.right, scope)

    for law in recurrence.starts:
        put(law, {})
    for step in range(steps):
        for law in recurrence.laws:
            put(law, {recurrence.counter.name: step})
    return values


def read(values: Values, node: Read, entry: Entry) -> Fraction:
    try:
        found: Fraction = values[node.tensor.key][entry]
    except KeyError:
        raise UnsupportedError(f"{node.tensor.key} has no entry {list(entry)} here") from None
    return found
