"""Decimals with every digit right: an enclosure is refined until both of its ends round to the same text."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import ctx
from msgspec import Struct

from derive.algebra.evaluate import NotExactError

DIGITS = 6  # significant ones
PRECISIONS = (64, 128, 256, 512, 1024, 4096)  # bits
SIGN = "≈"
NEAR_ZERO = f"0.{'0' * DIGITS}"


class Rounded(Struct, frozen=True):
    """An irrational number by its first significant digits, correctly rounded."""

    text: str
    digits: int

    def __str__(self) -> str:
        return f"{SIGN}{self.text}"


def rounded(enclose: Callable[[int], Any], digits: int = DIGITS) -> Rounded:
    """The digits of the number that `enclose` encloses at any precision (in bits).

    What cannot be told from 0 is rounded to so many decimals instead: 0.000000. Raises NotExactError where the number
    does not exist, or ends in a 5 as far as can be seen.
    """
    for bits in PRECISIONS:
        with ctx.workprec(bits):
            ball = enclose(bits)
            if not ball.is_finite():
                raise NotExactError("it is not a real number")
            middle, radius = _fraction(ball.mid()), _fraction(ball.rad())
            low, high = middle - radius, middle + radius
        if low * high > 0 and (text := significant(low, digits)) == significant(high, digits):
            return Rounded(text, digits)
    if low <= 0 <= high and high - low < Fraction(1, 10 ** (2 * digits)):
        return Rounded(NEAR_ZERO, digits)
    raise NotExactError("it cannot be told from a number that ends in a 5")


def _fraction(point: Any) -> Fraction:
    mantissa, exponent = point.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def significant(value: Fraction, digits: int = DIGITS) -> str:
    """The decimal with so many significant digits that is nearest to a rational number.

    >>> significant(Fraction(2, 3)), significant(Fraction(-1, 8)), significant(Fraction(1, 3 * 10**9))
    ('0.666667', '-0.125000', '3.33333e-10')
    """
    if value == 0:
        return "0"
    sign, size = ("-" if value < 0 else ""), abs(value)
    exponent = len(str(size.numerator)) - len(str(size.denominator))
    exponent -= size < Fraction(10) ** exponent
    scaled = _half_up(size / Fraction(10) ** (exponent - digits + 1))
    if scaled == 10**digits:
        scaled, exponent = scaled // 10, exponent + 1
    whole = str(scaled)
    if -4 <= exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{whole}"
    if 0 <= exponent < digits - 1:
        return f"{sign}{whole[: exponent + 1]}.{whole[exponent + 1 :]}"
    if exponent == digits - 1:
        return f"{sign}{whole}"
    return f"{sign}{whole[0]}.{whole[1:]}e{exponent}"


def _half_up(value: Fraction) -> int:
    return int(value + Fraction(1, 2))


def terminating(value: Fraction) -> str:
    """The whole decimal expansion where it ends within as many digits as are printed, else nothing.

    >>> terminating(Fraction(7, 10)), terminating(Fraction(1, 3)), terminating(Fraction(4))
    ('0.7', '', '4')
    """
    scaled = value * 10**DIGITS
    if scaled.denominator != 1:
        return ""
    whole, rest = divmod(abs(int(scaled)), 10**DIGITS)
    text = f"{whole}.{rest:0{DIGITS}}".rstrip("0").rstrip(".")
    return f"-{text}" if value < 0 else text
