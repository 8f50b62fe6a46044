r"""How a count is worked out: 6 \cdot (5^2 + 1) = 156, next to what was typed, so that it shows where they part."""

from __future__ import annotations

from contextlib import suppress

from derive.engines.answers import Counter
from derive.engines.counted_steps import steps_of
from derive.errors import DeriveError
from derive.judging.count_places import choices_of, program_of
from derive.judging.subject import Subject
from derive.language.answers import Shape
from derive.language.counting import Count
from derive.language.derivation import Part, Step
from derive.language.judgement import Failure
from derive.reading.answer_text import Answer
from derive.rendering.formula import latex


def with_workings(subject: Subject, part: Part, failure: Failure, answer: Answer) -> Failure:
    """Both values with the numbers that they come from."""
    typed = [piece.text for piece in answer.values if piece.text]
    right = " = ".join(typed) if len(typed) > 1 else failure.right
    return Failure(failure.sizes, failure.values, _worked_out(subject, part, failure.left), right)


def _worked_out(subject: Subject, part: Part, value: str) -> str:
    """The value with the sum or product before it; of a shape, those of its axes."""
    lines = [f"{latex(step.before)} = {latex(step.after)}" for step in _steps(subject, part) if _tells(step)]
    if isinstance(part.claim.right, Shape):
        return f"{value}, from {', '.join(lines)}" if lines else value
    return lines[-1] if lines and lines[-1].endswith(f" = {value}") else value


def _tells(step: Step) -> bool:
    return step.rule in ("value", "total", "size", "start") and step.before not in (None, step.after)


def _steps(subject: Subject, part: Part) -> tuple[Step, ...]:
    wants = part.question.wants
    if part.steps or not isinstance(wants, Count):
        return part.steps
    choices = {**choices_of(subject), **wants.choices}
    with suppress(DeriveError):
        return steps_of(Counter(program_of(subject)), wants, choices, part.claim.left, part.claim.right, 1)
    return ()
