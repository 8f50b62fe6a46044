"""Values of counting problems from text: whole numbers made of sizes, shapes, and sets of entries.

A reader knows the letters that a problem uses and nothing else; what it does not know it does not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import NoReturn

from derive.errors import AnswerError
from derive.language.answers import Region, Span
from derive.language.expression import Expr, Mul, Number, Pow, add, mul, neg, power
from derive.language.functions import ceil, floor, largest, smallest
from derive.reading.answer_text import Piece

MAX_DIGITS, MAX_EXPONENT, MAX_BITS, MAX_DEGREE = 40, 64, 4096, 8
_SPACE = re.compile(r"(?:\s|\\[ ;:!]|\\quad|\\left(?![A-Za-z])|\\right(?![A-Za-z])|~)+")
_GROUPED = re.compile(r"\d{1,3}(?:(?:,|\{,\}|\\,|\{\\,\})\d{3})+(?![\d])(?!\.\d+\.)")
_SPACED = re.compile(r"\d{1,3}(?:(?:\{,\}|\\,|\{\\,\})\d{3})+(?!\d)")  # no comma that could separate entries
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SIGNS = {r"\times": "*", r"\cdot": "*", r"\ast": "*", "×": "*", "·": "*", "*": "*", "⋅": "*", "−": "-", r"\%": "%",
          r"\max": "max", r"\min": "min", r"\lfloor": "⌊", r"\rfloor": "⌋", r"\lceil": "⌈", r"\rceil": "⌉",
          "⌊": "⌊", "⌋": "⌋", "⌈": "⌈", "⌉": "⌉", r"\frac": "frac", r"\dfrac": "frac", r"\tfrac": "frac", r"\div": "/",
          r"\lbrack": "[", r"\rbrack": "]"}  # fmt: skip
_SIGN = re.compile("|".join(re.escape(s) + ("(?![A-Za-z])" if s[1:].isalpha() else "") for s in sorted(_SIGNS)))
_CALLED = ("max", "min", "floor", "ceil")
_CHAR = re.compile(r"[-+/^()\[\]{},:%]")


class Token:
    __slots__ = ("at", "kind", "text")

    def __init__(self, kind: str, text: str, at: int) -> None:
        self.kind, self.text, self.at = kind, text, at


def tokens_of(piece: Piece, whole: str, letters: Mapping[str, Expr], *, grouped: bool) -> list[Token]:
    """`grouped`: a bare comma before three digits groups them, rather than separates entries."""
    text, at, found = piece.text, 0, list[Token]()
    names = sorted((*letters, *_CALLED), key=len, reverse=True)
    while at < len(text):
        if space := _SPACE.match(text, at):
            at = space.end()
            continue
        number = (_GROUPED if grouped else _SPACED).match(text, at) or _NUMBER.match(text, at)
        if number is not None:
            found.append(Token("number", re.sub(r"[^\d.]", "", number[0]), piece.at + at))
            at = number.end()
            continue
        if sign := _SIGN.match(text, at):
            kind = "sign"
            found.append(Token(kind, _SIGNS[sign[0]], piece.at + at))
            at = sign.end()
            continue
        name = next((name for name in names if text.startswith(name, at)), None)
        if name is not None:
            found.append(Token("sign" if name in _CALLED else "name", name, piece.at + at))
            at += len(name)
        elif text[at] == "x" and found:
            found.append(Token("sign", "*", piece.at + at))
            at += 1
        elif _CHAR.match(text, at):
            found.append(Token("sign", text[at], piece.at + at))
            at += 1
        else:
            raise AnswerError(f"'{text[at : at + 12]}' is nothing that is counted with here", whole, piece.at + at)
    found.append(Token("end", "", piece.at + len(text)))
    return found


class Values:
    """Reads one value; `letters` are the sizes and indices that it may be made of.

    `joined`: letters side by side are a product, as in K^2 C_in C_out. `floors`: every quotient is rounded down.
    """

    def __init__(
        self, piece: Piece, whole: str, letters: Mapping[str, Expr], *,
        grouped: bool = True, joined: bool = False, floors: bool = False,
    ) -> None:  # fmt: skip
        self.whole, self.letters, self.joined, self.floors = whole, letters, joined, floors
        self.tokens = tokens_of(piece, whole, letters, grouped=grouped)
        self.at = 0
        self.decimal = False  # a number with a point was read
        self.percent = False

    # -- what may be read ----------------------------------------------------------------------------------------

    def number(self) -> Expr:
        """3 x 3 x 128 x 256."""
        found = self.sum()
        self.finish()
        return found

    def shape(self) -> tuple[Expr, ...]:
        """(m, 10), [m, 10], m x 10, 28x28x6; one size alone is a shape with one axis."""
        closing = {"(": ")", "[": "]"}.get(self.token.text, "")
        if closing and self.closes_at_the_end(closing):
            self.at += 1
            sizes = [self.sum()] if self.lists() else self.crossed()
            while self.next(",") and self.token.text != closing:
                sizes.append(self.sum())
            self.take(closing)
        else:
            sizes = self.crossed()
        self.finish()
        return tuple(sizes)

    def ratio(self) -> tuple[Expr, ...]:
        """2 : 1 : 2."""
        terms = [self.sum()]
        while self.next(":"):
            terms.append(self.sum())
        self.finish()
        return tuple(terms)

    def region(self) -> tuple[str, tuple[Span | None, ...]]:
        """X[:, (i-1 : i+1), 1:3]: the array, and an interval for each axis; None is all of it."""
        array = self.advance()
        if array.kind != "name":
            self.fail("an array with its intervals is expected, as in X[:, (i-1 : i+1)]", array)
        self.take("[")
        axes = [self.interval()]
        while self.next(","):
            axes.append(self.interval())
        self.take("]")
        self.finish()
        return array.text, tuple(axes)

    def interval(self) -> Span | None:
        if self.token.text == ":" and self.ahead(1) in (",", "]"):
            self.at += 1
            return None
        if self.token.text == "[" and not self.brackets_an_interval():
            return self.closed_interval()
        closing = {"(": ")", "[": "]"}.get(self.token.text, "") if self.brackets_an_interval() else ""
        self.at += bool(closing)
        lower = self.sum()
        if not closing and self.token.text in (",", "]"):
            return Span(lower, lower)
        if not self.next(":"):
            self.fail("a colon is expected between the ends of the interval")
        upper = self.sum()
        if closing:
            self.take(closing)
        return Span(lower, upper)

    def closed_interval(self) -> Span:
        """[i-1, i+1]."""
        self.take("[")
        lower = self.sum()
        self.take(",")
        upper = self.sum()
        self.take("]")
        return Span(lower, upper)

    def brackets_an_interval(self) -> bool:
        """Does the bracket here hold a colon of its own?"""
        depth = 0
        for token in self.tokens[self.at :]:
            depth += (token.text in ("(", "[")) - (token.text in (")", "]"))
            if depth == 0:
                return False
            if token.text == ":" and depth == 1:
                return True
        return False

    def crossed(self) -> list[Expr]:
        """Sizes one by one: 32^2 x 256 could be two axes or three."""
        sizes = [self.axis()]
        while self.next("*"):
            sizes.append(self.axis())
        return sizes

    def axis(self) -> Expr:
        start = self.token
        found = self.factor()
        if start.text == "(" or "^" in [token.text for token in self.tokens[: self.at]]:
            self.fail("the sizes of a shape are written one by one", start)
        return found

    # -- arithmetic ----------------------------------------------------------------------------------------------

    def sum(self) -> Expr:
        terms = [self.product()]
        while self.token.text in ("+", "-"):
            minus = self.advance().text == "-"
            term = self.product()
            terms.append(neg(term) if minus else term)
        return self.bounded(add(*terms))

    def product(self) -> Expr:
        minus = self.next("-")
        found = neg(self.factor()) if minus else self.factor()
        while True:
            if self.next("*"):
                found = self.bounded(mul(found, self.factor()))
            elif self.next("/"):
                found = self.over(found, self.factor())
            elif self.token.text in ("(", "⌊", "⌈") or self.follows():
                found = self.bounded(mul(found, self.factor()))
            else:
                return found

    def follows(self) -> bool:
        """A name that is multiplied with what stands before it."""
        return self.token.kind == "name" and (self.joined or self.tokens[self.at - 1].kind != "name")

    def over(self, top: Expr, bottom: Expr) -> Expr:
        if bottom == Number(Fraction(0)):
            self.fail("a division by zero")
        found = self.bounded(mul(top, power(bottom, -1)))
        return floor(found) if self.floors else found

    def factor(self) -> Expr:
        base = self.atom()
        if self.next("^"):
            braced = self.next("{")
            exponent = self.advance()
            if exponent.kind != "number" or not exponent.text.isdigit() or int(exponent.text) > MAX_EXPONENT:
                self.fail(f"exponents are whole numbers up to {MAX_EXPONENT}", exponent)
            if braced:
                self.take("}")
            if isinstance(base, Number) and _bits(base.value) * int(exponent.text) > MAX_BITS:
                self.fail("the number is too large", exponent)
            base = self.bounded(power(base, int(exponent.text)))
        if self.next("%"):
            self.percent = True
            base = mul(base, Fraction(1, 100))
        return base

    def atom(self) -> Expr:
        token = self.advance()
        if token.kind == "number":
            if len(token.text) > MAX_DIGITS:
                self.fail(f"numbers of more than {MAX_DIGITS} digits are not read", token)
            if token.text.isdigit() and token.text.startswith("0") and len(token.text) > 1:
                self.fail("a number that starts with 0 is not read", token)
            self.decimal = self.decimal or "." in token.text
            return Number(Fraction(token.text))
        if token.kind == "name":
            return self.letters[token.text]
        if token.text in ("(", "{"):
            inside = self.sum()
            self.take(")" if token.text == "(" else "}")
            return inside
        if token.text == "frac":
            self.take("{")
            top = self.sum()
            self.take("}")
            self.take("{")
            bottom = self.sum()
            self.take("}")
            return self.over(top, bottom)
        if token.text in ("⌊", "⌈"):
            inside = self.sum()
            self.take("⌋" if token.text == "⌊" else "⌉")
            return floor(inside) if token.text == "⌊" else ceil(inside)
        if token.text in ("floor", "ceil"):
            self.take("(")
            inside = self.sum()
            self.take(")")
            return floor(inside) if token.text == "floor" else ceil(inside)
        if token.text in ("max", "min"):
            self.take("(")
            one = self.sum()
            self.take(",")
            other = self.sum()
            self.take(")")
            return largest(one, other) if token.text == "max" else smallest(one, other)
        return self.fail("a number or a size is expected", token)

    def bounded(self, value: Expr) -> Expr:
        if isinstance(value, Number) and _bits(value.value) > MAX_BITS:
            self.fail("the number is too large")
        if _degree(value) > MAX_DEGREE:
            self.fail(f"powers of sizes beyond {MAX_DEGREE} are not read")
        return value

    # -- places --------------------------------------------------------------------------------------------------

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def ahead(self, places: int) -> str:
        return self.tokens[min(self.at + places, len(self.tokens) - 1)].text

    def advance(self) -> Token:
        token = self.token
        self.at += token.kind != "end"
        return token

    def next(self, sign: str) -> bool:
        if self.token.kind == "sign" and self.token.text == sign:
            self.at += 1
            return True
        return False

    def take(self, sign: str) -> None:
        if not self.next(sign):
            self.fail(f"'{sign}' is expected here")

    def closes_at_the_end(self, closing: str) -> bool:
        depth = 0
        for token in self.tokens[self.at : -1]:
            depth += (token.text in ("(", "[")) - (token.text in (")", "]"))
            if depth == 0:
                return token is self.tokens[-2] and token.text == closing
        return False

    def lists(self) -> bool:
        """Does a comma follow before the bracket closes?"""
        depth = 0
        for token in self.tokens[self.at :]:
            depth += (token.text in ("(", "[")) - (token.text in (")", "]"))
            if depth < 0 or (depth == 0 and token.text == ","):
                return depth == 0
        return False

    def finish(self) -> None:
        if self.token.kind != "end":
            self.fail(f"'{self.token.text}' has no place here")

    def fail(self, message: str, token: Token | None = None) -> NoReturn:
        raise AnswerError(message, self.whole, (token or self.token).at)


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _degree(expr: Expr) -> int:
    """The highest power of sizes in it."""
    match expr:
        case Number():
            return 0
        case Pow(base, Number(exponent)):
            return _degree(base) * abs(int(exponent))
        case Mul(factors):
            return sum(map(_degree, factors))
        case _:
            return max(map(_degree, expr.children), default=1)


def region_of(array: str, axes: tuple[Span | None, ...], channels: Expr) -> Region:
    """The box of entries; the first axis in full is left out of its intervals."""
    first = axes[0]
    everything = first is None or (first.lower == Number(Fraction(1)) and first.upper == channels)
    spans = axes[1:] if everything else axes
    return Region(array, tuple(span for span in spans if span is not None), whole=int(everything))
