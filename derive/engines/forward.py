"""A chain of linear layers and activations as one formula: Y[i, k] = relu(sum(H[i, j] W[j, k]) + b[k])."""

from __future__ import annotations

from itertools import count

from derive.errors import UnsupportedError
from derive.language.expression import Expr, Index, Operand_, Sum
from derive.language.functions import apply
from derive.language.layer import Activation, Linear, Network
from derive.language.notation import Name
from derive.language.tensor import index, tensor

LETTERS = "jklpqrst"


def as_formula(network: Network, called: str) -> tuple[Expr, Expr]:
    """Y[i, k], and what it is: examples are rows, so each product is taken over the columns of its left factor.

    The weight of layer h is called W_h and its bias b_h. Raises UnsupportedError where the chain has another layer.
    """
    rows = index("i", _operand(network.batch))
    column = index("j", _operand(network.input.channels))
    start: Expr = tensor("X", (rows, column))[rows, column]
    value, names = start, count(1)
    for layer in network.layers:
        if isinstance(layer, Linear):
            after = index(LETTERS[next(names)], _operand(layer.units))
            weight, bias = tensor(_named("W", layer), (column, after)), tensor(_named("b", layer), after)
            value = Sum(column, value * weight[column, after])
            value = value + bias[after] if layer.bias else value
            column = after
        elif isinstance(layer, Activation):
            value = apply(layer.function, value)
        else:
            raise UnsupportedError(f"layer {layer.name}: only linear layers and activations make one formula")
    return tensor(called, (rows, column))[rows, column], value


def _named(letter: str, layer: Linear) -> Name:
    return Name(letter, sub=(layer.name,), text=f"{letter}_{layer.name}")


def _operand(size: object) -> Operand_:
    assert isinstance(size, int | Index | Expr)
    return size
