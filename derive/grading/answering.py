"""Does a statement answer a part? A true one that restates the question, or is about something else, does not."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Literal, TypeAlias

from msgspec import Struct

from derive.algebra.whole import amount_at
from derive.errors import DeriveError
from derive.judging.subject import Subject
from derive.language.answers import Quantity
from derive.language.expression import Direct, Expr, Index, Number, Read, free_indices, tensors_in, walk
from derive.language.question import Forward, Gradient, Jacobian
from derive.language.statement import Chain, Open, Side, Statement, Table, expressions_of

Extent: TypeAlias = Literal["whole", "entry", "value", "none"]  # a value by itself may be the answer or a step
Place: TypeAlias = tuple[int, ...]
EQUAL = ("=", "~")


class Said(Struct, frozen=True):
    """What a statement says of the part: of all of it or of single entries, and the value where one is worked out."""

    extent: Extent = "none"
    left: Expr | None = None
    value: Side | None = None
    others: tuple[Side, ...] = ()  # all that equations make it equal to
    entries: tuple[Place, ...] = ()  # of single entries, which ones


def value_in(subject: Subject, statement: Statement) -> Said:
    """The last chain that works out the whole of the part; nothing where none does."""
    found = [said for said in map(partial(said_in, subject), statement.chains) if said.extent == "whole" and said.value]
    return found[-1] if found else Said()


def said_in(subject: Subject, chain: Chain) -> Said:
    """What one chain says of the part."""
    question = subject.problem.question(subject.part)
    asked = subject.problem.asked(question)
    if chain.term:
        return Said()
    if len(chain.sides) == 1:
        value = chain.sides[0] if is_worked_out(subject, chain.sides[0], asked) else None
        return Said("whole", asked, value, chain.sides)
    places = [(place, extent_of(side, asked)) for place, side in enumerate(chain.sides)]
    for place, extent in places:
        if extent == "none":
            continue
        others = tuple(chain.sides[other] for other in _joined(chain, place))
        reached = [side for side in others if is_worked_out(subject, side, asked)]
        side = chain.sides[place]
        entries = tuple(_places(side, asked)) if extent == "entry" else ()
        return Said(extent, expressions_of(side)[0], reached[-1] if reached else None, others, entries)
    return Said()


def _joined(chain: Chain, place: int) -> list[int]:
    """The sides that equations lead to from one of them, without another relation between."""
    low = high = place
    while low > 0 and chain.relations[low - 1] in EQUAL:
        low -= 1
    while high < len(chain.relations) and chain.relations[high] in EQUAL:
        high += 1
    return [other for other in range(low, high + 1) if other != place]


def extent_of(side: Side, asked: Expr) -> Extent:
    """Is a side the quantity that is asked, all of it or an entry?"""
    if isinstance(side, Open):
        side = side.entry
    if isinstance(side, Table):
        return "entry" if side.cells and all(extent_of(cell, asked) == "entry" for cell in side.cells) else "none"
    if not isinstance(side, Expr):
        return "none"
    if isinstance(asked, Read) and isinstance(side, Read) and side.tensor.key == asked.tensor.key:
        return _of_indices(side.indices, asked.indices)
    if isinstance(asked, Direct) and isinstance(side, Direct):
        same = (side.of.tensor.key, side.by.tensor.key) == (asked.of.tensor.key, asked.by.tensor.key)
        indices = [(*one.of.indices, *one.by.indices) for one in (side, asked)]
        return _of_indices(*indices) if same else "none"
    return "whole" if side == asked else "none"


def _places(side: Side, asked: Expr) -> Iterator[Place]:
    """The entries that a side lists, those with numbers for indices."""
    for one in expressions_of(side):
        reads = (one.of, one.by) if isinstance(one, Direct) else (one,) if isinstance(one, Read) else ()
        indices = [index for read in reads if isinstance(read, Read) for index in read.indices]
        if indices and all(isinstance(index, Number) and index.value.denominator == 1 for index in indices):
            yield tuple(int(index.value) for index in indices if isinstance(index, Number))


def entries_in(subject: Subject, asked: Expr) -> int:
    """How many entries there are of what is asked, at the sizes that are given; 0 where that is not known."""
    reads = (asked.of, asked.by) if isinstance(asked, Direct) else (asked,)
    count = 1
    for index in (index for read in reads if isinstance(read, Read) for index in read.indices):
        try:
            count *= int(amount_at(index.upper, subject.sizes)) if isinstance(index, Index) else 0
        except (DeriveError, KeyError):
            return 0
    return count


def _of_indices(indices: tuple[Expr, ...], asked: tuple[Expr, ...]) -> Extent:
    """All of it where the letters differ wherever those that are asked for do: i, j for r, c, and n, n for i, i."""
    names = [index.name for index in indices if isinstance(index, Index)]
    wanted = [index.name for index in asked if isinstance(index, Index)]
    if not len(names) == len(indices) == len(wanted):
        return "entry"
    return "whole" if [names.index(name) for name in names] == [wanted.index(name) for name in wanted] else "entry"


def is_worked_out(subject: Subject, side: Side, asked: Expr) -> bool:
    """Does a side say what the asked quantity is without it, and without what is computed from it?"""
    return all(_is_worked_out(subject, expr, asked) for expr in expressions_of(side))


def _is_worked_out(subject: Subject, expr: Expr, asked: Expr) -> bool:
    if any(isinstance(node, Direct | Quantity) for node in walk(expr)):
        return False
    names = set(tensors_in(expr))
    wants = subject.problem.question(subject.part).wants
    if isinstance(wants, Gradient | Forward) and isinstance(asked, Read):
        return asked.tensor.key not in reached_from(subject, names)
    if isinstance(wants, Jacobian) or isinstance(asked, Quantity):
        return True
    claim = next(part.claim for part in subject.known.derivation.parts if part.question.id == subject.part)
    to_remove = set(tensors_in(asked)) - set(tensors_in(claim.right))
    return bool(to_remove) and not names & to_remove


def reached_from(subject: Subject, names: set[str]) -> set[str]:
    """The names, and everything that their definitions read."""
    found, open_ = set(names), list(names)
    while open_:
        equation = subject.definitions.get(open_.pop())
        more = set(tensors_in(equation.value)) - found if equation is not None else set()
        found |= more
        open_ += more
    return found


def is_constant(side: Side) -> bool:
    """Without a free index: a number for a quantity that may have entries is about one of them."""
    return isinstance(side, Expr) and not free_indices(side)
