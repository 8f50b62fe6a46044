"""What dots leave out: the pattern that the terms around them have in common."""

from __future__ import annotations

from fractions import Fraction

from derive.algebra.binding import substitute
from derive.language.expression import Expr, Index, Number

PLACE = "\N{MIDDLE DOT}"


class NoPatternError(Exception):
    """The terms around the dots do not show what is left out."""


def pattern(first: Expr, last: Expr) -> tuple[Expr, Expr, Expr]:
    """A template with one free place, and what stands there in the first and in the last term.

    x[1] and x[m] give x[place], 1 and m. Raises NoPatternError where they differ in more than one way.
    """
    found: set[tuple[Expr, Expr]] = set()
    template = _common(first, last, found)
    if len(found) != 1:
        raise NoPatternError
    start, end = next(iter(found))
    return template, start, end


def _common(one: Expr, other: Expr, found: set[tuple[Expr, Expr]]) -> Expr:
    if one == other:
        return one
    if isinstance(one, Number) and one.value.denominator == 1:
        found.add((one, other))
        return Index(PLACE, Number(Fraction(0)))
    same = type(one) is type(other) and len(one.children) == len(other.children) and one.children
    if not same or one.with_children(other.children) != other:
        raise NoPatternError
    return one.with_children(tuple(_common(a, b, found) for a, b in zip(one.children, other.children, strict=True)))


def at(template: Expr, value: Expr) -> Expr:
    """The template with its place filled."""
    return substitute(template, {PLACE: value})


def filled(before: list[Expr], last: Expr) -> tuple[Expr, Number, Expr]:
    """Template, first value and last value of a_1, a_2, ..., a_n; every term shown must fit."""
    template, start, end = pattern(before[0], last)
    assert isinstance(start, Number)
    for step, term in enumerate(before):
        if at(template, Number(start.value + step)) != term:
            raise NoPatternError
    return template, start, end


def spelled_out(before: list[Expr], last: Expr, most: int) -> list[Expr]:
    """Every entry, where both ends are numbers."""
    template, start, end = filled(before, last)
    if not isinstance(end, Number) or not 0 <= end.value - start.value <= most:
        raise NoPatternError
    steps = range(int(end.value - start.value) + 1)
    return [at(template, Number(start.value + step)) for step in steps]
