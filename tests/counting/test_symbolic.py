"""Sizes that stay symbols: the formula has the value of the count for every size, and it is proved for all of them."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from derive.algebra.whole import amount_at
from derive.catalogue import load
from derive.engines.costs import SUMMED, counted
from derive.engines.derive import derive_problem
from derive.engines.ledger import ledger
from derive.errors import AuthorError
from derive.language import (
    Activation,
    Convolution,
    Count,
    Counting,
    Features,
    Flatten,
    Linear,
    Network,
    Normalization,
    Pooling,
    Problem,
    Question,
    ask,
    size,
)
from derive.language.layer import Layer, Size
from derive.language.plain import plain
from derive.verification.report import examine

H, W, C, M = size("H"), size("W"), size("C"), size("m")


def network(seed: int, spatial: tuple[Size, Size], channels: Size) -> Network:
    """The same layers for symbols and for numbers."""
    random = Random(seed)
    layers: list[Layer] = []
    for n in range(random.randint(1, 5)):
        k, s = random.randint(1, 3), random.randint(1, 3)
        p = random.randint(0, k // 2)
        kind = random.choice(("conv", "conv", "pool", "act", "norm", "up", "same"))
        width: Size = random.choice((channels, 4, 6))
        if kind == "conv":
            layers.append(Convolution(name=f"l{n}", channels=width, kernel=k, stride=s, padding=p))
        elif kind == "same":
            layers.append(Convolution(name=f"l{n}", channels=width, kernel=k, stride=s, padding="same"))
        elif kind == "up":
            layers.append(Convolution(name=f"l{n}", channels=width, kernel=k, stride=s, transposed=True))
        elif kind == "pool":
            layers.append(Pooling(name=f"l{n}", kernel=k, stride=s, padding=p, kind=random.choice(("max", "average"))))  # type: ignore[arg-type]
        else:
            layers.append(Activation(name=f"l{n}") if kind == "act" else Normalization(name=f"l{n}"))
    if random.random() < 0.4:
        layers += [Flatten(name="flat"), Linear(name="fc", units=7)]
    return Network(Features(channels, spatial), tuple(layers))


@pytest.mark.parametrize("seed", range(120))
def test_formulas_have_the_values_of_numbers(seed: int) -> None:
    symbolic = ledger(network(seed, (H, W), C))
    random = Random(-seed)
    for _ in range(4):
        sizes = {"H": random.randint(400, 500), "W": random.randint(400, 500), "C": random.randint(1, 9)}
        numeric = ledger(network(seed, (sizes["H"], sizes["W"]), sizes["C"]))
        for row, known in zip(symbolic, numeric, strict=True):
            shape: tuple[Any, ...] = (row.out.channels, *row.out.spatial)
            assert [amount_at(n, sizes) for n in shape] == [known.out.channels, *known.out.spatial]
            for what in SUMMED:
                assert amount_at(counted(what, row, {}), sizes) == counted(what, known, {}), (row.layer, what)


STACK = Network(
    Features(3, (H, W)),
    (
        Convolution(name="conv1", channels=C, kernel=3, stride=2, padding=1),
        Activation(name="act"),
        Convolution(name="conv2", channels=2, kernel=3),
        Pooling(name="pool", kernel=2),
    ),
    batch=M,
    title="a stack",
)


def stack(*questions: Question) -> Problem:
    return Problem(id="stack", title="A stack", statement="Count.", program=Counting({"s": STACK}), questions=questions)


def test_floor_stays_floor_and_all_is_proved_for_all_sizes() -> None:
    asked = stack(*ask("params", STACK), *ask("madds", STACK), *ask("acts", STACK), *ask("shape", STACK, whole=False))
    report = examine(derive_problem(asked))
    found = {checked.claim.id: plain(checked.claim.right) for checked in report.parts}
    assert {checked.verdict.scope for checked in report.parts} == {"all sizes"}  # type: ignore[union-attr]
    assert found["params_conv1"] == "28*C"
    assert found["params_conv2"] == "18*C + 2"
    assert found["shape_conv1"] == "(m, floor((H + 1)/2), floor((W + 1)/2), C)"
    assert found["shape_pool"] == "(m, floor((H + 1)/4) - 1, floor((W + 1)/4) - 1, 2)"
    assert found["madds_conv1"] == "27*C*floor((H + 1)/2)*floor((W + 1)/2)"
    assert found["acts"] == "C*floor((H + 1)/2)*floor((W + 1)/2)"


def test_a_stride_that_is_a_symbol_is_not_claimed_for_all_its_values() -> None:
    strided = Network(Features(1, (H,)), (Convolution(name="c", channels=1, kernel=3, stride=size("s")),))
    asked = Problem(id="s", title="", statement="", program=Counting({"n": strided}), questions=ask("madds", strided))
    with pytest.raises(Exception, match="stride that is a symbol cannot be recounted"):
        examine(derive_problem(asked))


def test_without_padding_in_the_second_pair() -> None:
    derivation = derive_problem(load("receptive_field").called("unpadded"))
    examine(derivation)
    found = {part.question.id: plain(part.claim.right) for part in derivation.parts}
    assert found["y3"] == "X[:, (4*i - 5 : 4*i + 10), (4*j - 5 : 4*j + 10)]"
    assert found["y3_field"] == "16"


FILE = """
from derive.language import Convolution, Count, Counting, Features, Network, Problem, Question
NET = Network(Features(3, (8, 8)), (Convolution(name="c", channels=4, kernel={kernel}),))
PROBLEM = Problem(id="mine", title="Mine", statement="Count.", program=Counting({{"net": NET}}),
                  questions=(Question("c", Count("{what}", "{layer}")),))
"""


def own(tmp_path: Path, kernel: int = 3, what: str = "params", layer: str = "c") -> Problem:
    file = tmp_path / "mine.py"
    file.write_text(FILE.format(kernel=kernel, what=what, layer=layer))
    return load(str(file))


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    (checked,) = examine(derive_problem(own(tmp_path))).parts
    assert plain(checked.claim.right) == "112"


def test_a_wrong_file_of_ones_own(tmp_path: Path) -> None:
    with pytest.raises(AuthorError, match=r"'parms' is nothing that can be counted\. Did you mean 'params'"):
        own(tmp_path, what="parms")
    with pytest.raises(AuthorError, match=r"there is no layer 'd' in the network\. There are c"):
        own(tmp_path, layer="d")
    with pytest.raises(AuthorError, match="mine: layer c: a kernel of 9 does not fit into 8 with padding 0"):
        derive_problem(own(tmp_path, kernel=9))


def test_count_is_a_question_about_networks_only() -> None:
    with pytest.raises(AuthorError, match="counts something, but the problem has no networks"):
        load_with_count()


def load_with_count() -> Problem:
    from msgspec.structs import replace

    return replace(load("bn_backward"), questions=(Question("n", Count("params")),), mistakes=(), boxed=())
