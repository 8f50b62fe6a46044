"""Marks in the forms of other systems, against what these publish."""

from __future__ import annotations

import copy
import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from derive.cli.main import run
from derive.errors import UsageError
from derive.grading import adapters, prairielearn, reports
from derive.grading.course import Course
from derive.grading.grade import Results, grade
from derive.grading.sheet import Unreadable
from derive.grading.structured import read_json
from tests.grading.published import (
    GRADESCOPE,
    PARTIAL_SCORE,
    PRAIRIELEARN,
    PRAIRIELEARN_DATA,
    junit_faults,
)
from tests.grading.serial import judge

ROOT = Path(__file__).parents[2]
ANSWERS = {
    "gamma": r"\frac{\partial f}{\partial\gamma} = \sum_i \frac{\partial f}{\partial y_i}\hat x_i",
    "beta": r"\frac{\partial f}{\partial\beta} = \sum_i \hat x_i",
    "xhat": "\\foo\x00\x1b[31m</failure>]]>&<b>",
}
DECIDED = {"gamma": ANSWERS["gamma"], "beta": ANSWERS["beta"]}


def marked(*students: str, answers: object = ANSWERS, unreadable: tuple[Unreadable, ...] = ()) -> Results:
    sheets = [
        read_json(json.dumps({"student": one, "problem": "bn_backward", "answers": answers}), f"{one}.json", one)
        for one in students
    ]
    return grade([*sheets, *unreadable], Course(), None, judge)


@pytest.mark.parametrize(
    ("answers", "unreadable"),
    [(ANSWERS, ()), (DECIDED, ()), ({}, ()), (ANSWERS, (Unreadable("dir/x.png", "is no answer sheet"),))],
)
def test_gradescope_and_prairielearn(answers: object, unreadable: tuple[Unreadable, ...]) -> None:
    results = marked("s", answers=answers, unreadable=unreadable)
    found = adapters.as_gradescope(results)
    jsonschema.validate(found, GRADESCOPE)
    external = adapters.as_prairielearn(results)
    jsonschema.validate(external, PRAIRIELEARN)
    assert external["gradable"] is (answers is not ANSWERS)
    if unreadable:
        assert "not read: x.png is no answer sheet" in str(found["output"])
        assert "not read: x.png is no answer sheet" in str(external["output"])
    if answers is ANSWERS:
        assert str(external["format_errors"]).startswith("['xhat: needs a person: cannot be read at column 5")


def test_no_sheet_is_left_to_a_person() -> None:
    results = grade([Unreadable("dir/s.md", "is empty")], Course(), None, judge)
    found = adapters.as_gradescope(results)
    jsonschema.validate(found, GRADESCOPE)
    assert found["output"] == "Needs a person: s.md is empty"
    external = adapters.as_prairielearn(results)
    jsonschema.validate(external, PRAIRIELEARN)
    assert (external["gradable"], external["format_errors"]) == (False, ["s.md is empty"])
    for write in (adapters.as_gradescope, adapters.as_prairielearn):
        with pytest.raises(UsageError, match=r"is for one sheet, that of one submission; there are a\.json, b\.json"):
            write(marked("a", "b"))


def test_the_schemas_refuse_what_is_wrong() -> None:
    for wrong in (
        {"score": "1"}, {"tests": [{"name": "a"}]}, {"score": 1, "tests": [{"status": "skipped"}]}, {"scores": 1}, {},
        {"score": 1, "output_format": "latex"},
    ):  # fmt: skip
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, GRADESCOPE)
    for wrong in ({}, {"score": 2}, {"score": 1, "tests": [{}]}, {"gradable": False, "format_errors": 3}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, PRAIRIELEARN)
    for text in ("<testsuite/>", "<testsuites><testcase/></testsuites>", "<testsuites verdict='1'/>"):
        assert junit_faults(ElementTree.fromstring(text))


def test_junit() -> None:
    results = marked("s1", "=s2<&>", unreadable=(Unreadable("x\x1b.png", "is no answer sheet <&>"),))
    root = ElementTree.fromstring(adapters.as_junit(results))
    assert junit_faults(root) == []
    suites = root.findall("testsuite")
    assert [suite.get("tests") for suite in suites] == ["6", "6", "1"]
    for suite in suites:
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(name, "0")) == len(suite.findall(f"testcase/{tag}"))


def test_csv_is_as_rfc_4180_says_and_runs_nothing() -> None:
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "a,b", 'a"b', "s1", "|cmd", "＝1", " =1"]
    text = reports.as_csv(marked(*names))
    rows = list(csv.reader(io.StringIO(text), strict=True))
    assert len({len(row) for row in rows}) == 1
    assert text.count("\r\n") == len(rows) == len(names) + 1
    assert all(row[0][:1] not in "=+-@\t\r|＝" for row in rows)
    assert [row[0] for row in rows if row[0] in names] == ["a,b", 'a"b', "s1"]
    assert all(cell == "" or cell.replace(".", "").isdigit() for row in rows[1:] for cell in row[1:])


# -- PrairieLearn, in the question's own server.py -------------------------------------------------------------------


def data(**answers: object) -> dict[str, Any]:
    return {
        "params": {}, "correct_answers": {}, "submitted_answers": answers, "raw_submitted_answers": answers,
        "format_errors": {}, "partial_scores": {}, "score": 0.0, "feedback": {}, "variant_seed": 1, "options": {},
        "gradable": True, "extensions": {},
    }  # fmt: skip


def graded(parts: Any, scheme: Any = None, **answers: object) -> dict[str, Any]:
    before = data(**answers)
    after = copy.deepcopy(before)
    prairielearn.mark(after, "bn_backward", parts, scheme)
    assert after.keys() == before.keys()
    for name in before:
        assert after[name] == before[name] or name in PRAIRIELEARN_DATA
    for one in after["partial_scores"].values():
        jsonschema.validate(one, PARTIAL_SCORE)
    json.dumps(after)
    assert 0 <= after["score"] <= 1
    return after


def test_a_question_of_prairielearn() -> None:
    found = graded(("gamma", "beta"), {"points": {"gamma": 3}}, **DECIDED)
    assert {name: one["score"] for name, one in found["partial_scores"].items()} == {"gamma": 1, "beta": 0}
    assert found["score"] == 0.75
    assert found["format_errors"] == {}
    assert found["feedback"]["gamma"] == "right"
    assert "at m = 1" in found["feedback"]["beta"]


def test_answers_under_other_names_and_carried_errors() -> None:
    names = {"xhat": "first", "var": "second"}
    found = graded(
        names, first=r"\frac{\partial f}{\partial y_i}",
        second=r"-\frac12 \sum_i \frac{\partial f}{\partial y_i} (x_i-\mu) (\sigma^2+\epsilon)^{-3/2}",
    )  # fmt: skip
    assert {name: one["score"] for name, one in found["partial_scores"].items()} == {"first": 0, "second": 1}
    assert "error carried forward" in found["feedback"]["second"]


@pytest.mark.parametrize("answer", ["\\foo", "x" * 10**5, "(" * 5000, "\x00", 3, ["a"]])
def test_what_cannot_be_read_costs_no_attempt(answer: object) -> None:
    found = graded(("gamma", "beta"), gamma=answer, beta=DECIDED["beta"])
    assert set(found["format_errors"]) == {"gamma"}
    assert found["format_errors"]["gamma"].startswith("needs a person: ")


def test_nothing_submitted_and_wrong_questions() -> None:
    found = graded((), gamma="")
    assert found["score"] == 0
    assert set(found["partial_scores"]) == {"gamma", "beta", "xhat", "var", "mu", "x"}
    assert found["format_errors"] == {}
    for problem, parts, said in (("bn_backwards", (), "no problem has the id"), ("bn_backward", ("gama",), "no part")):
        with pytest.raises(UsageError, match=said):
            prairielearn.mark(data(), problem, parts)
    with pytest.raises(UsageError, match="no part 'gama'"):
        prairielearn.mark(data(), "bn_backward", (), {"points": {"gama": 1}})


# -- the autograder for Gradescope -----------------------------------------------------------------------------------

MODULE = """
import numpy as np
problem = "layer_norm"

def beta(dy):
    return dy.sum(0)
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Gradescope makes of the zip."""
    root = tmp_path_factory.mktemp("autograder")
    scheme = root / "points.json"
    scheme.write_text(json.dumps({"problems": {"bn_backward": {"points": {"gamma": 4}}}}))
    words = ["autograder", "bn_backward", "layer_norm", "--run-functions", "--scheme", str(scheme)]
    assert run([*words, "-o", str(root / "autograder.zip")]) == 0
    assert run([*words, "-o", str(root / "again.zip")]) == 0
    assert (root / "autograder.zip").read_bytes() == (root / "again.zip").read_bytes()
    with zipfile.ZipFile(root / "autograder.zip") as archive:
        for entry in archive.infolist():
            if entry.filename in ("setup.sh", "run_autograder"):
                assert entry.external_attr >> 16 == 0o755
        assert {"setup.sh", "run_autograder"} <= set(archive.namelist())
        archive.extractall(root / "source")
    (root / "run_autograder").write_bytes((root / "source" / "run_autograder").read_bytes())
    return root


def submitted(root: Path, files: dict[str, str]) -> dict[str, Any]:
    folder = root / "submission"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    subprocess.run(
        ["bash", "run_autograder"], cwd=root, check=True, capture_output=True, timeout=120,
        env={"PATH": os.environ["PATH"], "AUTOGRADER": str(root), "PYTHON": sys.executable},
    )  # fmt: skip
    found = json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))
    jsonschema.validate(found, GRADESCOPE)
    assert isinstance(found, dict)
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="Gradescope runs Linux")
def test_the_autograder_marks_a_submission(tree: Path) -> None:
    sheet = {"student": "s", "problem": "bn_backward", "answers": DECIDED, "scheme": {"points": {"beta": 100}}}
    found = submitted(tree, {"s.json": json.dumps(sheet), "photo.png": ""})
    assert found["score"] == 4
    assert "not read: photo.png is no answer sheet" in found["output"]
    tests = {test["name"]: test for test in found["tests"]}
    assert tests["bn_backward: gamma"]["score"] == 4
    assert tests["layer_norm: x"] == {
        "name": "layer_norm: x", "max_score": 1, "score": 0, "status": "failed", "output": "not answered",
        "output_format": "text",
    }  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="Gradescope runs Linux")
def test_the_autograder_runs_functions_and_marks_only_what_was_set(tree: Path) -> None:
    found = submitted(tree, {"answers.py": MODULE})
    assert found["score"] == 1
    other = {"student": "s", "problem": "rms_norm", "answers": {}}
    found = submitted(tree, {"s.json": json.dumps(other)})
    assert "it also answers what was not set: rms_norm" in found["output"]
    assert found["score"] == 0
    assert not any("rms_norm" in test["name"] for test in found["tests"])


@pytest.mark.skipif(sys.platform == "win32", reason="Gradescope runs Linux")
@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "is a folder without a file"),
        ({"a.png": ""}, "Needs a person: a.png is no answer sheet"),
        ({"a.json": "{}", "b.md": "\x00"}, "Needs a person: a.json "),
        ({"a.json": '{"problem": "bn_backward"}', "b.json": '{"problem": "bn_backward"}'}, "is for one sheet"),
    ],
)
def test_what_the_autograder_cannot_mark(files: dict[str, str], said: str, tree: Path) -> None:
    found = submitted(tree, files)
    assert said in found["output"]
    assert found["score"] == 0


def test_wrong_autograders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scheme = tmp_path / "bad.json"
    scheme.write_text('{"points": {"gama": 1}}')
    for words, said in (
        ([], "Missing argument 'PROBLEM...'"),
        (["bn_backwards"], "Did you mean 'bn_backward'"),
        (["bn_backward", "--scheme", str(scheme)], "no part 'gama'"),
        (["bn_backward", "--scheme", str(tmp_path / "none.json")], "there is no such file"),
        (["bn_backward", "-o", str(tmp_path / "none" / "a.zip")], "cannot be written"),
    ):
        assert run(["autograder", *words]) == 2
        assert said in capsys.readouterr().err


def test_an_autograder_for_a_problem_of_ones_own(tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text("from msgspec.structs import replace\nfrom derive.problems.bn_backward import PROBLEM as P\n"
                   "PROBLEM = replace(P, id='own')\n")  # fmt: skip
    assert run(["autograder", str(own), "-o", str(tmp_path / "a.zip")]) == 0
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.read("problems/own.py") == own.read_bytes()
        assert archive.read("options").decode().split() == ["--assigned", "own", "--problem", "./problems/own.py"]
        names = set(re.findall(r"^[\w-]+", archive.read("requirements.txt").decode().lower(), re.MULTILINE))
    assert {"sympy", "pyyaml"} <= names
    assert not names & {"pytest", "torch", "math-verify", "distributed"}  # of extras that marking does not need


def test_the_scripts_are_bash() -> None:
    for name in ("setup.sh", "run_autograder"):
        script = ROOT / "derive" / "grading" / "gradescope" / name
        assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
