"""Notebooks to hand out: the source for nbgrader, and the master for Otter Assign. Answers are LaTeX in a string.

Both hold the derived answers, which these systems take out of what students get, and a test for each part.
"""

from __future__ import annotations

import json

from derive.engines.derive import derive_problem
from derive.errors import UsageError
from derive.language.expression import Expr
from derive.language.problem import Problem
from derive.rendering.formula import latex

Cell = dict[str, object]
IMPORT = "import derive"
INTRODUCTION = 'Write each answer as LaTeX between the quotes of `r""`.'


def handout(problem: Problem, kind: str) -> str:
    """The text of a notebook. Raises UsageError where a part has no formula for an answer."""
    answers = [(part.question.id, part.claim.right) for part in derive_problem(problem).parts]
    for part, answer in answers:
        if not isinstance(answer, Expr) or not part.isidentifier():
            raise UsageError(f"{problem.id}: part '{part}' has no formula for an answer; write its cells by hand")
    parts = [(part, _asked(problem, part), latex(answer)) for part, answer in answers]
    cells = (_nbgrader if kind == "nbgrader" else _otter)(problem, parts)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    for number, cell in enumerate(cells):
        cell["id"] = f"c{number}"
    data = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(data, indent=1) + "\n"


def _asked(problem: Problem, part: str) -> str:
    return " ".join(latex(problem.asked(problem.question(part))).split())


def _test(problem: Problem, part: str) -> str:
    return f'derive.assert_answer("{problem.id}", "{part}", {part})'


def _nbgrader(problem: Problem, parts: list[tuple[str, str, str]]) -> list[Cell]:
    cells = [_markdown(f"# {problem.title}\n\n{INTRODUCTION}"), _code(IMPORT)]
    for part, asked, answer in parts:
        solution = f'### BEGIN SOLUTION\n{part} = r"{answer}"\n### END SOLUTION'
        cells += [
            _markdown(f"## {part}\n\n${asked} = ?$"),
            _graded(_code(f'{part} = r""\n{solution}'), part, solution=True),
            _graded(_code(_test(problem, part)), f"test_{part}", points=1),
        ]
    return cells


def _graded(cell: Cell, name: str, solution: bool = False, points: int | None = None) -> Cell:
    """With what nbgrader knows of a cell: it is filled in, or locked and worth points."""
    known = {"grade": points is not None, "grade_id": name, "locked": not solution, "schema_version": 3,
             "solution": solution, "task": False, **({} if points is None else {"points": points})}  # fmt: skip
    return {**cell, "metadata": {"nbgrader": known}}


def _otter(problem: Problem, parts: list[tuple[str, str, str]]) -> list[Cell]:
    cells = [
        _raw("# ASSIGNMENT CONFIG\ntests:\n  ok_format: false\ngenerate: true\nexport_cell: false"),
        _markdown(f"# {problem.title}\n\n{INTRODUCTION}"), _code(IMPORT),
    ]  # fmt: skip
    for part, asked, answer in parts:
        test = f"def test_{part}({part}):\n    {IMPORT}\n    {_test(problem, part)}"
        cells += [
            _raw(f"# BEGIN QUESTION\nname: {part}\npoints: 1"), _markdown(f"## {part}\n\n${asked} = ?$"),
            _raw("# BEGIN SOLUTION"), _code(f'{part} = r"{answer}" # SOLUTION'), _raw("# END SOLUTION"),
            _raw("# BEGIN TESTS"), _code(test), _raw("# END TESTS"), _raw("# END QUESTION"),
        ]  # fmt: skip
    return cells


def _markdown(text: str) -> Cell:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _raw(text: str) -> Cell:
    return {"cell_type": "raw", "metadata": {}, "source": text}


def _code(text: str) -> Cell:
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": text}
