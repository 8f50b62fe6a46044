"""Python modules as sheets: a function a part, or one that returns all the gradients.

student = "s001"
problem = "bn_backward"

def beta(dy): ...                            one part
def backward(x, gamma, eps, dy): ...         the gradients by all that enters, in the order of the parts;
                                             bn_backward or bn_backward_backward is the same

The module is read here and not run: its names are taken from its text.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from derive.errors import UsageError
from derive.grading.building import name_of, sheet_of, with_duplicates_told
from derive.grading.course import Known
from derive.grading.sheet import Answer, Answered, Line, Sheet

MAX_SOURCE = 300_000
META = ("student", "problem")


def read_module(text: str, source: str, fallback: str) -> Sheet:
    """Raises UsageError where the text is no Python, or names no problem."""
    if len(text) > MAX_SOURCE:
        raise UsageError(f"it has more than {MAX_SOURCE} characters")
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise UsageError(f"it is not Python at line {error.lineno}: {error.msg}") from None
    except (RecursionError, MemoryError, ValueError):
        raise UsageError("it is not Python that can be read here") from None
    meta: dict[str, object] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            meta |= {name: node.value.value for name in names if name in META}
    places = {node.name: node.lineno for node in tree.body if isinstance(node, ast.FunctionDef)}
    answers = [
        Answer(name_of(name, "a function"), (Line(text, "", f"line {line}", name),)) for name, line in places.items()
    ]
    if "problem" not in meta:
        raise UsageError('it does not say which problem it answers; put problem = "..." at its head')
    return sheet_of(meta, [("", answers)], source, fallback)


def by_part(known: Known, answered: Answered) -> Answered:
    """A function that returns several gradients stands for each of them; one that is neither is a helper."""
    if not any(line.function for answer in answered.answers for line in answer.lines):
        return answered
    return Answered(answered.problem, with_duplicates_told(_parts(known, answered)), answered.given, answered.notes)


def _parts(known: Known, answered: Answered) -> Iterable[Answer]:
    whole = ("backward", answered.problem, f"{answered.problem}_backward")
    for answer in answered.answers:
        if answer.part in known.parts:
            yield answer
        elif answer.part in whole:
            from derive.catalogue import load
            from derive.functions.asked import Asked

            for wanted in Asked(load(known.name)).wanted:
                yield Answer(wanted.part, answer.lines)
