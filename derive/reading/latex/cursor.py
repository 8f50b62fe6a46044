"""A place in a list of LaTeX tokens, and how to move and to fail there."""

from __future__ import annotations

from typing import NoReturn

from derive.errors import AnswerError
from derive.reading.latex.tokens import Token, tokenize

MAX_DEPTH = 120  # of braces, parentheses, signs and their arguments, each counted


class Cursor:
    """The next token; `depth` counts what is open, `bars` the kinds of bar that a sign would close."""

    def __init__(self, text: str, tokens: list[Token] | None = None) -> None:
        self.text = text
        self.tokens = tokenize(text) if tokens is None else tokens
        self.at = 0
        self.depth = 0
        self.bars: list[str] = []
        self.scripts = 0  # that are open, in which neighbouring digits are indices
        self.grids = 0  # matrices and cases that are open, in which & ends an entry

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def advance(self) -> Token:
        token = self.token
        if token.kind != "end":
            self.at += 1
        return token

    def ahead(self, places: int = 1) -> Token:
        return self.tokens[min(self.at + places, len(self.tokens) - 1)]

    def fail(self, message: str, token: Token | None = None) -> NoReturn:
        raise AnswerError(message, self.text, (token or self.token).position)

    def is_symbol(self, *symbols: str) -> bool:
        token = self.tokens[self.at]
        return token.kind == "symbol" and token.text in symbols

    def is_command(self, *names: str) -> bool:
        token = self.tokens[self.at]
        return token.kind == "command" and token.text in names

    def skip(self, *symbols: str) -> bool:
        """Passes one of these symbols where it is next."""
        if self.is_symbol(*symbols):
            self.advance()
            return True
        return False

    def take(self, symbol: str, purpose: str) -> Token:
        if not self.is_symbol(symbol):
            self.fail(f"'{symbol}' is expected {purpose}, but here is {self.token}")
        return self.advance()

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"nested more than {MAX_DEPTH} deep")

    def shallower(self) -> None:
        self.depth -= 1
