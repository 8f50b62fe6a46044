"""Numbers as normal forms: two of them are the same number where the normal form of their difference is zero.

What `values` can only enclose, such as a root of a root at an instance, is compared here by a proof.
"""

from __future__ import annotations

from fractions import Fraction

from derive.algebra.circular import PI_ATOM
from derive.algebra.normal import Normalizer
from derive.algebra.polynomial import Poly, atom_poly, number, rational


class Form:
    """A number; sums and products count against the budget of their context."""

    __slots__ = ("context", "poly")

    def __init__(self, context: Normalizer, poly: Poly) -> None:
        context.spend(len(poly.terms))
        self.context, self.poly = context, poly

    def __add__(self, other: Form) -> Form:
        return Form(self.context, self.poly + other.poly)

    def __mul__(self, other: Form) -> Form:
        return Form(self.context, self.context.product([self.poly, other.poly]))


class Forms:
    """Arithmetic of an evaluator on normal forms."""

    def __init__(self, context: Normalizer) -> None:
        self.context = context

    def number(self, value: Fraction) -> Form:
        return Form(self.context, number(rational(value)))

    def power(self, base: Form, exponent: Fraction) -> Form:
        return Form(self.context, self.context.powers.raised(base.poly, exponent))

    def function(self, name: str, arguments: list[Form]) -> Form:
        if name == "pi":
            return Form(self.context, atom_poly(PI_ATOM))
        polys = tuple(argument.poly for argument in arguments)
        if name == "pow":
            return Form(self.context, self.context.powers.symbolic(*polys))
        return Form(self.context, self.context.powers.function(name, polys))
