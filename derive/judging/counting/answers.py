"""One answer to one part of a counting problem: its values read as the part asks for them, and compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from msgspec.structs import replace

from derive.algebra.whole import as_expression, whole
from derive.errors import AnswerError
from derive.judging.counting.faults import explained, faulty
from derive.judging.counting.names import WORDS
from derive.judging.counting.places import program_of
from derive.judging.counting.values import (
    Compared,
    as_number,
    close,
    compare_number,
    compare_ratio,
    compare_region,
    compare_shape,
    differing,
    refuted,
    same,
    to_its_digits,
    told,
)  # fmt: skip
from derive.judging.counting.workings import departing, misadded, with_workings
from derive.judging.digits import misprint
from derive.judging.subject import Subject
from derive.language.answers import Region, Shape, Span
from derive.language.counting import Count, Counting, Ratio, chosen
from derive.language.derivation import Part
from derive.language.expression import ONE, ZERO, Expr, Index, free_indices
from derive.language.judgement import Finding, Judgement
from derive.reading.answer_text import Answer, Piece, squashed, words_of
from derive.reading.answers import Values, region_of
from derive.rendering.formula import latex

_LISTED = re.compile(r"\s*(?:\\left)?[(\[]")
_MAPS = re.compile(r"\s*(\d+)\s*@\s*(.+)")
_AROUND = tuple(map(re.compile, (r"\\text\s*\{([^{}]*)\}", r"\\mathbb\s*\{?R\}?\s*\^\s*\{(.*)\}",
                                 r"R\^\{(.*)\}", r"R\^(\(.*\))")))  # fmt: skip


def letters_of(subject: Subject) -> dict[str, Expr]:
    """The sizes of the problem by their names."""
    return {tensor.key: tensor.entry() for tensor in subject.problem.program.inputs()}


MULTIPLY_ADDS = WORDS["madds"] - {"madds"}  # in words it is said that a multiply-add is counted as one


class Answered:
    """One answer to one part."""

    def __init__(self, subject: Subject, part: Part, answer: Answer) -> None:
        self.subject, self.part, self.answer = subject, part, answer
        self.right = part.claim.right
        if MULTIPLY_ADDS & {*(words_of(f"{answer.label.text} {answer.behind}") or ())}:
            alike = tuple(other for other in part.others if other.convention.get("operations") != "separate")
            self.part = replace(part, others=alike)
        self.rounded = answer.rounded

    def values(self) -> list[Expr]:
        """What it says one after the other, read as the part asks for it."""
        return [self.read(bare(piece)) for piece in self.answer.values]

    def judgement(self) -> Judgement:
        said = self.values()
        for one, other in pairwise(said):
            if not same(one, other) and not self.rounds(one, other):
                return self.false_link(one, other)
        found = self.judged(said[0], self.compared(said[0]))
        is_beside = found.verdict == "refuted" and self.is_arithmetic
        return self.alone(found.reading, found.diagnosis) if is_beside else found

    @property
    def is_arithmetic(self) -> bool:
        """Several values and no label: an equation that may be one line of a longer working."""
        return len(self.answer.values) > 1 and not self.answer.label.text and not self.answer.behind

    def beside(self) -> Judgement | None:
        """Arithmetic that is no value of the part; None where it is false, or true of one size of the shape."""
        numbers = [Values(piece, self.answer.text, {}).number() for piece in self.answer.values]
        sizes = self.right.sizes if isinstance(self.right, Shape) else ()
        if any(not same(one, numbers[0]) for one in numbers) or any(same(numbers[0], size) for size in sizes):
            return None
        kinds = [kind for kind, wrong in faulty(self.subject, self.part)
                 if isinstance(wrong, Shape) and any(same(numbers[0], size) for size in wrong.sizes)]  # fmt: skip
        return self.alone("", tuple(Finding(kind, kind, latex(self.right)) for kind in kinds[:1]))

    def alone(self, reading: str, diagnosis: tuple[Finding, ...]) -> Judgement:
        """A true equation between numbers stays true where it does not answer the part that is asked."""
        ident = self.part.question.id
        link = " = ".join(piece.text for piece in self.answer.values)
        said = f"as arithmetic alone; it is not the answer to {ident}"
        return Judgement("depends", "numbers alone", link, reading, said, None, diagnosis)

    def rounds(self, one: Expr, other: Expr) -> bool:
        """18432/17408 = 1.06: the second is the first to the digits that are written."""
        exact, said = (as_number(each) for each in (one, other))
        return self.rounded and exact is not None and said is not None and to_its_digits(said, exact)

    # -- reading -------------------------------------------------------------------------------------------------

    def read(self, piece: Piece) -> Expr:
        text, letters = self.answer.text, letters_of(self.subject)
        if isinstance(self.right, Region):
            return self.region(piece, letters)
        if isinstance(self.part.question.wants, Ratio):
            values = Values(piece, text, letters, grouped=not squashed(piece.text).startswith("("))
            terms = values.ratio() if ":" in piece.text or values.token.text != "(" else values.shape()
            self.rounded = self.rounded or values.decimal or values.percent
            return Shape(terms)
        if isinstance(self.right, Shape):
            if len(self.right.sizes) == 1 and len(self.answer.values) > 1 and not _LISTED.match(piece.text):
                return Shape((self.number(piece, letters),))
            if maps := _MAPS.fullmatch(piece.text):
                return self.maps(Piece(f"{maps[1]}x{maps[2]}", piece.at), letters)
            sizes = Values(piece, text, letters, grouped=False).shape()
            if len(sizes) == 1 and self.is_statistic:
                return Shape(sizes)
            if len(sizes) == 1 and len(self.right.sizes) > 1 and not squashed(piece.text).startswith(("(", "[")):
                raise AnswerError("a shape is asked for, and this is one number", text, piece.at)
            if len(sizes) != len(self.right.sizes) and re.search(r"\d,\d{3}(?!\d)", piece.text):
                message = "a comma may group digits or separate sizes here; write (1200, 32, 32)"
                raise AnswerError(message, text, piece.at)
            return Shape(sizes)
        return self.number(piece, letters)

    def maps(self, piece: Piece, letters: Mapping[str, Expr]) -> Shape:
        """6@14x14: the notation says which size is the number of maps, whatever the layout."""
        first, *places = Values(piece, self.answer.text, letters, grouped=False).shape()
        choices = {**program_of(self.subject).choices, **self.part.claim.convention}
        last = chosen(choices, "layout") == "channels last"
        return Shape((*places, first) if last else (first, *places))

    def number(self, piece: Piece, letters: Mapping[str, Expr]) -> Expr:
        values = Values(piece, self.answer.text, letters)
        try:
            found = values.number()
        except AnswerError:
            if not self.is_field:
                raise
            return self.by_axes(piece, letters)
        if values.percent:
            raise AnswerError("a number is asked for, and this is a percentage", self.answer.text, piece.at)
        texts = [token.text for token in values.tokens]
        self.rounded = self.rounded or values.decimal or ("10", "^") in pairwise(texts)
        if self.is_field and "*" in texts and len(self.answer.values) == 1:
            return self.by_axes(piece, letters)
        return found

    def by_axes(self, piece: Piece, letters: Mapping[str, Expr]) -> Expr:
        """The same number for each axis of the input, or different ones."""
        sizes = Values(piece, self.answer.text, letters, grouped=False).shape()
        axes = len(self.extents()) - 1
        if len(sizes) != axes:
            raise AnswerError(f"one number is asked for, or one for each of {axes} axes", self.answer.text, piece.at)
        return sizes[0] if all(same(size, sizes[0]) for size in sizes) else Shape(sizes)

    @property
    def is_field(self) -> bool:
        """One number for both axes, which may be said axis by axis: 5 x 5."""
        wants = self.part.question.wants
        return isinstance(wants, Count) and wants.what in ("field", "jump", "start")

    @property
    def is_statistic(self) -> bool:
        """A row of numbers, of which it may be said how many they are."""
        wants = self.part.question.wants
        return isinstance(wants, Count) and wants.what in ("mean", "var")

    def region(self, piece: Piece, sizes: Mapping[str, Expr]) -> Expr:
        assert isinstance(self.right, Region)
        found: dict[str, Index] = dict(free_indices(self.right))
        letters = {**sizes, **found, self.right.array: ZERO}  # of the array, the name alone is read
        name, axes = Values(piece, self.answer.text, letters, grouped=False).region()
        total = self.right.whole + len(self.right.spans)
        if name != self.right.array or len(axes) != total:
            message = f"entries of {self.right.array} with {total} axes are asked for"
            raise AnswerError(message, self.answer.text, piece.at)
        extents = self.extents()
        full = tuple(
            axis if axis is not None or not place else Span(ONE, extents[place]) for place, axis in enumerate(axes)
        )
        return region_of(name, full, extents[0])

    def extents(self) -> tuple[Expr, ...]:
        """The sizes of the array before the network: its channels and its places."""
        wants, program = self.part.question.wants, self.subject.problem.program
        assert isinstance(wants, Count)
        assert isinstance(program, Counting)
        features = program.network(wants.network).input
        return tuple(as_expression(whole(size)) for size in (features.channels, *features.spatial))

    # -- judging -------------------------------------------------------------------------------------------------

    def compared(self, said: Expr) -> Compared:
        if isinstance(self.right, Region):
            assert isinstance(said, Region)
            return compare_region(self.part, said, self.extents())
        if isinstance(self.part.question.wants, Ratio):
            assert isinstance(said, Shape)
            return compare_ratio(self.part, said, rounded=self.rounded)
        if isinstance(self.right, Shape):
            assert isinstance(said, Shape)
            crossed = not _LISTED.match(self.answer.values[0].text)
            return compare_shape(self.part, said, crossed=crossed, answers=bool(self.subject.part))
        if isinstance(said, Shape):
            return refuted(self.right, said, {})
        return compare_number(self.part, said, rounded=self.rounded)

    def judged(self, said: Expr, found: Compared) -> Judgement:
        if found.verdict == "unreadable":
            raise AnswerError(found.why, self.answer.text, self.answer.values[-1].at)
        read_as = f"{latex(self.part.claim.left)} = {latex(said)}"
        scope = found.why or ("all sizes" if self.subject.problem.program.inputs() else "the sizes of the problem")
        reading = "; ".join(filter(None, (found.reading, self.in_force() if found.verdict != "depends" else "")))
        diagnosis = self.diagnosis(said) if found.verdict == "refuted" else ()
        failure = found.failure and with_workings(self.subject, self.part, found.failure, self.answer)
        return Judgement(found.verdict, scope, read_as, reading, found.convention, failure, diagnosis)

    def diagnosis(self, said: Expr) -> tuple[Finding, ...]:
        """A known way of miscounting, or else the factor in which the typed product departs."""
        if (summand := misadded(self.subject, self.part, self.answer)) is not None:
            return (summand, *explained(self.subject, self.part, said, rounded=self.rounded))
        found = explained(self.subject, self.part, said, rounded=self.rounded)
        apart = (
            departing(self.subject, self.part, self.answer) if {f.kind for f in found} <= {"value", "factor"} else None
        )
        return (apart,) if apart is not None else found

    def in_force(self) -> str:
        return told(self.part.claim.convention)

    def false_link(self, one: Expr, other: Expr) -> Judgement:
        """Two values that are said to be equal and are not, whatever part they answer."""
        at = None if isinstance(one, Region) else {} if isinstance(one, Shape) else differing(one, other)
        link = f"{latex(one)} = {latex(other)}"
        exact, number = as_number(one), as_number(other)
        near = exact is None or number is None or close(number, exact)
        if at is None or (self.rounded and near):
            return Judgement("undecided", "the values in this chain could not be compared", link)
        wrong = one if same(other, self.right) else other
        diagnosis: tuple[Finding, ...] = ()
        if exact is not None and number is not None and (slipped := misprint(exact, number)) is not None:
            diagnosis = (slipped,)
        elif same(one, self.right) or same(other, self.right):
            diagnosis = explained(self.subject, self.part, wrong)
        failure = refuted(one, other, at).failure
        return Judgement("refuted", "numbers alone", link, counterexample=failure, diagnosis=diagnosis, link=link)


def bare(piece: Piece) -> Piece:
    r"""A value in \text{...} or in the exponent of R is the value."""
    for pattern in _AROUND:
        if match := pattern.fullmatch(piece.text):
            inside, at = match[1].strip(), piece.at + match.start(1) + len(match[1]) - len(match[1].lstrip())
            alone = pattern is not _AROUND[0] and re.fullmatch(r"\w+", inside)
            return Piece(f"({inside},)" if alone else inside, at)
    return piece
