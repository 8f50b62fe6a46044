"""What is asked, and what an answer may rest on: the nouns of a question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import force_setattr

from derive.language.expression import Expr, Number, Operand_, Pow, Read, expression
from derive.language.tensor import Tensor
from derive.language.typed import check_types

Value: TypeAlias = "int | str | tuple[Value, ...]"  # a number as 2 or '1/3', nested for axes
Numbers: TypeAlias = Mapping[str, Value]  # of an instance, by name


@dataclass(frozen=True, slots=True)
class Assumption:
    """left = right, taken as given by the questions that name it: sum_k t_k = 1.

    It holds for every value of its free indices; a `fixed` one only for the value at hand, as an induction hypothesis.
    """

    left: Expr
    right: Expr
    text: str
    fixed: bool = False

    def __init__(self, left: Operand_, right: Operand_, text: str, *, fixed: bool = False) -> None:
        object.__setattr__(self, "fixed", fixed)
        object.__setattr__(self, "left", expression(left))
        object.__setattr__(self, "right", expression(right))
        object.__setattr__(self, "text", text)


class Gradient(Struct, frozen=True):
    """The total derivative of the loss by every entry of `by`."""

    by: Tensor

    def __post_init__(self) -> None:
        check_types(self)


class Jacobian(Struct, frozen=True):
    """The derivative of one node's entries by another's, along the edge between them."""

    of: Read
    by: Read

    def __post_init__(self) -> None:
        check_types(self)


class Forward(Struct, frozen=True):
    """Every entry of a node of the forward program, by its definition."""

    of: Tensor


class Identity(Struct, frozen=True):
    """Any expression in the problem's names, to be brought to the `form` of its question: an update, say."""

    left: Expr


class Induction(Struct, frozen=True):
    """The first claim holds for every k >= 0; all claims together are the invariant P(k) that is carried along."""

    claims: tuple[tuple[Expr, Expr], ...]


class Consequence(Struct, frozen=True):
    """An expression that the laws of a recurrence, taken at k + each shift, bring to the question's `form`."""

    left: Expr
    shifts: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Bound:
    """left <= right for every value of its free indices, because right - left = slack and the slack is made of squares,
    exponentials and positive numbers: then it cannot be negative, whatever the values are.
    """

    id: str
    left: Expr
    right: Expr
    slack: Expr
    text: str = ""

    def __init__(self, id: str, left: Operand_, right: Operand_, slack: Operand_, text: str = "") -> None:
        values = (id, expression(left), expression(right), expression(slack), text)
        for name, value in zip(self.__match_args__, values, strict=True):
            object.__setattr__(self, name, value)


class Limit(Struct, frozen=True):
    """of -> 0 as |far| -> infinity for every value of the indices of `far`, when only `moving` moves.

    `chain` brings of^2 to its last expression: each is equal to the one before it, or by the named bound at least as
    large. The last one depends on `moving` through exp(-c |far|) alone. `unless` is a point where one entry is "R", and
    the limit fails: |far| grows with R for some indices only, and `of` (at the index values `at`) stays what it is.
    """

    of: Expr
    far: Read
    moving: Tensor
    chain: tuple[tuple[Expr, str], ...]
    unless: Numbers
    at: Mapping[str, int] = {}

    @property
    def square(self) -> Expr:
        return Pow(self.of, Number(Fraction(2)))


class Line(Struct, frozen=True):
    """The next expression of a chain, and why: by the program itself, by the bound or the earlier part named `by`, or
    by the "hypothesis" of an induction. With `above`, the earlier part speaks of the layer above."""

    after: Expr
    why: str
    by: str = ""
    above: bool = False


class Chain(Struct, frozen=True):
    """left = ... = form, or left <= ... <= form, line by line in the author's own words.

    With `base` the claim is about every layer below the last and proved by induction from the top: `base` leads from
    left to form at the layer below the last, `lines` do so at any layer, with the "hypothesis" that the claim holds for
    the layer above. Raises AuthorError where a line names what is not there.
    """

    left: Expr
    lines: tuple[Line, ...]
    base: tuple[Line, ...] = ()
    relation: Literal["=", "<="] = "="


HYPOTHESIS = "hypothesis"

Wanted: TypeAlias = Gradient | Jacobian | Forward | Identity | Induction | Consequence | Limit | Chain


class Question(Struct, frozen=True):
    """One part. `form` is the closed form the author wants: proved equal to what the engine derives, or refused.

    Without one, `collect` asks the engine for a closed form of its own that may use these nodes and derivatives besides
    what is given; with neither, the answer stays staged, in terms of the derivatives by the nodes that read this one.
    """

    id: str
    wants: Wanted
    form: Expr | None = None
    collect: tuple[Tensor, ...] = ()
    assuming: tuple[Assumption, ...] = ()
    text: str = ""

    def __post_init__(self) -> None:
        if self.form is not None:
            force_setattr(self, "form", expression(self.form))
        check_types(self)
