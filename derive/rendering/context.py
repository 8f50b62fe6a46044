"""What every section needs: the report, the reader of prose, and the few phrases they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from derive.algebra.decimals import SIGN
from derive.language.deep import DeepNetwork
from derive.language.derivation import Checked, Part, Report
from derive.language.expression import Expr, Read, free_indices, tensors_in
from derive.language.notation import PartialName
from derive.language.problem import Problem
from derive.language.program import Equation
from derive.language.prose import Formula, Prose
from derive.language.question import Assumption, Gradient
from derive.language.tensor import Tensor, d
from derive.language.verdict import Proved, Verdict
from derive.rendering.document import Math, Span, Text, Values

Reader: TypeAlias = Callable[[str], Prose]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MARKS = {"proved": "✓", "agrees": "≈", "refuted": "✗", "undecided": "?"}

SHOWN_LAYERS = 4  # of a network in a counterexample


@dataclass(frozen=True)
class Context:
    report: Report
    reader: Reader

    @property
    def problem(self) -> Problem:
        return self.report.derivation.problem

    @property
    def parts(self) -> tuple[Part, ...]:
        return self.report.derivation.parts

    def prose(self, text: str) -> Text:
        """Author's text, its $...$ read as formulas."""
        return tuple(_span(piece) for piece in self.reader(text))

    @cached_property
    def tensors(self) -> Mapping[str, Tensor]:
        """Every tensor that may carry a value, derivatives of the loss included."""
        program = self.problem.program
        written = program.composed(SHOWN_LAYERS).tensors() if isinstance(program, DeepNetwork) else ()
        plain = {tensor.key: tensor for tensor in (*written, *program.tensors())}
        sloped = plain.values() if program.differentiated else ()
        slopes = [d(program.loss, t) for t in sloped if t.key != program.loss.key]
        return plain | {slope.key: slope for slope in slopes}

    def values(self, key: str) -> tuple[str, ...] | str | None:
        """The worked value of a tensor: text of a scalar, a row of texts, or None for anything larger or unknown."""
        found = self.report.worked.values.get(key) if self.report.worked else None
        if isinstance(found, Sequence) and not isinstance(found, str):
            return tuple(map(str, found)) if all(not isinstance(v, list | tuple) for v in found) else None
        return None if found is None else str(found)

    def value(self, key: str) -> Values | None:
        found = self.values(key)
        if found is None:
            return None
        return Values((found,), scalar=True) if isinstance(found, str) else Values(found)


def _span(piece: str | Expr | Formula) -> Span:
    if isinstance(piece, Formula):
        return Math((piece.left, piece.right), piece.relation)
    return Math((piece,)) if isinstance(piece, Expr) else piece


def name(tensor: Tensor) -> Math:
    """The name alone: x rather than x_i."""
    return Math((), tensor=tensor)


def entry(tensor: Tensor) -> Math:
    return Math((tensor.entry(),))


def shape(tensor: Tensor) -> Text:
    return sizes(tensor.shape)


def sizes(shape: Iterable[Expr]) -> Text:
    """scalar, m, or N × D."""
    return joined([(Math((size,)),) for size in shape], " × ") or ("scalar",)


def joined(texts: Sequence[Text], separator: str = ", ", last: str = "") -> Text:
    """a, b and c."""
    out: list[Span] = []
    for position, text in enumerate(texts):
        if position:
            out.append(last if last and position == len(texts) - 1 else separator)
        out.extend(text)
    return tuple(out)


def told(context: Context, part: Part) -> Text:
    """(dx), where several parts ask for one quantity."""
    same = [other for other in context.parts if other.claim.left == part.claim.left and not other.claim.assuming]
    return (f" ({part.question.id})",) if len(same) > 1 and not part.claim.assuming else ()


def lowered(text: Text) -> Text:
    """For the middle of a sentence; a formula in front stays as it is."""
    first = text[0] if text else ""
    return (first[:1].lower() + first[1:], *text[1:]) if isinstance(first, str) else text


def equals(value: Values | str) -> Text:
    """= 1/2, or a rounded number with the sign that it carries."""
    rounded = isinstance(value, Values) and any(entry.startswith(SIGN) for entry in value.entries)
    return (" " if rounded else " = ", value)


def mark(verdict: Verdict | None) -> str:
    return MARKS.get(verdict.kind, "") if verdict else ""


def headline(context: Context) -> tuple[tuple[Part, Checked], ...]:
    """At most three parts to box: gradients of what enters the program, or simply the last parts."""
    pairs = list(zip(context.parts, context.report.parts, strict=True))
    if context.problem.boxed:
        return tuple(pair for pair in pairs if pair[0].question.id in context.problem.boxed)
    inputs = {tensor.key for tensor in context.problem.program.inputs()}
    chosen = [p for p in pairs if isinstance(p[0].question.wants, Gradient) and p[0].question.wants.by.key in inputs]
    by_size = sorted(chosen or pairs, key=lambda pair: pair[0].question.form is None)  # what the author framed, first
    return tuple(by_size[:3])


def named_in_box(context: Context) -> list[Equation]:
    """The shorthands that the boxed results read: they are defined on page one."""
    read = {key for _, checked in headline(context) for key in tensors_in(checked.claim.right)}
    return [equation_ for equation_ in context.problem.shorthands if equation_.tensor.key in read]


def equation(checked: Checked) -> Math:
    return Math((checked.claim.left, checked.claim.right), checked.claim.relation)


def shape_of_left(left: Expr) -> Text:
    if isinstance(left, Read):
        return shape(left.tensor)
    return ("entry by entry",) if free_indices(left) else ("scalar",)


def given(context: Context, assuming: Sequence[Assumption]) -> Text:
    return joined([context.prose(assumption.text) for assumption in assuming])


def scope(pairs: Iterable[tuple[Part, Checked]]) -> Text:
    """For which sizes the boxed results were proved; anything less than a proof is said as such."""
    verdicts = [checked.verdict for _, checked in pairs]
    scopes = list(dict.fromkeys(v.scope.replace(">=", "≥") for v in verdicts if isinstance(v, Proved)))
    if any(not isinstance(v, Proved) for v in verdicts):
        return ("Not all of it is proved; see the table of checks",)
    return (f"Proved for {'; '.join(scopes)}",)


def is_slope(tensor: Tensor) -> bool:
    return isinstance(tensor.name, PartialName)
