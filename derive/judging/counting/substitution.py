"""Numbers put in for letters: (W - K)/S + 1 = (63 - 3)/2 + 1 says that W is 63, K is 3 and S is 2."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from derive.language.expression import Expr, Number
from derive.reading.answer_text import Piece
from derive.reading.answers import Token, tokens_of


def put_in_for(formula: Piece, numbers: Piece, whole: str, letters: Mapping[str, Expr]) -> tuple[tuple[str, Expr], ...]:
    """Each letter with the number at its place; none where the second side is not the first with numbers put in."""
    left = tokens_of(formula, whole, letters, grouped=True)
    right = tokens_of(numbers, whole, letters, grouped=True)
    found: list[tuple[str, Expr]] = []
    at, place = 0, -1
    while (place := place + 1) < len(left):
        token = left[place]
        if at >= len(right):
            return ()
        if token.kind == "number" and (multiple := _multiple(left, place, right, at)) is not None:
            place = multiple[1]
            found.append((left[place].text, multiple[0]))
            at += 1
        elif token.kind == "name":
            joined = place > 0 and (left[place - 1].kind in ("name", "number") or left[place - 1].text == ")")
            at = _skipped(right, at) if joined else at
            value, at = _number(right, at)
            if value is None:
                return ()
            found.append((token.text, value))
        elif (token.kind, token.text) == (right[at].kind, right[at].text):
            at += token.kind != "end"
        else:
            return ()
    return tuple(found) if at == len(right) - 1 else ()


def _multiple(left: list[Token], place: int, right: list[Token], at: int) -> tuple[Expr, int] | None:
    """2P with its value worked out, as in 2P = 4; and where P stands."""
    name = place + 1 + (left[place + 1].text == "*")
    if left[name].kind != "name" or right[at].kind != "number" or right[at + 1].text in ("*", "("):
        return None
    multiple = Fraction(left[place].text)
    return (Number(Fraction(right[at].text) / multiple), name) if multiple else None


def _skipped(tokens: list[Token], at: int) -> int:
    """Letters side by side are a product, which numbers show: 2P is 2 x 1 or 2(1)."""
    return at + (tokens[at].text == "*")


def _number(tokens: list[Token], at: int) -> tuple[Expr | None, int]:
    """The number here, in brackets or bare."""
    if tokens[at].text == "(" and at + 2 < len(tokens) and tokens[at + 2].text == ")":
        value, _ = _number(tokens, at + 1)
        return value, at + 3
    if tokens[at].kind != "number":
        return None, at
    return Number(Fraction(tokens[at].text)), at + 1
