"""Marks for other systems: Gradescope's and PrairieLearn's results.json, and JUnit XML.

Gradescope: https://gradescope-autograders.readthedocs.io/en/latest/specs/, section "Output format".
PrairieLearn: https://docs.prairielearn.com/externalGrading/, section "Grading results".
JUnit: the schema junit-10.xsd of Jenkins' xUnit plugin.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from derive.errors import UsageError
from derive.grading.grade import Results
from derive.grading.marks import Mark, SheetMarks
from derive.grading.reports import details, said_of_mark, total_of
from derive.grading.scheme import number


def as_gradescope(results: Results) -> dict[str, object]:
    """One submission as Gradescope reads it; a part left to a person has no score and no status of its own.

    Files beside the sheet that are none, such as a picture, are named.
    """
    sheet, others = _submission(results, "gradescope")
    if sheet is None:
        text = f"Needs a person: {'; '.join(others)}"
        return {"score": 0, "output": text, "output_format": "text", "tests": []}
    tests = [_test(mark, name) for name, mark in _named(sheet)]
    return {"score": number(sheet.earned), "output": _output(sheet, others), "output_format": "text", "tests": tests}


def as_prairielearn(results: Results) -> dict[str, object]:
    """One submission as PrairieLearn reads it from an external grader.

    While something is left to a person it is not gradable: no attempt and no points are lost by it.
    """
    sheet, others = _submission(results, "prairielearn")
    if sheet is None:
        return {"gradable": False, "score": 0.0, "format_errors": others, "tests": []}
    tests = [
        {
            "name": name, "points": number(mark.earned), "max_points": number(mark.of), "message": said_of_mark(mark),
            "output": "\n".join(details(mark)),
        }
        for name, mark in _named(sheet)
    ]  # fmt: skip
    score = float(sheet.earned / sheet.of) if sheet.of else 0.0
    found: dict[str, object] = {"gradable": True, "score": score, "output": _output(sheet, others), "tests": tests}
    if sheet.open:
        errors = [f"{name}: {said_of_mark(mark)}" for name, mark in _named(sheet) if mark.open]
        found |= {"gradable": False, "format_errors": errors}
    return found


def _submission(results: Results, kind: str) -> tuple[SheetMarks | None, list[str]]:
    """The one sheet, and what is said of files that are none."""
    if len(results.sheets) > 1:
        both = ", ".join(sheet.source for sheet in results.sheets[:5])
        raise UsageError(f"--format {kind} is for one sheet, that of one submission; there are {both}")
    others = [f"{Path(one.source).name} {one.why}" for one in results.unreadable]
    return (results.sheets[0] if results.sheets else None), others


def _named(sheet: SheetMarks) -> list[tuple[str, Mark]]:
    """Each mark with its part, and the problem where there are several."""
    several = len(sheet.problems) > 1
    return [
        (f"{graded.problem}: {mark.part}" if several else mark.part, mark)
        for graded in sheet.problems
        for mark in graded.marks
    ]


def _output(sheet: SheetMarks, others: list[str]) -> str:
    notes = [note for graded in sheet.problems for note in graded.notes]
    return "\n".join([total_of(sheet), *notes, *(f"not read: {other}" for other in others)])


def _test(mark: Mark, name: str) -> dict[str, object]:
    output = "\n".join([said_of_mark(mark), *details(mark)])
    found: dict[str, object] = {"name": name, "max_score": number(mark.of), "output": output, "output_format": "text"}
    if not mark.open:
        found["score"] = number(mark.earned)
        found["status"] = "passed" if mark.earned == mark.of else "failed"
    return found


def as_junit(results: Results) -> str:
    """A suite a sheet, a case a part: a wrong one fails, one that is left to a person is skipped."""
    root = ElementTree.Element("testsuites")
    for sheet in results.sheets:
        root.append(_suite(sheet))
    for one in results.unreadable:
        suite = ElementTree.SubElement(root, "testsuite", _counts(one.source, 1, 0, 0, 1))
        case = ElementTree.SubElement(suite, "testcase", {"classname": _legal(one.source), "name": "sheet"})
        ElementTree.SubElement(case, "error", {"message": _legal(one.why)})
    ElementTree.indent(root)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{ElementTree.tostring(root, encoding='unicode')}\n"


def _suite(sheet: SheetMarks) -> ElementTree.Element:
    marks = sheet.marks
    failed, skipped = [mark for mark in marks if _fails(mark)], [mark for mark in marks if mark.open]
    suite = ElementTree.Element("testsuite", _counts(sheet.student, len(marks), len(failed), len(skipped), 0))
    for graded in sheet.problems:
        for mark in graded.marks:
            name = {"classname": f"{_legal(sheet.student)}.{graded.problem}", "name": mark.part}
            case = ElementTree.SubElement(suite, "testcase", name)
            if mark.open:
                ElementTree.SubElement(case, "skipped", {"message": _legal(said_of_mark(mark))})
            elif _fails(mark):
                failure = ElementTree.SubElement(case, "failure", {"message": _legal(said_of_mark(mark))})
                failure.text = _legal("\n".join(details(mark)))
    return suite


def _fails(mark: Mark) -> bool:
    return not mark.open and mark.earned < mark.of


def _counts(name: str, tests: int, failures: int, skipped: int, errors: int) -> dict[str, str]:
    return {
        "name": _legal(name), "tests": str(tests), "failures": str(failures), "skipped": str(skipped),
        "errors": str(errors),
    }  # fmt: skip


def _legal(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return "".join(
        c for c in text if c in "\t\n" or 0x20 <= ord(c) < 0xD800 or 0xE000 <= ord(c) not in (0xFFFE, 0xFFFF)
    )
