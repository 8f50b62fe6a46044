"""Why two arrays have different shapes: one is transposed, or a sum runs along the wrong axis."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from derive.algebra.binding import fresh_name, rewrite, substitute
from derive.errors import BudgetError, UnsupportedError
from derive.judging.fixed import FixedSizes
from derive.judging.links import formula
from derive.judging.pairs import MismatchError, paired
from derive.judging.show import SIGNS, shown_side
from derive.judging.subject import Subject
from derive.language.expression import Expr, Index, Sum, free_indices, walk
from derive.language.judgement import Finding
from derive.language.statement import Open, Relation, Side
from derive.rendering.formula import latex


def reshaped(subject: Subject, left: Side, right: Side, relation: Relation, fixed: FixedSizes) -> tuple[Finding, ...]:
    """The first change of the right side's axes that makes the equation true."""
    if not isinstance(left, Open) or not isinstance(right, Open) or right.implied:
        return ()
    for kind, text, new in _changed(right):
        try:
            pairs = paired(left, new, fixed)[0]
            if formula(subject, pairs, fixed).truth:
                return (Finding(kind, text, f"{shown_side(left)} {SIGNS[relation]} {latex(pairs[0].right)}"),)
        except (MismatchError, UnsupportedError, BudgetError, ArithmeticError, KeyError):
            continue
    return ()


def _changed(side: Open) -> Iterator[tuple[str, str, Open]]:
    if side.rows and side.columns:
        yield "transposed", "the right side should be transposed", replace(side, rows=side.columns, columns=side.rows)
    for node in walk(side.entry):
        if isinstance(node, Sum):
            for axis in side.axes:
                if axis.name in free_indices(node.body):
                    text = f"the sum should run over the axis {axis.name}, not {node.index.name}"
                    yield "index", text, _turned(side, node, axis)


def _turned(side: Open, total: Sum, axis: Index) -> Open:
    """The sum along the axis, and the summed letter as the axis; what a mean divides by changes with it."""
    own = axis.renamed(fresh_name(axis.name, {axis.name, *free_indices(total.body), total.index.name}))

    def rule(node: Expr) -> Expr | None:
        if node == total:
            return Sum(own, substitute(total.body, {axis.name: own}))
        return axis.upper if node == total.index.upper else None

    def along(axes: tuple[Index, ...]) -> tuple[Index, ...]:
        return tuple(total.index if one.name == axis.name else one for one in axes)

    return replace(side, rows=along(side.rows), columns=along(side.columns), entry=rewrite(side.entry, rule))
