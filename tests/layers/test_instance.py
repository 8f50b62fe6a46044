"""The worked network, the code on its page, and what callers give: against PyTorch on the very same numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from derive.catalogue import load
from derive.cli.main import run
from derive.engines.derive import derive_problem
from derive.language.derivation import Report
from derive.language.network import Network
from derive.language.problem import Problem
from derive.rendering.layer_code import layer_code
from derive.verification.report import examine

IDS = ["mlp_backward", "vanishing_gradient"]


def report(problem: Problem) -> Report:
    return examine(derive_problem(problem), oracles=())


def number(text: object) -> float:
    return float(Fraction(str(text).removeprefix("≈")))


def nested(value: object) -> Any:
    return [nested(item) for item in value] if isinstance(value, tuple) else number(value)


def tensors(problem: Problem, torch: Any, dtype: Any) -> dict[str, Any]:
    given = {key: value for key, value in problem.instance.items() if key != "L"}
    return {key: torch.tensor(nested(value), dtype=dtype, requires_grad=True) for key, value in given.items()}


def forward(values: Mapping[str, Any], depth: int, torch: Any) -> Any:
    layer = values.get("y_0", values.get("h_0"))
    for k in range(1, depth + 1):
        layer = values[f"A_{k}"] @ layer + values[f"b_{k}"]
        layer = torch.sigmoid(layer) if k < depth else layer
    return ((layer - values["Y"]) ** 2).sum() / 2 if "Y" in values else layer[0]


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize(("kind", "tolerance"), [("float64", 2e-5), ("float32", 2e-4)])
def test_autograd_on_the_same_numbers(name: str, kind: str, tolerance: float) -> None:
    """Values are printed to six digits, so they differ by that; float32 by its own rounding besides."""
    torch = pytest.importorskip("torch")
    problem = load(name)
    worked = report(problem).worked
    assert worked is not None
    depth = problem.instance["L"]
    assert isinstance(depth, int)
    values = tensors(problem, torch, getattr(torch, kind))
    forward(values, depth, torch).backward()
    weights = {part: layer for part, layer in worked.parts.items() if part in ("dA", "A", "b", "db", "dA_last")}
    assert weights
    for part, layers in weights.items():
        assert isinstance(layers, Mapping)
        for k, value in layers.items():
            key = f"A_{k}" if part in ("dA", "A", "dA_last") else f"b_{k}"
            gradient = values[key].grad
            ours = torch.tensor(nested(value), dtype=gradient.dtype)
            scale = max(1e-30, gradient.abs().max().item())
            assert (gradient - ours).abs().max().item() <= tolerance * scale, (part, k)


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize("widths", [(3, 2, 1), (1, 4, 2, 3, 1), (2, 1)])
def test_the_code_on_the_page_runs(name: str, widths: tuple[int, ...]) -> None:
    np = pytest.importorskip("numpy")
    torch = pytest.importorskip("torch")
    problem = load(name)
    program = problem.program
    assert isinstance(program, Network)
    random = np.random.default_rng(len(widths))
    depth = len(widths) - 1
    A = {k: random.normal(size=(widths[k], widths[k - 1])) for k in range(1, depth + 1)}
    b = {k: random.normal(size=widths[k]) for k in range(1, depth + 1)}
    start, Y = random.normal(size=widths[0]), random.normal(size=widths[-1])
    scope: dict[str, Any] = {"np": np}
    exec("\n".join(layer_code(program, report(problem))), scope)
    arguments = (A, b, Y, start) if name == "mlp_backward" else (A, b, start)
    if name == "vanishing_gradient" and depth == 1:
        return  # no layer below the last
    found = dict(zip(("ds", "dA", "db") if name == "mlp_backward" else ("db", "dA"), scope["gradients"](*arguments),
                     strict=True))  # fmt: skip
    values = {f"A_{k}": torch.tensor(A[k], requires_grad=True) for k in A}
    values |= {f"b_{k}": torch.tensor(b[k], requires_grad=True) for k in b}
    values |= {"y_0": torch.tensor(start)} | ({"Y": torch.tensor(Y)} if name == "mlp_backward" else {})
    forward(values, depth, torch).backward()
    for k in found["dA"]:
        assert np.allclose(found["dA"][k], values[f"A_{k}"].grad.numpy())
        assert np.allclose(found["db"][k], values[f"b_{k}"].grad.numpy())
    assert set(found["dA"]) == set(range(1, depth + (name == "mlp_backward")))


def test_the_bound_holds_at_every_layer_and_the_gradient_fades() -> None:
    worked = report(load("vanishing_gradient")).worked
    assert worked is not None
    layers = worked.parts["bound"]
    assert isinstance(layers, Mapping)
    pairs = [(number(sides["left"]), number(sides["right"])) for sides in layers.values()]
    assert len(pairs) == 5
    assert all(0 < left <= right for left, right in pairs)


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize("given", ['{"L": 2}', '{"widths": [3, 2, 1]}', '{"L": 3, "widths": [2, 2, 2, 1]}'])
def test_a_network_of_ones_own(name: str, given: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--given", given, "--json", "--format", "tex", "--out", str(tmp_path)]) == 0
    parts = {part["id"]: part for part in json.loads(capsys.readouterr().out)["parts"]}
    depth = 3 if "3," in given.split("widths")[0] else 2
    assert all(part["verdict"] == "proved" for part in parts.values())
    shown = parts["dA" if name == "mlp_backward" else "A"]["value"]
    assert sorted(shown) == [str(k) for k in range(1, depth)]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('{"L": -1}', "'L' is -1; it must be a whole number from 1 to 64"),
        ('{"L": 0}', "'L' is 0; it must be a whole number from 1 to 64"),
        ('{"L": 2.5}', "'L' is 2.5; it must be a whole number"),
        ('{"L": true}', "'L' is True; it must be a whole number"),
        ('{"widths": [3]}', "must list the width of the input and of every layer"),
        ('{"widths": [3, "a", 1]}', "'widths' is a; it must be a whole number from 1 to 16"),
        ('{"widths": [3, 0, 1]}', "'widths' is 0; it must be a whole number from 1 to 16"),
        ('{"L": 3, "widths": [3, 2, 1]}', "'L' is 3, but \"widths\" has 2 layers after the input"),
        ('{"L": 2, "A_1": [[1, 2], [3]]}', "'A_1[2]' has length 1, but n_0 is 2, the length of 'A_1[1]'"),
        (
            '{"L": 2, "widths": [2, 2, 1], "A_1": [[1, 2, 3], [3, 4, 5]]}',
            "'A_1[1]' has length 3, but n_0 is given as 2",
        ),
        ('{"L": 2, "A_1": [["x", 2]]}', "but a number such as 2, 0.5"),
        ('{"A_7": [[1]]}', "'A_7' is not something mlp_backward takes. Did you mean 'A_6'"),
        ('{"s_1": [1]}', "'s_1' is computed by mlp_backward; give what it is computed from"),
        ('{"L": 40}', "numbers, and they are printed in full; choose a smaller one"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    given: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["mlp_backward", "--given", given, "--out", str(tmp_path / "out")]) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert error.count("\n") == 1
    assert said in error
    assert not (tmp_path / "out").exists()


def test_a_scalar_output_stays_scalar(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["vanishing_gradient", "--given", '{"widths": [2, 2, 2]}', "--out", str(tmp_path)]) == 2
    assert "the last layer of vanishing_gradient has width 1, not 2" in capsys.readouterr().err
