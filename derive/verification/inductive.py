"""What an induction has to show, set up again from the problem alone: the lines printed are not trusted for it."""

from __future__ import annotations

from derive.algebra.binding import substitute
from derive.algebra.decide import is_zero
from derive.errors import BudgetError, UnsupportedError
from derive.language.derivation import Claim, Part
from derive.language.expression import Expr, Operand_, expression
from derive.language.plain import plain
from derive.language.question import Assumption, Consequence, Induction
from derive.language.recurrence import Law, Recurrence
from derive.language.verdict import Proved, Undecided, Verdict


def obligations(recurrence: Recurrence, part: Part) -> list[tuple[str, Claim]]:
    """P(0) from the start values; P(k + 1) from P(k) and the laws at k; a consequence from the laws that it names."""
    k = recurrence.counter
    wants = part.question.wants
    if isinstance(wants, Consequence):
        laws = [_law(law, k.name, k + shift if shift else k) for shift in wants.shifts for law in recurrence.laws]
        return [("consequence", Claim(part.question.id, part.claim.left, part.claim.right, tuple(laws)))]
    assert isinstance(wants, Induction)
    starts = tuple(_law(law, k.name, k) for law in recurrence.starts)
    laws = [_law(law, k.name, k) for law in recurrence.laws]
    hypotheses = [
        Assumption(left, right, f"{plain(left)} = {plain(right)}", fixed=True) for left, right in wants.claims
    ]
    found = []
    for left, right in wants.claims:
        found.append(("base", Claim(part.question.id, _at(left, k.name, 0), _at(right, k.name, 0), starts)))
        after = (_at(left, k.name, k + 1), _at(right, k.name, k + 1))
        found.append(("step", Claim(part.question.id, *after, (*laws, *hypotheses))))
    return found


def inductive(recurrence: Recurrence, part: Part) -> Verdict:
    """Proved when every obligation is, by normal forms under exactly its own assumptions."""
    for name, claim in obligations(recurrence, part):
        line = f"its {name} {plain(claim.left)} = {plain(claim.right)}"
        try:
            if not is_zero(claim.left - claim.right, {}, claim.assuming):
                return Undecided(f"{line} does not follow")
        except (BudgetError, UnsupportedError, ZeroDivisionError) as error:
            return Undecided(f"{line} could not be decided: {error}")
    return Proved(part.scope)


def _at(expr: Expr, counter: str, value: Operand_) -> Expr:
    return substitute(expr, {counter: expression(value)})


def _law(law: Law, counter: str, value: Operand_) -> Assumption:
    left, right = _at(law.read, counter, value), _at(law.right, counter, value)
    return Assumption(left, right, f"{plain(left)} = {plain(right)}", fixed=True)
