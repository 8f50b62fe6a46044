"""Counting problem -> derivation: every part under the conventions in force, and what the others would give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import reduce
from itertools import product
from math import gcd

from msgspec.structs import replace

from derive.algebra.whole import as_expression, whole
from derive.engines.answers import Counter
from derive.engines.costs import SUMMED, counted
from derive.engines.counted_steps import steps_of
from derive.engines.described import described
from derive.engines.faults import with_fault
from derive.engines.forward import as_formula
from derive.engines.ledger import Row
from derive.engines.shapes import Flow
from derive.errors import AuthorError, UnsupportedError
from derive.language.answers import Shape
from derive.language.counting import CONVENTIONS, QUANTITIES, Choices, Count, Counting, Ratio, chosen
from derive.language.derivation import Claim, Derivation, Entry, Part, Step, Wrong
from derive.language.expression import Expr
from derive.language.layer import Convolution, Linear
from derive.language.problem import Mistake, Problem
from derive.language.question import Question


def count_problem(problem: Problem, program: Counting) -> Derivation:
    """Every question answered, with its steps and with what other conventions give."""
    try:
        return _counted(problem, program)
    except AuthorError as error:
        told = str(error)
        raise AuthorError(told if told.startswith(problem.id) else f"{problem.id}: {told}") from error


def _counted(problem: Problem, program: Counting) -> Derivation:
    counter = Counter(program)
    parts: dict[str, Part] = {}
    for number, question in enumerate(problem.questions, 1):
        if isinstance(question.wants, Ratio):
            parts[question.id] = _ratio(problem, question, parts, number)
        elif isinstance(question.wants, Count):
            parts[question.id] = _part(problem, counter, question, question.wants, number)
        else:
            raise AuthorError(f"{problem.id}: part '{question.id}' is no count; a counting problem has no others")
    wrong = tuple(_wrong(problem, program, mistake, parts) for mistake in problem.mistakes)
    return Derivation(problem, tuple(parts.values()), {}, wrong=wrong, entries=tuple(_entries(problem, counter)))


def _entries(problem: Problem, counter: Counter) -> Iterator[Entry]:
    """The table of every network, with what the questions count."""
    asked = {q.wants.what for q in problem.questions if isinstance(q.wants, Count)}
    whats = [what for what in SUMMED if what in asked]
    more = [what for what in ("params", "madds") if whats and what not in whats]
    for name in counter.program.networks:
        for row in counter.rows(name):
            counts: dict[str, Expr] = {
                what: as_expression(counted(what, row, counter.program.choices)) for what in whats
            }
            counts |= dict(_more(row, more, counter.program.choices))
            yield Entry(name, row.layer.name, described(row), _flow(row.into), _flow(row.out), counts, row.inside,
                        isinstance(row.layer, Convolution | Linear))  # fmt: skip


def _more(row: Row, whats: list[str], choices: Choices) -> Iterator[tuple[str, Expr]]:
    """What nobody asked for, for the picture; left out where no rule counts it."""
    for what in whats:
        with suppress(UnsupportedError):
            yield what, as_expression(counted(what, row, choices))


def _flow(flow: Flow) -> Shape:
    return Shape(tuple(map(as_expression, (flow.channels, *flow.spatial))))


def counted_part(problem: Problem, program: Counting, wants: Count) -> Part:
    """What a count comes to that no question asks for: the claim alone, without steps."""
    return _claimed(problem, Counter(program), Question(f"{wants.what}_{wants.layer}", wants), wants)


def _part(problem: Problem, counter: Counter, question: Question, wants: Count, number: int) -> Part:
    part = _claimed(problem, counter, question, wants)
    choices = {**counter.program.choices, **wants.choices}
    return replace(part, steps=steps_of(counter, wants, choices, part.claim.left, part.claim.right, number))


def _claimed(problem: Problem, counter: Counter, question: Question, wants: Count) -> Part:
    choices = {**counter.program.choices, **wants.choices}
    left, right = problem.asked(question), counter.answer(wants, choices)
    if wants.what == "map":
        left, right = as_formula(counter.program.network(wants.network), wants.called)
    others = tuple(_others(counter, wants, choices, left, right, question.id))
    moved = {field for other in others for field in other.convention}
    shown = {f: chosen(choices, f) for f in QUANTITIES[wants.what][1] if f in moved or f in wants.choices}
    return Part(question, (), right, Claim(question.id, left, right, convention=shown), others=others)


def _others(counter: Counter, wants: Count, choices: Choices, left: Expr, right: Expr, part: str) -> Iterator[Claim]:
    """Each different answer, under the fewest changes of convention that give it."""
    fields_ = [field for field in QUANTITIES[wants.what][1] if field not in wants.choices]
    seen = {right}
    combinations = [dict(zip(fields_, options, strict=True)) for options in product(*(CONVENTIONS[f] for f in fields_))]
    changed = [{f: o for f, o in one.items() if o != chosen(choices, f)} for one in combinations]
    for change in sorted(changed, key=lambda change: (len(change), "as given" in change.values())):
        try:
            found = counter.answer(wants, {**choices, **change})
        except (UnsupportedError, AuthorError):
            continue  # this convention says nothing here: symbolic padding, a bias that is not there
        if found not in seen:
            seen.add(found)
            yield Claim(part, left, found, convention=change)


def _ratio(problem: Problem, question: Question, parts: Mapping[str, Part], number: int) -> Part:
    """Divided by their greatest common divisor, where all are numbers."""
    assert isinstance(question.wants, Ratio)
    before = Shape(tuple(parts[name].claim.right for name in question.wants.parts))
    amounts = [whole(size) for size in before.sizes]
    right = before
    if all(isinstance(a, int) and a for a in amounts):
        divisor = reduce(gcd, (a for a in amounts if isinstance(a, int)))
        right = Shape(tuple(as_expression(a // divisor) for a in amounts))
    left = problem.asked(question)
    step = Step(f"{number}.1", left, before, right, "ratio", "in lowest terms")
    return Part(question, (step,), right, Claim(question.id, left, right), uses=question.wants.parts)


def _wrong(problem: Problem, program: Counting, mistake: Mistake, parts: Mapping[str, Part]) -> Wrong:
    """The number that comes out with the fault, against the part's own left side."""
    part = parts[mistake.question]
    if mistake.form is not None:
        return Wrong(mistake, Claim(mistake.id, part.claim.left, mistake.form))
    wants = part.question.wants
    if not isinstance(wants, Count):
        raise AuthorError(f"{problem.id}: mistake {mistake.id} is about '{mistake.question}', which is no count")
    choices = {**program.choices, **wants.choices}
    found = with_fault(mistake.fault, program, wants, lambda other: Counter(other).answer(wants, choices))
    return Wrong(mistake, Claim(mistake.id, part.claim.left, found))
