"""Notebooks through nbgrader and Otter as they are installed, and a test suite through gradescope-utils."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import derive
from derive.cli.main import run
from tests.grading.published import GRADESCOPE

pytestmark = pytest.mark.adapters
ROOT = Path(__file__).parents[2]
RIGHT = r"\sum_i \frac{\partial f}{\partial y_i} \hat x_i"
WRONG = r"\sum_i \hat x_i"


def ran(folder: Path, *words: str) -> str:
    scripts = Path(sys.executable).parent
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=folder, capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def filled_in(notebook: Path, out: Path) -> str:
    """What a student makes of it: one right answer, one wrong one; what the notebook held before."""
    text = notebook.read_text(encoding="utf-8")
    data: Any = json.loads(text)
    for cell in data["cells"]:
        for part, answer in (("gamma", RIGHT), ("beta", WRONG)):
            if "".join(cell["source"]).startswith(f"{part} = "):
                cell["source"] = f'{part} = r"{answer}"'
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(data), encoding="utf-8")
    return text


def test_nbgrader(tmp_path: Path) -> None:
    from nbgrader.api import Gradebook

    source = tmp_path / "source" / "ps1"
    source.mkdir(parents=True)
    assert run(["sheet", "bn_backward", "--format", "nbgrader", "-o", str(source / "ps1.ipynb")]) == 0
    (tmp_path / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "course"\n')
    ran(tmp_path, "nbgrader", "generate_assignment", "ps1")
    released = filled_in(tmp_path / "release/ps1/ps1.ipynb", tmp_path / "submitted/s001/ps1/ps1.ipynb")
    assert "gamma = " in released
    assert "BEGIN SOLUTION" not in released
    (tmp_path / "submitted/teacher/ps1").mkdir(parents=True)
    (tmp_path / "submitted/teacher/ps1/ps1.ipynb").write_bytes((source / "ps1.ipynb").read_bytes())
    ran(tmp_path, "nbgrader", "autograde", "ps1")
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as book:
        student, teacher = (book.find_submission("ps1", name) for name in ("s001", "teacher"))
        marks = {grade.name: grade.score for notebook in student.notebooks for grade in notebook.grades}
        assert (student.score, student.max_score) == (1, 6)
        assert (marks["test_gamma"], marks["test_beta"]) == (1, 0)
        assert teacher.score == 6  # the derived answers pass their own tests


def test_otter(tmp_path: Path) -> None:
    assert run(["sheet", "bn_backward", "--format", "otter", "-o", str(tmp_path / "master.ipynb")]) == 0
    ran(tmp_path, "otter", "assign", "master.ipynb", "dist")
    handed = filled_in(tmp_path / "dist/student/master.ipynb", tmp_path / "s001.ipynb")
    assert "gamma = ..." in handed
    assert set(_by_otter(tmp_path, tmp_path / "master.ipynb").values()) == {1}  # the derived answers pass
    marks = _by_otter(tmp_path, tmp_path / "s001.ipynb")
    assert marks == {**dict.fromkeys(marks, 0), "gamma": 1}
    assert len(marks) == 6
    said = (tmp_path / "results.json").read_text(encoding="utf-8")
    assert "refuted: false (all sizes)" in said
    assert "a statement is a text, in LaTeX or plain, not Ellipsis" in said  # what nobody filled in


def _by_otter(folder: Path, notebook: Path) -> dict[str, float]:
    (archive,) = (folder / "dist/autograder").glob("*.zip")
    ran(folder, "otter", "run", str(notebook), "-a", str(archive), "-o", str(folder), "--no-logo")
    found = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return {test["name"]: test["score"] for test in found["tests"] if "score" in test}


def test_gradescope_utils() -> None:
    from gradescope_utils.autograder_utils.decorators import weight
    from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner

    class Tests(unittest.TestCase):
        @weight(2)
        def test_gamma(self) -> None:
            derive.assert_answer("bn_backward", "gamma", RIGHT)

        @weight(1)
        def test_beta(self) -> None:
            derive.assert_answer("bn_backward", "beta", WRONG)

    out = io.StringIO()
    JSONTestRunner(stream=out, visibility="visible").run(unittest.defaultTestLoader.loadTestsFromTestCase(Tests))
    found = json.loads(out.getvalue())
    found["execution_time"] = float(found["execution_time"])  # which it writes as a text
    jsonschema.validate(found, GRADESCOPE)  # the schema that our own results are held against
    marks = {test["name"].partition(" ")[0]: test["score"] for test in found["tests"]}
    assert marks == {"test_gamma": 2, "test_beta": 0}
    assert "the left side is" in json.dumps(found)
