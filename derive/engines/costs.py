"""Layer -> what one example costs in it, one rule a layer."""

from __future__ import annotations

from functools import singledispatch
from typing import NamedTuple

from derive.engines.ledger import Row
from derive.engines.parameters import added, has_bias, parameters, share, taps
from derive.engines.shapes import Amount, Axis, Flow, axes, product
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
)


class Cost(NamedTuple):
    """Operations for one example. A multiply-add is counted in `muls` and in `adds`, and once in `madds`."""

    muls: Amount = 0
    adds: Amount = 0
    madds: Amount = 0
    acts: Amount = 0
    comps: Amount = 0
    conns: Amount = 0


SUMMED = ("params", "madds", "muls", "adds", "acts", "comps", "conns")  # what adds up over layers


def counted(what: str, row: Row, choices: Choices) -> Amount:
    """One of the quantities that add up over layers."""
    if what == "params":
        return parameters(row.layer, row.into, choices)
    return getattr(cost(row.layer, row.into, row.out, choices), what)


@singledispatch
def cost(layer: Layer, into: Flow, out: Flow, choices: Choices) -> Cost:
    raise UnsupportedError(f"layer {layer.name}: no rule counts the operations of a {type(layer).__name__}")


def values(flow: Flow) -> Amount:
    """C H W"""
    return product((flow.channels, product(flow.spatial))) if flow.spatial else flow.channels


def _sums(outputs: Amount, products: Amount, bias: int, choices: Choices) -> Amount:
    """Additions: K - 1 or K for each output, and one for its bias."""
    each = bias if chosen(choices, "additions") == "K" else bias - 1
    return outputs * (products + each if each else products)


def _weighted(outputs: Amount, products: Amount, bias: int, choices: Choices) -> Cost:
    """`outputs` values, each the sum of `products` products and of its bias."""
    muls = outputs * products
    madds = 2 * muls if chosen(choices, "operations") == "separate" else muls
    return Cost(muls, _sums(outputs, products, bias, choices), madds, conns=outputs * added(products, bias))


@cost.register
def _(layer: Convolution, into: Flow, out: Flow, choices: Choices) -> Cost:
    """muls = madds = C_out H' W' K with K = C_in/g k_h k_w; adds = C_out H' W' (K - 1 + bias); conns: K + bias

    Transposed: each of the C_in H W inputs meets C_out/g k_h k_w weights. Zeros of the padding skipped: the products
    (place, tap) of each axis that fall inside.
    """
    bias, outputs = has_bias(layer, choices), values(out)
    if layer.transposed:
        products = values(into) * share(layer.channels, layer.groups) * taps(layer, into)
        return _partial(products, products, outputs, bias, choices)
    skipped = chosen(choices, "padding") == "skipped"
    if not (skipped or layer.table):
        return _weighted(outputs, share(into.channels, layer.groups) * taps(layer, into), bias, choices)
    pairs = sum(len(row) for row in layer.table) or layer.channels * share(into.channels, layer.groups)
    every = pairs * product(out.spatial) * taps(layer, into)
    inside = pairs * product(tuple(map(_inside, into.spatial, out.spatial, axes(layer, into)))) if skipped else every
    return _partial(inside, every, outputs, bias, choices)


def _partial(products: Amount, every: Amount, outputs: Amount, bias: int, choices: Choices) -> Cost:
    """Where outputs do not all have the same number of products: only totals are used. `every` counts zeros too."""
    madds = 2 * products if chosen(choices, "operations") == "separate" else products
    each = bias if chosen(choices, "additions") == "K" else bias - 1
    adds = products + each * outputs if each else products
    return Cost(products, adds, madds, conns=every + outputs if bias else every)


def _inside(n: Amount, count: Amount, axis: Axis) -> Amount:
    """How many pairs (place o, tap a) read inside: 0 <= s o + d a - p < n."""
    if not all(isinstance(x, int) for x in (n, count, *axis)):
        raise UnsupportedError("products with padding zeros are left out only where all sizes are numbers")
    total = 0
    for tap in range(axis.kernel):
        shift = axis.before - tap * axis.dilation  # s o >= shift and s o <= n - 1 + shift
        first, last = -(-max(shift, 0) // axis.stride), (n - 1 + shift) // axis.stride
        total += max(0, min(count - 1, last) - first + 1)
    return total


@cost.register
def _(layer: Linear, into: Flow, out: Flow, choices: Choices) -> Cost:
    """muls = madds = units units_in; adds = units (units_in - 1 + bias), at each position."""
    return _weighted(values(out), into.channels, has_bias(layer, choices), choices)


@cost.register
def _(layer: Pooling, into: Flow, out: Flow, choices: Choices) -> Cost:
    """max: C H' W' (k_h k_w - 1) comparisons; average: as many additions, and a multiplication for each output."""
    outputs, window = values(out), taps(layer, into)
    bias = has_bias(layer, choices)
    counted = chosen(choices, "pooling") == "inputs" or layer.trainable
    conns = outputs * added(window, bias) if counted else 0
    if layer.kind == "max":
        return Cost(comps=outputs * (window - 1), conns=conns)
    adds = outputs * (window - 1 + bias) if bias else outputs * (window - 1)
    return Cost(muls=outputs, adds=adds, conns=conns)


@cost.register
def _(layer: Activation, into: Flow, out: Flow, choices: Choices) -> Cost:
    """acts = C H W"""
    return Cost(acts=values(into))


@cost.register
def _(layer: Normalization, into: Flow, out: Flow, choices: Choices) -> Cost:
    """At inference, over the batch: a multiplication and an addition for each value, the statistics being fixed."""
    if layer.over != "batch":
        raise UnsupportedError(f"layer {layer.name}: no rule counts the statistics that are taken over the features")
    count = values(into)
    return Cost(muls=count, adds=count, madds=2 * count if chosen(choices, "operations") == "separate" else count)


@cost.register
def _(layer: Flatten, into: Flow, out: Flow, choices: Choices) -> Cost:
    """0"""
    return Cost()


@cost.register
def _(layer: Parallel, into: Flow, out: Flow, choices: Choices) -> Cost:
    """Branches that are added: one addition for each value and each further branch."""
    return Cost(adds=values(out) * (len(layer.branches) - 1)) if layer.join == "add" else Cost()
