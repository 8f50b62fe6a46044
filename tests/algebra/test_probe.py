"""Random points: drawn once, shared by sets of definitions, and worked out only as far as they are needed."""

from __future__ import annotations

from itertools import pairwise

import pytest

from derive.algebra.evaluate import Evaluator, NotExactError, Rationals
from derive.algebra.probe import POINTS, Points, Probe, Scatter
from derive.algebra.witness import tried
from derive.errors import BudgetError
from derive.language import index, scalar, size, tensor
from derive.language.expression import Function, Sum, expression, sqrt
from derive.language.program import Equation

m = size("m")
i = index("i", m)
x, y = tensor("x", i), tensor("y", i)
v, e = tensor("v", i), scalar("e")


def test_a_difference_ends_the_search_at_the_first_point() -> None:
    probe = Probe(Points((x[i], y[i]), {}), (x[i], y[i]))
    assert probe.tells_apart(x[i], y[i])
    assert len(probe.points) == 1


def test_what_is_equal_is_compared_at_all_points() -> None:
    one, other = x[i] + y[i], y[i] + x[i]
    probe = Probe(Points((one, other), {}), (one, other))
    assert probe.tells_apart(one, other) is False
    assert len(probe.points) == POINTS


def test_points_with_roots_come_first() -> None:
    definition = Equation(y[i], x[i] / sqrt(v[i] + e))
    points = Points((y[i],), {"y": definition})
    probe = Probe(points, (y[i], x[i]))
    assert probe.tells_apart(y[i], x[i])
    assert probe.points[0] is points.modular(0)


def test_definitions_change_what_they_define_and_nothing_else() -> None:
    scatter = Scatter((x[i], y[i]), {}, {})
    bare = Points((x[i], y[i]), {}, None, scatter)
    defined = Points((x[i], y[i]), {"y": Equation(y[i], 2 * x[i])}, None, scatter)
    assert Probe(bare, (y[i], 2 * x[i])).tells_apart(y[i], 2 * x[i])
    assert Probe(defined, (y[i], 2 * x[i])).tells_apart(y[i], 2 * x[i]) is False
    here, there = bare.modular(0), defined.modular(0)
    assert here is not None
    assert there is not None
    assert here.value(x[i], {"i": 1}) == there.value(x[i], {"i": 1})


def test_a_candidate_costs_steps_even_where_it_is_known_to_differ_at_once() -> None:
    probe = Probe(Points((x[i], y[i]), {}), (x[i], y[i]), steps=20)
    wanted = probe.values(y[i])
    for k in range(2, 40):
        probe.values(k * x[i], wanted)
    assert probe.steps < 0


def test_points_that_were_compared_are_counted() -> None:
    assert tried(x[i], x[i] + y[i] - y[i], {}).points > 0
    far = Sum(index("k", expression(10**6)), expression(1) * index("k", expression(10**6)))
    nothing = tried(e.entry(), far, {}, budget=1_000)
    assert nothing.counterexample is None
    assert nothing.points == 0


def test_what_is_not_exact_is_told_anew_each_time() -> None:
    """An error that is kept would keep every stack that it was raised in."""
    point = Evaluator(Rationals(), {"y": Equation(y[i], Function("exp", (x[i],)))}, {"m": 1}, {"x": {(1,): 1}})
    errors = []
    for _ in range(2):
        with pytest.raises(NotExactError) as caught:
            point.value(y[i], {"i": 1})
        errors.append(caught.value)
    assert errors[0] is not errors[1]


def test_definitions_that_are_nested_too_deeply() -> None:
    chain = [scalar(f"a{k}") for k in range(400)]
    definitions = {
        one.key: Equation(one, 1 + Function("tanh", (expression(before),))) for before, one in pairwise(chain)
    }
    with pytest.raises(BudgetError, match="nested"):
        Evaluator(Rationals(), definitions, {}, {"a0": {(): 0}}).value(chain[-1].entry(), {})
