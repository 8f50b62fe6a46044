"""A student's function tried against what was derived, in a process of its own."""

from __future__ import annotations

import ast

from derive.catalogue import load
from derive.errors import BudgetError
from derive.functions.asked import Asked
from derive.functions.calling import Stopped
from derive.functions.examine import Agreed, Options, examined
from derive.functions.message import message
from derive.functions.remote import Remote
from derive.language.judgement import Finding, Judgement, Unread


def tried(problem: str, part: str, source: str, name: str) -> tuple[Judgement, str]:
    """The judgement, and what is said of it in a few lines. `name` is the part, or of a function that returns several.

    It is never 'proved': a function that is right at every input tried agrees.
    """
    loaded = load(problem)
    parts = (part,) if name == part else tuple(wanted.part for wanted in Asked(loaded).wanted)
    options = Options(framework=_framework(source), only=part)
    try:
        with Remote(source, name) as function:
            found = examined(loaded, function, parts, options)
    except BudgetError as error:
        return Judgement("undecided", str(error)), f"undecided: {error}"
    except Stopped as error:
        why = f"the module cannot be run: {error}"
        return Judgement("unreadable", error=Unread(why, 0, "")), f"unreadable: {why}"
    if isinstance(found, Agreed):
        return Judgement("agrees", str(found)), f"agrees: {found}"
    said = message(loaded.id, found)
    verdict = "unreadable" if found.unreadable else "refuted"
    if verdict == "unreadable":
        return Judgement("unreadable", error=Unread(found.why, 0, "")), said
    return Judgement("refuted", diagnosis=(Finding("function", found.like or found.why),) if found.like or found.why
                     else ()), said  # fmt: skip


def _framework(source: str) -> str:
    """PyTorch where the module imports it."""
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(source))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    return "torch" if "torch" in imported else "numpy"
