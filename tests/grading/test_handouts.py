"""Notebooks to hand out: the derived answers pass the tests beside them; what has no test is marked by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

import derive
from derive.cli.main import run
from derive.grading.handouts import Cells, handout

PROBLEMS = ("bn_backward", "layer_norm", "rms_norm", "bn_forward")


def cells_of(name: str, kind: str) -> list[dict[str, Any]]:
    data = json.loads(handout(derive.load(name), kind))
    assert (data["nbformat"], data["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in data["cells"]}) == len(data["cells"])
    found: list[dict[str, Any]] = data["cells"]
    return found


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_derived_answers_pass(name: str) -> None:
    space: dict[str, Any] = {}
    for cell in cells_of(name, "nbgrader"):
        if cell["cell_type"] == "code":
            exec(cell["source"], space)
    for cell in cells_of(name, "otter"):
        if cell["cell_type"] == "code":
            exec(cell["source"], space)
    for question in derive.load(name).questions:
        space[f"test_{question.id}"](space[question.id])
        with pytest.raises(AssertionError):
            space[f"test_{question.id}"]("0")


def test_cells_are_marked_for_nbgrader() -> None:
    known = [cell["metadata"]["nbgrader"] for cell in cells_of("bn_backward", "nbgrader") if cell["metadata"]]
    assert [one["grade_id"] for one in known][:4] == ["gamma", "test_gamma", "beta", "test_beta"]
    assert all(one["solution"] != one["grade"] and one["locked"] == one["grade"] for one in known)
    assert sum(one.get("points", 0) for one in known) == 6


def test_what_cannot_be_tested_is_marked_by_hand() -> None:
    known = {
        cell["metadata"]["nbgrader"]["grade_id"]: cell["metadata"]["nbgrader"]
        for cell in cells_of("tanh_mse", "nbgrader") if cell["metadata"]
    }  # fmt: skip
    assert "test_limit" not in known
    assert known["limit"]["grade"]
    assert known["limit"]["solution"]
    raw = [cell["source"] for cell in cells_of("tanh_mse", "otter") if cell["cell_type"] == "raw"]
    assert "# BEGIN QUESTION\nname: limit\npoints: 1\nmanual: true" in raw
    assert raw.count("# BEGIN TESTS") == len(derive.load("tanh_mse").questions) - 1


@pytest.mark.parametrize(
    ("part", "name"), [("x", "x"), ("dx-1", "dx_1"), ("lambda", "part_lambda"), ("1", "part_1"), ("σ²", "__")]
)
def test_names_of_answers(part: str, name: str) -> None:
    assert Cells(part, "", "", True).name == name


def test_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sheet", "bn_backward", "--format", "otter"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(handout(derive.load("bn_backward"), "otter"))
