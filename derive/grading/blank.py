"""An empty sheet to hand out: the parts of a problem, with room for what is answered."""

from __future__ import annotations

import json

from derive.errors import UsageError
from derive.language.problem import Problem
from derive.rendering.formula import latex


def blank(problem: Problem, kind: str) -> str:
    """The text of an empty sheet. Raises UsageError for an unknown kind."""
    if kind not in WRITERS:
        raise UsageError(f"no sheet is written as '{kind}'; there are {', '.join(WRITERS)}")
    return WRITERS[kind](problem)


def _asked(problem: Problem) -> list[tuple[str, str]]:
    return [(question.id, " ".join(latex(problem.asked(question)).split())) for question in problem.questions]


def _yaml(problem: Problem) -> str:
    parts = [f"  # {asked}\n  {json.dumps(part)}: ''\n" for part, asked in _asked(problem)]
    return f"# {problem.title}\nstudent: ''\nproblem: {json.dumps(problem.id)}\nanswers:\n{''.join(parts)}"


def _json(problem: Problem) -> str:
    answers = {part: "" for part, _ in _asked(problem)}
    return json.dumps({"student": "", "problem": problem.id, "answers": answers}, indent=2) + "\n"


def _markdown(problem: Problem) -> str:
    parts = [f"\n## {part}\n\n<!-- ${asked}$ = ... -->\n" for part, asked in _asked(problem)]
    return f"---\nstudent:\nproblem: {problem.id}\n---\n\n# {problem.title}, answers\n{''.join(parts)}"


def _latex(problem: Problem) -> str:
    parts = [f"% {asked} = ...\n\\answer{{{part}}}{{}}\n\n" for part, asked in _asked(problem)]
    head = "\\documentclass{article}\n\\usepackage{amsmath}\n\\usepackage{derive-answers}\n\\begin{document}\n"
    return f"{head}\\student{{}}\n\\problem{{{problem.id}}}\n\n{''.join(parts)}\\end{{document}}\n"


def _notebook(problem: Problem) -> str:
    texts = [f"# {problem.title}, answers", *(f"## {p}\n\n<!-- ${a}$ = ... -->\n" for p, a in _asked(problem))]
    cells = [{"cell_type": "markdown", "id": f"c{k}", "metadata": {}, "source": text} for k, text in enumerate(texts)]
    metadata = {"derive": {"problem": problem.id}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"


WRITERS = {"md": _markdown, "yaml": _yaml, "json": _json, "tex": _latex, "ipynb": _notebook}
