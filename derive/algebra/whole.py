"""Whole numbers made of sizes: polynomials in sizes, floors, maxima and minima, in one canonical form.

An `Amount` is an int, or a `Whole` where a size is a symbol. Two amounts that have the same form are equal for all
sizes. Every size is a whole number, so a floor gives up what is divisible, and nested floors join:
floor((s q + r)/s) = q + floor(r/s) and floor((floor(a/s) + c)/t) = floor((a + c s)/(s t)).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

from derive.algebra.evaluate import Evaluator, Rationals
from derive.errors import UnsupportedError
from derive.language.domain import Integers
from derive.language.expression import ONE, Add, Expr, Function, Index, Mul, Number, Pow, Read, add, mul, power
from derive.language.functions import floor, largest, smallest
from derive.language.plain import plain

Amount: TypeAlias = "int | Whole"
Monomial: TypeAlias = "tuple[tuple[str, int], ...]"  # (spelling of an atom, its power), sorted


@lru_cache(maxsize=4096)
def _spelling(atom: Expr) -> str:
    return plain(atom)


class Whole:
    """A sum of rational multiples of products of atoms; never a constant that an int could hold."""

    __slots__ = ("atoms", "terms")

    def __init__(self, terms: Mapping[Monomial, Fraction], atoms: Mapping[str, Expr]) -> None:
        self.terms, self.atoms = terms, dict(atoms)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Whole) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(frozenset(self.terms.items()))

    def __repr__(self) -> str:
        return plain(as_expression(self))

    def __add__(self, other: Amount) -> Amount:
        total = dict(self.terms)
        for monomial, coefficient in _terms(other).items():
            total[monomial] = total.get(monomial, Fraction(0)) + coefficient
        return _settled(total, self.atoms | _atoms(other))

    def __mul__(self, other: Amount) -> Amount:
        total: dict[Monomial, Fraction] = {}
        for one, c in self.terms.items():
            for two, d in _terms(other).items():
                both = _times(one, two)
                total[both] = total.get(both, Fraction(0)) + c * d
        return _settled(total, self.atoms | _atoms(other))

    def __neg__(self) -> Amount:
        return self * -1

    def __sub__(self, other: Amount) -> Amount:
        return self + other * -1

    def __rsub__(self, other: int) -> Amount:
        return self * -1 + other

    def __pow__(self, exponent: int) -> Amount:
        result: Amount = 1
        for _ in range(exponent):
            result = self * result
        return result

    def __floordiv__(self, other: Amount) -> Amount:
        return _floor(self, other)

    def __rfloordiv__(self, other: int) -> Amount:
        return _floor(other, self)

    __radd__ = __add__
    __rmul__ = __mul__


def _terms(value: Amount) -> Mapping[Monomial, Fraction]:
    return value.terms if isinstance(value, Whole) else {(): Fraction(value)}


def _atoms(value: Amount) -> dict[str, Expr]:
    return dict(value.atoms) if isinstance(value, Whole) else {}


def _times(one: Monomial, two: Monomial) -> Monomial:
    if not one or not two:
        return one or two
    powers = dict(one)
    for atom, exponent in two:
        powers[atom] = powers.get(atom, 0) + exponent
    return tuple(sorted((atom, exponent) for atom, exponent in powers.items() if exponent))


def _settled(terms: Mapping[Monomial, Fraction], atoms: Mapping[str, Expr]) -> Amount:
    kept = {monomial: coefficient for monomial, coefficient in terms.items() if coefficient}
    if not kept:
        return 0
    if len(kept) == 1 and () in kept and kept[()].denominator == 1:
        return int(kept[()])
    used = {atom for monomial in kept for atom, _ in monomial}
    return Whole(kept, {name: atom for name, atom in atoms.items() if name in used})


def _atom(expr: Expr) -> Whole:
    name = _spelling(expr)
    return Whole({((name, 1),): Fraction(1)}, {name: expr})


def whole(value: object) -> Amount:
    """The canonical form of a size. Raises UnsupportedError for what no rule covers."""
    match value:
        case int():
            return value
        case Number(number):
            return _settled({(): number}, {})
        case Read(indices=()) | Index():
            return _atom(value)
        case Add(terms):
            return total(whole(term) for term in terms)
        case Mul(factors):
            return product(whole(factor) for factor in factors)
        case Pow(base, Number(exponent)) if exponent.denominator == 1:
            inside = whole(base)
            return inside ** int(exponent) if exponent >= 0 else exact(1, inside ** int(-exponent))
        case Function("floor", (inside,)):
            return _floor(whole(inside), 1)
        case Function("ceil", (inside,)):
            return _floor(whole(inside) * -1, 1) * -1
        case Function("max", (one, other)):
            return greatest(whole(one), whole(other))
        case Function("min", (one, other)):
            return least(whole(one), whole(other))
    told = plain(value) if isinstance(value, Expr) else repr(value)
    raise UnsupportedError(f"{told} is no whole number made of sizes")


def total(values: Iterable[Amount]) -> Amount:
    result: Amount = 0
    for value in values:
        result = result + value
    return result


def product(values: Iterable[Amount]) -> Amount:
    result: Amount = 1
    for value in values:
        result = result * value
    return result


def exact(numerator: Amount, denominator: Amount) -> Amount:
    """numerator / denominator, where one product of sizes divides."""
    bottom = _terms(denominator)
    if len(bottom) != 1 or denominator == 0:
        raise UnsupportedError(f"no rule divides by {denominator}")
    ((monomial, coefficient),) = bottom.items()
    inverse = tuple((atom, -exponent) for atom, exponent in monomial)
    terms = {_times(one, inverse): c / coefficient for one, c in _terms(numerator).items()}
    return _settled(terms, _atoms(numerator) | _atoms(denominator))


def _floor(numerator: Amount, denominator: Amount) -> Amount:
    """floor(numerator / denominator) for a positive denominator."""
    if isinstance(numerator, int) and isinstance(denominator, int):
        return numerator // denominator
    if len(_terms(denominator)) != 1:
        ratio = mul(as_expression(numerator), power(as_expression(denominator), -1))
        return _atom(floor(ratio))
    quotient = exact(numerator, denominator)
    out, rest = _integral(quotient)
    if not isinstance(rest, Whole) or set(rest.terms) == {()}:
        return out + _constant(rest).__floor__()
    return out + _joined(rest)


def _integral(value: Amount) -> tuple[Amount, Amount]:
    """What is surely a whole number, and the rest; of a constant, the rest is from 0 to below 1."""
    inside: dict[Monomial, Fraction] = {}
    rest: dict[Monomial, Fraction] = {}
    for monomial, c in _terms(value).items():
        if all(exponent > 0 for _, exponent in monomial):
            part = c.__floor__() if not monomial or c.denominator == 1 else 0
            inside[monomial] = Fraction(part)
            rest[monomial] = c - part
        else:
            rest[monomial] = c
    return _settled(inside, _atoms(value)), _settled(rest, _atoms(value))


def _constant(value: Amount) -> Fraction:
    return value.terms[()] if isinstance(value, Whole) else Fraction(value)


def _joined(rest: Whole) -> Amount:
    """floor(rest): (floor(a/s) + c)/t becomes floor((a + c s)/(s t)), anything else is an atom."""
    nested = [m for m in rest.terms if len(m) == 1 and m[0][1] == 1 and _is_floor(rest.atoms[m[0][0]])]
    if len(nested) == 1:
        coefficient = rest.terms[nested[0]]
        others = {m: c for m, c in rest.terms.items() if m != nested[0]}
        offset = _settled({m: c / coefficient for m, c in others.items()}, rest.atoms)
        if coefficient.numerator == 1 and _integral(offset)[1] == 0:
            inner = rest.atoms[nested[0][0][0]]
            assert isinstance(inner, Function)
            return _floor(whole(inner.arguments[0]) + offset, coefficient.denominator)
    return _atom(floor(_over(rest)))


def _is_floor(atom: Expr) -> bool:
    return isinstance(atom, Function) and atom.name == "floor"


def _over(value: Whole) -> Expr:
    """(a + b)/s, with the common denominator of all terms below."""
    below = Fraction(1)
    for c in value.terms.values():
        below = Fraction(below.numerator * c.denominator // _gcd(below.numerator, c.denominator))
    powers: dict[str, int] = {}
    for monomial in value.terms:
        for atom, exponent in monomial:
            powers[atom] = max(powers.get(atom, 0), -exponent)
    bottom = Whole({tuple(sorted((a, e) for a, e in powers.items() if e > 0)): below}, value.atoms)
    top = value * (bottom if bottom.terms != {(): Fraction(1)} else 1)
    below_ = as_expression(_settled(bottom.terms, bottom.atoms))
    return as_expression(top) if below_ == ONE else Mul((as_expression(top), Pow(below_, Number(Fraction(-1)))))


def _gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


def lower_bound(value: Amount) -> Fraction | None:
    """The least value, where every atom only raises it; None where that is not plain."""
    bound = Fraction(0)
    for monomial, c in _terms(value).items():
        lowest = c
        for name, exponent in monomial:
            assert isinstance(value, Whole)
            at = _lowest(value.atoms[name])
            if at is None or at < 0 or exponent < 0 or c < 0:
                return None
            lowest *= at**exponent
        bound += lowest
    return bound


def _lowest(atom: Expr) -> Fraction | None:
    if isinstance(atom, Read) and isinstance(atom.tensor.domain, Integers):
        return Fraction(atom.tensor.domain.lower)
    if isinstance(atom, Index) and isinstance(atom.lower, Number):
        return atom.lower.value
    return None


def at_most(one: Amount, other: Amount) -> bool:
    """one <= other, for all sizes; False also where that is not plain."""
    bound = lower_bound(_without_floors(other - one))
    return bound is not None and bound >= 0


def _without_floors(value: Amount) -> Amount:
    """No greater than the value, for whole a: (a - s + 1)/s <= floor(a/s) <= a/s."""
    if not isinstance(value, Whole):
        return value
    result: Amount = 0
    for monomial, c in value.terms.items():
        inside = _floored(value.atoms[monomial[0][0]]) if len(monomial) == 1 and monomial[0][1] == 1 else None
        if inside is None:
            result = result + _settled({monomial: c}, value.atoms)
        else:
            a, s = inside
            result = result + exact(_without_floors((a - (s - 1 if c > 0 else 0)) * _settled({(): c}, {})), s)
    return result


def _floored(atom: Expr) -> tuple[Amount, int] | None:
    """a and s of floor(a/s), where a is surely a whole number."""
    if not (isinstance(atom, Function) and atom.name == "floor" and isinstance(atom.arguments[0], Mul)):
        return None
    top, *below = atom.arguments[0].factors
    if len(below) != 1 or not (isinstance(below[0], Pow) and isinstance(below[0].base, Number)):
        return None
    a = whole(top)
    return (a, int(below[0].base.value)) if _integral(a)[1] == 0 else None


def greatest(one: Amount, other: Amount) -> Amount:
    """max(a, b); what is known to be smaller, also inside of a max, is left out."""
    return _furthest("max", one, other)


def least(one: Amount, other: Amount) -> Amount:
    return _furthest("min", one, other)


def _furthest(name: str, one: Amount, other: Amount) -> Amount:
    ends: list[Amount] = []
    for end in (*_ends(name, one), *_ends(name, other)):
        if any(at_most(*_ordered(name, end, known)) for known in ends):
            continue
        ends = [known for known in ends if not at_most(*_ordered(name, known, end))] + [end]
    ranked = sorted(ends, key=lambda end: isinstance(end, int))
    apply = largest if name == "max" else smallest
    result = ranked[0]
    for end in ranked[1:]:
        result = _atom(apply(as_expression(result), as_expression(end)))
    return result


def _ordered(name: str, one: Amount, other: Amount) -> tuple[Amount, Amount]:
    """one <= other is what makes `one` superfluous in a max; in a min the other way round."""
    return (one, other) if name == "max" else (other, one)


def _ends(name: str, value: Amount) -> list[Amount]:
    """a max(p, q) + b is max(a p + b, a q + b) for a > 0."""
    if isinstance(value, Whole):
        for monomial, c in value.terms.items():
            atom = value.atoms[monomial[0][0]] if len(monomial) == 1 and monomial[0][1] == 1 else None
            if isinstance(atom, Function) and atom.name == name and c > 0:
                rest = value - _settled({monomial: c}, value.atoms)
                scale = _settled({(): c}, {})
                return [end for inner in atom.arguments for end in _ends(name, whole(inner) * scale + rest)]
    return [value]


def as_expression(value: Amount) -> Expr:
    """Highest powers first, the constant last."""
    if isinstance(value, int):
        return Number(Fraction(value))
    ranked = sorted(value.terms.items(), key=lambda item: (-sum(e for _, e in item[0]), item[0]))
    return add(*(mul(Number(c), *(power(value.atoms[a], e) for a, e in monomial)) for monomial, c in ranked))


def amount_at(value: Amount | Expr, sizes: Mapping[str, int], where: Mapping[str, int] | None = None) -> Fraction:
    """The exact value at concrete sizes and indices."""
    if isinstance(value, int):
        return Fraction(value)
    found = Evaluator(Rationals(), {}, sizes, {}).value(as_expression(value) if isinstance(value, Whole) else value,
                                                        where or {})  # fmt: skip
    return Fraction(int(found.p), int(found.q))
