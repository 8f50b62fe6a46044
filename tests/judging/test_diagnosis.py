r"""What is said of false statements: the kind of slip, and a repair that is proved."""

from __future__ import annotations

import pytest

from derive.checking import check

GRADIENT = (
    r"\frac{\partial f}{\partial x_i} = \frac{\gamma}{m\sqrt{\sigma^2+\epsilon}}\left(m\frac{\partial f}{\partial y_i}"
    r" - \sum_{j=1}^m\frac{\partial f}{\partial y_j}"
    r" - \hat x_i\sum_{j=1}^m\frac{\partial f}{\partial y_j}\hat x_j\right)"
)
DF = r"\frac{\partial f}"

SLIPS = [
    ("bn_backward", GRADIENT.replace(r"- \hat x_i", r"+ \hat x_i"), "sign"),
    ("bn_backward", GRADIENT.replace(r"\frac{\gamma}{m", r"\frac{1}{m"), "misconception"),
    ("bn_backward", GRADIENT.replace(r"{\gamma}{m\sqrt", r"{\gamma}{\sqrt"), "factor"),
    ("bn_backward", GRADIENT.replace(r"\sqrt{\sigma^2+\epsilon}", r"(\sigma^2+\epsilon)"), "exponent"),
    ("bn_backward", rf"{DF}{{\partial\beta}} = {DF}{{\partial y_i}}", "missing sum"),
    ("bn_backward", rf"{DF}{{\partial\gamma}} = \sum_{{i=2}}^m {DF}{{\partial y_i}}\hat x_i", "bound"),
    ("bn_backward", r"\sigma^2 = \frac1m\sum_i (x_i - \mu)", "exponent"),
    ("bn_backward", r"\hat x_i = \frac{x_i + \mu}{\sqrt{\sigma^2+\epsilon}}", "sign"),
    (
        "layer_norm",
        r"\frac{\partial f}{\partial\gamma_c} = \sum_c \frac{\partial f}{\partial y_{nc}}\hat x_{nc}",
        "index",
    ),
    ("conv_jacobian", r"\frac{\partial y_{21}}{\partial x_{12}} = w_1^{11}", "index"),
    ("conv_jacobian", r"A_{1,:} = (w_1^{11}, w_3^{11}, w_2^{11}, 0, w_1^{21}, w_2^{21}, w_3^{21}, 0)", "index"),
    ("shared_weight_cnn", r"\frac{\partial J}{\partial w_1} = \frac{\partial J}{\partial q_1}x_1", "missing term"),
    ("shared_weight_cnn", r"\frac{\partial J}{\partial z_2} = y_2 - 1", "extra term"),
    ("tanh_mse", r"\frac{\partial E}{\partial w_c} = \frac1N\sum_n (a_n-y_n)(1-a_n^2)x_{nc}", "factor"),
    ("softmax_cross_entropy", r"\frac{\partial p_i}{\partial z_j} = \delta_{ij}p_i(1-p_i)", "misconception"),
    (
        "bn_backward",
        rf"{DF}{{\partial\mu}} = -\frac{{1}}{{\sqrt{{\sigma^2+\epsilon}}}}\sum_i {DF}{{\partial y_i}}",
        "factor",
    ),
    ("bn_backward", rf"\sum_i {DF}{{\partial x_i}} = \sum_i {DF}{{\partial y_i}}", "value"),
    (
        "bn_backward",
        rf"{DF}{{\partial x_i}} = \frac{{\gamma}}{{\sqrt{{\sigma^2+\epsilon}}}}{DF}{{\partial y_i}}",
        "missing term",
    ),
    ("rms_norm", rf"{DF}{{\partial \gamma_c}}=\sum_n{DF}{{\partial y_{{nc}}}} x_{{nc}}", "name"),
    ("layer_norm", r"\mu_n = \frac1N\sum_c x_{nc}", "name"),
    ("layer_norm", "dgamma = np.sum(dy * xhat, axis=1)", "index"),
    ("tanh_network_backprop", "dW1 = np.outer(delta1, x0)", "transposed"),
    ("softmax_cross_entropy", r"p_k=\frac{e^{z_k}}{\sum_j z_j}", "function"),
    ("softmax_cross_entropy", r"\log p_k=z_k-\sum_j z_j", "function"),
    ("softmax_cross_entropy", r"\frac{\partial p_k}{\partial z_j}=p_k(1-p_j)", "condition"),
    (
        "softmax_cross_entropy",
        r"\frac{\partial\mathbf p}{\partial\mathbf z}=\mathrm{diag}(\mathbf p)-\mathbf p^\top\mathbf p",
        "order of a product",
    ),
    ("bn_update_rule", r"\frac{\partial E}{\partial\beta_j} = \sum_i (y_j^{(i)}-d_j^{(i)}) w_j (h_j^{(i)})^2", "prime"),
    ("bn_update_rule", r"\frac{\partial E}{\partial\beta_j} = \sum_i (y_j^{(i)}-d_j^{(i)}) w_j h_j^{(i)}", "prime"),
    ("mlp_backward", r"\frac{\partial f}{\partial\tilde y_L}=(y_L-Y)\odot\sigma'(\tilde y_L)", "prime"),
    ("conv_jacobian", r"\frac{\partial y_{11}}{\partial x_{22}}=w_2^{12}", "index"),
    ("conv_jacobian_2d", r"y_{1tu}=\sum_{k=1}^2\sum_{r=1}^2w_{kr}^{11}x_{1,t+r-1,u+k-1}", "index"),
    ("momentum_forms", r"\theta^{k+1}=\theta^k-\alpha g^k-\beta(\theta^k-\theta^{k-1})", "sign"),
    ("momentum_forms", r"v^{k+1}=\beta g^k+ v^k", "factor"),
    ("shared_weight_cnn", r"\frac{\partial J}{\partial y_2}=-\frac1{y_2}", "value"),
    ("bn_forward", r"\mu_1 = 31", "digits transposed"),
    ("bn_forward", r"\mu_1 = -13", "sign"),
    ("bn_forward", r"\mu_1 = 52", "factor"),
    ("bn_forward", r"\mu_1 = 14", "off by one"),
]


@pytest.mark.parametrize(("problem", "text", "kind"), SLIPS, ids=[f"{k}: {t[:40]}" for _, t, k in SLIPS])
def test_the_slip_is_named(problem: str, text: str, kind: str) -> None:
    found = check(problem, text)
    assert found.verdict == "refuted", found
    assert kind in [one.kind for one in found.diagnosis], found.diagnosis


@pytest.mark.parametrize(("problem", "text", "kind"), SLIPS, ids=[f"{k}: {t[:40]}" for _, t, k in SLIPS])
def test_a_repaired_equation_is_proved(problem: str, text: str, kind: str) -> None:
    for one in check(problem, text).diagnosis:
        if "=" in one.repair:
            assert check(problem, one.repair).verdict == "proved", one


def test_a_true_statement_has_none() -> None:
    assert check("bn_backward", GRADIENT).diagnosis == ()
