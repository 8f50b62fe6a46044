r"""Names that a text makes for itself: where g_i = \partial f/\partial y_i is said, g_3 is \partial f/\partial y_3.

A chain defines its first side where that is a name the problem does not have and another chain uses it. It is put in
before any name is looked up, so what is judged speaks of the problem alone; a definition by itself claims nothing.
"""

from __future__ import annotations

from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from derive.errors import AnswerError
from derive.language.domain import Integers
from derive.language.expression import Index
from derive.reading import surface as s
from derive.reading.references import Names, describe, indices_of, split
from derive.reading.trees import letters_bound, letters_written, nodes_in, rebuilt

MAX_NODES = 20_000  # of a text with everything put in

Scripts = tuple[s.Node, ...]
T = TypeVar("T")


class Definition(Struct, frozen=True):
    """head = body; a letter among the scripts of the head stands for any index, a number for itself."""

    head: s.Word
    below: Scripts
    above: Scripts
    body: s.Node

    @property
    def letters(self) -> list[str]:
        return [one.base for one in (*self.below, *self.above) if isinstance(one, s.Word)]

    def values(self, word: s.Word) -> tuple[dict[str, s.Node], Scripts] | None:
        """The index for each letter of the head where a word is an entry of it, and the exponent that is left over."""
        if (word.base, word.accent, word.primes) != (self.head.base, self.head.accent, self.head.primes):
            return None
        below = indices_of(split(word.below), len(self.below))
        above = indices_of(split(word.above), len(self.above)) if self.above else ()
        power = () if self.above else word.above
        if len(below) != len(self.below) or len(above) != len(self.above):
            return None
        values: dict[str, s.Node] = {}
        for own, said in zip((*self.below, *self.above), (*below, *above), strict=True):
            if isinstance(own, s.Word):
                values[own.base] = said
            elif not (isinstance(said, s.Numeral) and isinstance(own, s.Numeral) and said.text == own.text):
                return None
        return values, power


def expanded(text: str, spelled: tuple[s.Spelled, ...], names: Names) -> tuple[tuple[s.Spelled, ...], tuple[str, ...]]:
    """The chains with every name of the text's own put in, and what is to be told of that."""
    if len(spelled) < 2:
        return _without_label(spelled, names)
    definitions = _definitions(spelled, names)
    if not definitions:
        return spelled, ()
    chains: list[s.Spelled] = []
    for place, one in enumerate(spelled):
        if place in definitions:
            if len(one.sides) < 3:
                continue
            one = replace(one, sides=one.sides[1:], links=one.links[1:], spans=one.spans[1:])
        sides = tuple(_put_in(side, list(definitions.values()), text) for side in one.sides)
        if sum(len(nodes_in(side)) for side in sides) > MAX_NODES:
            raise AnswerError("with its own names put in, the text grows too long to be read", text, 0)
        chains.append(replace(one, sides=sides))
    if not chains:
        return spelled, ()
    said = ", ".join(describe(one.head) for one in definitions.values())
    return tuple(chains), (f"{said} as defined in the text",)


def _without_label(spelled: tuple[s.Spelled, ...], names: Names) -> tuple[tuple[s.Spelled, ...], tuple[str, ...]]:
    """J = a = b, where J is a name of the text's own: that a = b."""
    for one in spelled:
        head = one.sides[0]
        labels = len(one.sides) > 2 and not one.update and all(link.relation == "=" for link in one.links[:2])
        if not labels or not isinstance(head, s.Word) or not is_own_name(head, spelled, names):
            continue
        words = [node for side in one.sides[1:] for node in nodes_in(side) if isinstance(node, s.Word)]
        if all(word.base != head.base for word in words):
            rest = replace(one, sides=one.sides[1:], links=one.links[1:], spans=one.spans[1:])
            return (rest,), (f"{describe(head)} as defined in the text",)
    return spelled, ()


def _definitions(spelled: tuple[s.Spelled, ...], names: Names) -> dict[int, Definition]:
    """The chains that define a name, by their place; of two for one name the first that does not use it itself."""
    found: dict[int, Definition] = {}
    bound = set().union(*(letters_bound(side) for one in spelled for side in one.sides))
    for place, one in enumerate(spelled):
        definition = _definition(one, spelled, names, bound)
        others = [side for k, other in enumerate(spelled) if k != place for side in other.sides]
        if definition is None or any(_heads_alike(definition, other) for other in found.values()):
            continue
        if any(_uses(side, definition) for side in others) and not _uses(definition.body, definition):
            found[place] = definition
    return _not_circular(found)


def _definition(one: s.Spelled, spelled: tuple[s.Spelled, ...], names: Names, bound: set[str]) -> Definition | None:
    head = one.sides[0]
    if not one.links or one.links[0].relation != "=" or not all(map(_is_whole, one.where)):
        return None
    named = isinstance(one.sides[1], s.Derivative | s.Nabla)  # of what is asked, that is what its name is said to be
    if not is_own_name(head, spelled, names, besides_asked=named) and not _redefines(head, one.sides[1], names):
        return None
    assert isinstance(head, s.Word)
    below, above = split(head.below), split(head.above)
    if head.base in bound and not below and not above:
        return None
    if not all(_is_letter(script) or isinstance(script, s.Numeral) for script in (*below, *above)):
        return None
    found = Definition(head, below, above, one.sides[1])
    free = letters_written(found.body) - letters_bound(found.body) - set(found.letters)
    if len(set(found.letters)) < len(found.letters) or free & bound:
        return None
    return found


def _redefines(head: s.Node, body: s.Node, names: Names) -> bool:
    """D = diag(..), where D is a size of the problem, which no matrix is."""
    if (
        not isinstance(head, s.Word)
        or head.below
        or head.above
        or not any(isinstance(node, s.Call) and node.name == "diag" for node in nodes_in(body))
    ):
        return False
    read = names.by_name(head, _nowhere)[0]
    return read is not None and isinstance(read.tensor.domain, Integers)


def _is_whole(where: s.Where) -> bool:
    """A range such as i = 1..m, which a definition may have."""
    ends = (where.lower, where.upper) if isinstance(where, s.Range) else (where,)
    return all(end is None or isinstance(end, s.Numeral | s.Word) for end in ends)


def is_own_name(head: s.Node, spelled: tuple[s.Spelled, ...], names: Names, *, besides_asked: bool = False) -> bool:
    """Is it a name that the problem has not, and not an entry of one in the other case of its letter?

    What is asked has a name too, such as delta; that one is the text's own `besides_asked`.
    """
    if not isinstance(head, s.Word) or (head.base, head.accent, head.primes) in names.table:
        return False
    if not (head.below or head.above or head.accent) and head.base in names.words.indices:
        return False
    if names.flattened(head) is not None:
        return False
    read = names.by_name(head, _nowhere)[0] if besides_asked else names.reference(head, _nowhere)
    if read is None:
        return True
    other = (head.base.swapcase(), head.accent, head.primes)
    return other in names.table and any(
        isinstance(node, s.Word) and (node.base, node.accent, node.primes) == other
        for one in spelled
        for side in one.sides
        for node in nodes_in(side)
    )  # the text uses both cases, so they are two names


def _nowhere(letter: str, axis: Index) -> bool:
    return False


def _is_letter(node: s.Node) -> bool:
    return isinstance(node, s.Word) and not (node.below or node.above or node.accent or node.primes)


def _heads_alike(one: Definition, other: Definition) -> bool:
    return one.values(other.head) is not None or other.values(one.head) is not None


def _uses(node: s.Node, definition: Definition) -> bool:
    return any(isinstance(one, s.Word) and definition.values(one) is not None for one in nodes_in(node))


def _not_circular(found: dict[int, Definition]) -> dict[int, Definition]:
    """Those that rest on names of the problem in the end."""
    kept = dict(found)
    grounded: set[int] = set()
    while True:
        new = {
            place
            for place, one in kept.items()
            if place not in grounded
            and not any(_uses(one.body, other) for k, other in kept.items() if k not in grounded)
        }
        if not new:
            return {place: kept[place] for place in kept if place in grounded}
        grounded |= new


def _put_in(node: T, definitions: list[Definition], text: str) -> T:
    """Every entry of a defined name replaced by what it stands for."""
    for _ in range(len(definitions)):
        after = _once(node, definitions)
        if after == node:
            break
        node = after
        if len(nodes_in(node)) > MAX_NODES:
            raise AnswerError("with its own names put in, the text grows too long to be read", text, 0)
    return node


def _once(node: T, definitions: list[Definition]) -> T:
    if isinstance(node, tuple):
        return tuple(_once(one, definitions) for one in node)  # type: ignore[return-value]
    if not isinstance(node, s.Node):
        return node
    if isinstance(node, s.Word):
        for one in definitions:
            found = one.values(node)
            if found is not None:
                values, power = found
                body = with_values(one.body, {letter: _once(value, definitions) for letter, value in values.items()})
                if not power:
                    return body  # type: ignore[return-value]
                exponent = power[0] if len(power) == 1 else s.Listed(node.at, power)
                return s.Raised(node.at, body, exponent)  # type: ignore[return-value]
    return rebuilt(node, lambda one: _once(one, definitions))  # type: ignore[return-value]


def with_values(node: s.Node, values: dict[str, s.Node]) -> s.Node:
    """The node with indices for its letters; letters of sums inside are renamed where an index has them."""
    if not values:
        return node
    if isinstance(node, s.Word) and _is_letter(node) and node.base in values:
        return values[node.base]
    if isinstance(node, s.Big):
        inside = {letter: value for letter, value in values.items() if letter not in node.letters}
        taken = {one.base for value in inside.values() for one in nodes_in(value) if isinstance(one, s.Word)}
        renamed = {letter: _fresh(letter, taken, node) for letter in node.letters if letter in taken}
        inside |= {letter: s.Word(node.at, new) for letter, new in renamed.items()}
        node = replace(node, letters=tuple(renamed.get(letter, letter) for letter in node.letters),
                       but=tuple((renamed.get(letter, letter), other) for letter, other in node.but))  # fmt: skip
        return rebuilt(node, lambda one: _with_values_in(one, inside))
    return rebuilt(node, lambda one: _with_values_in(one, values))


def _with_values_in(one: object, values: dict[str, s.Node]) -> object:
    if isinstance(one, tuple):
        return tuple(_with_values_in(inner, values) for inner in one)
    return with_values(one, values) if isinstance(one, s.Node) else one


def _fresh(letter: str, taken: set[str], node: s.Big) -> str:
    used = taken | {one.base for one in nodes_in(node) if isinstance(one, s.Word)}
    return next(name for name in (f"{letter}{k}" for k in range(1, 1000)) if name not in used)


def is_own_answer(side: s.Node, spelled: tuple[s.Spelled, ...], names: Names) -> bool:
    r"""Is it the text's own name for what is asked, as \delta_1 or \Delta w_1 may be?"""
    if isinstance(side, s.Product) and len(side.factors) == 2 and not side.operators[0]:
        first, second = side.factors
        return isinstance(first, s.Word) and first.base == "Delta" and isinstance(second, s.Word)
    return is_own_name(side, spelled, names)
