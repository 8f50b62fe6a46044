"""PyTorch's own convolutions, their transposes and autograd agree with every formula; whole numbers, so exactly."""

from __future__ import annotations

from itertools import product
from random import Random
from typing import Any

import pytest
from convolution.samples import Sizes, Table, answers, point, sizes_1d, sizes_2d

pytestmark = pytest.mark.torch

GRID = list(product((1, 2, 3), (0, 1, 2), (1, 2)))  # stride, padding, dilation
CHANNELS = list(product((1, 2, 3), repeat=2))


def whole(table: Table) -> Any:
    """The table as a tensor; its keys start at 1."""
    import torch

    shape = [max(key[axis] for key in table) for axis in range(len(next(iter(table))))]
    return torch.tensor([float(int(table[key])) for key in sorted(table)], dtype=torch.float64).reshape(shape)


def compare(problem: str, sizes: Sizes, random: Random) -> None:
    import torch

    functional = torch.nn.functional
    plain = problem == "conv_jacobian"
    forward = functional.conv1d if plain else functional.conv2d
    transpose = functional.conv_transpose1d if plain else functional.conv_transpose2d
    settings = {"stride": sizes["s"], "padding": sizes["p"], "dilation": sizes["q"]}
    inputs = point(random, problem, sizes)
    x, w, dy = (whole(inputs[key]).requires_grad_(True) for key in ("x", "w", "dL/dy"))
    y = forward(x[None], w.transpose(0, 1), **settings)[0]
    dx, dw = torch.autograd.grad((y * dy).sum(), (x, w))
    pairs = [("N", "T", "K"), ("M", "U", "R")][: 1 if plain else 2]
    s, p, q = sizes["s"], sizes["p"], sizes["q"]
    extra = [sizes[n] - ((sizes[t] - 1) * s - 2 * p + q * (sizes[k] - 1) + 1) for n, t, k in pairs]
    if all(e < max(s, q) for e in extra):  # the framework's own condition
        back = transpose(dy[None], w.transpose(0, 1), output_padding=tuple(extra), **settings)[0]
        assert torch.equal(back, dx)
    for part, wanted in (("y", y), ("A", y), ("dx", dx), ("B", dx), ("flip", dx), ("dw", dw)):
        assert torch.equal(whole(answers(problem, part, sizes, inputs)), wanted), part
    jacobian = torch.func.jacrev(lambda z: forward(z[None], w.transpose(0, 1), **settings)[0])(x)
    assert torch.equal(whole(answers(problem, "partials", sizes, inputs)), jacobian)


@pytest.mark.parametrize(("s", "p", "q"), GRID)
def test_one_dimension(s: int, p: int, q: int) -> None:
    random = Random(f"{s} {p} {q}")
    for channels in CHANNELS:
        compare("conv_jacobian", sizes_1d(random, s, p, q, channels), random)


@pytest.mark.parametrize(("s", "p", "q"), GRID)
def test_two_dimensions(s: int, p: int, q: int) -> None:
    random = Random(f"{s} {p} {q}")
    for channels in CHANNELS:
        compare("conv_jacobian_2d", sizes_2d(random, s, p, q, channels), random)
