"""What is handed in, as data: a sheet of one student, its problems, the answers to their parts."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

MAX_NAME = 80  # characters of a student's or a part's name


class Line(Struct, frozen=True):
    """One statement as it was written. `label` is a name of its own, where the scheme gives points by line."""

    text: str
    label: str = ""
    place: str = ""  # where it stands: "line 12", "cell 3"
    function: str = ""  # the text is a module, and this function of it the answer


class Answer(Struct, frozen=True):
    """Everything that was written to one part. `fault` says why none of it can be read."""

    part: str
    lines: tuple[Line, ...] = ()
    fault: str = ""


class Answered(Struct, frozen=True):
    """The answers to one problem; `given` are the numbers that they are about. `notes` are for whoever marks it."""

    problem: str
    answers: tuple[Answer, ...]
    given: Mapping[str, object] = {}
    notes: tuple[str, ...] = ()


class Sheet(Struct, frozen=True):
    """What one student hands in. `scheme` is what the sheet itself says about points, unread."""

    student: str
    problems: tuple[Answered, ...]
    source: str = ""
    scheme: object = None


class Unreadable(Struct, frozen=True):
    """A file that is no answer sheet, and why: one line."""

    source: str
    why: str
