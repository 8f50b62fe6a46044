"""Laurent polynomials over canonical atoms: the container of the normal form.

A polynomial is a map from monomials to exact rationals; a monomial is a tuple of (atom, exponent) sorted by the
atoms' keys, with rational exponents. Two polynomials are equal as maps exactly when their keys are equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from flint import fmpq

if TYPE_CHECKING:
    from derive.algebra.atoms import Atom

Exponent: TypeAlias = "int | Fraction"
Monomial: TypeAlias = "tuple[tuple[Atom, Exponent], ...]"

UNIT: Monomial = ()


def rational(value: Fraction | int) -> fmpq:
    value = Fraction(value)
    return fmpq(value.numerator, value.denominator)


def plain_exponent(value: Exponent) -> Exponent:
    return int(value) if type(value) is Fraction and value.denominator == 1 else value  # an ABC, slow to ask for


@dataclass(slots=True)
class Poly:
    """Sum of coefficient x monomial. Treated as immutable."""

    terms: dict[Monomial, fmpq]
    _key: str | None = field(default=None, compare=False)
    _free: frozenset[str] | None = field(default=None, compare=False)

    @property
    def key(self) -> str:
        if self._key is None:
            self._key = "+".join(sorted(f"{c}*{monomial_key(mono)}" for mono, c in self.terms.items())) or "0"
        return self._key

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __add__(self, other: Poly) -> Poly:
        if len(self.terms) < len(other.terms):
            self, other = other, self
        terms = dict(self.terms)
        for mono, coefficient in other.terms.items():
            add_term(terms, mono, coefficient)
        return Poly(terms)

    def __sub__(self, other: Poly) -> Poly:
        return self + other.scaled(fmpq(-1))

    def __mul__(self, other: Poly) -> Poly:
        terms: dict[Monomial, fmpq] = {}
        for mono, coefficient in self.terms.items():
            for mono2, coefficient2 in other.terms.items():
                add_term(terms, multiply(mono, mono2), coefficient * coefficient2)
        return Poly(terms)

    def scaled(self, factor: fmpq) -> Poly:
        if factor == 1:
            return self
        return Poly({mono: c * factor for mono, c in self.terms.items()} if factor != 0 else {})

    def shifted(self, mono: Monomial) -> Poly:
        """The product with one monomial."""
        return Poly({multiply(own, mono): c for own, c in self.terms.items()}) if mono else self

    @property
    def free(self) -> frozenset[str]:
        """Names of the free indices."""
        if self._free is None:
            self._free = frozenset().union(*{atom.free for mono in self.terms for atom, _ in mono})
        return self._free

    def constant(self) -> fmpq | None:
        """The value, when the polynomial is a number."""
        if not self.terms:
            return fmpq(0)
        if len(self.terms) == 1 and UNIT in self.terms:
            return self.terms[UNIT]
        return None

    def single(self) -> tuple[Monomial, fmpq] | None:
        """The only term, when there is just one."""
        return next(iter(self.terms.items())) if len(self.terms) == 1 else None


def add_term(terms: dict[Monomial, fmpq], mono: Monomial, coefficient: fmpq) -> None:
    old = terms.get(mono)
    new = coefficient if old is None else old + coefficient
    if new == 0:
        terms.pop(mono, None)
    else:
        terms[mono] = new


def monomial_key(mono: Monomial) -> str:
    return "*".join(atom.key if e == 1 else f"{atom.key}^{e}" for atom, e in mono) or "1"


def number(value: fmpq | int) -> Poly:
    value = fmpq(value)
    return Poly({UNIT: value} if value != 0 else {})


def atom_poly(atom: Atom, exponent: Exponent = 1) -> Poly:
    return Poly({((atom, exponent),): fmpq(1)})


def term(mono: Monomial, coefficient: fmpq | int = 1) -> Poly:
    return Poly({mono: fmpq(coefficient)})


def monomial(factors: Iterable[tuple[Atom, Exponent]]) -> Monomial:
    """Collect equal atoms and sort; idempotent atoms (brackets) keep exponent 1."""
    table: dict[Atom, Exponent] = {}
    for atom, exponent in factors:
        table[atom] = table.get(atom, 0) + exponent
    return _sorted(table)


def multiply(one: Monomial, other: Monomial) -> Monomial:
    if not one:
        return other
    if not other:
        return one
    table: dict[Atom, Exponent] = dict(one)
    for atom, exponent in other:
        table[atom] = table.get(atom, 0) + exponent
    return _sorted(table)


def _sorted(table: Mapping[Atom, Exponent]) -> Monomial:
    factors = []
    for atom, exponent in table.items():
        if exponent == 0:
            continue
        factors.append((atom, 1 if atom.idempotent else plain_exponent(exponent)))
    factors.sort(key=_by_key)
    return tuple(factors)


def _by_key(factor: tuple[Atom, Exponent]) -> str:
    return factor[0].key


ONE = number(1)
NOTHING = Poly({})
