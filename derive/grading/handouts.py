"""Notebooks to hand out: the source for nbgrader, and the master for Otter Assign. Answers are LaTeX in a string.

Both hold the derived answers, which these systems take out of what students get, and a test for each part. A part whose
derived answer is not read back and proved has no test: it is to be marked by hand.
"""

from __future__ import annotations

import json
import re
from keyword import iskeyword

from msgspec import Struct

from derive.checking import check
from derive.engines.derive import derive_problem
from derive.language.expression import Expr
from derive.language.problem import Problem
from derive.rendering.formula import latex

Cell = dict[str, object]


class Cells(Struct, frozen=True):
    """What is handed out for one part."""

    part: str
    asked: str
    answer: str
    tested: bool

    @property
    def name(self) -> str:
        """Of the variable that holds the answer."""
        word = re.sub(r"\W", "_", self.part, flags=re.ASCII)
        return word if word.isidentifier() and not iskeyword(word) else f"part_{word}"


IMPORT = "import derive"
INTRODUCTION = 'Write each answer as LaTeX between the quotes of `r""`.'


def handout(problem: Problem, kind: str) -> str:
    """The text of a notebook."""
    parts = [_cells(problem, part.question.id, part.claim.right) for part in derive_problem(problem).parts]
    cells = (_nbgrader if kind == "nbgrader" else _otter)(problem, parts)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    for number, cell in enumerate(cells):
        cell["id"] = f"c{number}"
    data = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(data, indent=1) + "\n"


def _cells(problem: Problem, part: str, right: object) -> Cells:
    answer = latex(right) if isinstance(right, Expr) else ""
    tested = bool(answer) and check(problem, answer, part=part).verdict == "proved"
    return Cells(part, " ".join(latex(problem.asked(problem.question(part))).split()), answer, tested)


def _test(problem: Problem, one: Cells) -> str:
    return f'derive.assert_answer("{problem.id}", "{one.part}", {one.name})'


def _nbgrader(problem: Problem, parts: list[Cells]) -> list[Cell]:
    cells = [_markdown(f"# {problem.title}\n\n{INTRODUCTION}"), _code(IMPORT)]
    for one in parts:
        solution = f'### BEGIN SOLUTION\n{one.name} = r"{one.answer}"\n### END SOLUTION'
        cells += [
            _markdown(f"## {one.part}\n\n${one.asked} = ?$"),
            _graded(_code(f'{one.name} = r""\n{solution}'), one.name, True, None if one.tested else 1),
        ]
        if one.tested:
            cells.append(_graded(_code(_test(problem, one)), f"test_{one.name}", False, 1))
    return cells


def _graded(cell: Cell, name: str, solution: bool, points: int | None) -> Cell:
    """With what nbgrader knows of a cell: it is filled in, or worth points; both is marked by hand."""
    known = {"grade": points is not None, "grade_id": name, "locked": not solution, "schema_version": 3,
             "solution": solution, "task": False, **({} if points is None else {"points": points})}  # fmt: skip
    return {**cell, "metadata": {"nbgrader": known}}


def _otter(problem: Problem, parts: list[Cells]) -> list[Cell]:
    cells = [
        _raw("# ASSIGNMENT CONFIG\ntests:\n  ok_format: false\ngenerate: true\nexport_cell: false"),
        _markdown(f"# {problem.title}\n\n{INTRODUCTION}"), _code(IMPORT),
    ]  # fmt: skip
    for one in parts:
        manual = "" if one.tested else "\nmanual: true"
        cells += [
            _raw(f"# BEGIN QUESTION\nname: {one.name}\npoints: 1{manual}"),
            _markdown(f"## {one.part}\n\n${one.asked} = ?$"),
            _raw("# BEGIN SOLUTION"), _code(f'{one.name} = r"{one.answer}" # SOLUTION'), _raw("# END SOLUTION"),
        ]  # fmt: skip
        if one.tested:
            test = f"def test_{one.name}({one.name}):\n    {IMPORT}\n    {_test(problem, one)}"
            cells += [_raw("# BEGIN TESTS"), _code(test), _raw("# END TESTS")]
        cells.append(_raw("# END QUESTION"))
    return cells


def _markdown(text: str) -> Cell:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _raw(text: str) -> Cell:
    return {"cell_type": "raw", "metadata": {}, "source": text}


def _code(text: str) -> Cell:
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": text}
