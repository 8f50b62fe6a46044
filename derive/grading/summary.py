"""What a class got right and wrong: by part, with the mistakes that were made most, and a line of letters a student."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeVar

from msgspec import Struct

from derive.grading.marks import Mark, SheetMarks
from derive.grading.reading import shown
from derive.grading.scheme import number

LETTERS = {"right": "r", "partly": "p", "carried": "c", "wrong": "w", "missing": "-", "person": "?"}
HEADS = {
    "right": "right", "partly": "in part", "carried": "carried", "wrong": "wrong", "missing": "missing",
    "person": "person",
}  # fmt: skip
MOST_COMMON = 3  # of the mistakes of a part
COMMON = 2  # what one made alone is told in the report on the one
LISTED = 60  # students; more do not fit on a screen
WIDTH = 100
GAP = "   "
Mistake = tuple[str, str, str]  # kind, sentence, repaired form
Key = TypeVar("Key", Mistake, str)


class Row(Struct):
    """A part: how many of each verdict, its mistakes, and why answers to it are left to a person."""

    problem: str
    part: str
    statuses: Counter[str]
    mistakes: Counter[Mistake]
    reasons: Counter[str]


def summary(sheets: Sequence[SheetMarks]) -> list[dict[str, object]]:
    """By part: how many of each verdict, and the mistakes that are made most."""
    return [
        {
            "problem": row.problem, "part": row.part, "count": row.statuses.total(),
            **{name: row.statuses[name] for name in LETTERS},
            "mistakes": [
                {"kind": kind, "text": text, "repair": repair, "count": count}
                for (kind, text, repair), count in _most(row.mistakes)
            ],
            "reasons": [{"text": text, "count": count} for text, count in _most(row.reasons)],
        }
        for row in _rows(sheets)
    ]  # fmt: skip


def _rows(sheets: Sequence[SheetMarks]) -> list[Row]:
    found: dict[tuple[str, str], Row] = {}
    for sheet in sheets:
        for graded in sheet.problems:
            for mark in graded.marks:
                key = (graded.problem, mark.part)
                row = found.setdefault(key, Row(*key, Counter(), Counter(), Counter()))
                row.statuses[mark.status] += 1
                row.mistakes.update(_mistakes(mark))
                row.reasons.update([mark.reason] if mark.status == "person" else [])
    return list(found.values())


def _mistakes(mark: Mark) -> set[Mistake]:
    """Kind, sentence and repaired form of what is wrong: each once, and none of what was carried here."""
    findings = (one.outcome.judgement.diagnosis[:1] for one in mark.lines)
    return {(one.kind, one.text, one.repair) for found in findings for one in found if mark.status != "carried"}


def _most(told: Counter[Key]) -> list[tuple[Key, int]]:
    """The order does not depend on that of the sheets."""
    return sorted(told.items(), key=lambda one: (-one[1], one[0]))[:MOST_COMMON]


def class_text(sheets: Sequence[SheetMarks], unreadable: int = 0, width: int = WIDTH) -> str:
    """On one screen for a class of thirty."""
    earned, open_, of = (sum(getattr(sheet, name) for sheet in sheets) for name in ("earned", "open", "of"))
    head = f"{len(sheets)} sheets: {number(earned)} of {number(of)} points"
    head += f", {number(open_)} more for a person to decide" if open_ else ""
    head += f"; {unreadable} could not be read" if unreadable else ""
    blocks = [[head], list(_table(_rows(sheets), width))]
    if len(sheets) <= LISTED:
        blocks.append(list(_students(sheets, width)))
    return "\n\n".join("\n".join(lines) for lines in blocks if lines) + "\n"


def _table(rows: Sequence[Row], width: int) -> Iterator[str]:
    """A line a part, its mistakes below."""
    several = len({row.problem for row in rows}) > 1
    names = [f"{row.problem} {row.part}" if several else row.part for row in rows]
    heads = {status: head for status, head in HEADS.items() if any(row.statuses[status] for row in rows)}
    wide = max(map(len, names), default=0)
    yield f"  {'':{wide}}{''.join(f'{head:>{len(head) + 2}}' for head in heads.values())}".rstrip()
    for name, row in zip(names, rows, strict=True):
        cells = (f"{row.statuses[status] or '.':>{len(head) + 2}}" for status, head in heads.items())
        yield f"  {name:{wide}}{''.join(cells)}"
        told = [(_mistake(*mistake), count) for mistake, count in _most(row.mistakes)]
        told += [(f"for a person: {reason}", count) for reason, count in _most(row.reasons)]
        yield from (_short(f"    {count} × {shown(text)}", width) for text, count in told if count >= COMMON)


def _mistake(kind: str, text: str, repair: str) -> str:
    right = repair.partition(" = ")[2] or repair  # what stands on the left is the same in all of them
    return f"{text}: {right}" if right and not text.endswith(f" {right}") else text


def _students(sheets: Sequence[SheetMarks], width: int) -> Iterator[str]:
    """Points, and a letter a part, in columns."""
    used = {mark.status for sheet in sheets for mark in sheet.marks}
    yield (
        "  "
        + ", ".join(f"{LETTERS[status]} {head}" for status, head in HEADS.items() if status in used)
        + "; parts in the order above"
    )
    names = [_short(shown(sheet.student), 24) for sheet in sheets]
    points = [f"{number(sheet.earned)}/{number(sheet.of)}" for sheet in sheets]
    wide, most = max(map(len, names), default=0), max(map(len, points), default=0)
    cells = [
        f"{name:{wide}}  {total:>{most}}  {_letters(sheet)}"
        for name, total, sheet in zip(names, points, sheets, strict=True)
    ]
    widest = max(map(len, cells), default=0)
    columns = max(1, (width - 2 + len(GAP)) // (widest + len(GAP)))
    height = -(-len(cells) // columns)
    for row in range(height):
        yield "  " + GAP.join(f"{cell:{widest}}" for cell in cells[row::height]).rstrip()


def _letters(sheet: SheetMarks) -> str:
    return " ".join("".join(LETTERS[mark.status] for mark in graded.marks) for graded in sheet.problems)


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."
