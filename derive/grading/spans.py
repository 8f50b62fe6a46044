"""The mathematics in a text: what stands between dollar signs, in displays and in equation environments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from derive.grading.sheet import Answer, Line

_NAMES = "equation|align|gather|multline|eqnarray|displaymath|math|flalign"
_SIGN = re.compile(rf"\\\\|\\\$|\$\$|\$|\\[\[\]()]|\\(?:begin|end)\{{(?:{_NAMES})\*?\}}")
_CLOSING = {"$": "$", "$$": "$$", r"\[": r"\]", r"\(": r"\)"}
_RELATION = re.compile(r"[=<>]|\\(?:leq?|geq?|neq?|approx|equiv|to)(?![A-Za-z])")
NO_MATHEMATICS = "has no mathematics in it; put it between dollar signs"
SEVERAL = "has several expressions and no equation; write an equation, or the answer alone"
UNPAIRED = "has a dollar sign or an environment without its partner"
_RANGE = re.compile(r"[a-z](?:\s*,\s*[a-z])*\s*(?:=|\\in(?![A-Za-z]))\s*\\?\{?\s*[01]\s*,[\w\s,.\\]*\}?")
_BEGUN = re.compile(r".*(?:[=<>]|\\approx|\\leq?|\\geq?)\s*", re.DOTALL)


class Span(Struct, frozen=True):
    """A piece of mathematics, where it begins, and whether it is displayed."""

    text: str
    shown: bool
    start: int


def spans_in(text: str) -> Iterator[Span | None]:
    """Every piece in order, in one pass; None where one is not closed, or closed without being open."""
    opening: re.Match[str] | None = None
    closing = ""
    for sign in _SIGN.finditer(text):
        said = sign[0]
        if opening is not None:
            if said == closing:
                yield Span(text[opening.end() : sign.start()].strip(), opening[0] not in ("$", r"\("), opening.start())
                opening = None
        elif said in _CLOSING or said.startswith(r"\begin"):
            opening, closing = sign, _CLOSING.get(said) or said.replace("begin", "end")
        elif said not in (r"\\", r"\$"):
            yield None
    if opening is not None:
        yield None


def is_said(span: Span) -> bool:
    """Is it a statement, and not a formula in a sentence, the beginning of an equation, or the range of an index?"""
    if span.shown:
        return True
    return bool(_RELATION.search(span.text)) and not (_RANGE.fullmatch(span.text) or _BEGUN.fullmatch(span.text))


def answer_of(part: str, text: str, first_line: int = 1, where: str = "") -> Answer:
    """The statements in a text about one part.

    A lone formula without a relation is the answer itself; beside others such a formula is taken for prose, as in
    "where $m$ is the batch size". What is no mathematics is prose, and not judged.
    """
    found = list(spans_in(text))
    if None in found:
        return Answer(part, (), UNPAIRED)
    spans = [span for span in found if span is not None and span.text]
    if not spans:
        return Answer(part, (), NO_MATHEMATICS if text.strip() and not found else "")
    said = [span for span in spans if is_said(span)]
    if not said:
        if len({span.text for span in spans}) > 1:
            return Answer(part, (), SEVERAL)
        said = spans[:1]
    lines, line, at = [], first_line, 0
    for span in said:
        line, at = line + text.count("\n", at, span.start), span.start
        lines.append(Line(span.text, "", f"{where}line {line}"))
    return Answer(part, tuple(lines))
