"""Arithmetic modulo a 61-bit prime: values that almost surely tell two expressions apart, in microseconds.

The prime p = 2 q + 1 is a safe one (q is prime), the largest below 2^61. That makes radicals and exponentials
consistent, which an arbitrary prime does not: "positive" means "a square modulo p", the squares are closed under
products and form a group of prime order q, so each has exactly one square root that is itself a square, and
exp(z) = g^z with z taken modulo q is a homomorphism. A difference here is a difference of the expressions unless a
law of the reals beyond these was needed, so it is always confirmed by a witness before it becomes a verdict.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from flint import nmod

from derive.errors import UnsupportedError

P = 2**61 - 2373
Q = (P - 1) // 2
GENERATOR = 4  # a square, so of order Q


class BadPointError(ArithmeticError):
    """A root does not exist at this point; another one must be drawn."""


class Residues:
    """Arithmetic modulo P."""

    def number(self, value: Fraction) -> nmod:
        return nmod(value.numerator, P) / nmod(value.denominator, P)

    def power(self, base: nmod, exponent: Fraction) -> nmod:
        numerator, denominator = exponent.numerator, exponent.denominator
        if numerator < 0 and not base:
            raise BadPointError
        if denominator == 1:
            return base**numerator
        if denominator % 2 == 0 and int(base**Q) != 1:
            raise BadPointError
        return base ** _root(numerator, denominator)

    def function(self, name: str, arguments: list[nmod]) -> nmod:
        match name:
            case "exp":
                return nmod(GENERATOR, P) ** int(arguments[0])
            case "logistic":
                e = self.function("exp", arguments)
                return e * self.power(e + 1, Fraction(-1))
            case "tanh":
                e = self.function("exp", [arguments[0] * 2])
                return (e - 1) * self.power(e + 1, Fraction(-1))
            case _:
                raise UnsupportedError(f"no law for {name} modulo a prime")


@lru_cache(maxsize=1024)
def _root(numerator: int, denominator: int) -> int:
    """The exponent that takes the root: in the squares, a group of order Q, for even roots; else among all residues."""
    order = Q if denominator % 2 == 0 else 2 * Q
    return numerator * pow(denominator, -1, order) % order


class Exponents:
    """Arithmetic modulo Q, as the arguments of functions are taken: a root or an exp has no value there."""

    def number(self, value: Fraction) -> nmod:
        return nmod(value.numerator, Q) / nmod(value.denominator, Q)

    def power(self, base: nmod, exponent: Fraction) -> nmod:
        if exponent.denominator != 1:
            raise UnsupportedError("exp of a root has no value modulo a prime")
        if not base and exponent < 0:
            raise BadPointError
        return base**exponent.numerator

    def function(self, name: str, arguments: list[nmod]) -> nmod:
        raise UnsupportedError(f"exp of {name} has no value modulo a prime")
