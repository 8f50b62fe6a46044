r"""How a count is worked out: 6 \cdot (5^2 + 1) = 156, next to what was typed, so that it shows where they part."""

from __future__ import annotations

import re
from collections import Counter as Counter_
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction

from msgspec.structs import replace

from derive.engines.answers import Counter
from derive.engines.costs import SUMMED
from derive.engines.counted_steps import steps_of
from derive.errors import DeriveError
from derive.judging.counting.places import choices_of, program_of
from derive.judging.digits import slip
from derive.judging.subject import Subject
from derive.language.answers import Shape
from derive.language.counting import Count
from derive.language.derivation import Part, Step
from derive.language.expression import Expr, Mul, Number, Pow
from derive.language.judgement import Failure, Finding
from derive.language.layer import Layer, Parallel, Sequence
from derive.reading.answer_text import Answer
from derive.rendering.formula import latex

_TIMES = re.compile(r"\\(?:times|cdot)(?![A-Za-z])|[*×·⋅]|(?<=\d)\s*x\s*(?=\d)")


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


def departing(subject: Subject, part: Part, answer: Answer) -> Finding | None:
    """The one factor in which a typed product departs from the right one."""
    expected = next((found for step in reversed(_steps(subject, part)) if (found := _factors(step.before))), None)
    for piece in answer.values:
        typed = _factors_of(piece.text)
        if expected is None or typed is None:
            continue
        more, less = typed - expected, expected - typed
        if sum(more.values()) == sum(less.values()) == 1:
            (one,), (other,) = more, less
            slipped = slip(Fraction(other), Fraction(one))
            transposed = slipped is not None and slipped.kind == "digits transposed"
            kind = "digits transposed" if transposed else "another factor"
            return Finding(kind, f"the factor {one} stands where {other} belongs", latex(part.claim.right))
        if not more and sum(less.values()) == 1:
            return Finding("missing factor", f"the factor {next(iter(less))} is missing", latex(part.claim.right))
    return None


def misadded(subject: Subject, part: Part, answer: Answer) -> Finding | None:
    """The one number in a typed sum over the layers that is another one, and whose it is."""
    wants = part.question.wants
    if not isinstance(wants, Count) or wants.layer or wants.what not in SUMMED:
        return None
    counter, choices = Counter(program_of(subject)), {**choices_of(subject), **wants.choices}
    names = [layer.name for layer in _named(program_of(subject).network(wants.network).layers)]
    layers = {name: counter.answer(replace(wants, layer=name), choices) for name in names}
    right = {name: int(one.value) for name, one in layers.items() if isinstance(one, Number) and one.value}
    for piece in answer.values:
        terms = [one.strip() for one in piece.text.split("+")]
        if len(terms) != len(right) or not all(re.fullmatch(r"\d[\d,{}\\ ]*", one) for one in terms):
            continue
        typed = Counter_(int(re.sub(r"\D", "", one)) for one in terms)
        more, less = typed - Counter_(right.values()), Counter_(right.values()) - typed
        if sum(more.values()) == sum(less.values()) == 1:
            (one,), (other,) = more, less
            name = next(name for name, value in right.items() if value == other)
            text = f"{one} stands where {other} of {name} belongs"
            return Finding("another summand", text, latex(part.claim.right))
    return None


def _named(layers: tuple[Layer, ...]) -> Iterator[Layer]:
    """The layers, or branches, that a total is the sum of."""
    for layer in layers:
        if layer.name:
            yield layer
        elif isinstance(layer, Parallel):
            yield from _named(layer.branches)
        elif isinstance(layer, Sequence):
            yield from _named(layer.layers)


def _factors(expr: Expr) -> Counter_[int] | None:
    """The whole numbers that a product is made of, without ones; None where it is none."""
    match expr:
        case Number(value) if value.denominator == 1:
            return Counter_([int(value)] if value != 1 else [])
        case Pow(Number(base), Number(exponent)) if base.denominator == exponent.denominator == 1 and exponent > 0:
            return Counter_({int(base): int(exponent)})
        case Mul(factors):
            found = [_factors(one) for one in factors]
            return sum((one for one in found if one is not None), Counter_()) if None not in found else None
    return None


def _factors_of(text: str) -> Counter_[int] | None:
    """Of a typed product of numbers and of small powers."""
    factors = [one.strip() for one in _TIMES.split(text)]
    found: Counter_[int] = Counter_()
    for one in factors:
        match = re.fullmatch(r"(\d{1,9})(?:\^\{?([1-9])\}?)?", one.replace(",", ""))
        if match is None or len(factors) < 2:
            return None
        found[int(match[1])] += int(match[2] or 1)
    return found - Counter_({1: found[1]})
