"""The names of plain texts without a problem: `x[i]` has an axis, `m` is a number, `i` counts."""

from __future__ import annotations

from collections.abc import Sequence

from derive.language.domain import REAL, Domain, Integers
from derive.language.expression import Index, Read
from derive.language.functions import FUNCTIONS
from derive.language.notation import Name
from derive.language.tensor import Tensor, size
from derive.reading.tokens import Token, tokenize
from derive.reading.vocabulary import RESERVED, Vocabulary

PLACE = "the gold answer"
WHOLE = frozenset({"n", "m", "N", "M", "K"})


def typed_vocabulary(texts: Sequence[str], domain: Domain = REAL) -> Vocabulary:
    """Names by how they are used: with brackets, in brackets, or neither."""
    uses: dict[str, list[list[str]]] = {}
    ends: dict[str, str] = {}
    letters: set[str] = set()
    scalars: list[str] = []
    for text in texts:
        tokens = tokenize(text)
        inside: list[int] = []  # for each open bracket, how many calls are open in it
        for place, token in enumerate(tokens):
            if token.text == "[" and place and tokens[place - 1].kind == "name":
                uses.setdefault(tokens[place - 1].text, []).append(_subscripts(tokens, place))
                inside.append(0)
            elif token.text == "]" and inside:
                inside.pop()
            elif token.kind == "name" and tokens[place + 1].text != "[" and token.text not in RESERVED | set(FUNCTIONS):
                if inside or _is_letter_of_sum(tokens, place):
                    letters.add(token.text)
                    if (
                        tokens[place + 1].text == "="
                        and tokens[place + 3].text == ".."
                        and tokens[place + 4].kind == "name"
                    ):
                        ends[token.text] = tokens[place + 4].text
                else:
                    scalars.append(token.text)
    groups = _Groups()
    for name, found in uses.items():
        for subscripts in found:
            for place, letter in enumerate(subscripts):
                groups.join(f"{name}/{place}", letter)
    sizes = {groups.root(letter): upper for letter, upper in ends.items()}
    names: dict[str, Tensor] = {}
    for name in scalars:
        if name not in letters:
            whole = name in WHOLE or name in ends.values()
            names[name] = Tensor(Name(name), domain=Integers(1) if whole else domain)
    for name, found in uses.items():
        axes = []
        for place in range(len(found[0])):
            root = groups.root(f"{name}/{place}")
            upper = (
                names.setdefault(sizes[root], size(sizes[root]))
                if root in sizes
                else size(f"n_{root}".replace("/", "_"))
            )
            axes.append(Index(f"a{place}", Read(upper)))
        names[name] = Tensor(Name(name), tuple(axes), domain=domain)
    return Vocabulary(PLACE, names, {}, {})


def _subscripts(tokens: list[Token], place: int) -> list[str]:
    """For each subscript the letter in it, or its text."""
    found, depth = [""], 0
    for token in tokens[place + 1 :]:
        if token.kind == "end" or (token.text == "]" and depth == 0):
            break
        depth += (token.text in "([") - (token.text in ")]") if token.kind == "symbol" else 0
        if token.text == "," and depth == 0:
            found.append("")
        elif token.kind == "name" or not found[-1]:
            found[-1] = token.text
    return found


def _is_letter_of_sum(tokens: list[Token], place: int) -> bool:
    """After a comma, and before one, a closing parenthesis, or a range."""
    after = tokens[place + 1].text
    return place > 0 and tokens[place - 1].text == "," and after in (",", ")", "=")


class _Groups:
    """What ranges alike."""

    def __init__(self) -> None:
        self.parent: dict[str, str] = {}

    def root(self, name: str) -> str:
        while self.parent.setdefault(name, name) != name:
            name = self.parent[name]
        return name

    def join(self, one: str, other: str) -> None:
        self.parent[self.root(one)] = self.root(other)
