"""A network walked once: every layer with the shape that reaches it and the shape it gives."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import NamedTuple

from msgspec.structs import force_setattr

from derive.algebra.whole import whole
from derive.engines.shapes import Flow, joined, output, start
from derive.language.expression import Expr
from derive.language.layer import Layer, Network, Parallel, Sequence, Stated


class Row(NamedTuple):
    """One layer. `inside` are the names of the sequences and branches around it, outermost first."""

    layer: Layer
    into: Flow
    out: Flow
    inside: tuple[str, ...] = ()

    def belongs(self, name: str) -> bool:
        return not name or self.layer.name == name or name in self.inside


def ledger(network: Network) -> tuple[Row, ...]:
    """The rows of a network in order; the place where branches meet is a row of its own, after them.

    What is stated to come out of a layer reaches the next one in place of what does.
    """
    said = {one.layer: _flow(one) for one in network.stated if one.what == "shape" and one.layer}
    return tuple(_walk(network.layers, start(network.input), (), said)[0])


def _walk(
    layers: tuple[Layer, ...], into: Flow, inside: tuple[str, ...], said: Mapping[str, Flow]
) -> tuple[list[Row], Flow]:
    rows: list[Row] = []
    for layer in map(settled, layers):
        within = (*inside, layer.name) if layer.name else inside
        if isinstance(layer, Sequence):
            inner, out = _walk(layer.layers, into, within, said)
            rows += inner
        elif isinstance(layer, Parallel):
            walks = [_walk((branch,), into, within, said) for branch in layer.branches]
            rows += [row for inner, _ in walks for row in inner]
            out = said.get(layer.name) or joined(layer, into, [end for _, end in walks])
            rows.append(Row(layer, into, out, inside))
        else:
            out = said.get(layer.name) or output(layer, into)
            rows.append(Row(layer, into, out, inside))
        into = out
    return rows, into


def _flow(one: Stated) -> Flow:
    channels, *spatial = (whole(size) for size in one.sizes)
    return Flow(channels, tuple(spatial))


def settled(layer: Layer) -> Layer:
    """The layer with its symbolic sizes in canonical form, which calculates."""
    if isinstance(layer, Sequence | Parallel):
        return layer
    symbolic = {field: value for field in layer.__struct_fields__ if _symbolic(value := getattr(layer, field))}
    if not symbolic:
        return layer
    twin = copy.copy(layer)
    for field, value in symbolic.items():
        force_setattr(twin, field, tuple(map(whole, value)) if isinstance(value, tuple) else whole(value))
    return twin


def _symbolic(value: object) -> bool:
    return isinstance(value, Expr) or (isinstance(value, tuple) and any(isinstance(one, Expr) for one in value))
