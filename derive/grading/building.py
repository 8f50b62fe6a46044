"""Answers put together into a sheet: parts in order of appearance, one given twice told as such."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from derive.errors import UsageError
from derive.grading.sheet import MAX_NAME, Answer, Answered, Sheet

TWICE = "is answered twice; say which of the two counts"
MAX_LINES = 200  # statements of one part
MAX_PARTS = 500
MAX_TEXT = 20_000  # characters; longer texts are not read anyway
_HALVES = re.compile("[\ud800-\udfff]")  # of characters
_ENDED = re.compile(
    r"(?<!\.)(?<!\\left)(?<!\\right)[.,;](?=\s*(?:\\\\|\\end\{(?:aligned|alignedat|split|gathered|align|gather)\*?\}|$))"
)
_AND = re.compile(r"\\&")


def with_duplicates_told(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """Each part once. One that is answered twice keeps the lines of both and is left to a person."""
    found: dict[str, Answer] = {}
    for answer in answers:
        if answer.part in found:
            both = (*found[answer.part].lines, *answer.lines)
            found[answer.part] = Answer(answer.part, both, TWICE)
        else:
            found[answer.part] = answer
    if len(found) > MAX_PARTS:
        raise UsageError(f"it answers {len(found)} parts; at most {MAX_PARTS} are read")
    return tuple(_bounded(answer) for answer in found.values())


def cleaned(text: str) -> str:
    r"""Without the stop or comma that ends a line; `\&` between two equations is "and"."""
    return text if len(text) > MAX_TEXT else _AND.sub(" ,", _ENDED.sub(" ", text)).rstrip()


def _bounded(answer: Answer) -> Answer:
    if any(_HALVES.search(text) for line in answer.lines for text in (line.text, line.label)):
        return Answer(answer.part, (), "holds characters that stand for no text")
    if len(answer.lines) <= MAX_LINES:
        return replace(answer, lines=tuple(replace(line, text=cleaned(line.text)) for line in answer.lines))
    return Answer(answer.part, (), f"has {len(answer.lines)} statements; at most {MAX_LINES} are read")


def name_of(value: object, what: str) -> str:
    """A short text on one line. Raises UsageError."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"{what} should be a short text")
    name = " ".join(value.split())
    if len(name) > MAX_NAME or not name.isprintable():
        raise UsageError(f"{what} should be a short text of at most {MAX_NAME} printable characters")
    return name


def with_assigned(sheet: Sheet, problems: Sequence[str]) -> Sheet:
    """The sheet with just these problems: one that it leaves out is not answered, and one besides does not count."""
    found = {answered.problem: answered for answered in sheet.problems}
    others = [problem for problem in found if problem not in problems]
    notes = (f"it also answers what was not set: {', '.join(others)[:200]}",) if others else ()
    first, *rest = [found.get(problem) or Answered(problem, ()) for problem in problems]
    first = Answered(first.problem, first.answers, first.given, (*first.notes, *notes))
    return Sheet(sheet.student, (first, *rest), sheet.source, sheet.scheme)


def sheet_of(
    meta: Mapping[str, object], sections: Sequence[tuple[str, Iterable[Answer]]], source: str, fallback: str
) -> Sheet:
    """A sheet from its head (student, problem, given, scheme) and the answers under each problem."""
    first = name_of(meta["problem"], "'problem'") if "problem" in meta else ""
    given = meta.get("given", {})
    if not isinstance(given, Mapping):
        raise UsageError("'given' should be an object such as {\"m\": 4}")
    gathered: dict[str, list[Answer]] = {}
    for problem, answers in sections:
        name = problem or first
        kept = list(answers)
        if not name and kept:
            raise UsageError("it does not say which problem it answers; put 'problem' at its head")
        if kept:
            gathered.setdefault(name, []).extend(kept)
    if not gathered and first:
        gathered[first] = []
    if not gathered:
        raise UsageError("there is no answer in it")
    problems = tuple(
        Answered(problem, with_duplicates_told(answers), dict(given) if problem == (first or problem) else {})
        for problem, answers in gathered.items()
    )
    student = name_of(meta["student"], "'student'") if "student" in meta else fallback
    return Sheet(student, problems, source, meta.get("scheme"))
