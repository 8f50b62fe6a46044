"""Factorials and rounding in the normal form: what is whole is taken out of the argument.

(n + c)! = n! (n + 1) ... (n + c),    floor(z + c) = floor(z) + c,    ceil(z) = -floor(-z).
"""

from __future__ import annotations

from fractions import Fraction
from math import factorial as factorial_of
from typing import TYPE_CHECKING

from flint import fmpq

from derive.algebra.atoms import function_atom
from derive.algebra.polynomial import ONE, UNIT, Poly, atom_poly, number
from derive.errors import BudgetError

if TYPE_CHECKING:
    from derive.algebra.normal import Normalizer

LARGEST = 60  # whose factorial is carried out
MAX_SHIFT = 24  # factors that are taken out of a factorial


def factorial(context: Normalizer, argument: Poly) -> Poly:
    """n! for a whole number n >= 0; every factorial by the one whose argument has no whole part."""
    shift = argument.terms.get(UNIT, fmpq(0))
    if shift.q != 1:
        return atom_poly(function_atom("factorial", (argument,)))
    rest = argument - number(shift)
    steps = int(shift)
    if not rest:
        return number(factorial_of(steps)) if 0 <= steps <= LARGEST else _opaque(argument)
    if abs(steps) > MAX_SHIFT:
        raise BudgetError(f"a factorial is shifted by more than {MAX_SHIFT}")
    between = [rest + number(k) for k in (range(1, steps + 1) if steps > 0 else range(steps + 1, 1))]
    factors = context.product(between) if between else ONE
    if steps < 0:
        factors = context.product([context.powers.raised(one, Fraction(-1)) for one in between])
    return _opaque(rest) * factors


def binomial(context: Normalizer, above: Poly, below: Poly) -> Poly:
    """n (n - 1) ... (n - k + 1) / k! where k is a number, else n! / (k! (n - k)!)."""
    k = below.constant()
    if k is not None and k.q == 1 and 0 <= k <= MAX_SHIFT:
        factors = context.product([ONE, *(above - number(j) for j in range(int(k)))])
        return factors.scaled(fmpq(1, factorial_of(int(k))))
    top = factorial(context, above)
    bottom = context.product([factorial(context, below), factorial(context, above - below)])
    return top * context.powers.raised(bottom, Fraction(-1))


def floor(context: Normalizer, argument: Poly) -> Poly:
    """The greatest whole number <= z."""
    constant = argument.terms.get(UNIT, fmpq(0))
    whole = fmpq(constant.floor())
    rest = argument - number(whole)
    return number(whole) + (atom_poly(function_atom("floor", (rest,))) if rest.constant() is None else number(0))


def _opaque(argument: Poly) -> Poly:
    return atom_poly(function_atom("factorial", (argument,)))
