"""A statement that someone made, read: chains of sides, each an expression, an array by its entry, or a table."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from derive.language.expression import Expr, Index
from derive.language.notation import Level

Relation: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">=", "~"]


class Open(Struct, frozen=True):
    """An array by its general entry: `rows` and `columns` are its axes, free in `entry`.

    `implied` are axes whose index was left out in the text, as in mu for mu_j; `sure` ones are as code has them.
    """

    rows: tuple[Index, ...]
    columns: tuple[Index, ...]
    entry: Expr
    implied: bool = True
    sure: bool = False

    @property
    def axes(self) -> tuple[Index, ...]:
        return (*self.rows, *self.columns)


class Table(Struct, frozen=True):
    """An array written out, row by row. A `vector` is one row that may stand for a column too.

    `fence` are the brackets of a list: "{}" is a set, "[)" an interval.
    """

    rows: tuple[tuple[Expr, ...], ...]
    vector: bool = False
    fence: str = ""

    @property
    def cells(self) -> tuple[Expr, ...]:
        return tuple(cell for row in self.rows for cell in row)


Side: TypeAlias = Expr | Open | Table


class Chain(Struct, frozen=True):
    """left ~ next ~ ...; a bare expression is a chain of one side. `texts` are the sides as they were typed."""

    sides: tuple[Side, ...]
    relations: tuple[Relation, ...]
    texts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # how something that was left open has been read
    term: bool = False  # one term of an answer, not all of it
    assumed: str = ""  # a convention without which the text has no meaning: which sum a bare sum sign is
    ranges: tuple[Index, ...] = ()  # the free indices that it is about some values of
    layers: tuple[Level, Level] | None = None  # the first and the last layer that it is about, where not all of them
    misfit: tuple[str, str, tuple[str, ...]] | None = None  # a matrix in front of what it cannot be multiplied with
    clashes: tuple[tuple[str, tuple[Expr, ...]], ...] = ()  # letters that read axes of different ranges, and their ends
    other: Chain | None = None  # the same where a name is taken in another way
    open: tuple[str, str] | None = None  # what is said of the two ways
    updates: bool = False  # the last side is the new value of the first
    follows: bool = False  # said to follow from the chains before it
    fitting: str = ""  # a convention without which its arrays do not fit each other
    answers: bool = False  # what stands first is said of what is asked, whose own name is left out


class Statement(Struct, frozen=True):
    """Everything a text says, in order."""

    text: str
    chains: tuple[Chain, ...]


def expressions_of(side: Side) -> tuple[Expr, ...]:
    """The expressions that a side holds."""
    if isinstance(side, Open):
        return (side.entry,)
    if isinstance(side, Table):
        return side.cells
    return (side,)


def with_expressions(side: Side, new: tuple[Expr, ...]) -> Side:
    """The side with its expressions replaced, in the same order; the axes of an array are taken from its entry."""
    from derive.language.expression import free_indices

    if isinstance(side, Open):
        free = free_indices(new[0])
        rows, columns = (tuple(free.get(axis.name, axis) for axis in axes) for axes in (side.rows, side.columns))
        return Open(rows, columns, new[0], side.implied, side.sure)
    if isinstance(side, Table):
        rest = iter(new)
        return Table(tuple(tuple(next(rest) for _ in row) for row in side.rows), side.vector, side.fence)
    return new[0]
