"""Statement -> judgement: every link of every chain, the first false one named, each reading told."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from derive.errors import BudgetError, UnsupportedError
from derive.judging.decision import AGREED, at_sizes
from derive.judging.diagnosis import FalseLink, diagnosed
from derive.judging.fixed import with_ends
from derive.judging.links import exact_pairs
from derive.judging.misfits import misfitting
from derive.judging.misshapen import reshaped
from derive.judging.pairs import MismatchError, paired
from derive.judging.several import WORST, joined
from derive.judging.show import shown_chain
from derive.judging.subject import Subject
from derive.judging.truths import Found, Link, Truths
from derive.language.deep import DeepNetwork
from derive.language.expression import Index, tensors_in
from derive.language.judgement import Failure, Finding, Judgement
from derive.language.plain import plain
from derive.language.statement import Chain, Side, Statement
from derive.reading.arrays import mapped


def judge(subject: Subject, statement: Statement) -> Judgement:
    """The judgement on everything a text says: the worst of its chains, with how all of them were read."""
    return joined(subject, statement.chains, [either(subject, chain) for chain in statement.chains])


def either(subject: Subject, chain: Chain) -> Judgement:
    """The judgement on a chain; where a name may be taken in two ways, of the one that fits, or of both."""
    one = Chains(subject, chain).judgement()
    if chain.other is None or chain.open is None:
        return one
    other = Chains(subject, chain.other).judgement()
    fits = [found for found in (one, other) if not found.reading.startswith("the shapes d")]
    if len(fits) == 1:
        return fits[0]
    verdicts = {one.verdict, other.verdict}
    if len(verdicts) == 1:
        return one
    if "refuted" in verdicts and verdicts & {"proved", "depends"}:
        place = one.verdict == "refuted"
        found = (one, other)[place]
        said = f"if {chain.open[place]}"
        return replace(found, verdict="depends", convention="; ".join(filter(None, (said, found.convention))))
    return min(one, other, key=lambda found: WORST[1:].index(found.verdict) if found.verdict in WORST[1:] else 9)


class Chains(Truths):
    """One chain, judged."""

    def judgement(self) -> Judgement:
        """Where a product of arrays does not fit, and entry by entry it is not true either, that is what is wrong."""
        if self.chain.clashes:
            return self.where_ranges_agree()
        found = self.as_read()
        if self.chain.misfit is None or self.chain.assumed or found.verdict in ("proved", "depends"):
            return found
        return misfitting(*self.chain.misfit, self.read_as)

    def where_ranges_agree(self) -> Judgement:
        """A letter that reads axes of different ranges: it is tried at the sizes of the instance, over the shortest."""
        ((letter, ends), *_) = self.chain.clashes
        keys = tuple(dict.fromkeys(key for end in ends for key in tensors_in(end)))
        left, right = (f"{letter} = 1..{plain(end)}" for end in ends[:2])
        deep = isinstance(self.subject.problem.program, DeepNetwork)
        if deep or any(relation != "=" for relation in self.chain.relations):
            return misfitting(left, right, keys, self.read_as)
        try:
            shortest = {
                name: min(several, key=lambda end: len(self.fixed.extent(Index(letter, end))))
                for name, several in self.chain.clashes
            }
            sides = [mapped(side, lambda expr: with_ends(expr, shortest)) for side in self.sides]
            outcomes = [at_sizes(self.subject, exact_pairs(link.pairs), self.fixed) for link in self.links(sides)]
        except (MismatchError, UnsupportedError, BudgetError, ArithmeticError) as error:
            return self.answer("undecided", scope=str(error))
        said = " = ".join(plain(end) for end in ends)
        for outcome in outcomes:
            if outcome.truth is False:
                reading = f"{letter} reads axes of different ranges, {said.replace(' = ', ' and ')}"
                return self.answer("refuted", scope=outcome.scope, counterexample=outcome.failure, reading=reading)
        if any(outcome.truth is None for outcome in outcomes):
            return self.answer("undecided", scope=f"{left} and {right}")
        return self.answer("depends", scope=f"where {said}", convention=f"where {said}", reading=self.notes())

    def as_read(self) -> Judgement:
        try:
            links = self.links(self.sides)
        except MismatchError as error:
            if not error.certain:
                return self.answer("undecided", scope=f"the shapes {error.left} and {error.right} do not fit as read")
            if self.chain.assumed:
                return self.answer("undecided", convention=self.chain.assumed, reading=self.notes())
            if error.sizes:
                misfit = misfitting(error.left, error.right, error.sizes, self.read_as, sides=True)
                return replace(misfit, diagnosis=self.reshaped() or misfit.diagnosis)
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

    # -- judgements ----------------------------------------------------------------------------------------------

    def false(self, link: Link, found: Found) -> Judgement:
        if self.chain.assumed:
            return self.answer("undecided", convention=self.chain.assumed, reading=self.notes())
        left, right = self.typed[link.number], self.typed[link.number + 1]
        one_of_several = len(self.chain.relations) > 1
        wrong = FalseLink(left, right, link.relation, found.pairs or link.pairs, found.where)
        return self.answer(
            "refuted",
            scope=found.outcome.scope,
            diagnosis=diagnosed(self.subject, wrong, self.fixed),
            reading=self.notes(self.how),
            counterexample=found.outcome.failure,
            link=shown_chain((left, right), (link.relation,)) if one_of_several else "",
        )

    def not_false(self, links: list[Link], found: dict[int, Found]) -> Judgement:
        outcomes = [found[link.number] for link in links]
        open_ones = [one.outcome for one in outcomes if one.outcome.truth is None]
        modes = [f"right {one.outcome.mode}" for one in outcomes if one.outcome.mode not in ("", "exact")]
        reading = self.notes(*[one.reading for one in outcomes], *modes)
        if open_ones:
            kind = "agrees" if all(one.why == AGREED for one in open_ones) else "undecided"
            return self.answer(kind, scope=open_ones[0].why, reading=reading)
        said = [one.convention for one in outcomes] + [self.chain.assumed, self.chain.fitting]
        needed = [one for one in said if one]
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
