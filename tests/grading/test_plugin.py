"""The pytest plugin: points into results.json, and nothing for what is not about the answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import jsonschema

from tests.grading.published import GRADESCOPE

ROOT = Path(__file__).parents[2]
TESTS = r"""
import derive, pytest
RIGHT = r"\sum_i \frac{\partial f}{\partial y_i}"

@pytest.mark.points(2.5)
def test_right():
    derive.assert_answer("bn_backward", "beta", RIGHT)

def test_wrong():
    derive.assert_answer("bn_backward", "beta", r"\sum_i \hat x_i")

def test_unreadable():
    derive.assert_answer("bn_backward", "beta", r"\foo")

def test_plain():
    assert 1 == 2

@pytest.mark.points(3)
def test_stopped():
    derive.assert_answer("bn_backwards", "beta", RIGHT)

def test_skipped():
    pytest.skip("not handed in")

@pytest.fixture
def broken():
    raise OSError("no such file")

def test_not_set_up(broken):
    pass

@pytest.fixture
def late():
    yield
    raise OSError("cannot be put away")

def test_not_put_away(late):
    assert True
"""


MESSAGES = """
import derive, numpy as np

def no_variance(x, gamma, eps, dy):
    return gamma * (dy - dy.mean()) / np.sqrt(x.var() + eps)

def test_gradient():
    derive.assert_gradient("bn_backward", no_variance, "x")

def test_shape():
    derive.assert_shape("layer_norm", "gamma", np.zeros((1, 3)))

def test_equal():
    derive.assert_equal("a + b", "a - b")

def test_statement():
    derive.assert_statement("bn_backward", "df/dbeta = df/dy[i]")

def test_answer():
    derive.assert_answer("bn_backward", "beta", "sum(xhat[i], i)")

def test_no_text():
    derive.assert_answer("bn_backward", "beta", ...)
"""


def ran(folder: Path, text: str, *words: str) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    (folder / "test_answers.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "derive.testing", "--strict-markers", *words],
        cwd=folder, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip
    file = folder / "results.json"
    return done, json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def test_points_of_every_test(tmp_path: Path) -> None:
    done, found = ran(tmp_path, TESTS, "--gradescope", "results.json")
    assert done.returncode == 1, done.stdout
    tests = {test["name"]: test for test in found["tests"]}
    jsonschema.validate(found, GRADESCOPE)
    assert found["score"] == 2.5
    assert (tests["test_right"]["score"], tests["test_right"]["status"]) == (2.5, "passed")
    assert (tests["test_wrong"]["score"], tests["test_wrong"]["status"]) == (0, "failed")
    assert tests["test_wrong"]["output"].startswith("refuted: false (all sizes)")
    assert (tests["test_plain"]["score"], tests["test_plain"]["status"]) == (0, "failed")
    for name in ("test_unreadable", "test_stopped", "test_skipped", "test_not_set_up", "test_not_put_away"):
        assert not {"score", "status"} & tests[name].keys(), name
        assert tests[name]["output"].startswith("needs a person: ")
    assert [tests[name]["max_score"] for name in tests] == [2.5, 1, 1, 1, 3, 1, 1, 1]


def test_messages_are_what_a_student_reads(tmp_path: Path) -> None:
    done, found = ran(tmp_path, MESSAGES, "--gradescope", "results.json")
    assert "checking.py" not in done.stdout.partition("_ test_no_text _")[0]  # the lines of derive are left out
    assert "assertions.py" not in done.stdout
    jsonschema.validate(found, GRADESCOPE)
    said = {test["name"].removeprefix("test_"): test["output"] for test in found["tests"]}
    assert said["gradient"].splitlines()[-1] == "  matches a known mistake: the variance treated as a constant"
    assert said["shape"] == "layer_norm: df/dgamma[c] has the shape (C,), found (1, 3)"
    assert said["equal"].splitlines()[-1] == "  at a = -1, b = 2: the left side is 1, the right side -3"
    assert "a sum over i is missing" in said["statement"]
    assert "the left side is" in said["answer"]
    assert said["no_text"] == "needs a person: a statement is a text, in LaTeX or plain, not Ellipsis"


def test_points_of_parameters_and_classes(tmp_path: Path) -> None:
    text = """
import pytest

@pytest.mark.points(2)
class TestAll:
    @pytest.mark.parametrize("k", [1, 2])
    def test_k(self, k):
        assert k == 1

    @pytest.mark.points(0.5)
    def test_own(self):
        pass
"""
    _, found = ran(tmp_path, text, "--gradescope", "results.json")
    jsonschema.validate(found, GRADESCOPE)
    assert found["score"] == 2.5
    assert [(test["name"], test["score"], test["max_score"]) for test in found["tests"]] == [
        ("test_k[1]", 2, 2), ("test_k[2]", 0, 2), ("test_own", 0.5, 0.5),
    ]  # fmt: skip


def test_it_is_installed_along() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"derive": "derive.testing"}


def test_nothing_is_written_unasked(tmp_path: Path) -> None:
    done, found = ran(tmp_path, "import pytest\n@pytest.mark.points(1)\ndef test_a(): pass\n")
    assert (done.returncode, found) == (0, {})


def test_points_that_are_no_number(tmp_path: Path) -> None:
    text = "import pytest\n@pytest.mark.points('two')\ndef test_a(): pass\n"
    done, _ = ran(tmp_path, text, "--gradescope", "results.json")
    assert done.returncode != 0
    assert "points(n) takes one number from 0 on" in done.stdout + done.stderr
