"""Names without a problem: what a letter and its scripts mean by the habits of the field.

Letters i to t below a name are indices; words, capitals and digits belong to the name, but digits are indices where
the same name has a letter there. A superscript is a power, unless it stands in parentheses, counts (n and n + 1), or
stands over a subscript as two digits or letters do in w_1^{11}.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from derive.algebra.binding import told_apart
from derive.language.constant import PI
from derive.language.domain import REAL, Domain, Integers
from derive.language.expression import ONE, Bracket, Expr, Function, Index, Number, Read, Sum, add, free_indices, mul
from derive.language.notation import Name, PartialName
from derive.language.statement import Side, Statement, expressions_of, with_expressions
from derive.language.tensor import Tensor, size
from derive.reading import surface as s
from derive.reading.free_forms import FreeForms
from derive.reading.habits import Habit, arrays_in, head, twins, vectors
from derive.reading.pending import exactly
from derive.reading.ranges import restricted
from derive.reading.references import Matches, Names, Reference, describe, split
from derive.reading.scope import Hole
from derive.reading.trees import exponent_of, letters_bound, nodes_in
from derive.reading.vocabulary import Vocabulary

INDEX = frozenset("ijklnmpqrst")
WHOLE = frozenset({"n", "m", "N", "M", "K"})  # alone, they count something
PLACE = "the gold answer"


class Scripts(Struct, frozen=True):
    """The scripts of a word: its own, the indices (the first `raised` of them stand above), and a power."""

    below: tuple[s.Node, ...]
    above: tuple[s.Node, ...]
    indices: tuple[s.Node, ...]
    raised: int
    power: tuple[s.Node, ...] = ()


class FreeNames(Names):
    """Makes a tensor for every name that a text has; the texts together tell which scripts are indices.

    Without `counts`, n + 1 in a superscript is a power too.
    """

    def __init__(
        self,
        texts: Iterable[tuple[s.Spelled, ...]],
        domain: Domain = REAL,
        counts: bool = True,
        habits: Collection[Habit] = (),
    ) -> None:
        self.domain, self.habits, self.layers = domain, habits, {}
        self.table: dict[tuple[str, str, int], list[Tensor]] = {}
        self.asked: Mapping[str, Tensor] = {}
        self.tensors: dict[str, Tensor] = {}
        self.nodes = [node for spelled in texts for one in spelled for side in one.sides for node in nodes_in(side)]
        sides = [side for spelled in texts for one in spelled for side in one.sides]
        self.bound: set[str] = set().union(*map(letters_bound, sides)) if sides else set()
        self.scripted = [node for node in self.nodes if isinstance(node, s.Word)]
        self.uppers = {
            node.upper.base for node in self.nodes if isinstance(node, s.Big) and isinstance(node.upper, s.Word)
        }
        self.uppers |= self._last_letters()
        self.lettered = {head(word) for word in self.scripted if any(map(self.is_letter, split(word.below)))}
        self.counting = self._counting() if counts else set()
        shifted = any(isinstance(n, s.Sums) for word in self.scripted for n in (*split(word.below), *split(word.above)))
        self.margin = 2 if shifted else 0  # so far may a subscript reach past its range
        scripts = [script for word in self.scripted for script in self.index_scripts(word).indices]
        inside = [node for script in scripts for node in nodes_in(script) if isinstance(node, s.Word)]
        self.used = {node.base for node in inside if self.is_index_letter(node)}
        self.parent: dict[str, str] = {}
        self.groups = self._groups()
        self.twins = {**vectors(self.nodes), **twins(self.scripted, self.index_scripts)}
        self.arrays = set(self.twins) if "arrays" in habits else {*map(head, arrays_in(self.nodes))} & set(self.twins)
        self.ends: dict[str, tuple[Expr, Expr]] = {}
        indices: dict[str, Index] = {}
        self.words = Vocabulary(PLACE, {}, {}, indices)
        self.indices = indices

    @property
    def has_axes(self) -> bool:
        """Do all names that are transposed stand with indices too, so that products are taken over their axes?"""
        return bool(self.arrays) and {*map(head, arrays_in(self.nodes))} <= self.arrays

    def _last_letters(self) -> set[str]:
        """Letters at which dots end: x_1 + ... + x_n."""
        found: set[str] = set()
        for node in self.nodes:
            items = [term for _, term in node.terms] if isinstance(node, s.Sums) else []
            items = list(node.items) if isinstance(node, s.Listed) else items
            for dots, last in itertools.pairwise(items):
                if isinstance(dots, s.Dots):
                    words = [one for one in nodes_in(last) if isinstance(one, s.Word)]
                    scripts = [n for word in words for n in (*split(word.below), *split(word.above))]
                    found |= {n.base for n in scripts if isinstance(n, s.Word)}
        return found

    def counts_with(self, letter: str) -> bool:
        """A letter that is bound, or free as an index; not one that ends a range."""
        return letter in self.bound or letter not in self.uppers

    def _counting(self) -> set[str]:
        """Names whose superscripts count: one with n + 1, or with two different letters."""
        found: dict[str, set[str]] = {}
        for word in self.scripted:
            if len(word.above) == 1 and word.base != "e" and not word.raised:
                node = word.above[0]
                if isinstance(node, s.Sums) and self._counts(node):
                    found.setdefault(head(word), set()).add("sum")
                elif isinstance(node, s.Word) and node.base in INDEX:
                    found.setdefault(head(word), set()).add(node.base)
        return {head for head, kinds in found.items() if "sum" in kinds and len(kinds) > 1}

    @staticmethod
    def _counts(node: s.Sums) -> bool:
        """n + 1 and k - 1."""
        terms = [term for _, term in node.terms]
        return len(terms) == 2 and isinstance(terms[0], s.Word) and isinstance(terms[1], s.Numeral)

    def is_letter(self, node: s.Node) -> bool:
        """A script that is an index: a letter of the usual ones or of a sum, or an expression in one."""
        if isinstance(node, s.Word) and not (node.below or node.above or node.accent):
            return node.base in self.bound or (node.base in INDEX and node.font != "mathrm")
        return isinstance(node, s.Sums) and any(self.is_letter(term) for _, term in node.terms)

    def index_scripts(self, word: s.Word) -> Scripts:
        """Which scripts belong to the name, which are indices, and what is a power."""
        below, above = split(word.below), split(word.above)
        own = tuple(node for node in below if not self.is_index(word, node))
        indices = tuple(node for node in below if self.is_index(word, node))
        if not above:
            return Scripts(own, (), indices, 0)
        if word.raised or (head(word) in self.counting and not isinstance(above[0], s.Numeral)):
            return Scripts(own, (), (*above, *indices), len(above))
        if (
            below
            and word.base != "e"
            and len(above) == 1
            and isinstance(above[0], s.Numeral)
            and len(above[0].text) == 2
        ):
            return Scripts(own, above, indices, 0)
        if below and len(above) == 2 and all(map(self.is_letter, above)):
            return Scripts(own, (), (*above, *indices), 2)
        return Scripts(own, (), indices, 0, word.above)

    def is_index(self, word: s.Word, node: s.Node) -> bool:
        return self.is_letter(node) or (
            isinstance(node, s.Numeral) and head(word) in self.lettered and node.text.isdigit()
        )

    def _groups(self) -> dict[tuple[str, int], str]:
        """Which letters range alike: those that stand at the same place of the same name."""
        places: dict[tuple[str, int], str] = {}
        for word in self.scripted:
            for place, node in enumerate(self.index_scripts(word).indices):
                for letter in {n.base for n in nodes_in(node) if isinstance(n, s.Word) and self.is_index_letter(n)}:
                    key = (word.base + word.accent, place)
                    if key in places:
                        one, other = sorted((self.root(places[key]), self.root(letter)))
                        self.parent[other] = one
                    places[key] = self.root(letter)
        return {key: self.root(letter) for key, letter in places.items()}

    def is_index_letter(self, node: s.Word) -> bool:
        return self.is_letter(node) and self.counts_with(node.base)

    def root(self, letter: str) -> str:
        while self.parent.setdefault(letter, letter) != letter:
            letter = self.parent[letter]
        return letter

    # -- what the elaborator asks ---------------------------------------------------------------------------------

    def applied_only(self, word: s.Word) -> bool:
        """Is a sigma in these texts always followed by a parenthesis, as a function is?"""
        heads = [node for node in self.scripted if node.base == word.base and not node.accent]
        products = [node for node in self.nodes if isinstance(node, s.Product)]
        applied = {
            id(factor)
            for node in products
            for factor, operator, after in zip(node.factors, node.operators, node.factors[1:], strict=False)
            if operator == "" and isinstance(after.base if isinstance(after, s.Raised) else after, s.Listed)
        }
        return all(id(node) in applied for node in heads)

    def reference(self, word: s.Word, fits: Matches) -> Reference:
        found = self.index_scripts(word)
        if not found.indices and head(word) in self.arrays:  # x, where x_i stands too, is all of it
            places = self.twins[head(word)]
            whole = self.reference(replace(word, below=(*word.below, *places)), fits)
            return Reference(whole.tensor, (None,) * len(places), found.power)
        own, sup = (tuple(map(_text, nodes)) for nodes in (found.below, found.above))
        name = Name(
            word.base,
            word.accent,
            own,
            sup,
            word.primes,
            _key(word, own, sup),
            above=found.raised,
            enclosed=word.raised and found.raised > 0,
        )
        return Reference(self.made(name, found.indices), found.indices, found.power)

    def made(self, name: Name, indices: tuple[s.Node, ...]) -> Tensor:
        key = f"{name.key}[{len(indices)}]"
        if key not in self.tensors:
            if any(tensor.key == name.key for tensor in self.tensors.values()):
                name = replace(name, text=key)
            axes = tuple(self.axis(name, place, node) for place, node in enumerate(indices))
            whole = not indices and (name.key in WHOLE or name.key in self.uppers) and name.key not in self.bound
            self.tensors[key] = Tensor(name, axes, domain=Integers(1) if whole else self.domain)
        return self.tensors[key]

    def axis(self, name: Name, place: int, node: s.Node) -> Index:
        letter = self.root(self.groups.get((name.base + name.accent, place), f"{name.base}{place}"))
        lower, upper = self.range_of(letter)
        return Index(f"a{place}", add(upper, self.margin), add(lower, -self.margin))

    def range_of(self, letter: str) -> tuple[Expr, Expr]:
        """The range of a group of letters: one that a sum states, or a size of its own."""
        if letter not in self.ends:
            self.ends[letter] = (ONE, Read(size(f"n_{letter}")))
        return self.ends[letter]

    def flattened(self, word: s.Word) -> Tensor | None:
        return None


class FreeElaborator(FreeForms):
    """One text in names that it brings itself."""

    names: FreeNames

    def prepare(self, spelled: tuple[s.Spelled, ...]) -> None:
        """The ranges that sums state, for every letter that ranges alike."""
        for one in spelled:
            for said in one.where:
                if isinstance(said, s.Range) and isinstance(said.upper, s.Word) and isinstance(said.lower, s.Numeral):
                    for letter in said.letters:
                        ends = (exactly(self.scalar(said.lower)), exactly(self.scalar(said.upper)))
                        self.names.ends.setdefault(self.names.root(letter), ends)
            for side in one.sides:
                for node in nodes_in(side):
                    if isinstance(node, s.Big) and node.upper is not None and node.letters:
                        root = self.names.root(node.letters[0])
                        lower = exactly(self.scalar(node.lower)) if node.lower is not None else ONE
                        upper = exactly(self.scalar(node.upper))
                        if not free_indices(upper) and not free_indices(lower):
                            self.names.ends.setdefault(root, (lower, upper))

    def check_scripts(self, word: s.Word) -> None:
        """What belongs to a name is a letter, a word or a number; anything else would name two things alike."""
        found = self.names.index_scripts(word)
        for node in (*found.below, *found.above):
            plain = isinstance(node, s.Word) and not (node.above or node.primes or node.accent)
            if not plain and not isinstance(node, s.Numeral):
                self.fail("a script is a letter, a number or an index such as i + 1", node)
            if isinstance(node, s.Word):
                self.check_scripts(node)

    def variable(self, node: s.Node) -> Reference:
        self.check_scripts(self.word_in(node))
        return super().variable(node)

    def _word(self, node: s.Word) -> Side:
        self.check_scripts(node)
        bare = not (node.below or node.accent or node.primes)
        if bare and node.base == "e" and "e" in self.names.habits:
            return Function("exp", (self.scalar(exponent_of(node)) if node.above else ONE,))
        if bare and node.base == "e" and node.above:
            return super()._word(node)
        if bare and node.base == "I" and "I" in self.names.habits:
            return ONE
        if bare and not node.above and self.is_index(node.base):
            return Index(node.base, Hole(node.at))
        if node.base == "delta" and not node.accent and len(split(node.below)) == 2 and not node.above:
            left, right = (self.scalar(item) for item in split(node.below))
            return Bracket("=", left, right)
        if node.base == "pi" and bare:
            return self.to_power(PI, exponent_of(node), node) if node.above else PI
        if node.base in ("infty", "1"):
            self.fail(f"'{describe(node)}' is not read here", node)
        return super()._word(node)

    def is_index(self, letter: str) -> bool:
        """A letter that a sum binds, or that stands as an index of some name; not one that ends a range."""
        return letter in self.names.bound or letter in self.names.used

    def with_ranges(self, sides: list[Side]) -> list[Side]:
        """Every letter with the range of its group; a sum that states its own range keeps it."""
        done: list[Side] = []
        names = set().union(*(free_indices(expr) for side in sides for expr in expressions_of(side)))
        free, holds, self.ranges = restricted(self.text, {name: self.of_group(name) for name in names}, self.stated)
        for side in sides:
            new = [mul(holds, self.ranged(expr, free)) for expr in expressions_of(side)]
            done.append(with_expressions(side, tuple(told_apart(e, frozenset(free_indices(e))) for e in new)))
        return done

    def ranged(self, expr: Expr, scope: Mapping[str, Index]) -> Expr:
        if isinstance(expr, Index):
            return scope.get(expr.name) or self.of_group(expr.name)
        if isinstance(expr, Sum):
            index = expr.index
            if isinstance(index.upper, Hole):
                index = self.of_group(index.name)
            else:
                index = Index(index.name, self.ranged(index.upper, scope), self.ranged(index.lower, scope))
            return Sum(index, self.ranged(expr.body, {**scope, index.name: index}))
        children = expr.children
        return expr.with_children(tuple(self.ranged(child, scope) for child in children)) if children else expr

    def of_group(self, letter: str) -> Index:
        lower, upper = self.names.range_of(self.names.root(letter))
        return Index(letter, upper, lower)

    def is_named(self, word: s.Word) -> bool:
        """A letter that stands before a parenthesis only is a function, not a name."""
        return not self.names.applied_only(word)

    def is_function(self, word: s.Word) -> bool:
        """Is it always applied, and somewhere without an exponent?"""
        alone = any(one.base == word.base and not (one.above or one.accent) for one in self.names.scripted)
        return alone and self.names.applied_only(word)

    def is_loss(self, word: s.Word) -> bool:
        return False

    def _derivative(self, node: s.Derivative) -> Side:
        """A derivative is a name of its own, with the indices of both."""
        of, by = (self.variable(one) for one in (node.of, node.by))
        if of.power or by.power:
            self.fail("a derivative is taken of a name by a name, not of a power", node)
        places = [place for place in (*of.places, *by.places) if place is not None]
        if len(places) < len(of.places) + len(by.places):
            self.fail("a derivative is written with the indices of both, as in df/dx_i", node)
        assert isinstance(of.tensor.name, Name)
        assert isinstance(by.tensor.name, Name)
        own = Name(of.tensor.name.key, text=of.tensor.name.key)
        name = PartialName(own, by.tensor.name)
        key = f"{name.key}/{len(of.places)}/{len(by.places)}"
        tensor = self.names.tensors.setdefault(key, Tensor(name, (*of.tensor.axes, *by.tensor.axes)))
        return Read(tensor, tuple(exactly(self.scalar(place)) for place in places))

    def subscript(self, node: s.Node, tensor: Tensor, axis: Index) -> Expr:
        found = exactly(self.scalar(node))
        if isinstance(found, Number) and isinstance(axis.lower, Number) and found.value < axis.lower.value:
            self.fail(f"the index {found.value} lies before the first entry, {axis.lower.value}", node)
        return found


def elaborated_freely(
    texts: tuple[str, ...],
    spelled: tuple[tuple[s.Spelled, ...], ...],
    names: FreeNames | None = None,
    slash: s.Slash = "one",
) -> tuple[Statement, ...]:
    """Several statements in the names that they share."""
    names = names or FreeNames(spelled)
    readers = [FreeElaborator(text, names, one) for text, one in zip(texts, spelled, strict=True)]
    for reader, one in zip(readers, spelled, strict=True):
        reader.slash = slash
        reader.prepare(one)
    return tuple(
        Statement(text, tuple(reader.chain(each) for each in one))
        for reader, text, one in zip(readers, texts, spelled, strict=True)
    )


def _key(word: s.Word, own: tuple[str, ...], sup: tuple[str, ...]) -> str:
    """A spelling of its own for every name; digits one by one are the same as digits side by side."""
    below, above = ("".join(t) if all(len(one) == 1 for one in t) else ",".join(t) for t in (own, sup))
    scripts = (f"_{below}" if below else "") + (f"^{above}" if above else "")
    return f"{word.base}{word.accent}{scripts}{chr(39) * word.primes}"


def _text(node: s.Node) -> str:
    """The letters of a script that belongs to a name."""
    if isinstance(node, s.Word):
        return f"{node.base}{{{','.join(map(_text, node.below))}}}" if node.below else node.base
    return node.text if isinstance(node, s.Numeral) else "?"
