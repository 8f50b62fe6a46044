"""Arithmetic in the rationals: exact, and refused where the result is not rational."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt

from derive.errors import UnsupportedError
from derive.verification.evaluation import Scalar, UndefinedError

MAX_BITS = 20_000  # of a power


class Rationals:
    """Fractions under +, * and rational powers with rational results; transcendental functions are refused."""

    def number(self, value: Fraction) -> Scalar:
        return value

    def add(self, terms: Sequence[Scalar]) -> Scalar:
        return sum(terms, Fraction(0))

    def mul(self, factors: Sequence[Scalar]) -> Scalar:
        product = Fraction(1)
        for factor in factors:
            product *= factor
        return product

    def power(self, base: Scalar, exponent: Fraction) -> Scalar:
        root = rational_root(base, exponent.denominator)
        if root is None:
            raise UnsupportedError(f"({base})^({exponent}) is irrational")
        return integer_power(root, exponent.numerator)

    def function(self, name: str, argument: Scalar) -> Scalar:
        raise UnsupportedError(f"{name} of a rational number is not rational")

    def sign(self, value: Scalar) -> int:
        return int(value > 0) - int(value < 0)


def integer_power(base: Fraction, exponent: int) -> Fraction:
    if base == 0 and exponent < 0:
        raise UndefinedError("a division by zero")
    bits = base.numerator.bit_length() + base.denominator.bit_length()
    if abs(base) != 1 and base != 0 and bits * abs(exponent) > MAX_BITS:
        raise UnsupportedError("the power is too large to carry out")
    return base**exponent


def rational_root(value: Fraction, degree: int) -> Fraction | None:
    """The nonnegative r with r^degree = value, or None when it is irrational."""
    if degree == 1:
        return value
    if value < 0:
        raise UndefinedError("the root of a negative number")
    top, bottom = _integer_root(value.numerator, degree), _integer_root(value.denominator, degree)
    return Fraction(top, bottom) if top**degree == value.numerator and bottom**degree == value.denominator else None


def _integer_root(value: int, degree: int) -> int:
    """The largest r with r^degree <= value."""
    if degree == 2:
        return isqrt(value)
    low, high = 0, 1 << (value.bit_length() // degree + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**degree <= value else (low, middle - 1)
    return low
