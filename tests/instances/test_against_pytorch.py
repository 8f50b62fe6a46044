"""The worked numbers against PyTorch: the forward values by its own operators, the gradients by its own autograd."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from derive.algebra.decimals import DIGITS
from derive.algebra.instance import Instance
from derive.catalogue import load
from derive.engines.derive import derive_problem
from derive.language.given import check_given
from derive.language.problem import axes_of
from derive.pipeline import with_given
from derive.reading.prose import prose_reader
from derive.verification.report import examine

pytestmark = pytest.mark.torch


def parts(name: str, given: dict[str, object] | None = None) -> dict[str, Any]:
    problem = load(name)
    asked = with_given(problem, check_given(problem, given or {}), prose_reader(problem))
    worked = examine(derive_problem(asked), (), own_instance=not given).worked
    assert worked is not None
    return worked.parts


def numbers(value: Any) -> Any:
    if isinstance(value, tuple):
        return [numbers(item) for item in value]
    text = str(value).removeprefix("≈")
    top, _, bottom = text.partition("/")
    return float(top) / float(bottom or 1)


def close(found: Any, wanted: Any) -> None:
    import torch

    torch.testing.assert_close(
        torch.tensor(numbers(found), dtype=torch.float64).reshape(-1), wanted.detach().reshape(-1), rtol=6e-6, atol=1e-9
    )


@pytest.mark.parametrize("seed", range(4))
def test_tanh_network(seed: int) -> None:
    import torch

    random = Random(seed)
    n, m = random.randint(1, 3), random.randint(1, 3)

    def matrix(rows: int, columns: int) -> list[list[str]]:
        return [[f"{random.randint(-9, 9)}/10" for _ in range(columns)] for _ in range(rows)]

    given = {"W1": matrix(2, n), "W2": matrix(n + 1, m), "W3": [row[0] for row in matrix(m + 1, 1)], "x": 2, "y": 1}
    found = parts("tanh_network_backprop", given)

    def leaf(rows: list[list[str]]) -> Any:
        return torch.tensor([[float(v.split("/")[0]) / 10 for v in row] for row in rows], dtype=torch.float64,
                            requires_grad=True)  # fmt: skip

    w1, w2, w3 = leaf(given["W1"]), leaf(given["W2"]), leaf([[v] for v in given["W3"]])  # type: ignore[arg-type]
    one = torch.ones(1, dtype=torch.float64)
    s1 = w1.T @ torch.tensor([1.0, 2.0], dtype=torch.float64)
    s2 = w2.T @ torch.cat([one, torch.tanh(s1)])
    s3 = w3.T @ torch.cat([one, torch.tanh(s2)])
    error = ((s3 - 1) ** 2).sum()
    d1, d2, d3, g1, g2, g3 = torch.autograd.grad(error, [s1, s2, s3, w1, w2, w3])
    for part, wanted in (("s1", s1), ("s2", s2), ("s3", s3), ("delta1", d1), ("delta2", d2), ("delta3", d3),
                         ("dW1", g1), ("dW2", g2), ("dW3", g3)):  # fmt: skip
        close(found[part], wanted)


@pytest.mark.parametrize("seed", range(4))
def test_shared_weight_cnn(seed: int) -> None:
    import torch

    random = Random(seed)
    draw = [random.choice((-2, -1, 1, 2, 3)) for _ in range(9)]
    given = {"w": draw[:2], "w3": draw[2], "w4": draw[3], "w5": draw[4], "w6": draw[5], "x": draw[6:]}
    found = parts("shared_weight_cnn", given)
    w, v = (torch.tensor(k, dtype=torch.float64, requires_grad=True) for k in (draw[:2], [draw[2:4], draw[4:6]]))
    x = torch.tensor(draw[6:], dtype=torch.float64)
    q = torch.nn.functional.conv1d(x.reshape(1, 1, 3), w.reshape(1, 1, 2)).reshape(2)
    h = torch.relu(q)
    z = v @ h
    loss = torch.nn.functional.cross_entropy(z.reshape(1, 2), torch.tensor([0]))
    gq, gh, gz, gw = torch.autograd.grad(loss, [q, h, z, w])
    for part, wanted in (("q", q), ("h", h), ("z", z), ("y", torch.softmax(z, 0)), ("dJdz", gz), ("dJdh", gh),
                         ("dJdq", gq), ("dw1", gw[:1] / 10)):  # fmt: skip
        close(found[part], wanted)
    close(found["dydz"], torch.autograd.functional.jacobian(lambda t: torch.softmax(t, 0), z.detach()))


@pytest.mark.parametrize("seed", range(3))
def test_bn_forward_and_inference(seed: int) -> None:
    import torch

    random = Random(seed)
    rows = [[random.randint(-9, 9) for _ in range(4)] for _ in range(3)]
    problem = load("bn_forward")
    definitions = {equation.tensor.key: equation for equation in problem.program.equations}
    values = {**problem.instance, "Z": tuple(map(tuple, rows)), "eps": "1/100"}
    instance = Instance(problem, definitions, values, DIGITS)
    z = torch.tensor(rows, dtype=torch.float64).T
    gamma, beta, mean, var = (
        torch.tensor(problem.instance[k], dtype=torch.float64) for k in ("gamma", "beta", "M", "V")
    )
    tensors = {tensor.key: tensor for tensor in problem.program.defined()}
    trained = torch.nn.functional.batch_norm(z, mean.clone(), var.clone(), gamma, beta, training=True, eps=0.01)
    used = torch.nn.functional.batch_norm(z, mean, var, gamma, beta, training=False, eps=0.01)
    close(instance.entries(tensors["ztilde"]), trained.T.contiguous())
    close(instance.entries(tensors["u"]), used.T.contiguous())
    running = mean.clone()
    torch.nn.functional.batch_norm(z, running, var.clone(), gamma, beta, training=True, momentum=0.1, eps=0.01)
    close(instance.entries(tensors["M'"]), running)


@pytest.mark.parametrize("m", range(2, 9))
def test_batch_norm_backward_over_a_grid(m: int) -> None:
    """All six answers, collected ones included, at random numbers."""
    import torch

    derivation = derive_problem(load("bn_backward"))
    for seed in range(4):
        random = Random(f"{m} {seed}")
        row, known = ([f"{random.randint(-99, 99)}/10" for _ in range(m)] for _ in range(2))
        values = {"x": tuple(row), "df/dy": tuple(known), "gamma": "-7/4", "beta": "1/3", "eps": "3/100"}
        instance = Instance(derivation.problem, derivation.definitions, values, DIGITS)
        x, dy = (torch.tensor(numbers(tuple(side)), dtype=torch.float64) for side in (row, known))
        x.requires_grad_()
        gamma, beta = (torch.tensor([v], dtype=torch.float64, requires_grad=True) for v in (-7 / 4, 1 / 3))
        y = torch.nn.functional.batch_norm(x[:, None], None, None, gamma, beta, training=True, eps=0.03)[:, 0]
        wanted = dict(zip(("x", "gamma", "beta"), torch.autograd.grad(y, (x, gamma, beta), dy), strict=True))
        for part in derivation.parts:
            if part.question.id in wanted:
                claim = part.claim
                close(instance.all_of(claim.right, axes_of(claim.left, claim.right)), wanted[part.question.id])
        program = {tensor.key: tensor for tensor in derivation.problem.program.defined()}
        close(instance.entries(program["y"]), y)


@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("m", [2, 3, 5])
@pytest.mark.parametrize("rho", ["1/10", "1/2", "1"])
def test_bn_forward_over_a_grid(d: int, m: int, rho: str) -> None:
    """Training, inference and the running statistics; PyTorch's running variance divides by m - 1."""
    import torch

    random = Random(f"{d} {m} {rho}")
    rows = tuple(tuple(f"{random.randint(-99, 99)}/10" for _ in range(m)) for _ in range(d))
    vectors = {key: tuple(random.choice((-3, -1, 2, 5)) for _ in range(d)) for key in ("gamma", "beta", "M")}
    values = {**vectors, "V": tuple(random.randint(1, 9) for _ in range(d)), "Z": rows, "eps": "1/50", "rho": rho}
    derivation = derive_problem(load("bn_forward"))
    instance = Instance(derivation.problem, derivation.definitions, values, DIGITS)
    tensors = {tensor.key: tensor for tensor in derivation.problem.program.defined()}
    z = torch.tensor(numbers(rows), dtype=torch.float64).T
    gamma, beta, mean, var = (torch.tensor(values[k], dtype=torch.float64) for k in ("gamma", "beta", "M", "V"))
    running_mean, running_var = mean.clone(), var.clone()
    momentum = numbers(rho)
    trained = torch.nn.functional.batch_norm(
        z, running_mean, running_var, gamma, beta, training=True, momentum=momentum, eps=0.02
    )
    used = torch.nn.functional.batch_norm(z, mean, var, gamma, beta, training=False, eps=0.02)
    close(instance.entries(tensors["ztilde"]), trained.T.contiguous())
    close(instance.entries(tensors["u"]), used.T.contiguous())
    close(instance.entries(tensors["M'"]), running_mean)
    biased = (running_var - (1 - momentum) * var) * (m - 1) / m + (1 - momentum) * var
    close(instance.entries(tensors["V'"]), biased)
