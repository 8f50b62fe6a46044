"""Sizes and numbers put in: the output's length follows; what does not fit is told with both sides and a remedy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from derive.cli.main import run

BAD = {
    "a kernel longer than the padded input": (
        {"K": 9}, "needs q*(K - 1) + 1 <= N + 2*p, but with N = 4, K = 9, p = 0, q = 1 that is 9 against 4; change"),
    "dilated beyond the input": ({"q": 4}, "needs q*(K - 1) + 1 <= N + 2*p, but with N = 4, K = 3, p = 0, q = 4"),
    "stride zero": ({"s": 0}, "'s' is 0; it must be from 1 to"),
    "negative padding": ({"p": -1}, "'p' is -1; it must be from 0 to"),
    "empty output": ({"T": 0}, "'T' is 0; it must be from 1 to"),
    "too long an output": ({"T": 5}, "that is 7 against 4; leave T out, or change another of them"),
    "too short an output": ({"T": 1}, "needs N + 2*p <= s*T + q*(K - 1)"),
    "kernels of two lengths": ({"w": [[[1, 2], [1]]], "C": 1, "D": 2}, "'w[1][2]' has length 1, but K is 2"),
}  # fmt: skip
NUMBER = 'but a number such as 2, 0.5 or "1/3" is expected'
BAD.update({
    "a word for a weight": (
        {"w": [[["a", 1, 2], [1, 2, 3]], [[1, 2, 3], [1, 2, 3]]]}, f"'w[1][1][1]' is \"a\", {NUMBER}"),
    "nothing for an input": ({"x": [[1, 2, None, 4], [1, 2, 3, 4]]}, f"'x[1][3]' is null, {NUMBER}"),
    "true for an input": ({"x": [[1, 2, True, 4], [1, 2, 3, 4]]}, f"'x[1][3]' is true, {NUMBER}"),
    "no number at all": ({"x": [[1, 2, float("nan"), 4], [1, 2, 3, 4]]}, "NaN is not a number here"),
    "no channels": ({"x": []}, "'x' is empty; C must be at least 1"),
    "no positions": ({"x": [[], []]}, "'x[1]' is empty; N must be at least 1"),
    "a stride in words": ({"s": "two"}, "'s' is a size, so a whole number is expected, not \"two\""),
    "half a stride": ({"s": 1.5}, "'s' is a size, so a whole number is expected, not 1.5"),
    "dilation zero": ({"q": 0}, "'q' is 0; it must be from 1 to"),
    "an input shorter than the kernel": (
        {"x": [[1, 2], [1, 2]]}, "needs q*(K - 1) + 1 <= N + 2*p, but with N = 2, K = 3, p = 0, q = 1 that is 3"),
})  # fmt: skip
BAD_2D = {
    "a kernel higher than the padded input": (
        {"K": 4}, "needs q*(K - 1) + 1 <= N + 2*p, but with N = 3, K = 4, p = 0, q = 1 that is 4 against 3; change"),
    "a kernel wider than the padded input": ({"R": 4}, "needs q*(R - 1) + 1 <= M + 2*p, but with M = 3, R = 4"),
    "stride zero": ({"s": 0}, "'s' is 0; it must be from 1 to"),
    "empty output": ({"U": 0}, "'U' is 0; it must be from 1 to"),
    "too wide an output": ({"U": 3}, "that is 4 against 3; leave U out, or change another of them"),
    "a word for a pixel": ({"x": [[[1, "b"]]]}, f"'x[1][1][2]' is \"b\", {NUMBER}"),
    "rows of two lengths": ({"x": [[[1, 2, 3], [1, 2]]]}, "'x[1][2]' has length 2, but M is 3"),
}  # fmt: skip
GOOD = [
    ({"s": 2}, r"T\=1"), ({"N": 6}, r"T\=4"), ({"p": 1}, r"T\=4"), ({"N": 9, "s": 2, "q": 2, "p": 1}, r"T\=4"),
    ({"C": 1, "D": 1, "x": [[1, 2, 3, 4, 5]], "w": [[[1, 2, 3]]], "dL/dy": [[1, 0, 0]]}, r"T\=3"),
]  # fmt: skip


@pytest.mark.parametrize(("problem", "kind"), [("conv_jacobian", kind) for kind in BAD]
                         + [("conv_jacobian_2d", kind) for kind in BAD_2D])  # fmt: skip
def test_what_does_not_fit(
    problem: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    given, message = (BAD if problem == "conv_jacobian" else BAD_2D)[kind]
    assert run([problem, "--given", json.dumps(given)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("given", "wanted"), GOOD)
def test_the_length_of_the_output_follows(given: dict[str, object], wanted: str, tmp_path: Path,
                                          monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert run(["conv_jacobian", "--given", json.dumps(given), "--format", "typ"]) == 0
    text = (tmp_path / "out/conv_jacobian.typ").read_text(encoding="utf-8").replace(" ", "").replace("$", "")
    assert wanted in text


def test_numbers_are_worked_out_exactly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    given = GOOD[-1][0]
    assert run(["conv_jacobian", "--given", json.dumps(given), "--format", "typ"]) == 0
    text = (tmp_path / "out/conv_jacobian.typ").read_text(encoding="utf-8")
    row = "[$partial L\\/partial x_(1 n)$], [$1$], [$2$], [$3$], [$0$], [$0$]"
    assert row in text
