"""Several denominators in one atom: 1/(e (1 + e)) = 1/e - 1/(1 + e).

The functions a^n (any integer n) and a^r q^-k (q irreducible, k >= 1, 0 <= r < deg q) of one atom `a` are linearly
independent over the rationals, and every rational function with these denominators is a combination of them: partial
fractions are a normal form. This is what sigma' = sigma (1 - sigma) and 1 - tanh^2 = 1 / cosh^2 need.
"""

from __future__ import annotations

from flint import fmpq, fmpq_poly

from derive.algebra.atoms import Atom
from derive.algebra.normal import Normalizer
from derive.algebra.polynomial import NOTHING, Monomial, Poly, atom_poly, monomial, multiply, term


class PartialFractions:
    """Decomposition of every monomial whose powers have bases in a single atom."""

    def __init__(self, context: Normalizer) -> None:
        self.context = context

    def variable(self, power: Atom) -> Atom | None:
        """The only atom of a power's base, if the base is a polynomial in it with whole exponents."""
        if power.kind != "power":
            return None
        atoms = {a for mono in power.polys[0].terms for a, _ in mono}
        whole = all(isinstance(e, int) and e > 0 for mono in power.polys[0].terms for _, e in mono)
        return next(iter(atoms)) if len(atoms) == 1 and whole else None

    def applied(self, poly: Poly) -> Poly:
        total = NOTHING
        for mono, coefficient in poly.terms.items():
            total = total + self._monomial(mono).scaled(coefficient)
            self.context.spend(len(total.terms))
        return total

    def _monomial(self, mono: Monomial) -> Poly:
        for k, (atom, e) in enumerate(mono):
            if atom.kind == "contract" and isinstance(e, int) and e > 0:
                bounds, body = self.context.sums.opened(atom)
                changed = self._monomial(body)
                if changed.single() != (body, fmpq(1)):
                    rest = mono[:k] + mono[k + 1 :] + (((atom, e - 1),) if e > 1 else ())
                    return self.applied(self.context.sums.resummed(tuple(bounds), changed).shifted(monomial(rest)))
        for atom, e in mono:
            variable = self.variable(atom)
            if variable is not None and isinstance(e, int):
                return self._decomposed(variable, mono)
        return term(mono)

    def _decomposed(self, variable: Atom, mono: Monomial) -> Poly:
        """Split the part of the monomial that lives in one atom; the other atoms are decomposed in turn."""
        own: list[tuple[Atom, int]] = []
        rest = []
        for atom, e in mono:
            if isinstance(e, int) and (atom == variable or self.variable(atom) == variable):
                own.append((atom, e))
            else:
                rest.append((atom, e))
        exponent = sum(e for atom, e in own if atom == variable)
        bases = [(atom, e) for atom, e in own if atom != variable]
        total = NOTHING
        for part, coefficient in self._fractions(variable, exponent, bases).terms.items():
            other = self._monomial(tuple(rest)) if rest else term(())
            total = total + Poly({multiply(part, m): c for m, c in other.terms.items()}).scaled(coefficient)
        return total

    def _fractions(self, variable: Atom, exponent: int, bases: list[tuple[Atom, int]]) -> Poly:
        numerator = fmpq_poly([1])
        denominators: list[tuple[Atom, fmpq_poly, int]] = []
        for atom, e in bases:
            q = _univariate(atom.polys[0], variable)
            if e > 0:
                numerator = numerator * q**e
            else:
                denominators.append((atom, q, -e))
        x = fmpq_poly([0, 1])
        if exponent >= 0:
            numerator = numerator * x**exponent
        else:
            denominators.append((variable, x, -exponent))
        total = NOTHING
        for k, (atom, q, power) in enumerate(denominators):
            others = fmpq_poly([1])
            for other_k, (_, other, p) in enumerate(denominators):
                if other_k != k:
                    others = others * other**p
            modulus = q**power
            digits = _mod_inverse(others, modulus) * numerator % modulus
            for k_power in range(power, 0, -1):
                digits, digit = divmod(digits, q)
                total = total + _lifted(digit, variable).shifted(monomial([(atom, -k_power)]))
        quotient = _polynomial_part(numerator, denominators)
        return total + _lifted(quotient, variable)


def _polynomial_part(numerator: fmpq_poly, denominators: list[tuple[Atom, fmpq_poly, int]]) -> fmpq_poly:
    bottom = fmpq_poly([1])
    for _, q, power in denominators:
        bottom = bottom * q**power
    return divmod(numerator, bottom)[0]


def _univariate(poly: Poly, variable: Atom) -> fmpq_poly:
    coefficients: dict[int, fmpq] = {}
    for mono, c in poly.terms.items():
        coefficients[int(mono[0][1]) if mono else 0] = c
    return fmpq_poly([coefficients.get(k, fmpq(0)) for k in range(max(coefficients) + 1)])


def _lifted(poly: fmpq_poly, variable: Atom) -> Poly:
    total = NOTHING
    for k, c in enumerate(poly.coeffs()):
        if c != 0:
            total = total + (atom_poly(variable, k) if k else term(())).scaled(c)
    return total


def _mod_inverse(value: fmpq_poly, modulus: fmpq_poly) -> fmpq_poly:
    """value ** -1 modulo `modulus`; the denominators are pairwise coprime because they are irreducible."""
    gcd, s, _ = value.xgcd(modulus)
    return s * (fmpq(1) / gcd[0]) % modulus
