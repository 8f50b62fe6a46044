"""Formulas of whole matrices from text: `a(a(XW_h + b_h)W_o + b_o)`, `ReLU(X W_h + b_h)`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NoReturn

from derive.errors import AnswerError
from derive.language.matrix_formula import Applied, Matrix, Plus, Times, Turned, Whole
from derive.reading.answer_text import Piece

_FONT = re.compile(r"\\(?:text|mathrm|textrm|operatorname|mathbf|boldsymbol|bm|mathit)\s*\{(\w+)\}")
_SPACE = re.compile(r"(?:\s|\\[ ,;:!]|\\left(?![A-Za-z])|\\right(?![A-Za-z])|\\big[lr]?(?![A-Za-z]))+")
_TIMES = re.compile(r"\\cdot(?![A-Za-z])|\\times(?![A-Za-z])|[*@·]")
_TURNED = re.compile(r"\^(?:\{\s*(?:T|\\top|\\mathsf\{T\}|\\intercal)\s*\}|T|\\top(?![A-Za-z]))|\.T\b")
_LETTER = re.compile(r"(?:[afg]|\\(?:var)?phi|φ)(?=\s*(?:\\left)?\s*\()")
_MAX = re.compile(r"\\?max\s*(?:\\left)?\s*([({])\s*0\s*,")


class MatrixReader:
    """`names` are the matrices there are; `function` is the name of the activation, '' where there is not one alone."""

    def __init__(self, piece: Piece, whole: str, names: Iterable[str], function: str) -> None:
        self.text = _FONT.sub(lambda m: m[1].rjust(len(m[0])), piece.text)
        self.whole, self.start, self.at = whole, piece.at, 0
        spelled = sorted(names, key=len, reverse=True)
        self.names = [(name, re.compile(_spelling(name))) for name in spelled]
        self.function = re.compile(rf"(?i:{re.escape(function)})(?=\s*(?:\\left)?\s*\()") if function else None
        self.letter = _LETTER if function else None
        self.zero = function == "relu"
        self.lettered = ""  # the one letter for the activation, where it has one

    def formula(self) -> Matrix:
        found = self.sum()
        self.space()
        if self.at < len(self.text):
            self.fail(f"'{self.text[self.at : self.at + 12]}' is no matrix of this problem")
        return found

    def sum(self) -> Matrix:
        terms = [(self.sign(), self.product())]
        while (sign := self.sign(needed=True)) is not None:
            terms.append((sign, self.product()))
        return terms[0][1] if len(terms) == 1 and terms[0][0] == 1 else Plus(tuple((s or 1, t) for s, t in terms))

    def sign(self, *, needed: bool = False) -> int | None:
        self.space()
        here = self.text[self.at : self.at + 1]
        if here in ("+", "-") and here:
            self.at += 1
            return 1 if here == "+" else -1
        return None if needed else 1

    def product(self) -> Matrix:
        factors = [self.factor()]
        while True:
            self.space()
            if times := _TIMES.match(self.text, self.at):
                self.at = times.end()
                factors.append(self.factor())
            elif self.at < len(self.text) and self.text[self.at] not in "+-)},":
                factors.append(self.factor())
            else:
                return factors[0] if len(factors) == 1 else Times(tuple(factors))

    def factor(self) -> Matrix:
        found = self.atom()
        while True:
            self.space()
            turned = _TURNED.match(self.text, self.at)
            if turned is None:
                return found
            self.at = turned.end()
            found = found.inside if isinstance(found, Turned) else Turned(found)

    def atom(self) -> Matrix:
        self.space()
        for name, pattern in self.names:
            if match := pattern.match(self.text, self.at):
                self.at = match.end()
                return Whole(name)
        for pattern_ in (self.function, self.letter):
            if pattern_ is not None and (match := pattern_.match(self.text, self.at)):
                letter = match[0] if pattern_ is self.letter else ""
                if letter and self.lettered not in ("", letter):
                    self.fail(f"{letter} and {self.lettered} are two functions, and there is one")
                self.lettered = self.lettered or letter
                self.at = match.end()
                return Applied(self.bracket())
        if self.zero and (match := _MAX.match(self.text, self.at)):
            self.at = match.end()
            inside = self.sum()
            self.close()
            return Applied(inside)
        return self.bracket()

    def bracket(self) -> Matrix:
        self.space()
        if not self.text.startswith("(", self.at):
            self.fail(f"'{self.text[self.at : self.at + 12]}' is no matrix of this problem")
        self.at += 1
        inside = self.sum()
        self.close()
        return inside

    def close(self) -> None:
        self.space()
        if self.text[self.at : self.at + 1] not in (")", "}") or self.at >= len(self.text):
            self.fail("')' is expected here")
        self.at += 1

    def space(self) -> None:
        if match := _SPACE.match(self.text, self.at):
            self.at = match.end()

    def fail(self, message: str) -> NoReturn:
        raise AnswerError(message, self.whole, self.start + self.at)


def _spelling(name: str) -> str:
    r"""W_h is also W_{h}; a longer name is none of it."""
    base, _, below = name.partition("_")
    if not below:
        return re.escape(base) + "(?![_\\d])"
    return rf"{re.escape(base)}_\s*(?:\{{\s*{re.escape(below)}\s*\}}|{re.escape(below)})"
