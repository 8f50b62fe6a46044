"""What went wrong with a count: a known way of miscounting that gives the very same value, else the digits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import combinations

from msgspec.structs import replace

from derive.engines.answers import Counter
from derive.engines.costs import SUMMED
from derive.engines.faults import CHANGES, SLIPS, network_with, with_fault
from derive.errors import DeriveError
from derive.judging.count_values import compare_shape, same
from derive.judging.digits import slip
from derive.judging.subject import Subject
from derive.language.answers import Shape
from derive.language.counting import Count, Counting
from derive.language.derivation import Part
from derive.language.expression import Expr, Number
from derive.language.judgement import Finding
from derive.rendering.formula import latex


def explained(subject: Subject, part: Part, said: Expr) -> tuple[Finding, ...]:
    """Why a false value was given, where its own way of counting gives exactly that value."""
    right = latex(part.claim.right)
    for wrong in subject.known.derivation.wrong:
        if wrong.mistake.question == part.question.id and same(wrong.claim.right, said):
            kind = wrong.mistake.fault or wrong.mistake.title
            repair = wrong.mistake.repair.replace("$", "")
            return (Finding(kind, f"{wrong.mistake.title}: {repair}", right),)
    for words, found in faulty(subject, part):
        if same(found, said):
            return (Finding(words, f"{words}: that gives {latex(found)}", right),)
    return tuple(_by_looks(subject, part, said))


def faulty(subject: Subject, part: Part) -> Iterator[tuple[str, Expr]]:
    """What comes out with each fault in the layer that is asked about, in every layer, and with two of them."""
    wants, program = part.question.wants, subject.problem.program
    if not isinstance(wants, Count) or not isinstance(program, Counting) or wants.what == "map":
        return
    choices = {**program.choices, **wants.choices}

    def answer(other: Counting) -> Expr:
        return Counter(other).answer(wants, choices)

    for fault in (*CHANGES, *(SLIPS if wants.what in SUMMED else ())):
        with suppress(DeriveError):
            yield fault, with_fault(fault, program, wants, answer)
    for count in (1, 2):
        for faults in combinations(CHANGES, count):
            with suppress(DeriveError):
                yield f"{' and '.join(faults)} in every layer", answer(_everywhere(program, faults))


def _everywhere(program: Counting, faults: tuple[str, ...]) -> Counting:
    networks = dict(program.networks)
    for fault in faults:
        networks = {name: network_with(fault, network) for name, network in networks.items()}
    return replace(program, networks=networks)


def _answers(part: Part, said: Expr) -> bool:
    if isinstance(said, Shape) and isinstance(part.claim.right, Shape) and isinstance(part.question.wants, Count):
        return compare_shape(part, said).verdict == "proved"
    return same(part.claim.right, said)


def _by_looks(subject: Subject, part: Part, said: Expr) -> Iterator[Finding]:
    right = part.claim.right
    if isinstance(right, Number) and isinstance(said, Number):
        found = slip(right.value, said.value)
        if found is not None and found.kind in ("digits transposed", "sign", "off by one"):
            yield found
            return
    for other in subject.known.derivation.parts:
        if other is not part and type(other.claim.right) is type(right) and _answers(other, said):
            yield Finding("another part", f"that is the answer to {other.question.id}: {other.question.text}",
                          latex(right))  # fmt: skip
            return
    if isinstance(right, Number) and isinstance(said, Number):
        found = slip(right.value, said.value)
        if found is not None:
            yield found
    elif isinstance(right, Shape) and isinstance(said, Shape):
        turned = len(said.sizes) > 1 and same(Shape(said.sizes[::-1]), right)
        text = "the axes stand the other way round" if turned else "the shape is another one"
        yield Finding("transposed" if turned else "shape", text, latex(right))
    else:
        yield Finding("value", "the answer is another one", latex(right))
