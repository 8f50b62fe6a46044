"""A small network unit by unit: one pill an entry, one arrow for each way to the next, its weight written on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct

from derive.algebra.unroll import Unroll
from derive.language.expression import Add, Expr, Mul, Number, Read, walk
from derive.language.plain import plain
from derive.language.program import Program
from derive.language.tensor import Tensor
from derive.rendering.context import Context, joined
from derive.rendering.document import Arrow, Block, Figure, Label, Math, Pill, Text
from derive.rendering.figure import straight_arrow

ACROSS, DOWN = 31.0, 13.0  # from one column to the next, from one unit to the next
WIDTH, HEIGHT = 11.0, 7.5
MOST = 60  # arrows that a picture still shows apart
NEAR = 0.3  # where along its arrow a weight stands: before arrows cross


class Edge(Struct, frozen=True):
    source: Read
    target: Read
    weights: tuple[Read, ...]


def units_picture(context: Context) -> list[Block]:
    """Empty where the author names no units to draw."""
    program, units = context.problem.program, context.problem.units
    if not units or not isinstance(program, Program):
        return []
    columns = [*units, *program.defined()]
    edges = list(dict.fromkeys(_edges(program, Unroll(context.report.sizes), {t.key for t in columns})))
    if len(edges) > MOST:
        return []
    places = dict(_places(columns))
    pills = tuple(_pill(unit, place, unit.tensor in units) for unit, place in places.items())
    arrows = tuple(_arrow(places[edge.source], places[edge.target]) for edge in edges)
    width = max(x for x, _ in places.values()) + WIDTH / 2 + 1
    height = max(y for _, y in places.values()) + HEIGHT / 2 + 1
    return [Figure(width, height, pills, arrows, tuple(_labels(edges, places)), _caption(edges), _alt(edges))]


def _pill(unit: Read, place: tuple[float, float], given: bool) -> Pill:
    return Pill(*place, WIDTH, HEIGHT, ((Math((unit,)),),), (), "input" if given else "node")


def _entries(tensor: Tensor) -> list[Read]:
    """Every entry of a tensor without axes, or with one of a given length."""
    if not tensor.axes:
        return [tensor.entry()]
    (axis,) = tensor.axes
    assert isinstance(axis.upper, Number)
    return [tensor[k] for k in range(1, int(axis.upper.value) + 1)]


def _places(columns: list[Tensor]) -> Iterator[tuple[Read, tuple[float, float]]]:
    tallest = max(len(_entries(tensor)) for tensor in columns)
    for column, tensor in enumerate(columns):
        entries = _entries(tensor)
        top = (tallest - len(entries)) * DOWN / 2
        for row, entry in enumerate(entries):
            yield entry, (WIDTH / 2 + 1 + column * ACROSS, HEIGHT / 2 + 1 + top + row * DOWN)


def _edges(program: Program, unroll: Unroll, drawn: set[str]) -> Iterator[Edge]:
    """From every unit that an entry's formula reads; in a product with weights alone, with those."""
    for equation in program.equations:
        for entry in _entries(equation.tensor):
            numbers = [int(k.value) for k in entry.indices if isinstance(k, Number)]
            value = unroll(equation.value, dict(zip((i.name for i in equation.indices), numbers, strict=True)))
            for term in value.terms if isinstance(value, Add) else (value,):
                yield from _ways(term, entry, drawn)


def _ways(term: Expr, target: Read, drawn: set[str]) -> Iterator[Edge]:
    units = [node for node in walk(term) if isinstance(node, Read) and node.tensor.key in drawn]
    factors = term.factors if isinstance(term, Mul) else (term,)
    plain = all(isinstance(factor, Read | Number) for factor in factors) and len(units) == 1
    weights = tuple(f for f in factors if isinstance(f, Read) and f.tensor.key not in drawn) if plain else ()
    for unit in units:
        yield Edge(unit, target, weights)


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> Arrow:
    return straight_arrow((start[0] + WIDTH / 2, start[1]), (end[0] - WIDTH / 2, end[1]))


def _labels(edges: list[Edge], places: dict[Read, tuple[float, float]]) -> Iterator[Label]:
    for edge in edges:
        if edge.weights:
            (x0, y0), (x1, y1) = places[edge.source], places[edge.target]
            start, end = x0 + WIDTH / 2, x1 - WIDTH / 2
            yield Label(start + NEAR * (end - start), y0 + NEAR * (y1 - y0), tuple(Math((w,)) for w in edge.weights))


def _caption(edges: list[Edge]) -> Text:
    """How often each shared weight stands in the picture, counted in it."""
    uses = Counter(weight for edge in edges for weight in edge.weights)
    shared: list[Text] = [(Math((weight,)), f" on {count} arrows") for weight, count in uses.items() if count > 1]
    said: Text = (
        (" Shared: ", *joined(shared, ", ", " and "), "; its gradient adds one term for each.") if shared else ()
    )
    return ("The network unit by unit; the weight of a way stands on its arrow.", *said)


def _alt(edges: list[Edge]) -> str:
    told = [f"{plain(e.source)} to {plain(e.target)}{''.join(f' with {plain(w)}' for w in e.weights)}" for e in edges]
    return f"Network unit by unit. {'; '.join(told)}."
