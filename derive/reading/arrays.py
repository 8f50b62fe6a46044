"""Arithmetic on sides: entry by entry, matrix by matrix. The one place that knows what a product of arrays is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product as product_of
from math import prod

from msgspec import Struct

from derive.algebra.binding import fresh_name, rewrite, substitute
from derive.errors import DeriveError
from derive.language.expression import (
    ONE,
    ZERO,
    Bracket,
    Expr,
    Index,
    Number,
    Read,
    Sum,
    add,
    expression,
    free_indices,
    mul,
    tensors_in,
)
from derive.language.notation import PartialName
from derive.language.plain import plain
from derive.language.statement import Open, Side, Table, expressions_of, with_expressions
from derive.reading import surface as s
from derive.reading.scope import Hole

MAX_CELLS = 2_000


class Misfit(Struct, frozen=True):
    """Two arrays that do not fit each other, as they stand."""

    one: Open
    other: Open

    def said(self) -> tuple[str, str]:
        return shape_of(self.one), shape_of(self.other)

    def sizes(self) -> tuple[str, ...]:
        """The sizes that the shapes are made of."""
        exprs = [end for side in (self.one, self.other) for axis in side.axes for end in (axis.lower, axis.upper)]
        return tuple(dict.fromkeys(key for expr in exprs for key in tensors_in(expr)))


class ShapeError(DeriveError):
    """Two arrays do not fit each other; `misfit` where that is beyond doubt."""

    def __init__(self, message: str, misfit: Misfit | None = None) -> None:
        super().__init__(message)
        self.misfit = misfit


def shape_of(side: Open) -> str:
    """n×m, of a vector its length."""
    return "×".join(plain(axis.extent) for axis in side.axes)


def mapped(side: Side, rule: Callable[[Expr], Expr]) -> Side:
    return with_expressions(side, tuple(map(rule, expressions_of(side))))


def entrywise(rule: Callable[[Expr, Expr], Expr], one: Side, other: Side) -> Side:
    """rule at every entry; a scalar goes with every entry, and axes of one letter go together."""
    if isinstance(one, Open) and isinstance(other, Open):
        return _open_entrywise(rule, one, other)
    if isinstance(one, Table) and isinstance(other, Table):
        return _tables_entrywise(rule, one, other)
    if isinstance(one, Table) and isinstance(other, Open) and (spelled := spelled_out(other)) is not None:
        return entrywise(rule, one, spelled)
    if isinstance(one, Open) and isinstance(other, Table) and (spelled := spelled_out(one)) is not None:
        return entrywise(rule, spelled, other)
    if isinstance(one, Table) and isinstance(other, Expr):
        return mapped(one, lambda cell: rule(cell, other))
    if isinstance(other, Table) and isinstance(one, Expr):
        return mapped(other, lambda cell: rule(one, cell))
    if isinstance(one, Open) and isinstance(other, Expr):
        return Open(one.rows, one.columns, rule(one.entry, other), one.implied)
    if isinstance(other, Open) and isinstance(one, Expr):
        return Open(other.rows, other.columns, rule(one, other.entry), other.implied)
    if isinstance(one, Expr) and isinstance(other, Expr):
        return rule(one, other)
    raise ShapeError("an array that is written out and one in letters are combined; write out both, or neither")


def _open_entrywise(rule: Callable[[Expr, Expr], Expr], one: Open, other: Open) -> Open:
    one, other = sized(one, other)
    names, others = [axis.name for axis in one.axes], [axis.name for axis in other.axes]
    implied = one.implied and other.implied
    if set(others) == set(names) and _turned(one, other):
        names = []  # W + W^T: by rows and columns, not by letters
    elif set(others) == set(names) and one.implied:  # of two orders, that of the array which is written as such
        return Open(other.rows, other.columns, rule(one.entry, other.entry), implied)
    elif set(others) <= set(names):
        return Open(one.rows, one.columns, rule(one.entry, other.entry), implied)
    elif set(names) <= set(others):
        return Open(other.rows, other.columns, rule(one.entry, other.entry), implied)
    if len(one.axes) == len(others) and all(map(_same_range, one.axes, other.axes)):
        renamed = substitute(other.entry, dict(zip(others, one.axes, strict=True)))
        return Open(one.rows, one.columns, rule(one.entry, renamed), implied)
    if names and implied and not set(names) & set(others):  # gamma / sqrt(var), whose entries have both indices
        return Open((*one.rows, *other.rows), (*one.columns, *other.columns), rule(one.entry, other.entry))
    certain = is_certain(one, other) and not differ_in_start(one, other)
    misfit = Misfit(one, other) if certain else None
    raise ShapeError("the shapes of the two sides of an operation do not fit", misfit)


def _turned(one: Open, other: Open) -> bool:
    """Two matrices, of which the rows of one have the letters of the other's columns?"""
    written = not (one.implied or other.implied) and bool(one.columns and other.columns)
    return written and {axis.name for axis in one.rows} != {axis.name for axis in other.rows}


def is_certain(one: Open, other: Open) -> bool:
    """Are the shapes of both known? A row and a vector are not: some take them the other way round."""
    if not one.rows and len(one.columns) == len(other.axes) == 1:
        return False
    return not any(isinstance(axis.upper, Unsized | Hole) for axis in (*one.axes, *other.axes))


def differ_in_start(one: Open, other: Open) -> bool:
    """Does one array have an entry in front, such as the 1 for a bias, that the other may be meant to have or not?"""
    pairs = list(zip(one.axes, other.axes, strict=False))
    return len(one.axes) == len(other.axes) and all(a.upper == b.upper for a, b in pairs)


def spelled_out(side: Open) -> Table | None:
    """The array entry by entry, where its axes have numbers for their ends."""
    ends = [(axis.lower, axis.upper) for axis in side.axes]
    spans = [range(int(a.value), int(b.value) + 1) for a, b in ends if isinstance(a, Number) and isinstance(b, Number)]
    if len(spans) != len(side.axes) or not 1 <= len(spans) <= 2 or prod(map(len, spans)) > MAX_CELLS:
        return None
    names = [axis.name for axis in side.axes]
    cells = [substitute(side.entry, dict(zip(names, map(expression, at), strict=True))) for at in product_of(*spans)]
    width = len(spans[-1]) if len(side.columns) == 1 and len(side.rows) == 1 else 1 if not side.columns else len(cells)
    rows = tuple(tuple(cells[k : k + width]) for k in range(0, len(cells), width))
    return Table((tuple(cells),), vector=True) if len(spans) == 1 and side.implied else Table(rows)


def _tables_entrywise(rule: Callable[[Expr, Expr], Expr], one: Table, other: Table) -> Table:
    if one.vector and not other.vector and len(other.rows) == len(one.cells) and len(other.rows[0]) == 1:
        one = Table(tuple((cell,) for cell in one.cells))
    if other.vector and not one.vector and len(one.rows) == len(other.cells) and len(one.rows[0]) == 1:
        other = Table(tuple((cell,) for cell in other.cells))
    if [len(row) for row in one.rows] != [len(row) for row in other.rows]:
        raise ShapeError(f"a {shape(one)} array and a {shape(other)} array do not fit")
    rows = tuple(tuple(map(rule, a, b)) for a, b in zip(one.rows, other.rows, strict=True))
    return Table(rows, one.vector and other.vector)


def shape(table: Table) -> str:
    return f"{len(table.rows)}×{len(table.rows[0])}"


def transposed(side: Side) -> Side:
    """Rows for columns. A vector in parentheses may stand for either already."""
    if isinstance(side, Open):
        return Open(side.columns, side.rows, side.entry, implied=False)
    if isinstance(side, Table) and side.vector:
        return side
    if isinstance(side, Table):
        return Table(tuple(zip(*side.rows, strict=True)))
    return side


def product(one: Side, other: Side, operator: str = "", misfits: list[Misfit] | None = None) -> Side:
    """A matrix product where the inner axes fit; entry by entry where it is asked for, or nothing else fits.

    A matrix in front of what it cannot be multiplied with is kept in `misfits`.
    """
    if operator != "odot":
        if isinstance(one, Open) and isinstance(other, Open):
            one, other = sized(one, other, inner=True)
            found = _open_product(one, other)
            if found is not None:
                return found
            if misfits is not None and one.columns and not one.implied and other.axes and is_certain(one, other):
                misfits.append(Misfit(one, other))
        if isinstance(one, Table) and isinstance(other, Table):
            found_table = _table_product(one, other)
            if found_table is not None:
                return found_table
    return entrywise(mul, one, other)


def entries_first(
    sides: Sequence[Side], operators: Sequence[s.Operator], factors: Sequence[s.Node]
) -> tuple[list[Side], list[s.Operator], list[s.Node]]:
    """Factors between which entries are multiplied, as one factor each."""
    joined, kept, nodes = [sides[0]], list[s.Operator](), [factors[0]]
    for operator, side, node in zip(operators, sides[1:], factors[1:], strict=True):
        if operator == "odot":
            joined[-1] = product(joined[-1], side, operator)
        else:
            joined.append(side)
            kept.append(operator)
            nodes.append(node)
    return joined, kept, nodes


class Unsized(Expr, frozen=True, cache_hash=True):
    """The length of I or of a vector of ones, until a neighbour tells it; `number` tells several apart."""

    __match_args__ = ("number",)
    number: int


def sized(one: Open, other: Open, *, inner: bool = False) -> tuple[Open, Open]:
    """Both with the lengths that each tells the other: entry by entry, or of the inner axes of a product."""
    pairs = list(zip(one.columns, other.rows, strict=False)) if inner else list(zip(one.axes, other.axes, strict=False))
    fits = len(one.columns) == len(other.rows) if inner else len(one.axes) == len(other.axes)
    for place in range(len(pairs) if fits else 0):
        left = (one.columns if inner else one.axes)[place]
        right = (other.rows if inner else other.axes)[place]
        if isinstance(left.upper, Unsized) and left.upper != right.upper:
            one, other = with_length(one, left.upper, right), with_length(other, left.upper, right)
        elif isinstance(right.upper, Unsized):
            one, other = with_length(one, right.upper, left), with_length(other, right.upper, left)
    return one, other


def with_length(side: Open, length: Unsized, axis: Index) -> Open:
    """The side with the range of an axis for every index of a length not known yet."""

    def rule(node: Expr) -> Expr | None:
        if isinstance(node, Index) and node.upper == length:
            return Index(node.name, axis.upper, axis.lower)
        if isinstance(node, Sum) and node.index.upper == length:
            return Sum(Index(node.index.name, axis.upper, axis.lower), rewrite(node.body, rule))
        return None

    rows, columns = (
        tuple(Index(one.name, axis.upper, axis.lower) if one.upper == length else one for one in axes)
        for axes in (side.rows, side.columns)
    )
    return Open(rows, columns, rewrite(side.entry, rule), side.implied, side.sure)


def _open_product(one: Open, other: Open) -> Open | None:
    """sum_q one[.., q] other[q, ..]; also where `other` lies flat, all of its axes in one column."""
    inner = one.columns
    if not inner and is_row(one, other):  # v M with a derivative v, which some write as a row
        one, inner = Open((), one.rows, one.entry, one.implied), one.rows
    if not inner:
        if one.rows and other.columns and not other.rows:  # a b^T
            other = _apart(other, one.axes)
            return Open(one.rows, other.columns, mul(one.entry, other.entry), implied=False)
        return None
    columns: tuple[Index, ...] = ()
    for rows, columns in ((other.rows, other.columns), (other.axes, ())):  # noqa: B007 the pair that fits is used
        if len(rows) == len(inner) and all(map(_same_range, inner, rows)):
            break
    else:
        if is_slope(one) and other.columns and not other.rows:  # (dy/db)^T x^T, of a derivative that is a row
            other = _apart(other, one.axes)
            return Open(one.columns, other.columns, mul(one.entry, other.entry), implied=False)
        return None
    moved = _apart(Open(rows, columns, other.entry), one.axes)
    body = mul(one.entry, substitute(moved.entry, dict(zip((r.name for r in moved.rows), inner, strict=True))))
    for axis in reversed(inner):
        body = Sum(axis, body)
    return Open(one.rows, moved.columns, body, implied=False) if one.rows or moved.columns else _closed(body)


def is_row(one: Open, other: Open) -> bool:
    """A derivative by a vector in front of a matrix whose rows it fits."""
    whole = len(other.rows) == len(other.columns) == 1 and not other.implied
    return is_slope(one) and len(one.rows) == 1 and whole and _same_range(one.rows[0], other.rows[0])


def is_slope(side: Open) -> bool:
    """A derivative by a vector: some write it as a row, some as a column."""
    return isinstance(side.entry, Read) and isinstance(side.entry.tensor.name, PartialName) and len(side.axes) == 1


def _closed(body: Expr) -> Open:
    return Open((), (), body, implied=False)


def settled(side: Side) -> Side:
    """An array without axes is its one entry."""
    return side.entry if isinstance(side, Open) and not side.axes else side


def _same_range(one: Index, other: Index) -> bool:
    return (one.lower, one.upper) == (other.lower, other.upper)


def _apart(side: Open, taken: tuple[Index, ...]) -> Open:
    """The same array with axes of other names than those taken."""
    used = {axis.name for axis in taken} | set(free_indices(side.entry))
    values: dict[str, Expr] = {}
    names: dict[str, Index] = {}
    for axis in side.axes:
        if any(axis.name == other.name for other in taken):
            new = axis.renamed(fresh_name(axis.name, used))
            used.add(new.name)
            values[axis.name] = names[axis.name] = new
    rows, columns = (tuple(names.get(axis.name, axis) for axis in axes) for axes in (side.rows, side.columns))
    return Open(rows, columns, substitute(side.entry, values), side.implied)


def _table_product(one: Table, other: Table) -> Table | None:
    if one.vector and other.vector:
        return None
    left = one.rows
    right = other.rows if not other.vector else tuple((cell,) for cell in other.cells)
    if other.vector and len(left[0]) != len(right):
        return None
    if len(left[0]) != len(right):
        if len(left) == len(right) and len(left[0]) == len(right[0]):
            return None
        raise ShapeError(f"a {shape(one)} matrix cannot be multiplied by a {shape(other)} one: the inner sizes differ")
    if len(left) * len(right[0]) * len(right) > MAX_CELLS:
        raise ShapeError(f"the product of these matrices has more than {MAX_CELLS} terms")
    rows = tuple(
        tuple(add(*(mul(row[k], right[k][column]) for k in range(len(right)))) for column in range(len(right[0])))
        for row in left
    )
    return Table(rows, other.vector and len(rows[0]) == 1)


def lengths(side: Expr | Open, wanted: int) -> tuple[Expr, ...] | None:
    """So many sizes of an array: of its axes, of its rows and columns, or of all entries in one column."""
    if not isinstance(side, Open) or not wanted:
        return () if not isinstance(side, Open) and not wanted else None
    axes = [axis.extent for axis in side.axes]
    groups = [mul(*(axis.extent for axis in several)) for several in (side.rows, side.columns) if several]
    if wanted == len(axes):
        return tuple(axes)
    if wanted == len(groups):
        return tuple(groups)
    if wanted == len(axes) + 1 == 2:  # n x 1, and 1 x n
        return (axes[0], ONE) if side.rows else (ONE, axes[0])
    return None


def squared_norm(side: Side) -> Expr:
    """The sum of the squares of all entries."""
    return entries_added(mapped(side, lambda e: mul(e, e)))


def entries_added(side: Side) -> Expr:
    """The sum of all entries."""
    if isinstance(side, Open):
        total = side.entry
        for axis in reversed(side.axes):
            total = Sum(axis, total)
        return total
    if isinstance(side, Table):
        return add(*side.cells)
    return side


def ones(length: Expr, taken: set[str]) -> Open:
    """A vector of ones."""
    index = _fresh(length, taken)
    return Open((index,), (), ONE)


def identity(length: Expr, taken: set[str]) -> Open:
    """The matrix with ones on its diagonal."""
    row, column = _fresh(length, taken), _fresh(length, taken)
    return Open((row,), (column,), Bracket("=", row, column), implied=False)


def _fresh(length: Expr, taken: set[str]) -> Index:
    name = fresh_name("u", taken)
    taken.add(name)
    return Index(name, length)


def contracted(side: Side) -> Expr | None:
    """The sum along the diagonal of a square array that a column and a row make; None of anything else."""
    if not isinstance(side, Open) or side.implied or len(side.rows) != 1 or len(side.columns) != 1:
        return None
    (row,), (column,) = side.rows, side.columns
    return Sum(row, substitute(side.entry, {column.name: row})) if _same_range(row, column) else None


def diagonal(side: Side) -> Side:
    """The matrix with these entries on its diagonal."""
    if isinstance(side, Open) and len(side.axes) == 1:
        (axis,) = side.axes
        other = axis.renamed(fresh_name(axis.name, set(free_indices(side.entry))))
        return Open((axis,), (other,), mul(Bracket("=", axis, other), side.entry), implied=False)
    if isinstance(side, Table) and (side.vector or len(side.rows) == 1 or len(side.rows[0]) == 1):
        cells = side.cells
        return Table(tuple(tuple(cell if i == j else ZERO for j in range(len(cells))) for i, cell in enumerate(cells)))
    if isinstance(side, Expr):
        return side
    raise ShapeError("diag takes a vector")
