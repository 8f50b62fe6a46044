"""derive.count on PyTorch modules: what it counts, what it refuses to count."""

from __future__ import annotations

from typing import Any

import pytest
from counting.networks import random_network, run

import derive
from derive.engines.costs import counted
from derive.engines.ledger import ledger
from derive.errors import UnsupportedError, UsageError

pytestmark = pytest.mark.torch


def modules() -> Any:
    from torch import nn

    return nn


def test_the_layers_of_which_counters_disagree() -> None:
    nn = modules()
    assert derive.count(nn.Conv2d(3, 10, 3), (1, 3, 32, 32)).total("madds") == 243_000
    assert derive.count(nn.ConvTranspose2d(3, 10, 3, stride=2), (1, 3, 16, 16)).total("madds") == 69_120
    assert derive.count(nn.Linear(3, 8), (5, 10, 3)).total("madds") == 1_200


def test_a_module_with_shapes_and_conventions() -> None:
    nn = modules()
    net = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(), nn.Flatten(), nn.Linear(7200, 10)
    )
    found = derive.count(net, (2, 3, 32, 32))
    assert found.unknown == ()
    assert [layer.out for layer in found.layers] == [(2, 8, 30, 30)] * 4 + [(2, 7200), (2, 10)]
    assert found.total("params") == sum(p.numel() for p in net.parameters())
    assert found.total("acts") == 2 * 7200
    double = derive.count(net, (2, 3, 32, 32), operations="separate")
    assert double.total("madds") == 2 * found.total("madds")
    assert (found.conventions["operations"], double.conventions["operations"]) == ("multiply-adds", "separate")
    assert net.training


def test_unknown_layers_are_named_and_not_counted_as_nothing() -> None:
    import torch

    nn = modules()

    class Net(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.recurrent, self.last = nn.LSTM(4, 5), nn.Linear(5, 2)

        def forward(self, x: Any) -> Any:
            y, _ = self.recurrent(x)
            return torch.softmax(self.last(y), -1)

    found = derive.count(Net(), (3, 2, 4))
    assert found.unknown == ("recurrent (LSTM)", "the function softmax")
    with pytest.raises(UnsupportedError, match=r"no rule for recurrent \(LSTM\), the function softmax"):
        found.total("params")
    assert found.known("params") == 12


def test_functions_between_layers_are_seen() -> None:
    nn = modules()

    class Residual(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 3, padding=1)

        def forward(self, x: Any) -> Any:
            return x + self.conv(x)

    assert derive.count(Residual(), (1, 3, 8, 8)).unknown == ("the function add",)


def test_a_layer_used_twice_has_its_parameters_once() -> None:
    nn = modules()
    layer = nn.Linear(4, 4)
    found = derive.count(nn.Sequential(layer, nn.ReLU(), layer), (1, 4))
    assert (found.total("params"), found.total("madds")) == (20, 32)


def test_a_layer_that_holds_other_parameters_is_unknown() -> None:
    nn = modules()
    odd = nn.Linear(3, 4)
    odd.register_parameter("extra", nn.Parameter(modules().Linear(1, 1).weight.data))
    (said,) = derive.count(odd, (1, 3)).unknown
    assert "it holds 17 parameters" in said


def test_what_cannot_be_counted() -> None:
    nn = modules()
    with pytest.raises(UsageError, match=r"does not take an input of \(1, 5, 8, 8\)"):
        derive.count(nn.Conv2d(3, 4, 3), (1, 5, 8, 8))
    with pytest.raises(UsageError, match=r"takes a torch.nn.Module, not a int"):
        derive.count(3, (1, 2))
    with pytest.raises(derive.AuthorError, match="there is no convention 'flops'"):
        derive.count(nn.ReLU(), (1, 2), flops="yes")
    with pytest.raises(UsageError, match="'flops' is not counted"):
        derive.count(nn.ReLU(), (1, 2)).total("flops")


@pytest.mark.parametrize("seed", range(40))
def test_traced_and_declared_networks_agree(seed: int) -> None:
    """Layer by layer, the module of a random network counts as the network itself."""
    import torch

    network = random_network(seed)
    seen: list[tuple[str, Any, tuple[int, ...]]] = []
    x = torch.zeros(2, network.input.channels, *network.input.spatial, device="meta")
    run(network.layers, x, seen)
    for row, (_, module, _) in zip(ledger(network), seen, strict=True):
        if type(row.layer).__name__ == "Parallel":
            continue
        shape = (1, row.into.channels, *row.into.spatial)
        found = derive.count(module.to_empty(device="cpu"), shape)
        for what in ("params", "madds", "adds", "acts", "comps"):
            assert found.total(what) == counted(what, row, {}), (row.layer, what)
