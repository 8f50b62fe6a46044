"""Python modules as answer sheets: read without running them, run only where that is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from derive.cli.main import run

SHEET = """
import numpy as np
student = "s007"
problem = "layer_norm"

def normalized(x, eps):
    return (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + eps)

def backward(x, gamma, eps, dy):
    h, dh = normalized(x, eps), dy * gamma
    dx = (dh - h * (dh * h).mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + eps)
    return (dy * h).sum(0), dy.sum(0), dx

def xhat(gamma, dy):
    return gamma * dy
"""


def graded(folder: Path, text: str, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any, str]:
    file = folder / "answers.py"
    file.write_text(text, encoding="utf-8")
    status = run(["grade", str(file), "--json", *words])
    captured = capsys.readouterr()
    return status, json.loads(captured.out), captured.err


def test_a_module_is_marked_part_by_part(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, found, err = graded(tmp_path, SHEET, capsys, "--run-functions")
    assert (status, err) == (0, "")
    (sheet,) = found["sheets"]
    assert sheet["student"] == "s007"
    parts = {part["part"]: part for part in sheet["problems"][0]["parts"]}
    assert {name: part["status"] for name, part in parts.items()} == {
        "gamma": "right", "beta": "right", "xhat": "right", "x": "wrong",
    }  # fmt: skip
    assert parts["gamma"]["answers"][0]["verdict"] == "agrees"  # it was tried, and is not proved
    assert parts["gamma"]["answers"][0]["scope"].startswith("right at ")
    assert "the mean treated as a constant" in parts["x"]["answers"][0]["diagnosis"][0]["text"]
    assert found["summary"][3]["mistakes"][0]["count"] == 1


def test_nothing_is_run_unasked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, found, err = graded(tmp_path, f"open({str(tmp_path / 'ran')!r}, 'w')\n{SHEET}", capsys)
    assert (status, found["sheets"]) == (3, [])
    assert "is a program; --run-functions runs it" in err
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def gamma(:\n", "it is not Python at line 1"),
        ("def gamma(x): return x\n", "it does not say which problem it answers"),
        ("problem = 'layer_norms'\ndef gamma(x): return x\n", "no problem has the id 'layer_norms'"),
        (f"problem = 'layer_norm'\nx = {'(' * 5000}1{')' * 5000}\n", "it is not Python"),
        ("problem = 'layer_norm'\n" + "#" * 400_000, "more than 300000 characters"),
    ],
)
def test_modules_that_are_no_sheets(text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = graded(tmp_path, text, capsys, "--run-functions")
    assert status == 3
    assert said in err
    assert err.count("\n") == 1


def test_what_does_not_run_is_left_to_a_person(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = SHEET.replace("import numpy as np", "import numpy as np, nothing_of_that_name")
    text += "\ndef gamma(a, b, c): return a\n"  # answered by `backward` too
    status, found, _ = graded(tmp_path, text, capsys, "--run-functions")
    parts = {part["part"]: part for part in found["sheets"][0]["problems"][0]["parts"]}
    assert status == 4
    assert {part["status"] for part in parts.values()} == {"person"}
    assert "is answered twice" in parts["gamma"]["reason"]
    assert "No module named 'nothing_of_that_name'" in parts["xhat"]["reason"]
