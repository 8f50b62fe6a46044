"""The sequences of the recurrence are those that PyTorch's own optimizer computes."""

from __future__ import annotations

from fractions import Fraction

import pytest

from derive.catalogue import load
from derive.language.recurrence import Recurrence
from derive.verification.simulation import run

pytestmark = pytest.mark.torch

ALPHA, BETA, FIRST = Fraction(1, 8), Fraction(3, 4), Fraction(2)
GRADIENTS = [Fraction(g, 4) for g in (3, -5, 8, 1, -2, 7, -9)]


def optimized(nesterov: bool) -> list[float]:
    import torch

    parameter = torch.nn.Parameter(torch.tensor(float(FIRST), dtype=torch.float64))
    optimizer = torch.optim.SGD([parameter], lr=float(ALPHA), momentum=float(BETA), nesterov=nesterov)
    path = [parameter.item()]
    for gradient in GRADIENTS:
        parameter.grad = torch.tensor(float(gradient), dtype=torch.float64)
        optimizer.step()
        path.append(parameter.item())
    return path


@pytest.mark.parametrize(("sequence", "nesterov"), [("theta", False), ("phi", False), ("y", True)])
def test_the_optimizer_takes_the_same_steps(sequence: str, nesterov: bool) -> None:
    program = load("momentum_forms").program
    assert isinstance(program, Recurrence)
    given = dict(enumerate(GRADIENTS))
    values = run(
        program,
        {
            "alpha": {(): ALPHA}, "beta": {(): BETA}, "first": {(): FIRST},
            "g": {(at,): value for at, value in given.items()}, "eta": {(at,): ALPHA for at in given},
        },
        len(GRADIENTS),
    )  # fmt: skip
    ours = [float(values[sequence][at,]) for at in range(len(GRADIENTS) + 1)]
    assert ours == pytest.approx(optimized(nesterov), rel=1e-14)
