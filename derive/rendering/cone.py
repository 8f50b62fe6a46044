"""A receptive field as a cone: one row of cells for each layer, what one output sees hatched, padding outlined."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from derive.language.counting import Count, Counting
from derive.language.layer import Convolution, Network, Pooling
from derive.rendering.context import Context
from derive.rendering.document import Arrow, Block, Cell, Figure, Fill, Label, Text

WIDTH = 150.0
LEFT = 16.0
WIDEST, TALL, APART = 8.0, 5.2, 6.0
HOW = (
    "Grey cells are padding. Every cell stands over the middle of its own field; an output sees what lies between its"
    " two lines."
)
MOST = 40  # cells of the widest row


class Window(Struct, frozen=True):
    """What a layer does along the one axis that is drawn."""

    name: str
    kernel: int
    stride: int
    dilation: int
    before: int


class Line(Struct, frozen=True):
    """A row of cells: the places of one array, its padding, and what is seen of it."""

    name: str
    first: int
    last: int
    size: int
    seen: frozenset[int]


def cone_figure(context: Context) -> list[Block]:
    """The deepest output asked about, at a place whose field meets the border; along the first spatial axis."""
    program = context.problem.program
    assert isinstance(program, Counting)
    asked = [p.question.wants for p in context.parts if isinstance(p.question.wants, Count)]
    wants = [w for w in asked if w.what in ("sees", "field")]
    if not wants:
        return []
    windows = _windows(program.network(wants[-1].network), wants[-1].layer)
    if not windows:
        return []
    lines = _lines(windows)
    return [] if lines is None else [_figure(lines, windows)]


def _windows(network: Network, last: str) -> list[Window]:
    """Empty where a number is missing, or where a layer is none that has windows."""
    found: list[Window] = []
    for layer in network.layers:
        if isinstance(layer, Convolution | Pooling):
            stride = layer.kernel if layer.stride is None else layer.stride
            numbers = [_first(value) for value in (layer.kernel, stride, layer.dilation)]
            k, s, d = numbers
            p = (
                (d * (k - 1) // 2 if layer.padding == "same" else 0)
                if isinstance(layer.padding, str)
                else _first(layer.padding)
            )
            if min(*numbers, p) < 0 or (layer.padding == "same" and s != 1):
                return []
            found.append(Window(layer.name, k, s, d, p))
        if layer.name == last:
            return found
    return found


def _first(value: object) -> int:
    """The number along the first axis; -1 where it is a symbol."""
    one = value[0] if isinstance(value, tuple) else value
    return one if isinstance(one, int) else -1


def _lines(windows: Sequence[Window]) -> list[Line] | None:
    """From the input to the output, for the second output from the border, or the first."""
    for place in (2, 1):
        seen = [frozenset((place,))]
        for window in reversed(windows):
            low = window.stride * (min(seen[-1]) - 1) + 1 - window.before
            reads = {window.stride * (p - 1) + 1 - window.before + window.dilation * t
                     for p in seen[-1] for t in range(window.kernel)}  # fmt: skip
            seen.append(frozenset(read for read in reads if read >= min(1, low)))
        seen.reverse()
        if max(seen[0]) - min(seen[0]) + 1 <= MOST - 4:
            return _sized(windows, seen)
    return None


def _sized(windows: Sequence[Window], seen: Sequence[frozenset[int]]) -> list[Line]:
    """Each array as long as makes room for the cone, and what a shorter one could not have."""
    size = max(seen[0]) + 2
    lines = []
    for n, found in enumerate(seen):
        before = windows[n].before if n < len(windows) else 0
        real = frozenset(p for p in found if 1 <= p <= size)
        name = "X" if n == 0 else windows[n - 1].name
        lines.append(
            Line(name, min(1 - before, min(found)), size, size, real | (found - real if n == 0 else frozenset()))
        )
        if n < len(windows):
            w = windows[n]
            size = (size + 2 * w.before - w.dilation * (w.kernel - 1) - 1) // w.stride + 1
    return lines


def _figure(lines: Sequence[Line], windows: Sequence[Window]) -> Figure:
    low, high = min(line.first for line in lines), lines[0].last
    wide = min(WIDEST, WIDTH / (high - low + 1))
    starts, jump = _grid(windows)
    cells: list[Cell] = []
    labels: list[Label] = []
    arrows: list[Arrow] = []
    for level, line in enumerate(reversed(lines)):
        depth = len(lines) - 1 - level
        y = round(1 + level * (TALL + APART), 2)
        labels.append(Label(LEFT / 2, y + TALL / 2, (line.name,)))
        for place in range(line.first if depth < len(windows) else 1, line.size + 1):
            centre = starts[depth] + (place - 1) * jump[depth]
            x = LEFT + (centre - low) * wide
            if x < LEFT - 0.01 or centre > high + 0.6:
                continue
            fill: Fill = "shaded" if place < 1 else "rising" if place in line.seen else "plain"
            cells.append(Cell(round(x, 2), y, round(wide, 2), TALL, _number(place, wide), fill))
        if depth:
            arrows += _edges(line, lines[depth - 1], windows[depth - 1], (starts, jump), depth, y, (low, wide))
    height = 1 + len(lines) * (TALL + APART) - APART + 1
    top = lines[-1]
    seen = lines[0].seen
    what = f"What {top.name} at place {min(top.seen)} sees along one axis"
    caption: Text = (f"{what}: places {min(seen)} to {max(seen)} of X, hatched. {_outside(seen)}{HOW}",)
    alt = "; ".join(f"{line.name}: {', '.join(map(str, sorted(line.seen)))} hatched" for line in lines)
    told = f"A cone of cells, one row for each layer. {alt}."
    size = (round(LEFT + (high - low + 1) * wide + 1, 2), round(height, 2))
    return Figure(*size, (), tuple(arrows), tuple(labels), caption, told, _lettering(wide), tuple(cells))


def _outside(seen: frozenset[int]) -> str:
    """What of the field is padding."""
    out = sorted(p for p in seen if p < 1)
    if not out:
        return ""
    return f"Places {out[0]} to {out[-1]} are padding, so the clipped field begins at 1. "


def _grid(windows: Sequence[Window]) -> tuple[list[float], list[int]]:
    """Where the middle of place 1 of each array lies in the input, and how far neighbours are apart."""
    starts, jumps = [1.0], [1]
    for window in windows:
        shift = (window.dilation * (window.kernel - 1)) / 2 - window.before
        starts.append(starts[-1] + shift * jumps[-1])
        jumps.append(jumps[-1] * window.stride)
    return starts, jumps


def _edges(
    line: Line, below: Line, window: Window, grid: tuple[list[float], list[int]], depth: int, y: float,
    scale: tuple[float, float],
) -> list[Arrow]:  # fmt: skip
    """From the ends of what is seen to the ends of what that sees."""
    starts, jumps = grid
    low, wide = scale
    found = []
    for place, read, side in ((min(line.seen), min(below.seen), 0.0), (max(line.seen), max(below.seen), 1.0)):
        top = LEFT + (starts[depth] + (place - 1) * jumps[depth] - low + side) * wide
        foot = LEFT + (starts[depth - 1] + (read - 1) * jumps[depth - 1] - low + side) * wide
        found.append(_line((round(top, 2), y + TALL), (round(foot, 2), y + TALL + APART)))
    return found


def _line(start: tuple[float, float], end: tuple[float, float]) -> Arrow:
    third = ((start[0] + (end[0] - start[0]) / 3, start[1] + (end[1] - start[1]) / 3),
             (start[0] + 2 * (end[0] - start[0]) / 3, start[1] + 2 * (end[1] - start[1]) / 3))  # fmt: skip
    points = (start, *((round(x, 2), round(y, 2)) for x, y in third), end)
    return Arrow(points, (end, end, end), dashed=True)


def _number(place: int, wide: float) -> Text:
    return (str(place).replace("-", "−"),) if wide >= 3.2 else ("",)


def _lettering(wide: float) -> float:
    return 1.0 if wide >= 5.5 else 0.78
