"""A bound against what it bounds, layer by layer, on a logarithmic scale: from the values of the worked instance."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor, log10

from derive.algebra.decimals import SIGN
from derive.language.derivation import Part
from derive.language.expression import ONE, Decimal, Index, Number, free_indices
from derive.language.network import Network
from derive.rendering.context import Context
from derive.rendering.document import Arrow, Block, Cell, Figure, Label, Math, Text
from derive.rendering.figure import straight_arrow

WIDTH, HEIGHT = 120.0, 52.0
LEFT, TOP, BOTTOM = 22.0, 4.0, 12.0
MARK = 2.4  # of a marker
Point = tuple[float, float]


def bounds_plot(context: Context) -> list[Block]:
    """One figure for each part that bounds a single number of every layer."""
    network, worked = context.problem.program, context.report.worked
    if not isinstance(network, Network) or worked is None:
        return []
    found = []
    for part in context.parts:
        values = worked.parts.get(part.question.id)
        if part.claim.relation == "<=" and not free_indices(part.claim.left) and isinstance(values, Mapping):
            found.append(_figure(context, network, part, values))
    return [figure for figure in found if figure is not None]


def _figure(context: Context, network: Network, part: Part, values: Mapping[str, object]) -> Figure | None:
    rows = {int(number): _pair(sides) for number, sides in values.items()}
    if len(rows) < 2 or any(pair is None for pair in rows.values()):
        return None
    pairs = {number: pair for number, pair in rows.items() if pair is not None}
    logs = [log10(value) for pair in pairs.values() for value in pair]
    low, high = floor(min(logs)), max(ceil(max(logs)), floor(min(logs)) + 1)

    def x(number: int) -> float:
        step = (WIDTH - LEFT - 14) / (len(pairs) - 1)
        return LEFT + 7 + (max(pairs) - number) * step

    def y(value: float) -> float:
        return TOP + (high - log10(value)) / (high - low) * (HEIGHT - TOP - BOTTOM)

    below = HEIGHT - BOTTOM + 2
    arrows = [straight_arrow((LEFT, below), (WIDTH, below)), straight_arrow((LEFT, below), (LEFT, TOP - 2))]
    letter = Index(network.layer.letter, ONE)
    labels = [Label(x(number), below + 4, (Math((letter, Number(Fraction(number)))),)) for number in pairs]
    every = max(1, (high - low) // 6)
    labels += [Label(LEFT - 9, y(10.0**k), (Math((Decimal(f"1e{k}"),)),)) for k in range(low, high + 1, every)]
    cells: list[Cell] = []
    for side, dashed in ((0, False), (1, True)):
        points = [(x(number), y(pair[side])) for number, pair in pairs.items()]
        arrows += [_line(one, other, dashed) for one, other in pairwise(points)]
        cells += [_mark(point, dashed) for point in points]
    told = " (hollow squares, dashed) and what it bounds (filled squares, solid), layer by layer on the worked"
    scale = f"{told} instance, on a logarithmic scale: "
    caption: Text = ("The bound of part ", part.question.id, scale, Math((part.claim.left,)), ".")
    alt = "; ".join(f"layer {number}: {pair[0]:.2g} of at most {pair[1]:.2g}" for number, pair in pairs.items())
    return Figure(WIDTH + 2, HEIGHT + 4, (), tuple(arrows), tuple(labels), caption, alt, cells=tuple(cells))


def _pair(sides: object) -> tuple[float, float] | None:
    """What is bounded and its bound, as positive numbers; None where one is 0 or has no value."""
    if not isinstance(sides, Mapping):
        return None
    try:
        left, right = (float(Fraction(str(sides[side]).removeprefix(SIGN))) for side in ("left", "right"))
    except ValueError:
        return None
    return (left, right) if left > 0 and right > 0 else None


def _line(start: Point, end: Point, dashed: bool) -> Arrow:
    """A stroke without a head."""
    arrow = straight_arrow(start, end)
    return Arrow((*arrow.points[:3], end), (), dashed)


def _mark(point: Point, hollow: bool) -> Cell:
    left, top = round(point[0] - MARK / 2, 2), round(point[1] - MARK / 2, 2)
    return Cell(left, top, MARK, MARK, fill="plain" if hollow else "black")
