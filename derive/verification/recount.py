"""The oracle of counting: places, weights and products are listed one by one, along each axis, and then counted.

Nothing here is a formula of the engine: a window is moved along its padded axis step by step, and what it touches is
written down. Axes are independent of each other, so the number of pairs, say, of a place and a tap in two dimensions is
the product of the numbers that were listed along each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache, singledispatch
from itertools import product as pairs
from math import prod
from typing import Any, NamedTuple

from derive.errors import UnsupportedError
from derive.language import layer as nouns
from derive.language.counting import Choices, chosen

MOST = 2_000_000  # reads along one axis


class Touch(NamedTuple):
    """A window at one place: for each tap, the position that it reads, from 1; None in the padding."""

    reads: tuple[int | None, ...]


class Seen(NamedTuple):
    """A layer with everything listed. `axes[a]` are the windows along axis a, in order."""

    layer: nouns.Layer
    channels_in: int
    spatial_in: tuple[int, ...]
    channels: int
    spatial: tuple[int, ...]
    axes: tuple[tuple[Touch, ...], ...] = ()
    inside: tuple[str, ...] = ()

    @property
    def values(self) -> int:
        return self.channels * prod(self.spatial)

    @property
    def pairs(self) -> int:
        """(place, tap), padding included."""
        return prod(sum(len(touch.reads) for touch in axis) for axis in self.axes)

    @property
    def real_pairs(self) -> int:
        """(place, tap) that read a value."""
        return prod(sum(read is not None for touch in axis for read in touch.reads) for axis in self.axes)

    @property
    def taps(self) -> int:
        return prod(len(axis[0].reads) for axis in self.axes)


def each(value: Any, dims: int) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, tuple) else (value,) * dims


@lru_cache(maxsize=4096)  # one and the same axis is looked at from every place behind it
def windows(n: int, k: int, s: int, d: int, before: int, after: int, ceil: bool = False) -> tuple[Touch, ...]:
    """The window laid down at every s-th place of the padded axis, as long as it fits."""
    if (n + before + after) // s * k > MOST:
        raise UnsupportedError(f"a window of {k} in {n} places is too much to be listed")
    axis: list[int | None] = [None] * before + list(range(1, n + 1)) + [None] * after
    found: list[Touch] = []
    first = 0
    while True:
        reads = [first + d * tap for tap in range(k)]
        fits = reads[-1] < len(axis)
        # rounding up: a last window may stick out, if the one before it left something unread and it starts on a value
        sticks = ceil and not fits and first < before + n and first - s + (k - 1) * d < len(axis) - 1
        if not fits and not sticks:
            return tuple(found)
        found.append(Touch(tuple(axis[r] if r < len(axis) else None for r in reads)))
        first += s


def _zeros(layer: Any, n: int, k: int, s: int, d: int, given: int) -> tuple[int, int]:
    """Before and after; for "same", one by one until there are as many places as steps of s in n."""
    if layer.padding == "valid":
        return 0, 0
    if layer.padding != "same":
        return given, given
    wanted, zeros = len(range(0, n, s)), 0
    while len(windows(n, k, s, d, zeros, 0)) < wanted:
        zeros += 1
    if s == 1:
        zeros = (k - 1) * d
    return zeros // 2, zeros - zeros // 2


def _axes(layer: Any, spatial: tuple[int, ...]) -> tuple[tuple[Touch, ...], ...]:
    dims = len(spatial)
    ks = each(layer.kernel, dims)
    ss = ks if layer.stride is None else each(layer.stride, dims)
    ds = each(layer.dilation, dims)
    ps = (0,) * dims if isinstance(layer.padding, str) else each(layer.padding, dims)
    rows = zip(spatial, ks, ss, ds, ps, strict=True)
    return tuple(windows(n, k, s, d, *_zeros(layer, n, k, s, d, p), getattr(layer, "ceil", False))
                 for n, k, s, d, p in rows)  # fmt: skip


@singledispatch
def look(layer: nouns.Layer, channels: int, spatial: tuple[int, ...]) -> Seen:
    raise UnsupportedError(f"layer {layer.name}: nobody listed the places of a {type(layer).__name__}")


@look.register
def _(layer: nouns.Convolution, channels: int, spatial: tuple[int, ...]) -> Seen:
    out = int(layer.channels)  # type: ignore[arg-type]
    if layer.transposed:
        return Seen(layer, channels, spatial, out, tuple(_stamped(layer, spatial)), ())
    axes = _axes(layer, spatial)
    return Seen(layer, channels, spatial, out, tuple(map(len, axes)), axes)


def _stamped(layer: nouns.Convolution, spatial: tuple[int, ...]) -> list[int]:
    """Stamps of the kernel are laid out s apart; the cells from the first to the last, less the padding."""
    dims = len(spatial)
    fields = (layer.kernel, layer.stride, layer.dilation, layer.padding, layer.output_padding)
    found = []
    for n, k, s, d, p, more in zip(spatial, *(each(field, dims) for field in fields), strict=True):
        touched = [place * s + tap * d for place, tap in pairs(range(n), range(k))]
        found.append(len(range(min(touched), max(touched) + 1)) - 2 * p + more)
    return found


@look.register
def _(layer: nouns.Pooling, channels: int, spatial: tuple[int, ...]) -> Seen:
    axes = _axes(layer, spatial)
    return Seen(layer, channels, spatial, channels, tuple(map(len, axes)), axes)


@look.register
def _(layer: nouns.Linear, channels: int, spatial: tuple[int, ...]) -> Seen:
    return Seen(layer, channels, spatial, int(layer.units), spatial)  # type: ignore[arg-type]


@look.register(nouns.Activation)
@look.register(nouns.Normalization)
def _(layer: nouns.Layer, channels: int, spatial: tuple[int, ...]) -> Seen:
    return Seen(layer, channels, spatial, channels, spatial)


@look.register
def _(layer: nouns.Flatten, channels: int, spatial: tuple[int, ...]) -> Seen:
    return Seen(layer, channels, spatial, len(range(channels)) * prod(len(range(n)) for n in spatial), ())


def walk(network: nouns.Network) -> list[Seen]:
    """Every layer of a network whose sizes are numbers, in order; where branches meet is one more."""
    return _walk(network.layers, int(network.input.channels), tuple(map(int, network.input.spatial)), ())  # type: ignore[arg-type]


def _walk(
    layers: Sequence[nouns.Layer], channels: int, spatial: tuple[int, ...], inside: tuple[str, ...]
) -> list[Seen]:
    found: list[Seen] = []
    for layer in layers:
        within = (*inside, layer.name) if layer.name else inside
        if isinstance(layer, nouns.Sequence):
            steps = _walk(layer.layers, channels, spatial, within)
            found += steps
            if not steps:  # nothing in it: what comes goes
                continue
            last = steps[-1]
        elif isinstance(layer, nouns.Parallel):
            ends = []
            for branch in layer.branches:
                steps = _walk((branch,), channels, spatial, within)
                ends.append((steps[-1].channels, steps[-1].spatial) if steps else (channels, spatial))
                found += steps
            width = sum(c for c, _ in ends) if layer.join == "concatenate" else ends[0][0]
            last = Seen(layer, channels, spatial, width, ends[0][1], inside=inside)
            found.append(last)
        else:
            last = look(layer, channels, spatial)._replace(inside=inside)
            found.append(last)
        channels, spatial = last.channels, last.spatial
    return found


def tally(what: str, seen: Seen, choices: Choices) -> int:
    """One quantity of one layer, from the lists."""
    layer = seen.layer
    bias = _biases(seen, choices)
    per_output = prod(seen.spatial)
    if what == "params":
        return _weights(seen) + bias
    if what == "acts":
        return len(range(seen.values)) if isinstance(layer, nouns.Activation) else 0
    if what == "comps":
        return seen.channels * (seen.pairs - per_output) if _is_max(layer) else 0
    if what == "conns":
        return _connections(seen, choices) + bias * per_output
    products = _products(seen, choices)
    if what == "muls":
        return products
    if what == "madds":
        meets = products if not isinstance(layer, nouns.Pooling) else 0
        return 2 * meets if chosen(choices, "operations") == "separate" else meets
    if what == "adds":
        return _additions(seen, products, bias * per_output, choices)
    raise UnsupportedError(f"nobody counts {what}")


def _is_max(layer: nouns.Layer) -> bool:
    return isinstance(layer, nouns.Pooling) and layer.kind == "max"


def _biases(seen: Seen, choices: Choices) -> int:
    """One for each output map or unit, where there are any."""
    layer = seen.layer
    if isinstance(layer, nouns.Pooling):
        has = layer.trainable
    elif isinstance(layer, nouns.Convolution | nouns.Linear):
        has = layer.bias
    else:
        return 0
    if chosen(choices, "bias") != "as given" and (not isinstance(layer, nouns.Pooling) or layer.trainable):
        has = chosen(choices, "bias") == "with"
    return seen.channels if has else 0


def _meetings(seen: Seen) -> int:
    """Pairs (output map, input map) that share a kernel."""
    layer = seen.layer
    assert isinstance(layer, nouns.Convolution)
    if layer.table:
        return sum(1 for row in layer.table for _ in row)
    groups = int(layer.groups)  # type: ignore[arg-type]
    blocks = [(range(g, seen.channels, groups), range(g, seen.channels_in, groups)) for g in range(groups)]
    return sum(len(outs) * len(ins) for outs, ins in blocks)


def _weights(seen: Seen) -> int:
    layer = seen.layer
    if isinstance(layer, nouns.Convolution):
        return _meetings(seen) * prod(each(layer.kernel, len(seen.spatial_in)))
    if isinstance(layer, nouns.Linear):
        return len(range(seen.channels_in)) * len(range(seen.channels))
    if isinstance(layer, nouns.Pooling):
        return seen.channels if layer.trainable else 0
    if isinstance(layer, nouns.Normalization) and layer.affine:
        each_one = seen.channels if layer.over == "batch" else seen.values
        return sum(each_one for _ in ("scale", "shift"))
    return 0


def _products(seen: Seen, choices: Choices) -> int:
    layer = seen.layer
    if isinstance(layer, nouns.Convolution):
        if layer.transposed:
            return _meetings(seen) * prod(seen.spatial_in) * prod(each(layer.kernel, len(seen.spatial_in)))
        skipped = chosen(choices, "padding") == "skipped"
        return _meetings(seen) * (seen.real_pairs if skipped else seen.pairs)
    if isinstance(layer, nouns.Linear):
        return seen.values * seen.channels_in
    if isinstance(layer, nouns.Normalization):
        return seen.values
    return seen.values if isinstance(layer, nouns.Pooling) and layer.kind == "average" else 0


def _additions(seen: Seen, products: int, biases: int, choices: Choices) -> int:
    """Products that are added up: one less than there are of them for each value, or as many."""
    layer = seen.layer
    if isinstance(layer, nouns.Convolution | nouns.Linear):
        less = seen.values if chosen(choices, "additions") == "K - 1" else 0
        return products - less + biases
    if isinstance(layer, nouns.Pooling):
        return 0 if layer.kind == "max" else seen.channels * (seen.pairs - prod(seen.spatial)) + biases
    if isinstance(layer, nouns.Normalization):
        return seen.values
    if isinstance(layer, nouns.Parallel) and layer.join == "add":
        return sum(seen.values for _ in layer.branches[1:])
    return 0


def _connections(seen: Seen, choices: Choices) -> int:
    """Lines from an input to an output, through a weight."""
    layer = seen.layer
    if isinstance(layer, nouns.Pooling):
        counted = layer.trainable or chosen(choices, "pooling") == "inputs"
        return seen.channels * seen.pairs if counted else 0
    return _products(seen, {}) if isinstance(layer, nouns.Convolution | nouns.Linear) else 0


def numbered(network: nouns.Network, sizes: Mapping[str, int], value_of: Any) -> nouns.Network:
    """The network with every symbolic size replaced by its number."""
    import copy

    from msgspec.structs import force_setattr

    from derive.language.expression import Expr

    def number(value: Any) -> Any:
        if isinstance(value, nouns.Layer | nouns.Features):
            twin = copy.copy(value)
            for field in twin.__struct_fields__:
                force_setattr(twin, field, number(getattr(twin, field)))
            return twin
        if isinstance(value, tuple):
            return tuple(map(number, value))
        return value_of(value, sizes) if isinstance(value, Expr) else value

    return nouns.Network(number(network.input), number(network.layers), number(network.batch), network.title)
