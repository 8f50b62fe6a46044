"""Functions against derived gradients: right ones pass in every form, wrong ones are told and named."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import derive
from derive.functions.arrays import ROUNDOFF, Library
from derive.functions.asked import Asked
from derive.functions.assertions import FunctionError
from derive.functions.calling import Caller
from derive.functions.examine import SLACK, allowed
from derive.functions.signature import signature_of
from derive.functions.trials import Trials
from derive.functions.values import At
from derive.verification.evaluation import UndefinedError
from tests.functions import backward as b
from tests.functions import others as o

RIGHT = [
    *(("bn_backward", one, ()) for one in b.BN_RIGHT),
    *(("layer_norm", one, ()) for one in b.LN_RIGHT),
    ("rms_norm", o.rms, ()),
    ("softmax_cross_entropy", o.softmax, ()),
    ("softmax_cross_entropy", o.softmax_usual, ("gradient",)),
    ("softmax_cross_entropy", o.softmax_jacobian, ("jacobian",)),
    ("tanh_mse", o.tanh, ()),
    ("conv_jacobian", o.convolution, ()),
    ("bn_update_rule", o.update_rule, ()),
]
WRONG = [
    *(("bn_backward", name, *found) for name, found in b.BN_WRONG.items()),
    *(("layer_norm", name, *found) for name, found in b.LN_WRONG.items()),
    *((problem, name, function, said) for problem, name, function, said in o.WRONG),
]


@pytest.mark.parametrize(("problem", "function", "parts"), RIGHT, ids=lambda one: getattr(one, "__name__", None))
def test_right_ones_pass(problem: str, function: Any, parts: tuple[str, ...]) -> None:
    derive.assert_gradient(problem, function, parts)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("problem", "name", "function", "said"), WRONG, ids=[f"{one[0]}: {one[1]}" for one in WRONG])
def test_wrong_ones_are_named(problem: str, name: str, function: Any, said: str) -> None:
    with pytest.raises(FunctionError) as found:
        derive.assert_gradient(problem, function)
    assert found.value.verdict == "refuted"
    last = str(found.value).splitlines()[-1]
    assert last.startswith("  matches ")
    assert said in last


def test_every_problem_has_many_wrong_ones() -> None:
    assert len(b.BN_WRONG) >= 8
    assert len(b.LN_WRONG) >= 8


@pytest.mark.parametrize(("problem", "function", "parts"), RIGHT, ids=lambda one: getattr(one, "__name__", None))
def test_the_tolerance_leaves_room_and_no_more(problem: str, function: Any, parts: tuple[str, ...]) -> None:
    """Right functions use a part of what rounding is said to explain; a millionth of the values would not pass."""
    asked = Asked(derive.load(problem), parts)
    caller = Caller(function, signature_of(function, asked), asked)
    used = 0.0
    for point in Trials(asked.problem, asked.assuming, seed=7).all():
        at = At(asked.definitions, point)
        for dtype in ROUNDOFF:
            try:
                true = [at.array(one.claim.right, one.axes) for one in asked.wanted]
                outcome = caller(at, Library("numpy", dtype))
            except UndefinedError:
                continue
            assert isinstance(outcome, tuple)
            for array, found in zip(true, outcome, strict=True):
                most = allowed(array, ROUNDOFF[dtype])
                misses = [abs(v - entry.value) for v, entry in zip(found.entries, array.entries, strict=True)]
                used = max([used, *(miss / most for miss in misses if most)])
                scale = max((abs(entry.value) for entry in array.entries), default=0.0)
                assert not scale or dtype == "float32" or most < 1e-6 * max(scale, 1)
    assert used < 4 / SLACK


def failure(problem: str, function: Any, part: Any = (), **options: Any) -> str:
    with pytest.raises(FunctionError) as found:
        derive.assert_gradient(problem, function, part, **options)
    return str(found.value)


def test_the_message() -> None:
    def my_backward(x: Any, gamma: Any, eps: Any, dy: Any) -> Any:
        s = np.sqrt(x.var() + eps)
        return gamma * (dy - dy.mean()) / s

    assert failure("bn_backward", my_backward, "x").splitlines() == [
        "bn_backward: df/dx[i] is wrong",
        "  called as my_backward(x, gamma, eps, dy) with float64",
        "  smallest input that fails: m = 2, x = [0, 1], gamma = 1, eps = 0, dy = [0, 1]",
        "  expected: [0, 0]",
        "  found:    [-1, 1]",
        "  it misses by 1 at [0]; rounding in float64 explains 1.8e-13",
        "  matches a known mistake: the variance treated as a constant",
    ]


def test_arguments_by_name_in_order_and_mapped() -> None:
    for function in (
        lambda x, dout: (dout * 0).sum() + dout.sum(),
        lambda a: a.sum(),
        lambda *arguments: arguments[0].sum(),
        lambda upstream, axis=0: upstream.sum(axis),
        np.sum,
    ):
        derive.assert_gradient("bn_backward", function, "beta")
    derive.assert_gradient("bn_backward", lambda g: g.sum(), "beta", names={"g": "dy"})
    derive.assert_gradient("bn_backward", lambda *, dy: dy.sum(), "beta")
    derive.assert_gradient("bn_backward", lambda x_hat, dy: (x_hat * dy).sum(), "gamma")
    derive.assert_gradient("layer_norm", lambda grad_output: grad_output.sum(0), "beta")
    with pytest.raises(derive.UsageError, match=r"takes 'a', 'b', which bn_backward has no value for.*\(dy\)"):
        derive.assert_gradient("bn_backward", lambda a, b: a, "beta")
    with pytest.raises(derive.UsageError, match="'dz' is nothing of bn_backward; there are beta"):
        derive.assert_gradient("bn_backward", lambda g: g, "beta", names={"g": "dz"})
    with pytest.raises(derive.UsageError, match="has no argument 'h'"):
        derive.assert_gradient("bn_backward", lambda g: g, "beta", names={"h": "dy"})


def test_the_order_is_that_of_the_printed_code() -> None:
    arguments = [t.key for t in Asked(derive.load("conv_jacobian"), ("dx", "dw")).arguments()]
    assert arguments == ["w", "x", "dL/dy", "s", "q", "p"]


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda dy: dy.sum(0).astype("float64"), "it has the type float64 where the inputs are float32"),
        (lambda dy: list(dy.sum(0)), "it is a list, where an array is expected"),
        (lambda dy: None, "it returns nothing (None)"),
        (lambda dy: dy.sum(0) * 1j, "its entries are of type complex128"),
        (lambda dy: dy.sum(0)[None], "its shape is (1, 1), where (1,) is expected"),
        (lambda dy: dy.sum(0) * np.nan, "df/dbeta[c] is wrong"),
        (lambda dy: 1 / 0, "ZeroDivisionError"),
        (lambda dy: dy - dy.mean(1)[:, 0], "IndexError"),
        (lambda dy: dy - dy.sum(1) if dy.shape[0] > 1 < dy.shape[1] != dy.shape[0] else dy.sum(0), "keepdims=True"),
    ],
    ids=lambda one: None if callable(one) else one,
)  # fmt: skip
def test_what_is_no_right_array(function: Any, said: str) -> None:
    assert said in failure("layer_norm", function, "beta")


def test_an_error_is_told_with_its_line() -> None:
    def my_backward(dy: Any) -> Any:
        wide = dy.sum(0)
        return wide[99]  # beyond its end

    told = failure("layer_norm", my_backward, "beta")
    line = inspect.getsourcelines(my_backward)[1] + 2
    assert f"it stops with an error, line {line}: return wide[99]  # beyond its end: IndexError: index 99" in told


def test_only_some_precisions_and_parts() -> None:
    derive.assert_gradient("layer_norm", lambda dy: dy.astype("float64").sum(0), "beta", dtypes=("float64",))
    said = failure("layer_norm", lambda dy: dy.sum(0))
    assert "3 arrays are expected (df/dgamma[c], df/dbeta[c], df/dx[n, c]) and 1 is returned; part= says which" in said
    said = failure("layer_norm", lambda dy: {"dbeta": dy.sum(0)})
    assert "nothing is returned for df/dgamma[c], df/dx[n, c]; the keys are dbeta" in said


def test_less_precise_than_float32_allows() -> None:
    def rounded(x: Any, gamma: Any, eps: Any, dy: Any) -> Any:
        return b.ln_right(x, gamma, eps, dy)[2].astype("float16").astype(x.dtype)

    assert "df/dx[n, c] is wrong" in failure("layer_norm", rounded, "x", dtypes=("float32",))


@pytest.mark.parametrize(
    ("problem", "part", "said"),
    [
        ("lenet_cost", (), "is no program of arrays"),
        ("bn_backward", "gama", "Did you mean 'gamma'"),
        ("tanh_mse", "limit", "part 'limit' asks for no array"),
        ("bn_forward", (), "asks for no gradient by what enters it"),
    ],
)
def test_wrong_calls(problem: str, part: Any, said: str) -> None:
    with pytest.raises(derive.UsageError, match=said):
        derive.assert_gradient(problem, lambda x: x, part)


@pytest.mark.torch
def test_functions_of_pytorch() -> None:
    import torch

    def autograd(x: Any, gamma: Any, eps: Any, dy: Any) -> Any:
        x, gamma = x.clone().requires_grad_(), gamma.clone().requires_grad_()
        y = gamma * (x - x.mean()) / torch.sqrt(x.var(unbiased=False) + eps)
        y.backward(dy)
        return gamma.grad, dy.sum(), x.grad

    derive.assert_gradient("bn_backward", autograd, framework="torch")

    def unbiased(x: Any, gamma: Any, eps: Any, dy: Any) -> Any:
        s = torch.sqrt(x.var(unbiased=False) + eps)
        return gamma / s * (dy - dy.mean())

    assert "the variance treated as a constant" in failure("bn_backward", unbiased, "x", framework="torch")


def test_shapes() -> None:
    derive.assert_shape("layer_norm", "gamma", np.zeros(3), C=3)
    derive.assert_shape("layer_norm", "x", (4, 3))
    derive.assert_shape("mlp_shapes", "Wh", np.zeros((10, 50)))
    for part, found, sizes, said in (
        ("gamma", np.zeros((1, 3)), {}, "df/dgamma[c] has the shape (C,), found (1, 3)"),
        ("x", np.zeros((3, 4)), {"N": 4, "C": 3}, "has the shape (N, C) = (4, 3), found (3, 4), the axes turned round"),
    ):
        with pytest.raises(FunctionError) as error:
            derive.assert_shape("layer_norm", part, found, **sizes)
        assert said in str(error.value)
    with pytest.raises(FunctionError, match=r"Wh has the shape \(10, 50\), found \(50, 10\)"):
        derive.assert_shape("mlp_shapes", "Wh", (50, 10))
    with pytest.raises(derive.UsageError, match="takes an array or a tuple of whole numbers, not str"):
        derive.assert_shape("mlp_shapes", "Wh", "10x50")
    with pytest.raises(derive.UsageError, match="has no part"):
        derive.assert_shape("mlp_shapes", "nothing", (1,))
