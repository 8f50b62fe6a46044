"""A line that is words around one value: "the network performs roughly 1.5 billion multiply-adds", "conv1 9*3 = 27"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from derive.errors import AnswerError
from derive.judging.counting.names import in_greek
from derive.reading.answer_text import Answer, Piece, pieces_of

_FONT = re.compile(r"\\(?:text|mathrm|textrm|mbox|operatorname)\s*\{([^{}]*)\}")
_WORD = re.compile(r"(?<![\\A-Za-z_{])[A-Za-z](?:[\w']|-(?=[A-Za-z]))*(?:_\{\w*\})?")
_FIGURE = re.compile(r"\d+\s*(?:x|×|\\times)\s*\d+(?=\s+[A-Za-z])")  # the 3x3 branch, a 5 x 5 convolution
_NUMBERED = re.compile(r"[\s:]*\d{1,2}(?:\s*(?:x|×|\\times)\s*\d{1,2})?\s*:(?!\s*\d+\s*:)")  # layer 2: ..., 3x3: ...
_SPACE = re.compile(r"(?:\\in(?![A-Za-z])|∈|:)\s*\\?(?:mathbb\s*\{?R\}?|R)\s*\^\s*(?:\{([^{}]*)\}|(\w))")
_CALLS = ("max", "min", "floor", "ceil", "x")
HEDGES = frozenset({"about", "approximately", "approx", "roughly", "around", "nearly", "almost", "circa", "ca", "some"})


def around_a_value(text: str, sizes: Iterable[str]) -> Answer | None:
    """The words before its one value as a label, those behind it, and the value; None where there are several values.

    `sizes` are the letters that a value may be made of.
    """
    bare = _FONT.sub(lambda match: match[0].replace(match[0], f" {match[1]} "), text)
    bare = _SPACE.sub(_as_shape, in_greek(bare).strip().rstrip(".").rstrip())
    spans = list(_values(bare, frozenset(sizes)))
    if len(spans) != 1:
        return None
    start, end = spans[0]
    before, behind = bare[:start].strip(" :,=~≈"), bare[end:].strip(" :,.")
    rounded = "≈" in bare[:end] or r"\approx" in bare[:end]
    words = [word for word in before.split() if word.lower().strip(",.") not in HEDGES]
    rounded = rounded or len(words) < len(before.split())
    try:
        found = pieces_of(bare[start:end].strip(" :,=≈"))
    except AnswerError:
        return None
    values = (found.label, *found.values) if found.label.text else found.values
    values = tuple(replace(piece, at=max(0, text.find(piece.text))) for piece in values)
    label = " ".join(words).replace(r"\approx", "").replace(":", " ")
    if found.behind or not values or (found.label.text and not found.equals):
        return None
    return Answer(text, Piece(label, 0), values, behind, rounded or found.rounded, equals=True)


def _as_shape(match: re.Match[str]) -> str:
    """In R^{1 x C} is to have that shape."""
    inside = (match[1] or match[2]).strip()
    return f" has shape ({inside},)" if re.fullmatch(r"\w+", inside) else f" has shape ({inside})"


def _values(text: str, sizes: frozenset[str]) -> Iterator[tuple[int, int]]:
    """The stretches between words that hold a number or a size."""
    at = 0
    for start, end in (*_words(text, sizes), (len(text), len(text))):
        gap = text[at:start]
        lead = _NUMBERED.match(gap)
        begin = at + (lead.end() if lead else 0)
        if re.search(r"\d", text[begin:start]) or text[begin:start].strip(" ,.:=()") in sizes:
            yield begin, start
        at = end


def _words(text: str, sizes: frozenset[str]) -> Iterator[tuple[int, int]]:
    found = [(match.start(), match.end()) for match in _FIGURE.finditer(text)]
    for match in _WORD.finditer(text):
        inside = any(start <= match.start() < end for start, end in found)
        if not inside and match[0] not in _CALLS and not (match[0] in sizes or set(match[0]) <= sizes):
            found.append((match.start(), match.end()))
    return iter(sorted(found))
