"""A text into a statement: LaTeX or plain, told apart by what stands in it."""

from __future__ import annotations

import re

from derive.errors import AnswerError
from derive.language.statement import Statement
from derive.reading.elaborate import elaborated
from derive.reading.latex.blocks import Reader
from derive.reading.references import Names

_LATEX = re.compile(r"[\\_{]")
_FRAMES = (("$$", "$$"), ("$", "$"), (r"\[", r"\]"), (r"\(", r"\)"))


def read_statement(text: str, names: Names) -> Statement:
    """The statement that a text makes in a vocabulary. Raises AnswerError with the column where it cannot be read."""
    inside = unframed(text)
    reader = Reader(inside)
    return elaborated(inside, names, reader.statements())


def unframed(text: str) -> str:
    """The text with the signs around displayed mathematics blanked out, so that columns stay."""
    stripped = text.strip()
    for opening, closing in _FRAMES:
        if stripped.startswith(opening) and stripped.endswith(closing) and len(stripped) > len(opening) + len(closing):
            start = text.index(opening)
            end = text.rindex(closing)
            between = text[start + len(opening) : end]
            return " " * (start + len(opening)) + between + " " * (len(text) - end)
    dotted = re.sub(r"[.,;]\s*$", lambda match: " " * len(match[0]), text)
    return dotted
