"""Induction over a counter: base and step as polynomial identities, each line under named assumptions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from derive.algebra.binding import rewrite, substitute
from derive.algebra.subscripts import tidy
from derive.language.derivation import Claim, Part, Step
from derive.language.expression import Expr, Operand_, Read, expression, walk
from derive.language.plain import plain
from derive.language.problem import Problem
from derive.language.question import Assumption, Consequence, Induction, Question
from derive.language.recurrence import Law, Recurrence

HYPOTHESIS = "hypothesis"


class Inductor:
    """The steps of one question about a recurrence."""

    def __init__(self, problem: Problem, recurrence: Recurrence, number: int, question: Question) -> None:
        self.problem = problem
        self.recurrence = recurrence
        self.number = number
        self.question = question
        self.k = recurrence.counter
        self.steps: list[Step] = []

    def part(self) -> Part:
        wants = self.question.wants
        if isinstance(wants, Consequence):
            return self._consequence(wants)
        assert isinstance(wants, Induction)
        left, right = wants.claims[0]
        starts = self._assumed((law.read, law.right) for law in self.recurrence.starts)
        for one, other in wants.claims:
            self._line(self._at(one, 0), self._at(other, 0), "base", "base: start values", starts)
        for one, other in wants.claims:
            self._induct(one, other, wants.claims)
        return Part(self.question, tuple(self.steps), right, Claim(self.question.id, left, right), scope=self._from(0))

    def _induct(self, one: Expr, other: Expr, claims: Sequence[tuple[Expr, Expr]]) -> None:
        """P(k) gives the next left side the value of the next right side."""
        hypotheses = self._assumed(claims)
        laws = self._assumed((law.read, law.right) for law in self.recurrence.laws)
        goal = self._at(other, self.k + 1)
        start = self._at(one, self.k + 1)
        current = self._line_to(start, self._by_laws, "recurrence", self._laws_of(start), laws)
        current = self._line_to(
            current, lambda e: self._by_hypotheses(e, claims), HYPOTHESIS, "hypothesis P(k)", hypotheses
        )
        end = self._by_laws(goal)
        if current != end:
            self._line(current, end, HYPOTHESIS, "hypothesis P(k)", (*hypotheses, *laws))
        if end != goal:
            self._line(end, goal, "recurrence", self._laws_of(goal), laws)

    def _consequence(self, wants: Consequence) -> Part:
        """An identity that follows from the laws at k and at the neighbours named."""
        form = self.question.form
        assert form is not None
        laws = self._assumed(self._moved(law, shift) for shift in wants.shifts for law in self.recurrence.laws)
        start = wants.left
        current = self._line_to(start, self._by_laws, "recurrence", self._laws_of(start), laws)
        self._line(current, form, "recurrence", "the laws once more, terms collected", laws)
        claim = Claim(self.question.id, wants.left, form)
        return Part(self.question, tuple(self.steps), form, claim, scope=self._from(-min(wants.shifts)))

    def _from(self, first: int) -> str:
        return f"all {self.k.name} >= {first}"

    # -- lines ---------------------------------------------------------------------------------------------------

    def _line_to(
        self, expr: Expr, change: Callable[[Expr], Expr], rule: str, reason: str, assuming: tuple[Assumption, ...]
    ) -> Expr:
        changed = change(expr)
        if changed != expr:
            self._line(expr, changed, rule, reason, assuming)
        return changed

    def _line(self, before: Expr, after: Expr, rule: str, reason: str, assuming: tuple[Assumption, ...]) -> None:
        new = not self.steps or self.steps[-1].after != before
        self.steps.append(
            Step(f"{self.number}.{len(self.steps) + 1}", before if new else None, before, after, rule, reason,
                 assuming=assuming)
        )  # fmt: skip

    # -- rewriting -----------------------------------------------------------------------------------------------

    def _at(self, expr: Expr, value: Operand_) -> Expr:
        """The expression with k replaced; k - 1 + 1 becomes k."""
        return tidy(substitute(expr, {self.k.name: expression(value)}))

    def _moved(self, law: Law, shift: int) -> tuple[Expr, Expr]:
        by = self.k + shift if shift else self.k
        return self._at(law.read, by), self._at(law.right, by)

    def _by_laws(self, expr: Expr) -> Expr:
        """Every next value replaced by its law, until only present values are left."""
        table = {law.read: law.right for law in self.recurrence.laws}

        def put_in(node: Expr) -> Expr | None:
            return self._by_laws(table[node]) if isinstance(node, Read) and node in table else None

        return rewrite(expr, put_in)

    def _laws_of(self, expr: Expr) -> str:
        """Which laws `_by_laws` puts in for an expression."""
        read = {node.tensor.key for node in walk(expr) if isinstance(node, Read) and self._by_laws(node) != node}
        names = [f"${law.read.tensor.key}$" for law in self.recurrence.laws if law.read.tensor.key in read]
        return f"law{'s' if len(names) > 1 else ''} of {', '.join(names)}"

    @staticmethod
    def _by_hypotheses(expr: Expr, claims: Sequence[tuple[Expr, Expr]]) -> Expr:
        table: dict[Expr, Expr] = {left: right for left, right in claims if isinstance(left, Read)}
        return rewrite(expr, table.get)

    @staticmethod
    def _assumed(equations: Iterable[tuple[Expr, Expr]]) -> tuple[Assumption, ...]:
        """Taken as given at this k only: a hypothesis for all k would be the claim itself."""
        return tuple(
            Assumption(left, right, f"${plain(left)} = {plain(right)}$", fixed=True) for left, right in equations
        )
