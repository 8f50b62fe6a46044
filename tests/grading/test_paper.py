"""Reports for single students: everything that is said is on the page, and nothing that was written is run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from derive.checking import subject
from derive.cli.main import run
from derive.errors import UsageError
from derive.grading.course import Course
from derive.grading.grade import Results, grade
from derive.grading.paper import breakable, file_name, in_lines, mathematics, report_data, report_pdf, write_reports
from derive.grading.prose import pieces
from derive.grading.structured import read_json
from tests.grading.serial import judge

HOSTILE = '#panic("boom") \\write18{rm} *bold* `code` @ref <label> // no /* no */ $x$'
SHEET = {
    "student": "../../etc/#panic(1)",
    "problem": "bn_backward",
    "answers": {
        "gamma": r"\frac{\partial f}{\partial\gamma} = \sum_i \frac{\partial f}{\partial y_i}\hat x_i",
        "beta": r"\frac{\partial f}{\partial\beta} = \sum_i \hat x_i",
        "xhat": r"\frac{\partial f}{\partial\hat x_i} = \frac{\partial f}{\partial y_i}",
        "var": r"-\frac12 \sum_i \frac{\partial f}{\partial y_i} (x_i-\mu) (\sigma^2+\epsilon)^{-3/2}",
        "mu": HOSTILE,
        "x": "\u202e\x1b[31m" + "a" * 1000,
        "nothing": "1",
    },
}


@pytest.fixture(scope="module")
def results() -> Results:
    return grade([read_json(json.dumps(SHEET), "s.json", "s")], Course(), None, judge)


def test_all_that_is_said_is_on_the_page(results: Results) -> None:
    data: Any = report_data(results.sheets[0], Course())
    (problem,) = data["problems"]
    parts = {part["id"]: part for part in problem["parts"]}
    assert {name: part["said"] for name, part in parts.items()} == {
        "gamma": "right", "beta": "wrong", "xhat": "wrong", "var": "error carried forward", "mu": "needs a person",
        "x": "needs a person",
    }  # fmt: skip
    assert parts["gamma"]["asked"] == "frac(partial f, partial gamma)"
    (right,), (wrong,) = parts["gamma"]["statements"], parts["beta"]["statements"]
    assert (right["verdict"], right["said"]) == ("proved", "true (all sizes)")
    assert list(right["read_as"]["math"]) == [
        "frac(partial f, partial gamma) = sum_(i = 1)^(m) frac(partial f, partial y_(i)) hat(x)_(i)"
    ]
    assert "the left side is" in wrong["facts"][0][1][0][1]
    assert wrong["repairs"][0]["formula"]["math"][0].startswith("frac(partial f, partial beta) = sum_(i = 1)^(m)")
    assert "it is what follows from the answer given to 'xhat'" in parts["var"]["reason"].replace("\u200b", "")
    assert parts["mu"]["statements"][0]["written"].replace("\u200b", "") == HOSTILE
    assert "\x1b" not in json.dumps(data)
    assert "nothing" in problem["notes"][0]


def test_what_is_said_has_its_formulas_as_mathematics(results: Results) -> None:
    data: Any = report_data(results.sheets[0], Course())
    (statement,) = next(part for part in data["problems"][0]["parts"] if part["id"] == "xhat")["statements"]
    assert statement["repairs"][0]["text"] == [
        ("text", "the factor "), ("math", "gamma"), ("text", " is missing before "),
        ("math", "frac(partial f, partial y_(i))"),
    ]  # fmt: skip


def test_value_and_reasoning_have_a_line_each() -> None:
    scheme = {"points": {"gamma": {"value": 2, "reasoning": 1}, "beta": {"value": 1, "reasoning": 2}}}
    found = grade([read_json(json.dumps(SHEET), "s.json", "s")], Course(), scheme, judge)
    data: Any = report_data(found.sheets[0], Course())
    gamma, beta, *_ = data["problems"][0]["parts"]
    words = "no line of it is mathematics; words are read by a person"
    assert gamma["shares"] == [["value", "2/2", "right", "right"], ["reasoning", "?/1", "person", words]]
    assert (gamma["points"], gamma["reason"]) == ("2+?/3", "")
    assert beta["shares"][0] == ["value", "0/1", "wrong", "wrong"]
    assert beta["points"] == "0+?/3"  # one is lost, and two are open
    assert report_pdf(found.sheets[0], Course()).startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        (r"the sign of \hat{x}_{i} - \mu is wrong", [r"\hat{x}_{i} - \mu"]),
        (r"not in the answer: a_{i} \, b_{i}, -\mu; missing: y_{i j}", [r"a_{i} \, b_{i}", r"-\mu", "y_{i j}"]),
        (r"a \gamma is missing", [r"\gamma"]),
        (r"the term m \mu + 3 is too many", [r"m \mu + 3"]),
        ("that is the answer to bottleneck_with_params: 1 for 2", []),
        ("the exponent 2 should be 1", []),
        (r"{ \mu", [r"{ \mu"]),  # and then it cannot be read
        ("", []),
    ],
)
def test_formulas_among_words(text: str, formulas: list[str]) -> None:
    found = list(pieces(text))
    assert "".join(piece for piece, _ in found) == text
    assert [piece for piece, is_formula in found if is_formula] == formulas


def test_the_pages(results: Results) -> None:
    found = report_pdf(results.sheets[0], Course())
    assert found.startswith(b"%PDF-")
    assert found == report_pdf(results.sheets[0], Course())


def test_files_stay_in_their_folder(results: Results, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    assert write_reports([*results.sheets, *results.sheets], Course(), folder) == 2
    names = {"etc_panic_1.txt", "etc_panic_1.pdf", "etc_panic_1~2.txt", "etc_panic_1~2.pdf"}
    assert {file.name for file in folder.iterdir()} == names
    assert list(tmp_path.iterdir()) == [folder]
    text = (folder / "etc_panic_1.txt").read_text(encoding="utf-8")
    assert "proved: true (all sizes)" in text  # right answers too, with how they were read
    assert "\x1b" not in text
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot write reports to"):
        write_reports(results.sheets, Course(), tmp_path / "file")


@pytest.mark.parametrize(
    ("student", "name"),
    [("s001", "s001"), ("Ana Pérez", "Ana_Pérez"), ("..", "student"), ("/", "student"),
     ("a" * 99, "a" * 60), ("-x", "x")],
)  # fmt: skip
def test_file_names(student: str, name: str) -> None:
    assert file_name(student) == name


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (r"\mu = \frac{1}{m} \sum_{i=1}^{m} x_{i}", ["mu = frac(1, m) sum_(i = 1)^(m) x_(i)"]),
        (r"m \ge 1 ; m = 2", ["m >= 1", "m = 2"]),
        (r"\foo", []),
        ("", []),
    ],
)
def test_mathematics(text: str, lines: list[str]) -> None:
    assert list(mathematics(text, subject("bn_backward"))) == lines


def test_numbers_in_what_we_say() -> None:
    assert in_lines(r"the left side is 294\,912, the right side \frac{63}{2}") == (
        "the left side is 294 912, the right side 63/2"
    )


def test_lines_can_break() -> None:
    assert max(map(len, breakable("a" * 500 + r"\frac{a}{b}" * 50).split("\u200b"))) <= 40


def test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = tmp_path / "s.json"
    sheet.write_text(json.dumps({**SHEET, "student": "s1"}), encoding="utf-8")
    assert run(["grade", str(sheet), "--reports", str(tmp_path / "reports")]) == 4
    assert capsys.readouterr().out.startswith("s1: ")
    assert (tmp_path / "reports" / "s1.pdf").stat().st_size > 10_000
