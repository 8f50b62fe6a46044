"""Rational functions of sigma(x) or tanh(x): their sign on the open interval of the values that these take.

The sign of a quotient is that of a polynomial, which changes at roots alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

from flint import arb, fmpq, fmpq_poly

from derive.errors import BudgetError, UnsupportedError
from derive.language.expression import Add, Expr, Function, Mul, Number, Pow, Read

MAX_DEGREE = 40
RANGES: Mapping[str, tuple[int, int]] = {"logistic": (0, 1), "tanh": (-1, 1)}


def below_zero(expr: Expr, name: str, strict: bool) -> Fraction | None:
    """A value of the function at which `expr` is negative, or zero where that is too small; None if there is none.

    Raises UnsupportedError where `expr` is no rational function of it, or has a pole there.
    """
    low, high = RANGES[name]
    top, bottom = quotient(expr, name)
    if _roots(bottom, low, high):
        raise UnsupportedError("the bound divides by zero")
    point = _below_zero(top * bottom, low, high, strict)
    return None if point is None else Fraction(int(point.p), int(point.q))


def value_at(expr: Expr, name: str, point: Fraction) -> Fraction:
    """The value of a rational function of the function, where that has this value."""
    top, bottom = quotient(expr, name)
    at = fmpq(point.numerator, point.denominator)
    value = top(at) / bottom(at)
    return Fraction(int(value.p), int(value.q))


def quotient(expr: Expr, name: str) -> tuple[fmpq_poly, fmpq_poly]:
    """The expression as a quotient of polynomials in the value of one function of the variable."""
    one = fmpq_poly([1])
    if isinstance(expr, Number):
        return fmpq_poly([fmpq(expr.value.numerator, expr.value.denominator)]), one
    if isinstance(expr, Function) and expr.name == name and isinstance(expr.arguments[0], Read):
        return fmpq_poly([0, 1]), one
    if isinstance(expr, Add | Mul):
        top, bottom = quotient(expr.children[0], name)
        for child in expr.children[1:]:
            other, below = quotient(child, name)
            top = top * below + other * bottom if isinstance(expr, Add) else top * other
            bottom = bottom * below
            if max(top.degree(), bottom.degree()) > MAX_DEGREE:
                raise BudgetError("the degree of the bound is too high")
        return top, bottom
    if isinstance(expr, Pow) and isinstance(expr.exponent, Number) and expr.exponent.value.denominator == 1:
        top, bottom = quotient(expr.base, name)
        times = int(expr.exponent.value)
        if abs(times) * max(top.degree(), bottom.degree(), 1) > MAX_DEGREE:
            raise BudgetError("the degree of the bound is too high")
        if times < 0 and not top:
            raise ZeroDivisionError
        return (top**times, bottom**times) if times >= 0 else (bottom**-times, top**-times)
    raise UnsupportedError("no rational function of one function")


def _below_zero(poly: fmpq_poly, low: int, high: int, strict: bool) -> fmpq | None:
    """A point of the open interval at which it is negative, or zero where that is no better; None if there is none."""
    if not poly:
        return fmpq(low + high, 2) if strict else None
    roots = _roots(poly, low, high)
    ends = [arb(low), *(root for root, _ in roots), arb(high)]
    for left, right in pairwise(ends):
        point = _between(left, right)
        if poly(point) < 0:
            return point
    if strict and roots:
        exact = [root for _, root in roots if root is not None]
        if not exact:
            raise UnsupportedError("the bound is reached at a number that is not rational")
        return exact[0]
    return None


def _roots(poly: fmpq_poly, low: int, high: int) -> list[tuple[arb, fmpq | None]]:
    """The roots in the open interval in order, enclosed; with their values where these are rational."""
    whole = poly.numer()
    linear = [factor for factor, _ in whole.factor()[1] if factor.degree() == 1]
    exact = {fmpq(-factor[0], factor[1]) for factor in linear}
    found: list[tuple[arb, fmpq | None]] = [(arb(root), root) for root in exact if low < root < high]
    complex_roots: Any = whole.complex_roots()  # pairs, unlike what its signature says
    for root, _ in complex_roots:
        if not root.imag.is_zero() or any(root.real.overlaps(arb(one)) for one in exact):
            continue
        if root.real > low and root.real < high:
            found.append((root.real, None))
    return sorted(found, key=lambda one: float(one[0].mid()))


def _between(left: arb, right: arb) -> fmpq:
    middle = Fraction((float(left.mid()) + float(right.mid())) / 2).limit_denominator(1000)
    point = fmpq(middle.numerator, middle.denominator)
    if not (left < arb(point) and arb(point) < right):
        raise UnsupportedError("two roots lie too close to each other")
    return point
