r"""The limit of what is rational in e^x, as x goes to infinity or to minus infinity.

With u = e^x it is top(u) / bottom(u), so the terms of the highest degree decide as u goes to infinity, those of the
lowest as u goes to 0.
"""

from __future__ import annotations

from fractions import Fraction

from flint import fmpq, fmpq_poly

from derive.algebra.interval import Quotient, as_quotient
from derive.errors import UnsupportedError
from derive.language.expression import Expr, Function, Read, mul, neg

MOST = 6  # times x, as in e^{-2x}


def limit(expr: Expr, variable: Read, end: int) -> Fraction:
    """As the variable goes to infinity (`end` > 0) or to minus infinity.

    Raises UnsupportedError where the expression is not rational in the exponential of the variable, or grows.
    """
    top, bottom = as_quotient(expr, lambda leaf: _at(leaf, variable))
    if not top:
        return Fraction(0)
    high, low = (top.degree(), bottom.degree()) if end > 0 else (-_lowest(top), -_lowest(bottom))
    if high > low:
        raise UnsupportedError("it grows beyond all bounds")
    if high < low:
        return Fraction(0)
    value = fmpq(top[abs(high)]) / fmpq(bottom[abs(low)])
    return Fraction(int(value.p), int(value.q))


def _lowest(poly: fmpq_poly) -> int:
    return next(k for k in range(poly.degree() + 1) if poly[k] != 0)


def _at(leaf: Expr, variable: Read) -> Quotient | None:
    """A function of some times the variable, in u = e^x."""
    if not isinstance(leaf, Function) or len(leaf.arguments) != 1:
        return None
    (argument,) = leaf.arguments
    times = next((k for k in range(1, MOST + 1) if argument in (mul(k, variable), neg(mul(k, variable)))), 0)
    if not times:
        return None
    sign = 1 if argument == mul(times, variable) else -1
    one, u = fmpq_poly([1]), fmpq_poly([0] * times + [1])
    found: dict[str, Quotient] = {  # for x; the one for -x has u and 1 exchanged
        "exp": (u, one),
        "logistic": (u, one + u) if sign > 0 else (one, one + u),
        "tanh": (u * u - one, u * u + one),
        "sinh": (u * u - one, 2 * u),
        "cosh": (u * u + one, 2 * u),
    }
    if leaf.name not in found:
        return None
    top, bottom = found[leaf.name]
    if sign < 0 and leaf.name == "exp":
        return bottom, top
    return (-top, bottom) if sign < 0 and leaf.name in ("tanh", "sinh") else (top, bottom)
