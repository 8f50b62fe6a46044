"""The normal form: an index expression as a Laurent polynomial over canonical atoms.

Why equal normal forms decide equality for all sizes
----------------------------------------------------
Sufficient: every rewriting below is an identity of real numbers wherever both sides are defined (the ones that
need an assumption check it: a factor leaves a root only if it is known to be positive). So equal normal forms
prove the equation for every size and every value in the domain.

Necessary: a sum over a bound index is split into connected components, and a component is named canonically. The
functions (x_i) -> sum over bound indices of a connected monomial are algebraically independent once the sizes are
large enough (a polynomial relation among them would be one among the densities of connected graphs, which have
none). Hence two different polynomials over atoms that are themselves independent differ at some size and point.
Atoms stop being independent only through radicals and reciprocals, whose base is a polynomial in other atoms:
`derive.algebra.elimination` removes that relation by giving up one atom of the base in favour of the base itself,
a change of coordinates, and `derive.algebra.partial_fractions` treats several denominators in one atom.

Limits: a radical or reciprocal that neither treats, brackets with inequalities, opaque functions and symbolic
exponents can be related in ways not seen here. The form is then still sufficient, and `Normalizer.complete` says
that it is not known to be necessary.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import permutations

from flint import fmpq

from derive.algebra import atoms as at
from derive.algebra.atoms import Atom, Bound
from derive.algebra.binding import Definitions, instantiate
from derive.algebra.polynomial import (
    NOTHING,
    ONE,
    Monomial,
    Poly,
    add_term,
    atom_poly,
    monomial,
    multiply,
    number,
    rational,
    term,
)
from derive.algebra.powers import Powers
from derive.errors import BudgetError, UnsupportedError
from derive.language.domain import is_positive
from derive.language.expression import Add, Bracket, Direct, Expr, Function, Index, Mul, Number, Pow, Read, Sum
from derive.language.tensor import Tensor

MAX_BOUND = 6  # bound indices in one component; more is refused rather than searched


class Normalizer:
    """Brings expressions to normal form in one context, so that their normal forms can be compared.

    `definitions` are put in for the names they define. `budget` bounds the number of monomials made.
    """

    def __init__(self, definitions: Definitions | None = None, budget: int = 200_000) -> None:
        self.definitions: Definitions = definitions or {}
        self.budget = budget
        self.ranges: dict[str, tuple[Poly, Poly]] = {}
        self.indices: dict[str, Expr] = {}  # what the labels and the names of tensors stood for, to write them again
        self.tensors: dict[str, Tensor] = {}
        self.powers = Powers(self)
        self._memo: dict[Expr, Poly] = {}
        self._fresh = 0

    # -- trees to polynomials ------------------------------------------------------------------------------------

    def normal(self, expr: Expr) -> Poly:
        found = self._memo.get(expr)
        if found is None:
            found = self._memo[expr] = self._normal(expr)
            self.spend(len(found.terms))
        return found

    def spend(self, steps: int) -> None:
        self.budget -= steps
        if self.budget < 0:
            raise BudgetError("the normal form grew past its budget")

    def _normal(self, expr: Expr) -> Poly:
        match expr:
            case Number(value):
                return number(rational(value))
            case Read(tensor, indices):
                definition = self.definitions.get(tensor.key)
                if definition is not None:
                    return self.normal(instantiate(definition, indices))
                self.tensors[tensor.key] = tensor
                arguments = tuple(map(self.normal, indices))
                return atom_poly(at.read_atom(tensor.key, arguments, is_positive(tensor.domain)))
            case Add(terms):
                total: dict[Monomial, fmpq] = {}
                for part in terms:
                    for mono, coefficient in self.normal(part).terms.items():
                        add_term(total, mono, coefficient)
                return Poly(total)
            case Mul(factors):
                return self.product([self.normal(factor) for factor in factors])
            case Pow(base, exponent):
                return self._power(base, exponent)
            case Sum(index, body):
                label = self.label(index)
                return self.sum_over(label, *self.ranges[label], self.normal(body))
            case Index():
                return atom_poly(at.index_atom(self.label(expr)))
            case Function(name, arguments):
                return self.powers.function(name, tuple(map(self.normal, arguments)))
            case Bracket(relation, left, right):
                return self.bracket(relation, self.normal(left), self.normal(right))
            case Direct():
                raise UnsupportedError("a derivative along one edge has to be computed before it is compared")
            case _:
                raise UnsupportedError(f"no normal form for {type(expr).__name__}")

    def label(self, index: Index) -> str:
        """A name that also tells the range, so that one label never has two ranges."""
        lower, upper = self.normal(index.lower), self.normal(index.upper)
        label = f"{index.name}:{lower.key}..{upper.key}"
        self.ranges[label] = (lower, upper)
        self.indices[label] = index
        return label

    def product(self, factors: list[Poly]) -> Poly:
        result = ONE
        for factor in sorted(factors, key=lambda p: len(p.terms)):
            result = result * factor
            self.spend(len(result.terms))
        return result

    def _power(self, base: Expr, exponent: Expr) -> Poly:
        if not isinstance(exponent, Number):
            return self.powers.symbolic(self.normal(base), self.normal(exponent))
        r = exponent.value
        if r.denominator != 1 and isinstance(base, Pow) and isinstance(base.exponent, Number):
            inner = base.exponent.value
            if inner.denominator == 1 and inner.numerator % 2 == 1 and r.denominator % 2 == 0:
                # an even root of an odd power is defined only where the base is >= 0: sqrt(v^3) = v^(3/2)
                return self.powers.raised(self.normal(base.base), inner * r)
        return self.powers.raised(self.normal(base), r)

    # -- brackets ------------------------------------------------------------------------------------------------

    def bracket(self, relation: str, left: Poly, right: Poly) -> Poly:
        difference = (left - right).constant()
        if relation in ("=", "!=", "<", "<=") and difference is not None:
            holds = {"=": difference == 0, "!=": difference != 0, "<": difference < 0, "<=": difference <= 0}
            return ONE if holds[relation] else NOTHING
        if relation == "!=":
            return ONE - atom_poly(at.bracket_atom("=", left, right))
        if relation == "<":  # only integers are compared by brackets: a < b is not (b <= a)
            return ONE - self.bracket("<=", right, left)
        return atom_poly(at.bracket_atom(relation, left, right))

    def apply_deltas(self, poly: Poly) -> Poly:
        """Under [i = j] write i for j everywhere else in the monomial."""
        if not any(atom.kind == "bracket" for mono in poly.terms for atom, _ in mono):
            return poly
        total = NOTHING
        for mono, coefficient in poly.terms.items():
            total = total + self._delta_term(mono).scaled(coefficient)
        return total

    def _delta_term(self, mono: Monomial) -> Poly:
        for atom, _ in mono:
            if atom.kind == "bracket" and atom.name == "=":
                names = [_plain_index(side) for side in atom.polys]
                if names[0] is None or names[1] is None:
                    continue
                keep, drop = sorted(names)
                rest = tuple(f for f in mono if f[0] is not atom)
                if any(drop in other.free for other, _ in rest):
                    changed = self.substituted(rest, {drop: atom_poly(at.index_atom(keep))})
                    return self.apply_deltas(changed * atom_poly(atom))
        return term(mono)

    # -- sums ----------------------------------------------------------------------------------------------------

    def sum_over(self, name: str, lower: Poly, upper: Poly, poly: Poly) -> Poly:
        """Sum over one index of a polynomial: factors without it leave, deltas are solved, the rest contracts."""
        total: dict[Monomial, fmpq] = {}
        for mono, coefficient in poly.terms.items():
            inside = tuple(f for f in mono if name in f[0].free)
            outside = tuple(f for f in mono if name not in f[0].free)
            summed = self._sum_inside(name, lower, upper, inside)
            for own, c in summed.terms.items():
                add_term(total, multiply(outside, own), c * coefficient)
        self.spend(len(total))
        return Poly(total)

    def _sum_inside(self, name: str, lower: Poly, upper: Poly, inside: Monomial) -> Poly:
        if not inside:
            return upper - lower + ONE
        solved = self._solve_delta(name, lower, upper, inside)
        if solved is not None:
            return solved
        if all(atom.kind == "index" for atom, _ in inside) and isinstance(inside[0][1], int) and inside[0][1] > 0:
            return _power_sum(inside[0][1], upper) - _power_sum(inside[0][1], lower - ONE)
        bounds: list[Bound] = [(name, lower, upper)]
        flat: list[tuple[Atom, int | Fraction]] = []
        coefficient = fmpq(1)
        for atom, exponent in inside:
            if atom.kind == "contract" and isinstance(exponent, int) and exponent > 0:
                for _ in range(exponent):
                    more, body = self.opened(atom)
                    bounds.extend(more)
                    flat.extend(body)
            else:
                flat.append((atom, exponent))
        return self.contracted(tuple(bounds), monomial(flat)).scaled(coefficient)

    def opened(self, atom: Atom) -> tuple[list[Bound], Monomial]:
        """The inside of a contraction, its bound indices under fresh names."""
        names = {}
        for placeholder, lower, upper in atom.bounds:
            self._fresh += 1
            names[placeholder] = f"~{self._fresh}"
            self.ranges[names[placeholder]] = (lower, upper)
        renaming = {old: atom_poly(at.index_atom(new)) for old, new in names.items()}
        opened = self.substituted(atom.body, renaming).single()
        if opened is None or opened[1] != 1:
            raise UnsupportedError("a contraction changed its shape under renaming")
        return [(names[p], lower, upper) for p, lower, upper in atom.bounds], opened[0]

    def _solve_delta(self, name: str, lower: Poly, upper: Poly, inside: Monomial) -> Poly | None:
        for atom, _ in inside:
            if atom.kind == "bracket" and atom.name == "=" and name in atom.free:
                value = _solved_for(name, atom.polys[0] - atom.polys[1])
                if value is None:
                    continue
                rest = tuple(f for f in inside if f[0] is not atom)
                replaced = self.substituted(rest, {name: value})
                return replaced * self._in_range(value, lower, upper)
        return None

    def _in_range(self, value: Poly, lower: Poly, upper: Poly) -> Poly:
        """[lower <= value <= upper], which is 1 for an index that has this very range."""
        name = _plain_index(value)
        if name is not None and name in self.ranges:
            own = self.ranges[name]
            if (own[0].key, own[1].key) == (lower.key, upper.key):
                return ONE
        return self.bracket("<=", lower, value) * self.bracket("<=", value, upper)

    def contracted(self, bounds: tuple[Bound, ...], body: Monomial) -> Poly:
        """The component with canonical names for what it binds: the least key over all namings."""
        if len(bounds) > MAX_BOUND:
            raise BudgetError(f"a sum over {len(bounds)} connected indices is more than is compared")
        absorbed = self._absorbed(bounds, body)
        if absorbed is not None:
            return absorbed
        depth = 1 + max((atom.depth for atom, _ in body), default=0)
        best: tuple[str, Atom, fmpq] | None = None
        for order in permutations(bounds) if len(bounds) > 1 else (bounds,):
            names = {bound[0]: at.index_atom(f"\N{SECTION SIGN}{depth}.{k}") for k, bound in enumerate(order)}
            renaming = {old: atom_poly(new) for old, new in names.items()}
            for old, new in names.items():
                self.ranges.setdefault(new.name, self.ranges.get(old, (ONE, ONE)))
            changed = self.substituted(body, renaming).single()
            if changed is None:
                raise UnsupportedError("a contraction changed its shape under renaming")
            named = tuple((names[name].name, lower, upper) for name, lower, upper in order)
            atom = at.contract_atom(named, changed[0])
            if best is None or atom.key < best[0]:
                best = (atom.key, atom, changed[1])
            self.spend(1)
        assert best is not None
        return Poly({((best[1], 1),): best[2]})

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
            poly = self.sum_over(name, lower, upper, poly)
        return poly

    # -- substitution --------------------------------------------------------------------------------------------

    def substituted(self, mono: Monomial, values: Mapping[str, Poly]) -> Poly:
        """The monomial with a polynomial put in for each free index named."""
        result = ONE
        keep: list[tuple[Atom, int | Fraction]] = []
        for atom, exponent in mono:
            if atom.free.isdisjoint(values):
                keep.append((atom, exponent))
            elif atom.kind == "power":  # under the exponent at once: a root must not see its base change sign
                base = self.substituted_poly(atom.polys[0], values)
                result = result * self.powers.raised(base, Fraction(exponent), keep=True)
            else:
                changed = self._substituted_atom(atom, values)
                single = changed.single()
                if single is not None and single[1] == 1:
                    keep.extend((a, e * exponent) for a, e in single[0])
                else:
                    result = result * self.powers.raised(changed, Fraction(exponent))
        return result.shifted(monomial(keep))

    def substituted_poly(self, poly: Poly, values: Mapping[str, Poly]) -> Poly:
        if poly.free.isdisjoint(values):
            return poly
        total = NOTHING
        for mono, coefficient in poly.terms.items():
            total = total + self.substituted(mono, values).scaled(coefficient)
        return total

    def _substituted_atom(self, atom: Atom, values: Mapping[str, Poly]) -> Poly:
        if atom.kind == "index":
            return values[atom.name]
        if atom.kind == "contract":
            bounds = tuple(
                (n, self.substituted_poly(lo, values), self.substituted_poly(up, values)) for n, lo, up in atom.bounds)
            return self.resummed(bounds, self.substituted(atom.body, values))
        polys = tuple(self.substituted_poly(poly, values) for poly in atom.polys)
        match atom.kind:
            case "read":
                return atom_poly(at.read_atom(atom.name, polys, atom.positive))
            case "bracket":
                return self.bracket(atom.name, *polys)
            case _:
                return self.powers.function(atom.name or atom.kind, polys)


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


def _connected(start: Bound, among: list[Bound], body: Monomial) -> tuple[list[Bound], list[tuple[Atom, int | Fraction]]]:
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


def _plain_index(poly: Poly) -> str | None:
    single = poly.single()
    if single is None or single[1] != 1 or len(single[0]) != 1:
        return None
    atom, exponent = single[0][0]
    return atom.name if atom.kind == "index" and exponent == 1 else None


def _solved_for(name: str, difference: Poly) -> Poly | None:
    """The value of an index where `difference` = 0, if it enters with coefficient 1 or -1 and nowhere else."""
    own: fmpq | None = None
    rest: dict[Monomial, fmpq] = {}
    for mono, coefficient in difference.terms.items():
        if any(name in atom.free for atom, _ in mono):
            if len(mono) != 1 or mono[0][0].kind != "index" or mono[0][1] != 1 or abs(coefficient) != 1:
                return None
            own = coefficient
        else:
            rest[mono] = coefficient
    return None if own is None else Poly(rest).scaled(fmpq(-1) / own)


def _power_sum(k: int, n: Poly) -> Poly:
    """1^k + ... + n^k as a polynomial in n, by Newton's forward differences."""
    row = [fmpq(t) ** k for t in range(k + 2)]
    leading = []
    while row:
        leading.append(row[0])
        row = [b - a for a, b in zip(row, row[1:], strict=False)]
    total, binomial = NOTHING, n + ONE  # sum_{t=0}^n C(t, r) = C(n + 1, r + 1)
    for r, coefficient in enumerate(leading):
        total = total + binomial.scaled(coefficient)
        binomial = (binomial * (n - number(r))).scaled(fmpq(1, r + 2))
    return total

