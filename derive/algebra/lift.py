"""Polynomials back to expressions, and the common factor of a sum taken out."""

from __future__ import annotations

from fractions import Fraction

from flint import fmpq

from derive.algebra.atoms import Atom
from derive.algebra.binding import fresh_name
from derive.algebra.normal import Normalizer
from derive.algebra.polynomial import Monomial, Poly
from derive.errors import UnsupportedError
from derive.language.expression import (
    Bracket,
    Expr,
    Function,
    Index,
    Number,
    Pow,
    Read,
    Sum,
    add,
    expression,
    mul,
    power,
)


class Lift:
    """Writes polynomials of one context as expressions. Bound indices get letters that `taken` does not use."""

    def __init__(self, context: Normalizer, taken: frozenset[str] = frozenset()) -> None:
        self.context = context
        self.taken = taken

    def expression(self, poly: Poly) -> Expr:
        return add(*(self.term(mono, c) for mono, c in poly.terms.items()))

    def term(self, mono: Monomial, coefficient: fmpq) -> Expr:
        value = Fraction(int(coefficient.p), int(coefficient.q))
        return mul(value, *(self._power(atom, Fraction(e)) for atom, e in mono))

    def _power(self, atom: Atom, exponent: Fraction) -> Expr:
        base = self.atom(atom)
        return power(base, exponent) if exponent.denominator == 1 else Pow(base, Number(exponent))

    def atom(self, atom: Atom) -> Expr:
        parts = tuple(map(self.expression, atom.polys))
        match atom.kind:
            case "read":
                return Read(self.context.tensors[atom.name], parts)
            case "index":
                return self.context.indices[atom.name]
            case "power":
                return parts[0]
            case "exp" | "log":
                return Function(atom.kind, parts)
            case "function":
                return Pow(*parts) if atom.name == "pow" else Function(atom.name, parts)
            case "prime":
                return expression(int(atom.name))
            case "bracket":
                return self._bracket(atom)
            case "contract":
                return self._sum(atom)
        raise UnsupportedError(f"no expression for an atom of kind {atom.kind}")

    def _bracket(self, atom: Atom) -> Expr:
        """[p = 0] with its negative terms on the other side."""
        if len(atom.polys) == 2:
            return Bracket("divides", self.expression(atom.polys[0]), self.expression(atom.polys[1]))
        plus = Poly({mono: c for mono, c in atom.polys[0].terms.items() if c > 0})
        minus = Poly({mono: -c for mono, c in atom.polys[0].terms.items() if c < 0})
        return Bracket("=" if atom.name == "=" else "<=", self.expression(minus), self.expression(plus))

    def _sum(self, atom: Atom) -> Expr:
        bounds, body = self.context.sums.opened(atom)
        taken = set(self.taken)
        indices = []
        for name, lower, upper in bounds:
            letter = self._letter(name, body)
            letter = fresh_name(letter, taken) if letter in taken else letter
            taken.add(letter)
            indices.append(Index(letter, self.expression(upper), self.expression(lower)))
            self.context.indices[name] = indices[-1]
        inner = Lift(self.context, frozenset(taken)).term(body, fmpq(1))
        for index in reversed(indices):
            inner = Sum(index, inner)
        return inner

    def _letter(self, name: str, body: Monomial) -> str:
        """The name of the axis that the index reads, as the author called it."""
        for atom, _ in body:
            if atom.kind == "read":
                for axis, argument in zip(self.context.tensors[atom.name].axes, atom.polys, strict=True):
                    if name in argument.free:
                        return axis.name
            elif name in atom.free:
                for poly in atom.polys:
                    for mono in poly.terms:
                        found = self._letter(name, mono)
                        if found != "i":
                            return found
        return "i"


def collected(expr: Expr) -> Expr:
    """a c + b c = c (a + b): the factors that all terms share, taken out; names are not looked into."""
    context = Normalizer()
    poly = context.normal(expr)
    if len(poly.terms) < 2:
        return expr
    content, common, primitive = context.powers.content(poly, whole=True)
    first = next(iter(poly.terms.values()))
    if (content < 0) != (first < 0):
        content, primitive = -content, primitive.scaled(fmpq(-1))
    lift = Lift(context, frozenset(name.split(":")[0] for name in poly.free))
    return mul(lift.term(common, content), lift.expression(primitive)) if common or content != 1 else expr
