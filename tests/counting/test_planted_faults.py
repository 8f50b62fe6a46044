"""Checkers are tested too: an engine that counts wrongly in one of the usual ways is refuted by every oracle."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from msgspec.structs import replace

from derive.engines import answers, costs, fields, shapes
from derive.engines.derive import derive_problem
from derive.engines.parameters import parameters
from derive.errors import NotProvedError
from derive.language import Convolution, Count, Counting, Features, Linear, Network, Pooling, Problem, Question, ask
from derive.language.counting import Choices
from derive.language.expression import Expr, Read, add, mul, tensors_in
from derive.language.layer import Layer
from derive.language.notation import Name
from derive.language.tensor import Tensor
from derive.verification.arithmetic import value
from derive.verification.frameworks import compared
from derive.verification.report import examine

NET = Network(
    Features(4, (13, 16)),
    (
        Convolution(name="conv1", channels=6, kernel=3, stride=2, padding=1, dilation=2, groups=2),
        Convolution(name="conv2", channels=5, kernel=3, padding=1),
        Pooling(name="pool", kernel=3, stride=2, padding=1),
    ),
    title="a network",
)


def problem(*questions: Question) -> Problem:
    return Problem(
        id="planted", title="Planted", statement="Count.", program=Counting({"net": NET}), questions=questions
    )


ALL = problem(
    *ask("params", NET), *ask("madds", NET), *ask("muls", NET), *ask("adds", NET), *ask("conns", NET),
    *ask("shape", NET, whole=False), Question("sees", Count("sees", "conv2")),
    Question("field", Count("field", "pool")),
)  # fmt: skip


def test_without_a_fault_all_is_proved() -> None:
    report = examine(derive_problem(ALL))
    assert {checked.verdict.kind for checked in report.parts} == {"proved"}


Change = Callable[[Layer], Layer]


def no_stride(layer: Layer) -> Layer:
    return replace(layer, stride=1) if isinstance(layer, Convolution | Pooling) else layer


def no_dilation(layer: Layer) -> Layer:
    return replace(layer, dilation=1) if isinstance(layer, Convolution | Pooling) else layer


def no_groups(layer: Layer) -> Layer:
    return replace(layer, groups=1) if isinstance(layer, Convolution) else layer


def no_padding(layer: Layer) -> Layer:
    return replace(layer, padding=0) if isinstance(layer, Convolution | Pooling) else layer


def one_bias_less(layer: Layer) -> Layer:
    return replace(layer, bias=False) if isinstance(layer, Convolution | Linear) else layer


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (no_stride, {"madds_conv1", "shape_conv1", "field", "sees"}),
        (no_dilation, {"shape_conv1", "field"}),
        (no_groups, {"params_conv1", "madds_conv1", "muls_conv1", "adds_conv1", "conns_conv1"}),
        (no_padding, {"shape_conv1", "madds_conv1", "sees"}),
        (one_bias_less, {"params_conv1", "adds_conv1", "conns_conv1"}),
    ],
)
def test_a_forgotten_field_is_refuted(change: Change, parts: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine walks the changed network; the oracles still have the true one."""
    true = answers.ledger
    monkeypatch.setattr(answers, "ledger", lambda net: true(replace(net, layers=tuple(map(change, net.layers)))))
    monkeypatch.setattr(fields, "ledger", answers.ledger)
    derivation = derive_problem(ALL)
    for part in derivation.parts:
        if part.question.id in parts:
            with pytest.raises(NotProvedError, match=part.question.id):
                examine(replace(derivation, parts=(part,), entries=()))


def wrong_parameters(how: str) -> Callable[[Layer, Any, Choices], Any]:
    def rule(layer: Layer, into: Any, choices: Choices) -> Any:
        right = parameters(layer, into, choices)
        if not isinstance(layer, Convolution):
            return right
        if how == "input channels forgotten":
            return layer.channels * (9 + layer.bias)  # type: ignore[operator]
        if how == "bias at each position":
            return right + layer.channels * 41
        return right - layer.channels + 1  # one bias for the layer

    return rule


@pytest.mark.parametrize("how", ["input channels forgotten", "bias at each position", "bias once a layer"])
def test_wrong_parameters_are_refuted(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "parameters", wrong_parameters(how))
    with pytest.raises(NotProvedError, match="params"):
        examine(derive_problem(problem(*ask("params", NET))))


@pytest.mark.parametrize(("numerator", "denominator"), [(1, 2), (2, 1)])
def test_mac_and_flop_mixed_up_is_refuted(numerator: int, denominator: int) -> None:
    derivation = derive_problem(problem(*ask("madds", NET)))
    for part in derivation.parts:
        wrong = replace(part.claim, right=part.claim.right * Fraction(numerator, denominator))
        with pytest.raises(NotProvedError, match=part.question.id):
            examine(replace(derivation, parts=(replace(part, claim=wrong),), entries=()))


def test_k_and_k_minus_one_mixed_up_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    right = costs.cost

    def wrong(layer: Layer, into: Any, out: Any, choices: Choices) -> Any:
        other = {"K": "K - 1", "K - 1": "K"}[choices.get("additions", "K - 1")]
        return right(layer, into, out, {**choices, "additions": other})

    monkeypatch.setattr(costs, "cost", wrong)
    with pytest.raises(NotProvedError, match="adds"):
        examine(derive_problem(problem(*ask("adds", NET))))


@pytest.mark.parametrize("shift", [-1, 1])
def test_an_output_too_small_or_too_large_is_refuted(shift: int, monkeypatch: pytest.MonkeyPatch) -> None:
    right = shapes.places
    monkeypatch.setattr(shapes, "places", lambda *arguments: right(*arguments) + shift)
    with pytest.raises(NotProvedError, match="shape_conv1"):
        examine(derive_problem(problem(*ask("shape", NET, whole=False))))


def test_size_quoted_at_the_border_without_clipping_is_refuted() -> None:
    """The unclipped interval, claimed as the clipped one."""
    small = Counting({"net": Network(Features(1, (6, 6)), (Convolution(name="c", channels=1, kernel=3, padding=1),))})
    clipped, window = (Question("sees", Count("sees", "c", choices={"borders": how})) for how in ("clipped", "dropped"))
    derivation = derive_problem(replace(ALL, program=small, questions=(clipped,)))
    (part,) = derivation.parts
    (window_part,) = derive_problem(replace(ALL, program=small, questions=(window,))).parts
    with pytest.raises(NotProvedError, match="i = 1, the left side is \\(1, 2\\) but the right side is \\(0, 2\\)"):
        examine(replace(derivation, parts=(replace(part, claim=replace(part.claim, right=window_part.claim.right)),)))


@pytest.mark.torch
@pytest.mark.parametrize("change", [no_stride, no_dilation, no_groups, no_padding, one_bias_less])
def test_the_framework_refutes_them_too(change: Change) -> None:
    wrong = replace(NET, layers=tuple(map(change, NET.layers)))
    differ = []
    for question in ALL.questions:
        wants = question.wants
        assert isinstance(wants, Count)
        if wants.what in ("params", "shape"):
            said = value(answers.Counter(Counting({"net": wrong})).answer(wants, {}), {})
            differ.append(compared(NET, wants, {"layout": "channels last"}) != said)
    assert any(differ)


SHAPES = {"H", "W", "Hprime", "Wprime", "C_in", "C_out"}


def spoiled(expr: Expr, how: str) -> Expr:
    """A formula with one letter changed, or with one more or one less."""
    if how == "one more":
        return add(expr, 1)
    if how == "twice":
        return mul(2, expr)
    old, new = how.split(" for ")[::-1]
    if isinstance(expr, Read) and expr.tensor.key == old:
        return Read(Tensor(Name(new, text=new)))
    return expr.with_children(tuple(spoiled(child, how) for child in expr.children)) if expr.children else expr


@pytest.mark.parametrize(
    "how", ["one more", "twice", "C_out for C_in", "s for k", "H for Hprime", "k for s", "p for d"]
)
def test_a_wrong_formula_in_letters_is_refuted(how: str) -> None:
    """Also where the numbers of this one layer would hide it: letters are tried at many values."""
    found = 0
    for part in derive_problem(ALL).parts:
        for n, step in enumerate(part.steps):
            wrong = spoiled(step.after, how)
            known = {next(iter(tensors_in(letter))) for letter, _ in step.letters} | SHAPES
            if not step.letters or wrong == step.after or not set(tensors_in(wrong)) <= known:
                continue
            found += 1
            bad = replace(part, steps=(*part.steps[:n], replace(step, before=wrong, after=wrong)))
            with pytest.raises(NotProvedError, match=f"line {step.label}"):
                examine(replace(derive_problem(ALL), parts=(bad,), entries=()))
    assert found
