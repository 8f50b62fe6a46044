"""Sums over indices: factors leave them, deltas are solved, and what stays connected becomes one named component."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, permutations, product
from math import factorial, prod
from typing import TYPE_CHECKING
from weakref import proxy

from flint import fmpq

from derive.algebra import atoms as at
from derive.algebra.atoms import Atom, Bound, plain_index
from derive.algebra.constraints import Constraints, solved_for
from derive.algebra.polynomial import (
    NOTHING,
    ONE,
    Exponent,
    Monomial,
    Poly,
    add_term,
    atom_poly,
    monomial,
    multiply,
    number,
    term,
)
from derive.errors import BudgetError, UnsupportedError

if TYPE_CHECKING:
    from derive.algebra.normal import Normalizer

MAX_ORDERS = 720  # namings of the bound indices of one component; more is refused rather than searched


class Sums:
    """Summation in one context."""

    def __init__(self, context: Normalizer) -> None:
        self.context: Normalizer = proxy(context)
        self.count = 0  # of the names that were made
        self.constraints = Constraints(self.context)

    def over(self, name: str, lower: Poly, upper: Poly, poly: Poly) -> Poly:
        """Sum over one index of a polynomial: factors without it leave, deltas are solved, the rest contracts."""
        if (upper - lower).constant() == 0:  # one term only
            return self.context.substituted_poly(poly, {name: lower})
        total: dict[Monomial, fmpq] = {}
        for mono, coefficient in poly.terms.items():
            inside = tuple(f for f in mono if name in f[0].free)
            outside = tuple(f for f in mono if name not in f[0].free)
            summed = self._sum_inside(name, lower, upper, inside)
            for own, c in summed.terms.items():
                add_term(total, multiply(outside, own), c * coefficient)
        self.context.spend(len(total))
        return Poly(total)

    def _sum_inside(self, name: str, lower: Poly, upper: Poly, inside: Monomial) -> Poly:
        if not inside:
            return upper - lower + ONE
        self.context.spend(len(inside))
        solved = self._solve_delta(name, lower, upper, inside)
        if solved is not None:
            return solved
        if all(atom.kind == "index" for atom, _ in inside) and isinstance(inside[0][1], int) and inside[0][1] > 0:
            return _power_sum(inside[0][1], upper) - _power_sum(inside[0][1], lower - ONE)
        bounds: list[Bound] = [(name, lower, upper)]
        flat: list[tuple[Atom, Exponent]] = []
        coefficient = fmpq(1)
        for atom, exponent in inside:
            if atom.kind == "contract" and isinstance(exponent, int) and exponent > 0:
                for _ in range(exponent):
                    more, body = self.opened(atom)
                    bounds.extend(more)
                    flat.extend(body)
            else:
                flat.append((atom, exponent))
        body = monomial(flat)
        reflected = self._reflected(tuple(bounds), body)
        if reflected is not None:
            return reflected
        return self.contracted(*self.constraints.settled(tuple(bounds), body)).scaled(coefficient)

    def fresh(self, lower: Poly, upper: Poly) -> str:
        """A name for a bound index that nothing else has."""
        self.count += 1
        name = f"~{self.count}"
        self.context.ranges[name] = (lower, upper)
        return name

    def opened(self, atom: Atom) -> tuple[list[Bound], Monomial]:
        """The inside of a contraction, its bound indices under fresh names."""
        names = {placeholder: self.fresh(lower, upper) for placeholder, lower, upper in atom.bounds}
        renaming = {old: atom_poly(at.index_atom(new)) for old, new in names.items()}
        opened = self.context.substituted(atom.body, renaming).single()
        if opened is None or opened[1] != 1:
            raise UnsupportedError("a contraction changed its shape under renaming")
        return [(names[p], lower, upper) for p, lower, upper in atom.bounds], opened[0]

    def pointwise(self, mono: Monomial) -> Monomial:
        """The monomial without range conditions that follow from a subscript T[e] in it."""
        bounds: list[Bound] = []
        equations: list[tuple[Atom, Exponent]] = []
        for atom, _ in mono:
            if atom.kind == "contract":
                bounds.extend(atom.bounds)
                equations.extend(f for f in atom.body if f[0].kind == "bracket" and f[0].name == "=")
        if not equations:
            return mono
        own = {atom for atom, _ in mono}
        kept = self.constraints.without_implied(tuple(bounds), monomial([*mono, *equations]))
        return monomial((atom, e) for atom, e in kept if atom in own)

    def _solve_delta(self, name: str, lower: Poly, upper: Poly, inside: Monomial) -> Poly | None:
        """Put the solution of [name = e] in: where e has the same range, or where only numbers depend on it.

        Other equations stay: they are the canonical form of a subscript such as T[e].
        """
        for atom, _ in inside:
            if atom.kind != "bracket" or atom.name != "=" or name not in atom.free:
                continue
            value = solved_for(name, atom.polys[0])
            if value is None:
                continue
            rest = tuple(f for f in inside if f[0] is not atom)
            within = self._in_range(value, lower, upper)
            numbers = all(other.kind in ("index", "bracket") for other, _ in rest if name in other.free)
            known = plain_index(value) is not None or value.constant() is not None or within.constant() == 0
            if (within.constant() is not None and known) or numbers:
                return self.context.substituted(rest, {name: value}) * within
        return None

    def _reflected(self, bounds: tuple[Bound, ...], body: Monomial) -> Poly | None:
        """sum_k T[m + 1 - k] a(k) = sum_q T[q] a(m + 1 - q): a bound index that only numbers depend on gives way to
        the one that it is the mirror image of."""
        for name, lower, upper in bounds:
            for atom, _ in body:
                if atom.kind != "bracket" or atom.name != "=" or name not in atom.free:
                    continue
                value = solved_for(name, atom.polys[0])
                rest = tuple(f for f in body if f[0] is not atom)
                numbers = all(other.kind in ("index", "bracket") for other, _ in rest if name in other.free)
                mirrored = NOTHING if value is None else lower + upper - value
                same = plain_index(mirrored) is not None and self._in_range(mirrored, lower, upper) is ONE
                if value is not None and numbers and same:
                    return self.resummed(
                        without(bounds, ((name, lower, upper),)), self.context.substituted(rest, {name: value})
                    )
        return None

    def _in_range(self, value: Poly, lower: Poly, upper: Poly) -> Poly:
        """[lower <= value <= upper], which is 1 for an index that has this very range."""
        name = plain_index(value)
        if name is not None and name in self.context.ranges:
            own = self.context.ranges[name]
            if (own[0].key, own[1].key) == (lower.key, upper.key):
                return ONE
        return self.context.bracket("<=", lower, value) * self.context.bracket("<=", value, upper)

    def contracted(self, bounds: tuple[Bound, ...], body: Monomial) -> Poly:
        """The component with canonical names for what it binds: the least key over all namings."""
        special = self._pointwise_product(bounds, body) or self._absorbed(bounds, body)
        if special is not None:
            return special
        depth = 1 + max((atom.depth for atom, _ in body), default=0)
        best: tuple[str, Atom, fmpq] | None = None
        for order in _orders(bounds):
            names = {bound[0]: self._placeholder(depth, k, bound) for k, bound in enumerate(order)}
            renaming = {old: atom_poly(new) for old, new in names.items()}
            changed = self.context.substituted(body, renaming).single()
            if changed is None:
                raise UnsupportedError("a contraction changed its shape under renaming")
            named = tuple((names[name].name, lower, upper) for name, lower, upper in order)
            atom = at.contract_atom(named, changed[0])
            if best is None or atom.key < best[0]:
                best = (atom.key, atom, changed[1])
            self.context.spend(1)
        assert best is not None
        return Poly({((best[1], 1),): best[2]})

    def _pointwise_product(self, bounds: tuple[Bound, ...], body: Monomial) -> Poly | None:
        """sum_q f[q] g[q] [q = e] = f[e] g[e]: each factor as a component of its own."""
        equations = [f for f in body if f[0].kind == "bracket" and f[0].name == "="]
        others = [f for f in body if f not in equations]
        if len(bounds) != 1 or len(equations) != 1 or not all(isinstance(e, int) and e > 0 for _, e in others):
            return None
        if len(others) < 2 and all(e == 1 for _, e in others):
            return None
        if self.constraints.determined(bounds[0][0], equations[0][0]) is None:
            return None
        result = ONE
        for atom, e in others:
            single = self.contracted(bounds, monomial([(atom, 1), *equations]))
            for _ in range(int(e)):
                result = result * single
        return result

    def _placeholder(self, depth: int, place: int, bound: Bound) -> Atom:
        """The name of a bound index in a canonical component; it tells the range, so that a name has one range."""
        _, lower, upper = bound
        name = f"\N{SECTION SIGN}{depth}.{place}:{lower.key}..{upper.key}"
        self.context.ranges[name] = (lower, upper)
        return at.index_atom(name)

    def _absorbed(self, bounds: tuple[Bound, ...], body: Monomial) -> Poly | None:
        """Sum_j e_ij D_i^-1 inside a sum over i, with D_i = sum_j e_ij: the inner sum cancels against D_i."""
        if len(bounds) < 2 or not any(atom.kind == "contract" for atom, _ in body):
            return None
        held = {atom for atom, _ in body if atom.kind == "contract"}
        for inner, cluster in clusters(bounds, body):
            contraction = self.contracted(inner, cluster).single()
            if contraction is None or contraction[1] != 1 or len(contraction[0]) != 1:
                continue
            if contraction[0][0][0] in held:
                rest = tuple(f for f in body if f not in cluster)
                return self.resummed(without(bounds, inner), term(multiply(rest, contraction[0])))
        return None

    def resummed(self, bounds: tuple[Bound, ...], poly: Poly) -> Poly:
        for name, lower, upper in bounds:
            poly = self.over(name, lower, upper, poly)
        return poly


def _orders(bounds: tuple[Bound, ...]) -> Iterator[tuple[Bound, ...]]:
    """Sorted by range; indices of one range in every order, since nothing else tells them apart."""
    ranges: dict[tuple[str, str], list[Bound]] = {}
    for bound in bounds:
        ranges.setdefault((bound[1].key, bound[2].key), []).append(bound)
    if prod(factorial(len(group)) for group in ranges.values()) > MAX_ORDERS:
        raise BudgetError(f"a sum over {len(bounds)} connected indices is more than is compared")
    for groups in product(*(permutations(group) for _, group in sorted(ranges.items()))):
        yield tuple(bound for group in groups for bound in group)


def clusters(bounds: tuple[Bound, ...], body: Monomial) -> list[tuple[tuple[Bound, ...], Monomial]]:
    """Parts of a component that hang on the rest by single indices: (their own bound indices, their factors)."""
    found = []
    for hinge in bounds:
        others = [b for b in bounds if b[0] != hinge[0]]
        while others:
            part, factors = _connected(others[0], others, body)
            others = [b for b in others if b not in part]
            if any(hinge[0] in atom.free for atom, _ in factors) and len(part) < len(bounds):
                found.append((tuple(part), tuple(factors)))
    return found


def _connected(start: Bound, among: list[Bound], body: Monomial) -> tuple[list[Bound], list[tuple[Atom, Exponent]]]:
    part, names = [start], {start[0]}
    grown = True
    while grown:
        factors = [f for f in body if not names.isdisjoint(f[0].free)]
        touched = frozenset().union(*(atom.free for atom, _ in factors))
        more = [b for b in among if b[0] in touched and b[0] not in names]
        grown = bool(more)
        part.extend(more)
        names.update(b[0] for b in more)
    return part, factors


def without(bounds: tuple[Bound, ...], part: tuple[Bound, ...]) -> tuple[Bound, ...]:
    gone = {bound[0] for bound in part}
    return tuple(bound for bound in bounds if bound[0] not in gone)


def _power_sum(k: int, n: Poly) -> Poly:
    """1^k + ... + n^k as a polynomial in n, by Newton's forward differences."""
    row = [fmpq(t) ** k for t in range(k + 2)]
    leading = []
    while row:
        leading.append(row[0])
        row = [b - a for a, b in pairwise(row)]
    total, binomial = NOTHING, n + ONE  # sum_{t=0}^n C(t, r) = C(n + 1, r + 1)
    for r, coefficient in enumerate(leading):
        total = total + binomial.scaled(coefficient)
        binomial = (binomial * (n - number(r))).scaled(fmpq(1, r + 2))
    return total
