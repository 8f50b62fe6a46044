"""A text into a statement: LaTeX or plain, told apart by what stands in it."""

from __future__ import annotations

import re

from derive.errors import AnswerError
from derive.language.statement import Statement
from derive.reading.elaborate import elaborated
from derive.reading.latex.blocks import Reader
from derive.reading.plain import read_chain
from derive.reading.references import Names
from derive.reading.surface import Slash
from derive.reading.trees import has_open_slash

_LATEX = re.compile(r"[\\_{]")
_WORDS = re.compile(r"[^\W\d_]{2}")
_FRAMES = (("$$", "$$"), ("$", "$"), (r"\[", r"\]"), (r"\(", r"\)"))


def is_latex(text: str) -> bool:
    """A backslash, an underscore or a brace tells."""
    return _LATEX.search(text) is not None


def read_statement(text: str, names: Names) -> Statement:
    """The statement that a text makes in a vocabulary. Raises AnswerError with the column where it cannot be read."""
    inside = unframed(text)
    if is_latex(inside):
        return elaborated(inside, names, Reader(inside).statements())
    try:
        return Statement(text, (read_chain(inside, names.words),))
    except AnswerError as plain:
        if _WORDS.search(inside):  # in LaTeX, mu would be m times u
            raise
        try:
            return elaborated(inside, names, Reader(inside).statements())
        except AnswerError as error:
            raise (plain if plain.position >= error.position else error) from None


def read_otherwise(text: str, names: Names) -> list[Statement]:
    """The statement with a/bc read as a/(bc), where a slash is open so."""
    inside = unframed(text)
    if "/" not in inside:
        return []
    try:
        spelled = Reader(inside).statements()
        slashes: tuple[Slash, ...] = ("names", "all") if has_open_slash(spelled) else ()
        return [elaborated(inside, names, spelled, slash=slash) for slash in slashes]
    except AnswerError:
        return []


def unframed(text: str) -> str:
    """The text with the signs around displayed mathematics blanked out, so that columns stay."""
    stripped = text.strip()
    for opening, closing in _FRAMES:
        if stripped.startswith(opening) and stripped.endswith(closing) and len(stripped) > len(opening) + len(closing):
            start = text.index(opening)
            end = text.rindex(closing)
            between = text[start + len(opening) : end]
            return " " * (start + len(opening)) + between + " " * (len(text) - end)
    return re.sub(r"[.,;]\s*$", lambda match: " " * len(match[0]), text)
