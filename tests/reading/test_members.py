r"""What is a member of \mathbb R^{n \times m}, and new values behind an arrow."""

from __future__ import annotations

import pytest

from derive.checking import check

GAMMA = r"\gamma_j\leftarrow\gamma_j%s\eta\sum_{i=1}^N(y_j^{(i)}-d_j^{(i)})w_jh_j^{(i)}(1-h_j^{(i)})\hat x_j^{(i)}"


@pytest.mark.parametrize(
    ("problem", "text", "verdict"),
    [
        ("conv_jacobian", r"A\in\mathbb R^{4\times 8}", "depends"),
        ("conv_jacobian", r"B\in\mathbb R^{4\times 8}", "refuted"),
        ("conv_jacobian", r"A\in\mathbb R^{DT\times CN}", "proved"),
        ("conv_jacobian", r"A\in\mathbb R^{CN\times DT}", "refuted"),
        ("conv_jacobian", r"x\in\mathbb{R}^{C\times N}", "proved"),
        ("bn_backward", "x ∈ ℝ^m", "proved"),
        ("bn_backward", r"\hat{\mathbf x}\in\mathbb R^{m\times 1}", "proved"),
        ("bn_backward", r"x_i\in\mathbb R", "proved"),
        ("bn_backward", r"\gamma\in\mathbb R^m", "refuted"),
        ("bn_backward", r"x\in\mathbb R", "refuted"),
        ("bn_backward", r"x\in\mathbb C^m", "unreadable"),
        ("bn_backward", r"x\in\mathbb R^{\foo}", "unreadable"),
        ("bn_backward", r"x\in\mathbb R^{m", "unreadable"),
        ("bn_backward", r"x\in\mathbb", "unreadable"),
        ("bn_backward", r"x\in\mathbb R^{" + r"m\times " * 500 + "m}", "refuted"),
    ],
)
def test_shapes(problem: str, text: str, verdict: str) -> None:
    assert check(problem, text).verdict == verdict


@pytest.mark.parametrize(
    ("text", "part", "verdict"),
    [
        (GAMMA % "-", "update", "proved"),
        (GAMMA % "+", "update", "refuted"),
        ("γ_j ← γ_j - η ∂E/∂γ_j", "update", "proved"),
        (r"\beta_j\leftarrow\gamma_j-\eta\frac{\partial E}{\partial\gamma_j}", "update", "unreadable"),
        (r"\gamma_j\leftarrow\gamma_j-\eta\frac{\partial E}{\partial\gamma_j}", "", "proved"),
        (r"\gamma_j\leftarrow", "update", "unreadable"),
    ],
)
def test_new_values(text: str, part: str, verdict: str) -> None:
    assert check("bn_update_rule", text, part=part).verdict == verdict


@pytest.mark.parametrize(
    ("problem", "text", "verdict"),
    [
        ("rms_norm", r"\hat x_1=\left(\frac17,\frac57,1,\frac{11}7\right)", "depends"),
        ("rms_norm", r"\hat x_1=\left(\frac17,\frac57,1,\frac{12}7\right)", "refuted"),
        ("bn_forward", "z̃_2 = (-11, -9, -9, -10)", "refuted"),
        (
            "bn_update_rule",
            r"\frac{\partial E}{\partial\beta}=\sum_i(y^{(i)}-d^{(i)})\odot w\odot h^{(i)}\odot(1-h^{(i)})",
            "proved",
        ),
        ("bn_update_rule", "dbeta = np.sum((y - d) * w * h * (1 - h), axis=0)", "proved"),
        ("conv_jacobian", "dX = A @ dY", "refuted"),
        ("tanh_mse", "dw = 2/N * X @ ((a - y) * (1 - a**2))", "refuted"),
        ("tanh_mse", "dw = 2/N * X.T @ ((a - y) * (1 - a**2))", "proved"),
    ],
)
def test_names_that_may_be_taken_in_two_ways(problem: str, text: str, verdict: str) -> None:
    assert check(problem, text).verdict == verdict
