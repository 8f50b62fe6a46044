r"""Limits: of functions of one variable against SymPy's, the one that a problem asks for, and what is left unread."""

from __future__ import annotations

import pytest
import sympy

from derive.algebra.limit import limit
from derive.checking import check, compare
from derive.errors import UnsupportedError
from derive.judging.limits import VARIABLE
from derive.language.expression import Expr, Function, div, mul, power

SLOPE = r"\sigma'(x)"


def f(name: str, argument: Expr) -> Expr:
    return Function(name, (argument,))


X, T = VARIABLE, sympy.Symbol("t", real=True)
PAIRS = (
    (f("tanh", X), sympy.tanh(T)),
    (f("tanh", -X), sympy.tanh(-T)),
    (1 - f("tanh", mul(2, X)) ** 2, 1 - sympy.tanh(2 * T) ** 2),
    (f("logistic", X) * (1 - f("logistic", X)), 1 / (1 + sympy.exp(-T)) * (1 - 1 / (1 + sympy.exp(-T)))),
    (f("logistic", mul(-3, X)) * 2 + 1, 2 / (1 + sympy.exp(3 * T)) + 1),
    (div(f("exp", -X), power(1 + f("exp", -X), 2)), sympy.exp(-T) / (1 + sympy.exp(-T)) ** 2),
    (div(3 * f("exp", X) + 1, 2 * f("exp", X) - 5), (3 * sympy.exp(T) + 1) / (2 * sympy.exp(T) - 5)),
    (div(f("sinh", X), f("cosh", X)), sympy.sinh(T) / sympy.cosh(T)),
)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
@pytest.mark.parametrize("end", [1, -1])
def test_against_sympy(ours: Expr, theirs: sympy.Expr, end: int) -> None:
    wanted = sympy.limit(theirs.rewrite(sympy.exp), T, end * sympy.oo)
    assert sympy.Rational(*limit(ours, X, end).as_integer_ratio()) == wanted


@pytest.mark.parametrize("expr", [f("exp", X), X, f("cosh", X), f("sin", X), X * f("exp", -X)])
def test_what_grows_or_is_not_rational_in_the_exponential(expr: Expr) -> None:
    with pytest.raises(UnsupportedError):
        limit(expr, X, 1)


@pytest.mark.parametrize(
    ("problem", "statement", "verdict"),
    [
        ("vanishing_gradient", rf"\lim_{{x\to\infty}} {SLOPE} = 0", "proved"),
        ("vanishing_gradient", rf"\lim_{{x\to\infty}} {SLOPE} = 1", "refuted"),
        ("vanishing_gradient", rf"{SLOPE} \to 0 \text{{ as }} |x| \to \infty", "proved"),
        ("vanishing_gradient", r"\sigma'(\tilde y_j) \to 0 \text{ as } |\tilde y_j| \to \infty", "proved"),
        ("vanishing_gradient", r"\sigma(\tilde y_j) \to 0 \text{ as } |\tilde y_j| \to \infty", "refuted"),
        ("vanishing_gradient", r"\lim_{x \to -\infty} \sigma(x) = 0", "proved"),
        ("vanishing_gradient", r"\lim_{x \to 0} \sigma(x) = \frac12", "undecided"),
        ("vanishing_gradient", r"\lim \sigma(x) = 1", "unreadable"),
        ("vanishing_gradient", r"\sigma(x) \to 1", "unreadable"),
        ("tanh_mse", r"1 - a_n^2 \to 0 \text{ as } |z_n| \to \infty", "proved"),
        ("tanh_mse", r"a_n \to 0 \text{ as } |z_n| \to \infty", "refuted"),
        ("tanh_mse", r"\lim_{z \to \infty} \tanh z = 1", "proved"),
        ("tanh_mse", r"\lim_{|z| \to \infty} \tanh z = 1", "refuted"),
        ("tanh_mse", r"\lim_{|z_n| \to \infty} \frac{\partial E}{\partial w_c} = 0", "depends"),
        (
            "tanh_mse",
            r"\frac{\partial E}{\partial w_c} \to 0 \text{ as } |w^T x_n| \to \infty \text{ for all } n",
            "proved",
        ),
        ("tanh_mse", r"\nabla E(w) \to 0 \text{ as } |w^T x_n| \to \infty \text{ for every } n", "proved"),
        ("tanh_mse", r"\frac{\partial E}{\partial w_c} \to 1 \text{ as } |z_n| \to \infty", "refuted"),
        ("tanh_mse", r"\nabla E(w) \to 0 \text{ as } |z_k| \to \infty \text{ for all } k", "proved"),
        ("tanh_mse", r"\nabla E(w) \to 0 \text{ as } |z_n| \to \infty \text{ for } n = 1, \dots, N", "proved"),
        ("tanh_mse", r"\nabla E(w) \to 0 \text{ as } |z_n| \to \infty \text{ for } n = 1, \dots, 5", "undecided"),
        ("tanh_mse", r"\nabla E(w) \to 0 \text{ as } |z_n| \to \infty \text{ for } n = 2, \dots, N", "undecided"),
        ("tanh_mse", r"\nabla E(w) \to 0 \text{ as } |z_n| \to \infty \text{ for } n = 1", "undecided"),
        ("tanh_mse", r"\nabla E(w) \to 0 \text{ as } |z_n| \to \infty \text{ for } n \ne 1", "undecided"),
        ("tanh_mse", r"\nabla E(w) \to 0 \text{ as } |z_1| \to \infty", "undecided"),
        ("vanishing_gradient", r"\lim_{z \to \infty} (\tanh z + \tanh x) = 2", "undecided"),
        ("tanh_mse", r"\lim_{z_n \to \infty} \frac{\partial E}{\partial w_c} = 0", "undecided"),  # it says less
        ("tanh_mse", r"E \to 0 \text{ as } |z_n| \to \infty", "undecided"),
    ],
)
def test_statements(problem: str, statement: str, verdict: str) -> None:
    assert check(problem, statement).verdict == verdict


def test_the_quantifier_is_named() -> None:
    found = check("tanh_mse", r"\lim_{|z_n| \to \infty} \frac{\partial E}{\partial w_c} = 0")
    assert found.convention == "if that holds for every n; for some alone it is false"


def test_elsewhere_a_limit_is_not_read() -> None:
    found = compare(r"1 + \lim_{x \to \infty} \tanh x", "2")
    assert found.error is not None
    assert found.error.message.startswith("a limit is read as one side of an equation with a number")
