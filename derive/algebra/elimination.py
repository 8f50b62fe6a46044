"""Removing the relation a radical or reciprocal brings with it, by a change of coordinates.

Let P = c a + R be the base of a power, where the atom `a` occurs once, to the first power, and c is a product of
units. Then a = (P - R) / c, and the polynomials in a and the other atoms are the polynomials in P and the other
atoms: writing P for a leaves P with any exponent, positive or negative, whole or fractional, and no relation. If P
carries free indices (sigma_n^2 + eps inside a sum over n), so must `a`: the rule is then one for a whole family.
An assumption (sum_k t_k = 1) is used in the same way.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

from flint import fmpq
from msgspec import Struct

from derive.algebra import atoms as at
from derive.algebra.atoms import Atom
from derive.algebra.normal import Normalizer
from derive.algebra.polynomial import NOTHING, Exponent, Monomial, Poly, atom_poly, monomial, multiply, term
from derive.algebra.sums import clusters, without

LEADS = ("read", "contract", "exp", "log", "function")  # kinds of atom that a base may take the place of
ROUNDS = 50  # rules are triangular, so each application removes an atom for good; this only guards the loop


class Rule(Struct, frozen=True):
    """lead -> value, for every value of the free indices `params`. A value of one term may be inverted."""

    lead: Atom
    value: Poly
    params: tuple[str, ...]

    @property
    def invertible(self) -> bool:
        return self.value.single() is not None


class Elimination:
    """The rules found for one context, and their application."""

    def __init__(self, context: Normalizer) -> None:
        self.context = context
        self.rules: list[Rule] = []
        self.left_over: list[Atom] = []  # power bases whose relation stays
        self.coordinates: set[Atom] = set()  # power bases that took the place of an atom

    def assume(self, left: Poly, right: Poly, fixed: bool = False) -> None:
        """Take left = right as given, by writing it for one of its atoms.

        It holds for every value of its free indices; or, `fixed`, only as it stands, as an induction hypothesis does.
        """
        relation = self.applied(left - right)
        if not relation:
            return
        rule = self._rule(relation, None if fixed else relation.free, NOTHING)
        if rule is None:
            raise ValueError("no atom of the assumption can be written in terms of the others")
        self.rules.append(rule)

    def learn(self, atom: Atom, used: tuple[Poly, ...]) -> None:
        """Find the rule for one power base. `used` are the polynomials it will be applied to."""
        base = self.applied(atom.polys[0])
        direction = _common_direction(base)
        if direction is not None and len(direction) > 1:
            self._unify_exponentials(direction)
            base = self.applied(atom.polys[0])
        rule = self._rule(base, base.free, atom_poly(atom), used)
        if rule is None:
            self.left_over.append(atom)
        else:
            self.rules.append(rule)
            self.coordinates.add(atom)

    def _unify_exponentials(self, direction: Monomial) -> None:
        """exp(a) exp(b) -> exp(a + b) as one atom, exp(a) being written as exp(a + b) / exp(b)."""
        free = frozenset(name for atom, _ in direction for name in atom.free)
        total = NOTHING
        for atom, e in direction:
            total = total + atom.polys[0].scaled(fmpq(int(Fraction(e))))
        for atom, e in direction:
            if e in (1, -1) and atom.free == free:
                whole = (at.exp_atom(total), Fraction(1) / e)
                others = [(a, -Fraction(f) / e) for a, f in direction if a is not atom]
                self.rules.append(Rule(atom, term(monomial([whole, *others])), tuple(sorted(free))))
                return

    def _rule(self, base: Poly, free: frozenset[str] | None, named: Poly, used: tuple[Poly, ...] = ()) -> Rule | None:
        """base = named, written for an atom with all the free indices; without `free`, for any atom as it stands."""
        candidates = []
        for mono, coefficient in base.terms.items():
            for atom, e in mono:
                others = tuple(f for f in mono if f[0] is not atom)
                fits = e == 1 and free in (None, atom.free) and atom.kind in LEADS
                if fits and all(other.positive for other, _ in others) and self._occurs_once(atom, base):
                    candidates.append((atom, others, coefficient))
        candidates.sort(key=lambda c: (_preference(c[0], base.free), c[0].key))
        for atom, others, coefficient in candidates:
            if any(_inverted(atom, poly) for poly in used):
                continue
            own = term(multiply(((atom, 1),), others), coefficient)
            inverse = term(monomial((a, -e) for a, e in others), 1 / coefficient)
            return Rule(atom, (named - (base - own)) * inverse, tuple(sorted(free or ())))
        return None

    def _occurs_once(self, atom: Atom, poly: Poly) -> bool:
        return sum(self._mentions(atom, other) for mono in poly.terms for other, _ in mono) == 1

    def _mentions(self, atom: Atom, other: Atom) -> bool:
        """Does `other` depend on `atom`? A coordinate does not: it is as free as the atom that it replaced."""
        if atom.key == other.key:
            return True
        if other in self.coordinates:
            return False
        inside = [a for poly in other.polys for mono in poly.terms for a, _ in mono] + [a for a, _ in other.body]
        return any(self._mentions(atom, part) for part in inside)

    # -- application ---------------------------------------------------------------------------------------------

    def applied(self, poly: Poly) -> Poly:
        """The polynomial with no lead left in it."""
        if not self.rules:
            return poly
        for _ in range(ROUNDS):
            changed = self._pass(poly)
            if changed is None:
                return poly
            poly = self.context.apply_deltas(changed)
        return poly

    def _pass(self, poly: Poly) -> Poly | None:
        total, touched = NOTHING, False
        for mono, coefficient in poly.terms.items():
            new = self._monomial(mono)
            if new is not None:
                touched = True
            total = total + (term(mono) if new is None else new).scaled(coefficient)
            self.context.spend(len(total.terms))
        return total if touched else None

    def _monomial(self, mono: Monomial) -> Poly | None:
        """The monomial after replacing the first lead in it, or None."""
        for k, (atom, e) in enumerate(mono):
            rest = mono[:k] + mono[k + 1 :]
            value = self._value(atom, e)
            if value is not None:
                return value.shifted(rest)
            if atom.kind == "contract" and isinstance(e, int) and e > 0:
                inner = self._inside(atom)
                if inner is not None:
                    remaining = multiply(rest, ((atom, e - 1),) if e > 1 else ())
                    return inner.shifted(remaining)
        return None

    def _value(self, atom: Atom, e: Exponent) -> Poly | None:
        for rule in self.rules:
            renaming = self._match(rule, atom)
            if renaming is not None:
                whole = isinstance(e, int) and e > 0
                if whole or rule.invertible:
                    return self.context.powers.raised(self._instance(rule, renaming), Fraction(e))
        return None

    def _instance(self, rule: Rule, renaming: dict[str, str]) -> Poly:
        values = {old: atom_poly(at.index_atom(new)) for old, new in renaming.items() if old != new}
        return self.context.substituted_poly(rule.value, values) if values else rule.value

    def _match(self, rule: Rule, atom: Atom) -> dict[str, str] | None:
        """The renaming of the rule's indices that makes its lead this atom."""
        lead = rule.lead
        if lead.kind != atom.kind or lead.name != atom.name or len(lead.free) != len(atom.free):
            return None
        if lead.key == atom.key:
            return {name: name for name in rule.params}
        if not rule.params:
            return None
        for order in permutations(sorted(atom.free)):
            renaming = dict(zip(rule.params, order, strict=True))
            values = {old: atom_poly(at.index_atom(new)) for old, new in renaming.items()}
            single = self.context.substituted(((lead, 1),), values).single()
            if single is not None and single[0] == ((atom, 1),):
                return renaming
        return None

    def _inside(self, atom: Atom) -> Poly | None:
        """A contraction in whose body a lead occurs: as a factor, or as a sum that hangs on the rest by one index."""
        bounds, body = self.context.sums.opened(atom)
        changed = self._monomial(body)
        if changed is not None:
            return self.context.sums.resummed(tuple(bounds), changed)
        for inner, cluster in clusters(tuple(bounds), body):
            contraction = self.context.sums.contracted(inner, cluster).single()
            if contraction is None or len(contraction[0]) != 1:
                continue
            value = self._value(*contraction[0][0])
            if value is not None:
                rest = tuple(f for f in body if f not in cluster)
                replaced = value.scaled(contraction[1]).shifted(rest)
                return self.context.sums.resummed(without(tuple(bounds), inner), replaced)
        return None


def _preference(atom: Atom, free: frozenset[str]) -> int:
    """Scalars first where the base has no indices (eps), sums otherwise: they rarely stand in a denominator."""
    order = ("read", "contract") if not free else ("contract", "read")
    return order.index(atom.kind) if atom.kind in order else 2


def _inverted(atom: Atom, poly: Poly) -> bool:
    """Does the atom stand somewhere with an exponent that is not a positive whole number?"""
    return any(_inverted_in(atom, mono) for mono in poly.terms)


def _inverted_in(atom: Atom, mono: Monomial) -> bool:
    for other, e in mono:
        if not (isinstance(e, int) and e > 0) and _same_shape(atom, other):
            return True
        if other.body and _inverted_in(atom, other.body):
            return True
    return False


def _same_shape(atom: Atom, other: Atom) -> bool:
    return atom.kind == other.kind and atom.name == other.name and len(atom.free) == len(other.free)


def _common_direction(base: Poly) -> Monomial | None:
    """The monomial of exponentials whose powers are all the terms of the base, if there is one."""
    monos = [mono for mono in base.terms if mono]
    if not monos or any(atom.kind != "exp" for mono in monos for atom, _ in mono):
        return None
    shortest = min(monos, key=lambda mono: sum(abs(Fraction(e)) for _, e in mono))
    for mono in monos:
        if [a for a, _ in mono] != [a for a, _ in shortest]:
            return None
        if len({Fraction(e) / Fraction(f) for (_, e), (_, f) in zip(mono, shortest, strict=True)}) != 1:
            return None
    return shortest
