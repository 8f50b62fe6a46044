"""Ranges that a text states for its indices, against those of the axes that they read."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from derive.errors import AnswerError
from derive.language.deep import DeepNetwork, levels_in
from derive.language.expression import ONE, Bracket, Expr, Index, Number, Read, Sum, mul, walk
from derive.language.notation import Level
from derive.language.plain import plain
from derive.reading.scope import distance, parts


class Stated(Struct, frozen=True):
    """The ends that are said; None is that of the axis. `at` is the column where they stand."""

    lower: Expr | None
    upper: Expr | None
    at: int


def restricted(
    text: str, free: Mapping[str, Index], stated: Mapping[str, Stated]
) -> tuple[dict[str, Index], Expr, tuple[Index, ...]]:
    """The free letters in their stated ranges, the condition that is left, and those that have less than their axis."""
    found, less = dict(free), list[Index]()
    holds: Expr = ONE
    for letter in sorted(stated.keys() & free.keys()):
        found[letter], more = within(text, free[letter], stated[letter])
        holds = mul(holds, more)
        less += [found[letter]] if found[letter] != free[letter] else []
    return found, holds, tuple(less)


def within(text: str, index: Index, stated: Stated) -> tuple[Index, Expr]:
    """The index in its stated range, and the condition that is left where no size tells which end comes first.

    Raises AnswerError where the range goes beyond that of the axis, or is one of another axis.
    """
    lower, upper = stated.lower or index.lower, stated.upper or index.upper
    below, above = distance(lower, index.lower), distance(index.upper, upper)
    if (below is not None and below < 0) or (above is not None and above < 0):
        raise AnswerError(
            f"{index.name} goes from {plain(lower)} to {plain(upper)} here, but reads {_said(index)}", text, stated.at
        )
    holds: Expr = ONE
    ends = ((lower, index.lower, below, (lower, index)), (upper, index.upper, above, (index, upper)))
    for end, own, apart, ordered in ends:
        if apart is None and not isinstance(end, Number) and not isinstance(own, Number):
            raise AnswerError(f"{index.name} reads {_said(index)}, not {plain(lower)}..{plain(upper)}", text, stated.at)
        if apart is None:
            holds = mul(holds, Bracket("<=", *ordered))
    return Index(index.name, index.upper if above is None else upper, index.lower if below is None else lower), holds


def bound_alike(text: str, letter: str, stated: Stated, exprs: tuple[Expr, ...]) -> None:
    """A range of a letter that only sums have must be theirs. Raises AnswerError where it is not, or there is none."""
    sums = [node.index for expr in exprs for node in walk(expr) if isinstance(node, Sum) and node.index.name == letter]
    if not sums and (stated.lower is not None or stated.upper is not None):
        raise AnswerError(f"a range is stated for {letter}, which stands nowhere in the statement", text, stated.at)
    for index in sums:
        said = (stated.lower or index.lower, stated.upper or index.upper)
        if (distance(said[0], index.lower), distance(said[1], index.upper)) != (0, 0):
            raise AnswerError(f"{letter} is the letter of a sum over {_said(index)}", text, stated.at)


def layers_of(text: str, stated: Stated, network: object, exprs: tuple[Expr, ...]) -> tuple[Level, Level] | None:
    """The layers that a statement is about; None for all below the last. Raises AnswerError where there are no such."""
    assert isinstance(network, DeepNetwork)
    lower = Level("", 1) if stated.lower is None else _level(text, stated.lower, stated, network)
    upper = network.last_layer - 1 if stated.upper is None else _level(text, stated.upper, stated, network)
    if (lower, upper) == (Level("", 1), network.last_layer - 1):
        return None
    if not lower.letter and lower.offset < 1 and not any(network.instances(exprs, 4, (lower, lower))):
        raise AnswerError(f"there is no layer {lower.text} of all that it names", text, stated.at)
    named = [level.offset for expr in exprs for node in walk(expr) for level in levels_in(node)
             if level.letter == network.layer.letter]  # fmt: skip
    highest = max(named, default=0)
    if upper.letter and upper.offset + highest > 0:
        letter = network.layer.letter
        raise AnswerError(f"there is no layer {letter} + {highest} for {letter} = {upper.text}", text, stated.at)
    return lower, upper


def _level(text: str, end: Expr, stated: Stated, network: DeepNetwork) -> Level:
    terms, number = parts(end)
    if terms not in ({}, {Read(network.depth): 1}):
        raise AnswerError("the number of a layer is a number, or L and a number", text, stated.at)
    return Level(network.last_layer.letter if terms else "", number)


def _said(index: Index) -> str:
    return f"an axis {plain(index.lower)}..{plain(index.upper)}"
