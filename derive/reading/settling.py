"""What is settled once every side of a chain is read: lengths, ranges of letters, and which letter a bare sum has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from derive.algebra.binding import told_apart
from derive.errors import AnswerError
from derive.language.expression import Bracket, Expr, Index, Sum, free_indices, mul, walk
from derive.language.statement import Open, Side, expressions_of, with_expressions
from derive.reading import surface as s
from derive.reading.arrays import Unsized, settled, sized
from derive.reading.calls import Calls
from derive.reading.entries import is_bare
from derive.reading.pending import Bare, exactly, letters_outside, written_outside
from derive.reading.ranges import Stated, bound_alike, layers_of, restricted
from derive.reading.scope import Hole, filled, free_ranges


class Settling(Calls):
    """Sides that know of each other."""

    def restrictions(self, where: tuple[s.Where, ...]) -> list[Expr]:
        """The conditions on the indices; the ranges among them are kept until those of the axes are known."""
        self.stated = {}
        holds: list[Expr] = []
        for one in where:
            if isinstance(one, s.Condition) and self.is_layer_named(one):
                assert isinstance(one.left, s.Word)
                one = s.Range(one.at, (one.left.base,), one.right, one.right)
            if isinstance(one, s.Condition):
                holds.append(self.condition(one))
                continue
            ends = [None if end is None else exactly(self.scalar(end)) for end in (one.lower, one.upper)]
            for letter in one.letters:
                if self.names_tensor(letter) and not self.is_layer(letter):
                    self.fail(f"'{letter}' is a name in {self.words.place}, not an index", one)
                lower, upper = (None if end is None or free_indices(end) else end for end in ends)
                before = self.stated.get(letter, Stated(None, None, one.at))
                self.stated[letter] = Stated(lower or before.lower, upper or before.upper, one.at)
                letter_ = Index(letter, Hole(one.at))
                pairs = [(end, place) for place, end in enumerate(ends) if end is not None and free_indices(end)]
                holds += [Bracket("<=", *((letter_, end) if place else (end, letter_))) for end, place in pairs]
        return holds

    def is_layer_named(self, one: s.Condition) -> bool:
        """l = L."""
        return (
            one.relation == "=" and isinstance(one.left, s.Word) and is_bare(one.left) and self.is_layer(one.left.base)
        )

    def with_lengths(self, sides: list[Side], nodes: tuple[s.Node, ...]) -> list[Side]:
        """I and vectors of ones with the lengths of the array that they are said to be equal to."""
        done = list(sides)
        for place, one in enumerate(done):
            for other in [other for other in sides if isinstance(one, Open) and isinstance(other, Open)]:
                if isinstance(one, Open) and isinstance(other, Open):
                    one = done[place] = sized(one, other)[0]
            axes = one.axes if isinstance(one, Open) else ()
            walked = (node for expr in expressions_of(one) for node in walk(expr))
            if any(isinstance(index.upper, Unsized) for index in (*axes, *_indices(walked))):
                self.fail("nothing beside it tells the length of I, or of a vector of ones", nodes[place])
        return done

    def with_ranges(self, sides: list[Side]) -> list[Side]:
        """Every letter with its range, and every bound one told apart from those that are free around it."""
        flat = tuple(expr for side in sides for expr in expressions_of(side))
        free = free_ranges(self.text, flat, self.words, self.clashes)
        free, holds, self.ranges = restricted(self.text, free, self.stated)
        flat = filled(self.text, flat, self.words, free, self.clashes)
        for letter in sorted(self.stated.keys() - free.keys()):
            if self.is_layer(letter):
                self.layers = layers_of(self.text, self.stated[letter], self.program, flat)
            else:
                bound_alike(self.text, letter, self.stated[letter], flat)
        names = frozenset(name for expr in flat for name in free_indices(expr))
        filled_in = iter(mul(holds, told_apart(expr, names)) for expr in flat)
        return [with_expressions(side, tuple(next(filled_in) for _ in expressions_of(side))) for side in sides]

    def with_sums(self, sides: list[Side]) -> list[Side]:
        """Sum signs without a letter, now that it is known which letters are free on the other sides."""
        if not any(isinstance(node, Bare) for side in sides for expr in expressions_of(side) for node in walk(expr)):
            return sides
        whole = [letters_outside(side) for side in sides]
        done: list[Side] = []
        for place, side in enumerate(sides):
            elsewhere = set().union(*(names for k, names in enumerate(whole) if k != place))
            new = tuple(self.summed(expr, elsewhere | written_outside(expr)) for expr in expressions_of(side))
            if isinstance(side, Open):
                left = free_indices(new[0])
                rows, columns = (tuple(a for a in axes if a.name in left) for axes in (side.rows, side.columns))
                done.append(settled(Open(rows, columns, new[0], side.implied)))
            else:
                done.append(with_expressions(side, new))
        return done

    def summed(self, expr: Expr, kept: set[str]) -> Expr:
        if isinstance(expr, Bare):
            body = self.summed(expr.body, kept)
            over = [index for name, index in free_indices(body).items() if name not in kept]
            if not over:
                raise AnswerError("the sum sign has no letter, and none in it is free to be summed", self.text, expr.at)
            names = ", ".join(index.name for index in over)
            self.notes.append(f"the sum sign without a letter sums over {names}")
            if any(index.name not in expr.written for index in over):
                self.assumed = f"the sum sign without a letter sums over every entry ({names})"
            for index in reversed(over):
                body = Sum(index, body)
            return body
        children = expr.children
        return expr.with_children(tuple(self.summed(child, kept) for child in children)) if children else expr


def _indices(nodes: Iterable[Expr]) -> Iterator[Index]:
    for node in nodes:
        if isinstance(node, Index | Sum):
            yield node if isinstance(node, Index) else node.index
