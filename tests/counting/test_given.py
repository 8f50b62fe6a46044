"""--given replaces any number, and takes a network of one's own; all of it is recounted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from derive.catalogue import load
from derive.cli.given import read_given
from derive.engines.derive import derive_problem
from derive.errors import NotProvedError, UsageError
from derive.instances import with_given
from derive.language.plain import plain
from derive.language.problem import Problem
from derive.pipeline import solve
from derive.reading.prose import prose_reader
from derive.verification.report import examine

OWN = {"input": [3, 32, 32], "layers": [{"conv": 8, "kernel": 3, "padding": 1}, "relu", {"maxpool": 2}, "flatten",
                                        {"linear": 10}]}  # fmt: skip


def asked(problem: str, entries: object) -> Problem:
    subject = load(problem)
    return with_given(subject, read_given(subject, json.dumps(entries)), prose_reader(subject))


def answers(problem: Problem) -> dict[str, str]:
    derivation = derive_problem(problem)
    examine(derivation)
    return {part.question.id: plain(part.claim.right) for part in derivation.parts}


def test_one_number() -> None:
    found = answers(asked("conv_cost", {"conv1.stride": 1}))
    assert found["madds_conv1"] == str(64 * 64 * 256 * 128 * 9)
    assert found["shape_conv2"] == "(512, 64, 64)"


def test_several_numbers_and_a_convention() -> None:
    found = answers(asked("cnn_params", {"conv1.kernel": [5, 3], "input": [1, 20, 30], "bias": "without"}))
    assert found["params_conv1"] == str(100 * 15)
    assert found["shape_conv1"] == "(100, 10, 15)"


def test_symbols_become_numbers() -> None:
    found = answers(asked("mlp_shapes", {"m": 7}))
    assert (found["X"], found["Y"]) == ("(7, 10)", "(7, 3)")
    seen = answers(asked("receptive_field", {"H": 20, "W": 24, "conv3.dilation": 2}))
    assert seen["y3"] == "X[:, (4*i - 9 : 4*i + 10), (4*j - 9 : 4*j + 10)]"


def test_one_network_of_ones_own() -> None:
    found = answers(asked("conv_cost", {"network": OWN}))
    assert found["params_conv1"] == str(8 * 28)
    assert found["params"] == str(8 * 28 + 2048 * 10 + 10)
    assert found["madds_linear1"] == "20480"


def test_every_problem_takes_the_network(tmp_path: Path) -> None:
    layers = [{"conv": 4, "kernel": 3, "padding": 1}, "batchnorm", "relu", {"maxpool": 2}]
    for problem in ("cnn_params", "inception_cost", "lenet_cost", "lenet_shapes", "receptive_field", "bn_shapes"):
        subject = load(problem)
        network = json.dumps({"network": {"input": [2, 8, 8], "layers": layers}})
        solved = solve(subject, read_given(subject, network), out=tmp_path, formats=("tex", "typ"))
        assert {part.verdict for part in solved.parts} == {"proved"}, problem


def test_branches() -> None:
    body = [{"conv": 4, "kernel": 3, "padding": 1}, "relu"]
    network = {"input": [4, 8, 8], "layers": [{"add": [body, []]}, {"concat": [[{"conv": 2, "kernel": 1}], []]}]}
    found = answers(asked("conv_cost", {"network": network}))
    assert found["shape_add1"] == "(4, 8, 8)"
    assert found["shape_concat1"] == "(6, 8, 8)"


def test_yaml(tmp_path: Path) -> None:
    pytest.importorskip("yaml")
    file = tmp_path / "net.yaml"
    file.write_text("network:\n  input: [3, 8, 8]\n  layers:\n  - {conv: 4, kernel: 3}\n  - relu\n")
    subject = load("conv_cost")
    given = read_given(subject, str(file))
    assert given.subject is not None
    assert answers(given.subject)["params"] == str(4 * 28)
    file.write_text("network: [")
    with pytest.raises(UsageError, match="not YAML"):
        read_given(subject, str(file))
    file.write_text("!!python/object/apply:os.system ['true']")
    with pytest.raises(UsageError, match="not YAML"):
        read_given(subject, str(file))


def test_a_stride_that_no_list_can_hold_is_told() -> None:
    huge = {"network": {"input": [1, 900_000, 900_000], "layers": [{"conv": 1, "kernel": 9}]}}
    with pytest.raises(NotProvedError, match="too much to be listed"):
        answers(asked("conv_cost", huge))
