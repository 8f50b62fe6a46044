"""Numbers made of roots: which of them are zero, against identities, near misses, and SymPy's minimal polynomials."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
import sympy

from derive.algebra.evaluate import Evaluator
from derive.algebra.separation import is_zero
from derive.algebra.values import Numbers
from derive.language.constant import PI
from derive.language.expression import Expr, Function, div, expression, power, sqrt

ALONE = Numbers({}, {}, {})


def zero(expr: Expr) -> bool | None:
    return is_zero(lambda arithmetic: Evaluator(arithmetic, {}, {}, {}).value(expr, {}))


def root(value: Expr | int, degree: int) -> Expr:
    return power(expression(value), expression(1) / degree)


IDENTITIES = (
    (sqrt(2) + sqrt(3), sqrt(5 + 2 * sqrt(6))),
    (root(sqrt(5) + 2, 3) - root(sqrt(5) - 2, 3), expression(1)),
    (root(2, 3) * root(4, 3), expression(2)),
    (div(1, 1 + root(2, 3)), div(1 - root(2, 3) + root(4, 3), 3)),
    (sqrt(div(3, 4)), div(sqrt(3), 2)),
    (root(-8, 3), expression(-2)),
    (div(sqrt(2) - 1, sqrt(2) + 1), 3 - 2 * sqrt(2)),
    (Function("abs", (1 - sqrt(2),)), sqrt(2) - 1),
    (Function("max", (sqrt(2), sqrt(3))), sqrt(3)),
    (root(7 + 5 * sqrt(2), 3), 1 + sqrt(2)),
)


@pytest.mark.parametrize(("left", "right"), IDENTITIES)
def test_identities_and_near_misses(left: Expr, right: Expr) -> None:
    assert zero(left - right) is True
    for places in (3, 40, 60, 300):
        assert zero(left - right + Fraction(1, 10**places)) is False


def test_a_famous_near_miss() -> None:
    """Two sums of three roots that agree in 7 digits, and two of nested ones that agree in 20."""
    one, other = sqrt(10) + sqrt(11) + sqrt(18), sqrt(5) + sqrt(15) + sqrt(19)
    assert zero(one - other) is False
    assert zero(sqrt(10**20 + 1) - 10**10) is False


@pytest.mark.parametrize("seed", range(40))
def test_against_minimal_polynomials(seed: int) -> None:
    rng = Random(seed)
    ours, theirs = _random(rng, 3)
    for shift in (0, rng.randint(1, 3)):
        number = sympy.minimal_polynomial(theirs, sympy.Symbol("t")).subs(sympy.Symbol("t"), shift) == 0
        really = number and abs(sympy.N(theirs - shift, 60)) < sympy.Float("1e-50")
        assert zero(ours - shift) is bool(really)


def _random(rng: Random, depth: int) -> tuple[Expr, sympy.Expr]:
    if depth == 0:
        k = rng.randint(1, 6)
        return expression(k), sympy.Integer(k)
    kind = rng.choice(("sqrt", "+", "-", "*", "/"))
    (a, x), (b, y) = _random(rng, depth - 1), _random(rng, depth - 1)
    match kind:
        case "sqrt":
            return (sqrt(a), sympy.sqrt(x)) if x.evalf() > 0 else (a, x)
        case "+":
            return a + b, x + y
        case "-":
            return a - b, x - y
        case "*":
            return a * b, x * y
        case _:
            return (div(a, b), x / y) if abs(y.evalf()) > 1e-9 else (a, x)


def test_what_is_not_made_of_roots() -> None:
    assert zero(Function("exp", (expression(1),)) - 2) is None
    assert zero(div(1, sqrt(2) * sqrt(3) - sqrt(6))) is None  # the divisor is zero, and no ball says so


def test_sums_of_many_roots_end() -> None:
    many = sum((sqrt(k * k + 1) for k in range(1, 40)), expression(0))
    assert zero(many - many - sqrt(2) + sqrt(2)) in (True, None)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (Function("cos", (PI / 3,)), expression(Fraction(1, 2)), True),
        (Function("exp", (expression(1),)), Function("exp", (expression(1),)) + Fraction(1, 10**100), False),
        (Function("log", (expression(8),)), 3 * Function("log", (expression(2),)), True),
        (Function("exp", (PI,)), Function("exp", (PI,)) + Fraction(1, 10**3000), None),
        (Function("sin", (expression(1),)) ** 2, 1 - Function("cos", (expression(1),)) ** 2, True),
    ],
)
def test_other_numbers(left: Expr, right: Expr, same: bool | None) -> None:
    assert ALONE.same(left, right, {}) is same
