"""Counts a `torch.nn.Module` by running it once: each layer with the shape that reached it.

What no rule covers is named, never counted as nothing: totals are refused as long as something is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

from msgspec import Struct

from derive.algebra.whole import amount_at
from derive.engines.costs import SUMMED, cost
from derive.engines.described import described
from derive.engines.ledger import Row
from derive.engines.parameters import parameters
from derive.engines.shapes import Flow, output
from derive.errors import DeriveError, UnsupportedError, UsageError
from derive.language.counting import CONVENTIONS, check_choices
from derive.language.layer import Activation, Convolution, Flatten, Layer, Linear, Normalization, Pooling
from derive.language.layer import Sequence as Chain

Made = Callable[[str, Any, tuple[int, ...]], Layer]


class CountedLayer(Struct, frozen=True):
    """One call of one layer; what it costs for the whole input, batch included. Parameters stand at the first call."""

    name: str
    what: str
    into: tuple[int, ...]
    out: tuple[int, ...]
    counts: Mapping[str, int]


class Counted(Struct, frozen=True):
    """The layers in the order of the run, what is unknown, and the conventions under which all was counted."""

    layers: tuple[CountedLayer, ...]
    unknown: tuple[str, ...]
    conventions: Mapping[str, str]

    def total(self, what: str) -> int:
        """The sum over all layers. Raises UnsupportedError, naming them, where layers are unknown."""
        if self.unknown:
            raise UnsupportedError(f"not everything is counted: no rule for {', '.join(self.unknown)}")
        return self.known(what)

    def known(self, what: str) -> int:
        """The sum over the layers that are known."""
        if what not in SUMMED:
            raise UsageError(f"'{what}' is not counted; there are {', '.join(SUMMED)}")
        return sum(layer.counts[what] for layer in self.layers)


def count(module: Any, input_shape: Sequence[int], **conventions: str) -> Counted:
    """Counts a PyTorch module for an input of this shape, the batch first. Needs the extra `torch`.

    Raises UsageError where the module does not take such an input.
    """
    check_choices(conventions)
    calls = _run(module, tuple(input_shape))
    rows: list[CountedLayer] = []
    unknown: dict[str, None] = {}
    counted: set[int] = set()
    for name, layer, into, out in calls:
        found = _counted(name or type(layer).__name__, layer, into, out, conventions, id(layer) not in counted)
        if isinstance(found, str):
            unknown[found] = None
        else:
            rows.append(found)
            counted.add(id(layer))
    unknown.update(dict.fromkeys(_functions(module)))
    in_force = {field: conventions.get(field, next(iter(options))) for field, options in CONVENTIONS.items()
                if field in ("bias", "additions", "operations", "padding", "pooling")}  # fmt: skip
    return Counted(tuple(rows), tuple(unknown), in_force)


Call = tuple[str, Any, tuple[int, ...], tuple[int, ...]]


def _run(module: Any, shape: tuple[int, ...]) -> list[Call]:
    """One forward pass on zeros, with the shapes that go into and come out of every layer without layers of its own."""
    try:
        import torch
    except ImportError:
        raise UsageError("derive.count needs PyTorch; install it with: pip install 'derive[torch]'") from None
    if not isinstance(module, torch.nn.Module):
        raise UsageError(f"derive.count takes a torch.nn.Module, not a {type(module).__name__}")
    calls: list[Call] = []

    def listen(name: str) -> Callable[..., None]:
        def heard(layer: Any, inputs: Any, result: Any) -> None:
            calls.append((name, layer, _shape(inputs[0] if inputs else None), _shape(result)))

        return heard

    leaves = [(name, one) for name, one in module.named_modules() if not list(one.children())]
    hooks = [one.register_forward_hook(listen(name)) for name, one in leaves]
    was_training = module.training
    try:
        module.eval()
        first = next(iter(module.parameters()), None)
        zeros = torch.zeros(shape) if first is None else first.new_zeros(shape)
        with torch.no_grad():
            module(zeros)
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        at = f" at layer {calls[-1][0]} or after it" if calls else ""
        raise UsageError(f"the module does not take an input of {shape}{at}: {str(error).splitlines()[0]}") from error
    finally:
        module.train(was_training)
        for hook in hooks:
            hook.remove()
    return calls


def _shape(value: Any) -> tuple[int, ...]:
    """Of one tensor; of anything else, none."""
    return tuple(value.shape) if hasattr(value, "shape") else ()


def _counted(
    name: str, module: Any, into: tuple[int, ...], out: tuple[int, ...], conventions: Mapping[str, str], first: bool
) -> CountedLayer | str:
    """The row of one call; or the layer in words where no rule covers it, or where the rules say something else."""
    words = f"{name} ({type(module).__name__})"
    made = KINDS.get(type(module).__name__) if type(module).__module__.startswith("torch.nn") else None
    if made is None:
        return words
    try:
        layer = made(name, module, into)
        flow, batch = _flow(layer, into)
        end = output(layer, flow)
        learned = parameters(layer, flow, {})
        spent = {} if isinstance(layer, Chain) else cost(layer, flow, end, conventions)._asdict()
        row = Row(layer, flow, end)
    except DeriveError as error:
        return f"{words}: {error}"
    held = sum(p.numel() for p in module.parameters())
    if learned != held or batch * prod((end.channels, *end.spatial)) != prod(out):
        return f"{words}: it holds {held} parameters and gives {out}, which the rules do not"
    counts = {what: int(amount_at(spent.get(what, 0), {})) * batch for what in SUMMED if what != "params"}
    own = parameters(layer, flow, conventions) if first else 0
    return CountedLayer(name, described(row) if not isinstance(layer, Chain) else "nothing", into, out,
                        {"params": int(own), **counts})  # fmt: skip


def _flow(layer: Layer, into: tuple[int, ...]) -> tuple[Flow, int]:
    """Channels and places, and the batch; a linear layer reads the last axis, at each of the places before it."""
    if isinstance(layer, Linear) or (isinstance(layer, Normalization) and layer.over == "features"):
        return Flow(into[-1], into[1:-1]), into[0] if len(into) > 1 else 1
    return Flow(into[1], into[2:]) if len(into) > 1 else Flow(into[0]), into[0] if len(into) > 1 else 1


# -- from modules to layers --------------------------------------------------------------------------------------------


def _convolution(name: str, m: Any, into: tuple[int, ...]) -> Layer:
    if m.padding_mode != "zeros":
        raise UnsupportedError(f"padding_mode {m.padding_mode}")
    transposed = type(m).__name__.startswith("ConvTranspose")
    return Convolution(
        name=name, channels=m.out_channels, channels_in=m.in_channels, kernel=m.kernel_size, stride=m.stride,
        padding=m.padding, dilation=m.dilation, groups=m.groups, bias=m.bias is not None, transposed=transposed,
        output_padding=m.output_padding if transposed else 0,
    )  # fmt: skip


def _linear(name: str, m: Any, into: tuple[int, ...]) -> Layer:
    return Linear(name=name, units=m.out_features, units_in=m.in_features, bias=m.bias is not None, each=True)


def _pooling(name: str, m: Any, into: tuple[int, ...]) -> Layer:
    kind = "max" if type(m).__name__.startswith("Max") else "average"
    return Pooling(name=name, kind=kind, kernel=m.kernel_size, stride=m.stride, padding=m.padding,  # type: ignore[arg-type]
                   dilation=getattr(m, "dilation", 1), ceil=m.ceil_mode)  # fmt: skip


def _adaptive(name: str, m: Any, into: tuple[int, ...]) -> Layer:
    """Windows are alike only where the input is a multiple of the output."""
    sizes = m.output_size if isinstance(m.output_size, tuple) else (m.output_size,) * (len(into) - 2)
    wanted = tuple(n if size is None else size for n, size in zip(into[2:], sizes, strict=True))
    if any(n % size for n, size in zip(into[2:], wanted, strict=True)):
        raise UnsupportedError("its windows have different sizes")
    kernel = tuple(n // size for n, size in zip(into[2:], wanted, strict=True))
    kind = "max" if "Max" in type(m).__name__ else "average"
    return Pooling(name=name, kind=kind, kernel=kernel)  # type: ignore[arg-type]


def _batch_norm(name: str, m: Any, into: tuple[int, ...]) -> Layer:
    return Normalization(name=name, affine=m.affine)


def _layer_norm(name: str, m: Any, into: tuple[int, ...]) -> Layer:
    raise UnsupportedError("no rule counts the statistics that are taken over the features")


def _activation(name: str, m: Any, into: tuple[int, ...]) -> Layer:
    return Activation(name=name, function=type(m).__name__.lower())


def _flatten(name: str, m: Any, into: tuple[int, ...]) -> Layer:
    if (m.start_dim, m.end_dim) != (1, -1):
        raise UnsupportedError("it keeps more than the batch")
    return Flatten(name=name)


def _nothing(name: str, m: Any, into: tuple[int, ...]) -> Layer:
    return Chain(name=name, layers=())


KINDS: dict[str, Made] = {
    **{f"{kind}{n}d": _convolution for kind in ("Conv", "ConvTranspose") for n in (1, 2, 3)},
    **{f"{kind}Pool{n}d": _pooling for kind in ("Max", "Avg") for n in (1, 2, 3)},
    **{f"Adaptive{kind}Pool{n}d": _adaptive for kind in ("Max", "Avg") for n in (1, 2, 3)},
    **{f"BatchNorm{n}d": _batch_norm for n in (1, 2, 3)},
    **dict.fromkeys(("ReLU", "ReLU6", "Sigmoid", "Tanh", "GELU", "SiLU", "ELU", "LeakyReLU", "Softplus"), _activation),
    **dict.fromkeys(("Dropout", "Dropout2d", "Identity"), _nothing),
    "Linear": _linear,
    "LayerNorm": _layer_norm,
    "Flatten": _flatten,
}
# functions between layers that cost nothing
FREE = ("flatten", "view", "reshape", "permute", "transpose", "contiguous", "size", "getattr", "getitem", "cat",
        "dropout", "squeeze", "unsqueeze", "chunk", "split")  # fmt: skip


def _functions(module: Any) -> list[str]:
    """What is done between the layers, seen by symbolic tracing: costs of these are not known."""
    if not list(module.children()):
        return []
    import warnings

    try:
        from torch.fx import symbolic_trace

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            graph = symbolic_trace(module).graph
    except Exception as error:  # a module that chooses its way by its input cannot be traced; any error says so
        return [f"the functions between its layers, which could not be traced ({type(error).__name__})"]
    found = [node for node in graph.nodes if node.op in ("call_function", "call_method")]
    names = [node.target if isinstance(node.target, str) else getattr(node.target, "__name__", "?") for node in found]
    return [f"the function {name}" for name in dict.fromkeys(names) if name not in FREE]
