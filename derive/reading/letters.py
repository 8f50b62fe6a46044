r"""Letters of a layer in a text: `W'`, `C_{in}`, `H_{\text{out}}`, `n_H^{(1)}`, `\text{stride}`, with their scripts.

Nothing is understood here; a letter is told apart from the next one and brought to one spelling.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

_FONT = r"\\(?:text|mathrm|textrm|mbox|operatorname|mathit|textit|mathbf|textbf|bm|boldsymbol)\s*"
_BRACED = r"\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}"
_SCRIPTS = (
    rf"(?:\s*(?:'+|\^\s*(?:\\prime(?![A-Za-z])|\{{\s*(?:\\prime|'+)\s*\}}|\{{?\(\s*\w+\s*\)\}}?)"
    rf"|_\s*(?:{_BRACED}|in(?![a-z])|out(?![a-z])|[A-Za-z]+\d+|[A-Za-z0-9])))*"
)
_NAME = re.compile(
    rf"{_FONT}\{{(?P<words>[^{{}}]*)\}}(?P<under>{_SCRIPTS})|(?P<skip>\\[A-Za-z]+|\\.|(?:floor|ceil|max|min)(?![a-z]))"
    rf"|(?P<base>[A-Za-z])(?P<joined>(?:in|out)(?![a-z])|(?<=[A-Z])\d(?!\d))?(?P<scripts>{_SCRIPTS})"
)
_ENDS = {"in": "in", "i": "in", "out": "out", "o": "out", "output": "out", "input": "in"}
MAX_NAMES = 60


class Letter(Struct, frozen=True):
    """One occurrence: as it was typed, where, and its spelling; `of` are the layers that its scripts name."""

    raw: str
    at: int
    base: str  # a letter, or words
    mark: str = ""  # "", "'", "in", "out", or an axis such as "W"
    of: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.base + ("" if not self.mark else "'" if self.mark == "'" else f"_{self.mark}")


def letters_in(text: str) -> tuple[Letter, ...]:
    """Every letter and every `\\text{...}` of a formula, in order."""
    return tuple(_found(text))


def _found(text: str) -> Iterator[Letter]:
    for number, match in enumerate(_NAME.finditer(text)):
        if number > MAX_NAMES:
            return
        if match["skip"] or (match[0] == "x" and _is_cross(text, match)):
            continue
        words = match["words"]
        if words is not None and len(words.strip()) > 1:
            base, scripts, joined = " ".join(words.lower().split()), match["under"], ""
        elif words is not None:
            base, scripts, joined = words.strip(), match["under"], ""
        else:
            base, scripts, joined = match["base"], match["scripts"], match["joined"] or ""
        if base:
            yield _letter(match[0], match.start(), base, scripts, joined)


def _is_cross(text: str, match: re.Match[str]) -> bool:
    """28x28: an x between two factors is a product."""
    before = text[: match.start()].rstrip()
    return bool(before) and (before[-1].isalnum() or before[-1] in ")}'")


def _letter(raw: str, at: int, base: str, scripts: str, joined: str) -> Letter:
    primed = "'" in scripts or "prime" in scripts
    bare = re.sub(_FONT, "", re.sub(r"\\prime|'", "", scripts))
    of = list(re.findall(r"\^\s*\{?\(\s*(\w+)\s*\)", bare))
    subs = [one.strip() for group in re.findall(rf"_\s*({_BRACED}|in|out|[A-Za-z]+\d+|\w)", bare)
            for one in re.sub(r"[{}]", " ", group).split(",")]  # fmt: skip
    ends = [_ENDS[one.lower()] for one in (joined, *subs) if one.lower() in _ENDS]
    axes = [one for one in subs if one.lower() in ("h", "w", "c", "d", "f", "k") and len(one) == 1]
    subs += [joined] if joined.isdigit() else []
    of += [one for one in subs if one.lower() not in _ENDS and one not in axes]
    mark = "'" if primed else ends[0] if ends else ""
    if axes:
        base, mark = f"{base}_{axes[0].lower()}", mark
    return Letter(raw, at, base, mark, tuple(filter(None, of)))
