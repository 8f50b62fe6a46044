"""Entries of matrices for the oracles: whole arrays multiplied row by column, whatever order they were written in."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

from derive.errors import UnsupportedError
from derive.language.expression import Read
from derive.language.matrices import Component, Diagonal, MatrixExpr, Ordered, Product, Transposed, Whole
from derive.language.tensor import Tensor
from derive.verification.evaluation import Evaluator, Scalar, Scope

Array: TypeAlias = list[list[Scalar]]


def component(evaluator: Evaluator, node: Component, scope: Scope) -> Scalar:
    """M[row, column], the whole of M being worked out first."""
    row, column = (evaluator.integer(at, scope) for at in (node.row, node.column))
    return array(evaluator, node.matrix)[row - 1][column - 1]


def array(evaluator: Evaluator, matrix: MatrixExpr) -> Array:
    match matrix:
        case Whole(tensor):
            return _entries(evaluator, tensor)
        case Diagonal(entry, index):
            values = [evaluator.value(entry, {index.name: k}) for k in evaluator.span(index, {})]
            zero = evaluator.arithmetic.number(Fraction(0))
            return [[value if r == c else zero for c in range(len(values))] for r, value in enumerate(values)]
        case Transposed(of):
            return [list(column) for column in zip(*array(evaluator, of), strict=True)]
        case Product(factors):
            return _multiplied(evaluator, factors)
        case Ordered():
            return _multiplied(evaluator, _written_out(matrix))
    raise UnsupportedError(f"no oracle evaluates {type(matrix).__name__} here")


def _entries(evaluator: Evaluator, tensor: Tensor) -> Array:
    rows, columns = [*(list(evaluator.span(axis, {})) for axis in tensor.axes), [1], [1]][:2]
    return [
        [evaluator.read(Read(tensor), (row, column)[: len(tensor.axes)]) for column in columns] for row in rows
    ]  # fmt: skip


def _written_out(run: Ordered) -> tuple[MatrixExpr, ...]:
    """The factors of every layer. Raises UnsupportedError where there is no layer, or their number is a symbol."""
    if not run.length or run.length < 0:
        raise UnsupportedError("a product over no layers, or over a symbolic number of them, has no entries here")
    factors: list[MatrixExpr] = []
    level = run.start
    for _ in range(run.length):
        factors.extend(run.at(level))
        level = run.next(level)
    return tuple(factors)


def _multiplied(evaluator: Evaluator, factors: Sequence[MatrixExpr]) -> Array:
    first, *rest = (array(evaluator, factor) for factor in factors)
    total, numbers = first, evaluator.arithmetic
    for right in rest:
        columns = list(zip(*right, strict=True))
        total = [[numbers.add([numbers.mul(pair) for pair in zip(row, column, strict=True)]) for column in columns]
                 for row in total]  # fmt: skip
    return total
