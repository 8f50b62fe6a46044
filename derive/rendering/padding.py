"""Entries beyond the ends of an array: in a document they count as 0, so that their range need not be printed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from derive.algebra.binding import rewrite
from derive.language.expression import ONE, Bracket, Expr, Mul, Read, Sum, walk

ZEROS = "An entry whose index lies outside of its range counts as 0: that is the padding."


def without_ranges(expr: Expr) -> Expr:
    """[1 <= v] [v <= n] x_v as x_v, for an array x with the range 1 to n: a product with an entry that is 0 is 0."""
    return rewrite(expr, _shortened)


def has_ranges(exprs: Iterable[Expr]) -> bool:
    """Whether anything is left out of them."""
    return any(_shortened(node) is not None for expr in exprs for node in walk(expr))


def _shortened(node: Expr) -> Expr | None:
    if not isinstance(node, Mul):
        return None
    ends = {end for read in _entries(node.factors) for end in _ends(read)}
    kept = tuple(f for f in node.factors if not (isinstance(f, Bracket) and f.relation == "<=" and _pair(f) in ends))
    if len(kept) == len(node.factors):
        return None
    return without_ranges(kept[0] if len(kept) == 1 else Mul(kept)) if kept else ONE


def _pair(bracket: Bracket) -> tuple[Expr, Expr]:
    return bracket.left, bracket.right


def _entries(factors: Iterable[Expr]) -> Iterator[Read]:
    """What the whole product is a multiple of: factors that are entries, also inside sums."""
    for factor in factors:
        if isinstance(factor, Read):
            yield factor
        elif isinstance(factor, Sum):
            inside = factor.body
            yield from _entries(inside.factors if isinstance(inside, Mul) else (inside,))


def _ends(read: Read) -> Iterator[tuple[Expr, Expr]]:
    for axis, index in zip(read.tensor.axes, read.indices, strict=False):  # the bare name of an array has no indices
        yield axis.lower, index
        yield index, axis.upper
