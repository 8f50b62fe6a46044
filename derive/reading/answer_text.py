r"""The pieces of an answer that names a count, a shape or a set: `\text{total}=1,474,560`, `W_h : (10, 50)`.

A text is a label, and then values that are said to be equal; words behind the last value are a label too.
"""

from __future__ import annotations

import re

from msgspec import Struct

from derive.errors import AnswerError
from derive.reading.statement import unframed

MAX_LENGTH = 2000
MAX_DEPTH = 40
_OPEN, _CLOSE = "([{", ")]}"
_RELATION = re.compile(r"\\(?:approx|to|rightarrow|in|colon|mapsto)(?![A-Za-z])|->|:=|≈|→|∈|=|:")
_OTHER = re.compile(r"\\(?:ne|neq|le|leq|ge|geq|lt|gt|equiv|sim|pm|dots|ldots|cdots)(?![A-Za-z])|[<>≤≥≠±;&]|\\\\")
_TEXT = re.compile(r"\\(?:text|mathrm|textrm|mbox|operatorname|mathbf|boldsymbol|textbf)\s*(?=\{)")
_VALUE = re.compile(r"[\d)\]}%]|\bm\b")
_BEHIND = re.compile(r"(?<=[\d)\]%])(\s*\\text\s*\{([^{}]*)\}|\s+([A-Za-z]{2,}[A-Za-z \-]*))\s*$")


class Piece(Struct, frozen=True):
    """A stretch of a text, and the column where it starts."""

    text: str
    at: int


class Answer(Struct, frozen=True):
    """`label` is what stands before the first value, '' where nothing does; `behind` the words after the last one."""

    text: str
    label: Piece
    values: tuple[Piece, ...]
    behind: str = ""
    rounded: bool = False  # said to be about that
    equals: bool = False  # a label that is followed by =, and so may be a value itself
    arrow: bool = False  # a label that is followed by an arrow, as a layer by its output


def pieces_of(text: str) -> Answer:
    """The label and the values of an answer. Raises AnswerError where it is no such text."""
    if len(text) > MAX_LENGTH:
        raise AnswerError(f"texts beyond {MAX_LENGTH} characters are not read", text, MAX_LENGTH)
    inside = unframed(text)
    cuts = list(_cuts(inside))
    parts, start = [], 0
    for at, end, _ in cuts:
        parts.append(_trimmed(inside[start:at], start))
        start = end
    last = inside[start:]
    behind = _BEHIND.search(last)
    words = ""
    if behind is not None and (len(cuts) > 0 or _VALUE.search(last[: behind.start()])):
        words = (behind[2] or behind[3]).strip()
        last = last[: behind.start()]
    parts.append(_trimmed(last, start))
    if not all(part.text for part in parts[1:]) or not parts[-1].text:
        raise AnswerError("a value is missing here", text, min(start, len(text)))
    signs = [sign for _, _, sign in cuts]
    rounded = any(sign in (r"\approx", "≈") for sign in signs)
    if any(sign not in ("=", r"\approx", "≈") for sign in signs[1:]):
        raise AnswerError("only values that are equal follow each other in an answer", text, cuts[-1][0])
    if len(parts) == 1:
        return Answer(text, Piece("", 0), tuple(parts), words, rounded)
    return Answer(text, parts[0], tuple(parts[1:]), words, rounded, signs[0] in ("=", r"\approx", "≈"),
                  signs[0] in (r"\to", r"\rightarrow", r"\mapsto", "->", "→"))  # fmt: skip


def _cuts(text: str) -> list[tuple[int, int, str]]:
    """Where a relation stands outside of all brackets; a colon between numbers is a ratio."""
    found: list[tuple[int, int, str]] = []
    depth, at = 0, 0
    while at < len(text):
        letter = text[at]
        if text.startswith((r"\{", r"\}"), at):
            at += 2
            continue
        depth += (letter in _OPEN) - (letter in _CLOSE)
        if not 0 <= depth <= MAX_DEPTH:
            raise AnswerError("the brackets do not fit" if depth < 0 else "brackets are nested too deep", text, at)
        relation = None if depth else _RELATION.match(text, at)
        if depth == 0 and relation is None and _OTHER.match(text, at):
            raise AnswerError("this relation has no place in an answer", text, at)
        ratio = relation is not None and relation[0] == ":" and (found or not re.search("[A-Za-z]", text[:at]))
        if relation is None or ratio:
            at += 1
            continue
        found.append((at, relation.end(), relation[0]))
        at = relation.end()
    if depth:
        raise AnswerError("a bracket is not closed", text, len(text))
    return found


def _trimmed(text: str, at: int) -> Piece:
    stripped = text.lstrip()
    return Piece(stripped.rstrip(), at + len(text) - len(stripped))


def squashed(text: str) -> str:
    r"""What is left of a name when spaces, braces and fonts are taken away: `\text{params}(\text{conv1})`."""
    bare = _TEXT.sub("", text)
    return re.sub(r"\\(?:left|right)(?![A-Za-z])|\\[ ,;:!_]|[{}\s\\]", lambda m: "_" if m[0] == r"\_" else "", bare)


def words_of(text: str) -> tuple[str, ...] | None:
    """The words and numbers of a label in lower case; None where it holds anything else."""
    bare = _TEXT.sub("", text)
    bare = re.sub(r"[{}]|\\[ ,;]|~", " ", bare).lower().replace("×", "x").replace(r"\times", "x").replace(r"\#", "#")
    if not re.fullmatch(r"(?:[\w\s.,()#]|(?<=\w)-(?=\w))*", bare):
        return None
    return tuple(re.findall(r"[^\W_]+(?:-[^\W_]+)*", bare.replace("_", " ")))
