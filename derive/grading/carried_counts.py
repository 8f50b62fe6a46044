"""Error carried forward in numbers: a part is counted again with what the student's own earlier answers say.

The layers are walked once more with the shapes and counts that were answered in place of those that follow from them,
so each answer reaches just what depends on it. A later value is explained where it is exactly what comes out then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import combinations, islice, product

from msgspec import Struct
from msgspec.structs import replace

from derive.algebra.whole import as_expression, whole
from derive.engines.answers import Counter
from derive.engines.counting import counted_part
from derive.engines.ledger import ledger
from derive.engines.shapes import Flow, laid_out
from derive.errors import DeriveError
from derive.grading.counted import CountSaid, part_of, rows_of, said_of_count, size_of
from derive.judging.check import judged
from derive.judging.counting.places import program_of
from derive.judging.counting.values import same, under_others
from derive.judging.subject import Subject
from derive.language.answers import Shape
from derive.language.counting import CONVENTIONS, Choices, Count, Counting, Ratio
from derive.language.expression import ONE, ZERO, Expr, Number
from derive.language.judgement import Judgement
from derive.language.layer import Layer, Network, Stated, every_layer
from derive.language.question import Question

MOST = 3  # earlier parts that are named as those that were needed
MOST_WAYS = 200  # ways to read earlier answers that are tried
MOST_TRIES = 300  # choices among earlier parts that are tried
Way = tuple[tuple[str, Stated], ...]  # what is stated, each with the name of its network


class Explained(Struct, frozen=True):
    """The earlier parts that a value follows from; `keeps`: with work of its own; `convention`: where it needs one.

    `broken`: the value follows, and an equation on the way to it is false. `against`: it follows from some of what was
    answered before, and would be another one by the rest.
    """

    parts: tuple[str, ...] = ()
    keeps: bool = False
    convention: str = ""
    broken: bool = False
    against: tuple[str, ...] = ()


def explained_counts(
    subject: Subject, text: str, earlier: Sequence[tuple[str, str]], of: Mapping[str, Subject]
) -> Explained:
    """The earlier answers from which all that is false in a text follows exactly."""
    found = [_explained(subject, said, row, earlier, of) for row, said in _false_rows(subject, text)]
    if not found or not all(one.parts for one in found):
        return Explained()
    return Explained(
        tuple(dict.fromkeys(part for one in found for part in one.parts)),
        all(one.keeps for one in found),
        next((one.convention for one in found if one.convention), ""),
        any(one.broken for one in found),
        tuple(dict.fromkeys(part for one in found for part in one.against)),
    )


def _false_rows(subject: Subject, text: str) -> Iterator[tuple[str, CountSaid]]:
    for row in rows_of(text):
        said = said_of_count(subject, row)
        valued = said.extent in ("whole", "value") and said.value is not None
        if said.extent != "none" and (said if valued else judged(subject, row)).verdict == "refuted":
            yield row, said


def _explained(
    subject: Subject, said: CountSaid, text: str, earlier: Sequence[tuple[str, str]], of: Mapping[str, Subject]
) -> Explained:
    found: dict[str, list[Way]] = {}
    for part in dict.fromkeys(part for part, _ in earlier):
        stated = _ways(of[part], [text for one, text in earlier if one == part])
        if moving := [way for way in stated if _moves(subject, way)]:
            found[part] = moving
    for conventions in (False, True):
        for way in _together(found, tuple(found)):
            convention = _follows(subject, said, text, way, conventions)
            if convention is not None:
                parts = _needed(subject, said, text, found, conventions)
                return _explained_by(subject, said, text, way, parts, convention)
    for parts in islice((parts for count in (1, 2) for parts in combinations(found, count)), MOST_TRIES):
        for way in _together(found, parts):
            if _follows(subject, said, text, way, False) is not None:
                one = _explained_by(subject, said, text, way, parts, "")
                return replace(one, against=tuple(part for part in found if part not in parts))
    return Explained()


def _together(found: Mapping[str, Sequence[Way]], parts: Sequence[str]) -> Iterator[Way]:
    """What the answers to some parts state, in every way in which they can be read."""
    for ways in islice(product(*(found[part] for part in parts)), MOST_WAYS if parts else 0):
        yield tuple(one for some in ways for one in some)


def _needed(
    subject: Subject, said: CountSaid, text: str, found: Mapping[str, Sequence[Way]], conventions: bool
) -> tuple[str, ...]:
    """Of all earlier answers the fewest from which the same comes."""
    fewer = (parts for count in range(1, min(MOST, len(found) - 1) + 1) for parts in combinations(found, count))
    for parts in islice(fewer, MOST_TRIES):
        if any(_follows(subject, said, text, way, conventions) is not None for way in _together(found, parts)):
            return parts
    return tuple(found)


def _explained_by(
    subject: Subject, said: CountSaid, text: str, way: Way, parts: tuple[str, ...], convention: str
) -> Explained:
    broken = said.broken and not _all_true(subject, said, text, way)
    return Explained(parts, _keeps(subject, said, way), convention, broken)


# -- what earlier answers state --------------------------------------------------------------------------------------


def _ways(subject: Subject, texts: Sequence[str]) -> Iterator[Way]:
    """What the answers to one part state; more than one way where they leave open which axis is which."""
    wants = part_of(subject).question.wants
    if not isinstance(wants, Count):
        return
    said = [said_of_count(subject, row) for text in texts for row in rows_of(text)]
    whole_ = [one for one in said if one.extent in ("whole", "value") and one.value is not None]
    name = wants.network or next(iter(program_of(subject).networks))
    if whole_:
        for sizes in _sizes(subject, wants, whole_[-1]):
            yield ((name, Stated(wants.what, wants.layer, sizes, wants.choices)),)
    elif entries := [one for one in said if one.extent == "entry" and one.value is not None]:
        for sizes in _of_entries(subject, wants, entries):
            yield ((name, Stated("shape", wants.layer, sizes, wants.choices)),)


def _sizes(subject: Subject, wants: Count, said: CountSaid) -> Iterator[tuple[Expr, ...]]:
    assert said.value is not None
    if wants.what != "shape":
        yield said.value.sizes if isinstance(said.value, Shape) else (said.value,)
        return
    true = _flow(subject, wants)
    if true is None or not isinstance(said.value, Shape):
        return
    marks = range(10**9, 10**9 + 1 + len(true.spatial))
    network, seen = program_of(subject).network(wants.network), set()
    for layout in CONVENTIONS["layout"]:
        order = laid_out(network, Flow(marks[0], tuple(marks[1:])), {"layout": layout}).sizes
        if len(order) == len(said.value.sizes) and order not in seen:
            seen.add(order)
            yield tuple(said.value.sizes[order.index(as_expression(mark))] for mark in marks)


def _of_entries(subject: Subject, wants: Count, entries: Sequence[CountSaid]) -> Iterator[tuple[Expr, ...]]:
    """The true shape with the sizes that are said; a square one that is said along one axis is meant along both."""
    true = _flow(subject, wants)
    if true is None or not true.spatial:
        return
    channels, *places = (as_expression(size) for size in (true.channels, *true.spatial))
    for roles in islice(product(*(one.roles for one in entries)), MOST_WAYS):
        said = list(places)
        for role, one in zip(roles, entries, strict=True):
            assert one.value is not None
            for axis in {"width out": (-1,), "height out": (-2,)}.get(role, range(len(said))):
                if axis >= -len(said):
                    said[axis] = one.value
        if len(set(roles)) == 1 and roles[0] != "size out" and len(set(map(str, places))) == 1:
            said = [said[-1] if roles[0] == "width out" else said[-2]] * len(said)
        yield (channels, *said)


def _flow(subject: Subject, wants: Count) -> Flow | None:
    """What comes out of the layer, by the derivation."""
    return _flow_in(program_of(subject).network(wants.network), wants.layer)


def _flow_in(network: Network, layer: str) -> Flow | None:
    rows = [row for row in ledger(network) if layer and row.layer.name == layer]
    return rows[-1].out if rows else None


# -- counting again --------------------------------------------------------------------------------------------------


def restated(program: Counting, way: Way, wants: object = None) -> Counting:
    """The networks with what is stated of them, as far as the layer that is asked about.

    A size that is wrong may fit into no layer further on, and that is of no concern before.
    """
    asked = wants if isinstance(wants, Count) and wants.layer else None
    networks = {}
    for name, network in program.networks.items():
        own = asked is not None and program.network(asked.network) is network
        layers = _as_far_as(network.layers, asked.layer) if own and asked is not None else network.layers
        networks[name] = replace(network, layers=layers, stated=tuple(one for of, one in way if of == name))
    return replace(program, networks=networks)


def _as_far_as(layers: tuple[Layer, ...], name: str) -> tuple[Layer, ...]:
    for place, layer in enumerate(layers):
        if any(one.name == name for one in every_layer((layer,))):
            return layers[: place + 1]
    return layers


def _answer(subject: Subject, program: Counting, question: Question) -> Expr:
    """What a question comes to in a program."""
    wants = question.wants
    if isinstance(wants, Ratio):
        return Shape(tuple(_answer(subject, program, subject.problem.question(part)) for part in wants.parts))
    assert isinstance(wants, Count)
    return Counter(program).answer(wants, {**program.choices, **wants.choices})


def _moves(subject: Subject, way: Way) -> bool:
    """Does the part depend on it?"""
    question, program = subject.problem.question(subject.part), program_of(subject)
    if any(_is(question.wants, one) for _, one in way):
        return False
    with suppress(DeriveError):
        return not same(
            _answer(subject, restated(program, way, question.wants), question), _answer(subject, program, question)
        )
    return False


def _is(wants: object, one: Stated) -> bool:
    """Is it the very thing that is asked?"""
    return isinstance(wants, Count) and (wants.what, wants.layer, _fixed(wants.choices)) == (
        one.what, one.layer, _fixed(one.choices)
    )  # fmt: skip


def _fixed(choices: Choices) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(choices.items()))


def _follows(subject: Subject, said: CountSaid, text: str, way: Way, conventions: bool) -> str | None:
    """'' where the value is what comes out, the convention under which it is, None where it is not."""
    question = subject.problem.question(subject.part)
    program = restated(program_of(subject), way, question.wants)
    with suppress(DeriveError):
        if said.value is None or isinstance(question.wants, Ratio):
            found = _judged(subject, text, way)
            right = found.verdict == "proved" or (found.verdict == "depends" and conventions)
            return found.convention if right else None
        assert isinstance(question.wants, Count)
        if said.extent == "entry":
            flow = _flow_in(program.network(question.wants.network), question.wants.layer)
            sizes = tuple(as_expression(size) for size in flow.spatial) if flow is not None else ()
            return "" if any(same(said.value, size) for size in size_of(said, sizes)) else None
        if not conventions:
            return "" if same(said.value, _answer(subject, program, question)) else None
        return under_others(counted_part(subject.problem, program, question.wants), said.value) or None
    return None


def _all_true(subject: Subject, said: CountSaid, text: str, way: Way) -> bool:
    """Is a chain with letters true at each link, with what is stated?"""
    return said.extent == "entry" and _judged(subject, text, way).verdict == "proved"


def _judged(subject: Subject, text: str, way: Way) -> Judgement:
    problem = replace(subject.problem, program=restated(program_of(subject), way), mistakes=())
    return judged(Subject(problem, subject.given, subject.part), text)


# -- the part's own work ---------------------------------------------------------------------------------------------


def _keeps(subject: Subject, said: CountSaid, way: Way) -> bool:
    """Is what was carried a size at all, and what came of it neither nothing nor the earlier answer once more?"""
    for name, one in way:
        true = _true_sizes(subject, name, one)
        if true is None or len(true) != len(one.sizes):
            return False
        if not all(map(_is_size, one.sizes, true)):
            return False
    question = subject.problem.question(subject.part)
    if said.value is None or isinstance(said.value, Shape) or not isinstance(question.wants, Count):
        return True
    right = _answer(subject, program_of(subject), question)
    values = [(sizes[0], true[0]) for name, one in way
              if len(sizes := one.sizes) == 1 and (true := _true_sizes(subject, name, one))]  # fmt: skip
    return not any(same(said.value, value) and not same(right, true) for value, true in values)


def _is_size(said: Expr, true: Expr) -> bool:
    """A whole number above 0, and 1 only where it is 1: what is multiplied by it is still there."""
    if not isinstance(said, Number):
        return not isinstance(true, Number)
    if isinstance(true, Number) and true.value < 1:
        return said.value.denominator == 1  # the first place that is looked at may lie before the input
    return said.value.denominator == 1 and said != ZERO and said.value > 0 and (said != ONE or true == ONE)


def _true_sizes(subject: Subject, name: str, one: Stated) -> tuple[Expr, ...] | None:
    program = program_of(subject)
    wants = Count(one.what, one.layer, name, one.choices)
    if one.what == "shape":
        flow = _flow(subject, wants)
        return None if flow is None else tuple(as_expression(whole(n)) for n in (flow.channels, *flow.spatial))
    found = Counter(program).answer(wants, {**program.choices, **wants.choices})
    return found.sizes if isinstance(found, Shape) else (found,)
