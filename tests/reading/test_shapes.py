"""I and vectors of ones, as long as what stands beside them; products of arrays that do not fit."""

from __future__ import annotations

import pytest

from derive.checking import check

BRACKET = (
    r"\frac{\partial f}{\partial\mathbf x}=\frac{\gamma}{\sqrt{\sigma^2+\epsilon}}"
    r"\left(%s\right)\frac{\partial f}{\partial\mathbf y}"
)
XHATS = r"-\frac1m\hat{\mathbf x}\hat{\mathbf x}^\top"


@pytest.mark.parametrize(
    ("inside", "verdict"),
    [
        (r"\mathbf I-\frac1m\mathbf 1\mathbf 1^\top" + XHATS, "proved"),
        (r"I-\frac{\mathbf 1\mathbf 1^T}{m}" + XHATS, "proved"),
        (r"I_m-\frac1m\mathbb 1_m\mathbb 1_m^T" + XHATS, "proved"),
        (r"I-\frac1m 11^T" + XHATS, "proved"),
        (r"\bm I-\bm 1\bm 1^\top" + XHATS, "refuted"),
        (r"I-\frac1m\mathbf 1\mathbf 1^\top", "refuted"),
        (r"I_{m+1}-\frac1m\mathbf 1\mathbf 1^\top" + XHATS, "refuted"),
    ],
)
def test_identity_and_ones(inside: str, verdict: str) -> None:
    assert check("bn_backward", (BRACKET % inside)).verdict == verdict


@pytest.mark.parametrize(
    ("problem", "text", "verdict"),
    [
        ("bn_backward", r"\frac{\partial f}{\partial\beta}=\mathbf 1^T\frac{\partial f}{\partial\mathbf y}", "proved"),
        ("bn_backward", r"\frac{\partial f}{\partial\beta}=1^T\frac{\partial f}{\partial\mathbf y}", "proved"),
        ("bn_backward", r"\mathbf 1^\top\hat{\mathbf x}=0", "proved"),
        ("bn_backward", r"\mathbf 1_m^\top\mathbf 1_m=m", "proved"),
        ("bn_backward", r"\mathbf 1^\top\mathbf 1=m", "unreadable"),
        ("bn_backward", r"I=1", "unreadable"),
        ("bn_backward", r"\frac{\partial y}{\partial\hat x}=\gamma I", "proved"),
        ("bn_backward", r"\frac{\partial y}{\partial\hat x}=I", "refuted"),
        ("bn_forward", r"\boldsymbol\mu=\frac1m\mathbf Z\mathbf 1", "proved"),
        ("bn_forward", r"\boldsymbol\mu=\frac1m\mathbf Z^T\mathbf 1", "refuted"),
        ("tanh_mse", r"\nabla E=\frac2N X^\top\left((a-y)\odot(\mathbf 1-a\odot a)\right)", "proved"),
        ("tanh_mse", r"\nabla E=\frac2N X^\top(a-y)\odot(1-a\odot a)", "proved"),
        ("tanh_mse", r"\nabla E=\frac2N X\left((a-y)\odot(\mathbf 1-a\odot a)\right)", "refuted"),
        (
            "shared_weight_cnn",
            r"\frac{\partial J}{\partial q_1}=\frac{\partial J}{\partial h_1}\mathbb 1[q_1>0]",
            "proved",
        ),
        (
            "shared_weight_cnn",
            r"\frac{\partial J}{\partial q_1}=\frac{\partial J}{\partial h_1}\mathbb 1[q_1<0]",
            "refuted",
        ),
        ("conv_jacobian_2d", r"\frac{\partial y_{122}}{\partial x_{133}}=w_{22}^{11}", "proved"),
        ("conv_jacobian_2d", r"\frac{\partial y_{111}}{\partial x_{133}}=w_{22}^{11}", "refuted"),
    ],
)
def test_in_their_places(problem: str, text: str, verdict: str) -> None:
    assert check(problem, text).verdict == verdict


@pytest.mark.parametrize(
    ("problem", "text", "left", "right"),
    [
        ("mlp_backward", r"\delta_l=A_{l+1}\delta_{l+1}\odot\sigma'(\tilde y_l)", "n_{l+1}×n_l", "n_{l+1}"),
        ("mlp_backward", r"\frac{\partial f}{\partial A_l}=\frac{\partial f}{\partial\tilde y_l}y_l^\top",
         "n_l×n_{l-1}", "n_l×n_l"),
        ("tanh_network_backprop", r"s^{(1)} = W^{(1)}x^{(0)}", "2×n", "2"),
        ("tanh_mse", r"\mathbf z=X^\top\mathbf w", "D×N", "D"),
    ],
)  # fmt: skip
def test_shapes_that_do_not_fit_refute_and_are_told(problem: str, text: str, left: str, right: str) -> None:
    found = check(problem, text)
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert (found.counterexample.left, found.counterexample.right) == (left, right)
    assert len(set(found.counterexample.sizes.values())) == len(found.counterexample.sizes)


@pytest.mark.parametrize(
    "text", [r"\mathbf 1_i^Tx=0", r"\mathbf 1_{\foo}^Tx=0", r"I^{" + "I^{" * 200 + "}" * 201, r"y=\hat x(11^T1-y)"]
)
def test_hostile_units_are_not_read(text: str) -> None:
    found = check("bn_backward", text)
    assert found.verdict == "unreadable"
    assert found.error is not None
    assert 0 <= found.error.position <= len(text)


@pytest.mark.parametrize(
    ("problem", "text", "verdict"),
    [
        ("tanh_mse", r"\nabla E=\frac2N X^\top D(a-y),\ D=\operatorname{diag}(1-a\odot a)", "proved"),
        ("tanh_mse", r"\nabla E=\frac2N X^\top D(a-y),\ D=\operatorname{diag}(1-a)", "refuted"),
        ("tanh_mse", r"(\nabla E)^\top=\frac2N((a-y)\odot(1-a\odot a))^\top X", "proved"),
        ("tanh_mse", r"\frac{\partial E}{\partial\mathbf w}=\frac{\partial E}{\partial\mathbf z}X", "proved"),
        ("tanh_mse", "z = X^Tw", "refuted"),
        ("rms_norm", r"y=\frac{\gamma}{\sqrt{r+\epsilon}}x", "proved"),
        ("rms_norm", r"y=\frac{\gamma}{\sqrt{r-\epsilon}}\odot x", "refuted"),
        (
            "layer_norm",
            r"\frac{\partial f}{\partial\hat X}=\frac{\partial f}{\partial Y}\operatorname{diag}(\gamma)",
            "proved",
        ),
        (
            "layer_norm",
            r"\frac{\partial f}{\partial\hat X}=\operatorname{diag}(\gamma)\frac{\partial f}{\partial Y}",
            "refuted",
        ),
        ("tanh_network_backprop", r"x^1=\tanh(s^1)", "undecided"),  # but for the 1 in front
        ("tanh_network_backprop", r"\delta^2=(1-x^2\odot x^2)\odot W^3\delta^3", "undecided"),
        ("bn_backward", r"\frac{\partial f}{\partial\gamma}=\frac{\partial f}{\partial y}\hat x^\top", "depends"),
        ("bn_backward", r"\frac{\partial f}{\partial\beta}=\frac{\partial f}{\partial y}\hat x^\top", "refuted"),
        ("bn_backward", r"H=I-\frac1m\mathbf 1\mathbf 1^\top,\ x-\mu\mathbf 1=Hx", "proved"),
        ("bn_backward", r"H=I-\mathbf 1\mathbf 1^\top,\ x-\mu\mathbf 1=Hx", "refuted"),
        ("conv_jacobian", r"B=A^{-1}", "refuted"),
    ],
)
def test_layouts(problem: str, text: str, verdict: str) -> None:
    assert check(problem, text).verdict == verdict
