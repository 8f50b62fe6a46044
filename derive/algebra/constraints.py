"""Equations among indices inside a sum, [a q = e]: what they determine, and which conditions they imply."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from typing import TYPE_CHECKING

from flint import fmpq

from derive.algebra import atoms as at
from derive.algebra.atoms import Atom, Bound
from derive.algebra.polynomial import Monomial, Poly, atom_poly, monomial

if TYPE_CHECKING:
    from derive.algebra.normal import Normalizer


class Constraints:
    """The equations of one component, used to merge bound indices and to drop what they imply."""

    def __init__(self, context: Normalizer) -> None:
        self.context = context

    def settled(self, bounds: tuple[Bound, ...], body: Monomial) -> tuple[tuple[Bound, ...], Monomial]:
        """Two bound indices with the same solution become one; range conditions that follow are left out."""
        merged = self._merged(bounds, body)
        if merged is not None:
            return self.settled(*merged)
        return bounds, self.without_implied(bounds, body)

    def _merged(self, bounds: tuple[Bound, ...], body: Monomial) -> tuple[tuple[Bound, ...], Monomial] | None:
        seen: dict[tuple[str, str, str], str] = {}
        for name, solution, atom in self._solutions([bound[0] for bound in bounds], body):
            lower, upper = next((lo.key, up.key) for own, lo, up in bounds if own == name)
            first = seen.setdefault((solution.key, lower, upper), name)
            if first != name:
                rest = tuple(factor for factor in body if factor[0] is not atom)
                changed = self.context.substituted(rest, {name: atom_poly(at.index_atom(first))}).single()
                if changed is not None and changed[1] == 1:
                    return tuple(bound for bound in bounds if bound[0] != name), changed[0]
        return None

    def without_implied(self, bounds: tuple[Bound, ...], body: Monomial) -> Monomial:
        """[lower <= e <= upper] and [s divides e] follow where an index q of that range satisfies q = e, or s q = e."""
        if not any(atom.kind == "bracket" and atom.name != "=" for atom, _ in body):
            return body
        implied: set[str] = set()
        ranges = {**self.context.ranges, **{name: (lower, upper) for name, lower, upper in bounds}}
        solutions = [(name, solution) for name, solution, _ in self._solutions(ranges, body)]
        for name, solution in solutions:
            lower, upper = ranges[name]
            for difference in (solution - lower, upper - solution):
                if difference and difference.constant() is None:
                    implied.add(self.context.powers.primitive(difference, oriented=False).key)
        return monomial(
            (atom, e) for atom, e in body if not self._follows(atom, implied, [value for _, value in solutions])
        )

    def _follows(self, atom: Atom, implied: set[str], solutions: list[Poly]) -> bool:
        if atom.kind != "bracket":
            return False
        if atom.name == "<=":
            return atom.polys[0].key in implied
        if atom.name == "divides":
            divisor, dividend = atom.polys
            quotient = dividend * self.context.powers.raised(divisor, Fraction(-1))
            return any(_is_whole(solution - quotient) for solution in solutions)
        return False

    def determined(self, name: str, equation: Atom) -> Poly | None:
        return solved_for(name, equation.polys[0], self.context)

    def _solutions(self, names: Collection[str], body: Monomial) -> list[tuple[str, Poly, Atom]]:
        """(q, e / a, equation) for every index q of `names` and equation [a q = e] in the body, a being positive."""
        found = []
        for atom, _ in body:
            if atom.kind == "bracket" and atom.name == "=":
                for name in sorted(atom.free.intersection(names)):
                    solution = solved_for(name, atom.polys[0], self.context)
                    if solution is not None:
                        found.append((name, solution, atom))
        return found


def solved_for(name: str, difference: Poly, context: Normalizer | None = None) -> Poly | None:
    """The value of an index where `difference` = 0, if it enters linearly and nowhere else.

    Without a context its coefficient must be 1 or -1; with one it may be any positive monomial.
    """
    own: tuple[Monomial, fmpq] | None = None
    rest: dict[Monomial, fmpq] = {}
    for mono, coefficient in difference.terms.items():
        mine = [f for f in mono if name in f[0].free]
        if not mine:
            rest[mono] = coefficient
            continue
        others = tuple(f for f in mono if f not in mine)
        plain = len(mine) == 1 and mine[0][0].kind == "index" and mine[0][1] == 1
        if own is not None or not plain or not all(atom.positive for atom, _ in others):
            return None
        own = (others, coefficient)
    if own is None or (context is None and (own[0] or abs(own[1]) != 1)):
        return None
    inverse = monomial((atom, -e) for atom, e in own[0])
    return Poly(rest).scaled(fmpq(-1) / own[1]).shifted(inverse)


def _is_whole(poly: Poly) -> bool:
    """A polynomial in indices and sizes with whole coefficients."""
    return all(
        c.q == 1 and all(isinstance(e, int) and e > 0 and atom.kind in ("index", "read") for atom, e in mono)
        for mono, c in poly.terms.items()
    )
