"""Sheets -> marks: every answer judged once, then what the wrong ones carry on, then points."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

from derive.errors import DeriveError, UsageError
from derive.grading.carrying import carriers, carry
from derive.grading.course import Course, Known
from derive.grading.marking import mark
from derive.grading.marks import Graded, Mark, SheetMarks
from derive.grading.modules import by_part
from derive.grading.scheme import Scheme, scheme_for
from derive.grading.sheet import Answer, Answered, Sheet, Unreadable
from derive.grading.work import Outcome, Task, numbers_of

Asked = tuple[str, str, Task]  # version of the problem, sheet, and what is to be judged
Judge = Callable[[Sequence[Asked]], Mapping[Task, Outcome]]


class Results(Struct, frozen=True):
    """The marks of every sheet that could be read, and the files that could not."""

    sheets: tuple[SheetMarks, ...]
    unreadable: tuple[Unreadable, ...]


class Piece(Struct, frozen=True):
    """One problem of one sheet, ready to be judged."""

    known: Known
    answered: Answered
    scheme: Scheme
    given: str
    notes: tuple[str, ...]

    def task(self, part: str, text: str, earlier: tuple[tuple[str, str], ...] = (), function: str = "") -> Task:
        return Task(self.known.name, part, text, self.given, earlier, function)

    def answer(self, part: str) -> Answer | None:
        return next((answer for answer in self.answered.answers if answer.part == part), None)


def grade(
    read: Iterable[Sheet | Unreadable], course: Course, scheme: object, judge: Judge, place: str = "--scheme"
) -> Results:
    """Every sheet marked. `scheme` is what stands at `place`, unread; without it a sheet's own is used, and told."""
    _check_problems(scheme, course, place)
    bad: list[Unreadable] = []
    ready: list[tuple[Sheet, list[Piece]]] = []
    for one in read:
        if isinstance(one, Unreadable):
            bad.append(one)
            continue
        try:
            ready.append((one, [_piece(one, answered, course, scheme, place) for answered in one.problems]))
        except DeriveError as error:
            if scheme is not None and str(error).startswith(place):
                raise
            bad.append(Unreadable(one.source, " ".join(str(error).split())[:300]))
    outcomes = judge([
        (piece.known.version, sheet.source, piece.task(answer.part, line.text, (), line.function))
        for sheet, pieces in ready
        for piece in pieces
        for answer in piece.answered.answers
        if answer.part in piece.known.parts
        for line in answer.lines
    ])  # fmt: skip
    first = [[_marks(piece, outcomes) for piece in pieces] for _, pieces in ready]
    carried = judge([
        (piece.known.version, sheet.source, task)
        for (sheet, pieces), marks in zip(ready, first, strict=True)
        for piece, found in zip(pieces, marks, strict=True)
        for tasks in _carried(piece, found).values()
        for task in tasks.values()
    ])  # fmt: skip
    return Results(
        tuple(
            SheetMarks(sheet.student, sheet.source, tuple(
                Graded(piece.answered.problem, tuple(_with_carried(piece, found, carried)), piece.notes)
                for piece, found in zip(pieces, marks, strict=True)
            ))
            for (sheet, pieces), marks in zip(ready, first, strict=True)
        ),
        tuple(bad),
    )  # fmt: skip


def _check_problems(scheme: object, course: Course, place: str) -> None:
    """Points for a problem that there is none of would be given to nobody, and nobody would be told."""
    problems = scheme.get("problems") if isinstance(scheme, Mapping) else None
    for name in problems if isinstance(problems, Mapping) else ():
        try:
            course.known(str(name))
        except UsageError as error:
            raise UsageError(f"{place}: 'problems': {error}") from None


def _piece(sheet: Sheet, answered: Answered, course: Course, scheme: object, place: str) -> Piece:
    known = course.known(answered.problem)
    answered = by_part(known, answered)
    notes: list[str] = [*answered.notes]
    if scheme is not None:
        found = scheme_for(scheme, answered.problem, known.parts, place)
    elif sheet.scheme is not None:
        found = scheme_for(sheet.scheme, answered.problem, known.parts, "its scheme")
        notes.append("the points are those that the sheet itself names")
    else:
        found = Scheme()
    given = found.given
    if not given and answered.given:
        given = _written(answered.given)
        notes.append("the numbers are those that the sheet itself names")
    if given:
        _check(known, given)
    unknown = [answer.part for answer in answered.answers if answer.part not in known.parts]
    if unknown:
        notes.append(f"it answers what is no part of {answered.problem}: {', '.join(unknown)[:200]}")
    notes += [f"part '{answer.part}' {answer.fault}" for answer in answered.answers if answer.fault]
    return Piece(known, answered, found, given or "{}", tuple(notes))


def _check(known: Known, given: str) -> None:
    """Raises UsageError where the numbers do not fit the problem."""
    from derive.checking import subject

    subject(known.name, numbers_of(given))


def _written(given: Mapping[str, object]) -> str:
    try:
        return json.dumps({str(key): value for key, value in given.items()}, sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        raise UsageError("'given' should hold numbers and lists of them alone") from None


def _marks(piece: Piece, outcomes: Mapping[Task, Outcome]) -> list[Mark]:
    strays = any(answer.part not in piece.known.parts for answer in piece.answered.answers)
    found = []
    for part in piece.known.parts:
        answer = piece.answer(part)
        lines = answer.lines if answer is not None else ()
        judged = [outcomes[piece.task(part, line.text, (), line.function)] for line in lines]
        found.append(mark(part, answer, judged, piece.scheme, strays))
    return found


def _carried(piece: Piece, marks: Sequence[Mark]) -> dict[str, dict[str, Task]]:
    """For each part with false lines, what has to be tried for each of them."""
    if not piece.scheme.carried:
        return {}
    found = carriers(marks, piece.scheme)
    return {part: {text: piece.task(part, text, before) for text in texts} for part, texts, before in found}


def _with_carried(piece: Piece, marks: Sequence[Mark], carried: Mapping[Task, Outcome]) -> list[Mark]:
    tasks = _carried(piece, marks)
    return [
        carry(one, {text: carried[task] for text, task in tasks.get(one.part, {}).items()}, piece.scheme)
        for one in marks
    ]
