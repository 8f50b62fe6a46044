"""A network walked once: every layer with the shape that reaches it and the shape it gives."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import force_setattr

from derive.algebra.whole import whole
from derive.engines.shapes import Flow, output, start
from derive.language.expression import Expr
from derive.language.layer import Layer, Network, Parallel, Sequence


class Row(NamedTuple):
    """One layer. `inside` are the names of the sequences and branches around it, outermost first."""

    layer: Layer
    into: Flow
    out: Flow
    inside: tuple[str, ...] = ()

    def belongs(self, name: str) -> bool:
        return not name or self.layer.name == name or name in self.inside


def ledger(network: Network) -> tuple[Row, ...]:
    """The rows of a network in order; the place where branches meet is a row of its own, after them."""
    return tuple(_rows(network.layers, start(network.input), ()))


def _rows(layers: tuple[Layer, ...], into: Flow, inside: tuple[str, ...]) -> Iterator[Row]:
    for layer in map(settled, layers):
        out = into
        within = (*inside, layer.name) if layer.name else inside
        if isinstance(layer, Sequence):
            for row in _rows(layer.layers, into, within):
                if row.inside == within:
                    out = row.out
                yield row
        elif isinstance(layer, Parallel):
            for branch in layer.branches:
                yield from _rows((branch,), into, within)
            out = output(layer, into)
            yield Row(layer, into, out, inside)
        else:
            out = output(layer, into)
            yield Row(layer, into, out, inside)
        into = out


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
