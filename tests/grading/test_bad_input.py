"""What goes wrong in a pile of sheets: one line each, the rest goes on, and the exit status tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from derive.cli.main import run
from derive.grading.reading import read_sheet
from derive.grading.sheet import Sheet

BETA = r"\frac{\partial f}{\partial\beta} = \sum_i \frac{\partial f}{\partial y_i}"
HEAD = "---\nstudent: {}\nproblem: bn_backward\n---\n"
NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "source": ["---\n", "student: notes\n", "problem: bn_backward\n", "---\n"]},
        {"cell_type": "code", "source": "1/0", "outputs": [{"output_type": "error", "ename": "ZeroDivisionError"}]},
        {"cell_type": "raw", "source": "$$"},
        {"cell_type": "markdown", "source": f"## beta\n$${BETA}$$"},
    ],
    "metadata": {},
    "nbformat": 4,
}  # fmt: skip
GOOD: dict[str, str] = {
    "ann.md": HEAD.format("ann") + f"## beta\n$${BETA}$$\n",
    "bob.tex": "\\student{bob}\\problem{bn_backward} % \\answer{gamma}{0}\n\\answer{beta}{" + BETA + "}}\\undefined{",
    "notes.ipynb": json.dumps(NOTEBOOK),
}
BAD: dict[str, tuple[bytes, str]] = {
    "empty.md": (b"", "is empty"),
    "blank.yaml": (b" \n\t\n", "is empty"),
    "utf16.md": (HEAD.format("u").encode("utf-16"), "not a text in UTF-8"),
    "latin.tex": ("\\student{J\u00fcrgen}".encode("latin-1"), "not a text in UTF-8 (byte 11)"),
    "huge.md": (b"", "larger than 2000000 bytes"),
    "braces.tex": (b"\\problem{bn_backward}\n\\answer{beta}{\\frac{1}{2", "line 2: a brace is not closed"),
    "half.tex": (b"\\problem{bn_backward}\n\\begin{answerpart}{beta} $1$", "line 2: \\begin{answerpart} has no"),
    "quoted.tex": (b"\\problem{bn_backward}\n%\\answer{beta}{1}\n", ""),
    "old.ipynb": (b'{"worksheets": [{"cells": []}], "nbformat": 3}', "no list of cells"),
    "torn.ipynb": (b'{"cells": [{"cell_type": "mark', "is not JSON at line 1"),
    "photo.png": (b"\x89PNG", "is no answer sheet"),
    "unknown.json": (b'{"problem": "bn_backwards", "answers": {"beta": "1"}}', "Did you mean 'bn_backward'"),
    "numbers.json": (b'{"problem": "bn_backward", "given": {"mm": 3}, "answers": {"beta": "1"}}', "'mm' is not"),
    "list.yaml": (b"- 1\n- 2\n", "a sheet is an object"),
    "carl1.md": (HEAD.format("carl").encode() + b"## beta\n$1$\n", "second sheet of carl, besides"),
    "carl2.json": (b'{"student": "carl", "problem": "bn_backward", "answers": {}}', "second sheet of carl, besides"),
}


def test_a_pile_with_everything_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in GOOD.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for name, (content, _) in BAD.items():
        (tmp_path / name).write_bytes(content)
    with open(tmp_path / "huge.md", "r+b") as file:
        file.truncate(50_000_000)
    (tmp_path / "loop.md").symlink_to(tmp_path / "loop.md")
    (tmp_path / "folder.md").mkdir()
    assert run(["grade", str(tmp_path), "--json"]) == 3
    captured = capsys.readouterr()
    marks = {sheet["student"]: sheet for sheet in json.loads(captured.out)["sheets"]}
    assert set(marks) == {"ann", "bob", "notes", "quoted"}
    for student in ("ann", "bob", "notes"):
        parts = {part["part"]: part["status"] for part in marks[student]["problems"][0]["parts"]}
        assert parts["beta"] == "right", student
        assert parts["gamma"] == "missing", student
    assert marks["quoted"]["points"] == 0
    lines = captured.err.splitlines()
    told = {name: [line for line in lines if f"/{name}: " in line] for name in BAD}
    assert {name: len(found) for name, found in told.items()} == {
        name: int(bool(why)) for name, (_, why) in BAD.items()
    }
    for name, (_, why) in BAD.items():
        assert not why or why in told[name][0]
    assert len(lines) == sum(bool(why) for _, why in BAD.values())
    assert all(line.startswith("derive: ") for line in lines)


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        (f"## beta\n$${BETA}$$\n", 0, "1/6 points\n"),
        (f"## betta\n$${BETA}$$\n", 4, "note: it answers what is no part of bn_backward: betta"),
        (f"## beta\n$${BETA}$$\n## beta\n$1$\n", 4, "note: part 'beta' is answered twice; say which of the two counts"),
        (f"## beta\n$${BETA}$\n", 4, "has a dollar sign or an environment without its partner"),
        ("## beta\nsee my notes\n", 4, "has no mathematics in it; put it between dollar signs"),
        (f"## beta\n`$ python` and $${BETA}$$\n", 0, "right"),
        ("## beta\n$$\\frac{\\partial f}{\\partial\\beta} = \\frac{1}{2$$\n", 4, "cannot be read at column"),
        ("", 0, "not answered"),
    ],
)
def test_what_is_wrong_inside_of_a_sheet(
    text: str, status: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "s.md"
    sheet.write_text(HEAD.format("s") + text, encoding="utf-8")
    assert run(["grade", str(sheet)]) == status
    captured = capsys.readouterr()
    assert said in captured.out
    assert captured.err == ""


@pytest.mark.parametrize("name", ["nowhere.md", "empty_folder"])
def test_a_path_that_is_nothing(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty_folder").mkdir()
    assert run(["grade", str(tmp_path / name)]) in (2, 3)
    (line,) = capsys.readouterr().err.splitlines()
    assert name in line
    assert "there is no such file" in line or "is a folder without a file" in line


def test_one_sheet_named_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = tmp_path / "ann.md"
    sheet.write_text(GOOD["ann.md"])
    assert run(["grade", str(sheet), str(sheet)]) == 3
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all("itself, named twice" in line for line in lines)


@pytest.mark.parametrize(
    "text",
    [
        "\\begin{verbatim}\n\\answer{gamma}{1}\n\\end{verbatim}",
        "\\begin{lstlisting}\\answer{gamma}{1}\\end{lstlisting}",
        "\\iffalse \\answer{gamma}{1} \\fi",
        "\\begin{comment}\n\\answer{gamma}{1}\n\\end{comment}",
        "% \\answer{gamma}{1}",
        "\\newcommand{\\answer}[2]{#2}",
    ],
)
def test_what_latex_does_not_set_is_no_answer(text: str, tmp_path: Path) -> None:
    file = tmp_path / "s.tex"
    file.write_text(f"\\problem{{bn_backward}}\n{text}\n\\answer{{beta}}{{1}}\n\\end{{document}}\\answer{{mu}}{{1}}")
    sheet = read_sheet(file)
    assert isinstance(sheet, Sheet), sheet
    (answer,) = sheet.problems[0].answers
    assert (answer.part, answer.lines[0].place) == ("beta", f"line {3 + text.count(chr(10))}")
