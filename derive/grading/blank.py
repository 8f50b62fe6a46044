"""An empty sheet to hand out: the parts of a problem, with room for what is answered."""

from __future__ import annotations

import json

from msgspec import Struct

from derive.engines.derive import derive_problem
from derive.errors import UsageError
from derive.judging.counting.values import told
from derive.language.answers import Region, Shape
from derive.language.counting import Count, Ratio
from derive.language.derivation import Part
from derive.language.problem import Problem
from derive.rendering.formula import latex


def blank(problem: Problem, kind: str) -> str:
    """The text of an empty sheet. Raises UsageError for an unknown kind."""
    if kind not in WRITERS:
        raise UsageError(f"no sheet is written as '{kind}'; there are {', '.join(WRITERS)}")
    return WRITERS[kind](problem)


class Asked(Struct, frozen=True):
    """A part as a sheet asks for it: what it is, in which form, and in words."""

    part: str
    left: str
    form: str
    words: str


def _asked(problem: Problem) -> list[Asked]:
    parts = derive_problem(problem).parts
    return [
        Asked(part.question.id, " ".join(latex(part.claim.left).split()), form_of(part), _words(part.question.text))
        for part in parts
    ]


def form_of(part: Part) -> str:
    """What an answer looks like, and the conventions that it stands under."""
    right, wants = part.claim.right, part.question.wants
    if isinstance(wants, Ratio):
        return f"a ratio of {len(wants.parts)} numbers, such as {' : '.join('1' for _ in wants.parts)}"
    if isinstance(wants, Count):
        kind = "a number"
        if wants.what == "map":
            kind = "one formula, in matrices"
        elif isinstance(right, Region):
            kind = "entries, such as X[:, (i-1 : i+1), (j-1 : j+1)]"
        elif isinstance(right, Shape):
            kind = f"a shape of {len(right.sizes)} size{'s' if len(right.sizes) > 1 else ''}"
        return "; ".join(filter(None, (kind, told(part.claim.convention))))
    return "a bound, with \\leq" if part.claim.relation == "<=" else "a formula"


def _words(text: str) -> str:
    """On one line, and nothing in it that would end a comment."""
    return " ".join(text.replace("-->", "").split())


def _told(one: Asked) -> str:
    return ": ".join(filter(None, (one.words, one.form)))


def _yaml(problem: Problem) -> str:
    parts = [f"  # {a.left} = ...   {_told(a)}\n  {json.dumps(a.part)}: ''\n" for a in _asked(problem)]
    return f"# {problem.title}\nstudent: ''\nproblem: {json.dumps(problem.id)}\nanswers:\n{''.join(parts)}"


def _json(problem: Problem) -> str:
    answers = {one.part: "" for one in _asked(problem)}
    return json.dumps({"student": "", "problem": problem.id, "answers": answers}, indent=2) + "\n"


def _section(one: Asked) -> str:
    return f"## {one.part}\n\n<!-- ${one.left}$ = ...   {_told(one)} -->\n"


def _markdown(problem: Problem) -> str:
    parts = [f"\n{_section(one)}" for one in _asked(problem)]
    return f"---\nstudent:\nproblem: {problem.id}\n---\n\n# {problem.title}, answers\n{''.join(parts)}"


def _latex(problem: Problem) -> str:
    parts = [f"% {a.left} = ...   {_told(a)}\n\\answer{{{a.part}}}{{}}\n\n" for a in _asked(problem)]
    head = "\\documentclass{article}\n\\usepackage{amsmath}\n\\usepackage{derive-answers}\n\\begin{document}\n"
    return f"{head}\\student{{}}\n\\problem{{{problem.id}}}\n\n{''.join(parts)}\\end{{document}}\n"


def _notebook(problem: Problem) -> str:
    texts = [f"# {problem.title}, answers", *map(_section, _asked(problem))]
    cells = [{"cell_type": "markdown", "id": f"c{k}", "metadata": {}, "source": text} for k, text in enumerate(texts)]
    metadata = {"derive": {"problem": problem.id}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"


WRITERS = {"md": _markdown, "yaml": _yaml, "json": _json, "tex": _latex, "ipynb": _notebook}
