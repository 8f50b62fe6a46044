r"""Texts that mean harm or nothing: answered, in bounded time, and never run."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.checking import check, compare
from derive.language.judgement import STATUS

HOSTILE = [
    "",
    " ",
    "\\",
    "$$",
    "$",
    "__import__('os').system('touch /tmp/harm')",
    "().__class__.__mro__",
    "9**9**9**9",
    r"9^{9^{9^{9}}}",
    r"((9^{64})^{64})^{64}",
    r"\mu = 10^{99} \cdot 10^{99} \cdot 10^{99}",
    r"\mu^{9999999999}",
    r"1e999999999",
    "1" * 5_000,
    r"1000!",
    r"y_{.1} = 1",
    r"\frac1e9{1}{4} = 1",
    r"\sum_{i=1}^1e9 x_i",
    "{" * 10_000,
    "(" * 10_000,
    r"\sqrt{" * 2_000,
    r"\frac{" * 1_500,
    r"\frac1" * 1_500,
    r"\left(" * 1_500,
    "x_" * 4_000,
    "-" * 9_000 + "1",
    "+".join(["x_i"] * 2_000),
    r"\sum_i" * 1_500 + "x_i",
    r"\hat" * 2_000 + "x",
    r"\begin{pmatrix}" * 500,
    r"\begin{pmatrix}" + "1&" * 3_000 + r"1\end{pmatrix}",
    "x_{" + "i" * 5_000 + "}",
    r"\log(" + "9" * 99 + ")",
    r"\log(1000000000000066600000000000001^3)=1",
    "\x00",
    "\u202e\\mu = 1",
    "\ud800",
    "ｘ＿ｉ",
    "а = 1",
    "\\mu = \n\n\n 1",
    "\\input{/etc/passwd}",
    "\\def\\x{\\x\\x}\\x",
    "\\newcommand{\\a}{\\a}\\a",
    "\\csname foo\\endcsname",
    r"\mu = \mu = " * 300 + r"\mu",
    r"\frac{\partial f}{\partial x_i} = " + r"\sum_{i=1}^m " * 12 + "x_i",
    "(x_1 + x_2 + \\mu + \\gamma)^{64} = 1",
    r"\tanh\tanh\tanh\tanh\tanh\tanh\tanh\mu = 1",
    r"\exp(\exp(\exp(\exp(\mu)))) = 1",
]


@pytest.mark.parametrize("text", HOSTILE, ids=[repr(text[:30]) for text in HOSTILE])
def test_judged_or_refused_soon(text: str) -> None:
    start = time.perf_counter()
    for found in (check("bn_backward", text), compare(text, "x"), compare("x", text)):
        assert found.verdict in STATUS
        assert found.verdict != "proved" or "mu = \\mu" in text
    assert time.perf_counter() - start < 10


PIECES = [
    "x_i", "\\mu", "\\sigma^2", "\\frac{", "}", "{", "^", "_", "\\sum_{i=1}^m", "(", ")", "[", "]", "=", "+", "-", ",",
    "2", "0.5", "\\partial", "\\hat x", "\\dots", "^T", "\\begin{pmatrix}", "\\end{pmatrix}", "&", "\\\\", "|", "'",
    "%",
    "\\sqrt", "e^", "\\exp", "\\text{and}", " ", "df/dx[i]", "sum(", "i", "\\nabla", "\\delta_{ij}", "é", "\x00",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
@settings(max_examples=400, deadline=None)
def test_pieces_in_any_order(text: str) -> None:
    assert check("bn_backward", text).verdict in STATUS
    assert compare(text, "x_i + \\mu").verdict in STATUS


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text(text: str) -> None:
    assert check("tanh_network_backprop", text).verdict in STATUS
    assert compare(text, text).verdict != "refuted"


def test_from_another_thread() -> None:
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(check("bn_backward", r"\sum_i \hat x_i = 0").verdict))
    thread.start()
    thread.join(20)
    assert found == ["proved"]
