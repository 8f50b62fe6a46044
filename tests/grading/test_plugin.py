"""The pytest plugin: points into results.json, and nothing for what is not about the answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

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
    assert found["score"] == 2.5
    assert (tests["test_right"]["score"], tests["test_right"]["status"]) == (2.5, "passed")
    assert (tests["test_wrong"]["score"], tests["test_wrong"]["status"]) == (0, "failed")
    assert tests["test_wrong"]["output"].startswith("refuted: false (all sizes)")
    assert (tests["test_plain"]["score"], tests["test_plain"]["status"]) == (0, "failed")
    for name in ("test_unreadable", "test_stopped", "test_skipped", "test_not_set_up", "test_not_put_away"):
        assert not {"score", "status"} & tests[name].keys(), name
        assert tests[name]["output"].startswith("needs a person: ")
    assert [tests[name]["max_score"] for name in tests] == [2.5, 1, 1, 1, 3, 1, 1, 1]


def test_nothing_is_written_unasked(tmp_path: Path) -> None:
    done, found = ran(tmp_path, "import pytest\n@pytest.mark.points(1)\ndef test_a(): pass\n")
    assert (done.returncode, found) == (0, {})


def test_points_that_are_no_number(tmp_path: Path) -> None:
    text = "import pytest\n@pytest.mark.points('two')\ndef test_a(): pass\n"
    done, _ = ran(tmp_path, text, "--gradescope", "results.json")
    assert done.returncode != 0
    assert "points(n) takes one number from 0 on" in done.stdout + done.stderr
