"""Operators and how tightly they bind: Pratt's loop, with the sizes of numbers kept in bounds."""

from __future__ import annotations

from fractions import Fraction

from derive.language.expression import ZERO, Expr, Mul, Number, add, div, mul, neg, power
from derive.reading.cursor import Cursor
from derive.reading.tokens import Token

MAX_DEPTH = 64
MAX_BITS = 4096  # of a number that arithmetic in the text makes

ADDED, MULTIPLIED, SIGNED, RAISED = 10, 20, 30, 40
INFIX = {"+": ADDED, "-": ADDED, "*": MULTIPLIED, "/": MULTIPLIED, "^": RAISED}


class Operators(Cursor):
    """Chains of one level are read at once, so long sums cost what their text costs."""

    depth = 0

    def prefix(self) -> Expr:
        """What an expression starts with."""
        raise NotImplementedError

    def expression(self, minimum: int = 0) -> Expr:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"nested more than {MAX_DEPTH} deep")
        left = self.prefix()
        while self.token.kind == "symbol" and INFIX.get(self.token.text, 0) > minimum:
            left = {ADDED: self.sum_of, MULTIPLIED: self.product_of, RAISED: self.power_of}[INFIX[self.token.text]](
                left
            )
        self.depth -= 1
        return left

    def sum_of(self, first: Expr) -> Expr:
        terms = [first]
        while self.is_next("+") or self.is_next("-"):
            sign = self.advance().text
            term = self.expression(ADDED)
            terms.append(neg(term) if sign == "-" else term)
        return add(*terms)

    def product_of(self, first: Expr) -> Expr:
        start, factors, bits = self.token, [first], _bits(first)
        while self.is_next("*") or self.is_next("/"):
            operator = self.advance()
            factor = self.expression(MULTIPLIED)
            if operator.text == "/" and factor == ZERO:
                self.fail("division by zero", operator)
            bits += _bits(factor)
            factors.append(div(1, factor) if operator.text == "/" else factor)
        self.check_bits(bits, start)
        return mul(*factors)

    def power_of(self, base: Expr) -> Expr:
        start = self.advance()
        exponent = self.expression(RAISED - 1)
        if isinstance(exponent, Number):
            if base == ZERO and exponent.value <= 0:
                self.fail("zero to this power is not defined", start)
            if abs(exponent.value) <= 64:
                self.check_bits(_bits(base) * abs(exponent.value), start)
        return power(base, exponent)

    def check_bits(self, bits: int | Fraction, token: Token) -> None:
        if bits > MAX_BITS:
            self.fail("the numbers here grow too large to be read", token)


def _bits(expr: Expr) -> int:
    """The size of an expression's numeric coefficient."""
    first = expr.factors[0] if isinstance(expr, Mul) else expr
    if not isinstance(first, Number):
        return 0
    return first.value.numerator.bit_length() + first.value.denominator.bit_length()
