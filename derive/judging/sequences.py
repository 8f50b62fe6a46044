"""Statements about sequences: refuted by running them, proved from their laws or by induction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import islice

from derive.algebra.binding import rewrite, substitute
from derive.algebra.decide import is_zero
from derive.algebra.subscripts import tidy
from derive.errors import BudgetError, UnsupportedError
from derive.judging.decision import AGREED, PROOF_BUDGET, UNMET, Outcome, failure_of
from derive.judging.pairs import Pair
from derive.judging.partial_sums import forwards, parted
from derive.judging.subject import Subject
from derive.language.derivation import Claim
from derive.language.expression import Expr, Number, Operand_, Read, add, expression, free_indices, walk
from derive.language.question import Assumption, Induction
from derive.language.recurrence import Recurrence
from derive.language.verdict import Agrees, Proved, Refuted
from derive.verification.evaluation import UndefinedError
from derive.verification.inductive import inductive
from derive.verification.simulation import Simulation

MAX_NODES = 4_000  # of what the laws put in make of an expression
MAX_STEPS = 12


class Sequences:
    """The laws of one problem, and what its parts have proved about them."""

    def __init__(self, subject: Subject) -> None:
        program = subject.problem.program
        assert isinstance(program, Recurrence)
        self.recurrence, self.subject = program, subject
        self.k = program.counter

    @cached_property
    def simulation(self) -> Simulation:
        return Simulation(self.subject.problem)

    @cached_property
    def theorems(self) -> tuple[tuple[Expr, Expr], ...]:
        """The claims of the parts that induction proves, for every k >= 0."""
        found: list[tuple[Expr, Expr]] = []
        for part in self.subject.known.derivation.parts:
            wants = part.question.wants
            if isinstance(wants, Induction) and isinstance(inductive(self.recurrence, part), Proved):
                found += wants.claims
        return tuple(found)

    def judge(self, pairs: Sequence[Pair]) -> Outcome:
        """Every pair for every k at which both sides are defined."""
        compared = True
        for pair in pairs:
            try:
                verdict = self.simulation.check(Claim("statement", pair.left, pair.right)).verdict
            except UndefinedError as error:
                return Outcome(None, why=str(error))
            if isinstance(verdict, Refuted):
                return Outcome(False, "", failure_of(verdict.counterexample))
            compared = compared and isinstance(verdict, Agrees)
        scope = f"all {self.k.name} >= 0"
        if all(self.by_steps(pair) or self.from_laws(pair) or self.by_induction(pair) for pair in pairs):
            return Outcome(True, scope)
        return Outcome(None, scope, why=AGREED if compared else UNMET)

    def by_steps(self, pair: Pair) -> bool:
        """Entries that are named by number, worked out from the start values step by step."""
        expr = tidy(pair.left - pair.right)
        if free_indices(expr):
            return False
        starts = {self._tidied(law.read): law.right for law in self.recurrence.starts}
        for _ in range(MAX_STEPS):
            changed = rewrite(expr, lambda node: self._step(node, starts))
            if changed == expr:
                break
            expr = changed
            if sum(1 for _ in islice(walk(expr), MAX_NODES)) == MAX_NODES:
                return False
        return self._zero(expr, [])

    def _step(self, node: Expr, starts: Mapping[Expr, Expr]) -> Expr | None:
        if not isinstance(node, Read) or not node.indices or not isinstance(node.indices[0], Number):
            return None
        if node in starts:
            return starts[node]
        for law in self.recurrence.laws:
            if law.read.tensor.key == node.tensor.key and node.indices[0].value >= 1:
                return self._at(law.right, Number(node.indices[0].value - 1))
        return None

    def from_laws(self, pair: Pair) -> bool:
        """From the laws and the theorems at k and its neighbours, put in from the latest value to the earliest."""
        difference = tidy(pair.left - pair.right)
        for theorems in (False, True):
            for shifts in ((1, 0), (1, 0, -1)):
                expr = difference
                for shift in shifts:
                    expr = self._put_in(expr, shift, theorems)
                if self._zero(expr, []) or (theorems and self._with_theorems(expr, shifts[-1])):
                    return True
        return False

    def by_induction(self, pair: Pair) -> bool:
        """P(0) step by step; P(k + 1) from P(k), the laws at k and the theorems. Or so of P(k + 1), or of P(k - 1)."""
        pair = Pair(forwards(pair.left), forwards(pair.right))
        if self._inductive(self._shifted(pair, -1)):
            return True
        return self._holds_at_first(pair) and (self._follows(pair) or self._inductive(self._shifted(pair, 1)))

    def _shifted(self, pair: Pair, by: int) -> Pair:
        return Pair(self._at(pair.left, self._by(by)), self._at(pair.right, self._by(by)))

    def _inductive(self, pair: Pair) -> bool:
        return self._holds_at_first(pair) and self._follows(pair)

    def _holds_at_first(self, pair: Pair) -> bool:
        left, right = (self._parted(self._at(side, 0)) for side in (pair.left, pair.right))
        return self.by_steps(Pair(left, right))

    def _follows(self, pair: Pair) -> bool:
        left, right = (self._parted(self._at(side, self.k + 1)) for side in (pair.left, pair.right))
        hypothesis = Assumption(self._parted(pair.left), self._parted(pair.right), "hypothesis", fixed=True)
        for shift in (0, 1):
            after = self._put_in(left - right, shift, False)
            if self._zero(after, [hypothesis]) or self._with_theorems(after, shift, hypothesis):
                return True
        return False

    def _parted(self, expr: Expr) -> Expr:
        """With the last terms of its sums apart."""
        return tidy(parted(tidy(expr), self.k))

    def _put_in(self, expr: Expr, shift: int, theorems: bool) -> Expr:
        """Values at k + 1 + shift by the laws, and by the theorems that name a sequence."""
        table = {
            self._at(law.read, self._by(shift)): self._at(law.right, self._by(shift)) for law in self.recurrence.laws
        }
        if theorems:
            for left, right in self.theorems:
                if isinstance(left, Read):
                    for by in (shift, shift + 1):
                        table.setdefault(self._at(left, self._by(by)), self._at(right, self._by(by)))
        for _ in range(4):
            changed = rewrite(expr, table.get)
            if changed == expr:
                break
            expr = changed
        return tidy(expr)

    def _with_theorems(self, expr: Expr, shift: int, *more: Assumption) -> bool:
        """With one theorem that equates expressions, at k or before."""
        for left, right in self.theorems:
            for by in {shift, 0, 1}:
                known = Assumption(self._at(left, self._by(by)), self._at(right, self._by(by)), "theorem", fixed=True)
                if self._zero(expr, [known, *more]):
                    return True
        return False

    def _tidied(self, expr: Expr) -> Expr:
        return tidy(expr)

    def _by(self, shift: int) -> Expr:
        return add(self.k, shift) if shift else self.k

    def _at(self, expr: Expr, value: Operand_) -> Expr:
        return tidy(substitute(expr, {self.k.name: expression(value)}))

    @staticmethod
    def _zero(expr: Expr, assuming: Sequence[Assumption]) -> bool:
        try:
            return is_zero(tidy(expr), {}, assuming, PROOF_BUDGET)
        except (BudgetError, UnsupportedError, ZeroDivisionError):
            return False
        except ValueError:  # the assumption names nothing that is in the expression
            return False
