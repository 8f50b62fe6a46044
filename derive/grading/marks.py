"""Verdicts -> points. What was not proved wrong is never marked wrong: it is left to a person, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from derive.grading.scheme import PartScheme, Scheme, number
from derive.grading.sheet import Answer, Line
from derive.grading.work import Outcome

Status: TypeAlias = Literal["right", "partly", "wrong", "carried", "missing", "person"]
RESTATES = "true, but it leads back to what is asked; say what it is"
ELSEWHERE = "true, but it does not say what the part asks for"
ENTRIES = "it is about single entries, and the part asks for all of them and for every size"


class Marked(Struct, frozen=True):
    """A line with what came of it; `points` only where the scheme gives points by line."""

    line: Line
    outcome: Outcome
    points: Fraction | None = None
    note: str = ""


class Mark(Struct, frozen=True):
    """Points of one part: `earned` for certain, and `open` those that a person still has to decide on."""

    part: str
    status: Status
    earned: Fraction
    open: Fraction
    of: Fraction
    reason: str = ""
    lines: tuple[Marked, ...] = ()


class Graded(Struct, frozen=True):
    """One problem of one sheet. `notes` say what else a person should know."""

    problem: str
    marks: tuple[Mark, ...]
    notes: tuple[str, ...] = ()


class SheetMarks(Struct, frozen=True):
    """Everything that is said of one sheet."""

    student: str
    source: str
    problems: tuple[Graded, ...]

    @property
    def marks(self) -> list[Mark]:
        return [mark for graded in self.problems for mark in graded.marks]

    @property
    def earned(self) -> Fraction:
        return sum((mark.earned for mark in self.marks), Fraction(0))

    @property
    def open(self) -> Fraction:
        return sum((mark.open for mark in self.marks), Fraction(0))

    @property
    def of(self) -> Fraction:
        return sum((mark.of for mark in self.marks), Fraction(0))


def mark(part: str, answer: Answer | None, outcomes: Sequence[Outcome], scheme: Scheme, strays: bool) -> Mark:
    """The mark of a part. `strays`: the sheet has answers to parts that do not exist, so one may be this part's."""
    own = scheme.part(part)
    if answer is None or (not answer.lines and not answer.fault):
        if strays:
            return _person(part, own, "not answered, unless under a name that is no part's")
        return Mark(part, "missing", Fraction(0), Fraction(0), own.points, "not answered")
    lines = tuple(Marked(line, outcome) for line, outcome in zip(answer.lines, outcomes, strict=True))
    if answer.fault:
        return _person(part, own, answer.fault, lines)
    return _by_line(part, own, lines) if own.lines else _whole(part, own, lines)


def _whole(part: str, own: PartScheme, lines: tuple[Marked, ...]) -> Mark:
    """By the lines that say what the part asks for; the others are its reasoning."""
    said = [piece for one in lines for piece in one.outcome.all]
    answers = [one for one in said if one.extent == "whole"]
    verdicts = {_verdict(one) for one in answers}
    others = [one for one in said if one.extent != "whole"]
    if not answers:
        return _person(part, own, _why_none(others), lines)
    if verdicts == {"refuted"}:
        return Mark(part, "wrong", Fraction(0), Fraction(0), own.points, "", lines)
    if "refuted" in verdicts:
        return _person(part, own, "it is answered rightly and wrongly; say which counts", lines)
    if any(one.judgement.verdict == "refuted" for one in others):
        return _person(part, own, "the answer is not refuted, but a line of its reasoning is", lines)
    if verdicts <= {"proved", "restated"} and "proved" in verdicts:  # a line that restates is on the way to the other
        return Mark(part, "right", own.points, Fraction(0), own.points, "", lines)
    if verdicts <= {"proved", "restated", "depends"} and "depends" in verdicts:
        under = next(one for one in answers if _verdict(one) == "depends")
        return _depends(part, own, under, lines)
    doubtful = next((one for one in answers if _verdict(one) not in ("proved", "restated")), answers[-1])
    return _person(part, own, _why(doubtful), lines)


def _depends(part: str, own: PartScheme, outcome: Outcome, lines: tuple[Marked, ...]) -> Mark:
    under = f"right under a convention: {outcome.judgement.convention}"
    if own.depends is None:
        return _person(part, own, under, lines)
    earned = own.points * own.depends
    status: Status = "right" if earned == own.points else "partly"
    return Mark(part, status, earned, Fraction(0), own.points, under, lines)


def _by_line(part: str, own: PartScheme, lines: tuple[Marked, ...]) -> Mark:
    """Points for each label; a statement that says the same as another one counts once."""
    marked: list[Marked] = []
    earned = open_ = Fraction(0)
    seen: set[str] = set()
    for one in lines:
        worth = own.lines.get(one.line.label)
        if worth is None:
            marked.append(replace(one, note="the scheme has no points for this line"))
            continue
        points, note = _of_line(own, one.outcome, worth)
        if points and one.outcome.judgement.read_as in seen:
            points, note = None, "says the same as a line before"
        seen.add(one.outcome.judgement.read_as)
        earned += points or 0
        open_ += worth if points is None else 0
        marked.append(replace(one, points=points, note=note))
    if open_ and not earned and open_ == own.points:
        return _person(part, own, "no line of it could be decided", tuple(marked))
    status: Status = "person" if open_ else "right" if earned == own.points else "partly" if earned else "wrong"
    absent = [label for label in own.lines if label not in {one.line.label for one in lines}]
    reason = f"not answered: {', '.join(absent)}" if absent else "left to a person in part" if open_ else ""
    return Mark(part, status, earned, open_, own.points, reason, tuple(marked))


def _of_line(own: PartScheme, outcome: Outcome, worth: Fraction) -> tuple[Fraction | None, str]:
    """None where a person decides."""
    verdict = outcome.judgement.verdict
    if verdict == "refuted":
        return Fraction(0), ""
    if verdict not in ("proved", "depends") or (verdict == "depends" and own.depends is None):
        return None, _why(outcome)
    if not own.any_true_line and (outcome.extent == "none" or not outcome.worked_out):
        return None, ELSEWHERE if outcome.extent == "none" else RESTATES
    if verdict == "depends" and own.depends is not None:
        return worth * own.depends, f"right under a convention: {outcome.judgement.convention}"
    return worth, ""


def carry(found: Mark, outcomes: Sequence[Outcome], scheme: Scheme) -> Mark:
    """A wrong answer that the student's own earlier one explains: its points, and from which part it was carried."""
    if not outcomes or not all(outcome.explained for outcome in outcomes):
        return found
    names = dict.fromkeys(part for outcome in outcomes for part in outcome.explained)
    parts = " and ".join(f"'{part}'" for part in names)
    if not all(outcome.worked_out for outcome in outcomes):
        reason = f"it follows from the answer given to {parts}, but that leaves nothing of this part's own work"
        return replace(found, reason=reason)
    earned = found.of * scheme.carried
    reason = f"error carried forward: it is what follows from the answer given to {parts}"
    return replace(found, status="carried", earned=earned, reason=reason)


def carriers(marks: Sequence[Mark]) -> list[tuple[str, list[str], tuple[tuple[str, str], ...]]]:
    """Each wrong part with its answers and the wrong parts before it: what may have been carried from where."""
    found: list[tuple[str, list[str], tuple[tuple[str, str], ...]]] = []
    before: list[tuple[str, str]] = []
    for one in marks:
        if one.status != "wrong":
            continue
        said = [line for line in one.lines if not line.line.function]
        texts = [line.line.text for line in said if any(piece.extent == "whole" for piece in line.outcome.all)]
        if not texts:
            continue
        if before:
            found.append((one.part, texts, tuple(before)))
        before.append((one.part, texts[-1]))
    return found


def _verdict(outcome: Outcome) -> str:
    """'restated' for a true one that is not worked out; a function is right where it agrees: it is not proved."""
    verdict = outcome.judgement.verdict
    if outcome.tried and verdict == "agrees":
        return "proved"
    return "restated" if verdict in ("proved", "depends") and not outcome.worked_out else verdict


def _why(outcome: Outcome) -> str:
    found = outcome.judgement
    if found.error is not None:
        return f"cannot be read at column {found.error.position + 1}: {found.error.message}"
    if found.verdict == "proved":
        return RESTATES if not outcome.worked_out else ENTRIES
    if found.verdict == "depends":
        return f"right under a convention: {found.convention}"
    return f"{found.verdict}: {found.scope or 'no proof and no counterexample'}"


def _why_none(others: Sequence[Outcome]) -> str:
    """Why no line answers the part: the first that cannot be read or decided, else what the last is about."""
    for one in others:
        if one.judgement.verdict in ("unreadable", "undecided", "agrees"):
            return _why(one)
    last = others[-1]
    if last.judgement.verdict == "refuted":
        return "no line says what the part asks for, and one is false"
    return ENTRIES if last.extent == "entry" else ELSEWHERE


def _person(part: str, own: PartScheme, reason: str, lines: tuple[Marked, ...] = ()) -> Mark:
    return Mark(part, "person", Fraction(0), own.points, own.points, reason, lines)


def summary_of(mark: Mark) -> str:
    """'2/2', '0/2', '?/2' where a person has to decide on all of it, '1+?/2' on some."""
    said = f"{number(mark.earned)}" if mark.earned or not mark.open else ""
    return f"{said}{'+' if said and mark.open else ''}{'?' if mark.open else ''}/{number(mark.of)}"
