r"""New values without an arrow: x^{new} = x^{old} - .., x^{(t+1)} = x^{(t)} - .., x := x - .., \Delta x = -.."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from msgspec.structs import replace

from derive.language.counting import Counting
from derive.language.deep import DeepNetwork
from derive.language.expression import Add, Expr, Read, tensors_in
from derive.language.problem import Problem
from derive.language.question import Question
from derive.language.recurrence import Recurrence
from derive.language.tensor import d
from derive.reading import surface as s
from derive.reading.references import Names
from derive.reading.trees import nodes_in, with_nodes, without_columns

NEW, OLD = "new", "old"
ASSIGNED = (":=", r"\coloneqq")


def with_updates(
    text: str, spelled: tuple[s.Spelled, ...], names: Names, *, loosely: bool = False
) -> tuple[s.Spelled, ...]:
    """The chains, those that give something a new value marked as updates; `loosely`, x = x - .. is one too."""
    problem = names.words.problem
    if problem is None or not any(rules(problem)):
        return spelled
    return tuple(_updated(text, one, names, loosely) for one in spelled)


def rules(problem: Problem) -> Iterator[tuple[Question, Expr, Read]]:
    """The parts that ask for a new value: the part, x - eta df/dx, and x."""
    if isinstance(problem.program, Recurrence | DeepNetwork | Counting):
        return
    for question in problem.questions:
        asked = problem.asked(question)
        slopes = tensors_in(asked).values()
        for term in asked.terms if isinstance(asked, Add) else ():
            if isinstance(term, Read) and d(problem.program.loss, term.tensor) in slopes:
                yield question, asked, term


def _updated(text: str, one: s.Spelled, names: Names, loosely: bool) -> s.Spelled:
    if one.update or not one.links or one.links[0].relation != "=":
        return one
    head = one.sides[0]
    if isinstance(head, s.Product) and len(head.factors) == 2 and _is_free(head.factors[0], "Delta", names):
        before, value = head.factors[1], one.sides[1]
        changed = s.Sums(value.at, ((1, before), (1, value)))
        rest = tuple(s.Sums(side.at, ((1, before), (1, side))) for side in one.sides[2:])
        return replace(one, sides=(before, changed, *rest), update=True)
    if not isinstance(head, s.Word):
        return one
    for new, old in _marks(head, names):
        sides = tuple(with_nodes(side, partial(_without, old)) for side in one.sides[1:])
        if new != NEW and sides == one.sides[1:]:
            continue
        return replace(one, sides=(_without(new, head) or head, *sides), update=True)
    assigned = any(text.startswith(sign, one.links[0].at) for sign in ASSIGNED)
    if (assigned or loosely) and any(_is_same(head, term) for term in _terms(one.sides[1])):
        return replace(one, update=True)
    return one


def _is_free(node: s.Node, base: str, names: Names) -> bool:
    """Is it that name alone, which the problem has not?"""
    bare = isinstance(node, s.Word) and node.base == base and not (node.below or node.above or node.accent)
    return bare and (base, "", 0) not in names.table


def _marks(head: s.Word, names: Names) -> Iterator[tuple[object, object]]:
    """The script that marks the new value, and that of the old one."""
    for script in (*head.above, *head.below):
        if _letters(script) == NEW:
            yield NEW, OLD
        inside = script.items[0] if isinstance(script, s.Listed) and len(script.items) == 1 else script
        if isinstance(inside, s.Sums) and len(inside.terms) == 2:
            (sign, letter), (other, number) = inside.terms
            counts = isinstance(letter, s.Word) and not (letter.below or letter.above)
            one = isinstance(number, s.Numeral) and number.text == "1"
            if counts and one and sign == other == 1 and _letters(letter) not in names.words.indices:
                yield without_columns(inside), without_columns(letter)


def _without(mark: object, node: s.Node) -> s.Node | None:
    """A word without that script; None for anything else."""
    if not isinstance(node, s.Word):
        return None
    above, below = (tuple(one for one in scripts if not _is_mark(one, mark)) for scripts in (node.above, node.below))
    return replace(node, above=above, below=below) if (above, below) != (node.above, node.below) else None


def _is_mark(script: s.Node, mark: object) -> bool:
    inside = script.items[0] if isinstance(script, s.Listed) and len(script.items) == 1 else script
    return mark in (_letters(script), without_columns(inside))


def _letters(script: s.Node) -> str:
    r"""new, for \text{new} and for letters that stand together."""
    if isinstance(script, s.Product):
        return "".join(_letters(factor) for factor in script.factors)
    return script.base if isinstance(script, s.Word) and not (script.below or script.above) else ""


def _terms(side: s.Node) -> Iterator[s.Node]:
    if isinstance(side, s.Sums):
        yield from (term for sign, term in side.terms if sign == 1)


def _is_same(one: s.Node, other: s.Node) -> bool:
    return without_columns(one) == without_columns(other)


def speaks_of_both(spelled: tuple[s.Spelled, ...]) -> bool:
    """Does a side of a chain begin with what stands on its left? Then it may be meant as a new value."""
    return any(
        isinstance(one.sides[0], s.Word) and any(_is_same(one.sides[0], term) for term in _terms(side))
        for one in spelled
        for side in one.sides[1:2]
        if any(isinstance(node, s.Derivative | s.Big) for node in nodes_in(side))
    )
