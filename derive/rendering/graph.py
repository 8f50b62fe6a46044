"""The computational graph of a program, and where its nodes stand: data on a line, statistics above, parameters below.

No drawing here: nodes get a column on the spine or a level above it; `figure` turns that into millimetres.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping

from msgspec import Struct

from derive.language.domain import Integers
from derive.language.expression import Expr, Index, Read, Sum, free_indices, tensors_in
from derive.language.network import Network
from derive.language.program import Equation, Program
from derive.language.tensor import Tensor


class Edge(Struct, frozen=True):
    """`source` is read by the equation of `target`.

    `summed`: going forward, terms are added along the edge. `spread`: one entry feeds several, so that going
    backward their gradients are added.
    """

    source: str
    target: str
    summed: bool = False
    spread: bool = False
    gap: bool = False  # nodes in between are left out


class Place(Struct, frozen=True):
    """Level 0 is the spine, 1, 2, .. are above it, -1 is below. A node between two columns has both."""

    first: int
    last: int
    level: int


class Graph(Struct, frozen=True):
    tensors: Mapping[str, Tensor]
    edges: tuple[Edge, ...]
    spine: tuple[str, ...]
    places: Mapping[str, Place]

    def leaving(self, key: str) -> tuple[Edge, ...]:
        return tuple(edge for edge in self.edges if edge.source == key)

    def routes(self) -> tuple[tuple[str, str], ...]:
        """The ways out of the first spine node: one for each node that reads it, the direct one first."""
        first = self.spine[0]
        out = sorted((edge.target for edge in self.leaving(first)), key=lambda key: self.places[key].level)
        return tuple((first, key) for key in out)


def graph_of(program: Program, asked: Collection[str]) -> Graph:
    """Nodes: what the program defines, its arrays, and the scalars asked about; sizes and constants are left out."""
    tensors = {tensor.key: tensor for tensor in program.tensors() if _drawn(program, tensor, asked)}
    if not program.differentiated:  # what is computed beside the last node is another story
        feeding = _feeding(program)
        tensors = {key: tensor for key, tensor in tensors.items() if key in feeding}
    edges = _edges(program, tensors)
    spine = _spine(program, tensors, edges)
    return Graph(tensors, edges, spine, _places(program, tensors, edges, spine))


def ladder_of(network: Network, asked: Collection[str]) -> Graph:
    """The rungs of layer l and of the last layer; between them, from the first node of layer l + 1, a gap."""
    assert network.gap is not None
    bridge = next(e for e in network.equations if e.tensor == network.gap)
    program = Program((*network.hidden, bridge, *network.last), loss=network.loss)
    top, above = network.last[0], network.gap.key
    left_out = {t.key for t in tensors_in(top.value).values() if network.definition(t) is not None}
    left_out |= {t.key for t in tensors_in(bridge.value).values() if program.definition(t) is None}
    drawn = [t for t in program.tensors() if t.key not in left_out and _drawn(program, t, asked)]
    tensors = {tensor.key: tensor for tensor in drawn}
    edges = (*_edges(program, tensors), Edge(above, top.tensor.key, gap=True))
    spine = _spine(program, tensors, edges)
    return Graph(tensors, edges, spine, _places(program, tensors, edges, spine))


def _feeding(program: Program) -> set[str]:
    """The last node, and everything that it is computed from."""
    found = {program.equations[-1].tensor.key}
    for equation in reversed(program.equations):
        if equation.tensor.key in found:
            found |= set(tensors_in(equation.value))
    return found


def _drawn(program: Program, tensor: Tensor, asked: Collection[str]) -> bool:
    if isinstance(tensor.domain, Integers):
        return False
    inside = program.definition(tensor) is not None or tensor.key == program.loss.key
    return inside or bool(tensor.axes) or tensor.key in asked


def _edges(program: Program, tensors: Mapping[str, Tensor]) -> tuple[Edge, ...]:
    found: dict[tuple[str, str], Edge] = {}
    for equation in program.equations:
        for read, bound in _reads(equation.value, ()):
            if read.tensor.key in tensors and equation.tensor.key in tensors:
                edge = _edge(equation, read, bound)
                old = found.get((edge.source, edge.target), edge)
                found[edge.source, edge.target] = Edge(
                    edge.source, edge.target, edge.summed or old.summed, edge.spread or old.spread
                )
    if program.through is not None:
        found[program.through.key, program.loss.key] = Edge(program.through.key, program.loss.key)
    return tuple(found.values())


def _edge(equation: Equation, read: Read, bound: tuple[Index, ...]) -> Edge:
    used = {name for index in read.indices for name in free_indices(index)}
    spread = any(index.name not in used for index in equation.indices)
    return Edge(read.tensor.key, equation.tensor.key, any(index.name in used for index in bound), spread)


def _reads(expr: Expr, bound: tuple[Index, ...]) -> list[tuple[Read, tuple[Index, ...]]]:
    """Every entry read, with the sums around it."""
    inside = (*bound, expr.index) if isinstance(expr, Sum) else bound
    found = [pair for child in expr.children for pair in _reads(child, inside)]
    return [(expr, bound), *found] if isinstance(expr, Read) else found


def _spine(program: Program, tensors: Mapping[str, Tensor], edges: tuple[Edge, ...]) -> tuple[str, ...]:
    """The shortest path to the loss from the input that is farthest from it; of equals, the one with fewest axes."""
    goal = program.loss.key if program.differentiated else program.equations[-1].tensor.key
    best: tuple[str, ...] = (goal,)
    for tensor in program.inputs():
        path = _path(tensor.key, goal, edges) if tensor.key in tensors and tensor.axes else ()
        if len(path) > len(best) or (len(path) == len(best) > 1 and len(tensor.axes) < len(tensors[best[0]].axes)):
            best = path
    return best


def _path(start: str, goal: str, edges: tuple[Edge, ...]) -> tuple[str, ...]:
    queue: deque[tuple[str, ...]] = deque([(start,)])
    seen = {start}
    while queue:
        path = queue.popleft()
        if path[-1] == goal:
            return path
        for edge in edges:
            if edge.source == path[-1] and edge.target not in seen:
                seen.add(edge.target)
                queue.append((*path, edge.target))
    return ()


def _places(
    program: Program, tensors: Mapping[str, Tensor], edges: tuple[Edge, ...], spine: tuple[str, ...]
) -> dict[str, Place]:
    """Each node above the spine lies between the column that feeds it and the one it feeds; later ones go higher."""
    places = {key: Place(column, column, 0) for column, key in enumerate(spine)}
    above = [tensor.key for tensor in program.defined() if tensor.key in tensors and tensor.key not in places]
    first = {key: place.first for key, place in places.items()}
    for key in above:
        first[key] = min((first[e.source] for e in edges if e.target == key and e.source in first), default=0)
    last = {key: place.last for key, place in places.items()}
    for key in reversed(above):
        last[key] = min((last[e.target] for e in edges if e.source == key and e.target in last), default=first[key])
    for key in above:
        level = max((p.level for p in places.values() if p.level > 0 and _meet(p, first[key], last[key])), default=0)
        places[key] = Place(first[key], last[key], level + 1)
    for key in tensors:
        if key not in places:
            fed = [places[e.target] for e in edges if e.source == key and e.target in places]
            column = min((place.last for place in fed), default=0)
            places[key] = Place(column, column, -1)
    return places


def _meet(place: Place, first: int, last: int) -> bool:
    """Whether two spans of columns overlap, so that the nodes cannot stand at the same level."""
    return place.first < max(last, first + 1) and first < max(place.last, place.first + 1)
