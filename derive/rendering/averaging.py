"""What is averaged over what: entries as rows, channels as columns, one column hatched, the means below."""

from __future__ import annotations

from derive.language.counting import Counting
from derive.language.layer import Network
from derive.rendering.context import Context
from derive.rendering.document import Block, Cell, Figure, Fill, Label, Text

WIDE, TALL = 9.0, 5.0
ROWS, COLUMNS = 4, 4
LEFT, GAP = 26.0, 14.0


def averaging_figure(context: Context) -> list[Block]:
    """One panel for each network, side by side."""
    program = context.problem.program
    assert isinstance(program, Counting)
    cells: list[Cell] = []
    labels: list[Label] = []
    x = 0.0
    for network in program.networks.values():
        cells += _grid(x + LEFT)
        labels += _labels(network, x)
        x += LEFT + COLUMNS * WIDE + GAP
    height = 8 + ROWS * TALL + 3 + TALL + 6
    caption: Text = (
        "Each column is a channel. Everything in it, hatched for one, is averaged into one number of the row below; so",
        " there is one mean and one variance for each channel.",
    )
    alt = (
        "For each network a grid of four rows and four columns; one column is hatched, and an arrow of meaning leads to"
    )
    return [
        Figure(x - GAP, height, (), (), tuple(labels), caption, f"{alt} the one cell below it.", cells=tuple(cells))
    ]


def _grid(left: float) -> list[Cell]:
    cells = []
    for row in range(ROWS):
        for column in range(COLUMNS):
            fill: Fill = "rising" if column == 1 else "plain"
            cells.append(Cell(left + column * WIDE, 8 + row * TALL, WIDE, TALL, (), fill))
    below = 8 + ROWS * TALL + 3
    cells += [
        Cell(left + c * WIDE, below, WIDE, TALL, (), "rising" if c == 1 else "plain", 1.0) for c in range(COLUMNS)
    ]
    return cells


def _labels(network: Network, x: float) -> list[Label]:
    """The rows are what is averaged over: examples, and their places where there are any."""
    what = "examples" if not network.input.spatial else "examples and places"
    middle = x + LEFT + COLUMNS * WIDE / 2
    return [
        Label(middle, 2, (network.title,)),
        Label(middle, 6, ("channels →",)),
        Label(x + LEFT / 2 - 1, 8 + ROWS * TALL / 2, (what,)),
        Label(x + LEFT / 2 - 1, 8 + ROWS * TALL + 3 + TALL / 2, ("means",)),
    ]
