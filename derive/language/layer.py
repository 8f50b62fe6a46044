"""Layers of a network as frozen data: what each one is, never what follows from it.

A size is a whole number or an expression in sizes, so that a batch, an image or a width may stay a symbol. Where one
number stands for several axes, as in kernel=3, it holds for each of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import force_setattr

from derive.errors import AuthorError
from derive.language.expression import Expr, Number, Operand
from derive.language.typed import check_types

Size: TypeAlias = int | Operand
Sizes: TypeAlias = Size | tuple[Size, ...]
Padding: TypeAlias = Sizes | Literal["same", "valid"]


def size_of(value: object, place: str) -> Size:
    """A whole number as int, anything symbolic as an expression: what every size is once its noun is made."""
    if isinstance(value, Number) and value.value.denominator == 1:
        return int(value.value)
    if isinstance(value, Operand):
        return value.as_expression()
    if isinstance(value, bool) or not isinstance(value, int):
        raise AuthorError(f"{place} is {value!r}; a whole number or a size is expected")
    return value


def _sizes(value: object, place: str) -> Sizes:
    if isinstance(value, tuple | list):
        return tuple(size_of(item, place) for item in value)
    return size_of(value, place)


class Layer(Struct, frozen=True, kw_only=True):
    """Anything that maps an array of features to another. `name` is what tables and errors call it."""

    name: str

    def __post_init__(self) -> None:
        try:
            check_types(self, skip=_COUNTED.get(type(self), ()))
        except AuthorError as error:
            raise AuthorError(f"layer {self.name}: {str(error).partition(': ')[2]}") from None
        for field in _COUNTED.get(type(self), ()):
            value = getattr(self, field)
            if value is None or (field == "padding" and value in ("same", "valid")):
                continue
            value = _sizes(value, f"layer {self.name}: {field}")
            force_setattr(self, field, value)
            least = 0 if "padding" in field else 1
            for one in value if isinstance(value, tuple) else (value,):
                if isinstance(one, int) and one < least:
                    raise AuthorError(f"layer {self.name}: {field} is {one}; it must be at least {least}")


class Convolution(Layer, frozen=True, kw_only=True):
    """y[o, t] = b[o] + sum over c, a of w[o, c, a] x[c, stride t + dilation a - padding], in one or more dimensions.

    `channels_in` is optional and only checked. `table[o]` lists the input maps (from 1) that output map o + 1 sees.
    """

    channels: Size
    kernel: Sizes
    channels_in: Size | None = None
    stride: Sizes = 1
    padding: Padding = 0
    dilation: Sizes = 1
    groups: Size = 1
    bias: bool = True
    transposed: bool = False
    output_padding: Sizes = 0
    table: tuple[tuple[int, ...], ...] = ()


class Linear(Layer, frozen=True, kw_only=True):
    """y[o] = b[o] + sum over c of w[c, o] x[c]; `each`: at every position of the input, else the input is flat."""

    units: Size
    units_in: Size | None = None
    bias: bool = True
    each: bool = False


class Pooling(Layer, frozen=True, kw_only=True):
    """The greatest or the mean value of each window, map by map; without a stride, windows do not overlap.

    `trainable`: one coefficient and one bias a map, as in the network of 1998. `ceil`: a last window may stick out.
    """

    kernel: Sizes
    kind: Literal["max", "average"] = "max"
    stride: Sizes | None = None
    padding: Padding = 0
    dilation: Sizes = 1
    ceil: bool = False
    trainable: bool = False


class Activation(Layer, frozen=True, kw_only=True):
    """One function, applied to every value."""

    function: str = "relu"


class Normalization(Layer, frozen=True, kw_only=True):
    """(x - mean) / sqrt(var + eps), scaled and shifted when `affine`.

    Over the batch: one mean for each channel, taken over examples and positions. Over the features: one for each
    example, and a scale and a shift for each feature.
    """

    over: Literal["batch", "features"] = "batch"
    affine: bool = True


class Flatten(Layer, frozen=True, kw_only=True):
    """All features of an example in one row."""


class Sequence(Layer, frozen=True, kw_only=True):
    """One layer after the other."""

    layers: tuple[Layer, ...]
    name: str = ""


class Parallel(Layer, frozen=True, kw_only=True):
    """Branches that read the same input; what they give is concatenated along the channels, or added."""

    branches: tuple[Layer, ...]
    join: Literal["concatenate", "add"] = "concatenate"
    name: str = ""


_COUNTED: dict[type[Layer], tuple[str, ...]] = {
    Convolution: ("channels", "kernel", "channels_in", "stride", "padding", "dilation", "groups", "output_padding"),
    Linear: ("units", "units_in"),
    Pooling: ("kernel", "stride", "padding", "dilation"),
}  # the fields that hold sizes


class Features(Struct, frozen=True):
    """Channels and the sizes of the spatial axes; a row of features has none. The batch is not among them."""

    channels: Size
    spatial: tuple[Size, ...] = ()

    def __post_init__(self) -> None:
        force_setattr(self, "channels", size_of(self.channels, "channels of the input"))
        force_setattr(self, "spatial", tuple(size_of(one, "a spatial size of the input") for one in self.spatial))


class Stated(Struct, frozen=True):
    """What someone says that a layer comes to, to be counted on with: its shape by channels and places, or a count.

    `choices` are the conventions of the question that it answers.
    """

    what: str
    layer: str
    sizes: tuple[Expr, ...]
    choices: Mapping[str, str] = {}


class Network(Struct, frozen=True):
    """An input and the layers it goes through; `title` is what a comparison calls it.

    What is `stated` stands in place of what follows from the layers; no problem has any, but what somebody who made a
    mistake goes on with is counted by it.
    """

    input: Features
    layers: tuple[Layer, ...]
    batch: Size = 1
    title: str = ""
    stated: tuple[Stated, ...] = ()

    def __post_init__(self) -> None:
        force_setattr(self, "batch", size_of(self.batch, "the batch"))
        if not self.layers:
            raise AuthorError(f"{self.title or 'the network'} has no layers; give at least one")
        names = [layer.name for layer in every_layer(self.layers) if layer.name]
        for repeated in {name for name in names if names.count(name) > 1}:
            raise AuthorError(f"{self.title or 'the network'}: two layers are called '{repeated}'")


def every_layer(layers: tuple[Layer, ...]) -> Iterator[Layer]:
    """Each layer, then those inside it, in order."""
    for layer in layers:
        yield layer
        if isinstance(layer, Sequence):
            yield from every_layer(layer.layers)
        elif isinstance(layer, Parallel):
            yield from every_layer(layer.branches)
