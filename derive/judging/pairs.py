"""Two sides as equations between expressions: entry with entry, by the letters or by the places."""

from __future__ import annotations

from itertools import product

from msgspec import Struct

from derive.algebra.binding import substitute
from derive.errors import DeriveError, UnsupportedError
from derive.judging.fixed import FixedSizes
from derive.language.expression import Expr, Index, Read, expression, free_indices
from derive.language.statement import Open, Side, Table
from derive.reading.arrays import Misfit, differ_in_start


class Pair(Struct, frozen=True):
    """left = right for every value of the free indices; `place` tells the entry of an array."""

    left: Expr
    right: Expr
    place: tuple[int, ...] = ()


class MismatchError(DeriveError):
    """Arrays of different shapes are said to be equal."""

    def __init__(self, left: str, right: str, certain: bool = True, sizes: tuple[str, ...] = ()) -> None:
        super().__init__(f"a {left} array cannot equal a {right} one")
        self.left, self.right = left, right
        self.sizes = sizes  # that the shapes are made of
        self.certain = certain  # not where one side is a product that could be meant in another way


def paired(left: Side, right: Side, fixed: FixedSizes) -> list[list[Pair]]:
    """The ways to take two sides together, the most natural first; each is a list of equations.

    Raises MismatchError where their shapes differ, UnsupportedError where sizes are missing.
    """
    if isinstance(left, Table) and isinstance(right, Table):
        return [_tables(left, right)]
    if isinstance(left, Table):
        return [[Pair(p.right, p.left, p.place) for p in way] for way in _with_table(right, left, fixed)]
    if isinstance(right, Table):
        return _with_table(left, right, fixed)
    if isinstance(left, Open) and isinstance(right, Open):
        return [_opens(left, right)]
    return [[Pair(_entry(left), _entry(right))]]


def _entry(side: Side) -> Expr:
    if isinstance(side, Open):
        return side.entry
    assert isinstance(side, Expr)
    return side


def _opens(left: Open, right: Open) -> list[Pair]:
    one, other = left.axes, right.axes
    names, others = {axis.name for axis in one}, {axis.name for axis in other}
    if names == others and (left.implied or right.implied):
        return [Pair(left.entry, right.entry)]
    if len(one) == len(other) and all(
        (a.lower, a.upper) == (b.lower, b.upper) for a, b in zip(one, other, strict=True)
    ):
        return [Pair(left.entry, substitute(right.entry, dict(zip((b.name for b in other), one, strict=True))))]
    if left.implied and right.implied and (names <= others or others <= names):
        return [Pair(left.entry, right.entry)]
    misfit = Misfit(left, right)
    raise MismatchError(*misfit.said(), certain=not differ_in_start(left, right), sizes=misfit.sizes())


def _tables(left: Table, right: Table) -> list[Pair]:
    if len(left.cells) != len(right.cells) or not (
        left.vector or right.vector or [len(row) for row in left.rows] == [len(row) for row in right.rows]
    ):
        raise MismatchError(_size(left), _size(right))
    return [Pair(a, b, place) for (place, a), b in zip(_cells(left), right.cells, strict=True)]


def _size(table: Table) -> str:
    return str(len(table.cells)) if table.vector else f"{len(table.rows)}×{len(table.rows[0])}"


def _cells(table: Table) -> list[tuple[tuple[int, ...], Expr]]:
    if table.vector or len(table.rows) == 1 or len(table.rows[0]) == 1:
        return [((k,), cell) for k, cell in enumerate(table.cells, start=1)]
    return [((r, c), cell) for r, row in enumerate(table.rows, start=1) for c, cell in enumerate(row, start=1)]


def _with_table(side: Side, table: Table, fixed: FixedSizes) -> list[list[Pair]]:
    """A table against the entries of an array, or of an expression with free indices."""
    entry = _entry(side)
    ways: list[tuple[Index, ...]] = []
    if isinstance(side, Open) and not side.implied:
        ways.append(side.axes)
    else:
        own = side.axes if isinstance(side, Open) else ()
        others = [index for index in free_indices(entry).values() if index.name not in {axis.name for axis in own}]
        ways += [own] if own else []
        ways += [(index,) for index in others]
        ways += [(*own, index) for index in others if own] + [(index, *own) for index in others if own]
    fitting = [way for way in ways if _fits(way, table, fixed)]
    if not fitting:
        if not ways:
            raise UnsupportedError("a number and a list are not compared")
        shape = "×".join(str(len(fixed.extent(axis))) for axis in ways[0])
        raise MismatchError(shape, _size(table), isinstance(side, Open) and isinstance(entry, Read))
    return [_at_places(entry, way, table, fixed) for way in fitting]


def _fits(axes: tuple[Index, ...], table: Table, fixed: FixedSizes) -> bool:
    lengths = [len(fixed.extent(axis)) for axis in axes]
    total = 1
    for length in lengths:
        total *= length
    if total != len(table.cells):
        return False
    flat = table.vector or len(table.rows) == 1 or len(table.rows[0]) == 1
    return flat or lengths == [len(table.rows), len(table.rows[0])] or len(lengths) > 2


def _at_places(entry: Expr, axes: tuple[Index, ...], table: Table, fixed: FixedSizes) -> list[Pair]:
    spans = [fixed.extent(axis) for axis in axes]
    found = []
    for where, (place, cell) in zip(product(*spans), _cells(table), strict=True):
        values: dict[str, Expr] = {axis.name: expression(k) for axis, k in zip(axes, where, strict=True)}
        found.append(Pair(substitute(entry, values), cell, place))
    return found
