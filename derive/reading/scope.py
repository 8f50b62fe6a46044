"""Which range each index letter of a text runs over, once the whole text is known.

A letter that reads an axis takes that axis's range; another takes the range the problem gives it. A sum opens a scope
of its own, so its letter may also stand outside it, or in another sum, with another range.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from derive.errors import AnswerError
from derive.language.expression import Add, Expr, Index, Number, Sum, free_indices
from derive.language.plain import plain, ranges_read
from derive.language.program import lies_inside
from derive.language.recurrence import Recurrence
from derive.reading.vocabulary import Vocabulary

_LETTER = re.compile(r"[^\W\d_][0-9]*'*")


class Clash(Struct, frozen=True):
    """A letter that reads axes of different ranges; it means something only where they are equal."""

    letter: str
    ends: tuple[Expr, ...]


class Hole(Expr, frozen=True, cache_hash=True):
    """Stands for a range not known yet; the letter was read at this column."""

    __match_args__ = ("position",)
    position: int


def fill_ranges(text: str, sides: tuple[Expr, ...], words: Vocabulary) -> tuple[Expr, ...]:
    """The sides of one formula with every Hole filled; their free letters are shared."""
    return filled(text, sides, words, free_ranges(text, sides, words))


def free_ranges(
    text: str, sides: tuple[Expr, ...], words: Vocabulary, clashes: list[Clash] | None = None
) -> dict[str, Index]:
    """Every letter that is free in the sides of one formula, with its range; of several the first, kept in `clashes`.

    Raises AnswerError where a letter has no range, and for several where nothing is to be kept.
    """
    free: dict[str, Index] = {}
    for side in sides:
        for name, index in free_indices(side).items():
            if name not in free or isinstance(free[name].upper, Hole):
                known = not isinstance(index.upper, Hole)
                free[name] = index if known else _range(text, name, index, sides, words, clashes)
    return free


def filled(
    text: str,
    sides: tuple[Expr, ...],
    words: Vocabulary,
    free: Mapping[str, Index],
    clashes: list[Clash] | None = None,
) -> tuple[Expr, ...]:
    """The sides with these ranges for their free letters, and with those of all letters that sums bind."""
    return tuple(_fill(text, side, free, words, clashes) for side in sides)


def _fill(text: str, node: Expr, scope: Mapping[str, Index], words: Vocabulary, clashes: list[Clash] | None) -> Expr:
    if isinstance(node, Index):
        return scope[node.name]
    if isinstance(node, Sum):
        index = node.index
        if isinstance(index.upper, Hole):
            index = _range(text, index.name, index, (node.body,), words, clashes)
        else:
            lower, upper = (_fill(text, bound, scope, words, clashes) for bound in (index.lower, index.upper))
            index = Index(index.name, upper, lower)
        return Sum(index, _fill(text, node.body, {**scope, index.name: index}, words, clashes))
    children = node.children
    return (
        node.with_children(tuple(_fill(text, child, scope, words, clashes) for child in children)) if children else node
    )


def _innermost(found: set[tuple[Expr, Expr]]) -> tuple[Expr, Expr] | None:
    """The ends of ranges one of which lies in all others, as 1..2 does in 1..3: upper, then lower."""
    for lower, upper in sorted(found, key=lambda ends: plain(ends[1])):
        inside = all(
            (below := distance(lower, other)) is not None
            and (above := distance(end, upper)) is not None
            and below >= 0
            and above >= 0
            for other, end in found
        )
        if inside:
            return upper, lower
    return None


def distance(one: Expr, other: Expr) -> int | None:
    """one - other, where that is a number."""
    (terms, value), (others, rest) = parts(one), parts(other)
    return int(value - rest) if terms == others else None


def parts(expr: Expr) -> tuple[Mapping[Expr, int], int]:
    """How often each term stands in a sum, and the whole number that is added."""
    terms: dict[Expr, int] = {}
    number = 0
    for term in expr.terms if isinstance(expr, Add) else (expr,):
        if isinstance(term, Number) and term.value.denominator == 1:
            number += int(term.value)
        else:
            terms[term] = terms.get(term, 0) + 1
    return terms, number


def _range(
    text: str, name: str, index: Index, bodies: tuple[Expr, ...], words: Vocabulary, clashes: list[Clash] | None
) -> Index:
    """The range of a letter from the axes it reads in the bodies, else from the problem."""
    position = index.upper.position if isinstance(index.upper, Hole) else 0
    program = words.problem.program if words.problem is not None else None
    if isinstance(program, Recurrence) and name == program.counter.name:
        return program.counter  # it may read a sequence anywhere
    found = set().union(*(ranges_read(body, name) for body in bodies))
    own = words.indices.get(name)
    if own is not None and found and all(lies_inside(own, Index(name, upper, lower)) for lower, upper in found):
        return own  # the problem's letter, which may begin later than an axis that it reads
    if len(found) == 1:
        lower, upper = found.pop()
        return Index(name, upper, lower)
    if (inner := _innermost(found)) is not None:
        return Index(name, *inner)
    if found and clashes is not None and len({lower for lower, _ in found}) == 1:
        ends = tuple(sorted((upper for _, upper in found), key=plain))
        clashes.append(Clash(name, ends))
        return Index(name, ends[0], next(iter(found))[0])
    if found:
        ranges = " and ".join(sorted(f"{plain(lower)}..{plain(upper)}" for lower, upper in found))
        raise AnswerError(f"{name} reads axes of different ranges, {ranges}; use one letter for each", text, position)
    if name in words.indices:
        return words.indices[name]
    if _LETTER.fullmatch(name):
        say = f"{words.near(name)} An index reads an axis, or has a range, as in sum(.., {name}=1..n)"
        raise AnswerError(f"'{name}' is not a name in {words.place}{say}", text, position)
    raise AnswerError(f"'{name}' is not a name in {words.place}{words.near(name)}", text, position)
