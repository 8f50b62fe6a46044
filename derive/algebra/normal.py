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

from flint import fmpq

from derive.algebra import atoms as at
from derive.algebra.atoms import Atom, plain_index
from derive.algebra.binding import Definitions, instantiate
from derive.algebra.circular import PI_ATOM
from derive.algebra.constraints import solved_for
from derive.algebra.polynomial import (
    NOTHING,
    ONE,
    Monomial,
    Poly,
    add_term,
    atom_poly,
    monomial,
    number,
    rational,
    term,
)
from derive.algebra.powers import Powers
from derive.algebra.products import product_over
from derive.algebra.sums import Sums
from derive.errors import BudgetError, UnsupportedError
from derive.language.constant import Constant
from derive.language.domain import Integers, is_positive
from derive.language.expression import Add, Bracket, Direct, Expr, Function, Index, Mul, Number, Pow, Read, Sum
from derive.language.tensor import Tensor

BUDGET = 200_000  # monomials


class Normalizer:
    """Brings expressions to normal form in one context, so that their normal forms can be compared.

    `definitions` are put in for the names they define. `budget` bounds the number of monomials made.
    """

    def __init__(self, definitions: Definitions | None = None, budget: int = BUDGET) -> None:
        self.definitions: Definitions = definitions or {}
        self.budget = budget
        self.ranges: dict[str, tuple[Poly, Poly]] = {}
        self.logarithms: dict[str, Poly] = {}  # of products of positive factors
        self.angles: dict[str, int] = {}  # into how many parts sin and cos divide an angle
        self.indices: dict[str, Expr] = {}  # what the labels and the names of tensors stood for, to write them again
        self.tensors: dict[str, Tensor] = {}
        self.powers = Powers(self)
        self.sums = Sums(self)
        self._memo: dict[Expr, Poly] = {}

    def copy(self) -> Normalizer:
        """The context as it is, to go on from here more than once."""
        new = Normalizer(self.definitions, self.budget)
        new.ranges, new.logarithms, new.angles = dict(self.ranges), dict(self.logarithms), dict(self.angles)
        new.indices, new.tensors, new._memo = dict(self.indices), dict(self.tensors), dict(self._memo)
        new.powers.remember(self.powers)
        new.sums.count = self.sums.count
        return new

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
                return self._read(tensor, tuple(map(self.normal, indices)))
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
                return self.sums.over(label, *self.ranges[label], self.normal(body))
            case Index():
                return atom_poly(at.index_atom(self.label(expr)))
            case Function("prod", (Sum() as total_of,)):
                return product_over(self, total_of)
            case Function("prod"):
                raise UnsupportedError("a product without its range has no normal form")
            case Function(name, arguments):
                return self.powers.function(name, tuple(map(self.normal, arguments)))
            case Bracket(relation, left, right):
                return self.bracket(relation, self.normal(left), self.normal(right))
            case Constant("pi"):
                return atom_poly(PI_ATOM)
            case Direct():
                raise UnsupportedError("a derivative along one edge has to be computed before it is compared")
            case _:
                raise UnsupportedError(f"no normal form for {type(expr).__name__}")

    def _read(self, tensor: Tensor, arguments: tuple[Poly, ...]) -> Poly:
        """T[e] = sum_q T[q] [q = e] for a subscript e that is neither an index nor a number: one form for all of them.

        Outside the range of its axis an entry counts as zero; zero padding says so with brackets, which this implies.
        """
        plain: list[Poly] = []
        solved: list[tuple[str, Poly, Poly, Poly]] = []
        for axis, argument in zip(tensor.axes, arguments, strict=True):
            if plain_index(argument) is not None or argument.constant() is not None:
                plain.append(argument)
            else:
                lower, upper = self.normal(axis.lower), self.normal(axis.upper)
                name = self.sums.fresh(lower, upper)
                plain.append(atom_poly(at.index_atom(name)))
                solved.append((name, lower, upper, argument))
        result = atom_poly(at.read_atom(tensor.key, tuple(plain), is_positive(tensor.domain)))
        for name, _, _, argument in solved:
            result = result * self.bracket("=", atom_poly(at.index_atom(name)), argument)
        for name, lower, upper, _ in solved:
            result = self.sums.over(name, lower, upper, result)
        return result

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
        """A condition on whole numbers, as one canonical atom: [p = 0] or [0 <= p] with p primitive."""
        difference = right - left
        value = difference.constant()
        match relation:
            case "!=":
                return ONE - self.bracket("=", left, right)
            case "<":  # on whole numbers a < b is a <= b - 1
                return self.bracket("<=", left, right - ONE)
            case "=" | "<=" if value is not None:
                return ONE if (value == 0 if relation == "=" else value >= 0) else NOTHING
            case "=" | "<=" if (decided := self._by_ranges(relation, difference)) is not None:
                return decided
            case "=":
                return atom_poly(at.bracket_atom("=", (self.powers.primitive(difference, oriented=True),)))
            case "<=" if self._never_negative(difference):
                return ONE
            case "<=":
                return atom_poly(at.bracket_atom("<=", (self.powers.primitive(difference, oriented=False),)))
            case _:
                return atom_poly(at.bracket_atom(relation, (left, right)))

    def _by_ranges(self, relation: str, difference: Poly) -> Poly | None:
        """0 <= difference or 0 = difference, where the ranges of its indices already tell: [0 <= k] for k >= 1."""
        least, most = self._extreme(difference, 1), self._extreme(difference, -1)
        if least is None or most is None:
            return None
        if relation == "<=" and self._never_negative(least):
            return ONE
        too_small = self._never_negative(NOTHING - most - ONE)
        too_large = relation == "=" and self._never_negative(least - ONE)
        return NOTHING if too_small or too_large else None

    def _extreme(self, poly: Poly, sign: int) -> Poly | None:
        """What a polynomial is at least (sign 1) or at most (-1), its indices at the ends of their ranges; None where
        an index does not stand alone with a number."""
        total, indexed = NOTHING, False
        for mono, c in poly.terms.items():
            part = Poly({mono: c})
            if any(atom.kind == "index" for atom, _ in mono):
                name = mono[0][0].name
                if len(mono) > 1 or mono[0][1] != 1 or name not in self.ranges:
                    return None
                lower, upper = self.ranges[name]
                part = (lower if c * sign > 0 else upper).scaled(c)
                indexed = True
            total = total + part
        return total if indexed else None

    def _never_negative(self, poly: Poly) -> bool:
        """A sum of sizes minus at most what their least values add up to: m - 1, N + C - 2."""
        least = fmpq(0)
        for mono, c in poly.terms.items():
            tensors = [self.tensors.get(atom.name) if atom.kind == "read" else None for atom, _ in mono]
            if not all(tensor is not None and isinstance(tensor.domain, Integers) for tensor in tensors):
                return False
            if mono and (c < 0 or not all(isinstance(e, int) and e > 0 for _, e in mono)):
                return False
            bottom = c
            for tensor, (_, e) in zip(tensors, mono, strict=True):
                assert tensor is not None
                assert isinstance(tensor.domain, Integers)
                bottom = bottom * fmpq(tensor.domain.lower) ** int(e)
            least = least + bottom
        return least >= 0

    def apply_deltas(self, poly: Poly) -> Poly:
        """Under [i = j] write i for j everywhere else in the monomial."""
        if not any(atom.kind == "bracket" for mono in poly.terms for atom, _ in mono):
            return poly
        poly = Poly({self.sums.pointwise(mono): c for mono, c in poly.terms.items()})
        total = NOTHING
        for mono, coefficient in poly.terms.items():
            total = total + self._delta_term(mono).scaled(coefficient)
        return total

    @staticmethod
    def _known_index(atom: Atom) -> tuple[str, Poly] | None:
        """(j, i) under [i = j], and (j, 1) under [j = 1]."""
        names = at.tied(atom)
        if names is not None:
            return names[1], atom_poly(at.index_atom(names[0]))
        if atom.kind == "bracket" and atom.name == "=" and len(atom.free) == 1:
            (name,) = atom.free
            value = solved_for(name, atom.polys[0])
            if value is not None and value.constant() is not None:
                return name, value
        return None

    def _delta_term(self, mono: Monomial) -> Poly:
        for atom, _ in mono:
            known = self._known_index(atom)
            if known is not None:
                drop, value = known
                rest = tuple(f for f in mono if f[0] is not atom)
                if any(drop in other.free for other, _ in rest):
                    return self.apply_deltas(self.substituted(rest, {drop: value}) * atom_poly(atom))
        return term(mono)

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
                (n, self.substituted_poly(lo, values), self.substituted_poly(up, values)) for n, lo, up in atom.bounds
            )
            return self.sums.resummed(bounds, self.substituted(atom.body, values))
        polys = tuple(self.substituted_poly(poly, values) for poly in atom.polys)
        match atom.kind:
            case "read":
                return self._read(self.tensors[atom.name], polys)
            case "bracket":
                return (
                    self.bracket(atom.name, NOTHING, polys[0]) if len(polys) == 1 else self.bracket(atom.name, *polys)
                )
            case _:
                return self.powers.function(atom.name or atom.kind, polys)
