"""Sums from 0 to m - 1 over what is counted 1 to m: meant for all of it, where entries are counted from 0."""

from __future__ import annotations

from collections.abc import Sequence

from derive.algebra.binding import rewrite, substitute
from derive.judging.decision import Outcome
from derive.judging.fixed import FixedSizes
from derive.judging.links import formula
from derive.judging.pairs import Pair
from derive.judging.subject import Subject
from derive.language.expression import ONE, ZERO, Expr, Index, Read, Sum, walk
from derive.reading.scope import distance

COUNTED_FROM_ZERO = "entries are counted from 0"


def recounted(subject: Subject, pairs: Sequence[Pair], fixed: FixedSizes) -> tuple[Outcome, str] | None:
    """What becomes of the claim so, and the convention that it needs; None where that is not another one, or open."""
    moved = counted_from_one(pairs)
    found = formula(subject, moved, fixed) if moved is not None else None
    if found is None or found.truth is None:
        return None
    return found, COUNTED_FROM_ZERO if found.truth else ""


def counted_from_one(pairs: Sequence[Pair]) -> list[Pair] | None:
    """The claim with such sums over 1 to m; None where it has none."""
    moved = [Pair(_moved(pair.left), _moved(pair.right), pair.place) for pair in pairs]
    return None if moved == list(pairs) else moved


def _moved(expr: Expr) -> Expr:
    def rule(node: Expr) -> Expr | None:
        if not isinstance(node, Sum) or node.index.lower != ZERO:
            return None
        axes = _axes_read(node.body, node.index.name)
        if not axes or any(axis is None or axis.lower != ONE for axis in axes):
            return None
        if any(axis is not None and distance(axis.upper, node.index.upper) != 1 for axis in axes):
            return None
        (first, *_) = axes
        assert first is not None
        index = Index(node.index.name, first.upper)
        return Sum(index, _moved(substitute(node.body, {index.name: index})))

    return rewrite(expr, rule)


def _axes_read(body: Expr, letter: str) -> list[Index | None]:
    """The axes that a letter reads by itself; None for each place where it stands otherwise."""
    found: list[Index | None] = []
    inside = 0
    for node in walk(body):
        if isinstance(node, Index) and node.name == letter:
            inside += 1
        if isinstance(node, Read):
            pairs = zip(node.tensor.axes, node.indices, strict=False)
            found += [axis for axis, index in pairs if isinstance(index, Index) and index.name == letter]
    return found if inside == len(found) else [None]
