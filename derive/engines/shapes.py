"""Layer -> the shape it gives, one rule a layer.

The rules are written for whole numbers, for symbolic sizes in canonical form, and for the letters of a printed formula
alike: they use nothing but arithmetic. Checks that need a number are made where there is one.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any, NamedTuple, TypeAlias

from derive.algebra.whole import Whole, as_expression, greatest, whole
from derive.errors import AuthorError, UnsupportedError
from derive.language.answers import Shape
from derive.language.counting import Choices, chosen
from derive.language.layer import (
    Activation,
    Convolution,
    Features,
    Flatten,
    Layer,
    Linear,
    Network,
    Normalization,
    Parallel,
    Pooling,
    Sequence,
)

Amount: TypeAlias = Any  # int, Whole, or Expr in a formula


class Flow(NamedTuple):
    """What arrives at a layer, without the batch: channels, and the sizes of the spatial axes."""

    channels: Amount
    spatial: tuple[Amount, ...] = ()

    def __str__(self) -> str:
        return "×".join(map(str, (self.channels, *self.spatial)))


class Axis(NamedTuple):
    """What a window does along one axis: its size, steps, spread, and the zeros before and after."""

    kernel: Amount
    stride: Amount
    dilation: Amount
    before: Amount
    after: Amount

    @property
    def span(self) -> Amount:
        """From the first tap to the last: d (k - 1) + 1."""
        return self.kernel if _is(self.dilation, 1) else self.dilation * (self.kernel - 1) + 1


def _is(value: Amount, number: int) -> bool:
    return isinstance(value, int) and value == number


def fail(layer: Layer, into: Flow, why: str) -> AuthorError:
    return AuthorError(f"layer {layer.name or type(layer).__name__}: {why} (its input is {into})")


def product(values: tuple[Amount, ...]) -> Amount:
    """Equal factors become a power, so that 3 x 3 taps print as k^2."""
    if len(values) > 1 and all(value == values[0] for value in values) and not isinstance(values[0], int):
        return values[0] ** len(values)
    result: Amount = 1
    for value in values:
        result = value if _is(result, 1) else result * value
    return result


def along(value: Any, dims: int, layer: Layer, into: Flow) -> tuple[Amount, ...]:
    """One value for each axis."""
    if not isinstance(value, tuple):
        return (value,) * dims
    if len(value) != dims:
        raise fail(layer, into, f"{len(value)} numbers are given for {dims} axes; give one, or one for each axis")
    return value


def axes(layer: Convolution | Pooling, into: Flow) -> tuple[Axis, ...]:
    """The window of a layer along each axis, with what "same" comes to there."""
    dims = len(into.spatial)
    if not dims:
        raise fail(layer, into, "a window needs an image or a sequence, and the input has no spatial axis")
    kernels = along(layer.kernel, dims, layer, into)
    strides = kernels if layer.stride is None else along(layer.stride, dims, layer, into)
    dilations = along(layer.dilation, dims, layer, into)
    if isinstance(layer.padding, str):
        rows = zip(into.spatial, kernels, strides, dilations, strict=True)
        return tuple(_padded(layer.padding, *row) for row in rows)
    paddings = along(layer.padding, dims, layer, into)
    return tuple(Axis(k, s, d, p, p) for k, s, d, p in zip(kernels, strides, dilations, paddings, strict=True))


def _padded(padding: str, n: Amount, k: Amount, s: Amount, d: Amount) -> Axis:
    """Zeros such that the output has ceil(n/s) places, the odd one at the end; with "valid" none."""
    if padding == "valid":
        return Axis(k, s, d, 0, 0)
    span = Axis(k, s, d, 0, 0).span
    zeros = span - 1 if _is(s, 1) else _positive((-(-n // s) - 1) * s + span - n)
    return Axis(k, s, d, zeros // 2, zeros - zeros // 2)


def _positive(value: Amount) -> Amount:
    return greatest(value, 0) if isinstance(value, int | Whole) else value


def places(layer: Convolution | Pooling, n: Amount, axis: Axis, into: Flow) -> Amount:
    """floor((n + zeros - span)/s) + 1: how often the window fits."""
    if layer.padding == "same":
        return n if _is(axis.stride, 1) else (n + axis.stride - 1) // axis.stride
    zeros = 0 if _is(axis.before, 0) else axis.before + axis.after if axis.before != axis.after else 2 * axis.before
    room = n - axis.span if _is(zeros, 0) else n + zeros - axis.span
    if isinstance(room, int) and room < 0:
        wide = f"{axis.kernel}" if axis.dilation == 1 else f"{axis.kernel} spread over {axis.span}"
        raise fail(layer, into, f"a kernel of {wide} does not fit into {n} with padding {axis.before}")
    if isinstance(layer, Pooling) and layer.ceil:
        return _ceiled(layer, n, axis, room, into)
    return (room if _is(axis.stride, 1) else room // axis.stride) + 1


def _ceiled(layer: Pooling, n: Amount, axis: Axis, room: Amount, into: Flow) -> Amount:
    """ceil(room/s) + 1, less a window that would start beyond the input and the zeros before it."""
    if not isinstance(room, int):
        raise UnsupportedError(f"layer {layer.name}: rounding up needs an input of known size, and it is {into}")
    count = -(-room // axis.stride) + 1
    return count - 1 if (count - 1) * axis.stride >= n + axis.before else count


@singledispatch
def output(layer: Layer, into: Flow) -> Flow:
    raise UnsupportedError(f"layer {layer.name}: no rule gives the shape of a {type(layer).__name__}")


@output.register
def _(layer: Convolution, into: Flow) -> Flow:
    """C_out x floor((n + 2 p - d (k - 1) - 1)/s + 1) along each axis; transposed: (n - 1) s - 2 p + d (k - 1) + 1."""
    check_channels(layer, into)
    if not layer.transposed:
        pairs = zip(into.spatial, axes(layer, into), strict=True)
        return Flow(layer.channels, tuple(places(layer, n, axis, into) for n, axis in pairs))
    if isinstance(layer.padding, str):
        raise fail(layer, into, f'a transposed convolution has no padding "{layer.padding}"; give a number')
    extra = along(layer.output_padding, len(into.spatial), layer, into)
    rows = zip(into.spatial, axes(layer, into), extra, strict=True)
    spatial = tuple(_spread(n, axis, more) for n, axis, more in rows)
    if any(isinstance(n, int) and n < 1 for n in spatial):
        raise fail(layer, into, f"nothing is left of it: padding takes all but {spatial}")
    return Flow(layer.channels, spatial)


def _spread(n: Amount, axis: Axis, more: Amount) -> Amount:
    steps = n - 1 if _is(axis.stride, 1) else (n - 1) * axis.stride
    return steps + axis.span + more if _is(axis.before, 0) else steps - 2 * axis.before + axis.span + more


def check_channels(layer: Convolution, into: Flow) -> None:
    if layer.channels_in is not None and layer.channels_in != into.channels:
        raise fail(layer, into, f"it takes {layer.channels_in} channels, but {into.channels} arrive")
    for name, channels in (("input", into.channels), ("output", layer.channels)):
        if isinstance(channels, int) and isinstance(layer.groups, int) and channels % layer.groups:
            raise fail(layer, into, f"{channels} {name} channels cannot be divided into {layer.groups} groups")
    if layer.table:
        if len(layer.table) != layer.channels:
            raise fail(layer, into, f"its table has {len(layer.table)} rows, but it gives {layer.channels} channels")
        seen = [channel for row in layer.table for channel in row]
        if not all(row for row in layer.table) or min(seen) < 1 or max(seen) > into.channels:
            raise fail(layer, into, f"its table names channel {max(seen, default=0)} of {into.channels}, or none")


@output.register
def _(layer: Linear, into: Flow) -> Flow:
    """units, at each position where it is applied to each."""
    if into.spatial and not layer.each:
        raise fail(layer, into, "a linear layer reads a row of features; put a Flatten before it")
    if layer.units_in is not None and layer.units_in != into.channels:
        raise fail(layer, into, f"it takes {layer.units_in} features, but {into.channels} arrive")
    return Flow(layer.units, into.spatial)


@output.register
def _(layer: Pooling, into: Flow) -> Flow:
    """C x floor((n + 2 p - d (k - 1) - 1)/s + 1) along each axis."""
    rows = zip(into.spatial, axes(layer, into), strict=True)
    return Flow(into.channels, tuple(places(layer, n, axis, into) for n, axis in rows))


@output.register(Activation)
@output.register(Normalization)
def _(layer: Layer, into: Flow) -> Flow:
    """The shape of its input."""
    return into


@output.register
def _(layer: Flatten, into: Flow) -> Flow:
    """C H W."""
    return Flow(product((into.channels, *into.spatial)))


@output.register
def _(layer: Sequence, into: Flow) -> Flow:
    """The shape after the last one."""
    for inner in layer.layers:
        into = output(inner, into)
    return into


@output.register
def _(layer: Parallel, into: Flow) -> Flow:
    """Concatenated: the sum of the channels; added: the common shape."""
    return joined(layer, into, [output(branch, into) for branch in layer.branches])


def joined(layer: Parallel, into: Flow, ends: list[Flow]) -> Flow:
    """The shape where branches with these ends meet."""
    if not layer.branches:
        raise fail(layer, into, "it has no branches")
    names = [branch.name or f"branch {n}" for n, branch in enumerate(layer.branches, 1)]
    for name, end in zip(names, ends, strict=True):
        if end.spatial != ends[0].spatial or (layer.join == "add" and end != ends[0]):
            how = "be added to" if layer.join == "add" else "stand beside"
            raise fail(layer, into, f"{name} gives {end}, which cannot {how} the {ends[0]} of {names[0]}")
    if layer.join == "add":
        return ends[0]
    channels = ends[0].channels
    for end in ends[1:]:
        channels = channels + end.channels
    return Flow(channels, ends[0].spatial)


def start(features: Features) -> Flow:
    """The input of a network, its sizes in canonical form."""
    return Flow(whole(features.channels), tuple(map(whole, features.spatial)))


def laid_out(network: Network, flow: Flow, choices: Choices) -> Shape:
    """Batch, channels and places in the order of the layout; without a batch axis where the batch is 1."""
    batch = whole(network.batch)
    first = (batch,) if batch != 1 else ()
    last = chosen(choices, "layout") == "channels last"
    sizes = (*first, *flow.spatial, flow.channels) if last else (*first, flow.channels, *flow.spatial)
    return Shape(tuple(map(as_expression, sizes)))
