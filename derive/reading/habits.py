"""What a few names may be taken for without a problem, where taking them for mere names makes an answer false."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from derive.reading import surface as s
from derive.reading.trees import nodes_in

Habit: TypeAlias = Literal["e", "I", "arrays", "i"]
SAID: Mapping[Habit, str] = {
    "e": "if e is Euler's number",
    "I": "if I is the identity matrix",
    "arrays": "if a name without its index is all of its entries",
    "i": "if i is the imaginary unit",
}

OF_ARRAYS = ("norm", "norm1", "softmax")
BOLD = ("mathbf", "boldsymbol", "bf")


def head(word: s.Word) -> str:
    return f"{word.base}/{word.accent}/{word.primes}"


def in_two_fonts(spelled: Sequence[s.Spelled]) -> s.Word | None:
    r"""A letter that one text has in two fonts, such as L and \mathcal{L}: these are two names there."""
    fonts: dict[tuple[str, bool], str] = {}
    for one in spelled:
        for word in (node for side in one.sides for node in nodes_in(side) if isinstance(node, s.Word)):
            font = "bold" if word.font in BOLD else "" if word.font == "mathit" else word.font
            if len(word.base) == 1 and fonts.setdefault((head(word), bool(word.below)), font) != font:
                return word
    return None


def chained(spelled: Sequence[Sequence[s.Spelled]]) -> str:
    """What is said of the derivatives of a by b, of b by c and of a by c, which the chain rule relates."""
    nodes = [node for one in spelled for each in one for side in each.sides for node in nodes_in(side)]
    found = set()
    for node in nodes:
        if isinstance(node, s.Derivative):
            of, by = (next((w for w in nodes_in(one) if isinstance(w, s.Word)), None) for one in (node.of, node.by))
            if of is not None and by is not None:
                found.add((head(of), head(by)))
    related = any((a, c) in found for a, b in found for d, c in found if b == d and len({a, b, c}) == 3)
    return "the chain rule relates these derivatives, which are compared as names" if related else ""


def twins(words: Sequence[s.Word], scripts: Callable[[s.Word], Any]) -> dict[str, tuple[s.Node, ...]]:
    """Names that stand both with indices below and without any script, each with the indices it has."""
    alone = {head(word) for word in words if not (word.below or word.raised)}
    found: dict[str, tuple[s.Node, ...]] = {}
    for word in words:
        own = scripts(word)
        if head(word) in alone and own.indices and not (own.below or own.above or own.raised):
            found.setdefault(head(word), own.indices)
    return found


def vectors(nodes: Sequence[s.Node]) -> dict[str, tuple[s.Node, ...]]:
    """z in softmax(z)_i, where it is the only name."""
    found: dict[str, tuple[s.Node, ...]] = {}
    for node in nodes:
        if isinstance(node, s.Entry) and isinstance(node.base, s.Call) and node.base.name == "softmax":
            words = {head(word): word for word in nodes_in(node.base) if isinstance(word, s.Word)}
            if len(words) == len(node.below) == 1 and not any(word.below or word.above for word in words.values()):
                found.setdefault(next(iter(words)), node.below)
    return found


def arrays_in(nodes: Sequence[s.Node]) -> Iterator[s.Word]:
    """Names without scripts under a norm or with a transposition, which only arrays have."""
    for node in nodes:
        if isinstance(node, s.Transposed) or (isinstance(node, s.Call) and node.name in OF_ARRAYS):
            for inner in nodes_in(node):
                if isinstance(inner, s.Word) and not inner.below:
                    yield inner
        elif isinstance(node, s.Product) and any(isinstance(factor, s.Transposed) for factor in node.factors):
            yield from (one for one in node.factors if isinstance(one, s.Word) and not (one.below or one.above))


def open_habits(spelled: Sequence[Sequence[s.Spelled]], scripts: Callable[[s.Word], Any]) -> list[Habit]:
    """The other ways to take a name in these texts."""
    nodes = [node for one in spelled for each in one for side in each.sides for node in nodes_in(side)]
    words = [node for node in nodes if isinstance(node, s.Word)]
    plain = [word for word in words if not (word.accent or word.primes or word.below)]
    found: list[Habit] = []
    if any(word.base == "e" for word in plain):
        found.append("e")
    if any(word.base == "I" and not word.above for word in plain):
        found.append("I")
    if twins(words, scripts):
        found.append("arrays")
    bound = {letter for node in nodes if isinstance(node, s.Big) for letter in node.letters}
    if "i" not in bound and _imaginary(nodes):
        found.append("i")
    return found


def _imaginary(nodes: Sequence[s.Node]) -> bool:
    """i as a factor of an exponent, or squared."""
    for node in nodes:
        if isinstance(node, s.Word) and node.base in ("i", "j") and node.above and not node.below:
            return True
        exponents = node.above if isinstance(node, s.Word) else (node.exponent,) if isinstance(node, s.Raised) else ()
        for exponent in exponents:
            products = [one for one in nodes_in(exponent) if isinstance(one, s.Product)]
            if any(isinstance(f, s.Word) and f.base == "i" and not f.below for one in products for f in one.factors):
                return True
    return False
