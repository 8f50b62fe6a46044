"""Names into entries of tensors: which index each script is, which axes stay open, which power is left."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import NoReturn

from msgspec.structs import replace

from derive.algebra.binding import fresh_name, rewrite, substitute
from derive.errors import AnswerError
from derive.language.deep import DeepNetwork
from derive.language.domain import Integers
from derive.language.expression import (
    ONE,
    ZERO,
    Bracket,
    Direct,
    Expr,
    Function,
    Index,
    Number,
    Read,
    free_indices,
    sqrt,
    walk,
)
from derive.language.near import did_you_mean
from derive.language.notation import Level, Name
from derive.language.recurrence import Recurrence
from derive.language.statement import Open, Side, Table
from derive.language.tensor import Tensor, d
from derive.reading import surface as s
from derive.reading.arrays import Misfit, Unsized, identity, mapped, ones
from derive.reading.levels import level_of
from derive.reading.pending import Counted, exactly
from derive.reading.ranges import Stated
from derive.reading.references import Names, Reference, axes_rows, describe, split
from derive.reading.scope import Clash, Hole
from derive.reading.trees import exponent_of, letters_bound, nodes_in, word_of


def is_bare(word: s.Word) -> bool:
    """A letter without scripts, accents and primes."""
    return not (word.below or word.above or word.accent or word.primes)


LOSSES = ("ell", "L", "J", "E", "f", "loss", "Loss")  # what a loss is called where the problem has no such name


class Entries:
    """One text in one vocabulary. Ranges of letters are left as holes until the whole text is known."""

    def __init__(self, text: str, names: Names, spelled: tuple[s.Spelled, ...]) -> None:
        self.text, self.names, self.words = text, names, names.words
        self.program = self.words.problem.program if self.words.problem is not None else None
        self.scope: list[dict[str, tuple[Expr | None, Expr | None]]] = []
        self.taken = set().union(*(letters_bound(side) for one in spelled for side in one.sides))
        self.slash: s.Slash = "one"  # (a/b)c for a/bc, unless it is read otherwise
        self.stated: dict[str, Stated] = {}
        self.ranges: tuple[Index, ...] = ()
        self.layers: tuple[Level, Level] | None = None
        self.misfits: list[Misfit] = []
        self.clashes: list[Clash] = []
        self.rows_first = False  # does a derivative by a vector stand in front of a matrix, as a row?
        self.unsized = count(1)
        self.counting: dict[str, int] = {}  # the letters that count steps, and where they stand
        self.recounted = False  # the number of steps stood as a superscript, for any step
        self.loose: dict[str, s.Word] = {}  # letters that are no names, and ought to be indices
        self.notes: list[str] = []
        self.assumed = ""

    def fail(self, message: str, node: s.Node) -> NoReturn:
        raise AnswerError(message, self.text, node.at)

    def side(self, node: s.Node) -> Side:
        raise NotImplementedError

    def scalar(self, node: s.Node) -> Expr:
        raise NotImplementedError

    def to_power(self, base: Side, exponent: s.Node, node: s.Node) -> Side:
        raise NotImplementedError

    def _word(self, node: s.Word) -> Side:
        bare = not (node.below or node.accent or node.primes)
        if (unit := self.unit(node)) is not None:
            return unit
        if bare and not node.above and self.bound(node.base) is not None:
            return Index(node.base, Hole(node.at))
        if bare and node.above and self.bound(node.base) is not None:
            return self.to_power(Index(node.base, Hole(node.at)), exponent_of(node), node)
        reference = self.names.reference(node, self.fits)
        if reference is not None and not (node.base == "e" and node.above and _is_expression(reference)):
            return self.read(reference, node)
        if bare and node.above and node.base == "e":
            return mapped(self.side(exponent_of(node)), lambda e: Function("exp", (e,)))
        tensor = self.names.flattened(node)
        if tensor is not None:
            self.notes.append(f"{describe(node)} has the entries of {tensor.key} row by row")
            whole = self.read(Reference(tensor, (None,) * len(tensor.axes)), node)
            assert isinstance(whole, Open)
            return Open(whole.axes, (), whole.entry, implied=False)
        if (root := self.root_of(node)) is not None:
            return root
        if node.base == "delta" and not node.accent and len(split(node.below)) == 2:
            left, right = (self.scalar(item) for item in split(node.below))
            return Bracket("=", left, right)
        if bare and len(node.base) == 1:
            self.loose[node.base] = node
            letter = Index(node.base, Hole(node.at))
            return self.to_power(letter, exponent_of(node), node) if node.above else letter
        return self.unknown(node)

    def root_of(self, node: s.Word) -> Side | None:
        r"""\sigma where \sigma^2 is the name of a quantity: its root, which is not negative."""
        squared = replace(node, above=(s.Numeral(node.at, "2"),))
        reference = None if node.raised else self.names.by_name(squared, self.fits)[0]
        name = reference.tensor.name if reference is not None else None
        if reference is None or not isinstance(name, Name) or name.sup != ("2",) or reference.power:
            return None
        self.notes.append(f"{describe(replace(node, above=()))} is the root of {reference.tensor.key}")
        found = mapped(self.read(reference, squared), sqrt)
        return self.to_power(found, exponent_of(node), node) if node.above else found

    def unit(self, node: s.Word) -> Side | None:
        """I, and a bold 1 for a vector of ones; as long as a script says, or their neighbours."""
        scripts = split(node.below)
        if node.base == "0" and not (scripts or node.above):  # of zeros, which go with anything
            return ZERO
        if node.base not in ("I", "1") or node.accent or node.primes or node.above or len(scripts) > 1:
            return None
        if (node.base == "1" and not node.font) or (node.base == "I" and self.names.reference(node, self.fits)):
            return None
        if node.base == "I" and self.bound("I") is not None:
            return None
        length = self.scalar(scripts[0]) if scripts else Unsized(next(self.unsized))
        if free_indices(length):
            return None
        return identity(length, self.taken) if node.base == "I" else ones(length, self.taken)

    def unknown(self, node: s.Word) -> NoReturn:
        known = [describe(word) for word in self.known()]
        close = [t for (base, accent, _), ts in self.names.table.items() for t in ts
                 if base in (node.base, node.base.swapcase()) and accent == node.accent]  # fmt: skip
        if close:
            tensor = close[0]
            axes = ", ".join(axis.name for axis in tensor.axes)
            wanted = f"{tensor.key}[{axes}]" if axes else tensor.key
            self.fail(f"the scripts of '{describe(node)}' do not fit {wanted}", node)
        names = f". Its names are {', '.join(known)}." if known else ""
        say = did_you_mean(describe(node), known, names)
        self.fail(f"'{describe(node)}' is not a name in {self.words.place}{say}", node)

    def known(self) -> list[s.Word]:
        return [s.Word(0, base, accent, "", primes) for base, accent, primes in self.names.table]

    def read(self, reference: Reference, node: s.Word) -> Side:
        """An entry; an array over the axes whose index is left open or left out; and a power of it."""
        indices, opened = self.places(reference, node)
        entry = Read(reference.tensor, indices)
        side = self.opened(entry, reference, opened)
        if reference.power:
            self.check_power(reference, node)
            return self.to_power(side, exponent_of(node), node)
        return side

    def check_power(self, reference: Reference, node: s.Word) -> None:
        """x^i of an array whose index is left out: a power of an entry, or the entry i."""
        letters = [one for one in nodes_in(reference.power) if isinstance(one, s.Word)]
        counted = [one for one in letters if one.base in self.words.indices or self.bound(one.base) is not None]
        if None in reference.places and counted:
            self.fail(f"whether {counted[0].base} is an index or an exponent is open; write it below the name", node)

    def opened(self, entry: Expr, reference: Reference, opened: dict[int, Index]) -> Side:
        if not opened:
            return entry
        rows_end = axes_rows(reference.tensor)
        rows = tuple(index for place, index in opened.items() if place < rows_end)
        columns = tuple(index for place, index in opened.items() if place >= rows_end)
        colons = any(isinstance(place, s.Colon) for place in reference.places)
        if len(opened) == 1 and not colons and any(one is not None for one in reference.places):
            # x_n, one row of x, is a vector like any other
            rows, columns = (*rows, *columns), ()
        whole = len(opened) == len(reference.tensor.axes) and len(opened) > 1
        return Open(rows, columns, entry, implied=not colons and not whole)

    def places(
        self, reference: Reference, node: s.Word, besides: Iterable[Index] = ()
    ) -> tuple[tuple[Expr, ...], dict[int, Index]]:
        """The index at each axis, and those of the axes that are left open, with other letters than those `besides`."""
        axes = reference.tensor.axes
        if reference.grouped:
            return self.grouped(reference, node)
        indices: list[Expr] = []
        opened: dict[int, Index] = {}
        for place, (axis, given) in enumerate(zip(axes, reference.places, strict=True)):
            if given is None and axis.upper == axis.lower == ONE:  # the one row of a matrix
                indices.append(ONE)
            elif given is None or (isinstance(given, s.Colon) and given.lower is None):
                index = axis.renamed(self.left_out(axis, (*opened.values(), *besides)))
                if given is None and (len(axes) == 1 or any(one is not None for one in reference.places)):
                    self.notes.append(f"the index {index.name} of {describe(node)} is left out")
                opened[place] = index
                indices.append(index)
            elif isinstance(given, s.Colon):
                self.fail("spans of an index are not read in this problem", given)
            else:
                indices.append(self.subscript(given, reference.tensor, axis))
        return tuple(indices), opened

    def subscript(self, node: s.Node, tensor: Tensor, axis: Index) -> Expr:
        found = exactly(self.scalar(node))
        if isinstance(self.program, Recurrence):
            found = self.counted_at(found, self.program.counter, node)
        if isinstance(found, Number) and found.value.denominator != 1:
            self.fail(f"an index of {tensor.key} is a whole number", node)
        if isinstance(found, Number) and isinstance(axis.lower, Number) and found.value < axis.lower.value:
            self.fail(f"the entries of {tensor.key} begin at {axis.lower.value}", node)
        return found

    def counted_at(self, place: Expr, counter: Index, node: s.Node) -> Expr:
        """The place in a sequence, counted by the letter of the problem."""
        found = rewrite(place, self.counted_by)
        if found != place and self.bound(counter.name) is not None:
            self.fail(f"{counter.name} counts the steps here; write another letter below the sum", node)
        self.recounted = self.recounted or any(map(self.is_steps, walk(place)))
        for one in walk(place):
            if isinstance(one, Index) and self.bound(one.name) is None:
                self.counting.setdefault(one.name, node.at)
            elif isinstance(one, Read) and self.is_steps(one):
                self.counting.setdefault(one.tensor.key, node.at)
        return found

    @staticmethod
    def is_steps(node: Expr) -> bool:
        return isinstance(node, Read) and isinstance(node.tensor.domain, Integers)

    def counted_by(self, node: Expr) -> Expr | None:
        """The number of steps as a superscript counts the steps, as any other letter there does."""
        assert isinstance(self.program, Recurrence)
        free = isinstance(node, Index) and self.bound(node.name) is None
        return self.program.counter if free or self.is_steps(node) else None

    def left_out(self, axis: Index, opened: Iterable[Index]) -> str:
        """The letter of an axis whose index is left out; another one where a sum uses it."""
        used = {index.name for index in opened}
        if axis.name in self.taken or axis.name in used:
            return fresh_name(axis.name, self.taken | used | set(self.words.indices))
        return axis.name

    def grouped(self, reference: Reference, node: s.Word) -> tuple[tuple[Expr, ...], dict[int, Index]]:
        """Row and column of a matrix whose rows are numbered through several axes."""
        tensor, rows_end = reference.tensor, axes_rows(reference.tensor)
        indices: list[Expr] = []
        opened: dict[int, Index] = {}
        for given, axes, start in zip(
            reference.places, (tensor.axes[:rows_end], tensor.axes[rows_end:]), (0, rows_end), strict=True
        ):
            assert given is not None
            if isinstance(given, s.Colon) and given.lower is None:
                for place, axis in enumerate(axes, start=start):
                    opened[place] = axis.renamed(self.left_out(axis, opened.values()))
                    indices.append(opened[place])
                continue
            number = self.scalar(given)
            if not isinstance(number, Number) or number.value.denominator != 1 or number.value < 1:
                self.fail(f"a row or column of {tensor.key} is counted 1, 2, ...", given)
            indices.extend(Counted(number.value.numerator, place, axes) for place in range(len(axes)))
            self.counted = True
        return tuple(indices), opened

    def _derivative(self, node: s.Derivative) -> Side:
        of, by = self.variable(node.of), self.variable(node.by)
        loss = self.words.loss
        by_indices, by_open = self.places(by, self.word_in(node.by))
        if loss is not None and of.tensor in (loss, self.names.at_depth(loss)):
            if by.tensor == of.tensor or isinstance(by.tensor.domain, Integers):
                self.fail(f"there is no derivative by {by.tensor.key}", node.by)
            target = d(of.tensor, by.tensor)
            side = self.opened(Read(target, by_indices), Reference(by.tensor, by.places), by_open)
            return self.flat_or_not(side, node.by)
        of_indices, of_open = self.places(of, self.word_in(node.of), by_open.values())
        problem = self.words.problem
        held = problem.held(of.tensor, by.tensor) if problem is not None else ()
        total = node.straight and bool(held)
        entry = Direct(Read(of.tensor, of_indices), Read(by.tensor, by_indices), () if total else held, total)
        rows, columns = tuple(of_open.values()), tuple(by_open.values())
        if not rows and not columns:
            return entry
        return Open(rows, columns, entry, implied=not (rows and columns))

    def one_by_one(self, sides: list[Side]) -> list[Side]:
        """da/dz beside a vector is da_n/dz_n, where each entry of a is made of one of z alone."""
        if any(not (isinstance(one, Expr) or len(_axes(one)) < 2 or self.is_diagonal(one)) for one in sides):
            return sides
        return [self.along_diagonal(one) if isinstance(one, Open) and self.is_diagonal(one) else one for one in sides]

    def is_diagonal(self, side: Side) -> bool:
        """Is it the derivative of one vector by another, both as a whole, whose entries go together?"""
        if not isinstance(side, Open) or not isinstance(side.entry, Direct) or self.program is None:
            return False
        if len(side.rows) != 1 or len(side.columns) != 1:
            return False
        of, by = side.entry.of, side.entry.by
        for equation in self.program.equations:
            if equation.tensor == of.tensor and len(of.indices) == len(by.indices) == 1:
                read = [node for node in walk(equation.value) if isinstance(node, Read) and node.tensor == by.tensor]
                return all(node.indices == equation.target.indices for node in read)
        return False

    @staticmethod
    def along_diagonal(side: Open) -> Open:
        (row,), (column,) = side.rows, side.columns
        return Open((column,), (), substitute(side.entry, {row.name: column}))

    def flat_or_not(self, side: Side, by: s.Node) -> Side:
        word = self.word_in(by)
        if isinstance(side, Open) and self.names.reference(word, self.fits) is None:
            return Open(side.axes, (), side.entry, implied=False)
        return side

    def word_in(self, node: s.Node) -> s.Word:
        word = word_of(node)
        if word is None:
            self.fail("a derivative is taken of a name by a name", node)
        return word

    def variable(self, node: s.Node) -> Reference:
        word = self.word_in(node)
        reference = self.names.reference(word, self.fits)
        if reference is None and (tensor := self.names.flattened(word)) is not None:
            self.notes.append(f"{describe(word)} has the entries of {tensor.key} row by row")
            reference = Reference(tensor, (None,) * len(tensor.axes))
        if reference is None and word.base in LOSSES and self.words.loss is not None and is_bare(word):
            self.notes.append(f"{describe(word)} is the loss, {self.words.loss.key}")
            reference = Reference(self.words.loss, ())
        if reference is None:
            self.unknown(word)
        if reference.power:
            self.fail("a derivative is taken of a name by a name, not of a power", node)
        return reference

    def _nabla(self, node: s.Nabla) -> Side:
        of = self.variable(node.of)
        loss = self.words.loss
        if of.tensor != loss or loss is None:
            self.fail("a gradient is taken of the loss", node)
        by = self.variable(node.by) if node.by is not None else self.only_gradient(node)
        name = by.tensor.name
        word = s.Word(node.at, name.base, name.accent) if isinstance(name, Name) else s.Word(node.at, by.tensor.key)
        indices, opened = self.places(by, word)
        return self.opened(Read(d(loss, by.tensor), indices), Reference(by.tensor, by.places), opened)

    def only_gradient(self, node: s.Nabla) -> Reference:
        tensors = {tensor.key: tensor for tensor in self.names.asked.values()}
        if len(tensors) != 1:
            self.fail("say what the gradient is taken by, as in \\nabla_w", node)
        (key,) = tensors
        by = next(t for t in self.words.names.values() if d(self.words.loss, t).key == key) if self.words.loss else None
        assert by is not None
        return Reference(by, (None,) * len(by.axes))

    def bound(self, letter: str) -> tuple[Expr | None, Expr | None] | None:
        return next((ends[letter] for ends in reversed(self.scope) if letter in ends), None)

    def fits(self, letter: str, axis: Index) -> bool:
        """May a letter read this axis, going by the range that its sum gives it?"""
        ends = self.bound(letter)
        return ends is not None and ends[1] == axis.upper and (ends[0] or ONE) == axis.lower

    def is_layer(self, letter: str) -> bool:
        """Is it the number of a layer?"""
        return isinstance(self.program, DeepNetwork) and level_of(s.Word(0, letter), self.program) == self.program.layer

    def names_tensor(self, letter: str) -> bool:
        return any(not tensor.axes for tensor in self.names.table.get((letter, "", 0), []))


def _is_expression(reference: Reference) -> bool:
    """Is the power one that e, rather than a quantity of that name, is raised to?"""
    return bool(reference.power) and not all(isinstance(node, s.Numeral) for node in reference.power)


def _axes(side: Side) -> tuple[object, ...]:
    """The axes of an array; of one that is written out, as many as it has."""
    if isinstance(side, Open):
        return side.axes
    return (None,) * (1 if isinstance(side, Table) and (side.vector or 1 in (len(side.rows), len(side.rows[0]))) else 2)
