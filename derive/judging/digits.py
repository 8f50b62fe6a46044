"""What went wrong with a number: its sign, its digits, a factor, one."""

from __future__ import annotations

from fractions import Fraction

from derive.language.judgement import Finding

MAX_FACTOR = 10_000


def slip(true: Fraction, said: Fraction, place: str = "") -> Finding | None:
    """The likeliest slip that turns the true number into the typed one."""
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
    return Finding("value", f"{at}{shown} should be {right}", right)


def _transposed(one: str, other: str) -> bool:
    """The same digits, two neighbours exchanged."""
    if len(one) != len(other):
        return False
    wrong = [k for k, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    return (
        len(wrong) == 2
        and wrong[1] == wrong[0] + 1
        and one[wrong[0]] == other[wrong[1]]
        and (one[wrong[1]] == other[wrong[0]])
    )


def text_of(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    return f"{'-' if value < 0 else ''}\\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"
