"""W' = 32 and H_out = 32: one size of an output, by the names that are usual for it.

Such a name does not say of which layer. It is judged where the part that is asked says it, or where all layers that it
may belong to lead to the same verdict.
"""

from __future__ import annotations

import re

from derive.errors import AnswerError
from derive.judging.count_faults import faulty
from derive.judging.count_values import differing, same
from derive.judging.digits import slip
from derive.judging.subject import Subject
from derive.language.answers import Shape
from derive.language.counting import Count, Counting, chosen
from derive.language.derivation import Part
from derive.language.expression import Expr, Number
from derive.language.judgement import Failure, Finding, Judgement
from derive.reading.answer_text import Answer, squashed
from derive.reading.answers import Values
from derive.rendering.formula import latex

AXIS = re.compile(r"([HW])(?:'|\^'|\^prime|_out)")
WORDS = {"H": "height", "W": "width"}


def names_axis(answer: Answer) -> str:
    """'H' or 'W' where the label is the height or the width of an output, else ''."""
    found = AXIS.fullmatch(squashed(answer.label.text))
    return found[1] if found and answer.equals else ""


def judge_axis(subject: Subject, answer: Answer, letters: dict[str, Expr]) -> Judgement:
    """Raises AnswerError where no layer has that axis, or where it is open which layer is meant."""
    axis = names_axis(answer)
    parts = _outputs(subject)
    if not parts or answer.behind or len(answer.values) != 1:
        raise AnswerError(f"'{answer.label.text}' is not clear here", answer.text, answer.label.at)
    values = Values(answer.values[0], answer.text, letters)
    said = values.number()
    if values.percent or values.decimal or answer.rounded:
        raise AnswerError("a whole number is expected", answer.text, answer.values[0].at)
    found = [_judged(subject, part, axis, said) for part in parts]
    if len({one.verdict for one in found}) > 1:
        layers = ", ".join(part.question.id for part in parts)
        raise AnswerError(f"it is open which layer is meant: {layers}; say which one", answer.text, answer.label.at)
    explained = next((one for one in found if one.diagnosis and one.diagnosis[0].kind != "value"), found[0])
    whose = ", ".join(_layer(part) for part in parts)
    reading = f"{answer.label.text} is the {WORDS[axis]} of the output of {whose}"
    return Judgement(explained.verdict, explained.scope, f"{answer.label.text} = {latex(said)}", reading,
                     counterexample=explained.counterexample, diagnosis=explained.diagnosis)  # fmt: skip


def _outputs(subject: Subject) -> list[Part]:
    """The shapes of two-dimensional outputs that may be meant: that of the part's own layer, else all."""
    parts = [p for p in subject.known.derivation.parts if _spatial(p)]
    if not subject.part:
        return parts
    asked = subject.problem.question(subject.part).wants
    if not isinstance(asked, Count) or not asked.layer:
        return []
    return [p for p in parts if _layer(p) == asked.layer and _wants(p).network == asked.network]


def _spatial(part: Part) -> bool:
    wants, right = part.question.wants, part.claim.right
    return isinstance(wants, Count) and wants.what == "shape" and isinstance(right, Shape) and len(right.sizes) == 3


def _wants(part: Part) -> Count:
    assert isinstance(part.question.wants, Count)
    return part.question.wants


def _layer(part: Part) -> str:
    return _wants(part).layer


def _judged(subject: Subject, part: Part, axis: str, said: Expr) -> Judgement:
    program, right = subject.problem.program, part.claim.right
    assert isinstance(program, Counting)
    assert isinstance(right, Shape)
    first = chosen({**program.choices, **_wants(part).choices}, "layout") == "channels first"
    place = "HW".index(axis) + first
    true = right.sizes[place]
    if same(true, said):
        return Judgement("proved", "the sizes of the problem")
    at = differing(true, said)
    if at is None:
        return Judgement("undecided", "no proof and no counterexample")
    diagnosis = _diagnosed(subject, part, place, true, said)
    return Judgement("refuted", counterexample=Failure(at, {}, latex(true), latex(said)), diagnosis=diagnosis)


def _diagnosed(subject: Subject, part: Part, place: int, true: Expr, said: Expr) -> tuple[Finding, ...]:
    for words, found in faulty(subject, part):
        if isinstance(found, Shape) and same(found.sizes[place], said):
            return (Finding(words, f"{words}: that gives {latex(said)}", latex(true)),)
    if isinstance(true, Number) and isinstance(said, Number):
        finding = slip(true.value, said.value)
        return () if finding is None else (finding,)
    return (Finding("value", "the size is another one", latex(true)),)
