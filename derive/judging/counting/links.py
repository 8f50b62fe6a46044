r"""A chain of sides in the letters of a layer, at one layer: the first link that is false there, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from derive.algebra.binding import rewrite
from derive.algebra.whole import as_expression, whole
from derive.errors import DeriveError
from derive.judging.counting.letters import OUT, ROLES, SIZES, SYMBOLS, Role, Sense
from derive.judging.counting.outcomes import Outcome
from derive.judging.counting.places import Place, program_of, values_at
from derive.judging.counting.rounding import FLOOR
from derive.judging.counting.sides import Side
from derive.judging.counting.values import differing, same, told
from derive.judging.counting.variants import Variant, conventions, of_any_size, quantity, variants
from derive.judging.subject import Subject
from derive.language.answers import Shape
from derive.language.counting import QUANTITIES, Choices
from derive.language.expression import Expr
from derive.language.judgement import Failure, Finding
from derive.reading.letters import letters_in
from derive.rendering.formula import latex

FORGOTTEN: tuple[tuple[str, Role], ...] = (  # what a formula with its letter does not forget
    ("padding forgotten", "padding"), ("stride forgotten", "stride"), ("input channels forgotten", "channels in"),
    ("output channels forgotten", "channels out"),
)  # fmt: skip


class Links:
    """What the letters stand for, and the numbers that are put in for them."""

    def __init__(
        self,
        subject: Subject,
        sense: Sense,
        roles: frozenset[Role],
        choices: Choices,
        put_in: tuple[tuple[Role, Expr], ...],
    ) -> None:
        self.subject, self.sense, self.roles, self.choices, self.put_in = subject, sense, roles, choices, put_in

    def misput(self, values: Mapping[Role, Expr]) -> list[tuple[Role, Expr]]:
        """The letters for which another number was put in than what they stand for at a layer."""
        return [(role, value) for role, value in self.put_in if role in values and not same(values[role], value)]

    def at(self, place: Place, sides: tuple[Side, ...], *, explained: bool = True) -> Outcome:
        """The statement at one layer; `explained` with the mistakes that give it."""
        values = values_at(place.row)
        try:
            truth, number, needs = self.truth(values, place, sides)
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
        link = " = ".join(shown_side(side) for side in sides[number : number + 2]) if len(sides) > 2 else ""
        findings = self._findings(place, values, sides[number : number + 2], right) if explained else ()
        return Outcome(place.title, "false", failure=failure, link=link, findings=tuple(findings))

    def _chance(self, place: Place, sides: tuple[Side, ...]) -> bool:
        """Is it true of the size of the image alone, and of no other size, with the same kernel, stride and padding?"""
        if not place.title or not {*OUT} & self.roles or not {*SIZES} & self.roles:
            return False
        if any(side.exact is not None and not letters_in(side.piece.text) for side in sides):
            return False  # with numbers in it, it speaks of no other size
        other = of_any_size(place)
        try:
            return other is not None and self.truth(values_at(other.row), other, sides)[0] == "false"
        except DeriveError:
            return False

    def truth(self, values: Mapping[Role, Expr], place: Place | None, sides: tuple[Side, ...]) -> tuple[str, int, str]:
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


def shown_side(side: Side) -> str:
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
