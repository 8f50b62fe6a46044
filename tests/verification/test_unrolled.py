"""The unrolled oracle against its own definition, and the points it chooses."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy
from verification.samples import BATCH_NORM, LAYER_NORM, RMS_NORM, SOFTMAX

from derive.language import Problem
from derive.verification.forward import Forward
from derive.verification.perturbed import Perturbed
from derive.verification.rationals import rational_root
from derive.verification.scalars import ExactNumbers, is_zero
from derive.verification.unrolled import Unrolled


class Formulas:
    """Arithmetic on SymPy formulas, so that a whole program becomes one formula."""

    def number(self, value: Fraction) -> Any:
        return sympy.Rational(value.numerator, value.denominator)

    def add(self, terms: Any) -> Any:
        return sympy.Add(*terms)

    def mul(self, factors: Any) -> Any:
        return sympy.Mul(*factors)

    def power(self, base: Any, exponent: Fraction) -> Any:
        return base ** self.number(exponent)

    def function(self, name: str, argument: Any) -> Any:
        return getattr(sympy, name)(argument)

    def sign(self, value: Any) -> int:
        return int(sympy.sign(value))


def derivative(function: Any, at: Any) -> Any:
    t = sympy.Symbol("t")
    return sympy.diff(function(at + t), t).subs(t, 0)


@pytest.mark.parametrize(
    ("problem", "sizes"),
    [(BATCH_NORM, {"m": 3}), (LAYER_NORM, {"N": 2, "C": 2}), (SOFTMAX, {"K": 3})],
    ids=["batch_norm", "layer_norm", "softmax"],
)
def test_tangents_are_the_derivatives_of_the_program_as_one_formula(problem: Problem, sizes: dict[str, int]) -> None:
    """Pushing rates through the scalars gives what SymPy gives for the whole program written as one formula."""
    run = Unrolled(problem, (sizes,)).run(0, (), 0)
    formulas = Formulas()
    whole = Perturbed(Forward(problem, sizes, run.point.scalars(formulas), formulas), derivative)
    for tensor in (*problem.program.defined(), *problem.program.inputs()):
        if tensor.key in sizes:
            continue
        for entry in list(run.forward.values[tensor.key])[:2]:
            difference = run.differentiator.total(tensor.key, entry) - whole.total(tensor.key, entry)
            assert is_zero(difference) or sympy.simplify(difference) == 0, (tensor.key, entry)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("problem", [BATCH_NORM, LAYER_NORM, RMS_NORM], ids=lambda problem: problem.id)
def test_every_root_is_rational(problem: Problem, seed: int) -> None:
    session = Unrolled(problem, seed=seed)
    for place in range(len(session.sizes)):
        values = session.run(place, (), 0).forward.values
        assert all(isinstance(value, Fraction) for entries in values.values() for value in entries.values())
        assert values["eps"][()] > 0


@pytest.mark.parametrize("sizes", [{"N": 3, "C": 2}, {"N": 4, "C": 3}])
def test_rows_have_different_variances(sizes: dict[str, int]) -> None:
    """A claim that takes the variance of another row could not be told apart otherwise."""
    variances = Unrolled(LAYER_NORM, (sizes,)).run(0, (), 0).forward.values["var"]
    assert len(set(variances.values())) == sizes["N"]


def test_exponentials_are_rational() -> None:
    run = Unrolled(SOFTMAX, ({"K": 3},)).run(0, (), 0)
    probabilities = run.forward.values["p"].values()
    assert all(isinstance(value, Fraction) for value in probabilities)
    assert sum(probabilities) == 1


EXACT = [
    (
        lambda e: e.function("log", Fraction(12)),
        lambda e: e.add([e.function("log", Fraction(3)), e.function("log", Fraction(4))]),
    ),
    (
        lambda e: e.power(Fraction(8), Fraction(1, 2)),
        lambda e: e.mul([Fraction(2), e.power(Fraction(2), Fraction(1, 2))]),
    ),
    (lambda e: e.function("exp", e.function("log", Fraction(3, 7))), lambda e: Fraction(3, 7)),
    (lambda e: e.power(Fraction(27, 8), Fraction(-2, 3)), lambda e: Fraction(4, 9)),
    (lambda e: e.function("tanh", e.function("log", Fraction(2))), lambda e: Fraction(3, 5)),
    (lambda e: e.function("logistic", e.function("log", Fraction(2))), lambda e: Fraction(2, 3)),
]


@pytest.mark.parametrize(("left", "right"), EXACT)
def test_exact_numbers(left: Any, right: Any) -> None:
    exact = ExactNumbers()
    assert is_zero(exact.add([left(exact), exact.mul([Fraction(-1), right(exact)])]))


@pytest.mark.parametrize(("value", "degree", "root"), [
    (Fraction(9, 4), 2, Fraction(3, 2)),
    (Fraction(2), 2, None),
    (Fraction(27, 64), 3, Fraction(3, 4)),
    (Fraction(10**60), 3, Fraction(10**20)),
    (Fraction(0), 2, Fraction(0)),
])  # fmt: skip
def test_rational_root(value: Fraction, degree: int, root: Fraction | None) -> None:
    assert rational_root(value, degree) == root
