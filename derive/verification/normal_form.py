"""The oracle for all sizes: the normal form of a claim, every name put in from the derivation's definitions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from derive.algebra.binding import Definitions, inline
from derive.algebra.decide import decide, is_zero
from derive.algebra.edges import resolved
from derive.algebra.elaborate import elaborated
from derive.algebra.witness import witness
from derive.errors import BudgetError, UnsupportedError
from derive.language.derivation import Claim, Derivation, Step
from derive.language.expression import Expr, Function, Read, tensors_in, walk
from derive.language.notation import PartialName
from derive.language.plain import plain
from derive.language.problem import Remark
from derive.language.program import Equation
from derive.language.question import Assumption
from derive.language.verdict import Proved, Refuted, Undecided, Verdict
from derive.verification.bounds import Bounds

ORACLE = "normal form"


class NormalForm:
    """Decides claims, remarks and single lines of one derivation."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation
        equal = partial(self._decide, definitions=derivation.definitions, assuming=())
        self.bounds = Bounds(derivation.problem.bounds, equal)

    def claim(self, claim: Claim) -> Verdict:
        return self._decide(claim.left, claim.right, self.derivation.definitions, claim.assuming)

    def wrong(self, claim: Claim) -> Verdict:
        """A claim that is expected to be false: a counterexample is looked for first."""
        one, other = elaborated(*(resolved(side, self.derivation.edges) for side in (claim.left, claim.right)))
        found = witness(one, other, self.derivation.definitions, claim.assuming)
        if found is not None:
            return Refuted(found)
        return decide(one, other, self.derivation.definitions, claim.assuming)

    def remark(self, remark: Remark) -> Verdict:
        """A remark with `at` is decided with that value put in; its conditions make both sides continuous there."""
        definitions = dict(self.derivation.definitions)
        if remark.at is not None:
            tensor, value = remark.at
            definitions[tensor.key] = Equation(tensor, value)
        return self._decide(remark.left, remark.right, definitions, remark.assuming)

    def step(self, step: Step, assuming: Sequence[Assumption]) -> Verdict:
        if step.bound is not None:
            return self.bounds.step(step)
        if any(isinstance(node, Function) and node.name == "abs" for node in walk(step.before)):
            return self.bounds.identity(step)
        if step.by:
            return self._by_result(step)
        return self._decide(step.before, step.after, self.derivation.definitions, assuming)

    def _by_result(self, step: Step) -> Verdict:
        """A line that puts in an earlier result, d y / d b_{i+1}[q] = ...: it defines that tensor for this line."""
        (result,) = step.assuming
        if not isinstance(result.left, Read):
            return Undecided(f"{plain(result.left)} is no entry that could be put in")
        before, after, value = elaborated(step.before, step.after, result.right)
        known = {**self.derivation.definitions, result.left.tensor.key: Equation(result.left, value)}
        return self._decide(before, after, known, ())

    @staticmethod
    def _parts_of(definitions: Definitions, one: Expr, other: Expr) -> Iterator[Definitions]:
        """Few definitions first: of the left side itself; then of all derivatives, of what only one side reads then,
        and of activations, whose derivatives hold them. Most lines hold whatever the other nodes are, and what is
        proved of any values need not have them put in."""
        slopes = {key: e for key, e in definitions.items() if isinstance(e.tensor.name, PartialName)}
        if isinstance(one, Read) and one.tensor.key in definitions:
            yield {one.tensor.key: definitions[one.tensor.key]}
        if slopes:
            active = {key: e for key, e in definitions.items() if isinstance(e.value, Function)}
            yield {**_told_apart(definitions, inline(one, slopes), inline(other, slopes)), **active, **slopes}

    def _decide(self, left: Expr, right: Expr, definitions: Definitions, assuming: Sequence[Assumption]) -> Verdict:
        """Proof first, since nearly every line is true; a counterexample is looked for only when it fails."""
        one, other = elaborated(*(resolved(side, self.derivation.edges) for side in (left, right)))
        for known in (*self._parts_of(definitions, one, other), definitions):
            try:
                if is_zero(one - other, known, assuming):
                    return Proved(conditions=tuple(assumption.text for assumption in assuming))
            except (BudgetError, UnsupportedError, ZeroDivisionError):
                pass  # decide() looks for a counterexample before it says why there is no proof
        return decide(one, other, definitions, assuming)


def _told_apart(definitions: Definitions, one: Expr, other: Expr) -> dict[str, Equation]:
    """The definitions of names that only one of two expressions holds."""
    only = tensors_in(one).keys() ^ tensors_in(other).keys()
    return {key: equation for key, equation in definitions.items() if key in only}
