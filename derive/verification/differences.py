"""The oracle of central differences: F'(s) = (F(s + h) - F(s - h)) / 2h + O(h^2), at 50 digits."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from typing import ClassVar

import mpmath

from derive.errors import UnsupportedError
from derive.language.derivation import Claim
from derive.language.problem import Problem
from derive.language.verdict import Evidence, Refuted
from derive.verification.evaluation import Scalar, UndefinedError, by_sign
from derive.verification.forward import Forward
from derive.verification.perturbed import OneVariable, Perturbed
from derive.verification.points import Sizes
from derive.verification.session import Comparison, Session

DIGITS = 50
STEP = Fraction(1, 10**17)
# The error of a right claim is about h^2 F''' + 10^-50 / h, near 1e-33 for h = 1e-17 and values of order one. The
# threshold leaves it eight digits for steep functions; a wrong claim misses by about one, 25 digits above it.
THRESHOLD = 1e-25
KINK = 1e-12  # nearer to 0 than this, a step might cross it
FINER = 2  # a refutation is confirmed with this many times the digits, where a steep function's error is gone


class Decimals:
    """Real numbers of 50 digits. They live in a context of their own, so that no global precision is touched."""

    def __init__(self, digits: int) -> None:
        self.context = mpmath.MPContext()
        self.context.dps = digits
        self._numbers: dict[Fraction, Scalar] = {}
        c = self.context
        self._functions = {
            "exp": c.exp,
            "log": c.log,
            "tanh": c.tanh,
            "logistic": lambda z: 1 / (1 + c.exp(-z)),
            "cosh": c.cosh,
            "sinh": c.sinh,
        }

    def number(self, value: Fraction) -> Scalar:
        if value not in self._numbers:
            self._numbers[value] = self.context.mpf(value.numerator) / value.denominator
        return self._numbers[value]

    def add(self, terms: Sequence[Scalar]) -> Scalar:
        total = self.context.zero
        for term in terms:
            total += term
        return total

    def mul(self, factors: Sequence[Scalar]) -> Scalar:
        product = factors[0]
        for factor in factors[1:]:
            product *= factor
        return product

    def power(self, base: Scalar, exponent: Fraction) -> Scalar:
        if base == 0 and exponent < 0:
            raise UndefinedError("a division by zero")
        if exponent.denominator == 1:
            return base ** int(exponent)
        if base < 0:
            raise UndefinedError("the root of a negative number")
        root = self.context.sqrt(base) if exponent.denominator == 2 else self.context.root(base, exponent.denominator)
        return root**exponent.numerator

    def function(self, name: str, argument: Scalar) -> Scalar:
        if name in ("relu", "step", "abs"):
            c = self.context
            return by_sign(name, argument, self.sign(argument) if abs(argument) > KINK else 0, c.zero, c.one)
        if name not in self._functions:
            raise UnsupportedError(f"differences know no function {name}")
        if name == "log" and argument <= 0:
            raise UndefinedError("the logarithm of a number that is not positive")
        return self._functions[name](argument)

    def sign(self, value: Scalar) -> int:
        return int(value > 0) - int(value < 0)


class Differences(Session):
    oracle: ClassVar[str] = "differences"
    grid: ClassVar[tuple[int, ...]] = (1, 2, 3, 5)

    def __init__(self, problem: Problem, sizes: Sequence[Sizes] | None = None, seed: int = 0, finer: int = 1) -> None:
        super().__init__(problem, sizes, seed)
        self.digits, self.step = DIGITS * finer, STEP**finer

    @cached_property
    def arithmetic(self) -> Decimals:
        return Decimals(self.digits)

    @cached_property
    def confirmation(self) -> Differences:
        return Differences(self.problem, self.sizes, self.seed, FINER)

    def check(self, claim: Claim) -> Evidence:
        evidence = super().check(claim)
        if isinstance(evidence.verdict, Refuted) and self.digits == DIGITS:
            return self.confirmation.check(claim)
        return evidence

    def differentiator(self, forward: Forward) -> Perturbed:
        return Perturbed(forward, self._derivative)

    def _derivative(self, function: OneVariable, at: Scalar) -> Scalar:
        step = self.arithmetic.number(self.step)
        return (function(at + step) - function(at - step)) / (2 * step)

    def compare(self, left: Scalar, right: Scalar) -> Comparison:
        """The error is relative to the larger side, absolute where both are below one."""
        error = float(abs(left - right) / max(abs(left), abs(right), 1))
        return Comparison(error <= THRESHOLD, error)

    def show(self, value: Scalar) -> str:
        """Twenty digits, and how far off they may be."""
        radius = max(1.0, float(abs(value))) * 1e-20
        return f"{self.arithmetic.context.nstr(value, 20)} ± {radius:.0e}"


def session(problem: Problem, sizes: Sequence[Sizes] | None = None, seed: int = 0) -> Differences:
    return Differences(problem, sizes, seed)


def check(problem: Problem, claim: Claim, sizes: Sequence[Sizes] | None = None, seed: int = 0) -> Evidence:
    return session(problem, sizes, seed).check(claim)
