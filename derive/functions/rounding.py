"""Numbers with the rounding error that computing them may make: (value, error in units of rounding).

Running error analysis: with unit roundoff u, a product makes fl(a b) = a b (1 + d), |d| <= u, so its error is at most
|b| e_a + |a| e_b + |a b|, and likewise for the other operations (Higham, Accuracy and Stability, section 3.3). The
inputs count with an error of one rounding each, which makes the bound cover their condition too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from derive.errors import UnsupportedError
from derive.verification.evaluation import UndefinedError

NEAR = 2.0**-20  # a sign is not trusted nearer to 0 than so many of its errors are wide


class Rounded(NamedTuple):
    """A value, and a bound on the error of computing it, in units of rounding."""

    value: float
    error: float


ZERO = Rounded(0.0, 0.0)
# each function with its derivative, given the argument and the value
FUNCTIONS: dict[str, tuple[Callable[[float], float], Callable[[float, float], float]]] = {
    "exp": (math.exp, lambda z, r: r),
    "log": (math.log, lambda z, r: 1 / z),
    "tanh": (math.tanh, lambda z, r: 1 - r * r),
    "logistic": (lambda z: 1 / (1 + math.exp(-z)), lambda z, r: r * (1 - r)),
    "cosh": (math.cosh, lambda z, r: math.sinh(z)),
    "sinh": (math.sinh, lambda z, r: math.cosh(z)),
}


class Rounding:
    """Arithmetic in double precision that keeps account of its errors."""

    def number(self, value: Fraction) -> Rounded:
        return Rounded(float(value), abs(float(value)))

    def add(self, terms: Sequence[Rounded]) -> Rounded:
        size = math.fsum(abs(term.value) for term in terms)
        passed = math.fsum(term.error for term in terms)
        return Rounded(math.fsum(term.value for term in terms), passed + max(len(terms) - 1, 0) * size)

    def mul(self, factors: Sequence[Rounded]) -> Rounded:
        product = Rounded(1.0, 0.0)
        for factor in factors:
            value = product.value * factor.value
            passed = abs(product.value) * factor.error + abs(factor.value) * product.error
            product = Rounded(value, passed + abs(value))
        return _finite(product)

    def power(self, base: Rounded, exponent: Fraction) -> Rounded:
        p = float(exponent)
        if base.value == 0:
            if p < 0:
                raise UndefinedError("a division by zero")
            if p < 1 and base.error:
                raise UndefinedError("a root stands on its kink")
            return Rounded(0.0, base.error if p == 1 else 0.0)
        if base.value < 0 and exponent.denominator > 1:
            raise UndefinedError("the root of a negative number")
        try:
            value = base.value ** (int(exponent) if exponent.denominator == 1 else p)
        except OverflowError:
            raise UndefinedError("a result beyond double precision") from None
        return _finite(Rounded(value, abs(value) * (abs(p) * base.error / abs(base.value) + 1 + abs(p))))

    def function(self, name: str, argument: Rounded) -> Rounded:
        if name in ("relu", "step", "abs"):
            return self._by_sign(name, argument)
        if name not in FUNCTIONS:
            raise UnsupportedError(f"functions that read {name} are not checked yet")
        if name == "log" and argument.value <= 0:
            raise UndefinedError("the logarithm of a number that is not positive")
        made, slope = FUNCTIONS[name]
        try:
            value = made(argument.value)
        except OverflowError:
            raise UndefinedError("a result beyond double precision") from None
        return _finite(Rounded(value, abs(slope(argument.value, value)) * argument.error + 2 * abs(value)))

    def _by_sign(self, name: str, argument: Rounded) -> Rounded:
        sign = self.sign(argument)
        if sign == 0:
            raise UndefinedError(f"{name} stands on its kink")
        if name == "step":
            return Rounded(float(sign > 0), 0.0)
        return argument if sign > 0 else Rounded(-argument.value, argument.error) if name == "abs" else ZERO

    def sign(self, value: Rounded) -> int:
        """0 where rounding could change it."""
        return 0 if abs(value.value) <= NEAR * value.error else int(value.value > 0) - int(value.value < 0)


def _finite(number: Rounded) -> Rounded:
    if not (math.isfinite(number.value) and math.isfinite(number.error)):
        raise UndefinedError("a result beyond double precision")
    return number
