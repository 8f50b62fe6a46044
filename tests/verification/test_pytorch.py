"""PyTorch's own operators compute what the programs compute, and have the gradients that are claimed."""

from __future__ import annotations

import sys

import pytest
from msgspec.structs import replace
from verification.samples import (
    BATCH_NORM,
    BATCH_NORM_RIGHT,
    LAYER_NORM,
    RMS_NORM,
    SOFTMAX,
    by_id,
    i,
    m,
    mu,
    var,
    x,
    y,
)

from derive.errors import AuthorError, UsageError
from derive.language import Equation, Framework, Problem, Program, Sum
from derive.language.verdict import Agrees, Refuted
from derive.verification import ORACLES, verify

OPERATED = [BATCH_NORM, LAYER_NORM, RMS_NORM, SOFTMAX]


@pytest.mark.torch
@pytest.mark.parametrize("problem", OPERATED, ids=lambda problem: problem.id)
def test_the_operator_computes_the_same_forward_values(problem: Problem) -> None:
    evidence = ORACLES["pytorch"].framework(problem)
    assert isinstance(evidence.verdict, Agrees)
    assert evidence.points > 3


@pytest.mark.torch
def test_the_operator_refuses_a_batch_of_one_and_is_not_asked() -> None:
    assert ORACLES["pytorch"].framework(BATCH_NORM).sizes == ({"m": 2}, {"m": 3}, {"m": 5})


@pytest.mark.torch
def test_gradients_are_checked_through_the_operator_as_well() -> None:
    right = by_id(BATCH_NORM_RIGHT)["x collected"]
    plain = ORACLES["pytorch"].check(replace(BATCH_NORM, framework=None), right)
    both = ORACLES["pytorch"].check(BATCH_NORM, right)
    assert both.points == plain.points + 2 + 3 + 5


def unbiased() -> Problem:
    """Batch normalization with the variance divided by m - 1 + 1/m: not what PyTorch computes."""
    program = BATCH_NORM.program
    wrong = Equation(var, 1 / (m - 1 + 1 / m) * Sum(i, (x[i] - mu) ** 2))
    equations = tuple(wrong if equation.tensor.key == var.key else equation for equation in program.equations)
    return replace(BATCH_NORM, program=Program(equations, program.loss, program.through))


@pytest.mark.torch
def test_a_program_that_is_not_the_operator_is_refuted() -> None:
    assert isinstance(ORACLES["pytorch"].framework(unbiased()).verdict, Refuted)


@pytest.mark.torch
def test_a_gradient_that_is_not_the_operators_is_refuted() -> None:
    """d gamma = sum dy xhat holds in any program; through the operator, xhat is another one."""
    right = by_id(BATCH_NORM_RIGHT)["gamma"]
    assert isinstance(ORACLES["pytorch"].check(replace(unbiased(), framework=None), right).verdict, Agrees)
    assert isinstance(ORACLES["pytorch"].check(unbiased(), right).verdict, Refuted)


@pytest.mark.torch
def test_an_unknown_operator_is_the_authors_error() -> None:
    problem = replace(BATCH_NORM, framework=Framework("conv9d", y, {"input": x}))
    with pytest.raises(AuthorError, match="conv9d"):
        ORACLES["pytorch"].framework(problem)


def test_a_problem_without_operator_says_so() -> None:
    with pytest.raises(UsageError, match="names no operator"):
        ORACLES["pytorch"].framework(replace(BATCH_NORM, framework=None))


def test_without_pytorch_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(UsageError, match=r"pip install 'derive\[torch\]'"):
        verify(BATCH_NORM, BATCH_NORM_RIGHT[:1], ("pytorch",))
