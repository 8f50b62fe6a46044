"""Real numbers that can be compared: exact where they are rational or logarithms, and always enclosed."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flint import arb, ctx

from derive.algebra.binding import Definitions
from derive.algebra.evaluate import Balls, Entries, Evaluator, NotExactError
from derive.algebra.logs import LogNumber, LogNumbers
from derive.algebra.witness import enclosed
from derive.language.expression import Expr

BITS = 160
STEPS = 200_000  # of evaluation


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
        return Fraction(int(self.exact.whole.p), int(self.exact.whole.q))

    def same(self, other: Value) -> bool:
        """The same number, as far as 160 bits tell where it is not exact."""
        if self.exact is not None and other.exact is not None:
            return bool(self.exact == other.exact)
        if (self.exact is None) != (other.exact is None):
            return False
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
        return str(self.exact) if self.exact is not None else str(self.ball.str(8, radius=False))


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


def with_values(expr: Expr, table: Mapping[str, Value]) -> Value | None:
    """An expression whose scalars have these values; None where it has none."""
    inputs: dict[str, Entries] = {key: {(): value.ball} for key, value in table.items()}
    with ctx.workprec(BITS):
        ball = Evaluator(Balls(), {}, {}, inputs).value(expr, {})
    return Value(None, ball) if ball.is_finite() else None


def _enclose(exact: LogNumber) -> Any:
    if exact.power:
        power = exact.power
        return (arb(power.numerator) / power.denominator).exp() * arb(exact.whole.p) / arb(exact.whole.q)
    return enclosed(exact)
