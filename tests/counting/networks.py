"""Random networks that work, as derive's layers and as PyTorch's own modules."""

from __future__ import annotations

from random import Random
from typing import Any

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


def span(kernel: int, dilation: int) -> int:
    return dilation * (kernel - 1) + 1


def random_network(seed: int) -> Network:
    """A chain of two to six layers, sometimes with branches, ending flat or not."""
    random = Random(seed)
    dims = random.choice((1, 2, 2))
    channels, spatial = random.randint(1, 6), tuple(random.randint(7, 15) for _ in range(dims))
    start = Features(channels, spatial)
    layers: list[Layer] = []
    for n in range(random.randint(2, 6)):
        made, channels, spatial = _layer(random, f"l{n}", channels, spatial)
        if made is None:
            break
        layers.append(made)
    if random.random() < 0.5:
        layers += [Flatten(name="flat"), Linear(name="fc", units=random.randint(1, 9), bias=random.random() < 0.5)]
    if not layers:
        layers.append(Activation(name="act"))
    return Network(start, tuple(layers), batch=random.randint(1, 3))


def _layer(
    random: Random, name: str, channels: int, spatial: tuple[int, ...]
) -> tuple[Layer | None, int, tuple[int, ...]]:
    kind = random.choice(("conv", "conv", "conv", "pool", "act", "norm", "up", "branches", "residual"))
    if kind == "act":
        return Activation(name=name), channels, spatial
    if kind == "norm":
        return Normalization(name=name), channels, spatial
    if kind in ("branches", "residual"):
        return _branches(random, name, channels, spatial, kind)
    k, s, d = random.randint(1, 3), random.randint(1, 3), random.randint(1, 2)
    p = random.randint(0, k // 2)
    if min(spatial) + 2 * p < span(k, d):
        return None, channels, spatial
    if kind == "pool":
        most = random.random() < 0.5
        d = d if most else 1
        ceil = random.random() < 0.3
        layer: Layer = Pooling(
            name=name, kernel=k, stride=s, padding=p, dilation=d, ceil=ceil, kind="max" if most else "average"
        )
        return layer, channels, _after(layer, channels, spatial)
    groups = random.choice([g for g in (1, 1, 2, 3, channels) if channels % g == 0])
    out = groups * random.randint(1, 3)
    bias = random.random() < 0.5
    if kind == "up":
        layer = Convolution(name=name, channels=out, kernel=k, stride=s, padding=0, dilation=d, groups=groups,
                            bias=bias, transposed=True, output_padding=random.randint(0, s - 1))  # fmt: skip
    elif random.random() < 0.25:
        layer = Convolution(name=name, channels=out, kernel=k, padding="same", dilation=d, groups=groups, bias=bias)
    else:
        layer = Convolution(
            name=name, channels=out, kernel=k, stride=s, padding=p, dilation=d, groups=groups, bias=bias
        )
    return layer, out, _after(layer, channels, spatial)


def _branches(
    random: Random, name: str, channels: int, spatial: tuple[int, ...], kind: str
) -> tuple[Layer, int, tuple[int, ...]]:
    widths = [channels if kind == "residual" else random.randint(1, 4) for _ in range(random.randint(1, 2))]
    branches: list[Layer] = [
        Sequence(name=f"{name}b{n}", layers=(
            Convolution(name=f"{name}c{n}", channels=width, kernel=2 * random.randint(0, 1) + 1, padding="same"),
            Activation(name=f"{name}a{n}"),
        ))
        for n, width in enumerate(widths)
    ]  # fmt: skip
    branches.append(Sequence(name=f"{name}s", layers=()))
    if kind == "residual":
        return Parallel(name=name, branches=tuple(branches), join="add"), channels, spatial
    return Parallel(name=name, branches=tuple(branches)), sum(widths) + channels, spatial


def _after(layer: Layer, channels: int, spatial: tuple[int, ...]) -> tuple[int, ...]:
    """By the framework itself, so that no formula of ours decides what is tried."""
    import torch

    x = torch.zeros(1, channels, *spatial, device="meta")
    return tuple(module_of(layer, channels, len(spatial))(x).shape[2:])


def module_of(layer: Layer, channels: int, dims: int) -> Any:
    """PyTorch's own module for one layer."""
    from torch import nn

    match layer:
        case Convolution():
            kind = getattr(nn, f"Conv{'Transpose' * layer.transposed}{dims}d")
            more = {"output_padding": layer.output_padding} if layer.transposed else {}
            more |= {"stride": layer.stride, "padding": layer.padding, "dilation": layer.dilation}
            return kind(
                channels, layer.channels, layer.kernel, groups=layer.groups, bias=layer.bias, device="meta", **more
            )
        case Pooling():
            kind = getattr(nn, f"{'Max' if layer.kind == 'max' else 'Avg'}Pool{dims}d")
            more = {"dilation": layer.dilation} if layer.kind == "max" else {}
            return kind(layer.kernel, layer.stride, layer.padding, ceil_mode=layer.ceil, **more)
        case Normalization():
            return getattr(nn, f"BatchNorm{max(dims, 1)}d")(channels, device="meta")
        case Linear():
            return nn.Linear(channels, layer.units, bias=layer.bias, device="meta")
        case Flatten():
            return nn.Flatten()
    return nn.ReLU()


def run(layers: tuple[Layer, ...], x: Any, seen: list[tuple[str, Any, tuple[int, ...]]]) -> Any:
    """The forward pass, with each module and the shape it gives."""
    import torch

    for layer in layers:
        if isinstance(layer, Sequence):
            x = run(layer.layers, x, seen)
        elif isinstance(layer, Parallel):
            ends = [run((branch,), x, seen) for branch in layer.branches]
            x = torch.cat(ends, 1) if layer.join == "concatenate" else sum(ends[1:], ends[0])
            seen.append((layer.name, torch.nn.Identity(), tuple(x.shape)))
        else:
            module = module_of(layer, x.shape[1], x.dim() - 2)
            x = module(x)
            seen.append((layer.name, module, tuple(x.shape)))
    return x
