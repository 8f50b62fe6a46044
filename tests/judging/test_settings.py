"""Formulas for the stride and the padding of the instance: true where those are meant, false where others are given."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

import derive

REST = {"C": 2, "D": 2, "K": 3, "s": 1, "q": 1}
ONE = {"s": 1, "p": 0, "q": 1}
LINE = r"\frac{\partial L}{\partial x_{in}}=\sum_{j=1}^D\sum_{k=1}^K\frac{\partial L}{\partial y_{j,%s}}w_k^{ij}"
IMAGE = (
    r"\frac{\partial L}{\partial w_{kr}^{ij}}="
    r"\sum_{t=1}^T\sum_{u=1}^U\frac{\partial L}{\partial y_{jtu}}x_{i,t+%s-1,u+%s-1}"
)


@pytest.mark.parametrize(
    ("problem", "true", "false"),
    [
        ("conv_jacobian", LINE % "n-k+1", LINE % "n+k-1"),
        ("conv_jacobian", LINE % "n+1-k", LINE % "n+2-k"),
        ("conv_jacobian_2d", IMAGE % ("k", "r"), IMAGE % ("r", "k")),
    ],
)
def test_a_stride_that_is_not_named(problem: str, true: str, false: str) -> None:
    found = derive.check(problem, true)
    assert found.verdict == "depends"
    assert found.convention == "at p = 0, q = 1, s = 1, as in the worked instance"
    assert derive.check(problem, true, given=ONE).verdict == "proved"
    assert derive.check(problem, true, given={**ONE, "p": 1}).verdict == "refuted"
    for given in (None, ONE):
        assert derive.check(problem, false, given=given).verdict == "refuted"


def test_what_names_the_stride_is_judged_for_all_of_them() -> None:
    text = r"y_{jt}=\sum_{i=1}^C\sum_{k=1}^Kw_k^{ij}x_{i,s(t-1)+%s}"
    assert derive.check("conv_jacobian", text % "k", given=ONE).verdict == "proved"
    assert derive.check("conv_jacobian", text % "q(k-1)+1-p").verdict == "proved"
    assert derive.check("conv_jacobian", text % "q(k-1)+2-p").verdict == "refuted"


@pytest.mark.parametrize(
    ("text", "given", "verdict"),
    [
        (r"\frac{\partial y_{12}}{\partial x_{11}}=0", None, "proved"),
        (r"\frac{\partial y_{12}}{\partial x_{12}}=0", None, "refuted"),
        (r"\frac{\partial y_{12}}{\partial x_{11}}=0", {"p": 1, "N": 4, "T": 4, **REST}, "refuted"),
        (r"A\in\mathbb R^{4\times8}", None, "depends"),
        (r"A\in\mathbb R^{4\times8}", {**ONE, "N": 4, "T": 2, **REST}, "proved"),
        (r"A\in\mathbb R^{8\times4}", {**ONE, "N": 4, "T": 2, **REST}, "refuted"),
        ("y_{11}=13", None, "depends"),
    ],
)  # fmt: skip
def test_numbers_that_rest_on_sizes_alone(text: str, given: Mapping[str, object] | None, verdict: str) -> None:
    assert derive.check("conv_jacobian", text, given=given).verdict == verdict


def test_a_formula_that_reads_beyond_the_input_depends_on_the_sizes() -> None:
    text = r"\frac{\partial y_{jt}}{\partial w_k^{ij}}=x_{i,%s}"
    found = derive.check("conv_jacobian", text % "t+k-1")
    assert found.verdict == "depends"
    assert "as in the worked instance" in found.convention
    assert derive.check("conv_jacobian", text % "t-k+1").verdict == "refuted"
