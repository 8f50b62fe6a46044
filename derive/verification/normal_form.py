"""The oracle for all sizes: the normal form of a claim, every name put in from the derivation's definitions."""

from __future__ import annotations

from collections.abc import Sequence

from derive.algebra.binding import Definitions
from derive.algebra.decide import decide, is_zero
from derive.algebra.edges import resolved
from derive.errors import BudgetError, UnsupportedError
from derive.language.derivation import Claim, Derivation, Step
from derive.language.expression import Expr
from derive.language.problem import Assumption, Remark
from derive.language.program import Equation
from derive.language.verdict import Proved, Verdict

ORACLE = "normal form"


class NormalForm:
    """Decides claims, remarks and single lines of one derivation."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation

    def claim(self, claim: Claim) -> Verdict:
        return self._decide(claim.left, claim.right, self.derivation.definitions, claim.assuming)

    def remark(self, remark: Remark) -> Verdict:
        """A remark with `at` is decided with that value put in; its conditions make both sides continuous there."""
        definitions = dict(self.derivation.definitions)
        if remark.at is not None:
            tensor, value = remark.at
            definitions[tensor.key] = Equation(tensor, value)
        return self._decide(remark.left, remark.right, definitions, remark.assuming)

    def step(self, step: Step, assuming: Sequence[Assumption]) -> Verdict:
        return self._decide(step.before, step.after, self.derivation.definitions, assuming)

    def _decide(self, left: Expr, right: Expr, definitions: Definitions, assuming: Sequence[Assumption]) -> Verdict:
        """Proof first, since nearly every line is true; a counterexample is looked for only when it fails."""
        one, other = resolved(left, self.derivation.edges), resolved(right, self.derivation.edges)
        try:
            if is_zero(one - other, definitions, assuming):
                return Proved(conditions=tuple(assumption.text for assumption in assuming))
        except (BudgetError, UnsupportedError, ZeroDivisionError):
            pass  # decide() looks for a counterexample before it says why there is no proof
        return decide(one, other, definitions, assuming)
