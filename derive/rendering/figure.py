"""Draws a graph: millimetres for pills, arrows and bars, used alike by TikZ and by Typst."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from derive.rendering.document import Arrow, Figure, Label, Pill, Text
from derive.rendering.graph import Edge, Graph

Point = tuple[float, float]
WIDTH = 168.0  # of the text on A4
GAP = 11.0  # between neighbours on the spine,
NARROW, FEW = 7.5, 7  # and where more than so many stand there
WIDE_GAP = 26.0  # where statistics stand above
ARC = 16.0  # the width of an arc
RISE = 7.5  # between levels
APART = 1.25  # half the distance between an edge's two arrows
PORT = 5.0  # between two edges that meet the same side of a pill


class Card(Struct, frozen=True):
    """What a pill says, and how large it must be to say it."""

    over: tuple[Text, ...]
    under: tuple[Text, ...]
    width: float
    height: float
    loss: bool = False


def draw(graph: Graph, cards: Mapping[str, Card], caption: Text, alt: str, backward: bool = True) -> Figure:
    """y grows downwards. Each edge is a solid arrow forward, and a dashed one backward where gradients flow."""
    pills = _pills(graph, cards)
    curves = {(edge.source, edge.target): _curve(graph, pills, edge) for edge in graph.edges}
    ways = 1 + backward
    solid = [edge for edge in graph.edges if not edge.gap]
    arrows = [arrow for edge in solid for arrow in _arrows(edge, curves[edge.source, edge.target])[:ways]]
    routes = graph.routes()
    labels = [
        Label(*_at(curves[route][0], 0.42), (f"({number})",))
        for number, route in enumerate(routes, 1)
        if len(routes) > 1 and backward
    ]
    labels += [Label(*_at(curve[0], 0.5), ("⋯",)) for key, curve in curves.items() if _gap(graph, key)]
    return _framed(list(pills.values()), arrows, labels, caption, alt)


def _gap(graph: Graph, ends: tuple[str, str]) -> bool:
    return any(edge.gap for edge in graph.edges if (edge.source, edge.target) == ends)


def _pills(graph: Graph, cards: Mapping[str, Card]) -> dict[str, Pill]:
    height = max(card.height for card in cards.values())
    columns = _columns(graph, cards)
    pills: dict[str, Pill] = {}
    below: dict[int, list[str]] = {}
    for key, place in graph.places.items():
        if place.level < 0:
            below.setdefault(place.first, []).append(key)
            continue
        x = (_right(columns, place.first) + _left(columns, place.last)) / 2 if place.level else columns[place.first][0]
        pills[key] = _pill(cards[key], x, -place.level * (height + RISE))
    for column, keys in below.items():
        total = sum(cards[key].width for key in keys) + 3.0 * (len(keys) - 1)
        x = columns[column][0] - total / 2
        for key in keys:
            pills[key] = _pill(cards[key], x + cards[key].width / 2, height + RISE, "input")
            x += cards[key].width + 3.0
    return pills


def _pill(card: Card, x: float, y: float, style: str = "node") -> Pill:
    kind = "loss" if card.loss else style
    return Pill(x, y, card.width, card.height, card.over, card.under, kind)  # type: ignore[arg-type]


def _columns(graph: Graph, cards: Mapping[str, Card]) -> list[Point]:
    """Centre and width of every spine node."""
    columns: list[Point] = []
    x = 0.0
    for column, key in enumerate(graph.spine):
        width = cards[key].width
        if column:
            above = [cards[k].width for k, p in graph.places.items() if p.level > 0 and p.first < column <= p.last]
            # the arcs need room between the centres, on either side of the widest pill above
            room = max(above) + 2 * ARC - (width + columns[-1][1]) / 2 if above else 0.0
            gap = GAP if len(graph.spine) <= FEW else NARROW
            x += max(room, WIDE_GAP if above else gap)
        columns.append((x + width / 2, width))
        x += width
    return columns


def _right(columns: list[Point], column: int) -> float:
    return columns[column][0] + columns[column][1] / 2


def _left(columns: list[Point], column: int) -> float:
    return columns[column][0] - columns[column][1] / 2


def _curve(graph: Graph, pills: Mapping[str, Pill], edge: Edge) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    """The forward curve, and the backward one beside it, each as four points."""
    a, b = pills[edge.source], pills[edge.target]
    low, high = graph.places[edge.source].level, graph.places[edge.target].level
    if low == high == 0:
        return _along_spine(graph, a, b, edge)
    if low == 0 and high > 0:
        port = _port(graph, pills, edge, out=True)
        return _both(lambda s: _quarter((port - s, _top(a)), (b.x - b.width / 2, b.y - s)))
    if low > 0 and high == 0:
        port = _port(graph, pills, edge, out=False)
        return _both(lambda s: _quarter((port + s, _top(b)), (a.x + a.width / 2, a.y - s))[::-1])
    if low < 0 and high > 0:
        return _both(lambda s: _straight((a.x - s, _top(a)), (b.x - s, b.y + b.height / 2)))
    return _both(lambda s: _straight((_toward(a, b) - s, _top(a)), (_toward(b, a) - s, b.y + b.height / 2)))


def _both(curve: object) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    assert callable(curve)
    return curve(APART), curve(-APART)[::-1]


def _along_spine(graph: Graph, a: Pill, b: Pill, edge: Edge) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    if graph.places[edge.target].first - graph.places[edge.source].first == 1:
        return _both(lambda s: _straight((a.x + a.width / 2, a.y - s), (b.x - b.width / 2, b.y - s)))
    depth = a.height + RISE  # a skip passes underneath

    def skip(s: float) -> tuple[Point, ...]:
        start, end = (a.x - s, a.y + a.height / 2), (b.x + s, b.y + b.height / 2)
        return (start, (start[0], start[1] + depth + s), (end[0], end[1] + depth + s), end)

    return _both(skip)


def _port(graph: Graph, pills: Mapping[str, Pill], edge: Edge, out: bool) -> float:
    """Where an edge meets the top of its spine node: nested arcs do not cross, the highest lies outermost."""
    key = edge.source if out else edge.target
    pill = pills[key]
    outgoing = [e.target for e in graph.edges if e.source == key and graph.places[e.target].level > 0]
    incoming = [e.source for e in graph.edges if e.target == key and graph.places[e.source].level > 0]
    mine, other = (outgoing, edge.target) if out else (incoming, edge.source)
    ranked = sorted(mine, key=lambda k: graph.places[k].level, reverse=out)
    shift = 0.0 if not (outgoing and incoming) else pill.width / 4 * (1 if out else -1)
    return pill.x + shift + (ranked.index(other) - (len(ranked) - 1) / 2) * PORT


def _quarter(foot: Point, side: Point) -> tuple[Point, ...]:
    """From the top of a pill straight up, then bending into the side of another."""
    return (
        foot,
        (foot[0], foot[1] + 0.62 * (side[1] - foot[1])),
        (side[0] + 0.55 * (foot[0] - side[0]), side[1]),
        side,
    )


def _straight(start: Point, end: Point) -> tuple[Point, ...]:
    def between(t: float) -> Point:
        return (start[0] + t * (end[0] - start[0]), start[1] + t * (end[1] - start[1]))

    return (start, between(1 / 3), between(2 / 3), end)


def _top(pill: Pill) -> float:
    return pill.y - pill.height / 2


def _toward(pill: Pill, other: Pill) -> float:
    """A point on the pill's upper or lower edge on the side of the other."""
    room = pill.width / 2 - 3
    return pill.x + max(-room, min(room, other.x - pill.x))


def _arrows(edge: Edge, curves: tuple[tuple[Point, ...], tuple[Point, ...]]) -> list[Arrow]:
    forward, backward = curves
    return [_arrow(forward, False, edge.summed), _arrow(backward, True, edge.spread)]


def straight_arrow(start: Point, end: Point) -> Arrow:
    return _arrow(_straight(start, end), False, False)


def _arrow(points: tuple[Point, ...], dashed: bool, barred: bool) -> Arrow:
    tip, direction = points[3], _unit(points[2], points[3])
    base = (tip[0] - 2.0 * direction[0], tip[1] - 2.0 * direction[1])
    across = (-direction[1] * 0.75, direction[0] * 0.75)
    head = (tip, (base[0] + across[0], base[1] + across[1]), (base[0] - across[0], base[1] - across[1]))
    shaft = (*points[:3], (tip[0] - 1.6 * direction[0], tip[1] - 1.6 * direction[1]))
    return Arrow(shaft, head, dashed, _bar(points) if barred else None)


def _bar(points: tuple[Point, ...]) -> tuple[Point, Point]:
    """Across the curve, short enough not to touch the arrow beside it."""
    middle, before, after = _at(points, 0.72), _at(points, 0.70), _at(points, 0.74)
    direction = _unit(before, after)
    across = (-direction[1] * 1.1, direction[0] * 1.1)
    return (middle[0] - across[0], middle[1] - across[1]), (middle[0] + across[0], middle[1] + across[1])


def _unit(start: Point, end: Point) -> Point:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    return dx / length, dy / length


def _at(p: tuple[Point, ...], t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    return sum(w * q[0] for w, q in zip(weights, p, strict=True)), sum(
        w * q[1] for w, q in zip(weights, p, strict=True)
    )


def _framed(pills: list[Pill], arrows: list[Arrow], labels: list[Label], caption: Text, alt: str) -> Figure:
    """Everything moved to start at (0, 0), and shrunk when it is wider than the page."""
    xs = [p.x - p.width / 2 for p in pills] + [q[0] for a in arrows for q in a.points]
    ys = [p.y - p.height / 2 for p in pills] + [q[1] for a in arrows for q in a.points]
    right = max([p.x + p.width / 2 for p in pills] + xs)
    bottom = max([p.y + p.height / 2 for p in pills] + ys)
    left, top = min(xs) - 0.5, min(ys) - 0.5
    scale = min(1.0, WIDTH / (right - left + 0.5))

    def move(point: Point) -> Point:
        return round((point[0] - left) * scale, 2), round((point[1] - top) * scale, 2)

    def moved(pill: Pill) -> Pill:
        x, y = move((pill.x, pill.y))
        size = (round(pill.width * scale, 2), round(pill.height * scale, 2))
        return Pill(x, y, *size, pill.over, pill.under, pill.style)

    return Figure(
        round((right - left + 0.5) * scale, 2), round((bottom - top + 0.5) * scale, 2),
        tuple(moved(pill) for pill in pills),
        tuple(Arrow(tuple(map(move, a.points)), tuple(map(move, a.head)), a.dashed,
                    (move(a.bar[0]), move(a.bar[1])) if a.bar else None) for a in arrows),
        tuple(Label(*move((label.x, label.y)), label.text) for label in labels),
        caption, alt, scale,
    )  # fmt: skip
