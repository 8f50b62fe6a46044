"""The worked instance: scalars in a line, arrays as rows of one table an axis, all of it exact, with sums."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from derive.algebra.decimals import DIGITS, SIGN
from derive.language.expression import Expr, Index, Number, Read, tensors_in
from derive.language.tensor import Tensor
from derive.rendering.context import Context, entry, equals, is_slope, joined, name
from derive.rendering.document import Block, Heading, Math, Paragraph, Table, Text, Values

Row = tuple[Text, tuple[str, ...]]


def worked_instance(context: Context) -> list[Block]:
    """Empty when the problem has no instance."""
    if context.report.worked is None:
        return []
    values = context.report.worked.values
    used = _used(context)
    tensors = [
        tensor for key, tensor in context.tensors.items() if key in values and (key in used or not is_slope(tensor))
    ]
    scalars: list[Text] = [
        (name(tensor), *equals(Values((str(values[tensor.key]),), scalar=True)))
        for tensor in tensors
        if not tensor.axes
    ]
    blocks: list[Block] = [Heading((_title(values),), "S7.1", level=2)]
    if scalars:
        blocks.append(Paragraph((*joined(scalars), "; entry by entry:"), leads=True))
    groups: dict[tuple[Expr, Expr], list[Tensor]] = {}
    for tensor in sorted(tensors, key=is_slope):  # values first, then gradients
        if tensor.axes:
            groups.setdefault((tensor.axes[-1].lower, tensor.axes[-1].upper), []).append(tensor)
    return [*blocks, *(_table(group[0].axes[-1], _rows_of_all(context, group)) for group in groups.values())]


def _used(context: Context) -> set[str]:
    """What the derivation and the identities speak of: the derivatives by anything else are not shown."""
    exprs: list[Expr] = []
    for part in context.parts:
        exprs += [part.claim.left, part.claim.right]
        exprs += [side for step in part.steps for side in (step.left, step.before, step.after) if side is not None]
    for remark in (*context.problem.lemmas, *context.problem.remarks):
        exprs += [remark.left, remark.right]
    return {key for expr in exprs for key in tensors_in(expr)}


def _title(values: Mapping[str, object]) -> str:
    """Whether all of it is exact."""
    rounded = any(SIGN in str(value) for value in values.values())
    return f"The worked instance{f' (≈: rounded to {DIGITS} digits)' if rounded else ', in exact numbers'}"


def numbers_of(index: Index, count: int) -> range:
    """1, 2, ... or what the index starts with."""
    first = int(index.lower.value) if isinstance(index.lower, Number) else 1
    return range(first, first + count)


def _rows_of_all(context: Context, tensors: list[Tensor]) -> list[Row]:
    assert context.report.worked is not None
    values = context.report.worked.values
    return [row for tensor in tensors for row in rows_of(tensor, values[tensor.key])]


def rows_of(tensor: Tensor, value: object) -> list[Row]:
    """One row for every setting of all indices but the last: x_1c, x_2c, ..."""
    return _rows(tensor, entry(tensor), value, ())


def _rows(tensor: Tensor, label: Math, value: object, leading: tuple[int, ...]) -> list[Row]:
    assert isinstance(value, list | tuple)
    if not any(isinstance(item, list | tuple) for item in value):
        return [((label,), tuple(map(str, value)))]
    found: list[Row] = []
    for position, item in zip(numbers_of(tensor.axes[len(leading)], len(value)), value, strict=True):
        fixed = (*leading, position)
        at = (*(Number(Fraction(k)) for k in fixed), *tensor.axes[len(fixed) :])
        found += _rows(tensor, Math((Read(tensor, at),)), item, fixed)
    return found


def _table(axis: Index, rows: list[Row]) -> Table:
    width = max(len(values) for _, values in rows)
    header: tuple[Text, ...] = (("",), *((Math((axis,)), f" = {k}") for k in numbers_of(axis, width)), ("sum",))
    cells: tuple[tuple[Text, ...], ...] = tuple(
        (label, *((Values((value,), scalar=True),) for value in values), _total(values)) for label, values in rows
    )
    return Table(header, cells, "l" + "r" * (width + 1))


def _total(values: tuple[str, ...]) -> Text:
    try:
        return (Values((str(sum(map(Fraction, values))),), scalar=True),)
    except ValueError:  # an enclosure
        return ("",)
