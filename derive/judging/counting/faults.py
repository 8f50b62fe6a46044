"""What went wrong with a count: a known way of miscounting that gives the very same value, else the digits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from msgspec.structs import replace

from derive.algebra.whole import as_expression
from derive.engines.answers import Counter
from derive.engines.costs import SUMMED, values
from derive.engines.faults import CHANGES, SLIPS, with_fault
from derive.engines.ledger import ledger
from derive.errors import DeriveError
from derive.judging.counting.places import choices_of, program_of
from derive.judging.counting.shapes import misplaced, misshapen
from derive.judging.counting.values import as_number, compare_shape, same, to_its_digits
from derive.judging.counting.variants import everywhere, miscounted
from derive.judging.digits import misprint, slip
from derive.judging.subject import Subject
from derive.language.answers import Region, Shape
from derive.language.counting import Count, Counting
from derive.language.derivation import Part
from derive.language.expression import Expr, Number
from derive.language.judgement import Finding
from derive.language.layer import every_layer
from derive.rendering.formula import latex

# what is seen from the number alone, without a way of counting that gives it
BY_LOOKS = frozenset({"value", "shape", "digits transposed", "digit", "sign", "off by one", "factor", "power of ten",
                      "another part", "another layer", "another factor", "missing factor"})  # fmt: skip


def explained(subject: Subject, part: Part, said: Expr, *, rounded: bool = False) -> tuple[Finding, ...]:
    """Why a false value was given, where its own way of counting gives exactly that value, or that to its digits."""
    right = latex(part.claim.right)
    for wrong in subject.known.derivation.wrong:
        if wrong.mistake.question == part.question.id and _is(wrong.claim.right, said, rounded=rounded):
            kind = wrong.mistake.fault or wrong.mistake.title
            repair = wrong.mistake.repair.replace("$", "")
            return (Finding(kind, f"{wrong.mistake.title}: {repair}", right),)
    for words, found in faulty(subject, part):
        if _is(found, said, rounded=rounded):
            return (Finding(words, f"{words}: that gives {latex(found)}", right),)
    return (next(_by_looks(subject, part, said)),)


def _is(found: Expr, said: Expr, *, rounded: bool) -> bool:
    if same(found, said):
        return True
    exact, number = as_number(found), as_number(said)
    return rounded and exact is not None and number is not None and to_its_digits(number, exact)


def slips(what: str) -> list[str]:
    """The slips that can happen to what is counted: there are no operations in parameters."""
    operations = what not in ("params", "acts")
    return [slip for slip in SLIPS if what in SUMMED and (operations or slip != "MAC = 2 FLOP inverted")]


def faulty(subject: Subject, part: Part) -> Iterator[tuple[str, Expr]]:
    """What comes out with each fault in the layer that is asked about, in every layer, with two of them; miscounted."""
    wants, program = part.question.wants, program_of(subject)
    if not isinstance(wants, Count) or wants.what == "map":
        return
    choices = {**choices_of(subject), **wants.choices}

    def answer(other: Counting) -> Expr:
        return Counter(other).answer(wants, choices)

    for fault in (*CHANGES, *slips(wants.what)):
        with suppress(DeriveError):
            yield fault, with_fault(fault, program, wants, answer)
    for words, changed in everywhere(program):
        with suppress(DeriveError):
            yield words, answer(changed)
    yield from miscounted(program, wants, choices, part.claim.right)


def _answers(part: Part, said: Expr) -> bool:
    if isinstance(said, Shape) and isinstance(part.claim.right, Shape) and isinstance(part.question.wants, Count):
        return compare_shape(part, said).verdict == "proved"
    return same(part.claim.right, said)


def _by_looks(subject: Subject, part: Part, said: Expr) -> Iterator[Finding]:
    """Its digits, then another part or layer that it is right for, then a factor; something in any case."""
    right = part.claim.right
    found = slip(right.value, said.value) if isinstance(right, Number) and isinstance(said, Number) else None
    if found is not None and found.kind in ("digits transposed", "sign", "off by one"):
        yield found
    yield from _of_another_network(subject, part, said)
    for other in subject.known.derivation.parts:
        if other is not part and type(other.claim.right) is type(right) and _answers(other, said):
            text = f"that is the answer to {other.question.id}: {other.question.text}"
            yield Finding("another part", text, latex(right))
    yield from _of_another_layer(subject, part, said)
    exact, number = as_number(right), as_number(said)
    if exact is not None and number is not None and (misprinted := misprint(exact, number)) is not None:
        yield misprinted
    if found is not None:
        yield found
    if isinstance(right, Shape) and isinstance(said, Shape):
        yield misshapen(part, said)
    if isinstance(right, Region) and isinstance(said, Region):
        yield from misplaced(right, said)
    yield Finding("value", "the answer is another one", latex(right))


def _of_another_network(subject: Subject, part: Part, said: Expr) -> Iterator[Finding]:
    """What the layer of the same name comes to elsewhere: the naive branch for the one with a bottleneck."""
    wants, program = part.question.wants, program_of(subject)
    if not isinstance(wants, Count) or not wants.layer or wants.what not in SUMMED:
        return
    for name, network in program.networks.items():
        with suppress(DeriveError):
            if network is not program.network(wants.network) and any(r.belongs(wants.layer) for r in ledger(network)):
                other = Counter(program).answer(replace(wants, network=name), {**choices_of(subject), **wants.choices})
                if same(other, said):
                    yield Finding("another network", f"that is what it is for {network.title}", latex(part.claim.right))


def _of_another_layer(subject: Subject, part: Part, said: Expr) -> Iterator[Finding]:
    """What it is for another layer of the network; for a row of features, also how many values that layer gives."""
    wants, program = part.question.wants, program_of(subject)
    if not isinstance(wants, Count) or not wants.layer:
        return
    choices, network = {**choices_of(subject), **wants.choices}, program.network(wants.network)
    right, counter = latex(part.claim.right), Counter(program)
    for name in (layer.name for layer in every_layer(network.layers) if layer.name not in ("", wants.layer)):
        with suppress(DeriveError):
            if same(counter.answer(replace(wants, layer=name), choices), said):
                yield Finding("another layer", f"that is what it is for {name}", right)
    if isinstance(said, Shape) and len(said.sizes) == 1:
        for row in ledger(network):
            if row.layer.name and same(as_expression(values(row.out)), said.sizes[0]):
                yield Finding("another layer", f"that is how many values {row.layer.name} gives", right)
