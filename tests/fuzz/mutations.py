"""Texts near to what students write: statements, changed by a few edits at random places."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from random import Random

from derive.catalogue import ids

TESTS = Path(__file__).parent.parent
WORDS = r"""
{ } ( ) [ ] _ ^ & \\ \ = < + - * / , ; : . ' | ! % $ 0 1 2 99 1e9 i j m x L \frac \sum \sum_{i=1}^m \prod \sqrt
\partial \hat \mu \cdots \dots \left( \right) \text{ \mathbf{ ^T \begin{pmatrix} \end{pmatrix} \begin{cases}
\end{cases} sum( exp( lambda __import__ σ ∂ ² é 𝛽
"""
SIGNS = [*WORDS.split(), "\x00", "\n", "\u202e", "\u0435", "\ud800", "  "]
GREEK = ("\\mu", "\\sigma", "\\gamma", "\\beta", "\\epsilon", "\\eta", "\\theta", "\\alpha", "\\delta")
PIECES = re.compile(r"\\\\[A-Za-z]+|[A-Za-z]|\\d+|\\S")


@cache
def seeds() -> list[tuple[str, str]]:
    """Problem and statement: the claims of the submissions, and for every problem some of no problem in particular."""
    found = []
    for path in sorted((TESTS / "submissions").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            claim = json.loads(line)
            found.append((claim["problem"], claim["statement"]))
    for problem in ids():
        found += [(problem, text) for text in ("x_i = 1", "\\frac{1}{2}(x+1)^2 = \\sum_{i=1}^m x_i", "(m, 10)")]
    return found


def mutated(random: Random) -> tuple[str, str]:
    """A problem, and one of the statements after one to six edits."""
    problem, text = random.choice(seeds())
    if random.random() < 0.1:
        problem = random.choice(ids())
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        text = edited(random, text)
    return problem, text


def edited(random: Random, text: str) -> str:
    low = random.randint(0, len(text))
    high = min(len(text), low + random.choice((0, 1, 1, 1, 2, 3, 8, 20)))
    kind = random.randrange(12)
    if kind >= 6:
        return near(random, text)
    if kind == 0:
        return text[:low] + text[high:]
    if kind == 1:
        return text[:low] + random.choice(SIGNS) + text[low:]
    if kind == 2:
        return text[:low] + random.choice(SIGNS) + text[high:]
    if kind == 3:
        return text[:high] + text[low:high] * random.choice((1, 1, 2, 30)) + text[high:]
    if kind == 4:
        other = random.choice(seeds())[1]
        start = random.randint(0, len(other))
        return text[:low] + other[start : start + 25] + text[high:]
    other = random.choice(seeds())[1]
    return text[:low] + random.choice((" = ", " + ", " ", "\\\\ ", " \\text{ and } ")) + other[:60]


def near(random: Random, text: str) -> str:
    """One piece becomes another of its kind that stands in the text or another: often still a statement."""
    pieces = list(PIECES.finditer(text))
    if not pieces:
        return text
    chosen = random.choice(pieces)
    kind = kind_of(chosen[0])
    own = [piece[0] for piece in pieces]
    others = own if random.random() < 0.7 else PIECES.findall(random.choice(seeds())[1])
    new = random.choice([piece for piece in others if kind_of(piece) == kind] or own)
    return text[: chosen.start()] + new + text[chosen.end() :]


def kind_of(piece: str) -> str:
    if piece[0].isalpha() or piece in GREEK:
        return "letter"
    return "digits" if piece[0].isdigit() else "word" if piece[0] == "\\" else "sign" if piece in "+-=*/" else piece
