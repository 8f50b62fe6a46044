"""The same counts from PyTorch's own layers: parameters that it holds, shapes that it gives, gradients that it sees."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import Any

from msgspec.structs import replace

from derive.errors import UnsupportedError
from derive.language import layer as nouns
from derive.language.counting import Choices, Count, chosen
from derive.verification.arithmetic import Value
from derive.verification.pytorch import flop_counter, load_torch
from derive.verification.recount import each


def compared(network: nouns.Network, wants: Count, choices: Choices) -> Value | None:
    """What PyTorch says, or None where it has no say: it counts parameters and flops, and knows shapes."""
    if wants.what not in ("params", "madds", "shape", "mean", "var", "values"):
        return None
    try:
        built = Built(_with_bias(network, chosen(choices, "bias")))
    except UnsupportedError:
        return None
    if wants.what == "madds":
        return built.multiply_adds(wants.layer, choices)
    if wants.what == "params":
        return Fraction(built.parameters(wants.layer))
    if wants.what in ("mean", "var"):
        return built.statistics(wants.layer, choices)
    shape = built.shape(wants.layer)
    if shape is None:
        return None
    if wants.what == "values":
        return Fraction(prod(shape[1:]))
    batch = shape[:1] if network.batch != 1 else ()
    inner = (*shape[2:], shape[1]) if chosen(choices, "layout") == "channels last" else shape[1:]
    return tuple(map(Fraction, (*batch, *inner)))


def _with_bias(network: nouns.Network, option: str) -> nouns.Network:
    """The network in which every layer has a bias, or none."""
    if option == "as given":
        return network

    def change(layer: nouns.Layer) -> nouns.Layer:
        if isinstance(layer, nouns.Sequence):
            return replace(layer, layers=tuple(map(change, layer.layers)))
        if isinstance(layer, nouns.Parallel):
            return replace(layer, branches=tuple(map(change, layer.branches)))
        return replace(layer, bias=option == "with") if hasattr(layer, "bias") else layer

    return replace(network, layers=tuple(map(change, network.layers)))


def gradient_support(network: nouns.Network, name: str) -> dict[tuple[int, ...], list[list[int]]]:
    """For the first, the middle and the last output place, the input places that its gradient reaches, axis by axis.

    All weights are positive, so nothing cancels, and pooling takes means, which depend on all of their window.
    """
    torch = load_torch()
    built = Built(network, device="meta")
    x = torch.ones(1, int(network.input.channels), *map(int, network.input.spatial), requires_grad=True)  # type: ignore[arg-type]
    y = x
    for names, module in built.modules:
        kind = type(module).__name__
        if kind.startswith("MaxPool"):
            module = _mean_of_window(torch, module, y.shape[1], y.dim() - 2)
        elif kind.startswith(("Conv", "Sequential")):
            module = module.to_empty(device="cpu")
            for parameter in module.parameters():
                torch.nn.init.constant_(parameter, 0.5)
        else:
            continue  # value by value
        y = module(y)
        if name in names:
            break
    found = {}
    for where in ([0] * (y.dim() - 2), [n // 2 for n in y.shape[2:]], [n - 1 for n in y.shape[2:]]):
        (gradient,) = torch.autograd.grad(y[(0, 0, *where)], x, retain_graph=True)
        reached = gradient[0].sum(0).nonzero()
        found[tuple(n + 1 for n in where)] = [sorted({int(n) + 1 for n in reached[:, a]}) for a in range(len(where))]
    return found


def _mean_of_window(torch: Any, pool: Any, channels: int, dims: int) -> Any:
    """A convolution that reads what the pooling reads."""
    given = {f: each(getattr(pool, f), dims) for f in ("kernel_size", "stride", "padding", "dilation")}
    module = getattr(torch.nn, f"Conv{dims}d")(channels, channels, groups=channels, bias=False, **given)
    torch.nn.init.constant_(module.weight, 0.5)
    return module


class Built:
    """The network as modules, run once on zeros without memory for its values where it is large."""

    def __init__(self, network: nouns.Network, device: str = "meta") -> None:
        self.torch = load_torch()
        self.network, self.device = network, device
        self.modules: list[tuple[tuple[str, ...], Any]] = []
        self.outputs: dict[str, tuple[int, ...]] = {}
        self.flops: list[int] = []
        self.counter = flop_counter()
        sizes = (int(network.batch), int(network.input.channels), *map(int, network.input.spatial))  # type: ignore[arg-type]
        self.input = self.torch.zeros(sizes, device=device)
        self.output = self._run(network.layers, self.input, ())

    def parameters(self, name: str) -> int:
        return sum(
            p.numel() for names, module in self.modules if not name or name in names for p in module.parameters()
        )

    def multiply_adds(self, name: str, choices: Choices) -> Value | None:
        """Half of what FlopCounterMode counts, layer by layer; None where it leaves something out."""
        if chosen(choices, "padding") != "counted":
            return None
        own = [(module, flops) for (names, module), flops in zip(self.modules, self.flops, strict=True)
               if not name or name in names]  # fmt: skip
        if any("Norm" in type(module).__name__ for module, _ in own):
            return None
        whole = Fraction(sum(flops for _, flops in own), int(self.network.batch))  # type: ignore[arg-type]
        return whole if chosen(choices, "operations") == "separate" else whole / 2

    def shape(self, name: str) -> tuple[int, ...] | None:
        return tuple(self.output.shape) if not name else self.outputs.get(name)

    def statistics(self, name: str, choices: Choices) -> Value | None:
        """The shape of running_mean, or of the mean over the other axes with keepdim."""
        module = next(m for names, m in self.modules if name in names)
        if chosen(choices, "statistics") == "squeezed":
            return tuple(map(Fraction, module.running_mean.shape))
        x = self.input
        last = chosen(choices, "layout") == "channels last"
        x = x.movedim(1, -1) if last else x
        channel = x.dim() - 1 if last else 1
        mean = x.mean(dim=[a for a in range(x.dim()) if a != channel], keepdim=True)
        return tuple(map(Fraction, mean.shape))

    def _run(self, layers: tuple[nouns.Layer, ...], x: Any, inside: tuple[str, ...]) -> Any:
        for layer in layers:
            names = (*inside, layer.name)
            if isinstance(layer, nouns.Sequence):
                x = self._run(layer.layers, x, names)
            elif isinstance(layer, nouns.Parallel):
                ends = [self._run((branch,), x, names) for branch in layer.branches]
                x = self.torch.cat(ends, dim=1) if layer.join == "concatenate" else sum(ends[1:], ends[0])
            else:
                module = self.module(layer, x)
                self.modules.append((names, module))
                with self.counter(display=False) as counter, self.torch.no_grad():
                    x = module(x)
                self.flops.append(int(counter.get_total_flops()))
            self.outputs[layer.name] = tuple(x.shape)
        return x

    def module(self, layer: nouns.Layer, x: Any) -> Any:
        """The framework's own layer. Raises UnsupportedError where it has none."""
        nn, dims = self.torch.nn, x.dim() - 2
        match layer:
            case nouns.Convolution():
                return self._convolution(layer, x, dims)
            case nouns.Linear():
                return nn.Linear(x.shape[1], int(layer.units), bias=layer.bias, device=self.device)  # type: ignore[arg-type]
            case nouns.Pooling():
                return self._pooling(layer, dims)
            case nouns.Activation(function="relu"):
                return nn.ReLU()
            case nouns.Normalization(over="batch"):
                kind = {0: "BatchNorm1d", 1: "BatchNorm1d", 2: "BatchNorm2d", 3: "BatchNorm3d"}[dims]
                module = getattr(nn, kind)(x.shape[1], affine=layer.affine, device=self.device)
                return module.eval()
            case nouns.Flatten():
                return nn.Flatten()
        raise UnsupportedError(f"layer {layer.name}: PyTorch has no such layer")

    def _convolution(self, layer: nouns.Convolution, x: Any, dims: int) -> Any:
        if layer.table:
            raise UnsupportedError(f"layer {layer.name}: PyTorch has no partly connected layer")
        kind = getattr(self.torch.nn, f"Conv{'Transpose' * layer.transposed}{dims}d")
        given = {"stride": each(layer.stride, dims), "dilation": each(layer.dilation, dims), "groups": layer.groups,
                 "bias": layer.bias, "device": self.device}  # fmt: skip
        given["padding"] = layer.padding if isinstance(layer.padding, str) else each(layer.padding, dims)
        strided = layer.padding == "same" and set(each(layer.stride, dims)) != {1}
        if strided:
            given["padding"] = 0
        if layer.transposed:
            given["output_padding"] = each(layer.output_padding, dims)
        module = kind(x.shape[1], int(layer.channels), each(layer.kernel, dims), **given)  # type: ignore[arg-type]
        return self.torch.nn.Sequential(self._zeros(layer, x), module) if strided else module

    def _zeros(self, layer: nouns.Convolution, x: Any) -> Any:
        """PyTorch has no padding "same" with a stride: zeros until the last step has its window."""
        dims = x.dim() - 2
        amounts: list[int] = []
        rows = zip(x.shape[2:], *(each(f, dims) for f in (layer.kernel, layer.stride, layer.dilation)), strict=True)
        for n, k, s, d in reversed(list(rows)):
            zeros = max(0, (n - 1) // s * s + (k - 1) * d + 1 - n)
            amounts += [zeros // 2, zeros - zeros // 2]
        return self.torch.nn.ConstantPad2d(amounts, 0.0) if dims == 2 else self.torch.nn.ConstantPad1d(amounts, 0.0)

    def _pooling(self, layer: nouns.Pooling, dims: int) -> Any:
        if layer.trainable or isinstance(layer.padding, str):
            raise UnsupportedError(f"layer {layer.name}: PyTorch has no such pooling")
        given: dict[str, Any] = {"padding": each(layer.padding, dims), "ceil_mode": layer.ceil}
        if layer.kind == "max":
            given["dilation"] = each(layer.dilation, dims)
        elif layer.dilation != 1:
            raise UnsupportedError(f"layer {layer.name}: PyTorch has no spread average")
        kind = getattr(self.torch.nn, f"{'MaxPool' if layer.kind == 'max' else 'AvgPool'}{dims}d")
        stride = None if layer.stride is None else each(layer.stride, dims)
        return kind(each(layer.kernel, dims), stride, **given)
