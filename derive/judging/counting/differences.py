"""Differences of two counts: "the bottleneck block has 896 parameters fewer", "saves 18,496 - 17,600 = 896"."""

from __future__ import annotations

from collections.abc import Iterator

from derive.algebra.whole import as_expression, whole
from derive.engines.answers import Counter
from derive.judging.counting.outcomes import Outcome, together
from derive.judging.counting.places import choices_of, program_of
from derive.judging.counting.quotients import named
from derive.judging.counting.values import as_number, close, same, to_its_digits, told
from derive.judging.subject import Subject
from derive.language.counting import CONVENTIONS, QUANTITIES, Choices, Count
from derive.language.expression import Expr
from derive.language.judgement import Failure, Finding, Judgement
from derive.reading.answer_text import Answer
from derive.reading.answers import Values
from derive.rendering.formula import latex


def judge_apart(subject: Subject, answer: Answer, pairs: list[tuple[Count, Count]]) -> Judgement:
    """How much more the first of each pair is than the second, over all pairs that may be meant."""
    readers = [Values(piece, answer.text, {}) for piece in answer.values]
    said = [reader.number() for reader in readers]
    rounded = answer.rounded or any(reader.decimal for reader in readers)
    outcomes = [_outcome(subject, one, other, said, rounded=rounded) for one, other in pairs]
    read_as = f"{answer.label.text}; {answer.behind}: {' = '.join(map(latex, said))}"
    compared = ", ".join(dict.fromkeys(one.where for one in outcomes))
    return together(outcomes, "the sizes of the problem", read_as, f"compared are {compared}")


def _outcome(subject: Subject, one: Count, other: Count, said: list[Expr], *, rounded: bool) -> Outcome:
    where = f"{named(one)} : {named(other)}"
    ways = list(_apart(subject, one, other))
    for convention, apart in ways:
        if all(same(value, apart) or (rounded and _rounds(value, apart)) for value in said):
            return Outcome(where, "needs" if convention else "true", told(convention))
    right = ways[0][1]
    if rounded and any(all(_near(value, apart) for value in said) for _, apart in ways):
        return Outcome(where, "open", "a rounded number is near the right one; write all of its digits")
    wrong = next(value for value in said if not same(value, right))
    finding = Finding("value", f"they are {latex(right)} apart", latex(right))
    return Outcome(where, "false", failure=Failure({}, {}, latex(right), latex(wrong)), findings=(finding,))


def _apart(subject: Subject, one: Count, other: Count) -> Iterator[tuple[Choices, Expr]]:
    """The difference under the conventions in force, then where every layer has a bias or none has."""
    counter, choices = Counter(program_of(subject)), choices_of(subject)
    free = "bias" in QUANTITIES[one.what][1] and "bias" not in {**one.choices, **other.choices}
    changes: list[Choices] = [{}, *({"bias": option} for option in CONVENTIONS["bias"] if free)]
    for change in changes:
        more, less = (counter.answer(each, {**choices, **change, **each.choices}) for each in (one, other))
        yield change, as_expression(whole(more) - whole(less))


def _rounds(value: Expr, right: Expr) -> bool:
    number, exact = as_number(value), as_number(right)
    return number is not None and exact is not None and to_its_digits(number, exact)


def _near(value: Expr, right: Expr) -> bool:
    number, exact = as_number(value), as_number(right)
    return number is not None and exact is not None and close(number, exact)
