"""Error carried forward in worked numbers: a value of the forward program is replaced by what the student computed.

mu = (31, 5, 0) is put in for mu at the given instance, and the later statement is judged in that program. Gradients are
left out: what has become a number hands nothing back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product

from msgspec.structs import replace

from derive.algebra.whole import amount_at
from derive.errors import AnswerError, DeriveError
from derive.grading.answering import Place, Said, reached_from, said_in
from derive.judging.check import judged
from derive.judging.subject import Subject
from derive.language.expression import ONE, ZERO, Expr, Index, Read, add, delta, expression, mul, tensors_in
from derive.language.program import Equation, Program
from derive.language.question import Forward
from derive.language.statement import Table, expressions_of
from derive.reading.pending import exactly
from derive.reading.statement import read_statement

MOST = 64  # entries of an array
Values = Mapping[Place, Expr]


def explained_by_numbers(
    subject: Subject, text: str, earlier: Sequence[tuple[str, str]], of: Mapping[str, Subject]
) -> tuple[tuple[str, ...], bool]:
    """The earlier parts whose own numbers make a false one true, and whether the part's own work is left in it."""
    key = _asked(subject)
    if not key or not (subject.explicit or subject.problem.in_numbers):
        return (), False
    found = {}
    for part in dict.fromkeys(part for part, _ in earlier):
        own = _asked(of[part])
        values = _values(of[part], [said for one, said in earlier if one == part]) if own else {}
        if values and own != key and own in reached_from(subject, {key}):
            found[part] = (own, values)
    if not found or not _holds(subject, text, found):
        return (), False
    fewer = (parts for count in range(1, len(found)) for parts in combinations(found, count))
    needed = next((parts for parts in fewer if _holds(subject, text, {p: found[p] for p in parts})), tuple(found))
    kept = all(any(value != ZERO for value in values.values()) for _, values in found.values())
    return needed, kept and not _vanishes(subject, text)


def _asked(subject: Subject) -> str:
    """The node of the forward program that a part asks for, '' for anything else."""
    wants = subject.problem.question(subject.part).wants
    return wants.of.key if isinstance(wants, Forward) and isinstance(subject.problem.program, Program) else ""


def _values(subject: Subject, texts: Sequence[str]) -> Values:
    """What single entries are said to be, in mere numbers."""
    found: dict[Place, Expr] = {}
    for text in texts:
        try:
            chains = read_statement(text, subject.known.names).chains
            for said in (said_in(subject, chain) for chain in chains):
                found |= dict(_entries(subject, said))
        except (DeriveError, KeyError):
            continue
    return found


def _entries(subject: Subject, said: Said) -> Iterator[tuple[Place, Expr]]:
    if said.value is None or said.left is None or said.extent == "none":
        return
    cells = [exactly(cell) for cell in expressions_of(said.value)]
    if any(map(tensors_in, cells)) or len(cells) > MOST:
        return
    places = list(said.entries) if said.extent == "entry" else list(_every_place(subject))
    if said.extent == "whole" and isinstance(said.value, Table) and not _fits(said.value, places):
        return
    if len(places) == len(cells):
        yield from zip(places, cells, strict=True)


def _every_place(subject: Subject) -> Iterator[Place]:
    """The entries of the node at the sizes of the instance, row by row."""
    target = subject.definitions[_asked(subject)].target
    ranges = []
    for axis in target.tensor.axes:
        low, high = (int(amount_at(end, subject.sizes)) for end in (axis.lower, axis.upper))
        ranges.append(range(low, high + 1))
    yield from product(*ranges)


def _fits(table: Table, places: Sequence[Place]) -> bool:
    """A list for one axis; for two, as many rows as the first has."""
    if not places or len(places[0]) < 2:
        return True
    return len(table.rows) == len({place[0] for place in places}) and len(places[0]) == 2


def _holds(subject: Subject, text: str, found: Mapping[str, tuple[str, Values]]) -> bool:
    """Is the statement true in the program with these numbers?"""
    program = subject.problem.program
    assert isinstance(program, Program)
    said = dict(found.values())
    equations = tuple(
        Equation(one.target, _with(one, said[one.tensor.key])) if one.tensor.key in said else one
        for one in program.equations
    )
    try:
        changed = replace(program, equations=equations)
        problem = replace(subject.problem, program=changed, mistakes=(), remarks=(), lemmas=(), matrices=(), bounds=())
        return judged(Subject(problem, subject.given, subject.part), text).verdict == "proved"
    except DeriveError:
        return False


def _with(equation: Equation, values: Values) -> Expr:
    """The value with single entries put in: value (1 - [there]) + [there] number."""
    there = {place: _at(equation.target, place) for place in values}
    numbers = add(*(mul(there[place], value) for place, value in values.items()))
    if not equation.target.indices:
        return numbers
    return add(mul(equation.value, add(ONE, *(mul(expression(-1), one) for one in there.values()))), numbers)


def _at(target: Read, place: Place) -> Expr:
    letters = [index for index in target.indices if isinstance(index, Index)]
    return mul(*(delta(index, expression(number)) for index, number in zip(letters, place, strict=True)))


def _vanishes(subject: Subject, text: str) -> bool:
    try:
        chains = read_statement(text, subject.known.names).chains
    except AnswerError:
        return True
    values = [said.value for said in (said_in(subject, chain) for chain in chains) if said.value is not None]
    return all(expr == ZERO for value in values for expr in expressions_of(value))
