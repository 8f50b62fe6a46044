r"""A line in several cells: conv1: 28 - 5 + 4 + 1 = 28 -> 28x28x6, and a row of a table, Conv1 | 28x28x6 | 156."""

from __future__ import annotations

import re

_ARROW = re.compile(r"\\(?:to|rightarrow|mapsto)(?![A-Za-z])|->|→")
_BAR = re.compile(r"\s*(?:\||&)\s*")
_FONT = re.compile(r"\\(?:text|mathrm|textrm|mbox)\s*\{([^{}]*)\}")
_HEAD = re.compile(
    r"\s*([A-Za-z][A-Za-z\- ]*(?:(?<=[A-Za-z])\d{1,2}|(?<= )\d{1,2}(?=\s*:))?(?:\s*\([^()\d]*\))?)"
    r"\s*:?\s*(?=[\d(\\]|$)"
)
_DESCRIBES = re.compile(
    r"\b(?:filters?|kernels?|maps?|channels?|units?|neurons?|padding|pad|stride|with|of|size|p|s|k)\b\s*=?",
    re.IGNORECASE,
)
_OWN = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2}")
MAX_CELLS = 16


def cells_of(text: str) -> list[str]:
    """The cells between arrows, or between the bars of a table; one where there are neither."""
    bare = _FONT.sub(r" \1 ", text)
    for mark in (_BAR, _ARROW):
        cells = [cell.strip(" .") for cell in mark.split(bare)]
        if len(cells) > 1:
            return cells if len(cells) <= MAX_CELLS else [text]
    return [text]


def described(cells: list[str]) -> list[str]:
    """The numbers in the words of the first cell as cells of their own: Conv1 (6 filters, 5x5, padding 2)."""
    words = _DESCRIBES.sub(" ", cells[0])
    head = _HEAD.match(words)
    if head is None or "=" in words or not re.search(r"\d", words[head.end() :]):
        return cells
    numbers = re.findall(r"\d+(?:\s*(?:x|×|\\times)\s*\d+)*", words[head.end() :])
    rest = re.sub(r"\d+|x|×|\\times|[\s,;()]", "", words[head.end() :])
    return cells if rest else [head[1].strip(), *numbers, *cells[1:]]


def statements_in(cells: list[str]) -> list[str]:
    """Each cell with the words of the first one before it, unless it has words of its own; [] where it has none."""
    head = _HEAD.match(cells[0])
    if head is None:
        return []
    name, first = head[1].strip(), cells[0][head.end() :].strip()
    if re.fullmatch(r"\d+|\d+\s*(?:x|×|\\times)\s*\d+", first):
        return []  # which describes the layer, or says something of it
    found = [f"{name}: {first}"] if first else []
    for cell in cells[1:]:
        if cell.strip("-– ") and _OWN.search(cell):
            own = _HEAD.match(cell)
            if own is None:
                return []
            found.append(f"{own[1].strip()}: {cell[own.end() :].strip()}")
        elif cell.strip("-– "):
            found.append(f"{name}: {cell}")
    return found
