"""Two small arrays side by side: what is summed along a row, and what down a column."""

from __future__ import annotations

from collections.abc import Iterator

from derive.language.expression import Index, Read, Sum, walk
from derive.language.tensor import Tensor, d
from derive.rendering.context import Context, joined, name, sizes
from derive.rendering.document import Arrow, Block, Cell, Figure, Label, Math, Text
from derive.rendering.figure import straight_arrow

ROWS, COLUMNS = 4, 6  # of the drawing; the arrays have any size
SIDE = 5.6  # of a cell, in millimetres
LEFT, TOP = 20.0, 12.0  # room for the names of the axes
GAP = 1.4  # from an array to its sums, in cells
APART = 84.0  # from one array to the next
CHOSEN = (1, 2)  # the row and the column that stand for all


def reductions_figure(context: Context) -> list[Block]:
    """Empty unless some results of the program sum along each of the two axes of one input."""
    for tensor in context.problem.program.inputs():
        if len(tensor.axes) == 2:
            row, column = tensor.axes
            along, down = _reduced(context, tensor, column), _reduced(context, tensor, row)
            if along and down:
                return [_figure(tensor, along, down)]
    return []


def _reduced(context: Context, tensor: Tensor, axis: Index) -> list[Tensor]:
    """What keeps the other axis of the array and sums over this one: statistics, then gradients of parameters."""
    kept = tuple(other for other in tensor.axes if other != axis)
    return [t for t, value in _definitions(context) if t.axes == kept and _sums_over(value, axis)]


def _definitions(context: Context) -> Iterator[tuple[Tensor, object]]:
    """Forward values, and the gradients asked for by what is given from outside."""
    program = context.problem.program
    for equation in program.equations:
        yield equation.tensor, equation.value
    given = {d(program.loss, tensor).key for tensor in program.inputs()}
    for part in context.parts:
        left = part.claim.left
        if isinstance(left, Read) and left.tensor.key in given:
            yield left.tensor, part.claim.right


def _sums_over(value: object, axis: Index) -> bool:
    ranges = [(node.index.lower, node.index.upper) for node in walk(value) if isinstance(node, Sum)]  # type: ignore[arg-type]
    return (axis.lower, axis.upper) in ranges


def _figure(tensor: Tensor, along: list[Tensor], down: list[Tensor]) -> Figure:
    row, column = tensor.axes
    cells: list[Cell] = []
    labels: list[Label] = []
    arrows: list[Arrow] = []
    for offset, across in ((0.0, True), (APART, False)):
        left = LEFT + offset
        cells += _array(left, across)
        results, result_label = _results(left, along if across else down, across)
        cells += results
        labels += [*_axes(left, row, column), result_label]
        arrows.append(_sweep(left, across))
    caption: Text = (
        "The same ", *sizes(tensor.shape), " array twice. Left: along the hatched row, over ", Math((column,)),
        ", run the sums of ", *_names(along), ", one entry for each ", Math((row,)),
        ". Right: down the hatched column, over ", Math((row,)), ", run those of ", *_names(down),
        ", one entry for each ", Math((column,)), ".",
    )  # fmt: skip
    alt = (
        f"Two {tensor.axes[0].name} by {column.name} arrays. Summed over {column.name}: "
        f"{', '.join(t.key for t in along)}. Summed over {row.name}: {', '.join(t.key for t in down)}."
    )
    width, height = LEFT + APART + (COLUMNS + 1 + GAP) * SIDE, TOP + (ROWS + 1 + GAP) * SIDE + 7
    return Figure(width, height, (), tuple(arrows), tuple(labels), caption, alt, cells=tuple(cells))


def _names(tensors: list[Tensor]) -> Text:
    return joined([(name(tensor),) for tensor in tensors], last=" and ")


def _array(left: float, across: bool) -> list[Cell]:
    row, column = CHOSEN
    return [
        Cell(left + c * SIDE, TOP + r * SIDE, SIDE, SIDE,
             fill="hatched" if (r == row if across else c == column) else "plain")
        for r in range(ROWS) for c in range(COLUMNS)
    ]  # fmt: skip


def _results(left: float, tensors: list[Tensor], across: bool) -> tuple[list[Cell], Label]:
    """A column of results beside the array, or a row of them below it, and their names."""
    row, column = CHOSEN
    if across:
        x = left + (COLUMNS + GAP) * SIDE
        cells = [Cell(x, TOP + r * SIDE, SIDE, SIDE, fill="shaded" if r == row else "plain") for r in range(ROWS)]
        return cells, Label(x + SIDE / 2, TOP - 4, _entries(tensors))
    y = TOP + (ROWS + GAP) * SIDE
    cells = [Cell(left + c * SIDE, y, SIDE, SIDE, fill="shaded" if c == column else "plain") for c in range(COLUMNS)]
    return cells, Label(left + COLUMNS / 2 * SIDE, y + SIDE + 4, _entries(tensors))


def _entries(tensors: list[Tensor]) -> Text:
    return joined([(Math((tensor.entry(),)),) for tensor in tensors])


def _axes(left: float, row: Index, column: Index) -> list[Label]:
    def ranged(index: Index) -> Text:
        return (Math((index,)), " = ", Math((index.lower,)), " … ", Math((index.upper,)))

    return [
        Label(left + COLUMNS / 2 * SIDE, TOP - 4, ranged(column)),
        Label(left - 11, TOP + ROWS / 2 * SIDE, ranged(row)),
    ]


def _sweep(left: float, across: bool) -> Arrow:
    """From the hatched cells to the entry that they are summed into."""
    row, column = CHOSEN
    if across:
        y = TOP + (row + 0.5) * SIDE
        start, end = (left + COLUMNS * SIDE, y), (left + (COLUMNS + GAP) * SIDE, y)
    else:
        x = left + (column + 0.5) * SIDE
        start, end = (x, TOP + ROWS * SIDE), (x, TOP + (ROWS + GAP) * SIDE)
    return straight_arrow(start, end)
