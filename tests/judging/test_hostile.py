r"""Texts that mean harm or nothing: answered, in bounded time, and never run."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.checking import check, compare
from derive.cli.main import run
from derive.language.judgement import STATUS

HOSTILE = [
    "",
    " ",
    "\\",
    "$$",
    "$",
    "__import__('os').system('touch /tmp/harm')",
    "().__class__.__mro__",
    "open('/etc/passwd').read()",
    "lambda: 1",
    "[x for x in ().__class__.__base__.__subclasses__()]",
    "eval('1')",
    'exec("import os")',
    "getattr(x, '__class__')",
    "np.load('x.npy')",
    "import os; os.remove('x')",
    "f'{9**9}'",
    "9**9**9**9",
    "10**10**10",
    r"2^{2^{2^{2^{2^{2^{2}}}}}}",
    r"(1+10^{-99})^{10^{99}}",
    r"0.1^{-99999}",
    r"99999!",
    r"((9!)!)!",
    r"\binom{9999}{5000}",
    r"\sqrt[99999]{2}",
    r"\sum_{i=1}^{10^9} x_i",
    r"\prod_{i=1}^{10^9} 2",
    r"\sum_{i=1}^{99999}\sum_{j=1}^{99999} ij",
    r"\mu = \sum_{i=1}^{100000} i",
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
    "{" * 10_000 + "x" + "}" * 10_000,
    r"\frac{" * 500 + "1" + "}{2}" * 500,
    "[" * 10_000,
    "|" * 3_000,
    "f(" * 1_000,
    "x^" * 2_000 + "2",
    "x'" * 2_000,
    "1/" * 2_000 + "2",
    "x!" * 2_000,
    "=" * 2_000,
    ";" * 3_000,
    r"\\" * 3_000,
    r"\quad" * 2_000 + "x",
    "(x_1+x_2)(x_1-x_2)" * 40,
    r"(x_i - \mu)^{12}(x_i + \mu)^{12}(\gamma - \epsilon)^{12} = 0",
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
    "x\u0327_i = 1",
    "\u2212x_i = 1",
    "x\u200b_i = 1",
    "x\u00ad_i",
    "\ufeff\\mu = 1",
    "\u2066\\mu\u2069 = 1",
    "\\mu\u202e = 1\u202c",
    "x\u0300\u0301\u0302\u0303_i = 1",
    "１＋１ = ２",
    "x² = ²",
    "٣ = 3",
    "𝛍 = 1",
    "\U000e0041\\mu = 1",
    "\uffff",
    "\x00\\mu = 1",
    "\\mu\x00 = 1",
    "\x1b[31m\\mu = 1",
    "\r\n\t\\mu = 1",
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


@pytest.mark.parametrize("command", ["check", "compare"])
def test_a_batch_of_them(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A row for each row, in order, whatever the text."""
    rows = [
        {"id": k, "problem": "bn_backward", "statement": text, "gold": "x", "answer": text}
        for k, text in enumerate(HOSTILE)
    ]
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf8")
    run([command, "--batch", str(file)])
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["id"] for row in found] == [*range(len(HOSTILE))]
    assert {row["verdict"] for row in found} <= STATUS.keys()


def test_from_threads() -> None:
    """The stack of a thread is small, and signals do not reach it."""
    found: dict[int, list[str]] = {}

    def work(part: int) -> None:
        found[part] = [check("bn_backward", text).verdict for text in HOSTILE[part::3]]
        found[part] += [compare("x", text).verdict for text in HOSTILE[part::3]]

    threads = [threading.Thread(target=work, args=(part,)) for part in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(map(len, found.values())) == 2 * len(HOSTILE)
    assert {verdict for verdicts in found.values() for verdict in verdicts} <= STATUS.keys()


CRASHED = [
    ("lenet_cost", "² B\\in\\mathbb R^{4\\times 8}"),
    ("conv_cost", "\\text{total\\mu}=1,474,560"),
    ("vanishing_gradient", "y_{112}=15"),
    ("mlp_backward", "y_{62}=15"),
    ("momentum_forms", "\\theta993=0.94"),
    ("momentum_forms", "θ^(k+1) = θ^k − α g^k + β²(θ^k" + "^k" * 30 + " − θ^(k−1))"),
    ("bn_backward", r"\text{term 4: }\frac{\partial f}{\partial y_i}\gamma(x_i" + "-i" * 60 + r"-\mu)"),
    ("softmax_cross_entropy", r"\frac{\partial L}{\partial z_j}=" + "t" * 31 + "_j-p_j"),
    ("softmax_cross_entropy", r"L=-\mathbf t^\top\log\mathbf p" + r" t^\top\log\mathbf p" * 20),
]


@pytest.mark.parametrize(("problem", "text"), CRASHED, ids=[text[:30] for _, text in CRASHED])
def test_what_once_raised_or_hung(problem: str, text: str) -> None:
    start = time.process_time()
    assert check(problem, text).verdict in STATUS
    assert time.process_time() - start < 10


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
