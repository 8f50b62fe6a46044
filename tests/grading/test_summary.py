"""What a class got right and wrong, in numbers and on a screen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from grading.serial import judge

from derive.cli.main import run
from derive.cli.progress import Rate, duration
from derive.grading.course import Course
from derive.grading.grade import Results, grade
from derive.grading.reports import as_json
from derive.grading.sheet import Answer, Answered, Line, Sheet
from derive.grading.summary import class_text, summary

RIGHT = r"\sum_i \frac{\partial f}{\partial y_i}"
MINUS = rf"-{RIGHT}"
DOUBLE = rf"2 {RIGHT}"
GAMMA = r"\sum_i \frac{\partial f}{\partial y_i} \hat x_i"


def sheets(*answers: dict[str, str], problem: str = "bn_backward") -> Results:
    read = [
        Sheet(f"s{k:03}", (Answered(problem, tuple(Answer(p, (Line(text),)) for p, text in one.items())),), f"s{k}.md")
        for k, one in enumerate(answers)
    ]
    return grade(read, Course(), None, judge)


def row(results: Results, part: str) -> dict[str, object]:
    return next(one for one in summary(results.sheets) if one["part"] == part)


def test_by_part_and_mistake() -> None:
    found = sheets({"beta": MINUS}, {"beta": DOUBLE}, {"beta": RIGHT}, {"beta": MINUS}, {"beta": r"\foo"}, {})
    beta = row(found, "beta")
    counts = {name: beta[name] for name in ("count", "right", "partly", "carried", "wrong", "missing", "person")}
    assert counts == {"count": 6, "right": 1, "partly": 0, "carried": 0, "wrong": 3, "missing": 1, "person": 1}
    mistakes = beta["mistakes"]
    assert isinstance(mistakes, list)
    assert [(one["kind"], one["count"]) for one in mistakes] == [("sign", 2), ("factor", 1)]
    repaired = r"\frac{\partial f}{\partial \beta} = \sum_{i=1}^{m} \frac{\partial f}{\partial y_{i}}"
    assert {one["repair"] for one in mistakes} == {repaired}
    assert as_json(found)["summary"] == summary(found.sheets)


def test_mistakes_that_are_told_alike_but_repaired_otherwise_are_two() -> None:
    found = sheets({"beta": MINUS, "gamma": f"-{GAMMA}"}, {"beta": MINUS}, {"beta": RIGHT})
    assert [one["count"] for one in row(found, "beta")["mistakes"]] == [2]  # type: ignore[attr-defined]
    assert [one["count"] for one in row(found, "gamma")["mistakes"]] == [1]  # type: ignore[attr-defined]


def test_why_answers_are_left_to_a_person() -> None:
    found = sheets({"beta": r"\foo"}, {"beta": r"\foo"}, {"beta": MINUS}, {"beta": "see page 3"})
    reasons = row(found, "beta")["reasons"]
    assert isinstance(reasons, list)
    assert [one["count"] for one in reasons] == [2, 1]
    why = r"cannot be read at column 1: '\foo' is not something that is read here"
    assert reasons[0]["text"].startswith(why)
    assert f"    2 × for a person: {why}" in class_text(found.sheets)
    assert "page" not in class_text(found.sheets)  # what one wrote alone is told in the report on the one


def test_what_is_carried_is_no_mistake_of_the_part() -> None:
    wrong = {
        "xhat": r"\frac{\partial f}{\partial y_i}",
        "var": r"-\frac12 \sum_i \frac{\partial f}{\partial y_i} (x_i-\mu) (\sigma^2+\epsilon)^{-3/2}",
    }
    found = sheets(wrong, wrong)
    assert row(found, "var")["carried"] == 2
    assert row(found, "var")["mistakes"] == []
    assert row(found, "xhat")["wrong"] == 2


def test_the_order_of_the_sheets_does_not_matter() -> None:
    answers = [{"beta": text} for text in (MINUS, DOUBLE, rf"3 {RIGHT}", rf"4 {RIGHT}", rf"5 {RIGHT}")]
    assert summary(sheets(*answers).sheets) == summary(sheets(*answers[::-1]).sheets)


def test_a_class_of_thirty_fits_on_a_screen() -> None:
    answers = [{"beta": MINUS, "gamma": GAMMA, "x": DOUBLE, "mu": r"\foo"}] * 15
    answers += [{"beta": DOUBLE, "gamma": f"-{GAMMA}"}, {"beta": RIGHT, "xhat": "1", "var": "2"}, {}] * 5
    shown = class_text(sheets(*answers).sheets, unreadable=1)
    lines = shown.splitlines()
    assert lines[0] == "30 sheets: 20 of 180 points, 15 more for a person to decide; 1 could not be read"
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 100
    assert lines[2].split() == ["right", "wrong", "missing", "person"]
    (beta,) = (number for number, line in enumerate(lines) if line.startswith("  beta "))
    assert lines[beta].split() == ["beta", "5", "20", "5", "."]
    repaired = r"\sum_{i=1}^{m} \frac{\partial f}{\partial y_{i}}"
    assert lines[beta + 1] == rf"    15 × a minus sign is too many: {repaired}"
    assert lines[beta + 2] == rf"    5 × the factor 2 is too many: {repaired}"
    assert "r right, w wrong, - missing, ? person; parts in the order above" in shown
    assert "s000  1/6  rw--?w" in shown
    assert all(f"s{k:03} " in shown for k in range(30))


def test_a_course_is_told_by_part_alone() -> None:
    shown = class_text(sheets(*({"beta": RIGHT} for _ in range(61))).sheets)
    assert "s000" not in shown
    assert "  beta  " in shown


def test_a_name_cannot_write_to_the_terminal() -> None:
    found = sheets({"beta": RIGHT})
    named = Sheet("\x1b[31m" + "n" * 99, (Answered("bn_backward", ()),), "s.md")
    shown = class_text([*found.sheets, *grade([named], Course(), None, judge).sheets])
    assert "\x1b" not in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_it_is_shown_where_the_reports_go_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(json.dumps({"problem": "bn_backward", "answers": {"beta": RIGHT}}))
    words = ["grade", str(tmp_path / "a.json"), str(tmp_path / "b.json"), "-o", str(tmp_path / "out")]
    assert run([*words, "--format", "csv"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("2 sheets: 2 of 12 points\n")
    assert (tmp_path / "out").read_text().startswith("student,")
    assert run([*words, "--json"]) == 0
    assert capsys.readouterr().out == ""
    assert run(words[:-2]) == 0
    assert capsys.readouterr().out.endswith(f"\n\n{shown}")


def test_rate_and_time_left() -> None:
    said: list[str] = []
    now = [0.0]
    rate = Rate(said.append, "statements", clock=lambda: now[0])
    rate(20, 1000)  # these were in the store
    for count, at in ((21, 0.1), (60, 2.0), (61, 2.01), (1000, 30.0)):
        now[0] = at
        rate(count, 1000)
    now[0] = 31.0
    rate(0, 10)  # a second round
    now[0] = 32.0
    rate(1, 10)
    assert said == [
        "judged 20 of 1000 statements",
        "judged 60 of 1000 statements, 20 a second, 47 s left",
        "judged 1000 of 1000 statements, 33 a second, 0 s left",
        "judged 0 of 10 statements",
        "judged 1 of 10 statements, 1.0 a second, 9 s left",
    ]
    assert [duration(seconds) for seconds in (0.4, 59.6, 185, 7260)] == [
        "0 s",
        "1 min 00 s",
        "3 min 05 s",
        "2 h 01 min",
    ]
