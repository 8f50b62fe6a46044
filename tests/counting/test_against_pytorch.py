"""Shapes, parameters and receptive fields against PyTorch's own modules, on random networks."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from counting.networks import random_network, run

from derive.engines.costs import counted
from derive.engines.fields import Reach, chain, fields, places_seen, seen_from
from derive.engines.ledger import ledger
from derive.errors import UnsupportedError
from derive.language.counting import Count
from derive.language.layer import Activation, Convolution, Features, Network, Pooling
from derive.verification.expected import Traced
from derive.verification.recount import tally, walk

pytestmark = pytest.mark.torch
WINDOWED = (Convolution, Pooling)
NETWORKS = 300
STACKS = 150


@pytest.mark.parametrize("seed", range(NETWORKS))
def test_shapes_and_parameters(seed: int) -> None:
    import torch

    network = random_network(seed)
    seen: list[tuple[str, Any, tuple[int, ...]]] = []
    x = torch.zeros(network.batch, network.input.channels, *network.input.spatial, device="meta")
    run(network.layers, x, seen)
    rows = ledger(network)
    assert len(rows) == len(seen) == len(walk(network))
    for row, (name, module, shape) in zip(rows, seen, strict=True):
        assert row.layer.name == name
        assert (network.batch, row.out.channels, *row.out.spatial) == shape, name
        assert counted("params", row, {}) == sum(p.numel() for p in module.parameters()), name


@pytest.mark.parametrize("seed", range(0, NETWORKS, 3))
def test_multiply_adds_are_half_of_the_frameworks_flops(seed: int) -> None:
    """FlopCounterMode counts a multiply-add as two, for convolutions and products of matrices, the batch included."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    network = random_network(seed)
    x = torch.zeros(network.batch, network.input.channels, *network.input.spatial, device="meta")
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        run(network.layers, x, [])
    weighted = [row for row in ledger(network) if type(row.layer).__name__ in ("Convolution", "Linear")]
    ours = sum(counted("madds", row, {"operations": "separate"}) for row in weighted)
    assert ours * network.batch == counter.get_total_flops()


def random_stack(seed: int) -> Network:
    """Convolutions, pooling and activations on one or two axes, small enough to look at every output."""
    random = Random(seed)
    dims = random.choice((1, 1, 2))
    length = random.randint(9, 17)
    layers: list[Any] = []
    sizes = [length] * dims
    for n in range(random.randint(1, 4)):
        k, s, d = random.randint(1, 3), random.randint(1, 3), random.randint(1, 3)
        p = random.randint(0, k // 2)
        grown = [(n_ + 2 * p - d * (k - 1) - 1) // s + 1 for n_ in sizes]
        if min(grown) < 1:
            break
        sizes = grown
        pool = random.random() < 0.3 and d == 1
        layers.append(
            Pooling(name=f"l{n}", kernel=k, stride=s, padding=p, kind="average")
            if pool
            else Convolution(name=f"l{n}", channels=1, kernel=k, stride=s, padding=p, dilation=d)
        )
        layers.append(Activation(name=f"a{n}"))
    if not layers:
        layers.append(Convolution(name="l0", channels=1, kernel=3, padding=1))
    return Network(Features(1, (length,) * dims), tuple(layers))


def gradient_support(network: Network) -> dict[tuple[int, ...], list[list[int]]]:
    """For every output place, the places of the input along each axis that its gradient reaches; all weights > 0."""
    import torch
    from torch import nn

    dims = len(network.input.spatial)
    modules: list[Any] = []
    for layer in network.layers:
        if isinstance(layer, Convolution):
            module = getattr(nn, f"Conv{dims}d")(1, 1, layer.kernel, layer.stride, layer.padding, layer.dilation)
            for parameter in module.parameters():
                nn.init.constant_(parameter, 0.5)
            modules.append(module)
        elif isinstance(layer, Pooling):
            modules.append(getattr(nn, f"AvgPool{dims}d")(layer.kernel, layer.stride, layer.padding))
        else:
            modules.append(nn.ReLU())
    x = torch.ones(1, 1, *network.input.spatial, requires_grad=True)
    y = nn.Sequential(*modules)(x)
    found = {}
    for place in torch.ones(y.shape[2:]).nonzero().tolist():
        (gradient,) = torch.autograd.grad(y[(0, 0, *place)], x, retain_graph=True)
        reached = gradient[0, 0].nonzero()
        found[tuple(n + 1 for n in place)] = [sorted({int(n) + 1 for n in reached[:, axis]}) for axis in range(dims)]
    return found


@pytest.mark.parametrize("seed", range(STACKS))
def test_receptive_fields_are_where_gradients_reach(seed: int) -> None:
    """At every place, centre and borders: the sets of the engine and of the oracle, and the clipped intervals."""
    network = random_stack(seed)
    rows = chain(network, "")
    support = gradient_support(network)
    dense = all(layer.dilation == 1 or layer.kernel == 1 for layer in network.layers if isinstance(layer, WINDOWED))
    traced = [Traced(network, Count("sees"), axis) for axis in range(len(network.input.spatial))]
    for place, reached in support.items():
        start = Reach((1, 1), tuple((n, n) for n in place))
        exact = places_seen(rows, place)
        if not all(exact):  # only padding is seen
            assert not any(reached)
            continue
        assert [sorted(one) for one in exact] == reached
        assert [sorted(traced[axis].sets[n - 1]) for axis, n in enumerate(place)] == reached
        window = seen_from(rows, start, clip=False).places
        for (low, high), places, n in zip(window, reached, network.input.spatial, strict=True):
            assert low <= places[0] <= places[-1] <= high
            assert not (low >= 1 and high <= n) or (low, high) == (places[0], places[-1])
        if dense:
            assert list(seen_from(rows, start, clip=True).places) == [(one[0], one[-1]) for one in reached]
        else:
            with pytest.raises(UnsupportedError, match="no interval"):
                seen_from(rows, start, clip=True)


@pytest.mark.parametrize("seed", range(STACKS))
def test_size_jump_and_start(seed: int) -> None:
    """r and j measured on a long input with real gradients, at two neighbours in its middle."""
    small = random_stack(seed)
    if len(small.input.spatial) == 2:
        small = Network(Features(1, small.input.spatial[:1]), small.layers)
    found = fields(chain(small, ""))[0]
    network = Network(Features(1, (2 * found.size + 8 * found.jump + 40,)), small.layers)
    support = gradient_support(network)
    middle = len(support) // 2
    first, second = support[(middle,)][0], support[(middle + 1,)][0]
    assert second[0] - first[0] == found.jump
    assert first[-1] - first[0] + 1 == found.size
    assert first[0] == found.start + (middle - 1) * found.jump


@pytest.mark.parametrize("seed", range(NETWORKS))
@pytest.mark.parametrize("choices", [{}, {"bias": "with", "additions": "K", "padding": "skipped", "pooling": "inputs"}])
def test_engine_and_recount_agree(seed: int, choices: dict[str, str]) -> None:
    network = random_network(seed)
    for row, seen in zip(ledger(network), walk(network), strict=True):
        assert (row.out.channels, *row.out.spatial) == (seen.channels, *seen.spatial)
        for what in ("params", "madds", "muls", "adds", "acts", "comps", "conns"):
            assert counted(what, row, choices) == tally(what, seen, choices), (row.layer, what)
