"""Statements about a function alone: identities by normal forms, bounds by the sign of a polynomial on an interval."""

from __future__ import annotations

import pytest

from derive.checking import check

TANH = r"\frac{d}{dz}\tanh z"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (r"\sigma'(x)=\sigma(x)(1-\sigma(x))\le\frac14", "proved"),
        (r"\sigma'(x)=\sigma(x)(1+\sigma(x))", "refuted"),
        (r"\frac{d}{dx}\sigma(x)=\sigma(x)(1-\sigma(x))", "proved"),
        (r"\frac{d\sigma(x)}{dx}=\sigma(x)", "refuted"),
        (r"\sigma'(x)=\frac{e^{-x}}{(1+e^{-x})^2}", "proved"),
        (TANH + r"=\frac{4}{(e^z+e^{-z})^2}", "proved"),
        (TANH + r"=\frac{2}{(e^z+e^{-z})^2}", "refuted"),
        (r"\frac{d\tanh z}{dz}=1-\tanh^2z", "proved"),
        (r"\frac14-\sigma'(x)=(\sigma(x)-\frac12)^2", "proved"),
        (r"0<\sigma'(x)\le 1/4", "proved"),
        (r"\sigma'(x)<1/4", "refuted"),
        (r"\sigma'(x)\ge 1/4", "refuted"),
        (r"\sigma'(x)\le 0.2", "refuted"),
        ("σ′(x) ≤ 1/4", "proved"),
        (r"\sigma'(t)\le\frac14\quad\text{for all }t", "proved"),
        (r"\sigma'(t)\le\frac15,\ t\in\mathbb R", "refuted"),
        (r"\sigma'(t)\le\frac15,\ t\ge 3", "unreadable"),
        (TANH + r"\le 1", "proved"),
        (TANH + r"<1", "refuted"),
        (r"\sigma(x)^3-\frac12\sigma(x)\ge-\frac{1}{10}", "refuted"),
        (r"\sigma(x)^3-\frac12\sigma(x)\ge-\frac{7}{50}", "proved"),
        (r"\sigma(x)\le\frac{1}{2\sigma(x)-1}", "undecided"),
        (r"\sigma(x)\le x", "undecided"),
        (r"\sigma(x)=w", "unreadable"),
        (r"\sigma'(x_3)\le 1/4", "unreadable"),
        (r"\sigma(x)^{50}\le 1", "undecided"),
        (r"\sigma'(" + "(" * 300 + "x" + ")" * 300 + r")\le 1", "unreadable"),
    ],
)
def test_functions_of_one_variable(text: str, verdict: str) -> None:
    found = check("vanishing_gradient", text)
    assert found.verdict == verdict, found
    assert verdict != "refuted" or found.counterexample is not None


def test_names_of_the_problem_come_first() -> None:
    found = check("tanh_mse", r"\frac{d}{dx}\tanh x=1-\tanh^2 x")
    assert found.verdict == "proved"
    assert check("mlp_backward", r"y_L=\sigma(\tilde y_L)").verdict == "refuted"
