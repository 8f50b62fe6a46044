"""The ends of lines in LaTeX that part two statements: an empty line does; what may go on or begin anew is not read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from derive.errors import AnswerError

_SIGN = re.compile(
    r"\\begin\s*\{\w+\*?\}|\\end\s*\{\w+\*?\}|[{(\[]|[})\]]"
    r"|(?P<related>=|<|>|≤|≥|≠|≈|\\(?:le|leq|ge|geq|ne|neq|approx|equiv|in|leqslant|geqslant)(?![A-Za-z]))"
    r"|(?P<end>\s*\n\s*)|\\.|.",
    re.DOTALL,
)
_GOES_ON = re.compile(r"\\(?:cdot|times|odot|qquad|quad|text|because|since)(?![A-Za-z])|\\\\|[-+*/=<>≤≥≠≈&,;.:)\]}|]")
_OPEN = re.compile(
    r"(?:\\(?:cdot|times|odot|le|leq|ge|geq|ne|neq|approx|equiv|quad|qquad|left)|\\\\|[-+*/=<>&,;.:(\[{|])\Z"
)
_RELATION = re.compile(r"\\(?:le|leq|ge|geq|ne|neq|approx|equiv|implies|Rightarrow|iff|therefore|in|to)(?![A-Za-z])")


def statement_ends(text: str) -> frozenset[int]:
    """The columns where an empty line parts two statements. Raises AnswerError where a line may begin one or go on."""
    if "\n" not in text:
        return frozenset()
    lines = list(_lines(text))
    ends = set()
    for (start, stop, one), (begin, close, other) in pairwise(lines):
        before, after = text[start:stop].strip(), text[begin:close].strip()
        goes_on = _GOES_ON.match(after) or _RELATION.match(after) or _OPEN.search(before)
        if not (before and after) or goes_on or not (one and other):
            continue
        if text[stop:begin].count("\n") < 2:
            message = (
                "whether this line goes on with the one before is open; leave a line empty, or begin it with a sign"
            )
            raise AnswerError(message, text, begin)
        ends.add(stop)
    return frozenset(ends)


def _lines(text: str) -> Iterator[tuple[int, int, bool]]:
    """Where each line starts and stops, and whether a relation stands in it; of what no bracket encloses."""
    depth, start, related = 0, 0, False
    for match in _SIGN.finditer(text):
        sign = match[0]
        if sign.startswith("\\begin") or sign in "{([":
            depth += 1
        elif sign.startswith("\\end") or sign in "})]":
            depth -= 1
        elif depth <= 0 and match["related"]:
            related = True
        elif depth <= 0 and match["end"]:
            yield start, match.start(), related
            start, related = match.end(), False
    yield start, len(text), related
