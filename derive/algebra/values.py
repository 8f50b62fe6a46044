"""Real numbers that can be compared: exact where they are rational or logarithms, and always enclosed."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpq

from derive.algebra.binding import Definitions
from derive.algebra.decide import vanishes
from derive.algebra.evaluate import Arithmetic, Balls, Entries, Evaluator, NotExactError
from derive.algebra.forms import Forms
from derive.algebra.logs import LogNumber, LogNumbers
from derive.algebra.separation import is_zero
from derive.algebra.witness import enclosed
from derive.errors import BudgetError, UnsupportedError
from derive.language.expression import Expr

BITS, FINE_BITS = 160, 4096
STEPS = 200_000  # of evaluation
PROOF_BUDGET = 20_000  # monomials
MOST_DIGITS = 40  # that are shown of a number


class Value:
    """A number that two ways of writing it can be compared by."""

    __slots__ = ("ball", "exact")

    def __init__(self, exact: LogNumber | None, ball: Any) -> None:
        self.exact, self.ball = exact, ball

    @property
    def fraction(self) -> Fraction | None:
        """The number where it is rational."""
        if self.exact is None or self.exact.logs or self.exact.power:
            return None
        return _fraction(self.exact.whole)

    def same(self, other: Value) -> bool | None:
        """Are they the same number? None where the enclosures do not tell."""
        if self.exact is not None and other.exact is not None:
            return bool(self.exact == other.exact)
        return False if self.differs(other) else None

    def alike(self, other: Value) -> bool:
        """The same number, as far as 160 bits tell where it is not exact."""
        if self.exact is not None and other.exact is not None:
            return bool(self.exact == other.exact)
        return bool(self.ball.overlaps(other.ball) and self.ball.rad() < arb(10) ** -30)

    def differs(self, other: Value) -> bool:
        """Certainly another number."""
        if self.exact is not None and other.exact is not None:
            return bool(self.exact != other.exact)
        with ctx.workprec(BITS):
            return not (self.ball - other.ball).contains(0)

    def near(self, other: Value, distance: Fraction, strictly: bool = False) -> bool:
        """Certainly no further away than `distance`."""
        with ctx.workprec(BITS):
            gap = abs(self.ball - other.ball)
            reach = arb(distance.numerator) / distance.denominator
            return bool(gap < reach) if strictly else bool(gap <= reach)

    def smaller(self, other: Value) -> bool:
        """No larger in absolute value."""
        with ctx.workprec(BITS):
            return bool(abs(self.ball) <= abs(other.ball))

    def order(self, other: Value) -> int | None:
        """-1, 0 or 1; None where the two cannot be told apart."""
        if self.exact is not None and other.exact is not None and self.exact == other.exact:
            return 0
        with ctx.workprec(BITS):
            gap = self.ball - other.ball
            return 1 if gap > 0 else -1 if gap < 0 else None

    def negated(self) -> Value:
        with ctx.workprec(BITS):
            return Value(None, -self.ball)

    def __str__(self) -> str:
        return self.text(8)

    def text(self, digits: int) -> str:
        exact = str(self.exact) if self.exact is not None else ""
        return exact if exact and len(exact) <= MOST_DIGITS else str(self.ball.str(digits, radius=False))


class Numbers:
    """Values of expressions at one point: sizes and the entries of inputs."""

    def __init__(self, definitions: Definitions, sizes: Mapping[str, int], inputs: Mapping[str, Entries]) -> None:
        self.definitions, self.sizes, self.inputs = definitions, sizes, inputs
        self.exact = Evaluator(LogNumbers(), definitions, sizes, inputs)
        self._balls: Evaluator | None = None

    def value(self, expr: Expr, env: Mapping[str, int]) -> Value:
        """Raises UnsupportedError where an input has no value, ZeroDivisionError at a pole, BudgetError."""
        self.exact.start(STEPS)
        try:
            exact = self.exact.value(expr, env)
            with ctx.workprec(BITS):
                return Value(exact, _enclose(exact))
        except NotExactError:
            pass
        with ctx.workprec(BITS):
            if self._balls is None:
                balls = {k: {w: enclosed(v) for w, v in table.items()} for k, table in self.inputs.items()}
                self._balls = Evaluator(Balls(), self.definitions, self.sizes, balls)
            self._balls.start(STEPS)
            ball = self._balls.value(expr, env)
        if not ball.is_finite():
            raise ZeroDivisionError("it has no value here")
        return Value(None, ball)

    def same(self, left: Expr, right: Expr, env: Mapping[str, int]) -> bool | None:
        """Are the two the same number? By how near to zero their difference can be, or by its normal form.

        None where neither tells.
        """
        difference = left - right
        separated = is_zero(lambda arithmetic: self._with(arithmetic, difference, env))
        if separated is not None:
            return separated
        with ctx.workprec(FINE_BITS):
            if not self._with(Balls(), difference, env).contains(0):
                return False
        try:
            return (
                vanishes(lambda context: self._with(Forms(context), difference, env).poly, {}, (), PROOF_BUDGET) or None
            )
        except (BudgetError, UnsupportedError, ArithmeticError):
            return None

    def _with(self, arithmetic: Arithmetic, expr: Expr, env: Mapping[str, int]) -> Any:
        """The value in another arithmetic."""
        inputs: dict[str, Entries] = {
            key: {where: of_log_number(value, arithmetic) for where, value in table.items()}
            for key, table in self.inputs.items()
        }
        return Evaluator(arithmetic, self.definitions, self.sizes, inputs, STEPS).value(expr, env)


def of_log_number(value: LogNumber, arithmetic: Arithmetic) -> Any:
    """The entry of an input in another arithmetic."""
    made = arithmetic.number(_fraction(value.whole))
    for prime, coefficient in value.logs:
        log = arithmetic.function("log", [arithmetic.number(Fraction(prime))])
        made = made + arithmetic.number(_fraction(coefficient)) * log
    if value.power:
        made = made * arithmetic.function("exp", [arithmetic.number(Fraction(value.power))])
    return made


def told_apart(left: Value, right: Value) -> tuple[str, str]:
    """Both with so many digits that they differ."""
    digits = 8
    while left.text(digits) == right.text(digits) and digits < MOST_DIGITS:
        digits *= 2
    return left.text(digits), right.text(digits)


def with_values(expr: Expr, table: Mapping[str, Value]) -> Value | None:
    """An expression whose scalars have these values; None where it has none."""
    inputs: dict[str, Entries] = {key: {(): value.ball} for key, value in table.items()}
    with ctx.workprec(BITS):
        ball = Evaluator(Balls(), {}, {}, inputs).value(expr, {})
    return Value(None, ball) if ball.is_finite() else None


def _fraction(value: fmpq) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _enclose(exact: LogNumber) -> Any:
    if exact.power:
        power = exact.power
        return (arb(power.numerator) / power.denominator).exp() * arb(exact.whole.p) / arb(exact.whole.q)
    return enclosed(exact)
