"""Layer -> how many numbers it learns, one rule a layer."""

from __future__ import annotations

from functools import singledispatch

from derive.algebra.whole import Whole, exact
from derive.engines.shapes import Amount, Flow, along, product
from derive.errors import UnsupportedError
from derive.language.counting import Choices, chosen
from derive.language.layer import (
    Activation,
    Convolution,
    Flatten,
    Layer,
    Linear,
    Normalization,
    Parallel,
    Pooling,
    Sequence,
)


@singledispatch
def parameters(layer: Layer, into: Flow, choices: Choices) -> Amount:
    raise UnsupportedError(f"layer {layer.name}: no rule counts the parameters of a {type(layer).__name__}")


def has_bias(layer: Convolution | Linear | Pooling, choices: Choices) -> int:
    """1 where there is one; a trainable pooling layer is given one."""
    given = layer.trainable if isinstance(layer, Pooling) else layer.bias
    option = chosen(choices, "bias")
    if isinstance(layer, Pooling) and not layer.trainable:
        return 0
    return int(given) if option == "as given" else int(option == "with")


def share(channels: Amount, groups: Amount) -> Amount:
    """C / g: the channels of one group."""
    if isinstance(groups, int) and groups == 1:
        return channels
    if isinstance(channels, int) and isinstance(groups, int):
        return channels // groups
    return exact(channels, groups) if isinstance(channels, Whole) or isinstance(groups, Whole) else channels / groups


def taps(layer: Convolution | Pooling, into: Flow) -> Amount:
    """k_h k_w."""
    return product(along(layer.kernel, len(into.spatial), layer, into))


def added(value: Amount, bias: int) -> Amount:
    return value + 1 if bias else value


@parameters.register
def _(layer: Convolution, into: Flow, choices: Choices) -> Amount:
    """C_out (C_in/g k_h k_w + bias); with a table, the sum over o of (inputs of o) k_h k_w + bias."""
    bias = has_bias(layer, choices)
    if layer.table:
        return sum(len(row) for row in layer.table) * taps(layer, into) + bias * len(layer.table)
    if layer.transposed:
        weights = into.channels * share(layer.channels, layer.groups) * taps(layer, into)
        return weights + layer.channels if bias else weights
    return layer.channels * added(share(into.channels, layer.groups) * taps(layer, into), bias)


@parameters.register
def _(layer: Linear, into: Flow, choices: Choices) -> Amount:
    """units (units_in + bias)"""
    return layer.units * added(into.channels, has_bias(layer, choices))


@parameters.register
def _(layer: Pooling, into: Flow, choices: Choices) -> Amount:
    """0; trainable: C (1 + bias)"""
    return into.channels * (1 + has_bias(layer, choices)) if layer.trainable else 0


@parameters.register
def _(layer: Normalization, into: Flow, choices: Choices) -> Amount:
    """2 C: a scale and a shift for each channel; over the features, for each feature."""
    if not layer.affine:
        return 0
    return 2 * (into.channels if layer.over == "batch" else product((into.channels, *into.spatial)))


@parameters.register(Activation)
@parameters.register(Flatten)
@parameters.register(Parallel)
@parameters.register(Sequence)
def _(layer: Layer, into: Flow, choices: Choices) -> Amount:
    """0"""
    return 0
