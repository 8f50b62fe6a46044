"""Judging one after the other in this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from derive.grading.course import Course
from derive.grading.grade import Asked, grade
from derive.grading.marks import Mark
from derive.grading.sheet import Answer, Answered, Line, Sheet
from derive.grading.work import Outcome, Task, done

cached = cache(done)


def judge(asked: Sequence[Asked]) -> Mapping[Task, Outcome]:
    return {task: cached(task) for _, _, task in asked}


def marks_of(
    answers: Mapping[str, object], problem: str = "bn_backward", scheme: object = None, given: object = None
) -> dict[str, Mark]:
    """The marks of one sheet by part: a text, texts, or texts by label for each part."""
    answered = Answered(problem, tuple(map(_answer, answers.items())), given if isinstance(given, dict) else {})
    results = grade([Sheet("s", (answered,), "s.md")], Course(), scheme, judge)
    assert not results.unreadable, results.unreadable
    return {mark.part: mark for mark in results.sheets[0].marks}


def _answer(pair: tuple[str, object]) -> Answer:
    part, said = pair
    if isinstance(said, Mapping):
        return Answer(part, tuple(Line(text, label) for label, text in said.items()))
    return Answer(part, tuple(Line(text) for text in (said if isinstance(said, list) else [said])))
