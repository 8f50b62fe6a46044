"""Notation that says more than the algebra knows, spelled out in index notation: entries of matrices, and slopes.

A product over layers of symbolic length stays one unknown matrix; its outermost layers are split off where another such
product in the same statement is shorter, which is all that an induction over the layers needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from derive.algebra.binding import rewrite, substitute
from derive.errors import UnsupportedError
from derive.language.expression import (
    ONE,
    Expr,
    Function,
    Index,
    Read,
    Sum,
    delta,
    free_indices,
    mul,
    walk,
)
from derive.language.functions import logistic, tanh
from derive.language.matrices import Component, Diagonal, MatrixExpr, Ordered, Product, Transposed, Whole
from derive.language.notation import Name
from derive.language.plain import plain
from derive.language.tensor import Tensor

SLOPES: dict[str, Callable[[Expr], Expr]] = {
    "logistic'": lambda z: logistic(z) * (1 - logistic(z)),
    "tanh'": lambda z: 1 - tanh(z) ** 2,
}


def elaborated(*sides: Expr) -> tuple[Expr, ...]:
    """The sides of one statement without matrices and slopes."""
    if not any(_is_notation(node) for side in sides for node in walk(side)):
        return sides
    runs = [run for side in sides for node in walk(side) if isinstance(node, Component) for run in _runs(node.matrix)]
    return tuple(_spelled(side, _common(runs)) for side in sides)


def _is_notation(node: Expr) -> bool:
    return isinstance(node, Component) or (isinstance(node, Function) and node.name in SLOPES)


def _runs(matrix: MatrixExpr) -> Iterator[Ordered]:
    match matrix:
        case Ordered():
            yield matrix
        case Product(factors):
            for factor in factors:
                yield from _runs(factor)
        case Transposed(of):
            yield from _runs(of)


def _common(runs: list[Ordered]) -> dict[str, int]:
    """How far the shortest product reaches at its symbolic lower end: {i: 2} for one that stops at layer i + 2."""
    reach: dict[str, int] = {}
    for run in runs:
        end = run.start if run.upwards else run.stop
        if run.length is None:
            reach[end.letter] = max(reach.get(end.letter, end.offset), end.offset)
    return reach


def _spelled(expr: Expr, reach: dict[str, int]) -> Expr:
    def spell(node: Expr) -> Expr | None:
        match node:
            case Component(matrix, row, column):
                taken = set(free_indices(row)) | set(free_indices(column))
                return _spelled(_Entries(reach, taken).of(matrix, row, column), reach)
            case Function(name, (argument,)) if name in SLOPES:
                return SLOPES[name](_spelled(argument, reach))
        return None

    return rewrite(expr, spell)


class _Entries:
    """Entries of matrices; every sum gets a letter of its own."""

    def __init__(self, reach: dict[str, int], taken: set[str]) -> None:
        self.reach, self.taken = reach, taken

    def of(self, matrix: MatrixExpr, row: Expr, column: Expr) -> Expr:
        match matrix:
            case Whole(tensor):
                return Read(tensor, (row, column)[: len(tensor.axes)])
            case Diagonal(entry, index):
                return mul(delta(row, column), substitute(entry, {index.name: row}))
            case Transposed(of):
                return self.of(of, column, row)
            case Product(factors):
                return self._product(factors, row, column)
            case Ordered():
                return self._ordered(matrix, row, column)
        raise UnsupportedError(f"no entries of {type(matrix).__name__}")

    def _product(self, factors: tuple[MatrixExpr, ...], row: Expr, column: Expr) -> Expr:
        """sum_k F1[row, k] (F2 ...)[k, column]; a diagonal factor needs no sum."""
        first, *rest = factors
        if not rest:
            return self.of(first, row, column)
        if isinstance(first, Diagonal):
            return mul(substitute(first.entry, {first.index.name: row}), self._product(tuple(rest), row, column))
        if len(rest) == 1 and isinstance(rest[0], Diagonal):
            scale = substitute(rest[0].entry, {rest[0].index.name: column})
            return mul(self.of(first, row, column), scale)
        inner = first.shape[1]
        if inner == ONE:
            return mul(self.of(first, row, ONE), self._product(tuple(rest), ONE, column))
        index = self._fresh(inner)
        return Sum(index, mul(self.of(first, row, index), self._product(tuple(rest), index, column)))

    def _fresh(self, size: Expr) -> Index:
        number = 1
        while f"k{number}" in self.taken:
            number += 1
        self.taken.add(f"k{number}")
        return Index(f"k{number}", size)

    def _ordered(self, run: Ordered, row: Expr, column: Expr) -> Expr:
        """Written out where its length is a number; else what all products here share, and the layers beyond it."""
        if run.upwards:
            return self._ordered(run.T, column, row)  # type: ignore[arg-type]
        if run.length is not None:
            if run.length <= 0:
                return delta(row, column) if row != column else ONE
            factors: list[MatrixExpr] = []
            level = run.start
            for _ in range(run.length):
                factors.extend(run.at(level))
                level = run.next(level)
            return self._product(tuple(factors), row, column)
        beyond = self.reach.get(run.stop.letter, run.stop.offset) - run.stop.offset
        if beyond == 0:
            return self._unknown(run, row, column)
        shorter = Ordered(run.letter, run.factors, run.start, run.stop + beyond, fixed=run.fixed)
        rest = [factor for step in range(beyond - 1, -1, -1) for factor in run.at(run.stop + step)]
        return self._product((shorter, *rest), row, column)

    @staticmethod
    def _unknown(run: Ordered, row: Expr, column: Expr) -> Expr:
        """A matrix of which nothing is known but its name, one for each product."""
        rows, columns = run.shape
        axes = (Index("row", rows), Index("column", columns))
        return Read(Tensor(Name(f"({plain(run)})"), axes), (row, column))
