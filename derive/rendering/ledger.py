"""The condition ledger: every hypothesis, the first line that uses it, and what breaks without it."""

from __future__ import annotations

from collections.abc import Iterator

from derive.language.expression import Direct, Expr, Function, Number, Pow, Read, tensors_in, walk
from derive.language.notation import PartialName
from derive.language.problem import Problem
from derive.language.prose import Formula
from derive.rendering.context import Context, joined
from derive.rendering.document import Table, Text


def in_words(problem: Problem) -> tuple[str, ...]:
    """Hypotheses of the whole problem that are no formulas: `otherwise` says what breaks, nothing else names them."""
    elsewhere = {*problem.conditions, *_of_questions(problem), *_of_remarks(problem)}
    return tuple(text for text in problem.otherwise if text not in elsewhere)


def _of_questions(problem: Problem) -> tuple[str, ...]:
    return tuple(assumption.text for question in problem.questions for assumption in question.assuming)


def _of_remarks(problem: Problem) -> tuple[str, ...]:
    return tuple(condition for remark in (*problem.lemmas, *problem.remarks) for condition in remark.conditions)


def ledger(context: Context) -> Table | None:
    problem = context.problem
    texts = dict.fromkeys((*problem.conditions, *in_words(problem), *_of_questions(problem)))
    first = {text: _first_use(context, text) for text in texts}
    for text in _of_remarks(problem):
        first.setdefault(text, "S7")
    groups: dict[tuple[str, str], list[Text]] = {}  # what fails in the same way stands in one row
    for text, label in first.items():
        fails = problem.otherwise.get(text, "the lines that use it fail")
        groups.setdefault((label, fails), []).append(context.prose(text))
    rows = tuple((joined(texts), (label,), context.prose(fails)) for (label, fails), texts in groups.items())
    return Table((("hypothesis",), ("first used",), ("without it",)), rows, "plp") if rows else None


def _first_use(context: Context, text: str) -> str:
    """The first line that names it; else that needs what it is about; else the program, where it enters."""
    pieces = context.reader(text)
    sides = [side for piece in pieces if isinstance(piece, Formula) for side in (piece.left, piece.right)]
    wanted = {side for side in sides if not isinstance(side, Number)}
    about = {key for piece in pieces if isinstance(piece, Expr) for key in tensors_in(piece)}
    inserted = {key for side in wanted for key in tensors_in(side)}
    steps = [step for part in context.parts for step in part.steps]
    any_slope = context.problem.program.loss.key in about
    for step in steps:
        differentiated = isinstance(step.left, Direct) and step.left.of.tensor.key in about
        used = (any_slope and _slopes(step.after)) or differentiated or wanted & set(_guarded(step.after))
        if text in step.conditions or used:
            return step.label
    for step in steps:
        if inserted & (_slopes(step.before) - _slopes(step.after)):
            return step.label
    return "program"


def _guarded(expr: Expr) -> Iterator[Expr]:
    """What is divided by, or stands under a root or a logarithm."""
    for node in walk(expr):
        if isinstance(node, Pow) and isinstance(node.exponent, Number):
            if node.exponent.value < 0 or node.exponent.value.denominator != 1:
                yield node.base
        elif isinstance(node, Function) and node.name == "log":
            yield from node.arguments


def _slopes(expr: Expr) -> set[str]:
    """The tensors by which some total derivative in the expression is taken."""
    names = [node.tensor.name for node in walk(expr) if isinstance(node, Read)]
    return {name.by.key for name in names if isinstance(name, PartialName)}
