"""The derived answers of every problem, written into its sheets and marked: full marks, in every kind of sheet."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from grading.serial import judge

from derive import catalogue
from derive.cli.main import run
from derive.engines.derive import derive_problem
from derive.grading.blank import WRITERS, blank
from derive.grading.course import Course
from derive.grading.grade import grade
from derive.grading.reading import read_sheet
from derive.grading.sheet import Sheet
from derive.rendering.formula import latex

NETWORK = r"Y = \operatorname{ReLU}(\operatorname{ReLU}(X W_h + b_h) W_o + b_o)"
# What is asked for as one formula in matrices is not read entry by entry, as the derivation has it.
OTHERWISE = {("mlp_shapes", "equation"): NETWORK}
# Parts whose derived answer is not read: a product with dots of transposed matrices, and one of norms.
NOT_READ = {("vanishing_gradient", "A"), ("vanishing_gradient", "bound"), ("vanishing_gradient", "small")}


@cache
def answers(problem: str) -> dict[str, str]:
    found = {}
    for part in derive_problem(catalogue.load(problem)).parts:
        relation = {"=": "=", "<=": r"\leq"}[part.claim.relation]
        said = f"{latex(part.claim.left)} {relation} {latex(part.claim.right)}"
        found[part.question.id] = OTHERWISE.get((problem, part.question.id), said)
    return found


def filled(problem: str, kind: str) -> str:
    """The empty sheet with the answers where a student writes them."""
    text = blank(catalogue.load(problem), kind)
    if kind in ("yaml", "json"):
        data = json.loads(text) if kind == "json" else None
        if data is not None:
            data["answers"] |= answers(problem)
            return json.dumps(data)
    cells = json.loads(text) if kind == "ipynb" else None
    for part, said in answers(problem).items():
        if kind == "tex":
            text = text.replace(f"\\answer{{{part}}}{{}}", f"\\answer{{{part}}}{{{said}}}")
        elif kind == "yaml":
            text = text.replace(f"\n  {json.dumps(part)}: ''\n", f"\n  {json.dumps(part)}: {json.dumps(said)}\n")
        elif kind == "md":
            head, _, rest = text.partition(f"\n## {part}\n\n")
            comment, _, rest = rest.partition("-->\n")
            text = f"{head}\n## {part}\n\n{comment}-->\n$$\n{said}\n$$\n{rest}"
        elif cells is not None:
            (cell,) = [cell for cell in cells["cells"] if cell["source"].startswith(f"## {part}\n")]
            cell["source"] += f"\n$${said}$$\n"
    return text if cells is None else json.dumps(cells)


@pytest.mark.parametrize("problem", catalogue.ids())
def test_the_derived_answers_get_full_marks(problem: str, tmp_path: Path) -> None:
    read = []
    for kind in WRITERS:
        file = tmp_path / f"{kind}.{kind}"
        file.write_text(filled(problem, kind), encoding="utf-8")
        sheet = read_sheet(file)
        assert isinstance(sheet, Sheet), sheet
        said = {answer.part: [line.text for line in answer.lines] for answer in sheet.problems[0].answers}
        assert said == {part: [text] for part, text in answers(problem).items()}, kind
        read.append(sheet)
    results = grade(read, Course(), None, judge)
    for marked in results.sheets:
        (graded,) = marked.problems
        assert graded.notes == ()
        statuses = {(problem, mark.part): mark.status for mark in graded.marks}
        assert {part for part, status in statuses.items() if status != "right"} == NOT_READ & set(statuses)
        assert all(statuses[part] == "person" for part in NOT_READ & set(statuses))
        assert [mark.reason for mark in graded.marks if mark.status == "right" and mark.reason] == []


def test_nearly_every_part_can_be_written() -> None:
    parts = sum(len(answers(problem)) for problem in catalogue.ids())
    assert parts > 240
    assert len(NOT_READ) + len(OTHERWISE) <= 4


@pytest.mark.parametrize("problem", catalogue.ids())
@pytest.mark.parametrize("kind", WRITERS)
def test_an_empty_sheet_asks_for_every_part(problem: str, kind: str, tmp_path: Path) -> None:
    file = tmp_path / f"s.{kind}"
    assert run(["sheet", problem, "--format", kind, "-o", str(file)]) == 0
    sheet = read_sheet(file)
    assert isinstance(sheet, Sheet), sheet
    assert sheet.problems[0].problem == problem
    assert [answer.part for answer in sheet.problems[0].answers] == list(answers(problem))
    assert not any(answer.lines or answer.fault for answer in sheet.problems[0].answers)


@pytest.mark.parametrize(
    ("problem", "part", "form"),
    [
        ("conv_cost", "params", "a number; no layer has a bias"),
        ("conv_cost", "shape_conv1", "a shape of 3 sizes; N × C × H × W"),
        ("conv_cost", "memory", "a ratio of 3 numbers, such as 1 : 1 : 1"),
        ("mlp_shapes", "bh", "a shape of 1 size"),
        ("mlp_shapes", "equation", "one formula, in matrices"),
        ("receptive_field", "y1", "entries, such as X[:, (i-1 : i+1), (j-1 : j+1)]"),
        ("bn_backward", "gamma", "a formula"),
        ("tanh_mse", "limit", "a bound, with \\leq"),
    ],
)
def test_a_sheet_says_in_which_form_to_answer(problem: str, part: str, form: str) -> None:
    for kind in ("md", "tex", "yaml"):
        text = blank(catalogue.load(problem), kind)
        lines = text.splitlines()
        (place,) = [
            k for k, line in enumerate(lines) if line in (f"## {part}", f"\\answer{{{part}}}{{}}", f"  \"{part}\": ''")
        ]
        assert form in lines[place + 2 if kind == "md" else place - 1], kind
