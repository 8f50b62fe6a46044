"""Operators of PyTorch that compute what a program computes, and autograd through the whole operator.

Tensors are laid out as PyTorch has them: the batch axis first. PyTorch itself is handed in, never imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from derive.errors import AuthorError
from derive.language.problem import Framework
from derive.verification.evaluation import Entry, Scalar, UndefinedError, Values
from derive.verification.forward import Forward
from derive.verification.perturbed import Perturbed


def _batch_norm(torch: Any, input: Any, weight: Any, bias: Any, eps: Any) -> Any:
    """One feature, x (m,), or features last, x (m, c); weight and bias a number or one for every feature."""
    columns = input.reshape(input.shape[0], -1)
    if len(columns) < 2:
        raise UndefinedError("PyTorch refuses to normalize a batch of one")
    out = torch.nn.functional.batch_norm(
        columns, None, None, weight.reshape(-1), bias.reshape(-1), training=True, eps=eps.item()
    )
    return out.reshape(input.shape)


def _batch_norm_rows(torch: Any, input: Any, weight: Any, bias: Any, eps: Any) -> Any:
    """Rows are features, x (d, m)."""
    return _batch_norm(torch, input.T, weight, bias, eps).T


def _layer_norm(torch: Any, input: Any, weight: Any, bias: Any, eps: Any) -> Any:
    return torch.nn.functional.layer_norm(input, input.shape[-1:], weight, bias, eps.item())


def _rms_norm(torch: Any, input: Any, weight: Any, eps: Any) -> Any:
    return torch.nn.functional.rms_norm(input, input.shape[-1:], weight, eps.item())


def _cross_entropy(torch: Any, input: Any, target: Any) -> Any:
    """-sum_k t_k log softmax(z)_k with probabilities as targets; summed over a batch."""
    rows = (tensor.reshape(-1, tensor.shape[-1]) for tensor in (input, target))
    return torch.nn.functional.cross_entropy(*rows, reduction="sum")


def _conv(
    torch: Any, input: Any, weight: Any, stride: int, padding: int, dilation: int, output: tuple[int, ...]
) -> Any:
    """x (channels, *lengths); weight (channels in, channels out, *lengths), where PyTorch has the two exchanged."""
    lengths, taps = input.shape[1:], weight.shape[2:]
    if any(n + 2 * padding < dilation * (k - 1) + 1 for n, k in zip(lengths, taps, strict=True)):
        raise UndefinedError("PyTorch refuses a kernel that is longer than the padded input")
    operator = {1: torch.nn.functional.conv1d, 2: torch.nn.functional.conv2d}[len(lengths)]
    out = operator(input[None], weight.transpose(0, 1), None, stride, padding, dilation)[0]
    if tuple(out.shape) != output:
        raise UndefinedError("PyTorch computes an output of another length")
    return out


OPERATORS: Mapping[str, Callable[..., Any]] = {
    "batch_norm": _batch_norm,
    "batch_norm_rows": _batch_norm_rows,
    "layer_norm": _layer_norm,
    "rms_norm": _rms_norm,
    "cross_entropy": _cross_entropy,
    "conv1d": _conv,
    "conv2d": _conv,
}


class ThroughOperator:
    """Totals by the operator's arguments: loss(operator(arguments)) differentiated by autograd; others as `program`."""

    def __init__(self, torch: Any, forward: Forward, framework: Framework, program: Perturbed) -> None:
        self.torch, self.forward, self.framework, self.program = torch, forward, framework, program
        if framework.operator not in OPERATORS:
            raise AuthorError(f"no operator '{framework.operator}'; there are {', '.join(OPERATORS)}")
        self.direct = program.direct

    @cached_property
    def leaves(self) -> dict[str, Any]:
        """The arguments as whole tensors, by their names in the operator; sizes are none."""
        return {
            name: self._stacked(self.forward.values[tensor.key]).requires_grad_(True)
            for name, tensor in self.framework.arguments.items()
            if tensor.key not in self.forward.sizes
        }

    @cached_property
    def counts(self) -> dict[str, Any]:
        """The arguments that are sizes; an operator that must be told has the shape of its output too."""
        named = self.framework.arguments.items()
        counts: dict[str, Any] = {n: self.forward.sizes[t.key] for n, t in named if t.key in self.forward.sizes}
        if self.framework.operator.startswith("conv"):
            counts["output"] = max(self.forward.values[self.framework.output.key])
        return counts

    @cached_property
    def output(self) -> dict[Entry, Scalar]:
        """What the operator computes, entry by entry of the program's tensor."""
        whole = OPERATORS[self.framework.operator](self.torch, **self.leaves, **self.counts)
        return self._entries(self.framework.output.key, whole)

    @cached_property
    def gradients(self) -> dict[str, dict[Entry, Scalar]]:
        """By every argument that the loss depends on; the paths of an argument around the operator count too."""
        tensors = [self.framework.arguments[name] for name in self.leaves]
        given = {t.key: self._entries(t.key, leaf) for t, leaf in zip(tensors, self.leaves.values(), strict=True)}
        values: Values = {**self.forward.values, **given, self.framework.output.key: self.output}
        for equation in self.forward.program.equations:
            if equation.tensor.key not in given and equation.tensor.key != self.framework.output.key:
                values[equation.tensor.key] = self.forward.entries(equation, values)
        loss = self.forward.loss(values)
        found = self.torch.autograd.grad(loss, list(self.leaves.values()), allow_unused=True)
        pairs = zip(tensors, found, strict=True)
        return {t.key: self._entries(t.key, gradient) for t, gradient in pairs if gradient is not None}

    def accepts(self) -> bool:
        try:
            return bool(self.output)
        except UndefinedError:
            return False

    def total(self, key: str, entry: Entry) -> Scalar:
        return self.gradients[key][entry] if key in self.gradients else self.program.total(key, entry)

    def _entries(self, key: str, whole: Any) -> dict[Entry, Scalar]:
        return dict(zip(sorted(self.forward.values[key]), whole.reshape(-1), strict=True))

    def _stacked(self, entries: Mapping[Entry, Scalar]) -> Any:
        shape = [len({entry[axis] for entry in entries}) for axis in range(len(next(iter(entries))))]
        return self.torch.stack([entries[at].detach() for at in sorted(entries)]).reshape(shape)
