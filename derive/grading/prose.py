r"""Sentences with formulas in them, as LaTeX among words: 'the factor \gamma is missing before x_{i}'.

Where they stand is not marked, so they are found: words with a command or a script in braces, with the signs, numbers
and letters that join them. What then cannot be read as a formula stays words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_FORMULA = re.compile(r"\\[A-Za-z]|[_^]\{")
_SIGN = re.compile(r"[-+=<>/]|\\[,;!]")
_SMALL = re.compile(r"[A-Za-z]'?|\d+(?:/\d+)?")  # a letter or a number
ARTICLES = ("a", "A")
_STOP = re.compile(r"[,;:.]$")


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    r"""The text in pieces that may be formulas and pieces that are not; together they are the text.

    >>> list(pieces(r"the sign of \hat{x}_{i} - \mu is wrong"))
    [('the sign of ', False), ('\\hat{x}_{i} - \\mu', True), (' is wrong', False)]
    """
    words, start, plain = _words(text), 0, ""
    while start < len(words):
        stop = _end_of_formula(words, start)
        if stop == start:
            plain += words[start]
            start += 1
            continue
        formula = "".join(words[start:stop])
        bare = formula.rstrip()
        bare = bare[:-1] if _STOP.search(bare) else bare
        if plain:
            yield plain, False
        yield bare, True
        plain, start = formula[len(bare) :], stop
    if plain:
        yield plain, False


def _words(text: str) -> list[str]:
    """Split behind spaces, but not within braces."""
    found, depth, start = [], 0, 0
    for at, character in enumerate(text):
        depth += (character == "{") - (character == "}")
        if character == " " and depth <= 0:
            found.append(text[start : at + 1])
            start = at + 1
    return [*found, text[start:]] if text[start:] else found


def _end_of_formula(words: list[str], start: int) -> int:
    """Behind the last word of a formula that begins here; the start itself where none does."""
    if words[start].rstrip() in ARTICLES:
        return start
    stop, at, joined = start, start, True
    while at < len(words):
        word = words[at].rstrip()
        bare = word if _SIGN.fullmatch(word) else _STOP.sub("", word)
        if _FORMULA.search(word):
            stop, joined = at + 1, False
        elif _SIGN.fullmatch(word):
            joined = True
        elif _SMALL.fullmatch(bare):
            stop, joined = (at + 1 if joined and stop > start else stop), False
        else:
            break
        if bare != word:
            break
        at += 1
    return stop
