"""A place in a list of tokens, and how to move and to fail there."""

from __future__ import annotations

from typing import NoReturn

from derive.errors import AnswerError
from derive.reading.tokens import Token, tokenize
from derive.reading.vocabulary import Vocabulary


class Cursor:
    """The next token of a text, with the words it may say.

    With `whole`, a tensor may be named without its indices.
    """

    def __init__(self, text: str, words: Vocabulary, *, whole: bool = False) -> None:
        self.text, self.words, self.whole = text, words, whole
        self.tokens = tokenize(text)
        self.at = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def advance(self) -> Token:
        token = self.token
        if token.kind != "end":
            self.at += 1
        return token

    def ahead(self, places: int) -> Token:
        return self.tokens[min(self.at + places, len(self.tokens) - 1)]

    def fail(self, message: str, token: Token | None = None) -> NoReturn:
        raise AnswerError(message, self.text, (token or self.token).position)

    def is_next(self, symbol: str) -> bool:
        return self.token.kind == "symbol" and self.token.text == symbol

    def take(self, symbol: str, purpose: str) -> Token:
        if not self.is_next(symbol):
            self.fail(f"'{symbol}' is expected {purpose}, but here is {self.token}")
        return self.advance()

    def finish(self) -> None:
        if self.token.kind == "end":
            return
        if self.token.kind in ("number", "name") or self.token.text in ("(", "√", "∂"):
            self.fail(f"{self.token} follows a complete expression; write * between factors")
        self.fail(f"{self.token} has no place here")
