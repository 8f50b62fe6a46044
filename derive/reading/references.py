"""Names of a problem as LaTeX writes them: which tensor, which of its indices, what is left over as a power."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy

from msgspec import Struct
from msgspec.structs import replace

from derive.language.deep import DeepNetwork
from derive.language.expression import Index
from derive.language.notation import Name
from derive.language.problem import Problem
from derive.language.question import Gradient
from derive.language.tensor import Tensor, d
from derive.reading.levels import LETTERS, at_level, level_of
from derive.reading.surface import Colon, Listed, Node, Numeral, Product, Sums, Word
from derive.reading.vocabulary import Vocabulary


class Reference(Struct, frozen=True):
    """A tensor with what each axis is read at: a node, None where its index was left out, a Colon where it is open."""

    tensor: Tensor
    places: tuple[Node | None, ...]
    power: tuple[Node, ...] = ()
    grouped: bool = False  # two scripts for a matrix whose rows and columns have several axes each


Matches = Callable[[str, Index], bool]


class Names:
    """The tensors of a vocabulary by base, accent and primes, then by what follows from them.

    Where a word may be taken in two ways, `turn` says which is taken, and `open` is set to what is said of the two.
    """

    turn = 0
    depth = 0  # of the network, where it is known
    numbered = False  # does the text call the last layer by its number, and never L?
    open: tuple[str, str] | None = None
    layers: dict[str, int]  # the letters that number layers, and where they stand

    def fresh(self, turn: int = 0) -> Names:
        """For one text."""
        found = copy(self)
        found.turn, found.open, found.layers = turn, None, {}
        return found

    def of_depth(self, depth: int) -> Names:
        """The same of a network with so many layers."""
        found = copy(self)
        found.depth = depth
        return found

    def __init__(self, words: Vocabulary) -> None:
        self.words, self.layers = words, {}
        self.table: dict[tuple[str, str, int], list[Tensor]] = {}
        for tensor in {t.key: t for t in words.names.values()}.values():
            if isinstance(tensor.name, Name):
                name = tensor.name
                self.table.setdefault((name.base, name.accent, name.primes), []).append(tensor)
        program = words.problem.program if words.problem is not None else None
        layers = {program.layer.letter, *LETTERS} if isinstance(program, DeepNetwork) else set[str]()
        self.letters = frozenset(base for base, accent, primes in self.table if not accent and not primes) - layers
        self.asked = asked_by_id(words.problem) if words.problem is not None else {}

    def candidates(self, word: Word) -> Iterator[Tensor]:
        """Exact names before those that differ in the case of a letter: entries of Z are often written z."""
        key = (word.base, word.accent, word.primes)
        found = self.table.get(key, [])
        yield from sorted(found, key=lambda t: -len(t.name.sub) - len(t.name.sup) if isinstance(t.name, Name) else 0)
        other = word.base.swapcase() if len(word.base) == 1 else ""
        if not found and other and not (word.base in self.words.indices and not word.below and not word.above):
            for tensor in self.table.get((other, word.accent, word.primes), []):
                if tensor.axes:
                    yield tensor

    def of_layer(self, word: Word, fits: Matches) -> Reference | None:
        """A name of a network with the number of its layer as the first script: W_{l+1}, and W_{l+1,ij} of an entry."""
        network = self.words.problem.program if self.words.problem is not None else None
        scripts, power = split(word.below) if len(word.below) > 1 else word.below, word.above
        if isinstance(network, DeepNetwork) and self.has_layer_above(word, network):  # W^{(l)}_{ij}
            scripts, power = (*split(word.above), *scripts), ()
        if not isinstance(network, DeepNetwork) or not scripts:
            return None
        level = level_of(scripts[0], network)
        for tensor in self.table.get((word.base, word.accent, word.primes), ()):
            if level is not None and isinstance(tensor.name, Name) and tensor.name.level is not None:
                self.note_layer(scripts[0])
                return placed(at_level(tensor, level, network), split(scripts[1:]), power, word, fits)
        return None

    def has_layer_above(self, word: Word, network: DeepNetwork) -> bool:
        """Is the superscript the number of a layer? In parentheses, or in the letters that the problem has for it."""
        above, below = split(word.above), split(word.below)
        if len(above) != 1 or level_of(above[0], network) is None:
            return False
        own = {network.layer.letter, network.last_layer.letter}
        if below and own & _letters(below[0]):
            return False
        return word.raised or bool(own & _letters(above[0]))

    def note_layer(self, script: Node) -> None:
        """The letters that number layers are kept, since each of them stands for the same one."""
        for letter in _letters(script) - {self.last_letter}:
            self.layers.setdefault(letter, script.at)

    def reference(self, word: Word, fits: Matches) -> Reference | None:
        """The tensor that a word reads: by its name, else what a question asks for under that name."""
        if (last := self.in_letters(word)) is not None and (top := self.reference(last, fits)) is not None:
            return replace(top, tensor=self.at_depth(top.tensor))
        found, certain = self.by_name(word, fits)
        if found is not None and self.numbered:
            found = replace(found, tensor=self.at_depth(found.tensor))
        return found if certain else self.by_question(word, fits)

    def in_letters(self, word: Word) -> Word | None:
        """y_L for y_6, where 6 is the depth."""
        network = self.words.problem.program if self.words.problem is not None else None
        scripts = split(word.below) if len(word.below) > 1 else word.below
        first = scripts[0] if scripts and self.depth and isinstance(network, DeepNetwork) else None
        if not isinstance(first, Numeral) or first.text != str(self.depth):
            return None
        assert isinstance(network, DeepNetwork)
        return replace(word, below=(Word(first.at, network.last_layer.letter), *scripts[1:]))

    @property
    def last_letter(self) -> str:
        """L, in a network."""
        network = self.words.problem.program if self.words.problem is not None else None
        return network.last_layer.letter if isinstance(network, DeepNetwork) else ""

    def at_depth(self, tensor: Tensor) -> Tensor:
        """A tensor of the last layer, of the layer whose number is the depth."""
        network = self.words.problem.program if self.words.problem is not None else None
        return network.at_top(tensor, self.depth) if isinstance(network, DeepNetwork) and self.depth else tensor

    def by_name(self, word: Word, fits: Matches) -> tuple[Reference | None, bool]:
        """The one whose scripts fit completely, else the only one that they fit in part; is there any?"""
        found = [one for tensor in self.candidates(word) if (one := matched(tensor, word, fits)) is not None]
        most = max(map(own_scripts_read, found), default=0)
        if not most and (layered := self.of_layer(word, fits)) is not None:
            return layered, True
        found = [one for one in found if own_scripts_read(one) == most]
        whole = [one for one in found if None not in one.places] or found
        if len(whole) == 2 and not (word.below or word.above):
            self.open = tuple(f"{describe(word)} is {one.tensor.meaning}" for one in whole)  # type: ignore[assignment]
            return whole[self.turn], True
        if not whole and (row := self.row(word, fits)) is not None:
            return row, True
        return whole[0] if len(whole) == 1 else None, bool(whole)

    def row(self, word: Word, fits: Matches) -> Reference | None:
        """x_1 of a matrix x: its first row, or its first column."""
        scripts = split(word.below)
        if len(scripts) != 1 or not isinstance(scripts[0], Numeral) or word.above:
            return None
        found = [tensor for tensor in self.candidates(word) if len(tensor.axes) == 2]
        if len(found) != 1 or (isinstance(found[0].name, Name) and (found[0].name.rows or found[0].name.above)):
            return None
        self.open = (f"{describe(word)} is a row", f"{describe(word)} is a column")
        places = (scripts[0], None) if self.turn == 0 else (None, scripts[0])
        return Reference(found[0], places)

    def by_question(self, word: Word, fits: Matches) -> Reference | None:
        """delta^{(3)} where a question that asks for a gradient has the id 'delta3'."""
        if word.accent or word.primes:
            return None
        network = self.words.problem.program if self.words.problem is not None else None
        below, above = split(word.below), split(word.above)
        orders = ((*below, *above), (*above, *below))  # delta_{3}, delta^{1}_{j}
        if isinstance(network, DeepNetwork) and self.has_layer_above(word, network):
            orders = orders[::-1]
        for scripts in dict.fromkeys(orders):
            for used in range(len(scripts), -1, -1):
                tensor = self.asked.get(word.base + "".join(spelled(node) for node in scripts[:used]))
                rest = scripts[used:]
                if tensor is None:
                    continue
                if isinstance(network, DeepNetwork) and used == 0:  # delta_{l+1}, where delta is asked of any layer
                    level = level_of(rest[0], network) if rest else None
                    if level is None:
                        return None
                    self.note_layer(rest[0])
                    return placed(at_level(tensor, level, network), rest[1:], (), word, fits)
                return placed(tensor, split(rest), (), word, fits)
        return None

    def flattened(self, word: Word) -> Tensor | None:
        """The tensor whose entries, row by row, a tilde or an arrow over its name makes a vector."""
        if word.accent not in ("tilde", "vec") or word.below or word.above:
            return None
        plain = Word(word.at, word.base, "", word.font, word.primes)
        return next((tensor for tensor in self.candidates(plain) if tensor.axes), None)


def _letters(node: Node) -> set[str]:
    if isinstance(node, Sums):
        return set().union(*(_letters(term) for _, term in node.terms))
    return {node.base} if isinstance(node, Word) else set()


def own_scripts_read(reference: Reference) -> int:
    """How many of the scripts belong to the name: w_3 before an entry of w."""
    name = reference.tensor.name
    return len(name.sub) + len(name.sup) if isinstance(name, Name) else 0


def asked_by_id(problem: Problem) -> Mapping[str, Tensor]:
    return {q.id: d(problem.program.loss, q.wants.by) for q in problem.questions if isinstance(q.wants, Gradient)}


def matched(tensor: Tensor, word: Word, fits: Matches) -> Reference | None:
    """The scripts of a word against a name: its own first, then indices, then a power."""
    name = tensor.name
    assert isinstance(name, Name)
    below, above = own_scripts(name.sub, split(word.below)), own_scripts(name.sup, split(word.above))
    if below is None or above is None:
        return None
    if not above:
        return placed(tensor, below, (), word, fits)
    if indices_above(tensor, name, word, above, below):
        below = indices_of(below, len(tensor.axes) - name.above)
        return placed(tensor, (*indices_of(above, name.above), *below), (), word, fits)
    if word.raised:  # x^{(i)}, a sample
        return None if isinstance(above[0], Numeral) else placed(tensor, (*above, *below), (), word, fits)
    return placed(tensor, below, above, word, fits)


def indices_above(tensor: Tensor, name: Name, word: Word, above: tuple[Node, ...], below: tuple[Node, ...]) -> bool:
    """Are these superscripts indices? Only where the name has such; and parentheses where it is written with them."""
    if not name.above:
        return False
    if name.enclosed and not word.raised and isinstance(above[0], Numeral):
        return False
    return len(indices_of(above, name.above)) == name.above


def indices_of(scripts: tuple[Node, ...], wanted: int) -> tuple[Node, ...]:
    """11 is 1 and 1 where two indices are wanted; a number stays whole where one is."""
    if len(scripts) == 1 and isinstance(scripts[0], Numeral) and len(scripts[0].text) == wanted > 1:
        at, text = scripts[0].at, scripts[0].text
        if text.isdigit():  # 1.5 is no pair of indices
            return tuple(Numeral(at + k, digit) for k, digit in enumerate(text))
    return scripts


def own_scripts(own: tuple[str, ...], scripts: tuple[Node, ...]) -> tuple[Node, ...] | None:
    """What follows the scripts that belong to the name; None where those are not there."""
    if not own:
        return scripts
    wanted = "".join(own)
    said = ""
    for place, node in enumerate(scripts):
        said += spelled(node)
        if said == wanted:
            return scripts[place + 1 :]
    return None


def placed(
    tensor: Tensor, scripts: tuple[Node, ...], power: tuple[Node, ...], word: Word, fits: Matches
) -> Reference | None:
    """Every script at its axis: in order where all are there, by its letter or range where some are left out."""
    axes = tensor.axes
    scripts = indices_of(scripts, len(axes))
    if len(scripts) == len(axes):
        return Reference(tensor, scripts, power)
    rows = tensor.name.rows if isinstance(tensor.name, Name) else 0
    if (rows and len(scripts) == 2) or (rows and len(indices_of(scripts, 2)) == 2):
        return Reference(tensor, indices_of(scripts, 2), power, grouped=True)
    if len(scripts) > len(axes):
        return None
    places: list[Node | None] = [None] * len(axes)
    above = tensor.name.above if isinstance(tensor.name, Name) else 0
    if above and len(scripts) == above and word.above:
        return Reference(tensor, (*scripts, *places[above:]), power)
    for node in scripts:
        letter = node.base if isinstance(node, Word) else ""
        free = [k for k, place in enumerate(places) if place is None]
        own = [k for k in free if axes[k].name == letter] or [k for k in free if letter and fits(letter, axes[k])]
        if len(own) != 1:
            return None
        places[own[0]] = node
    return Reference(tensor, tuple(places), power)


def split(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """The single signs of a script: `ij` is i and j; a number stays whole."""
    found: list[Node] = []
    for node in nodes:
        if isinstance(node, Product) and not any(node.operators):
            found.extend(node.factors)
        elif isinstance(node, Listed) and len(node.items) == 1:
            found.append(node.items[0])
        else:
            found.append(node)
    return tuple(found)


def spelled(node: Node) -> str:
    """The letters or digits of a script that may be part of a name; a sign that cannot be, otherwise."""
    if isinstance(node, Numeral):
        return node.text
    if isinstance(node, Word) and not (node.below or node.above or node.accent):
        return node.base + "'" * node.primes
    return ":" if isinstance(node, Colon) else "\0"


def describe(word: Word) -> str:
    """The name as a message shows it: \\hat{z}, x_{ij}."""
    letter = word.base if len(word.base) == 1 or word.font == "mathrm" else f"\\{word.base}"
    text = (f"\\{word.accent}{{{letter}}}" if word.accent else letter) + "'" * word.primes
    below = "".join(map(spelled, split(word.below)))
    return f"{text}_{{{below}}}" if below and "\0" not in below else text


def axes_rows(tensor: Tensor) -> int:
    """How many of the first axes make the rows: the name's own, one of two, all of one."""
    rows = tensor.name.rows if isinstance(tensor.name, Name) else 0
    return rows or (1 if len(tensor.axes) == 2 else len(tensor.axes))
