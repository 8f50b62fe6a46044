"""Is one equation true? In general, at the sizes of the instance, or at its numbers: each with what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from derive.algebra.binding import Definitions, substitute
from derive.algebra.decide import are_equal
from derive.algebra.fingerprint import is_nonzero
from derive.algebra.probe import Probe
from derive.algebra.witness import tried, witness
from derive.errors import BudgetError, UnsupportedError
from derive.judging.fixed import FixedSizes
from derive.judging.pairs import Pair
from derive.judging.subject import Known, Subject
from derive.language.expression import Expr, Function, Number, Read, expression, free_indices, tensors_in, walk
from derive.language.judgement import Failure
from derive.language.notation import PartialName
from derive.language.question import Assumption
from derive.language.verdict import Counterexample

FEW = 12  # values of the free indices that are tried before a proof is
PROOF_BUDGET = 8_000  # monomials; the proofs of all claims that are tested need less than 2,500
FINGERPRINT_STEPS = 5_000
WITNESS_STEPS = 20_000  # of evaluation at one point
ALL = "all sizes"
AGREED = "no proof and no counterexample were found"
UNMET = "no point was found at which both sides have a value"


class Outcome(Struct, frozen=True):
    """True with what it rests on, False with a counterexample where one was found, or None: not decided."""

    truth: bool | None
    scope: str = ""
    failure: Failure | None = None
    mode: str = ""
    conditions: tuple[str, ...] = ()
    why: str = ""


def in_general(
    subject: Subject, pairs: Sequence[Pair], extra: Definitions, assuming: tuple[Assumption, ...] = ()
) -> Outcome:
    """For all sizes and all values, with the definitions of the problem and some more."""
    definitions = {**subject.definitions, **extra}
    if not assuming:
        for pair in pairs:
            if looks_false(subject, pair, extra) and (found := difference(subject, pair, extra)) is not None:
                return Outcome(False, ALL, failure_of(found))
    if all(provable(pair.left, pair.right, definitions, assuming, subject.known) for pair in pairs):
        if not assuming and any(has_no_value(subject, pair, extra) for pair in pairs):
            return Outcome(None, ALL, why=UNMET)
        return Outcome(True, ALL, conditions=tuple(one.text for one in assuming))
    return first_open([tried_at_points(pair, definitions, assuming) for pair in pairs])


def first_open(outcomes: Sequence[Outcome]) -> Outcome:
    """Of outcomes without a proof: what is false, else what could not be compared, else that all of them agree."""
    return min(outcomes, key=lambda one: (one.truth is not False, one.why != UNMET))


def tried_at_points(pair: Pair, definitions: Definitions, assuming: Sequence[Assumption] = ()) -> Outcome:
    """Where there is no proof: false with a counterexample, or open, and whether anything was compared."""
    try:
        search = tried(pair.left, pair.right, definitions, assuming, WITNESS_STEPS)
    except (BudgetError, UnsupportedError, ArithmeticError, KeyError):
        return Outcome(None, ALL, why=UNMET)
    if search.counterexample is not None:
        return Outcome(False, ALL, failure_of(search.counterexample))
    return Outcome(None, ALL, why=AGREED if search.points else UNMET)


def looks_false(subject: Subject, pair: Pair, extra: Definitions) -> bool:
    """Do the sides differ at a random point?"""
    probe = Probe(subject.known.points(extra), (pair.left, pair.right))
    return bool(probe.tells_apart(pair.left, pair.right))


def has_no_value(subject: Subject, pair: Pair, extra: Definitions) -> bool:
    """Is there no point at which both sides have a value, as where an entry behind the last one is read?"""
    if Probe(subject.known.points(extra), (pair.left, pair.right)).points:
        return False
    return tried_at_points(pair, {**subject.definitions, **extra}).why == UNMET


def looks_true(subject: Subject, pairs: Sequence[Pair], extra: Definitions) -> bool:
    """No difference at random points."""
    return not any(looks_false(subject, pair, extra) for pair in pairs)


def difference(subject: Subject, pair: Pair, extra: Definitions) -> Counterexample | None:
    """The smallest of the points kept at which the sides differ; else one that is looked for anew."""
    found = subject.known.points(extra).difference(pair.left, pair.right)
    return found or find_witness(pair.left, pair.right, {**subject.definitions, **extra})


def provable(
    left: Expr, right: Expr, definitions: Definitions, assuming: Sequence[Assumption] = (), known: Known | None = None
) -> bool:
    """By normal forms, with as few definitions as will do: what holds of any values needs none put in.

    The points of a `known` problem tell quicker which definitions it rests on.
    """
    for few in staged(definitions, left, right):
        if few is not definitions and _rests_on_more(left, right, few, known):
            continue
        try:
            if are_equal(left, right, few, assuming, PROOF_BUDGET):
                return True
        except (BudgetError, UnsupportedError, ArithmeticError):
            continue
    return False


def _rests_on_more(left: Expr, right: Expr, definitions: Definitions, known: Known | None) -> bool:
    if known is None:
        return is_nonzero(left - right, definitions, FINGERPRINT_STEPS, FEW)
    key = left.tensor.key if isinstance(left, Read) else ""
    if key in known.definitions and key not in definitions and key not in tensors_in(right):
        return True  # a name that stands for nothing here is no expression in other names
    return bool(Probe(known.points_under(definitions), (left, right)).tells_apart(left, right))


def staged(definitions: Definitions, left: Expr, right: Expr) -> Iterator[Definitions]:
    """None; of the names on one side only; of all derivatives and of what they bring in; all."""
    zeros = {key: e for key, e in definitions.items() if not e.tensor.axes and not e.value.children}
    yield zeros
    only = tensors_in(left).keys() ^ tensors_in(right).keys()
    own = {key: e for key, e in definitions.items() if key in only}
    if own:
        yield {**own, **zeros}
    slopes = {key: e for key, e in definitions.items() if isinstance(e.tensor.name, PartialName)}
    active = {key: e for key, e in definitions.items() if isinstance(e.value, Function)}
    if slopes:
        yield {**slopes, **active, **zeros}
        yield {**slopes, **active, **own, **zeros}
    yield definitions


def find_witness(
    left: Expr, right: Expr, definitions: Definitions, assuming: Sequence[Assumption] = ()
) -> Counterexample | None:
    try:
        return witness(left, right, definitions, assuming, WITNESS_STEPS)
    except (BudgetError, UnsupportedError, ArithmeticError, KeyError):
        return None


def failure_of(found: Counterexample) -> Failure:
    values = {**{name: str(k) for name, k in found.where.items()}, **found.values}
    return Failure(found.sizes, values, found.left, found.right)


def at_sizes(subject: Subject, pairs: Sequence[Pair], fixed: FixedSizes) -> Outcome:
    """At the sizes of the instance, for all values of the entries."""
    said = ", ".join(f"{key} = {size}" for key, size in fixed.sizes.items()) or ALL
    undecided: list[Outcome] = []
    for pair in pairs:
        check_inside(pair, fixed)
        free = {**free_indices(pair.left), **free_indices(pair.right)}
        for cell in fixed.shapes.assignments(free):
            outcome = _entry_at_sizes(subject, pair, cell, fixed)
            if outcome.truth is False:
                return Outcome(False, said, _placed(outcome.failure, cell, pair, fixed))
            if outcome.truth is None:
                undecided.append(outcome)
    return Outcome(None, said, why=first_open(undecided).why) if undecided else Outcome(True, said)


def check_inside(pair: Pair, fixed: FixedSizes) -> None:
    """Raises UnsupportedError where an entry is named that the sizes do not have."""
    for node in (*walk(pair.left), *walk(pair.right)):
        if isinstance(node, Read):
            for axis, index in zip(node.tensor.axes, node.indices, strict=True):
                if isinstance(index, Number) and int(index.value) not in fixed.extent(axis):
                    raise UnsupportedError(f"{node} lies outside {node.tensor.key} at these sizes")


def _entry_at_sizes(subject: Subject, pair: Pair, cell: Mapping[str, int], fixed: FixedSizes) -> Outcome:
    numbers = _numbers(cell)
    at_cell = Pair(substitute(pair.left, numbers), substitute(pair.right, numbers))
    points = subject.known.points(sizes=fixed.sizes)
    if Probe(points, (at_cell.left, at_cell.right)).tells_apart(at_cell.left, at_cell.right):
        found = points.difference(at_cell.left, at_cell.right)
        if found is not None:
            return Outcome(False, failure=failure_of(found))
    definitions = subject.definitions
    slopes = frozenset(k for k, e in definitions.items() if isinstance(e.tensor.name, PartialName))
    shorthands = frozenset(e.tensor.key for e in subject.problem.shorthands)
    own = frozenset(tensors_in(pair.left).keys() ^ tensors_in(pair.right).keys()) & frozenset(definitions)
    for known in dict.fromkeys((shorthands, own | shorthands, slopes | shorthands | own)):
        left, right = fixed.at(pair.left, cell, known), fixed.at(pair.right, cell, known)
        if provable(left, right, {}):
            return Outcome(True)
    left, right = fixed.at(pair.left, cell), fixed.at(pair.right, cell)
    if provable(left, right, {}):
        return Outcome(True)
    return tried_at_points(Pair(left, right), {})


def _numbers(cell: Mapping[str, int]) -> dict[str, Expr]:
    return {name: expression(k) for name, k in cell.items()}


def _placed(failure: Failure | None, cell: Mapping[str, int], pair: Pair, fixed: FixedSizes) -> Failure | None:
    if failure is None:
        return None
    where = {name: str(k) for name, k in cell.items()}
    if pair.place:
        where["entry"] = ", ".join(map(str, pair.place))
    return Failure(fixed.sizes, {**where, **failure.values}, failure.left, failure.right)
