r"""Is a number made of rationals and roots zero? By how near to zero such a number can be without being it.

A value with sums, products, quotients and roots is N / M, without quotients inside: the root of degree k of n / m is
that of n m^(k-1), over m. Then N is an algebraic integer. None of its conjugates is larger than `above`, which is made
as the value is, by the triangle inequality; there are at most D of them, the product of the degrees of all roots; and
their product is a whole number. With M no larger than `below`,

    value = 0   or   |value| >= 1 / (above^(D - 1) below).

Burnikel, Funke, Mehlhorn, Schirra and Schmitt 2001, "A separation bound for real algebraic expressions".
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import arb, ctx

from derive.algebra.evaluate import Balls
from derive.errors import BudgetError, UnsupportedError

MOST_BITS = 1 << 15  # of precision
MOST_CONJUGATES = 1 << 12
SIGNED = ("abs", "relu", "step", "max", "min")


class Bounded:
    """A number, enclosed, with what bounds N and M and the roots that are in it."""

    __slots__ = ("above", "ball", "below", "roots")

    def __init__(self, ball: arb, above: arb, below: arb, roots: frozenset[tuple[int, object]]) -> None:
        self.ball, self.above, self.below, self.roots = ball, above, below, roots

    def __add__(self, other: Bounded) -> Bounded:
        above = self.above * other.below + other.above * self.below
        return Bounded(self.ball + other.ball, above, self.below * other.below, self.roots | other.roots)

    def __mul__(self, other: Bounded) -> Bounded:
        above, below = self.above * other.above, self.below * other.below
        return Bounded(self.ball * other.ball, above, below, self.roots | other.roots)


class Separated:
    """Arithmetic of an evaluator; raises UnsupportedError for what is not made of rationals and roots."""

    def __init__(self) -> None:
        self._balls = Balls()

    def number(self, value: Fraction) -> Bounded:
        above, below = arb(abs(value.numerator)), arb(value.denominator)
        return Bounded(self._balls.number(value), above, below, frozenset())

    def power(self, base: Bounded, exponent: Fraction) -> Bounded:
        if exponent < 0:
            if base.ball.contains(0):
                raise UnsupportedError("a quotient of what may be zero")
            base = Bounded(1 / base.ball, base.below, base.above, base.roots)
            exponent = -exponent
        if exponent.denominator != 1:
            base = self._root(base, exponent.denominator)
        times = exponent.numerator
        return Bounded(base.ball**times, base.above**times, base.below**times, base.roots)

    def _root(self, base: Bounded, degree: int) -> Bounded:
        if base.ball.contains(0):
            raise UnsupportedError("a root of what may be zero")
        ball = self._balls.power(base.ball, Fraction(1, degree))
        above = (base.above * base.below ** (degree - 1)) ** (arb(1) / degree)
        return Bounded(ball, above, base.below, base.roots | {(degree, base)})

    def function(self, name: str, arguments: list[Bounded]) -> Bounded:
        if name == "pow":
            raise UnsupportedError("an exponent that is no number")
        if name not in SIGNED:
            raise UnsupportedError(f"{name} is not made of roots")
        first = arguments[0]
        if name in ("max", "min"):
            gap = self._sign(first + arguments[1] * self.number(Fraction(-1)))
            return first if (gap > 0) == (name == "max") else arguments[1]
        positive = self._sign(first) > 0
        if name == "step":
            return self.number(Fraction(int(positive)))
        if name == "relu":
            return first if positive else self.number(Fraction(0))
        return first if positive else first * self.number(Fraction(-1))

    @staticmethod
    def _sign(value: Bounded) -> int:
        if value.ball.contains(0):
            raise UnsupportedError("a sign that is not certain")
        return 1 if value.ball > 0 else -1


def is_zero(value: Callable[[Separated], Bounded]) -> bool | None:
    """Is the value zero? None where it is not made of rationals and roots, or has too many of these to tell."""
    bits = 128
    try:
        while bits <= MOST_BITS:
            with ctx.workprec(bits):
                found = value(Separated())
                if not found.ball.contains(0):
                    return False
                if found.ball.abs_upper() * _apart(found) < 1:
                    return True
            bits *= 4
    except (UnsupportedError, BudgetError, ArithmeticError):
        return None
    return None


def _apart(value: Bounded) -> Any:
    """1 over the least distance to zero. Raises BudgetError where there are too many conjugates."""
    conjugates = 1
    for degree, _ in value.roots:
        conjugates *= degree
        if conjugates > MOST_CONJUGATES:
            raise BudgetError("too many roots to tell a number from zero")
    return value.above ** (conjugates - 1) * value.below
