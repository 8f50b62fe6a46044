"""The generated NumPy runs, and its gradients agree with finite differences."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from derive.catalogue import load
from derive.engines.derive import derive_problem
from derive.language import Sum, index, scalar, size, tensor
from derive.language.derivation import Claim, Report
from derive.language.program import Equation, Program
from derive.language.recurrence import Recurrence
from derive.problems import bn_backward as bn
from derive.rendering.code import numpy_code, numpy_line, variable
from derive.rendering.context import Context
from derive.rendering.iteration import iteration_code
from derive.verification.report import examine
from derive.verification.simulation import simulated
from tests.rendering.bn_report import report

Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
Function = Callable[..., tuple[Array, ...]]


@pytest.fixture(scope="module")
def lines() -> tuple[str, ...]:
    return numpy_code(bn.PROGRAM, report())


def gradients(lines: tuple[str, ...]) -> Function:
    space: dict[str, Function] = {"np": np}  # type: ignore[dict-item]
    exec("\n".join(lines), space)
    return space["gradients"]


def forward(x: Array, eps: float, gamma: float, beta: float) -> Array:
    value: Array = gamma * (x - x.mean()) / np.sqrt(x.var() + eps) + beta
    return value


@pytest.mark.parametrize("count", [1, 2, 5])
def test_gradients_agree_with_differences(lines: tuple[str, ...], count: int) -> None:
    random = np.random.default_rng(count)
    x, dy = random.normal(size=count), random.normal(size=count)
    dgamma, dbeta, _, _, _, dx = gradients(lines)(x, 0.3, 1.7, dy)

    def loss(x: Array, gamma: float, beta: float) -> float:
        return float(dy @ forward(x, 0.3, gamma, beta))

    h = 1e-6
    numeric = [(loss(x + h * e, 1.7, 0.2) - loss(x - h * e, 1.7, 0.2)) / (2 * h) for e in np.eye(count)]
    np.testing.assert_allclose(dx, numeric, atol=1e-8)
    np.testing.assert_allclose(dgamma, (loss(x, 1.7 + h, 0.2) - loss(x, 1.7 - h, 0.2)) / (2 * h), atol=1e-8)
    np.testing.assert_allclose(dbeta, (loss(x, 1.7, 0.2 + h) - loss(x, 1.7, 0.2 - h)) / (2 * h), atol=1e-8)


def test_lines_carry_their_step(lines: tuple[str, ...]) -> None:
    assert any(line.strip().startswith("dx = ") and line.endswith("# 6.5") for line in lines)
    assert len(lines) <= 14


N, D = size("N"), size("D")
row, col, other = index("n", N), index("d", D), index("e", D)
X, g, mean, L = tensor("x", (row, col)), tensor("g", col), tensor("mu", row), scalar("L")
TWO = Program((Equation(mean[row], 1 / D * Sum(col, X[row, col])), Equation(L, Sum(row, mean[row]))), loss=L)
A = tensor("A", (index("i", N), index("j", N)))


def line(left: object, right: object, program: Program = TWO) -> str:
    return numpy_line(program, Claim("c", left, right))  # type: ignore[arg-type]


def test_axes_are_kept() -> None:
    assert line(mean[row], 1 / D * Sum(col, X[row, col])) == "mu = 1 / D * np.sum(x, axis=1, keepdims=True)"
    # the summed index has another name, but the same range: the same axis
    assert line(X[row, col], X[row, col] - Sum(other, X[row, other])) == "x = x - np.sum(x, axis=1, keepdims=True)"


def test_what_is_ambiguous_gets_no_line() -> None:
    assert line(X[row, col], Sum(other, X[row, other] * X[row, col])) == ""  # d and e meet on one axis
    assert line(X[row, col], mean[row]) == ""  # constant along an axis
    square = Program((Equation(L, Sum(A.axes[0], Sum(A.axes[1], A[A.axes]))),), loss=L)
    assert line(A[A.axes], A[A.axes[::-1]], square) == ""  # a transpose


def test_a_sum_of_a_constant_counts() -> None:
    half = scalar("h")
    assert line(L.entry(), Sum(row, half * 2)) == "L = N * 2 * h"


def test_a_recurrence_becomes_a_loop() -> None:
    """Run on the worked instance, it gives the sequences of the document; each law carries the line that uses it."""
    problem = load("momentum_forms")
    derivation = derive_problem(problem)
    assert isinstance(problem.program, Recurrence)
    code = iteration_code(problem.program, Report(derivation, (), (), (), (), None))
    assert 0 < len(code) <= 12
    labels = {line.rpartition("  # ")[2] for line in code if "  # " in line}
    assert labels <= {step.label for part in derivation.parts for step in part.steps}
    assert len(labels) == sum("[k + 1] =" in line for line in code)
    space: dict[str, Callable[..., tuple[dict[int, Fraction], ...]]] = {}
    exec("\n".join(code), space)
    given = {key: problem.instance[key] for key in ("first", "alpha", "beta")}
    exact = {key: Fraction(str(value)) for key, value in given.items()}
    found = space["iterate"](**exact, g=[Fraction(str(value)) for value in problem.instance["g"]])
    wanted = simulated(problem.program, problem.instance)
    for name, sequence in zip(("theta", "phi", "v"), found, strict=True):
        assert tuple(str(value) for at, value in sorted(sequence.items()) if at >= 0) == wanted[name]


@pytest.mark.parametrize(
    "name", ["bn_backward", "bn_forward", "layer_norm", "rms_norm", "softmax_cross_entropy", "tanh_mse"]
)
def test_the_code_runs_on_arrays_of_the_shapes_that_are_printed(name: str) -> None:
    """On the worked instance, given as the table of names says, it returns the values of the document."""
    problem = load(name)
    report = examine(derive_problem(problem), ())
    assert isinstance(problem.program, Program)
    code, worked = numpy_code(problem.program, report), report.worked
    assert code
    assert worked is not None
    space: dict[str, Callable[..., object]] = {"np": np}  # type: ignore[dict-item]
    exec("\n".join(code), space)
    by_name = {variable(tensor): tensor.key for tensor in Context(report, lambda text: (text,)).tensors.values()}
    signature, returned = code[0].removesuffix("):").partition("(")[2], code[-1].split("return ")[1]
    function = next(value for key, value in space.items() if key in ("forward", "gradients"))
    found = function(*(numbers(worked.values[by_name[each]]) for each in signature.split(", ")))
    for key, value in zip(returned.split(", "), found if isinstance(found, tuple) else (found,), strict=True):
        wanted = numbers(worked.values[by_name[key]])
        np.testing.assert_allclose(np.asarray(value).reshape(wanted.shape), wanted, rtol=1e-5)


def evaluated(text: str) -> float:
    return float(eval(text, {"__builtins__": {}, "log": math.log}))  # our own text


def numbers(value: object) -> Array:
    """3/4, ≈0.25 and 2*log(3), alone or in nested tuples."""
    if isinstance(value, tuple | list):
        return np.array([numbers(item) for item in value])
    return np.array(evaluated(str(value).removeprefix("≈")))
