r"""Statements in the letters of a layer: W' = (W - K)/S + 1, K K C_in C_out, W = D = 64, kernel size = 3.

A statement that does not say of which layer it is about is judged at every layer that has its letters, and as a formula
for all values of them. Numbers that are put in for letters say which layer is meant, where they are those of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import pairwise

from derive.algebra.binding import rewrite
from derive.algebra.whole import as_expression, whole
from derive.errors import AnswerError, DeriveError
from derive.judging.count_answers import letters_of
from derive.judging.count_letters import ROLES, SYMBOLS, Role, Sense, senses
from derive.judging.count_names import named
from derive.judging.count_outcomes import Outcome, together
from derive.judging.count_places import (
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
from derive.judging.count_rounding import FLOOR
from derive.judging.count_sides import Side, Spoken, allowed, formula_side, formulas_of, spoken_of
from derive.judging.count_substitution import put_in_for
from derive.judging.count_values import differing, same, told
from derive.judging.count_variants import COUNTED, Variant, conventions, generic, of_any_size, quantity, variants
from derive.judging.subject import Subject
from derive.language.answers import Shape
from derive.language.counting import QUANTITIES
from derive.language.expression import Expr
from derive.language.judgement import Failure, Finding, Judgement
from derive.language.layer import Linear, every_layer
from derive.reading.answer_text import Answer, Piece, squashed
from derive.reading.letters import Letter, letters_in
from derive.rendering.formula import latex

SIZES: tuple[Role, ...] = ("height in", "width in", "size in", "channels in")
OUT: tuple[Role, ...] = ("height out", "width out", "size out")
FORGOTTEN: tuple[tuple[str, Role], ...] = (  # what a formula with its letter does not forget
    ("padding forgotten", "padding"), ("stride forgotten", "stride"), ("input channels forgotten", "channels in"),
    ("output channels forgotten", "channels out"),
)  # fmt: skip
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
    judged = [Spelled(subject, answer, spoken, sense, letters).judgement() for sense in found]
    return _one_of(judged, found)


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
        read_as = " = ".join(self._shown(side) for side in self.sides)
        if given := self.of_input(read_as):
            return given
        here = self.places()
        picked_ = self.by_numbers(here)
        found = [self.at(place, self.sides) for place in picked_ or here]
        general = None if picked_ else self.in_general()
        if not found:
            if general is None or general.truth == "open" or self.picks:
                raise AnswerError("no layer of the problem has these letters", self.answer.text, 0)
            return together([general], "all sizes", read_as)
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
            known = {one.kind for one in judged.diagnosis}
            kept = (*judged.diagnosis, *(one for one in general.findings if one.kind not in {*known, "value"}))
            return Judgement("refuted", "the sizes of the problem, and in general" if self.has_letters_in_formula
                             else judged.scope, read_as, judged.reading, counterexample=judged.counterexample,
                             diagnosis=kept, link=judged.link)  # fmt: skip
        return judged

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
                found = [self.at(place, self.sides) for place in self.places()]
                said = f"the {QUANTITIES[what][0]} of a layer"
                read_as = " = ".join(self._shown(one) for one in self.sides)
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
            if self._links(values, None, self.sides)[0] != "true":
                return None
        return Judgement("proved", "the sizes of the problem", read_as, "of the input that the problem gives")

    def in_general(self) -> Outcome | None:
        """For all values of the letters; None where the statement is about numbers alone."""
        place = self.any_layer()
        return self.at(place, self.sides) if self.roles <= set(values_at(place.row)) else None

    def holds_in_general(self) -> bool:
        place = self.any_layer()
        values = values_at(place.row)
        try:
            return self.roles <= set(values) and self._links(values, place, self.sides)[0] != "false"
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

    def misput(self, values: Mapping[Role, Expr]) -> list[tuple[Role, Expr]]:
        """The letters for which another number was put in than what they stand for at a layer."""
        return [(role, value) for role, value in self.put_in if role in values and not same(values[role], value)]

    def at(self, place: Place, sides: tuple[Side, ...]) -> Outcome:
        """The statement at one layer."""
        values = values_at(place.row)
        try:
            truth, number, needs = self._links(values, place, sides)
        except DeriveError as error:
            return Outcome(place.title, "open", str(error))
        if truth == "true":
            return Outcome(place.title, "true", reading=self._in_force(place, sides), chance=self._chance(place, sides))
        if truth == "needs":
            return Outcome(place.title, "needs", needs)
        left, right = (self._value(side, values, place)[0] for side in sides[number : number + 2])
        failure = self._failure(place, values, left, right)
        if failure is None:
            return Outcome(place.title, "open", "no proof and no counterexample")
        link = " = ".join(self._shown(side) for side in sides[number : number + 2]) if len(sides) > 2 else ""
        return Outcome(place.title, "false", failure=failure, link=link,
                       findings=tuple(self._findings(place, values, sides[number : number + 2], right)))  # fmt: skip

    def _chance(self, place: Place, sides: tuple[Side, ...]) -> bool:
        """Is it true of the size of the image alone, and of no other size, with the same kernel, stride and padding?"""
        if not place.title or not {*OUT} & self.roles or not {*SIZES} & self.roles:
            return False
        if any(side.exact is not None and not letters_in(side.piece.text) for side in sides):
            return False  # with numbers in it, it speaks of no other size
        other = of_any_size(place)
        try:
            return other is not None and self._links(values_at(other.row), other, sides)[0] == "false"
        except DeriveError:
            return False

    def _links(self, values: Mapping[Role, Expr], place: Place | None, sides: tuple[Side, ...]) -> tuple[str, int, str]:
        """'true', 'needs' a convention, or 'false' with the number of the first false link."""
        needs: list[str] = []
        for number, (one, other) in enumerate(pairwise(sides)):
            convention = self._equal(one, other, values, place)
            if convention is None:
                return "false", number, ""
            needs += [convention] if convention else []
        return ("needs", 0, "; ".join(dict.fromkeys(needs))) if needs else ("true", 0, "")

    def _equal(self, one: Side, other: Side, values: Mapping[Role, Expr], place: Place | None) -> str | None:
        """'' where the sides are equal, the convention that makes them so, or None."""
        if one.sizes or other.sizes:
            return self._each(one, other, values)
        left, right = self._value(one, values, place), self._value(other, values, place)
        if same(left[0], right[0]):
            return ""
        if same(left[1], right[1]) and not self.misput(values):
            return FLOOR
        for side, said in ((one, right), (other, left)):
            if side.what and place is not None and not place.counts:
                for change, value in conventions(side.what, place.row, self.choices):
                    if change and (same(value, said[0]) or same(value, said[1])):
                        return told(change)
        return None

    def _each(self, one: Side, other: Side, values: Mapping[Role, Expr]) -> str | None:
        """3 x 3 of a kernel that is 3 along each axis."""
        sizes, side = (one.sizes, other) if one.sizes else (other.sizes, one)
        if side.exact is None:
            return None
        number = _filled(side.exact, values)
        return "" if all(same(number, size) for size in sizes) else None

    def _value(self, side: Side, values: Mapping[Role, Expr], place: Place | None) -> tuple[Expr, Expr]:
        if side.what and place is not None:
            found = place.counts.get(side.what) or quantity(side.what, place.row, self.choices)
            return found, found
        if side.exact is None or side.floored is None:
            return Shape(side.sizes), Shape(side.sizes)
        return _filled(side.exact, values), _filled(side.floored, values)

    # -- telling -------------------------------------------------------------------------------------------------

    def _failure(self, place: Place, values: Mapping[Role, Expr], left: Expr, right: Expr) -> Failure | None:
        if isinstance(left, Shape) or isinstance(right, Shape):
            return Failure({}, {"layer": place.title}, latex(left), latex(right))
        at = differing(left, right)
        if at is None:
            return None
        left, right = _worked_out(left), _worked_out(right)
        if not place.title:
            return Failure(at, {}, latex(left), latex(right))
        used = {raw: latex(values[role]) for raw, role in self.sense.roles.items()}
        return Failure(at, {"layer": place.title, **used}, latex(left), latex(right))

    def _findings(
        self, place: Place, values: Mapping[Role, Expr], link: tuple[Side, ...], right: Expr
    ) -> Iterator[Finding]:
        wrong = self.misput(values)
        where = f" in {place.title}" if place.title else ""
        if place.title:
            for role, value in wrong:
                kind = f"another {role.removesuffix(' in').removesuffix(' out')}"
                yield Finding(
                    kind, f"{latex(value)} stands for {ROLES[role].words}, which is {latex(values[role])}{where}"
                )
        network = program_of(self.subject).networks.get(place.network) if place.title else None
        what = next((side.what for side in link if side.what), "")
        for variant in variants(place, network, what, self.choices):
            needs = self._under(variant, link)
            if needs is None:
                continue
            yield Finding(variant.kind, f"{variant.kind}{where}")
            if needs == FLOOR:
                yield Finding("floor left out", "the quotient is not rounded down, though it need not be whole")
            return
        if not wrong:
            yield Finding("value", f"the sides differ{where}", latex(right))

    def _under(self, variant: Variant, link: tuple[Side, ...]) -> str | None:
        place = Place("", 0, variant.row, "", variant.row.layer, variant.counts)
        spelled = any(role in self.roles and words in variant.kind for words, role in FORGOTTEN)
        if spelled or not self.roles <= set(variant.values):
            return None
        try:
            return self._equal(link[0], link[1], variant.values, place)
        except DeriveError:
            return None

    def _in_force(self, place: Place, sides: tuple[Side, ...]) -> str:
        """The conventions under which the counts are what they are."""
        for what in (side.what for side in sides if side.what):
            mine = {f: o for f, o in self.choices.items() if what == "ops" or f in QUANTITIES[what][1]}
            return told(mine)
        return ""

    def _shown(self, side: Side) -> str:
        if side.what:
            return rf"\text{{{QUANTITIES[side.what][0] if side.what in QUANTITIES else 'operations'}}}"
        return latex(Shape(side.sizes) if side.exact is None else side.exact)


def _worked_out(expr: Expr) -> Expr:
    try:
        return as_expression(whole(expr))
    except DeriveError:
        return expr


def _filled(expr: Expr, values: Mapping[Role, Expr]) -> Expr:
    """Each letter replaced by what it stands for."""
    known = {SYMBOLS[role]: value for role, value in values.items()}
    return rewrite(expr, known.get)
