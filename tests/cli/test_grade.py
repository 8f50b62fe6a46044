"""`derive grade` and `derive sheet` from outside: formats, statuses, bad input."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from derive.cli.main import run
from tests.grading.published import GRADESCOPE

ANSWERS = {
    "gamma": r"\frac{\partial f}{\partial\gamma} = \sum_i \frac{\partial f}{\partial y_i}\hat x_i",
    "beta": r"\frac{\partial f}{\partial\beta} = \sum_i \hat x_i",
    "xhat": r"\frac{\partial f}{\partial\hat x_i} = \foo",
}


def sheet(folder: Path, name: str = "s1", **answers: object) -> Path:
    file = folder / f"{name}.json"
    file.write_text(json.dumps({"student": name, "problem": "bn_backward", "answers": answers or ANSWERS}))
    return file


def graded(words: list[object], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    status = run(["grade", *map(str, words)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = graded([sheet(tmp_path)], capsys)
    assert (status, err) == (4, "")
    lines = out.splitlines()
    assert lines[0] == "s1: 1/6 points, 1 more for a person to decide"
    assert lines[2].split() == ["gamma", "1/1", "right"]
    assert "    beta     0/1  wrong" in lines
    assert "at m = 1" in out
    assert "    x        0/1  not answered" in lines
    assert any(line.startswith("    xhat     ?/1  needs a person: cannot be read at column") for line in lines)


def test_gradescope(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "results.json"
    assert graded([sheet(tmp_path), "--format", "gradescope", "-o", file], capsys) == (4, "", "")
    found = json.loads(file.read_text())
    jsonschema.validate(found, GRADESCOPE)
    assert found["score"] == 1
    tests = {test["name"]: test for test in found["tests"]}
    assert sum(test["max_score"] for test in tests.values()) == 6
    assert (tests["gamma"]["score"], tests["gamma"]["status"]) == (1, "passed")
    assert (tests["beta"]["score"], tests["beta"]["status"]) == (0, "failed")
    assert not {"score", "status"} & tests["xhat"].keys()  # it is for a person, so it has not failed
    empty = tmp_path / "empty.md"
    empty.touch()
    status, out, _ = graded([empty, "--format", "gradescope"], capsys)
    jsonschema.validate(json.loads(out), GRADESCOPE)
    assert status == 3
    assert json.loads(out)["output"] == "Needs a person: empty.md is empty"
    status, _, err = graded([sheet(tmp_path), sheet(tmp_path, "s2"), "--format", "gradescope"], capsys)
    assert status == 2
    assert "is for one sheet" in err


def test_csv_and_junit_of_a_class(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    for name in ("s1", "s2"):
        sheet(folder, name)
    sheet(folder, "=cmd()", gamma="0 = 0", beta="\x1b[31m")
    (folder / "bad.md").touch()
    status, out, err = graded([folder, "--format", "csv"], capsys)
    assert status == 3
    assert err == f"derive: {folder / 'bad.md'}: is empty\n"
    rows = list(csv.DictReader(out.splitlines()))
    assert [row["student"] for row in rows] == ["'=cmd()", "s1", "s2"]
    assert [rows[1][f"bn_backward.{part}"] for part in ("gamma", "beta", "xhat", "x")] == ["1", "0", "", "0"]
    assert (rows[1]["points"], rows[1]["open"], rows[1]["of"]) == ("1", "1", "6")
    status, out, err = graded([folder, "--format", "junit"], capsys)
    root = ElementTree.fromstring(out.partition("\n")[2])
    suites = {suite.get("name"): suite for suite in root}
    suite = suites["s1"]
    assert [suite.get(name) for name in ("tests", "failures", "skipped", "errors")] == ["6", "4", "1", "0"]
    kinds = {case.get("name"): [child.tag for child in case] for case in suite}
    assert (kinds["gamma"], kinds["beta"], kinds["xhat"], kinds["x"]) == ([], ["failure"], ["skipped"], ["failure"])
    assert suites[str(folder / "bad.md")].get("errors") == "1"
    status, out, err = graded([folder], capsys)
    assert "\x1b" not in out
    assert "3 sheets: 2 of 18 points, " in out
    assert "could not be read" in out
    assert re.search(r"^  gamma +2 +\. +\. +1$", out, re.MULTILINE)


def test_what_may_be_answered_and_what_it_is_worth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scheme = tmp_path / "scheme.yaml"
    scheme.write_text("points: {gamma: 2.5}\n")
    _, out, _ = graded([sheet(tmp_path), "--scheme", scheme, "--json"], capsys)
    (found,) = json.loads(out)["sheets"]
    assert (found["points"], found["of"]) == (2.5, 7.5)
    assert [one.split()[0] for one in out.splitlines()] == ['{"sheets":']


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "grade takes answer sheets"),
        (["{folder}/empty"], "is a folder without a file"),
        (["{sheet}", "--scheme", "{folder}/none.yaml"], "--scheme: {folder}/none.yaml: there is no such file"),
        (["{sheet}", "--scheme", "{bad}"], "no part 'gama'. Did you mean 'gamma'?"),
        (["{sheet}", "--problem", "./none.py"], "there is no file none.py"),
        (["{sheet}", "--store", "{folder}/empty"], "cannot be used as a store"),
        (["{sheet}", "-o", "{folder}/none/out"], "cannot be written"),
        (["{sheet}", "--format", "xls"], "'xls' is not one of"),
        (["{sheet}", "--workers", "0"], "0 is not in the range"),
        (["{sheet}", "--seconds", "0"], "0.0 is not in the range"),
        (["{sheet}", "--memory", "1"], "1 is not in the range"),
        (["{sheet}", "--memory", "lots"], "'lots' is not a valid integer"),
        (["{sheet}", "--scheduler", "tcp://127.0.0.1:1", "--workers", "2"], "--workers is for this machine"),
    ],
)
def test_wrong_calls(words: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    bad = tmp_path / "bad.json"
    bad.write_text('{"points": {"gama": 1}}')
    names = {"folder": str(tmp_path), "sheet": str(sheet(tmp_path)), "bad": str(bad)}
    status, out, err = graded([word.format(**names) for word in words], capsys)
    assert (status, out) == (2, "")
    assert message.format(**names) in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("kind", ["md", "yaml", "json", "tex", "ipynb"])
def test_an_empty_sheet_is_handed_out_and_marked(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / f"sheet.{kind}"
    assert run(["sheet", "bn_backward", "--format", kind, "-o", str(file)]) == 0
    status, out, err = graded([file], capsys)
    assert (status, err) == (0, "")
    assert out.startswith("sheet: 0/6 points\n")
    assert out.count("not answered") == 6


def test_the_style_is_handed_out_and_a_wrong_problem_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sheet", "bn_backward", "--format", "sty"]) == 0
    assert r"\newcommand{\answer}[2]" in capsys.readouterr().out
    assert run(["sheet", "bn_backwards"]) == 2
    assert "Did you mean 'bn_backward'" in capsys.readouterr().err


def test_a_sheet_for_a_problem_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own.py"
    own.write_text("from msgspec.structs import replace\nfrom derive.problems.bn_backward import PROBLEM as P\n"
                   "PROBLEM = replace(P, id='own')\n")  # fmt: skip
    file = tmp_path / "sheet.yaml"
    assert run(["sheet", str(own), "--format", "yaml", "-o", str(file)]) == 0
    assert 'problem: "own"' in file.read_text()
    assert graded([file], capsys)[0] == 3  # a sheet cannot say which file is run
    assert graded([file, "--problem", own], capsys)[0] == 0


def test_handing_out_and_help_need_no_workers() -> None:
    code = "import sys\nfrom derive.cli.main import run\nassert run(['grade', '--help']) == 0\n"
    code += "print([name for name in ('pebble', 'sympy', 'sqlite3') if name in sys.modules], file=sys.stderr)\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"
