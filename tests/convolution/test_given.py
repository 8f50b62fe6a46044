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
GOOD = [
    ({"s": 2}, r"T\=1"), ({"N": 6}, r"T\=4"), ({"p": 1}, r"T\=4"), ({"N": 9, "s": 2, "q": 2, "p": 1}, r"T\=4"),
    ({"C": 1, "D": 1, "x": [[1, 2, 3, 4, 5]], "w": [[[1, 2, 3]]], "dL/dy": [[1, 0, 0]]}, r"T\=3"),
]  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_sizes_that_do_not_fit(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    given, message = BAD[kind]
    assert run(["conv_jacobian", "--given", json.dumps(given)]) == 2
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
