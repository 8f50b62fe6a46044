"""The matrix of an instance by its non-zero entries: arrays of rows, columns and weights, as long as there are some.

T[r, c] = sum over taps of weight * [conditions], where the conditions are affine. Along the last index of a row the
entries of one tap lie on a straight line, so they are written as ranges, never entry by entry.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from msgspec import Struct

from derive.algebra.evaluate import Evaluator, Rationals
from derive.algebra.unroll import Unroll
from derive.errors import UnsupportedError
from derive.language.expression import Bracket, Expr, Index, Mul, Sum, free_indices, mul
from derive.language.program import Equation


class Sparse(Struct, frozen=True):
    """Entry number e is `table[weights[e]]`, in row rows[e] and column columns[e], both counted from 0."""

    shape: tuple[int, int]
    rows: array[int]
    columns: array[int]
    weights: array[int]
    table: tuple[Expr, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def transposed(self) -> Sparse:
        return Sparse((self.shape[1], self.shape[0]), self.columns, self.rows, self.weights, self.table)

    def values(self, value: Callable[[Expr], Any]) -> array[float]:
        """The entries as floating-point numbers, `value` being that of one weight."""
        numbers = [float(value(weight)) for weight in self.table]
        return array("d", [numbers[place] for place in self.weights])


class Line(Struct, frozen=True):
    """constant + sum of slope * index: an affine expression at given sizes."""

    constant: int
    slopes: tuple[int, ...]  # for the indices in their order

    def at(self, values: Sequence[int]) -> int:
        return self.constant + sum(map(int.__mul__, self.slopes, values))


def sparse(equation: Equation, rows: int, sizes: Mapping[str, int]) -> Sparse:
    """The matrix of T[r, c], whose first `rows` indices make the row.

    Raises UnsupportedError where the equation is no sum of weights under affine conditions.
    """
    return _Builder(equation, rows, sizes).build()


class _Builder:
    def __init__(self, equation: Equation, rows: int, sizes: Mapping[str, int]) -> None:
        self.sizes = sizes
        self.evaluator = Evaluator(Rationals(), {}, sizes, {}, budget=10**9)
        body, bound = equation.value, []
        while isinstance(body, Sum):
            bound.append(body.index)
            body = body.body
        factors = body.factors if isinstance(body, Mul) else (body,)
        self.weight = mul(*(factor for factor in factors if not isinstance(factor, Bracket)))
        brackets = [factor for factor in factors if isinstance(factor, Bracket)]
        self.row_axes, self.column_axes = equation.indices[:rows], equation.indices[rows:]
        solved = {axis.name: found for axis in self.column_axes if (found := _solved(axis, brackets))}
        # the last row index runs fastest and comes first, since whole ranges of it are written at once
        self.fast = self.row_axes[-1]
        outer = [*self.row_axes[:-1], *(a for a in self.column_axes if a.name not in solved), *bound]
        self.indices = [self.fast, *outer]
        self.outer = [self.evaluator.range(index, {}) for index in outer]
        if self.fast.name in free_indices(self.weight):
            raise UnsupportedError(f"the weights of the matrix change with {self.fast.name}")
        self.conditions = [
            self._line(bracket.right - bracket.left)
            for bracket in brackets
            if all(bracket is not own for own, _ in solved.values())
            if self._is_range(bracket)
        ]
        lines = {axis.name: self._line(solved[axis.name][1] if axis.name in solved else axis)
                 for axis in (*self.row_axes, *self.column_axes)}  # fmt: skip
        for axis in self.column_axes:  # inside the matrix
            last = self.evaluator.integer(axis.upper, {})
            line = lines[axis.name]
            self.conditions += [Line(line.constant - 1, line.slopes), _negative(line, last)]
        self.row = self._place(self.row_axes, lines)
        self.column = self._place(self.column_axes, lines)

    def _is_range(self, bracket: Bracket) -> bool:
        if bracket.relation != "<=":
            raise UnsupportedError(f"a condition [{bracket.relation}] in a matrix that is laid out")
        return True

    def _line(self, expr: Expr) -> Line:
        """The affine expression by its values at 0 and at the units; checked where all indices are 2."""

        def value(place: int | None, size: int = 1) -> int:
            env = {index.name: size if place in (None, k) else 0 for k, index in enumerate(self.indices)}
            return self.evaluator.integer(expr, env)

        constant = value(-1)
        line = Line(constant, tuple(value(k) - constant for k in range(len(self.indices))))
        if value(None, 2) != line.at([2] * len(self.indices)) or value(None, 3) != line.at([3] * len(self.indices)):
            raise UnsupportedError("the subscripts of a matrix that is laid out must be affine")
        return line

    def _extent(self, axis: Index) -> int:
        return len(self.evaluator.range(axis, {}))

    def _place(self, axes: Sequence[Index], lines: Mapping[str, Line]) -> Line:
        """The number of a row or column, counted from 0, the last index fastest."""
        constant, slopes = 0, [0] * len(self.indices)
        for position, axis in enumerate(axes):
            step = prod(self._extent(other) for other in axes[position + 1 :])
            line = lines[axis.name]
            constant += step * (line.constant - 1)
            slopes = [old + step * slope for old, slope in zip(slopes, line.slopes, strict=True)]
        return Line(constant, tuple(slopes))

    def build(self) -> Sparse:
        rows, columns, weights = array("i"), array("i"), array("i")
        table: dict[Expr, int] = {}
        unroll = Unroll(self.sizes)
        used = [k for k, index in enumerate(self.indices) if index.name in free_indices(self.weight)]
        known: dict[tuple[int, ...], int] = {}
        for outer in product(*self.outer):
            span = self._span((0, *outer))
            if not span:
                continue
            key = tuple(outer[k - 1] for k in used)
            if key not in known:
                env = {index.name: k for index, k in zip(self.indices[1:], outer, strict=True)}
                known[key] = table.setdefault(unroll(self.weight, env), len(table))
            rows.extend(_along(self.row, (0, *outer), span))
            columns.extend(_along(self.column, (0, *outer), span))
            weights.extend([known[key]] * len(span))
        shape = (prod(map(self._extent, self.row_axes)), prod(map(self._extent, self.column_axes)))
        return Sparse(shape, rows, columns, weights, tuple(table))

    def _span(self, values: tuple[int, ...]) -> range:
        """Where all conditions hold, 0 <= constant + slope * fast, a range of the fast index."""
        whole = self.evaluator.range(self.fast, {})
        low, high = whole.start, whole.stop - 1
        for line in self.conditions:
            rest, slope = line.at(values), line.slopes[0]
            if slope > 0:
                low = max(low, -(rest // slope))
            elif slope < 0:
                high = min(high, rest // -slope)
            elif rest < 0:
                return range(0)
        return range(low, high + 1)


def _solved(axis: Index, brackets: Sequence[Bracket]) -> tuple[Bracket, Expr] | None:
    """The condition [axis = e] and e."""
    for bracket in brackets:
        for own, other in ((bracket.left, bracket.right), (bracket.right, bracket.left)):
            if bracket.relation == "=" and own == axis and axis.name not in free_indices(other):
                return bracket, other
    return None


def _negative(line: Line, last: int) -> Line:
    """last - line."""
    return Line(last - line.constant, tuple(-slope for slope in line.slopes))


def _along(line: Line, values: tuple[int, ...], span: range) -> Sequence[int]:
    start, step = line.at(values) + line.slopes[0] * span.start, line.slopes[0]
    return range(start, start + step * len(span), step) if step else [start] * len(span)
