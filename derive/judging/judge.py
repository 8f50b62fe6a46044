"""Statement -> judgement: every link of every chain, the first false one named, each reading told."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import islice

from msgspec import Struct

from derive.errors import BudgetError, UnsupportedError
from derive.judging.conventions import repeated_letters, true_under
from derive.judging.decision import AGREED, Outcome, looks_true, provable
from derive.judging.derivatives import EDGE, TOTAL, along_edges, has_edges, over_paths
from derive.judging.diagnosis import FalseLink, diagnosed
from derive.judging.fixed import FixedSizes
from derive.judging.layered import at_every_layer
from derive.judging.links import exact_pairs, formula, is_about_numbers, is_arithmetic, is_concrete, letters, of_numbers
from derive.judging.misshapen import reshaped
from derive.judging.numbers import MODES, value_of
from derive.judging.pairs import MismatchError, Pair, paired
from derive.judging.show import shown_chain
from derive.judging.subject import Subject
from derive.language.deep import DeepNetwork
from derive.language.expression import Expr, Index, Number, Pow, Read
from derive.language.judgement import Failure, Finding, Judgement
from derive.language.recurrence import Recurrence
from derive.language.statement import Chain, Open, Relation, Side, Statement, Table, expressions_of
from derive.reading.pending import exactly

MAX_CELLS = 2_000
WORST = ("refuted", "unreadable", "undecided", "agrees", "depends", "proved")


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


def judge(subject: Subject, statement: Statement) -> Judgement:
    """The judgement on everything a text says: the worst of its chains, with how all of them were read."""
    found = [Chains(subject, chain).judgement() for chain in statement.chains]
    if len(found) == 1:
        return found[0]
    worst = min(found, key=lambda one: WORST.index(one.verdict))
    scopes = ", ".join(dict.fromkeys(one.scope for one in found if one.scope))
    said = " ; ".join(one.read_as for one in found)
    readings = "; ".join(dict.fromkeys(one.reading for one in found if one.reading))
    return Judgement(worst.verdict, worst.scope if worst.verdict == "refuted" else scopes, said, readings,
                     worst.convention, worst.counterexample, worst.diagnosis, worst.error,
                     worst.link or (worst.read_as if worst.verdict == "refuted" else ""))  # fmt: skip


class Chains:
    """One chain, judged."""

    def __init__(self, subject: Subject, chain: Chain) -> None:
        self.subject = subject
        self.chain = chain
        self.fixed = FixedSizes(subject.sizes, subject.definitions)
        self.typed = tuple(self.fixed.counted(side) for side in chain.sides)
        self.has_edges = any(has_edges(expr) for side in self.typed for expr in expressions_of(side))
        self.sides = tuple(along_edges(subject.known, side) for side in self.typed) if self.has_edges else self.typed
        self.read_as = shown_chain(self.typed, chain.relations)

    def judgement(self) -> Judgement:
        try:
            links = self.links(self.sides)
        except MismatchError as error:
            if not error.certain:
                return self.answer("undecided", scope=f"the shapes {error.left} and {error.right} do not fit as read")
            failure = Failure(dict(self.subject.sizes), {}, error.left, error.right)
            return self.answer(
                "refuted", counterexample=failure, reading="the shapes differ", diagnosis=self.reshaped()
            )
        except UnsupportedError as error:
            return self.answer("undecided", scope=str(error))
        found = self.outcomes(links)
        for link in links:
            if found[link.number].outcome.truth is False:
                return self.false(link, found[link.number])
        return self.not_false(links, found)

    def reshaped(self) -> tuple[Finding, ...]:
        """What would make the shapes of an equation fit."""
        if len(self.sides) != 2:
            return ()
        return reshaped(self.subject, *self.sides, self.chain.relations[0], self.fixed)

    def links(self, sides: Sequence[Side]) -> list[Link]:
        made = []
        for number, relation in enumerate(self.chain.relations):
            left, right = sides[number], sides[number + 1]
            ways = paired(left, right, self.fixed)
            made.append(Link(number, relation, tuple(map(tuple, ways)), left, right))
        return made

    # -- outcomes ------------------------------------------------------------------------------------------------

    def outcomes(self, links: list[Link]) -> dict[int, Found]:
        found: dict[int, Found] = {}
        numeric: list[Link] = []
        for link in links:
            if isinstance(self.subject.problem.program, DeepNetwork) and link.relation == "=":
                found[link.number] = Found(at_every_layer(self.subject.known, link.pairs))
            elif is_arithmetic(link.pairs):
                found[link.number] = Found(together([of_numbers(p, link.relation, None, {}) for p in link.pairs]))
            elif is_about_numbers(link.pairs) and not self.holds_always(link):
                numeric.append(link)
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
            same = all(
                value_of(pair.left, self.subject, cell).same(value_of(pair.right, self.subject, cell))
                for cell in cells
                for pair in link.pairs
            )
        except (UnsupportedError, BudgetError, KeyError, ArithmeticError):
            return None
        scope = "the given instance" if self.subject.explicit else "the worked instance"
        if not same:
            return None
        said = "" if any(map(_has_numbers, link.pairs)) else "with these numbers alone; false in general"
        return Found(Outcome(True, scope), said)

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
        if outcome.truth is not False or is_concrete(link.pairs):
            if outcome.truth is False and (other := self.as_total(link)) is not None:
                return other
            return Found(outcome, reading=EDGE if self.has_edges and outcome.truth else "")
        convention = true_under(self.subject, exact_pairs(link.pairs), self.repeated(link))
        if convention is not None:
            said, scope = convention
            if said.endswith("as in the given instance"):
                return Found(
                    Outcome(True, f"{scope}, {said.partition(', as')[0]}"), reading=EDGE if self.has_edges else ""
                )
            return Found(Outcome(True, scope), said, EDGE if self.has_edges else "")
        return self.as_total(link) or self.at_numbers(link) or Found(outcome)

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

    def at_numbers(self, link: Link) -> Found | None:
        """A formula that is false in general, yet true at the numbers that were given."""
        if self.subject.instance is None or not self.subject.explicit:
            return None
        given = {str(value) for table in self.subject.instance.inputs.values() for value in table.values()}
        if not any(str(number) in given for pair in link.pairs for number in _numbers_in(exactly(pair.right))):
            return None
        env_letters = {name: index for name, index in letters(link.pairs).items() if isinstance(index, Index)}
        try:
            cells = list(islice(self.fixed.shapes.assignments(env_letters), MAX_CELLS))
        except (UnsupportedError, KeyError):
            return None
        outcomes = [of_numbers(pair, "=", self.subject, cell) for cell in cells for pair in _both_sides(link.pairs)]
        if outcomes and all(one.truth and one.mode == "exact" for one in outcomes):
            scope = "the given instance" if self.subject.explicit else "the worked instance"
            return Found(Outcome(True, scope), "with these numbers alone; false in general")
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
        scope = "the given instance" if self.subject.explicit else "the worked instance"
        try:
            cells = list(islice(self.fixed.shapes.assignments(free), MAX_CELLS))
        except (UnsupportedError, KeyError) as error:
            return {link.number: Found(Outcome(None, why=str(error))) for link in links}, False
        if not cells:
            return {link.number: Found(Outcome(None, why="an index has no values here")) for link in links}, False
        table = []
        for cell in cells:
            table.append({
                link.number: together([of_numbers(p, link.relation, self.subject, cell) for p in chosen[link.number]])
                for link in links
            })  # fmt: skip
        right = [cell for cell, row in zip(cells, table, strict=True) if all(one.truth for one in row.values())]
        if not right:
            near = max(range(len(table)), key=lambda k: sum(_score(one) for one in table[k].values()))
            return {
                number: Found(outcome, pairs=chosen[number], where=cells[near])
                for number, outcome in table[near].items()
            }, False
        row = table[cells.index(right[0])]
        where = "" if len(right) == len(cells) else f"for {_said(right)}"
        found = {}
        for link in links:
            mode = row[link.number].mode
            if where and mode not in ("exact", ""):
                found[link.number] = Found(Outcome(None, why=f"{mode}, {where}, which may be by chance"))
            else:
                needed = (where if self.names_its_letters(link) else "") or self.subject.example
                found[link.number] = Found(Outcome(True, scope, mode=mode), needed, where)
        return found, True

    def names_its_letters(self, link: Link) -> bool:
        """Is a free letter written out, and no array stands beside it? Then the claim is about all of its values."""
        if any(isinstance(side, Table) for side in (link.left, link.right)):
            return False
        axes = {axis.name for side in (link.left, link.right) if isinstance(side, Open) for axis in side.axes}
        return bool(letters(link.pairs).keys() - axes)

    # -- judgements ----------------------------------------------------------------------------------------------

    def false(self, link: Link, found: Found) -> Judgement:
        said = shown_chain(self.typed[link.number : link.number + 2], (link.relation,))
        if self.chain.assumed:
            return self.answer("undecided", convention=self.chain.assumed, reading=self.notes())
        left, right = self.typed[link.number], self.typed[link.number + 1]
        wrong = FalseLink(left, right, link.relation, found.pairs or link.pairs, found.where)
        return self.answer(
            "refuted",
            scope=found.outcome.scope,
            diagnosis=diagnosed(self.subject, wrong, self.fixed),
            reading=self.notes(EDGE if self.has_edges else ""),
            counterexample=found.outcome.failure,
            link=said if len(self.chain.relations) > 1 else "",
        )

    def not_false(self, links: list[Link], found: dict[int, Found]) -> Judgement:
        outcomes = [found[link.number] for link in links]
        open_ones = [one.outcome for one in outcomes if one.outcome.truth is None]
        modes = [f"right {one.outcome.mode}" for one in outcomes if one.outcome.mode not in ("", "exact")]
        reading = self.notes(*[one.reading for one in outcomes], *modes)
        if open_ones:
            kind = "agrees" if all(one.why == AGREED for one in open_ones) else "undecided"
            return self.answer(kind, scope=open_ones[0].why, reading=reading)
        needed = [one.convention for one in outcomes if one.convention] + (
            [self.chain.assumed] if self.chain.assumed else []
        )
        scopes = list(dict.fromkeys(one.outcome.scope for one in outcomes if one.outcome.scope))
        if len(scopes) > 1 and "all sizes" in scopes:
            scopes.remove("all sizes")
        conditions = [text.replace("$", "") for one in outcomes for text in one.outcome.conditions]
        scope = ", ".join(dict.fromkeys([*scopes, *conditions])) or "numbers alone"
        if needed:
            return self.answer("depends", scope=scope, convention="; ".join(dict.fromkeys(needed)), reading=reading)
        return self.answer("proved", scope=scope, reading=reading)

    def notes(self, *more: str) -> str:
        return "; ".join(dict.fromkeys(one for one in (*self.chain.notes, *more) if one))

    def answer(self, kind: str, **fields: object) -> Judgement:
        return Judgement(kind, read_as=self.read_as, **fields)  # type: ignore[arg-type]


def together(outcomes: Sequence[Outcome]) -> Outcome:
    """All true, or the first that is not."""
    for outcome in outcomes:
        if outcome.truth is False:
            good = sum(1 for one in outcomes if one.truth)
            return Outcome(False, outcome.scope, outcome.failure, why=str(good))
    for outcome in outcomes:
        if outcome.truth is None:
            return outcome
    weakest = max((one.mode for one in outcomes), key=lambda mode: MODES.index(mode) if mode in MODES else len(MODES))
    return Outcome(True, mode=weakest)


def _has_numbers(pair: Pair) -> bool:
    """Does a number other than 0 and 1 stand in the right side, outside exponents? It may be one of the instance's."""
    return bool(_numbers_in(exactly(pair.right)))


def _numbers_in(expr: Expr) -> list[Fraction]:
    """The numbers other than 0 and 1 outside subscripts and exponents."""
    if isinstance(expr, Number):
        return [] if abs(expr.value) in (0, 1) else [expr.value]
    if isinstance(expr, Read):
        return []
    children = expr.children[:1] if isinstance(expr, Pow) else expr.children
    return [number for child in children for number in _numbers_in(child)]


def _score(outcome: Outcome) -> int:
    """How near to true: entries that are right in a false array count."""
    return 10_000 if outcome.truth else int(outcome.why) if outcome.why.isdigit() else 0


def _both_sides(pairs: Sequence[Pair]) -> Sequence[Pair]:
    """left - right = 0, for sides that both read the instance."""
    from derive.language.expression import ZERO

    return [Pair(pair.left - pair.right, ZERO, pair.place) for pair in pairs]


def _said(cells: list[dict[str, int]]) -> str:
    if len(cells) == 1:
        return ", ".join(f"{name} = {k}" for name, k in cells[0].items())
    names = list(cells[0])
    if len(names) == 1:
        return f"{names[0]} = {', '.join(str(cell[names[0]]) for cell in cells)}"
    return "; ".join(", ".join(f"{name} = {k}" for name, k in cell.items()) for cell in cells[:4])


def unable(error: Exception) -> Judgement:
    """What is said where a budget ran out or no rule handles it."""
    return Judgement("undecided", scope=str(error))
