"""Formulas of whole matrices judged: do the sizes fit for every batch, and is it the same as what the network does?

Two formulas are the same when they are the same sum of products in order, with transposes moved inwards; they are not
when they differ on small whole numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import TypeAlias

from msgspec import Struct

from derive.algebra.whole import amount_at
from derive.errors import BudgetError
from derive.judging.counting.values import differing, same
from derive.language.expression import ONE, Expr
from derive.language.layer import Activation, Linear, Network
from derive.language.matrix_formula import Applied, Matrix, Plus, Times, Turned, Whole

MAX_TERMS = 400
Sizes: TypeAlias = tuple[Expr, Expr]
Shapes: TypeAlias = Mapping[str, Sizes]  # a row of biases is 1 x n
Grid: TypeAlias = list[list[int]]
Normal: TypeAlias = frozenset[tuple[tuple[object, ...], int]]  # products of atoms, with their coefficients


class MisfitError(Exception):
    """A product whose inner sizes differ, or a sum of different shapes; `certain` for products."""

    def __init__(self, left: Matrix, right: Matrix, one: Sizes, other: Sizes, *, certain: bool) -> None:
        super().__init__("the sizes do not fit")
        self.left, self.right, self.one, self.other, self.certain = left, right, one, other, certain


class Difference(Struct, frozen=True):
    """Where two formulas differ, on whole numbers."""

    sizes: Mapping[str, int]
    entry: tuple[int, int]
    left: int
    right: int


def of_network(network: Network) -> Matrix:
    """a(X W_h + b_h), layer by layer."""
    value: Matrix = Whole("X")
    for layer in network.layers:
        if isinstance(layer, Linear):
            weighted = Times((value, Whole(f"W_{layer.name}")))
            value = Plus(((1, weighted), (1, Whole(f"b_{layer.name}")))) if layer.bias else weighted
        elif isinstance(layer, Activation):
            value = Applied(value)
    return value


def shape_of(node: Matrix, shapes: Shapes) -> Sizes:
    """Rows and columns. Raises MisfitError where no product or sum exists for every size."""
    match node:
        case Whole(name):
            return shapes[name]
        case Applied(inside):
            return shape_of(inside, shapes)
        case Turned(inside):
            rows, columns = shape_of(inside, shapes)
            return columns, rows
        case Times(factors):
            left, found = factors[0], shape_of(factors[0], shapes)
            for right in factors[1:]:
                other = shape_of(right, shapes)
                if not same(found[1], other[0]):
                    vector = ONE in (*found, *other)  # a row of biases may be meant as a column here
                    certain = not vector and differing(found[1], other[0]) is not None
                    raise MisfitError(left, right, found, other, certain=certain)
                left, found = right, (found[0], other[1])
            return found
        case Plus(terms):
            first, found = terms[0][1], shape_of(terms[0][1], shapes)
            for _, right in terms[1:]:
                found = _joined(first, right, found, shape_of(right, shapes))
            return found


def _joined(left: Matrix, right: Matrix, one: Sizes, other: Sizes) -> Sizes:
    """The shape of a sum; a row is added to every row, a column to every column."""
    found = []
    for a, b in zip(one, other, strict=True):
        if not same(a, b) and ONE not in (a, b):
            raise MisfitError(left, right, one, other, certain=False)
        found.append(b if a == ONE else a)
    return found[0], found[1]


def normal(node: Matrix, *, turned: bool = False) -> Normal:
    """The sum of products that it is; a row that is added to every row stands for the matrix of such rows."""
    match node:
        case Whole(name):
            return frozenset({(((name, turned),), 1)})
        case Applied(inside):
            return frozenset({(((normal(inside, turned=turned),),), 1)})
        case Turned(inside):
            return normal(inside, turned=not turned)
        case Plus(terms):
            found: dict[tuple[object, ...], int] = {}
            for sign, term in terms:
                for atoms, count in normal(term, turned=turned):
                    found[atoms] = found.get(atoms, 0) + sign * count
            return _kept(found)
        case Times(factors):
            sums = [normal(factor, turned=turned) for factor in (factors[::-1] if turned else factors)]
            found = {(): 1}
            for one in sums:
                if len(found) * len(one) > MAX_TERMS:
                    raise BudgetError("the products of this formula are too many")
                longer: dict[tuple[object, ...], int] = {}
                for (before, c), (atoms, d) in product(found.items(), one):
                    longer[before + atoms] = longer.get(before + atoms, 0) + c * d
                found = longer
            return _kept(found)


def _kept(found: Mapping[tuple[object, ...], int]) -> Normal:
    return frozenset((atoms, count) for atoms, count in found.items() if count)


def difference(one: Matrix, other: Matrix, shapes: Shapes, batch: Mapping[str, int]) -> Difference | None:
    """The first entry in which they differ on small whole numbers, for these sizes."""
    for seed in range(3):
        values = _values(shapes, batch, seed)
        left, right = evaluated(one, values), evaluated(other, values)
        for i, k in product(range(max(len(left), len(right))), range(max(len(left[0]), len(right[0])))):
            a, b = (
                left[min(i, len(left) - 1)][min(k, len(left[0]) - 1)],
                right[min(i, len(right) - 1)][min(k, len(right[0]) - 1)],
            )
            if a != b:
                return Difference(batch, (i + 1, k + 1), a, b)
    return None


def _values(shapes: Shapes, batch: Mapping[str, int], seed: int) -> dict[str, Grid]:
    state = 12345 + 777 * seed
    found: dict[str, Grid] = {}
    for name, (rows, columns) in shapes.items():
        grid: Grid = []
        for _ in range(int(amount_at(rows, batch))):
            grid.append([])
            for _ in range(int(amount_at(columns, batch))):
                state = (1103515245 * state + 12345) % 2**31
                grid[-1].append((state >> 16) % 7 - 3)
        found[name] = grid
    return found


def evaluated(node: Matrix, values: Mapping[str, Grid]) -> Grid:
    """The entries, for a formula whose sizes fit; the activation is ReLU."""
    match node:
        case Whole(name):
            return values[name]
        case Applied(inside):
            return [[max(0, entry) for entry in row] for row in evaluated(inside, values)]
        case Turned(inside):
            return [list(column) for column in zip(*evaluated(inside, values), strict=True)]
        case Plus(terms):
            grids = [(sign, evaluated(term, values)) for sign, term in terms]
            rows, columns = max(len(g) for _, g in grids), max(len(g[0]) for _, g in grids)
            return [
                [sum(s * g[i % len(g)][k % len(g[0])] for s, g in grids) for k in range(columns)] for i in range(rows)
            ]
        case Times(factors):
            found = evaluated(factors[0], values)
            for factor in factors[1:]:
                columns_ = list(zip(*evaluated(factor, values), strict=True))
                found = [[sum(a * b for a, b in zip(row, column, strict=True)) for column in columns_] for row in found]
            return found
