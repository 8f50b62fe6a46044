"""Pictures of a matrix by its entries: equal weights share a hatch and their letter, zeros are dots or left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby, product
from typing import NamedTuple

from derive.algebra.evaluate import Evaluator, Rationals
from derive.algebra.sparse import Sparse, sparse
from derive.errors import UnsupportedError
from derive.language.expression import Expr, Read, expression, tensors_in
from derive.language.notation import Name
from derive.language.problem import Matrix
from derive.language.program import Equation
from derive.language.tensor import Tensor
from derive.rendering.context import Context, is_slope, joined, name
from derive.rendering.document import Block, Cell, Figure, Fill, Label, Math, Text

HATCHES: tuple[Fill, ...] = ("rising", "level", "falling", "upright", "crossed", "shaded")
TALL = 6.2  # of a cell, in millimetres
WIDE, WIDER = 8.4, 11.6  # where columns are headed by values, and by derivatives
NARROW, BROAD = 9.0, 15.0  # room for the names of rows
TOP = 6.5
GAP = 9.0
FITS, PATTERN = 168.0, 112.0
MOST = 300  # cells of a matrix that is drawn entry by entry
TINY = 3.4


class Drawn(NamedTuple):
    """A matrix at sizes, and what its rows and columns are called."""

    matrix: Matrix
    entries: Sparse
    rows: list[Read]
    columns: list[Read]


def matrix_pictures(context: Context) -> list[Block]:
    """Matrices that follow one another stand in one figure where they fit; empty without an instance."""
    if context.report.worked is None:
        return []
    blocks: list[Block] = []
    for picture, group in groupby(context.problem.matrices, key=lambda matrix: matrix.picture):
        drawn = [one for matrix in group if (one := _drawn(context, matrix)) is not None]
        if picture == "entries" and drawn:
            blocks += _entries(context, drawn)
        elif picture == "stamps":
            blocks += [_stamps(context, one) for one in drawn]
        else:
            blocks += [_pattern(context, one) for one in drawn]
    return blocks


def _drawn(context: Context, matrix: Matrix) -> Drawn | None:
    sizes = dict(matrix.sizes) or instance_sizes(context)
    equation = context.report.derivation.definitions[matrix.tensor.key]
    rows, columns = (_named(tensor, sizes) for tensor in (matrix.of, matrix.by))
    if len(rows) * len(columns) > MOST and matrix.picture != "pattern":
        return None
    try:
        return Drawn(matrix, _laid_out(context, matrix, equation, sizes), rows, columns)
    except UnsupportedError:
        return None


def instance_sizes(context: Context) -> dict[str, int]:
    assert context.report.worked is not None
    return {key: value for key, value in context.report.worked.values.items() if isinstance(value, int)}


def _laid_out(context: Context, matrix: Matrix, equation: Equation, sizes: Mapping[str, int]) -> Sparse:
    """From the matrix's own definition; or as the transpose of another matrix that a remark proves it to be."""
    try:
        return sparse(equation, len(matrix.of.axes), sizes)
    except UnsupportedError:
        for remark in context.problem.remarks:
            one, other = remark.left, remark.right
            if isinstance(one, Read) and isinstance(other, Read) and one == matrix.tensor.entry():
                definition = context.report.derivation.definitions.get(other.tensor.key)
                swapped = (*one.indices[len(matrix.of.axes) :], *one.indices[: len(matrix.of.axes)])
                if definition is not None and other.indices == swapped:
                    return sparse(definition, len(matrix.by.axes), sizes).transposed
        raise


def _named(tensor: Tensor, sizes: Mapping[str, int]) -> list[Read]:
    evaluator = Evaluator(Rationals(), {}, sizes, {})
    ranges = [evaluator.range(axis, {}) for axis in tensor.axes]
    return [Read(tensor, tuple(map(expression, where))) for where in product(*ranges)]


def _kind(weight: Expr) -> tuple[Expr, ...]:
    """Weights of one kind share a hatch: those at one tap, whatever the channels."""
    read = weight if isinstance(weight, Read) else Read(next(iter(tensors_in(weight).values())))
    above = read.tensor.name.above if isinstance(read.tensor.name, Name) else 0
    return read.indices[above:]


def _fills(drawn: Sequence[Drawn]) -> dict[tuple[Expr, ...], Fill]:
    kinds = dict.fromkeys(_kind(weight) for one in drawn for weight in one.entries.table)
    ranked = sorted(kinds, key=lambda kind: tuple(map(repr, kind)))
    return {kind: HATCHES[k % len(HATCHES)] for k, kind in enumerate(ranked)}


def _entries(context: Context, drawn: list[Drawn]) -> list[Block]:
    """Side by side while they fit, each with its zeros as dots."""
    fills = _fills(drawn)
    cells: list[Cell] = []
    labels: list[Label] = []
    x, height = 0.0, 0.0
    shown: list[Drawn] = []
    for one in drawn:
        left = x + (BROAD if is_slope(one.matrix.of) else NARROW)
        wide = WIDER + 1.6 * max(0, len(one.matrix.by.axes) - 2) if is_slope(one.matrix.by) else WIDE
        right = left + wide * len(one.columns)
        if shown and right > FITS:
            return [*_entries(context, shown), *_entries(context, drawn[len(shown) :])]
        cells += _grid(one, left, TOP, wide, fills)
        labels += [Label(left + (c + 0.5) * wide, TOP - 3, (Math((read,)),)) for c, read in enumerate(one.columns)]
        labels += [
            Label((x + left) / 2 - 0.5, TOP + (r + 0.5) * TALL, (Math((read,)),)) for r, read in enumerate(one.rows)
        ]
        shown.append(one)
        x, height = right + GAP, max(height, TOP + TALL * len(one.rows) + 0.5)
    which: list[Text] = [(name(one.matrix.tensor), " with ", *_product(one.matrix)) for one in shown]
    caption: Text = (
        *joined(which, last=" and "), ", entry by entry: equal weights share a hatch and their name, zeros are dots.",
        *_transposed(shown),
    )  # fmt: skip
    alt = " ".join(_told(one) for one in shown)
    return [Figure(x - GAP + 0.5, height, (), (), tuple(labels), caption, alt, cells=tuple(cells))]


def _product(matrix: Matrix) -> Text:
    return (name(matrix.of), " = ", name(matrix.tensor), " ", name(matrix.by))


def _transposed(shown: Sequence[Drawn]) -> Text:
    if len(shown) == 2 and shown[0].entries.shape == shown[1].entries.shape[::-1]:
        return (" Rows of one are columns of the other.",)
    return ()


def _grid(one: Drawn, left: float, top: float, wide: float, fills: Mapping[tuple[Expr, ...], Fill]) -> list[Cell]:
    found = {(r, c): one.entries.table[w] for r, c, w in zip(*_triples(one.entries), strict=True)}
    cells = []
    for r, c in product(range(len(one.rows)), range(len(one.columns))):
        weight = found.get((r, c))
        text: Text = ("·",) if weight is None else (Math((weight,)),)
        fill: Fill = "plain" if weight is None else fills[_kind(weight)]
        cells.append(Cell(_mm(left + c * wide), _mm(top + r * TALL), wide, TALL, text, fill))
    return cells


def _triples(entries: Sparse) -> tuple[Sequence[int], Sequence[int], Sequence[int]]:
    return entries.rows, entries.columns, entries.weights


def _mm(length: float) -> float:
    return round(length, 2)


def _told(one: Drawn) -> str:
    entries = "; ".join(
        f"row {r + 1}, column {c + 1}: {one.entries.table[w]!r}"
        for r, c, w in sorted(zip(*_triples(one.entries), strict=True))
    )
    return f"{one.matrix.tensor.key}: {len(one.rows)} rows, {len(one.columns)} columns; {entries}."


def _stamps(context: Context, one: Drawn) -> Figure:
    """Column after column, times the entry it belongs to; below them their sum."""
    fills = _fills([one])
    flat = one.entries.transposed
    found = {(r, c): flat.table[w] for r, c, w in zip(*_triples(flat), strict=True)}
    left, wide = 26.0, 13.0
    cells: list[Cell] = []
    labels: list[Label] = []
    for r, read in enumerate(one.columns):
        y = TOP + r * (TALL + 1.6)
        labels.append(Label(left - 10, y + TALL / 2, (Math((read,)), " ×")))
        labels += [Label(left - 20, y + TALL / 2, ("+",))] if r else []
        for c in range(len(one.rows)):
            weight = found.get((r, c))
            x = left + c * wide
            if weight is None:
                labels.append(Label(x + wide / 2, y + TALL / 2, ("·",)))
            else:
                cells.append(Cell(_mm(x), _mm(y), wide, TALL, (Math((weight,)),), fills[_kind(weight)]))
    y = TOP + len(one.columns) * (TALL + 1.6) + 1
    labels.append(Label(left - 6, y + TALL / 2, ("=",)))
    cells += [
        Cell(_mm(left + c * wide), _mm(y), wide, TALL, (Math((read,)),), "shaded") for c, read in enumerate(one.rows)
    ]
    caption: Text = (
        "The product ", *_product(one.matrix), " as stamping: each ", Math((one.matrix.by.entry(),)),
        " leaves a copy of the kernel, and what lies on one another adds up",
        *_at_sizes(one.matrix), ".",
    )  # fmt: skip
    alt = f"Each entry of {one.matrix.by.key} times one column of {one.matrix.tensor.key}, added up. {_told(one)}"
    size = (left + len(one.rows) * wide + 1, y + TALL + 0.5)
    return Figure(_mm(size[0]), _mm(size[1]), (), (), tuple(labels), caption, alt, cells=tuple(cells))


def _at_sizes(matrix: Matrix) -> Text:
    fixed: list[Text] = [(name(Tensor(Name(key))), f" = {size}") for key, size in matrix.sizes.items()]
    return (", at ", *joined(fixed)) if fixed else ()


def _pattern(context: Context, one: Drawn) -> Figure:
    """Only where the entries stand, in a frame; a legend tells the hatches."""
    fills = _fills([one])
    side = min(TINY, PATTERN / one.entries.shape[1])
    frame = Cell(0.5, 0.5, _mm(side * one.entries.shape[1]), _mm(side * one.entries.shape[0]))
    cells = [frame] + [
        Cell(
            _mm(0.5 + c * side), _mm(0.5 + r * side), _mm(side), _mm(side), (), fills[_kind(one.entries.table[w])], 0.2
        )
        for r, c, w in zip(*_triples(one.entries), strict=True)
    ]
    below, wide = frame.height + 4, max(frame.width / (len(fills) + 1), 20.0)
    labels = []
    legend = {fill: kind for kind, fill in reversed(fills.items())}
    for k, (fill, kind) in enumerate(reversed(legend.items())):
        left = (k + 0.1) * wide
        cells.append(Cell(_mm(left), _mm(below), TINY, TINY, (), fill, 0.2))
        taps: Text = ("tap ", *joined([(Math((index,)),) for index in kind]))
        labels.append(Label(_mm(left + TINY + 7), _mm(below + TINY / 2), taps))
    entries, (height, width) = len(one.entries), one.entries.shape
    caption: Text = (
        "Where the entries of ", name(one.matrix.tensor), " stand", *_at_sizes(one.matrix),
        f": {entries} of {height} × {width}, with {len(one.entries.table)} different weights; one block for each ",
        "pair of channels, one diagonal for each tap.",
    )  # fmt: skip
    alt = f"Sparsity pattern of {one.matrix.tensor.key}, {height} by {width}, {entries} entries along diagonals."
    return Figure(
        _mm(max(frame.width, len(fills) * wide) + 1),
        _mm(below + TINY + 1),
        (),
        (),
        tuple(labels),
        caption,
        alt,
        cells=tuple(cells),
    )
