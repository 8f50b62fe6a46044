"""The worked numbers against PyTorch: the forward values by its own operators, the gradients by its own autograd."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from derive.catalogue import load
from derive.engines.derive import derive_problem
from derive.language.given import check_given
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
    from derive.algebra.decimals import DIGITS
    from derive.algebra.instance import Instance

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
