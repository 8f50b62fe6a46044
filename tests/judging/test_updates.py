r"""New values, by an arrow, as x^{new}, x^{(t+1)}, x := .. or \Delta x: judged beside the rule that a part asks for."""

from __future__ import annotations

import pytest

import derive

GRADIENT = r"\sum_{i=1}^N(y_j(i)-d_j(i))w_jh_j(i)(1-h_j(i))"
WAYS = [
    r"\beta_j\leftarrow\beta_j%s\eta\frac{\partial E}{\partial\beta_j}",
    rf"\beta_j\gets\beta_j%s\eta{GRADIENT}",
    r"\beta_j:=\beta_j%s\eta\frac{\partial E}{\partial\beta_j}",
    r"\beta_j^{new}=\beta_j%s\eta\frac{\partial E}{\partial\beta_j}",
    rf"\beta_j^{{\text{{new}}}}=\beta_j^{{\text{{old}}}}%s\eta{GRADIENT}",
    r"\beta_j^{(t+1)}=\beta_j^{(t)}%s\eta\frac{\partial E}{\partial\beta_j}",
    rf"\Delta\beta_j=%s\eta\frac{{\partial E}}{{\partial\beta_j}}=-\eta{GRADIENT}",
]


@pytest.mark.parametrize("text", WAYS)
def test_a_new_value_is_judged_by_the_rule_of_the_problem(text: str) -> None:
    found = derive.check("bn_update_rule", text % "-")
    assert found.verdict == "proved"
    assert "by the rule of part 'update'" in found.reading
    assert derive.check("bn_update_rule", text % "+").verdict == "refuted"


def test_an_equation_may_be_meant_as_a_new_value() -> None:
    text = r"\gamma_j=\gamma_j%s\eta\frac{\partial E}{\partial\gamma_j}"
    found = derive.check("bn_update_rule", text % "-")
    assert (found.verdict, found.convention) == ("depends", "'=' is read as the sign of a new value")
    assert derive.check("bn_update_rule", text % "+").verdict == "refuted"


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        ("bn_update_rule", r"\gamma_j\leftarrow\gamma_j-\eta\frac{\partial E}{\partial\beta_j}"),  # of another input
        ("bn_update_rule", r"\gamma_j\leftarrow\gamma_j"),
    ],
)
def test_a_false_rule_is_refuted(problem: str, text: str) -> None:
    assert derive.check(problem, text).verdict == "refuted"


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        ("bn_update_rule", r"h_j^{(i)}\leftarrow h_j^{(i)}-\eta\frac{\partial E}{\partial h_j^{(i)}}"),  # no input
        ("bn_backward", r"\gamma\leftarrow\gamma-\frac{\partial f}{\partial\gamma}"),  # no part asks for a rule
    ],
)
def test_what_no_rule_is_about_is_not_read(problem: str, text: str) -> None:
    assert derive.check(problem, text).verdict == "unreadable"


@pytest.mark.parametrize(
    ("true", "false"),
    [
        (
            r"\frac{\partial h_j(i)}{\partial\hat z_j(i)}=h_j(i)(1-h_j(i))",
            r"\frac{\partial h_j(i)}{\partial\hat z_j(i)}=\hat z_j(i)(1-\hat z_j(i))",
        ),
        (r"\partial E/\partial y_j(i)=y_j(i)-d_j(i)", r"\partial E/\partial y_j(i)=d_j(i)-y_j(i)"),
        (
            "dE/dbeta_j = sum((y_j(i) - d_j(i)) * w_j * h_j(i) * (1 - h_j(i)), i=1..N)",
            "dE/dbeta_j = sum((y_j(i) - d_j(i)) * w_j * h_j(i) * (1 - h_j(i)), i=1..N-1)",
        ),
        ("E = 1/2 sum((y_j(i) - d_j(i))^2, i, j)", "E = 1/2 sum((y_j(i) + d_j(i))^2, i, j)"),
    ],
)
def test_samples_in_parentheses_and_sums_with_their_letters_behind(true: str, false: str) -> None:
    assert derive.check("bn_update_rule", true).verdict == "proved"
    assert derive.check("bn_update_rule", false).verdict == "refuted"
