"""A report for one student, as text and as PDF: each statement, how it was read, where it fails, and its points.

What a student wrote reaches the page as data and is never markup: the template reads it from a file. Mathematics on
the page is printed from expressions, out of what was read.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from msgspec.structs import replace

from derive.checking import subject
from derive.errors import DeriveError, UsageError
from derive.grading.course import Course
from derive.grading.marks import Graded, Mark, Marked, Share, SheetMarks, Status, summary_of
from derive.grading.prose import pieces
from derive.grading.reading import shown
from derive.grading.reports import SAID, total_of, whole_text
from derive.grading.scheme import number
from derive.judging.message import counterexample, said_of, says_more
from derive.judging.show import SIGNS
from derive.judging.subject import Subject
from derive.language.judgement import Judgement
from derive.language.statement import Open, Side, Table
from derive.reading.statement import read_statement
from derive.rendering.formula import typst
from derive.rendering.pdf import typst_pdf
from derive.rendering.printing import template_folder

MAX_WRITTEN = 1500  # characters of an answer that are repeated
UNBROKEN = 40  # characters without a place for a line to break
ONE_LINE = 90  # characters of a chain that is not broken at its relations
RELATIONS = {**{sign: sign for sign in SIGNS}, "~": "approx"}
PLAIN = {r"\,": " ", r"\left": "", r"\right": "", r"\times": "×", r"\approx": "≈"}
ZERO_WIDTH_SPACE = "\N{ZERO WIDTH SPACE}"


def write_reports(sheets: Iterable[SheetMarks], course: Course, folder: Path) -> int:
    """STUDENT.txt and STUDENT.pdf for each; how many students. Raises UsageError where they cannot be written."""
    taken: dict[str, int] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for sheet in sheets:
            name = file_name(sheet.student)
            taken[name] = taken.get(name, 0) + 1
            path = folder / (name if taken[name] == 1 else f"{name}~{taken[name]}")
            path.with_name(f"{path.name}.txt").write_text(whole_text(sheet), encoding="utf-8")
            path.with_name(f"{path.name}.pdf").write_bytes(report_pdf(sheet, course))
    except OSError as error:
        raise UsageError(f"cannot write reports to {folder}: {error.strerror or error}") from None
    return sum(taken.values())


def file_name(student: str) -> str:
    """A name that is a file's in any folder of any system, and never a path."""
    return re.sub(r"[^\w.-]+", "_", student).strip("._-")[:60] or "student"


def report_pdf(sheet: SheetMarks, course: Course) -> bytes:
    """The pages for one student; the same bytes for the same marks."""
    source = (template_folder() / "report.typ").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="derive-") as scratch:
        (Path(scratch) / "data.json").write_text(json.dumps(report_data(sheet, course)), encoding="utf-8")
        return typst_pdf(source, Path(scratch))


def report_data(sheet: SheetMarks, course: Course) -> dict[str, object]:
    """All that the template places."""
    return {
        "student": breakable(sheet.student), "total": total_of(sheet),
        "problems": [_problem(graded, course) for graded in sheet.problems],
    }  # fmt: skip


def _problem(graded: Graded, course: Course) -> dict[str, object]:
    name = course.known(graded.problem).name
    about = {mark.part: _about(name, mark.part) for mark in graded.marks}
    first = next(iter(about.values()), None)
    return {
        "id": graded.problem, "title": first.problem.title.replace("$", "") if first else "",
        "points": [number(sum((mark.earned for mark in graded.marks), Fraction(0))),
                   number(sum((mark.of for mark in graded.marks), Fraction(0)))],
        "notes": [breakable(note) for note in graded.notes],
        "parts": [_part(mark, about[mark.part]) for mark in graded.marks],
    }  # fmt: skip


@lru_cache(maxsize=1024)
def _about(problem: str, part: str) -> Subject:
    return subject(problem, None, part)


def _part(mark: Mark, about: Subject) -> dict[str, object]:
    reason = "" if mark.shares else mark.reason.removeprefix(f"{SAID[mark.status]}: ")
    return {
        "id": mark.part, "asked": _asked(about), "status": mark.status, "said": SAID[mark.status],
        "points": summary_of(mark), "reason": "" if reason == SAID[mark.status] else in_lines(reason),
        "shares": [[one.name, summary_of(one), _status(one, mark), in_lines(one.reason)] for one in mark.shares],
        "statements": [_statement(piece, about) for one in mark.lines for piece in _pieces(one)],
    }  # fmt: skip


def _status(one: Share, mark: Mark) -> Status:
    if one.open:
        return "person"
    if one.name == "value" and mark.status == "carried":
        return "carried"
    return "right" if one.earned == one.of else "partly" if one.earned else "wrong"


def _asked(about: Subject) -> str:
    try:
        return typst(about.problem.asked(about.problem.question(about.part)))
    except DeriveError:  # an answer without a formula of its own: a shape, a count
        return ""


def _pieces(one: Marked) -> list[Marked]:
    """Each statement of a display by itself; what is noted of all of it stands at the last."""
    if not all(piece.text for piece in one.outcome.pieces) or not one.outcome.pieces:
        return [one]
    pieces = [Marked(replace(one.line, text=piece.text), piece) for piece in one.outcome.pieces]
    return [*pieces[:-1], replace(pieces[-1], points=one.points, note=one.note)]


def _statement(one: Marked, about: Subject) -> dict[str, object]:
    found = one.outcome.judgement
    written = f"def {one.line.function}(...)" if one.line.function else " ".join(one.line.text.split())
    cut = written if len(written) <= MAX_WRITTEN else written[: MAX_WRITTEN - 3] + "..."
    facts = [("", counterexample(found.counterexample))] if found.counterexample is not None else []
    facts += [("reading", found.reading)] if found.reading else []
    facts += [("", one.note)] if one.note else []
    told = [[label, prose(fact, about)] for label, fact in facts]
    link = found.link if found.link != found.read_as else ""
    return {
        "label": shown(one.line.label), "place": _place(one, about), "written": breakable(cut),
        "verdict": found.verdict, "said": _said(found), "read_as": _formula(found.read_as, about),
        "link": _formula(link, about), "facts": told,
        "code": [shown(line) for line in one.outcome.tried.splitlines()],
        "repairs": [] if one.outcome.tried else [
            {"text": prose(one.text, about), "formula": _formula(one.repair if says_more(one) else "", about)}
            for one in found.diagnosis
        ],
        "points": "" if one.points is None else str(number(one.points)),
    }  # fmt: skip


def _place(one: Marked, about: Subject) -> str:
    return "" if one.line.place == f"part {about.part}" else shown(one.line.place)


def _said(found: Judgement) -> str:
    if found.error is not None:
        return in_lines(f"column {found.error.position + 1}: {found.error.message}")
    return in_lines(said_of(found))


def in_lines(text: str) -> str:
    """What we say of an answer, with the few signs of LaTeX in it spelled out."""
    plain = re.sub(r"\\text\{([^{}]*)\}", r"\1", text)
    plain = re.sub(r"\\frac\{(\d+)\}\{(\d+)\}", r"\1/\2", plain)
    for sign, shorter in PLAIN.items():
        plain = plain.replace(sign, shorter)
    return breakable(plain)


def breakable(text: str) -> str:
    """On one line, with places for it to break, as formulas in their source have few."""
    return re.sub(rf"([}})\],;=+&]|\S{{{UNBROKEN}}})(?=\S)", rf"\1{ZERO_WIDTH_SPACE}", shown(text))


def prose(text: str, about: Subject) -> list[tuple[str, str]]:
    """What we say of an answer, in pieces of text and of mathematics, the latter as Typst prints it."""
    found: list[tuple[str, str]] = []
    for piece, is_formula in pieces(text):
        formula = mathematics(piece, about) if is_formula else ()
        found.append(("math", formula[0]) if len(formula) == 1 else ("text", in_lines(piece)))
    return found


def _formula(text: str, about: Subject) -> dict[str, object]:
    """A formula as lines of mathematics, and as it is spelled where it is none in the problem's names."""
    return {"math": mathematics(text, about), "plain": in_lines(text)}


@lru_cache(maxsize=10_000)  # many students write the same
def mathematics(text: str, about: Subject) -> tuple[str, ...]:
    """What was read, as Typst mathematics line by line; nothing where it is no formula in the problem's names."""
    try:
        return tuple(
            line
            for piece in text.split(" ; ") if piece
            for chain in read_statement(piece, about.known.names).chains
            for line in _lines(chain.sides, chain.relations, len(piece) > ONE_LINE)
        )  # fmt: skip
    except DeriveError:
        return ()


def _lines(sides: tuple[Side, ...], relations: Iterable[str], long: bool) -> list[str]:
    """A long chain goes on in a new line before each relation but the first."""
    rest = [f"{RELATIONS[sign]} {_side(side)}" for side, sign in zip(sides[1:], relations, strict=True)]
    first = " ".join([_side(sides[0]), *(rest[:1] if long else rest)])
    return [first, *(f"quad {piece}" for piece in rest[1:])] if long else [first]


def _side(side: Side) -> str:
    if isinstance(side, Open):
        return typst(side.entry)
    if not isinstance(side, Table):
        return typst(side)
    if side.vector:
        return f"lr({_FENCES.get(side.fence, '( {} )').format(', '.join(map(typst, side.cells)))})"
    return f"mat({'; '.join(', '.join(map(typst, row)) for row in side.rows)})"


_FENCES: Mapping[str, str] = {"{}": "{{ {} }}", "[)": "[ {} )", "(]": "( {} ]", "[]": "[ {} ]"}
