"""Which links of a chain are true: in general, at numbers, or in another way that they may be meant."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from msgspec import Struct

from derive.errors import BudgetError, UnsupportedError
from derive.judging.conventions import repeated_letters, taken_as_given, true_under
from derive.judging.counted import recounted
from derive.judging.decision import Outcome, at_sizes, looks_true, provable
from derive.judging.derivatives import TOTAL, along_edges, over_paths, reading_of
from derive.judging.fixed import FixedSizes, sizes_meant
from derive.judging.layered import at_every_layer
from derive.judging.links import (
    ORDERS,
    exact_pairs,
    formula,
    is_about_numbers,
    is_arithmetic,
    is_concrete,
    letters,
    of_numbers,
)
from derive.judging.numbers import is_same, value_of
from derive.judging.outcomes import (
    both_sides,
    by_chance,
    conditions_of,
    has_numbers,
    numbers_in,
    says_zero,
    score,
    together,
    values_said,
)
from derive.judging.pairs import MismatchError, Pair, paired
from derive.judging.settings import true_at_settings, true_by_sizes, unsaid
from derive.judging.show import shown_chain, shown_ranges
from derive.judging.subject import Subject
from derive.language.deep import DeepNetwork
from derive.language.expression import Index
from derive.language.recurrence import Recurrence
from derive.language.statement import Chain, Open, Relation, Side, Table, expressions_of
from derive.reading.arrays import contracted
from derive.reading.pending import exactly

MAX_CELLS = 2_000


class Link(Struct, frozen=True):
    """left relation right, in each way that they may be taken together."""

    number: int
    relation: Relation
    ways: tuple[tuple[Pair, ...], ...]
    left: Side
    right: Side

    @property
    def pairs(self) -> tuple[Pair, ...]:
        return self.ways[0]


class Found(Struct, frozen=True):
    """What became of a link: its outcome, and the convention that it needs."""

    outcome: Outcome
    convention: str = ""
    reading: str = ""
    pairs: tuple[Pair, ...] = ()  # of the way that comes nearest, and the index values there
    where: dict[str, int] = {}


class Truths:
    """One chain, and what becomes of its links."""

    def __init__(self, subject: Subject, chain: Chain) -> None:
        self.subject = subject
        self.chain = chain
        self.fixed = FixedSizes(subject.sizes, subject.definitions)
        self.typed = tuple(self.fixed.counted(side) for side in chain.sides)
        self.how = reading_of(expr for side in self.typed for expr in expressions_of(side))
        self.has_edges = bool(self.how)
        self.sides = tuple(along_edges(subject.known, side) for side in self.typed) if self.has_edges else self.typed
        self.read_as = shown_chain(self.typed, chain.relations) + shown_ranges(chain.ranges, chain.layers, self.layer)

    @property
    def layer(self) -> str:
        program = self.subject.problem.program
        return program.layer.letter if isinstance(program, DeepNetwork) else ""

    @property
    def instance_said(self) -> str:
        return "the given instance" if self.subject.explicit else "the worked instance"

    def outcomes(self, links: list[Link]) -> dict[int, Found]:
        found: dict[int, Found] = {}
        numeric: list[Link] = []
        for link in links:
            if isinstance(self.subject.problem.program, DeepNetwork) and link.relation == "=":
                found[link.number] = Found(
                    at_every_layer(self.subject.known, link.pairs, self.chain.layers, self.subject.given_depth)
                )
            elif is_arithmetic(link.pairs):
                found[link.number] = Found(together([of_numbers(p, link.relation, None, {}) for p in link.pairs]))
            elif is_about_numbers(link.pairs) and not self.holds_always(link):
                alone = self.by_sizes_alone(link)
                found.update({} if alone is None else {link.number: alone})
                numeric += [link] if alone is None else []
            else:
                found[link.number] = self.formula(link)
        if numeric:
            found.update(self.numeric(numeric))
            for link in links:
                if found[link.number].outcome.truth is False and link not in numeric and not is_arithmetic(link.pairs):
                    found[link.number] = self.with_numbers_put_in(link) or found[link.number]
        return found

    def with_numbers_put_in(self, link: Link) -> Found | None:
        """In a chain that ends in numbers, a formula may have some of the instance's numbers put in already."""
        if self.subject.numbers is None or link.relation not in ("=", "~"):
            return None
        free = {name: index for name, index in letters(link.pairs).items() if isinstance(index, Index)}
        try:
            cells = list(islice(self.fixed.shapes.assignments(free), MAX_CELLS))
            same = all(self.is_same(pair, cell) for cell in cells for pair in link.pairs)
        except (UnsupportedError, BudgetError, KeyError, ArithmeticError):
            return None
        if not same:
            return None
        said = "" if any(map(has_numbers, link.pairs)) else "with these numbers alone; false in general"
        return Found(Outcome(True, self.instance_said), said)

    def by_sizes_alone(self, link: Link) -> Found | None:
        """What the problem takes as given, or the sizes make true for all values."""
        if link.relation != "=" or isinstance(self.subject.problem.program, Recurrence):
            return None
        pairs = exact_pairs(link.pairs)
        if (scope := taken_as_given(self.subject, pairs)) is not None:
            return Found(Outcome(True, scope))
        if (again := recounted(self.subject, pairs, self.fixed)) is not None:
            return Found(*again)
        scope = true_by_sizes(self.subject, pairs, self.fixed)
        return None if scope is None else Found(Outcome(True, scope), reading=self.how)

    def is_same(self, pair: Pair, cell: Mapping[str, int]) -> bool:
        left, right = (value_of(side, self.subject, cell) for side in (pair.left, pair.right))
        return is_same(left, right, pair, self.subject, cell) is True

    def holds_always(self, link: Link) -> bool:
        """Numbers that are right for every size and value, such as a sum that is zero."""
        if isinstance(self.subject.problem.program, Recurrence):
            return bool(letters(link.pairs)) or self.subject.sequences.judge(exact_pairs(link.pairs)).truth is True
        if link.relation not in ("=", "~") or is_concrete(link.pairs):
            return False
        pairs = exact_pairs(link.pairs)
        known = self.subject.definitions
        return looks_true(self.subject, pairs, {}) and all(
            provable(one.left, one.right, known, known=self.subject.known) for one in pairs
        )

    def formula(self, link: Link) -> Found:
        if link.relation not in ("=", "~"):
            return Found(Outcome(None, why=f"'{link.relation}' between formulas is not decided"))
        if isinstance(self.subject.problem.program, Recurrence):
            return Found(self.subject.sequences.judge(exact_pairs(link.pairs)))
        outcome = formula(self.subject, link.pairs, self.fixed)
        if not outcome.truth and (again := recounted(self.subject, exact_pairs(link.pairs), self.fixed)) is not None:
            return Found(*again)
        if outcome.truth is not False or is_concrete(link.pairs):
            if outcome.truth is False and (other := self.as_total(link)) is not None:
                return other
            return Found(outcome, reading=self.how if outcome.truth else "")
        convention = true_under(self.subject, exact_pairs(link.pairs), self.repeated(link), self.typed)
        if convention is not None:
            said, scope = convention
            if said.endswith("as in the given instance"):
                said, scope = "", f"{scope}, {said.partition(', as')[0]}"
            return Found(Outcome(True, scope), said, self.how)
        ways = (self.as_total, self.at_settings, self.at_numbers, self.at_its_sizes, self.with_rows)
        return next((found for way in ways if (found := way(link)) is not None), Found(outcome))

    def with_rows(self, link: Link) -> Found | None:
        """u v^T is one number where vectors are rows."""
        sides = [contracted(side) for side in (link.left, link.right)]
        alone = any(not isinstance(side, Open | Table) for side in (link.left, link.right))
        if sides == [None, None] or not alone:
            return None
        left, right = (side if one is None else one for one, side in zip(sides, (link.left, link.right), strict=True))
        outcome = formula(self.subject, paired(left, right, self.fixed)[0], self.fixed)
        return Found(outcome, "if vectors are rows") if outcome.truth else None

    def repeated(self, link: Link) -> frozenset[str]:
        """Letters that stand twice in a term as it was typed, and on one side only."""
        try:
            typed = paired(self.typed[link.number], self.typed[link.number + 1], self.fixed)[0]
        except (MismatchError, UnsupportedError):
            return frozenset()
        return frozenset().union(*(repeated_letters(pair) for pair in typed))

    def as_total(self, link: Link) -> Found | None:
        """The same with every derivative taken over all paths."""
        if not self.has_edges:
            return None
        try:
            left, right = (over_paths(self.subject.known, side) for side in self.typed[link.number : link.number + 2])
            pairs = paired(left, right, self.fixed)[0]
        except (MismatchError, UnsupportedError):
            return None
        outcome = formula(self.subject, pairs, self.fixed)
        return Found(outcome, TOTAL, TOTAL) if outcome.truth else None

    def at_settings(self, link: Link) -> Found | None:
        """What is false for every stride, and true for that of the instance."""
        found = true_at_settings(self.subject, exact_pairs(link.pairs), self.typed)
        return None if found is None else Found(Outcome(True, found[0]), found[1])

    def at_its_sizes(self, link: Link) -> Found | None:
        """What is false for all sizes, and true at those that are given, or that its sums have for their ends."""
        pairs = exact_pairs(link.pairs)
        given = {key: size for key, size in self.subject.given.sizes.items() if key in self.subject.sizes}
        meant = sizes_meant(pairs, self.subject.sizes) or list(given) or list(unsaid(self.subject, self.typed))
        if not meant:
            return None
        try:
            outcome = at_sizes(self.subject, pairs, self.fixed)
        except (UnsupportedError, BudgetError, ArithmeticError):
            return None
        said = ", ".join(f"{key} = {self.subject.sizes[key]}" for key in meant)
        rest = "" if given.keys() >= self.subject.sizes.keys() else ", all other sizes as in the worked instance"
        return Found(Outcome(True, said), f"at {said}{rest}") if outcome.truth else None

    def at_numbers(self, link: Link) -> Found | None:
        """A formula that is false in general, yet true at the numbers that were given."""
        if self.subject.instance is None or not self.subject.explicit:
            return None
        given = {str(value) for table in self.subject.instance.inputs.values() for value in table.values()}
        if not any(str(number) in given for pair in link.pairs for number in numbers_in(exactly(pair.right))):
            return None
        env_letters = {name: index for name, index in letters(link.pairs).items() if isinstance(index, Index)}
        try:
            cells = list(islice(self.fixed.shapes.assignments(env_letters), MAX_CELLS))
        except (UnsupportedError, KeyError):
            return None
        outcomes = [of_numbers(pair, "=", self.subject, cell) for cell in cells for pair in both_sides(link.pairs)]
        if outcomes and all(one.truth and one.mode == "exact" for one in outcomes):
            return Found(Outcome(True, self.instance_said), "with these numbers alone; false in general")
        return None

    def numeric(self, links: list[Link]) -> dict[int, Found]:
        """Claims about numbers at the instance; a letter that is left open is looked for among its values."""
        if self.subject.instance is None:
            return {link.number: self.formula(link) for link in links}
        best: dict[int, Found] | None = None
        for way in range(max(len(link.ways) for link in links)):
            chosen = {link.number: link.ways[min(way, len(link.ways) - 1)] for link in links}
            found, good = self.at_instance(links, chosen)
            if good:
                return found
            best = best or found
        assert best is not None
        return best

    def at_instance(self, links: list[Link], chosen: dict[int, tuple[Pair, ...]]) -> tuple[dict[int, Found], bool]:
        free: dict[str, Index] = {}
        for pairs in chosen.values():
            free.update({name: index for name, index in letters(pairs).items() if isinstance(index, Index)})
        scope = self.instance_said
        try:
            cells = list(islice(self.fixed.shapes.assignments(free), MAX_CELLS))
        except (UnsupportedError, KeyError) as error:
            return {link.number: Found(Outcome(None, why=str(error))) for link in links}, False
        if not cells:
            return {link.number: Found(Outcome(None, why="an index has no values here")) for link in links}, False
        conditions = [one for pairs in chosen.values() for pair in pairs for one in conditions_of(pair)]
        cells = [cell for cell in cells if all(self.fixed.shapes.holds(one, cell) for one in conditions)] or cells
        table = []
        for cell in cells:
            table.append({
                link.number: together([of_numbers(p, link.relation, self.subject, cell) for p in chosen[link.number]])
                for link in links
            })  # fmt: skip
        right = [cell for cell, row in zip(cells, table, strict=True) if all(one.truth for one in row.values())]
        if len(right) < len(cells) and any(link.relation in ORDERS for link in links):
            right = []  # a bound is one of all values
        if not right:
            false = [k for k, row in enumerate(table) if any(one.truth is False for one in row.values())]
            near = max(false or range(len(table)), key=lambda k: sum(score(one) for one in table[k].values()))
            return {
                number: Found(outcome, pairs=chosen[number], where=cells[near])
                for number, outcome in table[near].items()
            }, False
        wrong = next((k for k, cell in enumerate(cells) if cell not in right), None)
        zero = any(says_zero(link.pairs, link.relation) for link in links)
        if wrong is not None and zero and len(free) > 1:  # an array is zero where all of its entries are
            return {n: Found(one, pairs=chosen[n], where=cells[wrong]) for n, one in table[wrong].items()}, False
        row = table[cells.index(right[0])]
        where = "" if len(right) == len(cells) else f"for {values_said(right)}"
        found = {}
        for link in links:
            mode = row[link.number].mode
            if where and mode not in ("exact", ""):
                found[link.number] = Found(Outcome(None, why=f"{mode}, {where}, which may be by chance"))
            else:
                needed = where if zero or self.names_its_letters(link) else ""
                needed = (
                    needed
                    or self.subject.example
                    or ("" if self.subject.explicit else by_chance(link.pairs, link.relation))
                )
                found[link.number] = Found(Outcome(True, scope, mode=mode), needed, where)
        return found, True

    def names_its_letters(self, link: Link) -> bool:
        """Is a free letter written out, and no array stands beside it? Then the claim is about all of its values."""
        if any(isinstance(side, Table) for side in (link.left, link.right)):
            return False
        axes = {axis.name for side in (link.left, link.right) if isinstance(side, Open) for axis in side.axes}
        return bool(letters(link.pairs).keys() - axes)
