"""Networks that cannot be: the layer is named, with the shape that reached it, in one sentence."""

from __future__ import annotations

import pytest

from derive.catalogue import load
from derive.engines.ledger import ledger
from derive.errors import AuthorError, UnsupportedError, UsageError
from derive.language.given import check_given
from derive.language.layer import (
    Activation,
    Convolution,
    Features,
    Flatten,
    Layer,
    Linear,
    Network,
    Parallel,
    Pooling,
    Sequence,
)
from derive.language.network_given import network_from

IMAGE = Features(3, (5, 7))
INPUT = "(its input is 3×5×7)"
CASES: list[tuple[Layer, str]] = [
    (Convolution(name="c", channels=4, kernel=3, channels_in=8),
     f"layer c: it takes 8 channels, but 3 arrive {INPUT}"),
    (Convolution(name="c", channels=4, kernel=6), f"layer c: a kernel of 6 does not fit into 5 with padding 0 {INPUT}"),
    (Convolution(name="c", channels=4, kernel=3, dilation=3),
     "layer c: a kernel of 3 spread over 7 does not fit into 5 with padding 0"),
    (Convolution(name="c", channels=4, kernel=3, groups=2),
     "layer c: 3 input channels cannot be divided into 2 groups"),
    (Convolution(name="c", channels=4, kernel=3, groups=3),
     "layer c: 4 output channels cannot be divided into 3 groups"),
    (Convolution(name="c", channels=4, kernel=(3, 3, 3)), "layer c: 3 numbers are given for 2 axes"),
    (Convolution(name="c", channels=2, kernel=3, table=((1, 4), (2,))),
     "layer c: its table names channel 4 of 3"),
    (Convolution(name="c", channels=3, kernel=3, table=((1,), (2,))),
     "layer c: its table has 2 rows, but it gives 3"),
    (Pooling(name="p", kernel=8), "layer p: a kernel of 8 does not fit into 5"),
    (Linear(name="f", units=10),
     f"layer f: a linear layer reads a row of features; put a Flatten before it {INPUT}"),
    (Parallel(name="b", branches=()), "layer b: it has no branches"),
    (Parallel(name="b", join="add",
              branches=(Convolution(name="x", channels=4, kernel=1), Sequence(name="y", layers=()))),
     "layer b: y gives 3×5×7, which cannot be added to the 4×5×7 of x"),
    (Parallel(name="b", branches=(Convolution(name="x", channels=4, kernel=3), Sequence(name="y", layers=()))),
     "layer b: y gives 3×5×7, which cannot stand beside the 4×3×5 of x"),
    (Convolution(name="c", channels=2, kernel=3, transposed=True, padding=9), "layer c: nothing is left of it"),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "message"), CASES)
def test_the_layer_is_named(layer: Layer, message: str) -> None:
    with pytest.raises(AuthorError) as error:
        ledger(Network(IMAGE, (layer,)))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_features_that_do_not_match() -> None:
    with pytest.raises(AuthorError, match=r"layer f: it takes 100 features, but 105 arrive \(its input is 105\)"):
        ledger(Network(IMAGE, (Flatten(name=""), Linear(name="f", units=2, units_in=100))))
    with pytest.raises(AuthorError, match="layer c: a window needs an image or a sequence"):
        ledger(Network(Features(5), (Convolution(name="c", channels=2, kernel=1),)))


def test_numbers_that_no_layer_has() -> None:
    with pytest.raises(AuthorError, match="layer c: stride is 0; it must be at least 1"):
        Convolution(name="c", channels=4, kernel=3, stride=0)
    with pytest.raises(AuthorError, match="layer c: padding is -1; it must be at least 0"):
        Convolution(name="c", channels=4, kernel=3, padding=-1)
    with pytest.raises(AuthorError, match=r"layer c: kernel is 2\.5; a whole number or a size is expected"):
        Convolution(name="c", channels=4, kernel=2.5)  # type: ignore[arg-type]


def test_empty_and_doubly_named_networks() -> None:
    with pytest.raises(AuthorError, match="the network has no layers; give at least one"):
        Network(IMAGE, ())
    with pytest.raises(AuthorError, match="two layers are called 'a'"):
        Network(IMAGE, (Activation(name="a"), Activation(name="a")))


def test_an_unknown_layer_is_never_nothing() -> None:
    class Attention(Layer, frozen=True, kw_only=True):
        heads: int = 1

    with pytest.raises(UnsupportedError, match="layer a: no rule gives the shape of a Attention"):
        ledger(Network(IMAGE, (Attention(name="a"),)))


GIVEN = [
    ({"conv1.stride": 0}, "layer conv1: stride is 0; it must be at least 1"),
    ({"conv1.strid": 2}, "the layer 'conv1' has no 'strid'. Did you mean 'stride'?"),
    ({"conv3.stride": 2}, "'conv3.stride' is not something conv_cost takes"),
    ({"input": [3, 0, 4]}, "'input' is 0; it must be from 1"),
    ({"input": 3}, "'input' must be [channels, height, width]"),
    ({"conv1.bias": "yes"}, "'conv1.bias': layer conv1: bias is 'yes'; it must be True or False"),
    ({"conv1.kernel": [[3]]}, "layer conv1: kernel is (3,); a whole number or a size is expected"),
    ({"bias": "maybe"}, "the convention 'bias' has no option 'maybe'"),
    ({"network": {"layers": ["relu"]}}, 'network must be an object such as {"input"'),
    ({"network": {"input": [1, 4], "layers": []}}, "network has no layers; give at least one"),
    ({"network": {"input": [1, 4], "layers": ["rleu"]}}, "'rleu' is no kind of layer. Did you mean 'relu'?"),
    ({"network": {"input": [1, 4], "layers": [{"conv": 3}]}}, "the layer conv1 needs a kernel"),
    ({"network": {"input": [1, 4], "layers": [{"conv": 3, "kernel": 3, "step": 2}]}}, "the layer conv1 has no 'step'"),
    ({"network": {"input": [1, 4], "layers": [{"conv": "x", "kernel": 3}]}}, "a whole number or a size is expected"),
    ({"network": {"input": [1, 4], "layers": [{"conv": 3, "kernel": 1, "name": "a$"}]}}, "the name of a layer is 'a$'"),
    ({"network": {"input": [1, 4], "layers": ["relu"], "title": "\ud800"}}, "network: title is"),
    ({"network": {"input": [1, 4], "layers": [{"add": 3}]}}, "'add' takes a list of branches"),
]


@pytest.mark.parametrize(("entries", "message"), GIVEN)
def test_given_that_cannot_be(entries: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as error:
        check_given(load("conv_cost"), entries)
    assert message in str(error.value)
    assert str(error.value).startswith("--given: ")


def test_deep_and_long_networks_are_refused() -> None:
    deep: list[object] = ["relu"]
    for _ in range(30):
        deep = [{"concat": [deep]}]
    with pytest.raises(UsageError, match="layers must be a list"):
        network_from({"input": [1, 4], "layers": deep})
    with pytest.raises(UsageError, match="more than 2000 layers"):
        network_from({"input": [1, 4], "layers": ["relu"] * 3000})
