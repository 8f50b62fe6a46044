"""Lists and matrices that are written out, with dots in them."""

from __future__ import annotations

from derive.algebra.binding import fresh_name
from derive.language.expression import Expr, Index, Number
from derive.language.statement import Open, Side, Table
from derive.reading import surface as s
from derive.reading.conditions import Conditions
from derive.reading.dots import NoPatternError, at, filled, spelled_out

MAX_ENTRIES = 400
FENCED = ("{}", "[)", "(]")  # of sets and half-open intervals


class Lists(Conditions):
    """(a, b, c), (a_1, ..., a_m), and matrices row by row."""

    def _listed(self, node: s.Listed) -> Side:
        if len(node.items) == 1:
            return self.side(node.items[0])
        if node.fence in FENCED:
            self.fail("sets and intervals are not read in this problem", node)
        if any(isinstance(item, s.Dots) for item in node.items):
            return self.dotted_list(node)
        return Table((tuple(self.scalar(item) for item in node.items),), vector=True)

    def dotted_list(self, node: s.Listed) -> Side:
        """(a_1, ..., a_4, b_1, ..., b_4); or (a_1, ..., a_m) by its general entry."""
        out: list[Expr] = []
        items = list(node.items)
        at_ = 0
        while at_ < len(items):
            item = items[at_]
            if not isinstance(item, s.Dots):
                out.append(self.scalar(item))
                at_ += 1
                continue
            if at_ + 1 >= len(items) or not out:
                self.fail("dots in a list stand between its entries", item)
            last = self.scalar(items[at_ + 1])
            symbolic = at_ + 2 == len(items)
            try:
                run = _run_before(out, last)
                template, start, end = filled(run, last)
                if symbolic and not isinstance(end, Number) and len(run) == len(out):
                    letter = fresh_name("k", self.taken | set(self.words.indices))
                    index = Index(letter, end, start)
                    entry = at(template, index)
                    return Open((index,), (), entry, implied=False)
                out = out[: len(out) - len(run)] + spelled_out(run, last, MAX_ENTRIES)
            except NoPatternError:
                self.fail("the entries around the dots do not show what is left out", item)
            at_ += 2
        return Table((tuple(out),), vector=True)

    def _grid(self, node: s.Grid) -> Side:
        if len({len(row) for row in node.rows}) != 1:
            self.fail("the rows of the matrix have different lengths", node)
        if sum(map(len, node.rows)) > MAX_ENTRIES:
            self.fail(f"a matrix of more than {MAX_ENTRIES} entries", node)
        return Table(tuple(tuple(self.scalar(item) for item in row) for row in node.rows))

    def _dots(self, node: s.Dots) -> Side:
        self.fail("dots are read in sums and lists, between their first entries and the last", node)


def _run_before(out: list[Expr], last: Expr) -> list[Expr]:
    """The longest end of the entries so far that leads to `last` in one pattern."""
    for length in range(min(len(out), 3), 0, -1):
        try:
            filled(out[-length:], last)
        except NoPatternError:
            continue
        return out[-length:]
    raise NoPatternError
