r"""Statements in the letters of a layer: W' = (W - K)/S + 1, K K C_in C_out, W = D = 64, kernel size = 3.

A statement that does not say of which layer it is about is judged at every layer that has its letters, and as a formula
for all values of them. Numbers that are put in for letters say which layer is meant, where they are those of one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from itertools import pairwise

from derive.errors import AnswerError, DeriveError
from derive.judging.counting.answers import letters_of
from derive.judging.counting.letters import OUT, ROLES, SIZES, SYMBOLS, Role, Sense, senses
from derive.judging.counting.links import Links, shown_side
from derive.judging.counting.names import named
from derive.judging.counting.outcomes import VAGUE, Outcome, together
from derive.judging.counting.places import (
    WEIGHTED,
    Place,
    choices_of,
    every_place,
    picked,
    places,
    program_of,
    values_at,
    values_of_input,
    wanted,
)  # fmt: skip
from derive.judging.counting.sides import Side, Spoken, allowed, formula_side, formulas_of, spoken_of
from derive.judging.counting.substitution import put_in_for
from derive.judging.counting.values import same
from derive.judging.counting.variants import COUNTED, conventions, generic
from derive.judging.subject import Subject
from derive.language.counting import QUANTITIES
from derive.language.expression import Expr, Number
from derive.language.judgement import Judgement
from derive.language.layer import Linear, every_layer
from derive.reading.answer_text import Answer, Piece, squashed
from derive.reading.letters import Letter, letters_in

BY_ITSELF = ("params", "madds", "muls", "conns", "values")  # what a formula without a left side may be


def judge_letters(subject: Subject, answer: Answer) -> Judgement | None:
    """None where it is no statement in the letters of a layer. Raises AnswerError where it cannot be read."""
    spoken = spoken_of(subject, answer)
    if answer.label.text and (not answer.equals or (spoken is None and _is_name(subject, answer))):
        return None
    formulas = formulas_of(answer, spoken)
    own = letters_of(subject)
    letters = [letter for piece in formulas for letter in letters_in(piece.text)]
    strange = [letter for letter in letters if letter.raw not in own]
    found = senses(strange) or (senses(letters) if letters and strange else [])
    if not found and spoken is not None and spoken.role and not strange:
        found = [Sense({})]
    if not found or (spoken is None and not strange):
        return None
    wider = senses(letters)
    found = [sense for sense in (wider if wider and strange else found) if _occurs(subject, sense, spoken)]
    if not found:
        return None
    read = [Spelled(subject, answer, spoken, sense, letters) for sense in found]
    judged = _one_of([one.judgement() for one in read], found)
    if judged.verdict == "refuted" and spoken is None and any(one.may_be_own_name() for one in read):
        message = f"'{answer.label.text}' may be a name of your own; write what is counted, as in params(conv1) = ..."
        raise AnswerError(message, answer.text, answer.label.at)
    return judged


def _is_name(subject: Subject, answer: Answer) -> bool:
    """The name of a part, or of a layer such as C1."""
    layers = {layer.name for network in program_of(subject).networks.values() for layer in every_layer(network.layers)}
    return bool(named(subject, answer)) or squashed(answer.label.text) in layers


def _occurs(subject: Subject, sense: Sense, spoken: Spoken | None) -> bool:
    """Is there something in the problem that each letter stands for? Words for a size alone may mean its values."""
    there = {role for network in program_of(subject).networks for place in every_place(subject, network)
             for role in values_at(place.row)}  # fmt: skip
    roles = set(sense.roles.values())
    worded = {raw for raw, role in sense.roles.items() if role in ("size in", "size out") and len(raw) > 6}
    return roles <= there | {"padding"} and bool(spoken or not worded or len(sense.roles) > len(worded))


def _one_of(judged: list[Judgement], found: list[Sense]) -> Judgement:
    """The same in every notation, or true in one of them."""
    if len({one.verdict for one in judged}) == 1:
        return next((one for one in judged if one.diagnosis), judged[0])
    held = [(one, sense) for one, sense in zip(judged, found, strict=True) if one.verdict in ("proved", "depends")]
    if not held:
        return next(one for one in judged if one.verdict != "refuted")
    best, sense = held[0]
    needs = "; ".join(filter(None, (sense.notation, best.convention)))
    return Judgement("depends", best.scope, best.read_as, best.reading, needs, diagnosis=best.diagnosis)


class Spelled:
    """One statement with its letters read in one sense."""

    def __init__(
        self, subject: Subject, answer: Answer, spoken: Spoken | None, sense: Sense, letters: list[Letter]
    ) -> None:
        self.subject, self.answer, self.spoken, self.sense = subject, answer, spoken, sense
        self.letters = {**letters_of(subject), **sense.letters}
        self.typed = letters
        self.choices = choices_of(subject)
        self.sides = tuple(self._sides())
        self.links = Links(subject, sense, self.roles, self.choices, self.put_in)

    # -- reading -------------------------------------------------------------------------------------------------

    def _sides(self) -> Iterator[Side]:
        answer, spoken = self.answer, self.spoken
        if answer.behind:
            raise AnswerError(f"'{answer.behind}' has no place behind a formula", answer.text, answer.label.at)
        if answer.label.text and not answer.equals:
            raise AnswerError(f"'{answer.label.text}' is not clear here", answer.text, answer.label.at)
        if spoken is not None and spoken.what:
            yield Side(answer.label, what=spoken.what)
        elif spoken is not None and spoken.role is not None:
            yield Side(answer.label, SYMBOLS[spoken.role], SYMBOLS[spoken.role])
        formulas = [formula_side(piece, answer, self.letters, spoken) for piece in formulas_of(answer, spoken)]
        if spoken is None and len(formulas) == 1:
            wants = wanted(self.subject)
            if wants is not None and wants.what in COUNTED:
                yield Side(Piece("", 0), what=wants.what)
            elif self.subject.part:
                raise AnswerError("a formula in letters is no answer to this part", answer.text, formulas[0].piece.at)
        yield from formulas

    def may_be_own_name(self) -> bool:
        """P_{C5} = 48000: one letter that is no size, and a value that is a count of the layer."""
        said = self.sides[-1].exact
        if len(self.roles) != 1 or self.roles & {*SIZES[:3], *OUT} or said is None:
            return False
        for place in self.places():
            for what in (*BY_ITSELF, "adds", "ops"):
                with suppress(DeriveError):
                    if any(same(value, said) for _, value in conventions(what, place.row, self.choices)):
                        return True
        return False

    @property
    def roles(self) -> frozenset[Role]:
        own = {self.spoken.role} if self.spoken is not None and self.spoken.role else set()
        return frozenset({*self.sense.roles.values(), *own})

    @property
    def whats(self) -> tuple[str, ...]:
        return tuple(side.what for side in self.sides if side.what)

    @property
    def picks(self) -> bool:
        phrase = self.spoken.phrase if self.spoken is not None else None
        return bool(self.sense.layer or (phrase and (phrase.layer or phrase.ordinal or phrase.kind)))

    # -- where ---------------------------------------------------------------------------------------------------

    def places(self) -> tuple[Place, ...]:
        """The layers that have all the letters, and that the words allow."""
        found = places(self.subject)
        if self.sense.layer:
            every = [place for name in program_of(self.subject).networks for place in every_place(self.subject, name)]
            meant = [(place.network, place.number) for place in picked(every, self.sense.layer)]
            found = tuple(place for place in found if (place.network, place.number) in meant)
            if not found:
                raise AnswerError(f"there is no layer '{self.sense.layer}'", self.answer.text, 0)
        spoken = self.spoken
        if spoken is not None and spoken.wants is not None:
            network = program_of(self.subject).network(spoken.wants.network)
            found = tuple(place for place in found if place.row.belongs(spoken.wants.layer)
                          and program_of(self.subject).network(place.network) is network)  # fmt: skip
        if spoken is not None and spoken.phrase is not None:
            found = allowed(found, spoken.phrase, self.answer)
        if self.whats or "channels out" in self.roles:
            found = tuple(place for place in found if isinstance(place.layer, WEIGHTED))
        return tuple(place for place in found if self.roles <= set(values_at(place.row)))

    def judgement(self) -> Judgement:
        if len(self.sides) < 2:
            return self.by_itself()
        read_as = " = ".join(shown_side(side) for side in self.sides)
        if (broken := self.no_whole_number()) is not None:
            self.sides = (self.sides[0], broken)  # a size is whole, however it was come to
        if given := self.of_input(read_as):
            return given
        here = self.places()
        picked_ = self.by_numbers(here)
        found = [self.links.at(place, self.sides) for place in picked_ or here]
        general = None if picked_ else self.in_general()
        if not found:
            if general is None or general.truth == "open" or self.picks:
                raise AnswerError("no layer of the problem has these letters", self.answer.text, 0)
            return together([self.in_general(explained=True) or general], "all sizes", read_as)
        reading = self.reading(picked_ or here)
        if general is not None and general.truth == "false" and self.whats and not (picked_ or self.picks):
            found = [
                one for one in found if one.truth == "false"
            ] or found  # a formula for a count is one for all layers
        judged = together(found, "the sizes of the problem", read_as, reading)
        return judged if general is None else self.with_general(judged, general, read_as, reading)

    def with_general(self, judged: Judgement, general: Outcome, read_as: str, reading: str) -> Judgement:
        """What holds for all values of the letters is said; so is what holds at these layers alone."""
        if general.truth == "true" and judged.verdict == "proved":
            return Judgement("proved", "all sizes", read_as, judged.reading)
        if judged.verdict == "proved" and self.has_letters_in_formula and general.truth in ("needs", "false"):
            more = f"in general, {general.needs}" if general.truth == "needs" else "at these layers, not in general"
            return Judgement("proved", judged.scope, read_as, "; ".join(filter(None, (judged.reading, more))))
        if judged.verdict == "refuted" and general.truth == "false":
            kept = judged.diagnosis
            if all(side.what or letters_in(side.piece.text) for side in self.sides):  # with numbers, it is of one layer
                found = self.in_general(explained=True)
                known = VAGUE | {finding.kind for finding in kept}
                kept += tuple(one for one in found.findings if one.kind not in known) if found is not None else ()
            return Judgement("refuted", "the sizes of the problem, and in general" if self.has_letters_in_formula
                             else judged.scope, read_as, judged.reading, counterexample=judged.counterexample,
                             diagnosis=kept, link=judged.link)  # fmt: skip
        return judged

    def no_whole_number(self) -> Side | None:
        """The value that no size can have."""
        if not self.roles & {*SIZES, *OUT}:
            return None
        return next((side for side in self.sides[1:] if not letters_in(side.piece.text)
                     and isinstance(side.exact, Number) and side.exact.value.denominator != 1
                     and side is self.sides[-1]), None)  # fmt: skip

    @property
    def has_letters_in_formula(self) -> bool:
        return len(self.roles) + bool(self.whats) > 1

    def reading(self, found: tuple[Place, ...]) -> str:
        titles = ", ".join(place.title for place in found)
        roles = sorted(self.roles)
        if len(roles) == 1 and not self.whats:
            raw = next(iter(self.sense.roles), self.answer.label.text)
            return f"{raw} is {ROLES[roles[0]].words} of {titles}"
        return f"of {titles}"

    # -- judging -------------------------------------------------------------------------------------------------

    def by_itself(self) -> Judgement:
        """A formula alone is what one of the counts is, of every layer; else it says nothing."""
        (side,) = self.sides
        for what in BY_ITSELF:
            self.sides = (Side(Piece("", 0), what=what), side)
            if self.holds_in_general():
                found = [self.links.at(place, self.sides) for place in self.places()]
                said = f"the {QUANTITIES[what][0]} of a layer"
                read_as = " = ".join(shown_side(one) for one in self.sides)
                judged = together(found, "all sizes", read_as) if found else Judgement("proved", "all sizes", read_as)
                if judged.verdict in ("proved", "depends"):
                    return Judgement(judged.verdict, judged.scope, judged.read_as,
                                     "; ".join(filter(None, (said, judged.reading))), judged.convention)  # fmt: skip
        message = "a formula says nothing by itself; write what it is equal to, or name the part that it answers"
        raise AnswerError(message, self.answer.text, side.piece.at)

    def of_input(self, read_as: str) -> Judgement | None:
        """W = D = 64 of the input that the problem gives; None where it is not true of that."""
        if not self.roles <= set(SIZES) or self.whats or self.picks or wanted(self.subject) is not None:
            return None
        for network in program_of(self.subject).networks.values():
            values = values_of_input(network)
            if not self.roles <= set(values):
                return None
            if self.links.truth(values, None, self.sides)[0] != "true":
                return None
        return Judgement("proved", "the sizes of the problem", read_as, "of the input that the problem gives")

    def in_general(self, *, explained: bool = False) -> Outcome | None:
        """For all values of the letters; None where the statement is about numbers alone."""
        place = self.any_layer()
        known = self.roles <= set(values_at(place.row))
        return self.links.at(place, self.sides, explained=explained) if known else None

    def holds_in_general(self) -> bool:
        place = self.any_layer()
        values = values_at(place.row)
        try:
            return self.roles <= set(values) and self.links.truth(values, place, self.sides)[0] != "false"
        except DeriveError:
            return False

    def any_layer(self) -> Place:
        linear = bool(self.whats) and all(isinstance(place.layer, Linear) for place in self.places())
        return generic(linear=linear, square=bool(self.roles & {"size in", "size out"}))

    def by_numbers(self, here: tuple[Place, ...]) -> tuple[Place, ...]:
        """The layers whose own numbers are put in for the letters; none where no numbers are, or those of no layer."""
        pairs = self.put_in
        if not pairs:
            return ()
        return tuple(place for place in here if all(same(values_at(place.row)[role], value) for role, value in pairs))

    @cached_property
    def put_in(self) -> tuple[tuple[Role, Expr], ...]:
        spoken = self.spoken is not None
        for one, other in pairwise(self.sides[1:] if spoken else self.sides):
            if one.exact is not None and other.exact is not None:
                found = put_in_for(one.piece, other.piece, self.answer.text, self.letters)
                pairs = [(self.sense.roles[raw], value) for raw, value in found if raw in self.sense.roles]
                if len({role for role, _ in pairs}) > 1:  # one letter alone is what the equation is about
                    return tuple(pairs)
        return ()
