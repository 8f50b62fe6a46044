"""Where the nodes of a graph stand, and what its arrows and bars say."""

from __future__ import annotations

from derive.language import Sum, index, scalar, size, tensor
from derive.language.program import Equation, Program
from derive.problems.bn_backward import PROGRAM
from derive.rendering import compose
from derive.rendering.document import Figure
from derive.rendering.graph import Edge, Graph, graph_of
from tests.rendering.bn_report import prose, report

ASKED = {"x", "gamma", "beta", "xhat", "var", "mu"}


def figure() -> Figure:
    (found,) = [block for block in compose(report(), prose).summary if isinstance(block, Figure)]
    return found


def test_data_lies_on_one_line_statistics_above_parameters_below() -> None:
    graph = graph_of(PROGRAM, ASKED)
    assert graph.spine == ("x", "xhat", "y", "f")
    assert {key: place.level for key, place in graph.places.items()} == {
        "x": 0, "xhat": 0, "y": 0, "f": 0, "mu": 1, "var": 2, "gamma": -1, "beta": -1,
    }  # fmt: skip
    assert "eps" not in graph.tensors  # nobody asks about it, and it has no axes
    assert "m" not in graph.tensors


def test_batch_normalization_has_three_routes() -> None:
    assert graph_of(PROGRAM, ASKED).routes() == (("x", "xhat"), ("x", "mu"), ("x", "var"))


def edge(graph: Graph, source: str, target: str) -> Edge:
    (found,) = [e for e in graph.edges if (e.source, e.target) == (source, target)]
    return found


def test_bars_stand_where_terms_are_added() -> None:
    graph = graph_of(PROGRAM, ASKED)
    assert edge(graph, "x", "mu").summed
    assert not edge(graph, "x", "mu").spread
    assert edge(graph, "mu", "xhat").spread  # one mean feeds every entry: its gradient is a sum
    assert not edge(graph, "x", "xhat").summed
    assert edge(graph, "gamma", "y").spread
    assert not edge(graph, "x", "xhat").spread


def test_a_ladder_of_layers_stays_on_the_spine() -> None:
    n = size("n")
    i, j = index("i", n), index("j", n)
    x, w, z, a, loss = tensor("x", i), tensor("w", (i, j)), tensor("z", i), tensor("a", i), scalar("L")
    program = Program(
        (Equation(z[i], Sum(j, w[i, j] * x[j])), Equation(a[i], z[i] ** 2), Equation(loss, Sum(i, a[i]))), loss=loss
    )
    graph = graph_of(program, {"w"})
    assert graph.spine == ("x", "z", "a", "L")
    assert graph.places["w"].level == -1
    assert edge(graph, "w", "z").summed


def test_pills_do_not_overlap_and_stay_inside() -> None:
    drawn = figure()
    assert drawn.width <= 168.1
    for pill in drawn.pills:
        assert pill.x - pill.width / 2 >= 0
        assert pill.x + pill.width / 2 <= drawn.width
        assert pill.y - pill.height / 2 >= 0
        assert pill.y + pill.height / 2 <= drawn.height
    for a in drawn.pills:
        for b in drawn.pills:
            if a is not b:
                apart_x = abs(a.x - b.x) >= (a.width + b.width) / 2
                assert apart_x or abs(a.y - b.y) >= (a.height + b.height) / 2


def test_every_edge_has_a_solid_and_a_dashed_arrow() -> None:
    drawn, graph = figure(), graph_of(PROGRAM, ASKED)
    assert len(drawn.arrows) == 2 * len(graph.edges)
    assert sum(arrow.dashed for arrow in drawn.arrows) == len(graph.edges)
    bars = sum(e.summed + e.spread for e in graph.edges)
    assert sum(arrow.bar is not None for arrow in drawn.arrows) == bars


def test_caption_and_alternative_text_come_from_the_graph() -> None:
    drawn = figure()
    words = "".join(span for span in drawn.caption if isinstance(span, str))
    assert "Three routes leave" in words
    assert "Line 6.1" in words
    assert "x to mu (summed forward)" in drawn.alt
