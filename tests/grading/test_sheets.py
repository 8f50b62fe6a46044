"""Answer sheets of every kind: the same answers out of each, and one line for what is no sheet."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from derive.catalogue import load
from derive.errors import UsageError
from derive.grading.blank import WRITERS, blank
from derive.grading.building import MAX_LINES, TWICE, cleaned
from derive.grading.reading import MAX_BYTES, read_sheet, read_sheets
from derive.grading.sheet import Sheet, Unreadable
from derive.grading.spans import NO_MATHEMATICS, SEVERAL, UNPAIRED, answer_of

GAMMA = r"\frac{\partial f}{\partial\gamma} = \sum_i \frac{\partial f}{\partial y_i}\hat{x}_i"
X = [r"\frac{\partial f}{\partial x_i} = a", r"\begin{aligned} a &= b \\ &= c \end{aligned}"]
SHEETS = {
    "yaml": f"student: s1\nproblem: bn_backward\nanswers:\n  gamma: '{GAMMA}'\n  x: ['{X[0]}', '{X[1]}']\n",
    "json": json.dumps({"student": "s1", "problem": "bn_backward", "answers": {"gamma": GAMMA, "x": X}}),
    "md": f"---\nstudent: s1\nproblem: bn_backward\n---\n# My work\n## gamma\nSo\n$${GAMMA}$$\nwhere $m$ counts.\n"
    f"<!-- $\\beta = 1$ -->\n## Part x:\n\\[{X[0]}\\]\n$${X[1]}$$\n",
    "tex": "\\documentclass{article}\\usepackage{derive-answers}\\begin{document}\n"
    f"\\student{{s1}} \\problem{{bn_backward}} Work $z = 1$. % \\answer{{beta}}{{1}}\n\\answer{{gamma}}{{{GAMMA}}}\n"
    f"\\begin{{answerpart}}{{x}} As ${X[0]}$,\n\\[{X[1]}\\]\n\\end{{answerpart}}\\end{{document}}",
    "ipynb": json.dumps(
        {
            "cells": [
                {"cell_type": "markdown", "source": ["---\n", "student: s1\n", "problem: bn_backward\n", "---\n"]},
                {"cell_type": "code", "source": "1/0", "outputs": [{"output_type": "error", "ename": "E"}]},
                {"cell_type": "markdown", "source": f"## gamma\n$${GAMMA}$$"},
                {"cell_type": "markdown", "source": f"## x\n$${X[0]}$$\n$${X[1]}$$"},
            ],
            "metadata": {},
            "nbformat": 4,
        }
    ),
}


def write(folder: Path, name: str, text: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


@pytest.mark.parametrize("kind", SHEETS)
def test_every_kind_says_the_same(kind: str, tmp_path: Path) -> None:
    sheet = read_sheet(write(tmp_path, f"a.{kind}", SHEETS[kind]))
    assert isinstance(sheet, Sheet), sheet
    assert sheet.student == "s1"
    (answered,) = sheet.problems
    assert answered.problem == "bn_backward"
    said = {answer.part: [line.text for line in answer.lines] for answer in answered.answers}
    assert said == {"gamma": [GAMMA], "x": X}
    assert not any(answer.fault for answer in answered.answers)


@pytest.mark.parametrize("kind", WRITERS)
def test_an_empty_sheet_is_a_sheet_without_answers(kind: str, tmp_path: Path) -> None:
    problem = load("bn_backward")
    sheet = read_sheet(write(tmp_path, f"student7.{kind}", blank(problem, kind)))
    assert isinstance(sheet, Sheet), sheet
    assert (sheet.student, sheet.problems[0].problem) == ("student7", "bn_backward")
    assert [answer.part for answer in sheet.problems[0].answers] == [question.id for question in problem.questions]
    assert all(not answer.lines and not answer.fault for answer in sheet.problems[0].answers)


@pytest.mark.parametrize(
    ("text", "lines", "fault"),
    [
        ("the answer is $a + b$.", ["a + b"], ""),
        ("$a = b$ where $m$ is the size", ["a = b"], ""),
        ("$a$ or perhaps $b$", [], SEVERAL),
        ("$$a$$ where $m$ counts", ["a"], ""),
        ("nothing but words", [], NO_MATHEMATICS),
        ("", [], ""),
        ("   \n", [], ""),
        ("costs 3\\$ and $a = 1$", ["a = 1"], ""),
        ("$a = b", [], UNPAIRED),
        (r"\begin{align*} a &= b \\ &= c \end{align*}", [r"a &= b \\ &= c"], ""),
        (r"\begin{align} a &= b", [], UNPAIRED),
        (r"$$a &= b \\ &\quad + c \\[2pt] & - d$$", [r"a &= b \\ &\quad + c \\[2pt] & - d"], ""),
        (r"$$a &= b \\ &= +c \\ -d &= e$$", [r"a &= b \\ &= +c \\ -d &= e"], ""),
        (r"\(a \leq b\) and \[c\]", [r"a \leq b", "c"], ""),
        (r"$$a$$ for $i, j = 1, 2$ and $k = 1, \ldots, m$", ["a"], ""),
        (r"to get $\frac{a}{b} =$ apply $c = d$", ["c = d"], ""),
    ],
)
def test_mathematics_in_a_text(text: str, lines: list[str], fault: str) -> None:
    found = answer_of("p", text)
    assert ([line.text for line in found.lines], found.fault) == (lines, fault)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = b.", "a = b"),
        (r"\begin{aligned} a &= b, \\ c &= 1. \end{aligned}", r"\begin{aligned} a &= b  \\ c &= 1  \end{aligned}"),
        (r"a = 1 \quad \& \quad b = 2", r"a = 1 \quad  , \quad b = 2"),
        (r"\left( a, b \right.", r"\left( a, b \right."),
        ("a + b + ...", "a + b + ..."),
        ("f(1, 2) = 0.5", "f(1, 2) = 0.5"),
    ],
)
def test_what_ends_a_sentence_is_no_part_of_a_line(text: str, line: str) -> None:
    assert cleaned(text) == line


def test_a_part_answered_twice_keeps_both_and_says_so(tmp_path: Path) -> None:
    text = "\\problem{bn_backward}\\answer{beta}{1}\\answer{beta}{2}"
    sheet = read_sheet(write(tmp_path, "a.tex", text))
    assert isinstance(sheet, Sheet)
    (answer,) = sheet.problems[0].answers
    assert answer.fault == TWICE
    assert len(answer.lines) == 2


def test_several_problems_in_one_sheet(tmp_path: Path) -> None:
    text = "---\nstudent: a\n---\n# problem: bn_forward\n## mu\n$\\mu = 1$\n# problem: bn_backward\n## beta\n$1$\n"
    sheet = read_sheet(write(tmp_path, "a.md", text))
    assert isinstance(sheet, Sheet)
    assert [one.problem for one in sheet.problems] == ["bn_forward", "bn_backward"]


def test_mathematics_that_belongs_to_no_part_is_not_lost(tmp_path: Path) -> None:
    text = "---\nproblem: bn_backward\n---\n$z = 1$\n## Part gamma (5 points)\n$\\gamma = 1$\n"
    sheet = read_sheet(write(tmp_path, "a.md", text))
    assert isinstance(sheet, Sheet)
    assert [one.part for one in sheet.problems[0].answers] == ["(before any heading)", "Part gamma (5 points)"]


BOMB = "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b]\n"


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.yaml", b"", "is empty"),
        ("a.md", b"  \n\n", "is empty"),
        ("a.yaml", "problem: ü".encode("utf-16"), "not a text in UTF-8"),
        ("a.tex", "\\problem{é}".encode("latin-1"), "not a text in UTF-8"),
        ("a.json", b"{", "is not JSON at line 1"),
        ("a.json", b'{"problem": "x", "problem": "y"}', "'problem' stands twice"),
        ("a.json", b"[" * 100_000, "nested too deeply"),
        ("a.json", b"[1]", "a sheet is an object"),
        ("a.json", b'{"answers": {}}', "names its 'problem'"),
        ("a.json", b'{"problem": "x", "answer": {}}', "'answer' is nothing that a sheet has"),
        ("a.json", b'{"problem": "x", "answers": [1]}', "'answers' should be an object"),
        ("a.json", b'{"problem": "x", "student": "a\\u0000b"}', "printable"),
        ("a.yaml", b"{[", "is not YAML"),
        ("a.yaml", BOMB.encode(), "alias"),
        ("a.yaml", b"!!python/object/apply:os.system ['true']", "is not YAML"),
        ("a.yaml", b"problem: x\nanswers: {a: 1, a: 2}", "'a' stands twice"),
        ("a.tex", b"\\problem{x}\\answer{a}{b", "a brace is not closed"),
        ("a.tex", b"\\problem{x}\\begin{answerpart}{a} b", "has no \\end{answerpart}"),
        ("a.tex", b"\\problem{x}\\answer{a} b", "takes two arguments"),
        ("a.tex", b"\\answer{a}{b}", "which problem"),
        ("a.tex", b"words alone", "no answer"),
        ("a.md", b"# words alone", "no answer"),
        ("a.ipynb", b'{"worksheets": []}', "no list of cells"),
        ("a.ipynb", b'{"cells": [{"cell_type": "markdown", "source": 3}]}', "cell 1 has no text"),
        ("a.pdf", b"%PDF", "is no answer sheet"),
        ("a.md", b"x" * (MAX_BYTES + 1), "is larger than"),
    ],
    ids=lambda value: str(value)[:30] if not isinstance(value, bytes) else "",
)
def test_what_is_no_sheet_is_told_in_one_line(name: str, content: bytes, why: str, tmp_path: Path) -> None:
    found = read_sheet(write(tmp_path, name, content))
    assert isinstance(found, Unreadable)
    assert why in found.why
    assert "\n" not in found.why
    assert len(found.why) < 301


LONG = 400_000
HEAD = "---\nproblem: x\n---\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", HEAD + "# a\n" + r"\[" * LONG),
        ("a.md", HEAD + "# a\n" + r"\(" * LONG),
        ("a.md", HEAD + "# a\n" + "$a$" * LONG),
        ("a.md", HEAD + "# a\n" + r"\begin{align}" * (LONG // 4)),
        ("a.md", HEAD + "# a\n$$" + r"\\[" * LONG + "$$"),
        ("a.md", HEAD + "<!--" * LONG),
        ("a.md", HEAD + "```\n" * LONG),
        ("a.md", HEAD + "# " + " " * LONG + "a"),
        ("a.md", HEAD + "# a\n" * LONG),
        ("a.md", "---\nstudent:" + " " * LONG + "!\n---\n"),
        ("a.md", "\n" * LONG + "---"),
        ("a.tex", "\\" * 2 * LONG + "%"),
        ("a.tex", "%\n" * LONG),
        ("a.tex", r"\problem{x}" + r"\answer{a}{b}" * (LONG // 4)),
        ("a.tex", r"\problem{x}" + r"\begin " * (LONG // 4)),
        ("a.tex", r"\problem{x}\answer{a}" + "{" * LONG),
        ("a.tex", r"\problem{x}" + r"\begin{verbatim}" * (LONG // 4)),
        ("a.tex", r"\problem{x}" + r"\iffalse" * LONG),
        ("a.md", HEAD + "# a\n" + "`$" * LONG),
        ("a.md", HEAD + "# a\n$" + r".\end{" * (LONG // 4) + "$"),
        ("a.yaml", "[" * LONG),
        ("a.yaml", "a: b\n" * (LONG // 8)),
        ("a.json", "{" * LONG),
        ("a.ipynb", "[" * LONG),
    ],
    ids=range(24),
)
def test_reading_takes_time_in_proportion(name: str, text: str, tmp_path: Path) -> None:
    began = time.process_time()
    read_sheet(write(tmp_path, name, text))
    assert time.process_time() - began < 5


def test_a_folder_of_mixed_kinds_goes_on(tmp_path: Path) -> None:
    for kind, text in SHEETS.items():
        write(tmp_path, f"{kind}.{kind}", text.replace("s1", f"s-{kind}"))
    with open(write(tmp_path, "huge.md", ""), "r+b") as file:
        file.truncate(50_000_000)
    write(tmp_path, "photo.png", b"\x89PNG")
    write(tmp_path, ".hidden", b"x")
    found = read_sheets([tmp_path])
    assert sum(isinstance(one, Sheet) for one in found) == len(SHEETS)
    assert {Path(one.source).name for one in found if isinstance(one, Unreadable)} == {"huge.md", "photo.png"}
    assert isinstance(read_sheet(tmp_path / "nowhere.md"), Unreadable)
    assert isinstance(read_sheet(Path("/dev/zero.md")), Unreadable)


def test_of_two_sheets_of_one_student_neither_counts(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", SHEETS["yaml"])
    write(tmp_path, "b.md", SHEETS["md"])
    write(tmp_path, "c.md", SHEETS["md"].replace("s1", "s2"))
    first, second, third = read_sheets([tmp_path])
    assert isinstance(first, Unreadable)
    assert "second sheet of s1, besides" in first.why
    assert isinstance(second, Unreadable)
    assert isinstance(third, Sheet)


def test_too_many_lines_are_left_to_a_person(tmp_path: Path) -> None:
    data = {"problem": "x", "answers": {"a": ["1"] * (MAX_LINES + 1)}}
    sheet = read_sheet(write(tmp_path, "a.json", json.dumps(data)))
    assert isinstance(sheet, Sheet)
    assert "at most" in sheet.problems[0].answers[0].fault


def test_an_unknown_kind_of_empty_sheet() -> None:
    with pytest.raises(UsageError, match="no sheet is written as 'doc'"):
        blank(load("bn_backward"), "doc")


@pytest.mark.tex
def test_a_marked_sheet_compiles(tmp_path: Path) -> None:
    style = Path(__file__).parents[2] / "derive/grading/derive-answers.sty"
    shutil.copy(style, tmp_path)
    text = SHEETS["tex"].replace("\\usepackage{derive", "\\usepackage{amsmath}\\usepackage{derive")
    write(tmp_path, "a.tex", text)
    write(tmp_path, "b.tex", blank(load("bn_backward"), "tex"))
    write(tmp_path, "c.tex", blank(load("receptive_field"), "tex"))
    shutil.copy(Path(__file__).parents[1] / "submissions/s001.tex", tmp_path / "d.tex")
    for name in ("a", "b", "c", "d"):
        done = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", name],
            cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-2000:]
