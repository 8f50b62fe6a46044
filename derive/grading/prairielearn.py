"""A question of PrairieLearn marked in its own server.py.

from derive.grading.prairielearn import mark

def grade(data):
    mark(data, "bn_backward", ["gamma", "beta"])
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from derive.errors import UsageError
from derive.grading.course import Course
from derive.grading.grade import Asked, grade
from derive.grading.reports import details, said_of_mark
from derive.grading.scheme import number
from derive.grading.sheet import Answer, Answered, Line, Sheet
from derive.grading.work import Outcome, Task, done

Names = Mapping[str, str]  # a part -> the name of the answer in question.html


def mark(
    data: dict[str, Any], problem: str, parts: Sequence[str] | Names = (), scheme: Mapping[str, object] | None = None
) -> None:
    """Sets partial_scores, score and feedback from the submitted answers; format_errors where a person is needed.

    `parts` are those that the question asks for, all where none are named; as a mapping, each with the name of its
    answer in question.html: {"gamma": "dgamma"}. `problem` is an id or the path of a file. With a format error
    PrairieLearn takes the submission for invalid: no points and no attempt are lost. Feedback is plain text, to be
    shown as {{feedback.gamma}}.

    Raises UsageError for a question that is put wrongly, never for an answer.
    """
    course = Course([problem] if "/" in problem or problem.endswith(".py") else ())
    name = next(iter(course.files), problem)
    known = course.known(name)
    names = dict(parts) if isinstance(parts, Mapping) else {part: part for part in (parts or known.parts)}
    wrong = [part for part in names if part not in known.parts]
    if wrong:
        raise UsageError(f"{name} has no part '{wrong[0]}'. Its parts are {', '.join(known.parts)}.")
    submitted = data["submitted_answers"]
    answers = tuple(_answer(part, submitted.get(names[part])) for part in names)
    sheet = Sheet("submission", (Answered(name, answers),))
    results = grade([sheet], course, json.loads(json.dumps(scheme or {})), _judged_here)
    if results.unreadable:
        raise UsageError(f"{name}: {results.unreadable[0].why}")
    marks = [one for one in results.sheets[0].marks if one.part in names]
    for one in marks:
        answer, said = names[one.part], "\n".join([said_of_mark(one), *details(one)])
        data["feedback"][answer] = said
        data["partial_scores"][answer] = {
            "score": float(one.earned / one.of) if one.of else 0.0, "weight": number(one.of), "feedback": said,
        }  # fmt: skip
        if one.open:
            data["format_errors"][answer] = said_of_mark(one)
    total = sum(float(one.of) for one in marks)
    data["score"] = sum(float(one.earned) for one in marks) / total if total else 0.0


def _answer(part: str, said: object) -> Answer:
    if said is None or said == "":
        return Answer(part)
    return Answer(part, (Line(said),)) if isinstance(said, str) else Answer(part, (), "is no text")


def _judged_here(asked: Sequence[Asked]) -> Mapping[Task, Outcome]:
    """Each answer in this process: it has a budget of steps, and the question's own process a limit on time."""
    return {task: done(task) for _, _, task in asked}
