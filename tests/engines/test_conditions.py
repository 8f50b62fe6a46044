"""What a program needs is found even if its author forgot it; a subscript never leaves its axis unsaid."""

from __future__ import annotations

import pytest

from derive.engines.derive import derive_problem
from derive.errors import AuthorError
from derive.language import (
    Equation,
    Gradient,
    Problem,
    Program,
    Question,
    Sum,
    exp,
    index,
    log,
    scalar,
    size,
    sqrt,
    tensor,
    within,
)
from derive.language.expression import Expr

m, n, K = size("m"), size("n"), size("K")
i, j, t, k = index("i", m), index("j", m), index("t", m - K + 1), index("k", K)
x, y, w, z = tensor("x", i), tensor("y", i), tensor("w", k), tensor("z", t)
a, f = scalar("a"), scalar("f")


def problem(value: Expr, conditions: tuple[str, ...] = ()) -> Problem:
    program = Program((Equation(y[i], value),), f, y)
    return Problem("p", "", "", program, (Question("x", Gradient(x)),), conditions=conditions)


@pytest.mark.parametrize(
    ("value", "conditions"),
    [
        (sqrt(x[i] - a), ("$x[i] - a > 0$",)),
        (x[i] / a, ("$a != 0$",)),
        (log(x[i]), ("$x[i] > 0$",)),
        (x[i] / Sum(j, exp(x[j])), ()),
        (x[i] / m, ()),
    ],
)
def test_unstated_conditions_are_found(value: Expr, conditions: tuple[str, ...]) -> None:
    assert derive_problem(problem(value)).problem.conditions == conditions


def test_a_stated_condition_is_not_repeated() -> None:
    stated = ("$x[i] - a > 0$",)
    assert derive_problem(problem(sqrt(x[i] - a), stated)).problem.conditions == stated


@pytest.mark.parametrize("value", [x[i + 1], Sum(j, x[2 * j]), x[i - 1] * within(i, m), within(i + 1, n) * x[i + 1]])
def test_a_subscript_that_may_leave_its_axis_is_refused(value: Expr) -> None:
    with pytest.raises(AuthorError, match=r"may lie outside 1\.\.m; multiply by within"):
        derive_problem(problem(value * 1))


@pytest.mark.parametrize("value", [x[m - i + 1], within(i + 1, m) * x[i + 1], Sum(j, x[m + 1 - j] * x[j])])
def test_a_subscript_inside_its_axis_is_accepted(value: Expr) -> None:
    derive_problem(problem(value * 1))


def test_a_valid_convolution_needs_no_brackets() -> None:
    program = Program((Equation(z[t], Sum(k, w[k] * x[t + k - 1])),), f, z)
    derive_problem(Problem("p", "", "", program, (Question("w", Gradient(w)),)))
