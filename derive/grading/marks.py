"""Marks as data: a line with what came of it, the points of a part, of a problem, of a sheet."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, TypeAlias

from msgspec import Struct

from derive.grading.scheme import number
from derive.grading.sheet import Line
from derive.grading.work import Outcome

Status: TypeAlias = Literal["right", "partly", "wrong", "carried", "missing", "person"]


class Marked(Struct, frozen=True):
    """A line with what came of it; `points` only where the scheme gives points by line.

    `carried` are the other parts from whose answers a false line follows.
    """

    line: Line
    outcome: Outcome
    points: Fraction | None = None
    note: str = ""
    carried: tuple[str, ...] = ()

    @property
    def false(self) -> bool:
        """Does it say something false of what the part asks for?"""
        return any(piece.extent != "none" and piece.verdict == "refuted" for piece in self.outcome.all)


class Share(Struct, frozen=True):
    """What the value of a part, or its reasoning, earns where the scheme asks for both."""

    name: Literal["value", "reasoning"]
    earned: Fraction
    open: Fraction
    of: Fraction
    reason: str


class Mark(Struct, frozen=True):
    """Points of one part: `earned` for certain, and `open` those that a person still has to decide on."""

    part: str
    status: Status
    earned: Fraction
    open: Fraction
    of: Fraction
    reason: str = ""
    lines: tuple[Marked, ...] = ()
    shares: tuple[Share, ...] = ()


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


def summary_of(mark: Mark | Share) -> str:
    """'2/2', '0/2', '?/2' where a person has to decide on all of it, '1+?/2' or '0+?/2' on some."""
    said = "" if mark.open and mark.open == mark.of else f"{number(mark.earned)}"
    return f"{said}{'+' if said and mark.open else ''}{'?' if mark.open else ''}/{number(mark.of)}"
