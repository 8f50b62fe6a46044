"""A layer in words, for the table that is handed in: conv 3 × 3, stride 2, padding 1."""

from __future__ import annotations

from functools import singledispatch

from derive.engines.ledger import Row
from derive.language.layer import Activation, Convolution, Flatten, Layer, Linear, Normalization, Parallel, Pooling

FUNCTIONS = {"relu": "ReLU"}


def described(row: Row) -> str:
    return _words(row.layer, len(row.into.spatial))


def _by(value: object, dims: int) -> str:
    """3 × 3."""
    sizes = value if isinstance(value, tuple) else (value,) * dims
    return " × ".join(map(str, sizes))


def _more(layer: Layer, dims: int) -> str:
    """What is not the default: stride 2, padding 1."""
    plain = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}
    found = []
    for field, default in plain.items():
        value = getattr(layer, field, default)
        several = value if isinstance(value, tuple) else (value,)
        if value is not None and any(one != default for one in several):
            one = several[0] if all(v == several[0] for v in several) else _by(value, dims)
            found.append(f'"{one}" padding' if isinstance(one, str) and one in ("same", "valid") else f"{field} {one}")
    return "".join(f", {text}" for text in found)


@singledispatch
def _words(layer: Layer, dims: int) -> str:
    return type(layer).__name__.lower()


@_words.register
def _(layer: Convolution, dims: int) -> str:
    kind = "transposed convolution" if layer.transposed else "convolution"
    table = ", partly connected" if layer.table else ""
    return f"{kind} {_by(layer.kernel, dims)}{_more(layer, dims)}{table}"


@_words.register
def _(layer: Pooling, dims: int) -> str:
    stride = layer.kernel if layer.stride is None else layer.stride
    more = _more(layer, dims) if layer.stride is not None else f", stride {_one(stride, dims)}"
    return f"{layer.kind} pooling {_by(layer.kernel, dims)}{more}{', trainable' if layer.trainable else ''}"


def _one(value: object, dims: int) -> str:
    return _by(value, dims) if isinstance(value, tuple) else str(value)


@_words.register
def _(layer: Linear, dims: int) -> str:
    return "linear"


@_words.register
def _(layer: Activation, dims: int) -> str:
    return FUNCTIONS.get(layer.function, layer.function)


@_words.register
def _(layer: Normalization, dims: int) -> str:
    return "batch normalization" if layer.over == "batch" else "layer normalization"


@_words.register
def _(layer: Flatten, dims: int) -> str:
    return "flatten"


@_words.register
def _(layer: Parallel, dims: int) -> str:
    return "concatenation" if layer.join == "concatenate" else "addition"
