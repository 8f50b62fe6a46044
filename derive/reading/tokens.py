"""Text into tokens with their positions; an unknown character ends the reading."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, TypeAlias, cast

from msgspec import Struct

from derive.errors import AnswerError

MAX_LENGTH = 10_000
MAX_DIGITS = 100

Kind: TypeAlias = Literal["number", "name", "symbol", "end"]

_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+(?![\w.]))?)"
    r"|(?P<symbol>∂|\.\.|\*\*|!=|<=|>=|->|[-+*/^()\[\],=<>|√≠≤≥→·×⋅−])"
    r"|(?P<name>[^\W\d_][\w\u0300-\u036f]*(?:(?<=_)\{[a-zA-Z0-9+-]{1,8}\})?'*)"
    r"|(?P<end>\Z))"
)
_SAME = {"**": "^", "≠": "!=", "≤": "<=", "≥": ">=", "→": "->", "·": "*", "×": "*", "⋅": "*", "−": "-"}


class Token(Struct, frozen=True):
    """`text` is normalized; `position` and `stop` are columns of the original."""

    kind: Kind
    text: str
    position: int
    stop: int

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else f"'{self.text}'"


def tokenize(text: str) -> list[Token]:
    """The tokens of `text`, ended by one of kind 'end'.

    >>> [token.text for token in tokenize("x[i]**2")]
    ['x', '[', 'i', ']', '^', '2', '']
    """
    if len(text) > MAX_LENGTH:
        raise AnswerError(f"the text has {len(text)} characters; at most {MAX_LENGTH} are read", text, MAX_LENGTH)
    tokens: list[Token] = []
    at = 0
    while not tokens or tokens[-1].kind != "end":
        match = _TOKEN.match(text, at)
        if match is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise AnswerError(f"{_describe(text[at])} has no meaning here", text, at)
        kind = cast(Kind, match.lastgroup)
        found = match[kind]
        if kind == "number" and len(found) > MAX_DIGITS:
            raise AnswerError(f"a number of more than {MAX_DIGITS} digits", text, match.start(kind))
        word = _SAME.get(found, unicodedata.normalize("NFC", found))
        tokens.append(Token(kind, word, match.start(kind), match.end(kind)))
        at = match.end()
    return tokens


def _describe(character: str) -> str:
    return f"'{character}'" if character.isprintable() else f"the character U+{ord(character):04X}"
