"""Counting: how long 200 layers take; and what other counters say of the same layers, with the convention of each."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import time
from collections.abc import Callable
from math import prod
from typing import Any

import pytest

from derive.engines.costs import SUMMED, counted
from derive.engines.fields import fields
from derive.engines.ledger import ledger
from derive.language import Activation, Convolution, Features, Network, Normalization, size
from derive.language.layer import Layer

pytestmark = pytest.mark.bench


def deep(spatial: tuple[Any, Any], channels: Any = 64) -> Network:
    """200 layers: blocks of convolution, normalization and activation, every tenth block with a stride."""
    layers: list[Layer] = []
    for n in range(200):
        if n % 3 == 0:
            stride = 2 if n % 30 == 15 and isinstance(spatial[0], int) and n < 90 else 1
            layers.append(Convolution(name=f"c{n}", channels=channels, kernel=3, padding=1, stride=stride))
        else:
            layers.append(Normalization(name=f"n{n}") if n % 3 == 1 else Activation(name=f"a{n}"))
    return Network(Features(3, spatial), tuple(layers))


def all_counts(network: Network) -> list[Any]:
    """The four verbs: shapes, parameters, costs, receptive field."""
    rows = ledger(network)
    fields(rows)
    return [sum((counted(what, row, {}) for row in rows), start=0) for what in SUMMED]


def best(work: Callable[[], object], times: int = 5) -> float:
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def test_200_layers_in_numbers() -> None:
    network = deep((224, 224))
    seconds = best(lambda: all_counts(network))
    print(f"200 layers, numbers: {seconds * 1000:.1f} ms")
    assert seconds <= 0.05


def test_200_layers_in_symbols() -> None:
    network = deep((size("H"), size("W")), size("C"))
    seconds = best(lambda: all_counts(network), 3)
    print(f"200 layers, symbols: {seconds * 1000:.0f} ms")
    assert seconds <= 1.0


# -- other counters ----------------------------------------------------------------------------------------------------


def layers() -> dict[str, tuple[Any, tuple[int, ...]]]:
    from torch import nn

    return {
        "Conv2d(3,10,3)+bias, 32²": (nn.Conv2d(3, 10, 3), (1, 3, 32, 32)),
        "ConvTranspose2d(3,10,3,s2), 16²": (nn.ConvTranspose2d(3, 10, 3, stride=2, bias=False), (1, 3, 16, 16)),
        "Linear(3,8)+bias on (5,10,3)": (nn.Linear(3, 8), (5, 10, 3)),
    }


def torch_counter(module: Any, shape: tuple[int, ...]) -> int:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        module(torch.zeros(shape))
    return int(counter.get_total_flops())


def fvcore(module: Any, shape: tuple[int, ...]) -> int:
    import torch
    from fvcore.nn import FlopCountAnalysis

    return int(FlopCountAnalysis(module, torch.zeros(shape)).total())


def thop(module: Any, shape: tuple[int, ...]) -> int:
    import torch
    from thop import profile

    return int(profile(module, inputs=(torch.zeros(shape),), verbose=False)[0])


def ptflops(module: Any, shape: tuple[int, ...]) -> int:
    from ptflops import get_model_complexity_info

    found, _ = get_model_complexity_info(
        module, shape[1:], as_strings=False, print_per_layer_stat=False, verbose=False, backend="pytorch"
    )
    return int(found)


def torchinfo(module: Any, shape: tuple[int, ...]) -> int:
    from torchinfo import summary

    return int(summary(module, input_size=shape, verbose=0).total_mult_adds)


COUNTERS: dict[str, Callable[[Any, tuple[int, ...]], int]] = {
    "torch": torch_counter, "fvcore": fvcore, "thop": thop, "ptflops": ptflops, "torchinfo": torchinfo,
}  # fmt: skip
BY_HAND = (10 * 30 * 30 * 27, 3 * 16 * 16 * 90, 5 * 10 * 24)


def convention_of(said: int, module: Any, shape: tuple[int, ...]) -> str:
    """The first convention under which our own count of the layer is this number."""
    import derive

    found = derive.count(module, shape)
    (layer,) = found.layers
    madds, biased = found.total("madds"), derive.count(module, shape, additions="K").total("adds")
    batch, positions = shape[0], shape[1] if len(shape) == 3 else 1
    weights = found.total("params") - (biased > madds) * module.weight.shape["Transpose" in type(module).__name__]
    meanings = {
        "multiply-adds": madds,
        "operations: a multiply-add is two": derive.count(module, shape, operations="separate").total("madds"),
        "multiply-adds, and one for each bias added": biased,
        "the same for one example: the batch is left out": biased // batch,
        "the same for one position of each example: the other positions are forgotten": biased // positions,
        "every output place charged with all weights, as if no stride spread the input": weights * prod(layer.out[2:]),
    }
    return next((meaning for meaning, count in meanings.items() if count == said), "no convention of ours")


@pytest.mark.torch
def test_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours is what is counted by hand; each other counter's number is told with the convention that gives it."""
    import derive

    lines = []
    for (title, (module, shape)), hand in zip(layers().items(), BY_HAND, strict=True):
        ours = derive.count(module, shape).total("madds")
        assert ours == hand
        lines.append(f"\n{title}: {ours} multiply-adds, by hand the same")
        for name, counter in COUNTERS.items():
            if name != "torch" and importlib.util.find_spec(name) is None:
                lines.append(f"  {name:<10} is not installed")
                continue
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                said = counter(module, shape)
            lines.append(f"  {name:<10} {said:>8}  {convention_of(said, module, shape)}")
    with capsys.disabled():
        print("\n".join(lines))
