"""The worked instance: scalars in a line, arrays as rows of one table an axis, all of it exact, with sums."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from derive.algebra.decimals import DIGITS, SIGN
from derive.language.expression import Expr, Index, Number, Read, tensors_in
from derive.language.tensor import Tensor
from derive.rendering.context import Context, entry, equals, is_slope, joined, name
from derive.rendering.document import Block, Heading, Math, Paragraph, Table, Tables, Text, Values

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
    groups: dict[tuple[Expr, Expr], tuple[Index, list[Row]]] = {}
    for tensor in sorted(tensors, key=is_slope):  # values first, then gradients
        if tensor.axes:
            axis = _across(tensor, values[tensor.key])
            groups.setdefault((axis.lower, axis.upper), (axis, []))[1].extend(rows_of(tensor, values[tensor.key], axis))
    tables = tuple(_table(axis, rows) for axis, rows in groups.values())
    return [*blocks, Tables(tables)] if tables else blocks


def _across(tensor: Tensor, value: object) -> Index:
    """The axis that runs across the table: the longest, of equals the last."""
    lengths: list[int] = []
    while isinstance(value, list | tuple):
        lengths.append(len(value))
        value = value[0]
    return max(zip(lengths, range(len(lengths)), tensor.axes, strict=True), key=lambda found: found[:2])[2]


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


def rows_of(tensor: Tensor, value: object, across: Index | None = None) -> list[Row]:
    """One row for every setting of all indices but one, the last if none is named: x_1c, x_2c, ..."""
    last = tensor.axes.index(across) if across is not None else len(tensor.axes) - 1
    return _rows(tensor, value, last, ())


def _rows(tensor: Tensor, value: object, last: int, leading: tuple[Expr, ...]) -> list[Row]:
    """The axes before `last` are opened one by one; then those after it, with all entries along it side by side."""
    assert isinstance(value, list | tuple)
    place = len(leading)
    if place == len(tensor.axes) - 1:
        axes = (*leading[:last], tensor.axes[last], *leading[last:])
        return [((Math((Read(tensor, axes),)) if leading else entry(tensor),), tuple(map(str, value)))]
    axis = tensor.axes[place if place < last else place + 1]
    count = len(value) if place < last else len(value[0])
    found: list[Row] = []
    for position, number in enumerate(numbers_of(axis, count)):
        inside = value[position] if place < last else [item[position] for item in value]
        found += _rows(tensor, inside, last, (*leading, Number(Fraction(number))))
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
