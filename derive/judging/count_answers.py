"""One answer to one part of a counting problem: its values read as the part asks for them, and compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from derive.algebra.whole import as_expression, whole
from derive.errors import AnswerError
from derive.judging.count_faults import explained
from derive.judging.count_values import (
    Compared,
    compare_number,
    compare_ratio,
    compare_region,
    compare_shape,
    differing,
    refuted,
    same,
    told,
)  # fmt: skip
from derive.judging.subject import Subject
from derive.language.answers import Region, Shape, Span
from derive.language.counting import Count, Counting, Ratio
from derive.language.derivation import Part
from derive.language.expression import ONE, ZERO, Expr, Index, free_indices
from derive.language.judgement import Finding, Judgement
from derive.reading.answer_text import Answer, Piece, squashed
from derive.reading.answers import Values, region_of
from derive.rendering.formula import latex

_AROUND = tuple(map(re.compile, (r"\\text\s*\{([^{}]*)\}", r"\\mathbb\s*\{?R\}?\s*\^\s*\{(.*)\}",
                                 r"R\^\{(.*)\}", r"R\^(\(.*\))")))  # fmt: skip


def letters_of(subject: Subject) -> dict[str, Expr]:
    """The sizes of the problem by their names."""
    return {tensor.key: tensor.entry() for tensor in subject.problem.program.inputs()}


class Answered:
    """One answer to one part."""

    def __init__(self, subject: Subject, part: Part, answer: Answer) -> None:
        self.subject, self.part, self.answer = subject, part, answer
        self.right = part.claim.right
        self.rounded = answer.rounded

    def values(self) -> list[Expr]:
        """What it says one after the other, read as the part asks for it."""
        return [self.read(_bare(piece)) for piece in self.answer.values]

    def judgement(self) -> Judgement:
        said = self.values()
        for one, other in pairwise(said):
            if not same(one, other):
                return self.false_link(one, other)
        found = self.judged(said[-1], self.compared(said[-1]))
        return self.alone(found) if found.verdict == "refuted" and self.is_arithmetic else found

    @property
    def is_arithmetic(self) -> bool:
        """Several values and no label: an equation that may be one line of a longer working."""
        return len(self.answer.values) > 1 and not self.answer.label.text and not self.answer.behind

    def alone(self, found: Judgement) -> Judgement:
        """A true equation between numbers stays true where it does not answer the part that is asked."""
        ident = self.part.question.id
        link = " = ".join(piece.text for piece in self.answer.values)
        said = f"as arithmetic alone; it is not the answer to {ident}"
        return Judgement("depends", "numbers alone", link, found.reading, said, None, found.diagnosis)

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
            sizes = Values(piece, text, letters, grouped=False).shape()
            if len(sizes) == 1 and len(self.right.sizes) > 1 and not squashed(piece.text).startswith(("(", "[")):
                raise AnswerError("a shape is asked for, and this is one number", text, piece.at)
            if len(sizes) != len(self.right.sizes) and re.search(r"\d,\d{3}(?!\d)", piece.text):
                message = "a comma may group digits or separate sizes here; write (1200, 32, 32)"
                raise AnswerError(message, text, piece.at)
            return Shape(sizes)
        return self.number(piece, letters)

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
        powers = "^" in [token.text for token in values.tokens]
        self.rounded = self.rounded or values.decimal or powers
        if self.is_field and "*" in [token.text for token in values.tokens]:
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
            return compare_shape(self.part, said)
        if isinstance(said, Shape):
            return refuted(self.right, said, {})
        return compare_number(self.part, said, rounded=self.rounded)

    def judged(self, said: Expr, found: Compared) -> Judgement:
        if found.verdict == "unreadable":
            raise AnswerError(found.why, self.answer.text, self.answer.values[-1].at)
        read_as = f"{latex(self.part.claim.left)} = {latex(said)}"
        scope = found.why or ("all sizes" if self.subject.problem.program.inputs() else "the sizes of the problem")
        reading = "; ".join(filter(None, (found.reading, self.in_force() if found.verdict != "depends" else "")))
        diagnosis = explained(self.subject, self.part, said) if found.verdict == "refuted" else ()
        return Judgement(found.verdict, scope, read_as, reading, found.convention, found.failure, diagnosis)

    def in_force(self) -> str:
        return told(self.part.claim.convention)

    def false_link(self, one: Expr, other: Expr) -> Judgement:
        """Two values that are said to be equal and are not, whatever part they answer."""
        at = None if isinstance(one, Region) else {} if isinstance(one, Shape) else differing(one, other)
        link = f"{latex(one)} = {latex(other)}"
        if self.rounded or at is None:
            return Judgement("undecided", "the values in this chain could not be compared", link)
        wrong = one if same(other, self.right) else other
        diagnosis: tuple[Finding, ...] = ()
        if same(one, self.right) or same(other, self.right):
            diagnosis = explained(self.subject, self.part, wrong)
        failure = refuted(one, other, at).failure
        return Judgement("refuted", "numbers alone", link, counterexample=failure, diagnosis=diagnosis, link=link)


def _bare(piece: Piece) -> Piece:
    r"""A value in \text{...} or in the exponent of R is the value."""
    for pattern in _AROUND:
        if match := pattern.fullmatch(piece.text):
            return Piece(match[1].strip(), piece.at + match.start(1) + len(match[1]) - len(match[1].lstrip()))
    return piece
