"""Derivatives of the unrolled program: a unit change of one scalar, pushed through the scalars computed after it.

Every formula between two sums is differentiated by SymPy's scalar `diff`; along the scalars the chain rule
dv = sum_u (dv/du) du is applied in exact numbers. No index calculus takes part: sums are written out term by term.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

from derive.language.expression import Direct, Expr, Mul, Read, Sum
from derive.language.tensor import d
from derive.verification.evaluation import Entry, Scalar, Scope
from derive.verification.forward import Forward, scope_of
from derive.verification.scalars import Cell, ExactNumbers

Changes: TypeAlias = dict[tuple[str, Entry], Scalar]  # the scalars that change, and at what rate
Place: TypeAlias = tuple[Expr, tuple[tuple[str, int], ...]]  # a formula at values of its indices

ZERO, ONE = Fraction(0), Fraction(1)


class Tangents:
    """d loss / d v[e] as the rate of the loss when v[e] changes at rate 1."""

    def __init__(self, forward: Forward, arithmetic: ExactNumbers, cells: dict[Expr, Cell]) -> None:
        self.forward, self.arithmetic = forward, arithmetic
        self._cells = cells  # kept by the session: a formula is differentiated once for all points and sizes
        self._evaluator = forward.evaluator(forward.values)
        self._leaf_values: dict[Place, dict[Expr, Scalar]] = {}
        self._partials: dict[tuple[Place, Expr], Scalar] = {}

    def total(self, key: str, entry: Entry) -> Scalar:
        program = self.forward.program
        if key == program.loss.key and program.through is not None:
            return ONE
        self.forward.at(key, entry)  # refuses what the program does not have
        changes: Changes = {(key, entry): ONE}
        for equation in self.forward.downstream(key):
            for scope in self._evaluator.assignments(equation.indices):
                rate = self._rate(equation.value, scope, changes)
                if rate != 0:
                    changes[equation.tensor.key, tuple(scope.values())] = rate
        return self._loss_rate(changes)

    def direct(self, node: Direct, of: Entry, by: Entry) -> Scalar:
        equation, key = self.forward.equation(node), node.by.tensor.key
        self.forward.at(key, by)
        return self._rate(equation.value, scope_of(equation, of), {(key, by): ONE})

    def _loss_rate(self, changes: Changes) -> Scalar:
        program, arithmetic = self.forward.program, self.arithmetic
        if program.through is None:
            return changes.get((program.loss.key, ()), ZERO)
        known = self.forward.values[d(program.loss, program.through).key]
        rates = ((g, changes.get((program.through.key, entry), ZERO)) for entry, g in known.items())
        return arithmetic.add([arithmetic.mul([g, rate]) for g, rate in rates if rate != 0])

    def _rate(self, expr: Expr, scope: Scope, changes: Changes) -> Scalar:
        """sum over the leaves u of a formula of (d formula / d u) times the rate of u."""
        if isinstance(expr, Read):
            return changes.get((expr.tensor.key, self._evaluator.entry(expr, scope)), ZERO)
        if isinstance(expr, Sum):
            terms = ({**scope, expr.index.name: k} for k in self._evaluator.span(expr.index, scope))
            return self.arithmetic.add([self._rate(expr.body, term, changes) for term in terms])
        if isinstance(expr, Mul) and self._evaluator.vanishes(expr, scope):
            return ZERO
        cell = self._cell(expr)
        rates = [(leaf, self._rate(leaf, scope, changes)) for leaf in cell.leaves if isinstance(leaf, Read | Sum | Mul)]
        moving = [(leaf, rate) for leaf, rate in rates if rate != 0]
        return self.arithmetic.add([self.arithmetic.mul([self._partial(expr, leaf, scope), r]) for leaf, r in moving])

    def _cell(self, expr: Expr) -> Cell:
        if expr not in self._cells:
            self._cells[expr] = Cell(expr)
        return self._cells[expr]

    def _partial(self, expr: Expr, leaf: Expr, scope: Scope) -> Scalar:
        place = (expr, tuple(scope.items()))
        if place not in self._leaf_values:
            leaves = self._cell(expr).leaves
            self._leaf_values[place] = {other: self._evaluator.value(other, scope) for other in leaves}
        if (place, leaf) not in self._partials:
            at = self._leaf_values[place]
            self._partials[place, leaf] = self._cell(expr).partial(leaf, at, self.arithmetic)
        return self._partials[place, leaf]
