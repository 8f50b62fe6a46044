"""The worked instance of a network, layer by layer: what goes in, and every node and derivative of each layer."""

from __future__ import annotations

from collections.abc import Sequence

from derive.algebra.decimals import DIGITS
from derive.language.domain import Integers
from derive.language.network import Network
from derive.language.tensor import d
from derive.rendering.context import Context, joined, name
from derive.rendering.document import Block, Heading, Paragraph, Table, Text, Values


def layer_tables(context: Context) -> list[Block]:
    """Empty when the problem has no instance."""
    network, worked = context.problem.program, context.report.worked
    if not isinstance(network, Network) or worked is None:
        return []
    depth = context.problem.instance[network.depth.key]
    assert isinstance(depth, int)
    title = f"The worked instance: {depth} layers (≈: rounded to {DIGITS} digits)"
    blocks: list[Block] = [Heading((title,), "S7.1", level=2)]
    whole = network.composed(depth)
    given = [tensor for tensor in whole.inputs() if not isinstance(tensor.domain, Integers)]
    defined = whole.defined()
    slopes = [d(whole.loss, tensor) for tensor in defined if tensor != whole.loss]
    short = [tensor for tensor in given if len(tensor.axes) < 2]
    matrices = [tensor for tensor in given if len(tensor.axes) == 2]
    blocks.append(Paragraph(("Given, exactly; a matrix row by row:",), leads=True))
    rows = [((name(tensor),), _rows(worked.values[tensor.key])) for tensor in (*matrices, *short)]
    blocks.append(Table((("",), ("value",)), tuple(rows), "lp"))
    blocks.append(Paragraph(("Worked out, layer by layer upwards and then downwards:",), leads=True))
    found = [tensor for tensor in (*defined, *reversed(slopes)) if tensor.key in worked.values]
    values: list[tuple[Text, ...]] = [((name(tensor),), _rows(worked.values[tensor.key])) for tensor in found]
    return [*blocks, Table((("",), ("value",)), tuple(values), "lp")]


def _rows(value: object) -> Text:
    """(a, b; c, d): the rows of a matrix one after another."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return (Values((str(value),), scalar=True),)
    if value and isinstance(value[0], Sequence) and not isinstance(value[0], str):
        return joined([(Values(tuple(map(str, row))),) for row in value], ", ")
    return (Values(tuple(map(str, value))),)
