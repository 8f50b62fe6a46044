"""Marks as text, JSON and CSV."""

from __future__ import annotations

import csv
import io
import unicodedata

from msgspec.structs import replace

from derive.grading.grade import Results
from derive.grading.marks import Graded, Mark, Marked, Share, SheetMarks, summary_of
from derive.grading.reading import shown
from derive.grading.scheme import number
from derive.grading.summary import class_text, summary
from derive.judging.message import message
from derive.language.judgement import Judgement

SAID = {
    "right": "right", "partly": "in part", "wrong": "wrong", "carried": "error carried forward",
    "missing": "not answered", "person": "needs a person",
}  # fmt: skip
FORMULA = ("=", "+", "-", "@", "|")  # how a cell that is run begins
SHOWN = 160  # characters of an answer


def as_text(results: Results) -> str:
    """A report for each student; with several, what the class got right and wrong at the end."""
    parts = [_of_sheet(sheet) for sheet in results.sheets]
    if len(results.sheets) > 1:
        parts.append(class_text(results.sheets, len(results.unreadable)))
    return "\n".join(parts)


def total_of(sheet: SheetMarks) -> str:
    """'3/6 points', and how many more a person decides on."""
    more = f", {number(sheet.open)} more for a person to decide" if sheet.open else ""
    return f"{number(sheet.earned)}/{number(sheet.of)} points{more}"


def whole_text(sheet: SheetMarks) -> str:
    """Everything that is said of one sheet, of right answers too."""
    return _of_sheet(sheet, whole=True)


def _of_sheet(sheet: SheetMarks, whole: bool = False) -> str:
    lines = [f"{sheet.student}: {total_of(sheet)}"]
    for graded in sheet.problems:
        lines.append(f"  {graded.problem}")
        width = max((len(mark.part) for mark in graded.marks), default=0)
        for mark in graded.marks:
            lines.append(f"    {mark.part:<{width}}  {summary_of(mark):>5}  {said_of_mark(mark)}")
            lines += [f"      {line}" for line in details(mark, whole)]
        lines += [f"    note: {note}" for note in graded.notes]
    return "\n".join(lines) + "\n"


def said_of_mark(mark: Mark) -> str:
    """The verdict on a part in a few words."""
    said = SAID[mark.status]
    return said if not mark.reason or mark.reason == said else f"{said}: {mark.reason.removeprefix(said + ': ')}"


def details(mark: Mark, whole: bool = False) -> list[str]:
    """Each statement that did not simply prove right, or each, with its counterexample and repair."""
    found: list[str] = []
    for one in mark.lines:
        proved = one.points is None and one.outcome.judgement.verdict == "proved"
        if proved and mark.status in ("right", "partly") and not whole:
            continue
        if one.outcome.tried:
            found += [shown(line) for line in one.outcome.tried.splitlines()]
            continue
        found += _of_line(one, whole)
    return found


def _of_line(one: Marked, whole: bool) -> list[str]:
    """The line with its place and what came of it; of several statements in a display, those that are not proved."""
    head = f"{one.line.label}: " if one.line.label else f"{one.line.place}: " if one.line.place else ""
    points = "" if one.points is None else f" [{number(one.points)}]"
    found = [f"{head}{_shortened(one.line.text)}{points}"]
    doubtful = [piece for piece in one.outcome.pieces if (piece.judgement.verdict != "proved" or whole) and piece.text]
    if doubtful and one.outcome.judgement.verdict != "unreadable":
        for piece in doubtful:
            found += [
                f"  {_shortened(piece.text)}",
                *(f"    {line}" for line in _said(piece.judgement, piece.text, whole)),
            ]
    else:
        found += [f"  {line}" for line in _said(one.outcome.judgement, one.line.text, whole)]
    return [shown(line) for line in ([*found, f"  {one.note}"] if one.note else found)]


def _shortened(text: str) -> str:
    """On one line, and not too long for a report."""
    flat = " ".join(text.split())
    return flat if len(flat) <= SHOWN else flat[: SHOWN - 3] + "..."


def _said(found: Judgement, text: str, whole: bool) -> list[str]:
    """How a true line was read is of no interest on a terminal; what it holds under is."""
    brief = found.verdict == "proved" and not whole
    return message(replace(found, read_as="") if brief else found, text).splitlines()


def as_json(results: Results) -> dict[str, object]:
    """Everything, as one object."""
    return {
        "sheets": [_sheet_json(sheet) for sheet in results.sheets],
        "unreadable": [{"source": one.source, "why": one.why} for one in results.unreadable],
        "summary": summary(results.sheets),
    }


def _sheet_json(sheet: SheetMarks) -> dict[str, object]:
    return {
        "student": sheet.student, "source": sheet.source, "points": number(sheet.earned), "open": number(sheet.open),
        "of": number(sheet.of), "problems": [_problem_json(graded) for graded in sheet.problems],
    }  # fmt: skip


def _problem_json(graded: Graded) -> dict[str, object]:
    parts = [
        {
            "part": mark.part, "status": mark.status, "points": number(mark.earned), "open": number(mark.open),
            "of": number(mark.of), "reason": mark.reason, "answers": [_line_json(one) for one in mark.lines],
            **({"shares": [_share_json(one) for one in mark.shares]} if mark.shares else {}),
        }
        for mark in graded.marks
    ]  # fmt: skip
    return {"problem": graded.problem, "parts": parts, "notes": list(graded.notes)}


def _share_json(one: Share) -> dict[str, object]:
    """What value or reasoning earns, where they are marked apart."""
    points = {"points": number(one.earned), "open": number(one.open), "of": number(one.of)}
    return {"name": one.name, **points, "reason": one.reason}


def _line_json(one: Marked) -> dict[str, object]:
    found: dict[str, object] = {"text": one.line.text, "place": one.line.place}
    if one.line.label:
        found["label"] = one.line.label
    if one.points is not None:
        found["points"] = number(one.points)
    if one.carried:
        found["carried"] = list(one.carried)
    return {**found, **one.outcome.judgement.as_json(), **({"note": one.note} if one.note else {})}


def as_csv(results: Results) -> str:
    """A row a student, a column a part, as RFC 4180 says; points that a person decides on stay empty, and `open` counts
    them."""
    columns = list(dict.fromkeys((g.problem, m.part) for s in results.sheets for g in s.problems for m in g.marks))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["student", *(f"{problem}.{part}" for problem, part in columns), "points", "open", "of"])
    for sheet in results.sheets:
        marks = {(g.problem, m.part): m for g in sheet.problems for m in g.marks}
        cells = [_cell(marks.get(column)) for column in columns]
        totals = [number(sheet.earned), number(sheet.open), number(sheet.of)]
        writer.writerow([_harmless(sheet.student), *cells, *totals])
    return out.getvalue()


def _cell(mark: Mark | None) -> int | float | str:
    return "" if mark is None or mark.open else number(mark.earned)


def _harmless(text: str) -> str:
    """A spreadsheet runs a cell that begins like a formula, some of them after spaces or in wide letters too."""
    return f"'{text}" if unicodedata.normalize("NFKC", text).lstrip()[:1] in FORMULA else text
