"""What went wrong with a number: its sign, its digits, a factor, one."""

from __future__ import annotations

from fractions import Fraction

from derive.language.judgement import Finding

MAX_FACTOR = 10_000


def slip(true: Fraction, said: Fraction, place: str = "", side: str = "") -> Finding | None:
    """The likeliest slip that turns the true number into the typed one, at a place and where that alone is a side."""
    at = f"{place}: " if place else ""
    shown, right = text_of(said), text_of(true)
    if said == -true and true != 0:
        return Finding("sign", f"{at}the sign is wrong, {shown} for {right}", right)
    if said.denominator == true.denominator == 1:
        if _transposed(str(abs(said)), str(abs(true))):
            return Finding("digits transposed", f"{at}two digits are transposed, {shown} for {right}", right)
        if abs(said - true) == 1:
            return Finding("off by one", f"{at}off by one, {shown} for {right}", right)
    if said != 0 and true != 0:
        ratio = true / said
        if ratio.denominator == 1 and 1 < abs(ratio) <= MAX_FACTOR:
            return Finding("factor", f"{at}a factor {ratio} is missing, {shown} for {right}", right)
        if ratio.numerator == 1 and abs(ratio.denominator) <= MAX_FACTOR:
            return Finding("factor", f"{at}a factor {1 / ratio} is too many, {shown} for {right}", right)
    return Finding("value", should_be(at, side, shown, right), right)


def should_be(at: str, side: str, shown: str, right: str) -> str:
    """'entry 2: 7 should be 5', or 'the right side, 7, should be 5'."""
    return f"{at}the {side} side, {shown}, should be {right}" if side else f"{at}{shown} should be {right}"


def misprint(true: Fraction, said: Fraction) -> Finding | None:
    """The digits that are written, next to the true ones to the same place: two exchanged, one another, all shifted."""
    unit, right = last_digit(said), text_of(true)
    for places in (*range(-12, 0), *range(1, 13)):
        factor = Fraction(10) ** places
        if abs(said) >= 2 * unit and 2 * abs(said * factor - true) <= unit * factor:
            return Finding("power of ten", f"it is off by a power of ten, 10^{{{places}}}", right)
    one, other = _written(said, unit), _written(true, unit)
    for zeros in range(3):  # zeros at the end may be digits too: 1.90 for 1.09
        fine = unit / 10**zeros
        if (_transposed if zeros else _exchanged)(_written(said, fine), _written(true, fine)):
            return Finding("digits transposed", f"two digits are transposed, {_written(true, fine)} is right", right)
    if len(one) != len(other):
        return None
    wrong = [k for k, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(wrong) == 1 and len(one) > 2:
        return Finding("digit", f"one digit is another, {other[wrong[0]]} for {one[wrong[0]]} is right", right)
    return None


def last_digit(value: Fraction) -> Fraction:
    """The place of the last digit that is not 0: 1000 of 32000, 1/100 of 1.25."""
    unit = Fraction(1)
    while value and (value / (10 * unit)).denominator == 1:
        unit *= 10
    while unit > Fraction(1, 10**40) and (value / unit).denominator != 1:
        unit /= 10
    return unit


def _written(value: Fraction, unit: Fraction) -> str:
    return str(round(abs(value) / unit))


def _exchanged(one: str, other: str) -> bool:
    """The same digits, two of them exchanged."""
    wrong = [k for k, (a, b) in enumerate(zip(one, other, strict=False)) if a != b]
    return len(one) == len(other) and len(wrong) == 2 and all(one[k] == other[sum(wrong) - k] for k in wrong)


def _transposed(one: str, other: str) -> bool:
    """The same digits, two neighbours exchanged."""
    wrong = [k for k, (a, b) in enumerate(zip(one, other, strict=False)) if a != b]
    return _exchanged(one, other) and wrong[1] == wrong[0] + 1


def text_of(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    return f"{'-' if value < 0 else ''}\\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"
