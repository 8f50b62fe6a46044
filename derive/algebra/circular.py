r"""sin and cos in the normal form: sin(u + v) and cos(u + v) opened, and for each part t = tan(u/2):

    sin u = 2t / (1 + t^2),    cos u = (1 - t^2) / (1 + t^2).

Every identity of sines and cosines becomes one of rational functions in t. It holds for every u but the odd multiples
of pi, where t has no value, and there too, since both sides are continuous wherever they are defined.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from flint import fmpq, fmpz

from derive.algebra.atoms import function_atom
from derive.algebra.polynomial import NOTHING, ONE, Monomial, Poly, atom_poly, monomial_key, number, term
from derive.errors import BudgetError

if TYPE_CHECKING:
    from derive.algebra.normal import Normalizer

MAX_MULTIPLE = 24  # a larger multiple of an angle is more than is opened
PI_ATOM = function_atom("pi", ())


class FinerAngleError(Exception):
    """x/2 was met after x: all is to be read again with halves as the parts of every angle."""


def circular(context: Normalizer, name: str, argument: Poly) -> Poly:
    """sin or cos of a polynomial, part by part."""
    sine, cosine = NOTHING, ONE
    for mono, coefficient in sorted(argument.terms.items(), key=lambda part: monomial_key(part[0])):
        s, c = _part(context, mono, coefficient)
        sine, cosine = sine * c + cosine * s, cosine * c - sine * s
        context.spend(len(sine.terms) + len(cosine.terms))
    return sine if name == "sin" else cosine


def _part(context: Normalizer, mono: Monomial, coefficient: fmpq) -> tuple[Poly, Poly]:
    if mono == ((PI_ATOM, 1),) and fmpz(12) % coefficient.q == 0:
        return _of_twelfths(context, int(coefficient * 12) % 24)
    key = monomial_key(mono)
    known = context.angles.get(key)
    if known is None or known % int(coefficient.q):
        context.angles[key] = int(coefficient.q) * (known or 1)
        if known is not None:
            raise FinerAngleError
    parts = context.angles[key]
    times = int(coefficient * parts)
    if abs(times) > MAX_MULTIPLE:
        raise BudgetError(f"a multiple of an angle beyond {MAX_MULTIPLE} is more than is opened")
    if parts == 1 and len(mono) == 1 and mono[0][1] == 1 and mono[0][0].name in ("arcsin", "arctan"):
        tangent = _half_of_angle(context, mono[0][0].name, mono[0][0].polys[0])
    else:
        tangent = atom_poly(function_atom("tan", (term(mono, fmpq(1, 2 * parts)),)))
    return _multiple(context, tangent, times)


def _half_of_angle(context: Normalizer, name: str, z: Poly) -> Poly:
    """tan(arctan(z) / 2) = z / (1 + root of (1 + z^2)), and for arcsin with 1 - z^2."""
    root = context.powers.raised(ONE + z * z if name == "arctan" else ONE - z * z, Fraction(1, 2))
    return z * context.powers.raised(ONE + root, Fraction(-1))


def angle(context: Normalizer, name: str, argument: Poly) -> Poly:
    """arcsin or arctan: odd functions, and known where the angle is some twelfths of pi."""
    opposite = argument.scaled(fmpq(-1))
    for twelfths in range(7):
        known = _sine(context, twelfths) if name == "arcsin" else _tangent(context, twelfths)
        if known is not None and known.key in (argument.key, opposite.key):
            return atom_poly(PI_ATOM).scaled(fmpq(twelfths if known.key == argument.key else -twelfths, 12))
    if _leads_below_zero(argument):
        return atom_poly(function_atom(name, (opposite,))).scaled(fmpq(-1))
    return atom_poly(function_atom(name, (argument,)))


def _leads_below_zero(poly: Poly) -> bool:
    return bool(poly.terms) and poly.terms[max(poly.terms, key=monomial_key)] < 0


def _multiple(context: Normalizer, tangent: Poly, times: int) -> tuple[Poly, Poly]:
    """sin(n u) and cos(n u): the parts of (1 - t^2 + 2 t i)^n over (1 + t^2)^n."""
    square = tangent * tangent
    step_s, step_c = tangent.scaled(fmpq(2)), ONE - square
    sine, cosine = NOTHING, ONE
    for _ in range(abs(times)):
        sine, cosine = sine * step_c + cosine * step_s, cosine * step_c - sine * step_s
    below = context.powers.raised(ONE + square, Fraction(-abs(times)))
    return (sine * below).scaled(fmpq(-1 if times < 0 else 1)), cosine * below


def _of_twelfths(context: Normalizer, twelfths: int) -> tuple[Poly, Poly]:
    """sin and cos of k pi / 12, by roots."""
    return _sine(context, twelfths), _sine(context, (twelfths + 6) % 24)


def _sine(context: Normalizer, twelfths: int) -> Poly:
    if twelfths >= 12:
        return _sine(context, twelfths - 12).scaled(fmpq(-1))
    if twelfths > 6:
        return _sine(context, 12 - twelfths)

    def root(n: int) -> Poly:
        return context.powers.number_power(fmpq(n), Fraction(1, 2))

    values = (
        NOTHING, (root(6) - root(2)).scaled(fmpq(1, 4)), number(fmpq(1, 2)), root(2).scaled(fmpq(1, 2)),
        root(3).scaled(fmpq(1, 2)), (root(6) + root(2)).scaled(fmpq(1, 4)), ONE,
    )  # fmt: skip
    return values[twelfths]


def _tangent(context: Normalizer, twelfths: int) -> Poly | None:
    """tan of k pi / 12, from 0 to the right angle, where there is none."""
    root, two = context.powers.number_power(fmpq(3), Fraction(1, 2)), number(fmpq(2))
    return (NOTHING, two - root, root.scaled(fmpq(1, 3)), ONE, root, two + root, None)[twelfths]
