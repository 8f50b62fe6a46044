"""Layer -> which places of its input an interval of its output reads, one rule a layer; all intervals are closed."""

from __future__ import annotations

from functools import singledispatch
from typing import NamedTuple

from derive.algebra.whole import greatest, least, whole
from derive.engines.ledger import Row, ledger
from derive.engines.parameters import share
from derive.engines.shapes import Amount, Flow, axes, fail
from derive.errors import UnsupportedError
from derive.language.layer import (
    Activation,
    Convolution,
    Layer,
    Linear,
    Network,
    Normalization,
    Parallel,
    Pooling,
    Stated,
)

Interval = tuple[Amount, Amount]


class Reach(NamedTuple):
    """Intervals of channels and of places, counted from 1; places outside the array are padding."""

    channels: Interval
    places: tuple[Interval, ...]


class Field(NamedTuple):
    """r, j and the first place that the first output looks at, along one axis."""

    size: Amount
    jump: Amount
    start: Amount


@singledispatch
def reach(layer: Layer, into: Flow, seen: Reach) -> Reach:
    raise UnsupportedError(f"layer {layer.name}: no rule says what a {type(layer).__name__} depends on")


@reach.register
def _(layer: Convolution, into: Flow, seen: Reach) -> Reach:
    """[a, b] -> [s (a - 1) + 1 - p, s (b - 1) + 1 - p + d (k - 1)]; of the channels, those of the groups."""
    if layer.transposed:
        raise UnsupportedError(f"layer {layer.name}: no rule says what a transposed convolution depends on")
    return Reach(_channels(layer, into, seen.channels), _windows(layer, into, seen.places))


@reach.register
def _(layer: Pooling, into: Flow, seen: Reach) -> Reach:
    """[a, b] -> [s (a - 1) + 1 - p, s (b - 1) + 1 - p + d (k - 1)]; the same channels."""
    return Reach(seen.channels, _windows(layer, into, seen.places))


def _windows(layer: Convolution | Pooling, into: Flow, places: tuple[Interval, ...]) -> tuple[Interval, ...]:
    found = []
    for (low, high), axis in zip(places, axes(layer, into), strict=True):
        offset = 1 - axis.before
        found.append((axis.stride * (low - 1) + offset, axis.stride * (high - 1) + offset + axis.span - 1))
    return tuple(found)


def _channels(layer: Convolution, into: Flow, seen: Interval) -> Interval:
    if layer.table and all(isinstance(end, int) for end in seen):
        rows = [channel for row in layer.table[seen[0] - 1 : seen[1]] for channel in row]
        return (min(rows), max(rows))
    if isinstance(layer.groups, int) and layer.groups == 1:
        return (1, into.channels)
    out, inside = share(layer.channels, layer.groups), share(into.channels, layer.groups)
    return (((seen[0] - 1) // out) * inside + 1, ((seen[1] - 1) // out + 1) * inside)


@reach.register(Activation)
@reach.register(Normalization)
def _(layer: Layer, into: Flow, seen: Reach) -> Reach:
    """The same places; a normalization with fixed statistics."""
    if isinstance(layer, Normalization) and layer.over != "batch":
        return Reach((1, into.channels), tuple((1, n) for n in into.spatial))
    return seen


@reach.register
def _(layer: Linear, into: Flow, seen: Reach) -> Reach:
    """All features."""
    return Reach((1, into.channels), seen.places)


def chain(network: Network, name: str) -> tuple[Row, ...]:
    """The rows from the input to the layer of that name, or to the end."""
    rows = ledger(network)
    for row in rows:
        if isinstance(row.layer, Parallel):
            raise fail(row.layer, row.into, "a receptive field is traced through a chain of layers, and this branches")
    last = next((n for n, row in enumerate(rows) if name and row.layer.name == name), None)
    if last is None:
        ends = [n for n, row in enumerate(rows) if row.belongs(name)]
        last = ends[-1]
    return rows[: last + 1]


def seen_from(rows: tuple[Row, ...], of: Reach, clip: bool) -> Reach:
    """What the places `of` after the last row depend on in the input of the first; clipped after each, or never."""
    for row in reversed(rows):
        if clip:
            _check_dense(row)
        of = reach(row.layer, row.into, of)
        if clip:
            of = Reach(
                of.channels, tuple(_clipped(span, n) for span, n in zip(of.places, row.into.spatial, strict=True))
            )
    return of


def _check_dense(row: Row) -> None:
    """A spread window may have no tap on the border itself, so cutting its interval there would claim too much."""
    if isinstance(row.layer, Convolution | Pooling):
        for axis in axes(row.layer, row.into):
            one = isinstance(axis.kernel, int) and axis.kernel == 1
            spread = not one and not (isinstance(axis.dilation, int) and axis.dilation == 1)
            numbers = all(isinstance(n, int) for n in (axis.kernel, axis.before, axis.after))
            if spread or (numbers and max(axis.before, axis.after) >= axis.kernel > 0):
                raise UnsupportedError(f"layer {row.layer.name}: at a border its taps are no interval")


def places_seen(rows: tuple[Row, ...], place: tuple[int, ...]) -> tuple[frozenset[int], ...]:
    """Exactly the places of the input, along each axis, that one output place depends on, with all holes."""
    found = [frozenset((one,)) for one in place]
    for row in reversed(rows):
        if not isinstance(row.layer, Convolution | Pooling):
            continue
        for a, (axis, n) in enumerate(zip(axes(row.layer, row.into), row.into.spatial, strict=True)):
            taps = [1 - axis.before + axis.dilation * tap for tap in range(axis.kernel)]
            reads = {axis.stride * (one - 1) + tap for one in found[a] for tap in taps}
            found[a] = frozenset(read for read in reads if 1 <= read <= n)
    return tuple(found)


def _clipped(span: Interval, n: Amount) -> Interval:
    return greatest(span[0], 1), least(span[1], n)


def fields(rows: tuple[Row, ...], stated: tuple[Stated, ...] = ()) -> tuple[Field, ...]:
    """r = 1 + sum over l of d_l (k_l - 1) j_{l-1};  j_l = s_l j_{l-1};  start = 1 - sum over l of p_l j_{l-1}

    From a layer of which something is stated, it is counted on with that.
    """
    said = {(one.layer, "size" if one.what == "field" else one.what): whole(one.sizes[0]) for one in stated}
    dims = len(rows[0].into.spatial)
    found = [Field(1, 1, 1)] * dims
    for row in rows:
        if isinstance(row.layer, Convolution | Pooling):
            found = [
                Field(f.size + (axis.span - 1) * f.jump, f.jump * axis.stride, f.start - axis.before * f.jump)
                for f, axis in zip(found, axes(row.layer, row.into), strict=True)
            ]
        elif not isinstance(row.layer, Activation | Normalization):
            raise fail(row.layer, row.into, "a receptive field has no steps beyond convolutions and pooling")
        own = {field: said[row.layer.name, field] for field in Field._fields if (row.layer.name, field) in said}
        found = [f._replace(**own) for f in found]
    return tuple(found)
