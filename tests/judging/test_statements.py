r"""Statements about every problem: the verdict on each, and what it rests on."""

from __future__ import annotations

from typing import Any

import pytest

from derive.checking import check

STATEMENTS: dict[str, list[tuple[str, str]]] = {
    "bn_forward": [
        (r"\sigma^2 = \frac{1}{m-1}\sum_i (z_i-\mu)^2", "refuted"),
        (r"\mu_1 = 13, \mu_2 = 6", "refuted"),
        (r"\hat z = z - \mu", "refuted"),
        (r"\tilde z_i = \gamma(\hat z_i+\beta)", "refuted"),
        (r"\mu = 6", "refuted"),
        (r"\sigma^2 = 5", "refuted"),
        (r"\mu = \frac14(12+14+14+12) = 5", "refuted"),
        (r"\hat z_i = (1,-1,-1,1)", "refuted"),
        (r"M' = 0.9 M + 0.1\mu", "refuted"),
        (r"\hat{Z} = \begin{bmatrix} -1 & 1 & 1 & -1\\ -1&1&1&-1\\ -1&1&1&-1\end{bmatrix}", "proved"),
        (r"\mu = \begin{bmatrix}13\\5\\0\end{bmatrix}, \sigma^2 = \begin{bmatrix}1\\25\\25\end{bmatrix}", "proved"),
        (r"\mu_1 = 13, \mu_2 = 5, \mu_3 = 0", "proved"),
        (r"\hat z^{(i)} = \frac{z^{(i)}-\mu}{\sqrt{\sigma^2+\epsilon}}", "proved"),
        (r"\tilde{Z}_{2,:} = 1\cdot\hat Z_{2,:} - 10 = (-11,-9,-9,-11)", "proved"),
    ],
    "conv_jacobian": [
        (r"A = B", "refuted"),
        (r"\tilde Y = B\tilde X", "refuted"),
        (r"\tilde X = A^T \tilde Y", "refuted"),
        (r"\frac{\partial L}{\partial x_{12}} = \frac{\partial L}{\partial y_{11}}w_2^{11}", "refuted"),
        (r"y_{13} = w_1^{11}x_{13}", "undecided"),
        (
            (
                r"y_{1,1} = w_1^{1,1}x_{1,1} + w_2^{1,1}x_{1,2} + w_3^{1,1}x_{1,3} + w_1^{2,1}x_{2,1} +"
                r" w_2^{2,1}x_{2,2} + w_3^{2,1}x_{2,3}"
            ),
            "proved",
        ),
        (
            (
                r"\frac{\partial L}{\partial x_{12}} = \sum_{j,t}\frac{\partial L}{\partial"
                r" y_{jt}}\frac{\partial y_{jt}}{\partial x_{12}}"
            ),
            "proved",
        ),
        (
            (
                r"A = \begin{bmatrix} w_1^{11} & w_2^{11} & w_3^{11} & 0 & w_1^{21} & w_2^{21} & w_3^{21} & 0"
                r"\\ 0 & w_1^{11} & w_2^{11} & w_3^{11} & 0 & w_1^{21} & w_2^{21} & w_3^{21}\\ w_1^{12} &"
                r" w_2^{12} & w_3^{12} & 0 & w_1^{22} & w_2^{22} & w_3^{22} & 0\\ 0 & w_1^{12} & w_2^{12} &"
                r" w_3^{12} & 0 & w_1^{22} & w_2^{22} & w_3^{22}\end{bmatrix}"
            ),
            "proved",
        ),
        (r"\tilde Y = A\tilde X", "proved"),
        (r"\frac{\partial L}{\partial \tilde X} = A^T \frac{\partial L}{\partial\tilde Y}", "proved"),
    ],
    "momentum_forms": [
        (r"\theta^{k+1} = \theta^k - \alpha v^{k}", "refuted"),
        (r"v^k = \sum_{j=0}^{k-1}\beta^{k-1-j}g^j", "proved"),
        (r"\psi^{k} = \theta^k", "refuted"),
        (r"\theta^{1} = \theta^0 - \alpha g^0", "proved"),
        (r"v^{1} = g^0", "proved"),
        (r"\phi^2 = \phi^1 - \alpha g^1 - \alpha\beta g^0", "proved"),
        (r"\theta^{k} - \theta^{k-1} = -\alpha v^k", "proved"),
        (r"v^{n+1} = \frac{1}{\alpha}(\theta^n-\theta^{n+1})", "proved"),
        (r"\theta^{k+1} = \theta^k - \alpha v^{k+1}", "proved"),
        (r"\theta^{k+1} = \theta^k - \alpha g^k - \alpha\beta v^{k}", "proved"),
        (r"\theta^{k+1} = \theta^k - \alpha g^k - \beta^2 v^{k}", "refuted"),
        (r"\phi^{k+1} = \phi^k - \alpha g^k + \beta(\phi^k-\phi^{k-1})", "proved"),
        (r"\theta^k=\phi^k", "proved"),
    ],
    "softmax_cross_entropy": [
        (r"\frac{\partial L}{\partial z_k} = t_k - p_k", "refuted"),
        (r"\frac{\partial L}{\partial z_k} = p_k", "refuted"),
        (r"\frac{\partial p_i}{\partial z_j} = p_i(1-p_j)", "refuted"),
        (r"\sum_k p_k = K", "refuted"),
        (r"\frac{\partial p_i}{\partial z_j} = -p_i p_j \text{ for } i \neq j", "proved"),
        (r"\frac{\partial p_i}{\partial z_i} = p_i(1-p_i)", "proved"),
        (
            (
                r"\frac{\partial L}{\partial z_i} = \sum_k \frac{\partial L}{\partial p_k}\frac{\partial"
                r" p_k}{\partial z_i}"
            ),
            "proved",
        ),
        (
            (
                r"\frac{\partial L}{\partial z_i} = -\sum_k t_k \frac{1}{p_k}\frac{\partial p_k}{\partial z_i} ="
                r" p_i\sum_k t_k - t_i"
            ),
            "proved",
        ),
        (r"L = -\sum_{k=1}^K t_k z_k + \left(\sum_k t_k\right)\log\sum_{j=1}^K e^{z_j}", "proved"),
        (r"\nabla_z L = p - t", "proved"),
        (r"\frac{\partial L}{\partial z} = p - t", "proved"),
        (r"J = \mathrm{diag}(p) - pp^\top", "unreadable"),
        (r"\frac{\partial L}{\partial z_k} = p_k - t_k", "proved"),
        (r"\frac{\partial p_i}{\partial z_j} = p_i(\delta_{ij} - p_j)", "proved"),
        (
            (
                r"\frac{\partial p_i}{\partial z_j} = \begin{cases} p_i(1-p_i) & i=j \\ -p_i p_j & i \neq"
                r" j\end{cases}"
            ),
            "proved",
        ),
        (r"\frac{\partial L}{\partial p_k} = -\frac{t_k}{p_k}", "proved"),
        (r"p_k = \frac{e^{z_k}}{\sum_{j=1}^K e^{z_j}}", "proved"),
        (r"p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}, \quad L = -\sum_k t_k \log p_k", "proved"),
        (r"\frac{\partial p}{\partial z} = \operatorname{diag}(p) - p p^T", "proved"),
    ],
    "tanh_mse": [
        (r"\nabla E(w) = \frac{2}{N}\sum_{n=1}^N (\tanh(w^Tx_n)-y_n)\,\mathrm{sech}^2(w^T x_n)x_n", "unreadable"),
        (r"\tanh(z_n) = \frac{e^{z_n}-e^{-z_n}}{e^{z_n}+e^{-z_n}}", "proved"),
        (r"\frac{\partial E}{\partial w} = \frac2N\sum_n(a_n - y_n)(1-a_n^2)x_n", "proved"),
        (r"\nabla E(w)=\frac{2}{N}\sum_{n=1}^N (\tanh(w^T x_n)-y_n)(1-\tanh^2(w^Tx_n))x_n", "proved"),
        (r"\nabla E(w)=\frac{1}{N}\sum_{n=1}^N (\tanh(w^T x_n)-y_n)(1-\tanh^2(w^Tx_n))x_n", "refuted"),
        (r"E(w) = \frac1N \sum_n (\tanh(w^\top x_n) - y_n)^2", "proved"),
        (r"\frac{\partial E}{\partial w_c} = \frac{2}{N}\sum_n (a_n-y_n)(1-a_n^2)x_{nc}", "proved"),
    ],
    "shared_weight_cnn": [
        (r"q_1 = w_1 x_1 + w_2 x_2", "proved"),
        (r"q_2 = w_1 x_2 + w_2 x_3 = 0.5", "proved"),
        (r"z_1 = w_3 h_1 + w_4 h_2 = 2", "proved"),
        (r"y_1 = \frac{e^{z_1}}{e^{z_1}+e^{z_2}} = 0.5", "proved"),
        (r"\frac{\partial J}{\partial y_1} = -\frac{1}{y_1} = -2", "proved"),
        (r"\frac{\partial J}{\partial y_2} = 0", "proved"),
        (r"J = -\log y_1 = 0.693", "proved"),
        (r"J = -\log y_1 = 0.6931", "proved"),
        (r"J = 0.301", "refuted"),
        (r"\frac{\partial J}{\partial z_1} = y_1 - 1 = -0.5", "proved"),
        (
            (
                r"\frac{\partial J}{\partial z_1} = \frac{\partial J}{\partial y_1}\frac{\partial y_1}{\partial"
                r" z_1} + \frac{\partial J}{\partial y_2}\frac{\partial y_2}{\partial z_1}"
            ),
            "proved",
        ),
        (
            (
                r"\frac{\partial J}{\partial w_1} = \frac{\partial J}{\partial q_1}x_1 + \frac{\partial"
                r" J}{\partial q_2}x_2"
            ),
            "proved",
        ),
        (r"\frac{\partial J}{\partial w_1} = \frac{\partial J}{\partial q_1}x_1", "refuted"),
        (r"\Delta w_1 = \eta \frac{\partial J}{\partial w_1}", "unreadable"),
        (r"\frac{\partial J}{\partial q} = (0, 0)", "proved"),
    ],
    "tanh_network_backprop": [
        (r"\frac{\partial e}{\partial W^{(1)}} = (\delta^{(1)})^T x^{(0)}", "unreadable"),
        (r"s^{(1)} = W^{(1)}x^{(0)}", "refuted"),
        (r"\delta^{(2)} = 1.35", "refuted"),
        (r"x^{(2)} = (1, 0.90)", "refuted"),
        (r"\delta^{(1)} = (-0.86, 1.71)", "proved"),
        (r"\delta^{(1)} = (-0.86, 1.70)", "proved"),
        (r"e = 3.2", "proved"),
        (r"e = 3.25", "proved"),
        (r"s^{(1)} = (W^{(1)})^T x^{(0)} = \begin{bmatrix}0.7\\1\end{bmatrix}", "proved"),
        (
            (
                r"x^{(1)} = \begin{bmatrix}1\\ \tanh(0.7) \\ \tanh(1)\end{bmatrix} ="
                r" \begin{bmatrix}1\\0.604\\0.762\end{bmatrix}"
            ),
            "proved",
        ),
        (r"s^{(2)} = [-1.48]", "proved"),
        (r"x^{(2)} = \begin{bmatrix}1\\-0.90\end{bmatrix}", "proved"),
        (r"s^{(3)} = -0.8", "proved"),
        (r"\delta^{(2)} = -1.35", "proved"),
        (r"\delta^{(1)} = (1-(x^{(1)})^2)\otimes W^{(2)}\delta^{(2)}", "unreadable"),
        (r"\frac{\partial e}{\partial W^{(1)}} = x^{(0)}(\delta^{(1)})^T", "proved"),
        (r"\frac{\partial e}{\partial W^{(1)}} = \begin{bmatrix}-0.86 & 1.70\\ -1.71 & 3.40\end{bmatrix}", "proved"),
        (r"\frac{\partial e}{\partial W^{(2)}} = [-1.35, -0.82, -1.03]^T", "proved"),
        (r"e = (x^{(3)} - y)^2 = (-0.8-1)^2 = 3.24", "proved"),
        (r"s^{(1)} = \begin{pmatrix} 0.7 \\ 1\end{pmatrix}", "proved"),
        (r"x^{1} = (1, 0.60, 0.76)^T", "proved"),
        (r"s^{2} = 0.2 + 0.6 - 3\cdot 0.76 = -1.48", "proved"),
        (r"s^2 = (W^2)^T x^1 = -1.48", "proved"),
        (r"x^2 = (1, -0.90)^T, x^3 = 1 - 2\cdot 0.9 = -0.8", "proved"),
        (r"\delta^{(3)} = 2(x^3 - 1) = -3.6", "proved"),
        (r"\delta^{(3)} = 2(x^3 - y)", "proved"),
        (r"\delta^{(2)} = (1-0.9^2)\cdot 2 \cdot (-3.6) = -1.368", "proved"),
        (r"\frac{\partial e}{\partial W^3} = x^2 \delta^3", "proved"),
        (r"x^3 = -0.9", "refuted"),
    ],
    "bn_update_rule": [
        (
            (
                r"\frac{\partial E}{\partial \gamma_j} = \sum_{i=1}^N (y_j(i) - d_j(i)) w_j h_j(i)(1-h_j(i))"
                r" \hat x_j(i)"
            ),
            "proved",
        ),
        (
            (
                r"\frac{\partial E}{\partial \beta_j} = \sum_{i} (y_j^{(i)} - d_j^{(i)}) w_j"
                r" h_j^{(i)}(1-h_j^{(i)})"
            ),
            "proved",
        ),
        (r"\frac{\partial E}{\partial \beta_j} = \sum_{i} (y_j^{(i)} - d_j^{(i)}) w_j h_j^{(i)}", "refuted"),
    ],
    "layer_norm": [
        (r"\frac{\partial f}{\partial \gamma_c} = \sum_n \frac{\partial f}{\partial y_{nc}}\hat x_{nc}", "proved"),
        (r"\mu_n = \frac{1}{C}\sum_{c=1}^C x_{nc}", "proved"),
        (r"\frac{\partial f}{\partial \gamma_c} = \sum_c \frac{\partial f}{\partial y_{nc}}\hat x_{nc}", "refuted"),
    ],
    "bn_backward": [
        (r"\frac{\partial f}{\partial \gamma} = \sum_{i=1}^m \frac{\partial f}{\partial y_i} x_i", "refuted"),
        (
            r"\frac{\partial f}{\partial \gamma} = \frac1m\sum_{i=1}^m \frac{\partial f}{\partial y_i}\hat x_i",
            "refuted",
        ),
        (r"\frac{\partial f}{\partial \sigma} = 0", "unreadable"),
        (r"\frac{\partial f}{\partial \mu} = 0", "refuted"),
        (
            r"\frac{\partial f}{\partial \mu} = -\frac{\gamma}{\sigma}\sum_i \frac{\partial f}{\partial y_i}",
            "depends",
        ),
        (r"\frac{\partial \sigma^2}{\partial x_i} = \frac{2}{m}(x_i - \mu)(1-\frac1m)", "refuted"),
        (r"\frac{\partial \hat x_i}{\partial x_j} = \frac{1}{\sqrt{\sigma^2+\epsilon}}", "refuted"),
        (
            (
                r"\frac{\partial f}{\partial x_i} = "
                r"\frac{\partial f}{\partial \hat x_i}\frac{\partial\hat x_i}{\partial x_i}"
            ),
            "refuted",
        ),
        (
            (
                r"\frac{\partial f}{\partial x_i} = \sum_j"
                r"\frac{\partial f}{\partial \hat x_j}\frac{\partial\hat x_j}{\partial x_i}"
            ),
            "depends",
        ),
        (r"\frac{df}{dx_i} = \sum_j \frac{df}{dy_j}\frac{dy_j}{dx_i}", "proved"),
        (r"\hat x_i^2 = 1", "refuted"),
        (r"\sum_i \hat x_i^2 = m", "depends"),
        (r"\frac{\partial f}{\partial\beta} = m\frac{\partial f}{\partial y_i}", "refuted"),
        (r"\frac{\partial f}{\partial\beta} = \sum_{i=1}^{m-1}\frac{\partial f}{\partial y_i}", "refuted"),
        (r"\frac{\partial f}{\partial\beta} = \sum_{j}\frac{\partial f}{\partial y_i}", "refuted"),
        (r"\frac{\partial f}{\partial\beta} = 0", "refuted"),
        (r"\frac{\partial f}{\partial \hat{x}_i} = \frac{\partial f}{\partial y_i} \cdot \gamma", "proved"),
        (
            (
                r"\frac{\partial \ell}{\partial \gamma} = \sum_{i=1}^{m} \frac{\partial \ell}{\partial y_i}"
                r" \cdot \hat{x}_i"
            ),
            "proved",
        ),
        (
            (
                r"\frac{\partial f}{\partial \sigma^2} = -\frac{1}{2}\sum_{i=1}^m \frac{\partial f}{\partial\hat"
                r" x_i}(x_i-\mu)(\sigma^2+\epsilon)^{-3/2}"
            ),
            "proved",
        ),
        (
            (
                r"\frac{\partial f}{\partial \mu} = \left(\sum_{i=1}^m \frac{\partial f}{\partial \hat"
                r" x_i}\frac{-1}{\sqrt{\sigma^2+\epsilon}}\right) + \frac{\partial"
                r" f}{\partial\sigma^2}\cdot\frac{\sum_{i=1}^m -2(x_i-\mu)}{m}"
            ),
            "proved",
        ),
        (
            (
                r"\frac{\partial f}{\partial x_i} = \frac{1}{m\sqrt{\sigma^2+\epsilon}}\left[m\frac{\partial"
                r" f}{\partial\hat x_i} - \sum_{j=1}^m\frac{\partial f}{\partial\hat x_j} - \hat"
                r" x_i\sum_{j=1}^m\frac{\partial f}{\partial\hat x_j}\hat x_j\right]"
            ),
            "proved",
        ),
        (
            (
                r"\frac{\partial f}{\partial x_i} = \frac{\gamma(\sigma^2+\epsilon)^{-1/2}}{m}\Big[m\frac"
                r"{\partial f}{\partial y_i}-\sum_{k=1}^m\frac{\partial f}{\partial"
                r" y_k}-(\sigma^2+\epsilon)^{-1}(x_i-\mu)\sum_{k=1}^m\frac{\partial f}{\partial"
                r" y_k}(x_k-\mu)\Big]"
            ),
            "proved",
        ),
        (r"\sum_{i=1}^m (x_i-\mu) = \sum_{i=1}^m x_i - m\mu = m\mu - m\mu = 0", "proved"),
        (
            (
                r"\frac{\partial y_i}{\partial x_j} = \frac{\gamma}{\sqrt{\sigma^2+\epsilon}}\left(\delta_{ij} -"
                r" \frac{1}{m} - \frac{\hat x_i\hat x_j}{m}\right)"
            ),
            "proved",
        ),
        (r"\frac{\partial \mu}{\partial x_i} = \frac1m", "proved"),
        (
            (
                r"\frac{\partial \mu}{\partial x_i} = \frac{1}{m}, \quad \frac{\partial \sigma^2}{\partial x_i}"
                r" = \frac{2(x_i-\mu)}{m}"
            ),
            "proved",
        ),
        (r"\sum_i \frac{\partial f}{\partial x_i} = 0", "proved"),
        (
            (
                r"\frac{\partial f}{\partial x_i}=\frac{\gamma}{m\sqrt{\sigma^2+\epsilon}}\left(m\frac{\partial"
                r" f}{\partial y_i}-\sum_{j=1}^m\frac{\partial f}{\partial"
                r" y_j}-\hat{x}_i\sum_{j=1}^m\frac{\partial f}{\partial y_j}\hat{x}_j\right)"
            ),
            "proved",
        ),
        (
            (
                r"\frac{\partial f}{\partial x_i}=\frac{\gamma}{m\sqrt{\sigma^2+\epsilon}}\left(m\frac{\partial"
                r" f}{\partial y_i}-\sum_{j=1}^m\frac{\partial f}{\partial"
                r" y_j}+\hat{x}_i\sum_{j=1}^m\frac{\partial f}{\partial y_j}\hat{x}_j\right)"
            ),
            "refuted",
        ),
        (r"\sigma^2 = \frac1m\sum_i x_i^2 - \mu^2", "proved"),
        (r"\sigma^2 = \frac1{m-1}\sum_i (x_i - \mu)^2", "refuted"),
    ],
}

ROWS = [(problem, text, verdict) for problem, rows in STATEMENTS.items() for text, verdict in rows]


@pytest.mark.parametrize(("problem", "text", "verdict"), ROWS, ids=[f"{p}: {t[:50]}" for p, t, _ in ROWS])
def test_verdict(problem: str, text: str, verdict: str) -> None:
    found = check(problem, text)
    assert found.verdict == verdict, found


PARTS: list[tuple[str, str, str, str]] = [
    ("bn_backward", "x", r"\frac{\gamma}{\sqrt{\sigma^2+\epsilon}}\frac{\partial f}{\partial y_i}", "refuted"),
    ("bn_backward", "beta", r"\sum_i \frac{\partial f}{\partial y_i}", "proved"),
    ("bn_backward", "beta", "sum(dy[i], i)", "proved"),
    ("softmax_cross_entropy", "gradient", "p_k - t_k", "proved"),
    ("softmax_cross_entropy", "general", "p_k - t_k", "refuted"),
]


@pytest.mark.parametrize(("problem", "part", "text", "verdict"), PARTS)
def test_a_bare_expression_answers_a_part(problem: str, part: str, text: str, verdict: str) -> None:
    assert check(problem, text, part=part).verdict == verdict


def test_a_bare_expression_needs_a_part() -> None:
    found = check("bn_backward", r"\gamma")
    assert found.verdict == "unreadable"
    assert found.error is not None
    assert "which part" in found.error.message


GIVEN: dict[str, Any] = {"Z": [[12, 14, 14, 12], [0, 10, 10, 0], [-5, 5, 5, -5]], "eps": 0, "gamma": [1, 1, 1]}


@pytest.mark.parametrize(
    ("text", "verdict", "said"),
    [
        (r"\mu = \frac14(12+14+14+12) = 13", "proved", "for j = 1"),
        (r"\mu_1 = 13", "proved", ""),
        (r"\mu_1 = 14", "refuted", ""),
        (r"\mu_j = 13", "depends", "for j = 1"),
        (r"\mu = 14", "refuted", ""),
        (r"\hat z_i = (-1, 1, 1, -1)", "proved", ""),
        (r"\hat Z = \begin{pmatrix}-1&1&1&-1\\-1&1&1&-1\\-1&1&1&-1\end{pmatrix}", "proved", ""),
        (r"\hat Z = \begin{pmatrix}-1&1&1&-1\\-1&1&1&-1\\-1&1&-1&-1\end{pmatrix}", "refuted", ""),
        (r"\hat Z_{1,:} = (-1, 1, 1)", "refuted", ""),
        (r"\sigma^2 = (1, 25, 25)", "proved", ""),
    ],
)
def test_numbers_of_an_instance(text: str, verdict: str, said: str) -> None:
    found = check("bn_forward", text, given=GIVEN)
    assert found.verdict == verdict, found
    assert said in f"{found.reading} {found.convention}"


def test_what_is_zero_may_be_left_out_where_it_is_given() -> None:
    text = r"\hat z_{ji} = \frac{z_{ji} - \mu_j}{\sqrt{\sigma_j^2}}"
    assert check("bn_forward", text, given=GIVEN).verdict == "proved"
    assert "eps = 0" in check("bn_forward", text, given=GIVEN).scope
    assert check("bn_forward", text).verdict == "depends"
    misplaced = r"\hat z_{ji} = \frac{z_{ji} - \mu_j}{\sqrt{\sigma_j^2} + \epsilon}"
    assert check("bn_forward", misplaced, given=GIVEN).verdict == "refuted"


def test_given_numbers_may_be_put_in() -> None:
    text = r"M' = 0.9 M + 0.1\mu"
    assert check("bn_forward", text, given={**GIVEN, "rho": "1/10"}).verdict == "depends"
    assert check(
        "bn_forward", r"\hat z_{ji} = \frac{z_{ji}-\mu_j}{\sqrt{\sigma_j^2+3\epsilon}}", given=GIVEN
    ).verdict == ("refuted")


def test_each_link_of_a_chain_is_judged() -> None:
    found = check("shared_weight_cnn", r"q_2 = w_1 x_2 + w_2 x_3 = 0.5 = 0.6")
    assert found.verdict == "refuted"
    assert found.link == "0.5 = 0.6"


def test_readings_are_told() -> None:
    edge = check(
        "bn_backward", r"\frac{\partial \hat x_i}{\partial \sigma^2} = -\frac{x_i-\mu}{2(\sigma^2+\epsilon)^{3/2}}"
    )
    assert edge.verdict == "proved"
    assert "one edge" in edge.reading
    summed = check("bn_backward", r"\frac{\partial f}{\partial\gamma} = \frac{\partial f}{\partial y_i}\hat x_i")
    assert (summed.verdict, summed.convention) == ("depends", "indices that stand twice in a term are summed over")
    total = check("bn_backward", r"\frac{\partial y_i}{\partial \mu} = 0")
    assert total.verdict in ("refuted", "depends")


def test_a_counterexample_is_small() -> None:
    found = check("bn_backward", r"\sum_i \hat x_i = m")
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.sizes["m"] <= 2
    assert found.counterexample.left != found.counterexample.right


def test_the_same_input_gives_the_same_output() -> None:
    text = r"\frac{\partial f}{\partial\gamma} = \sum_i \frac{\partial f}{\partial y_i}"
    assert check("bn_backward", text).as_json() == check("bn_backward", text).as_json()


def test_a_slash_may_be_read_in_two_ways() -> None:
    gradient = (
        r"\frac{\partial f}{\partial x_i}=\gamma/m\sqrt{\sigma^2+\epsilon}\left(m\frac{\partial f}{\partial y_i}"
        r"-\sum_{j=1}^m\frac{\partial f}{\partial y_j}"
        r"-\hat{x}_i\sum_{j=1}^m\frac{\partial f}{\partial y_j}\hat{x}_j\right)"
    )
    found = check("bn_backward", gradient)
    assert (found.verdict, found.convention) == ("depends", "a/bc is read as a/(bc)")
    assert check("bn_backward", r"\mu = 1/m \sum_i x_i").verdict == "proved"


def test_a_term_is_what_a_path_contributes() -> None:
    term = r"\text{term 2: }\frac{2}{m}(x_i-\mu)\frac{\partial f}{\partial\sigma^2}"
    assert check("bn_backward", term, part="x").verdict == "proved"
    wrong = (
        r"\text{term 2: }-\frac{\gamma}{m}\frac{\partial f}{\partial y_i}\frac{(x_i-\mu)^2}{(\sigma^2+\epsilon)^{3/2}}"
    )
    found = check("bn_backward", wrong, part="x")
    assert found.verdict == "refuted"
    assert [one.kind for one in found.diagnosis] == ["missing sum"]


@pytest.mark.parametrize(
    ("text", "verdict", "scope"),
    [
        (r"\frac{\partial L}{\partial z_k} = p_k - t_k", "proved", "all sizes, where sum(t[k], k) = 1"),
        (r"\frac{\partial L}{\partial z_k} = p_k\sum_j t_j - t_k", "proved", "all sizes"),
        (r"\frac{\partial L}{\partial z_k} = t_k - p_k", "refuted", "all sizes"),
        (r"L = \log\sum_j e^{z_j} - \sum_k t_k z_k", "proved", "all sizes, where sum(t[k], k) = 1"),
        (r"L = \log\sum_j e^{z_j} + \sum_k t_k z_k", "refuted", "all sizes"),
    ],
)
def test_what_a_question_takes_as_given_is_told_in_the_scope(text: str, verdict: str, scope: str) -> None:
    found = check("softmax_cross_entropy", text)
    assert (found.verdict, found.scope, found.convention) == (verdict, scope, "")


@pytest.mark.parametrize(("given", "verdict"), [(None, "proved"), ([1, 0, 0], "proved"), ([1, 0, 1], "refuted")])
@pytest.mark.parametrize("text", [r"\frac{\partial L}{\partial z} = p - t", r"\sum_k t_k = 1"])
def test_what_is_taken_as_given_may_not_hold_of_given_numbers(text: str, given: list[int] | None, verdict: str) -> None:
    found = check("softmax_cross_entropy", text, given=None if given is None else {"t": given})
    assert found.verdict == verdict


@pytest.mark.parametrize(
    "text",
    [r"\frac{\partial a_n}{\partial z_n}\le\frac14", "a_n < 0", r"0 \le a_n \le \frac12"],
)
def test_a_bound_that_fails_for_one_value_of_its_letter_is_refuted(text: str) -> None:
    found = check("tanh_mse", text)
    assert found.verdict == "refuted"
    assert found.counterexample is not None


def test_a_bound_that_holds_at_the_worked_example_alone_is_not_said_to_be_proved() -> None:
    for text in (r"\frac{\partial a_n}{\partial z_n}\le1", r"a_n^2\le1"):
        assert check("tanh_mse", text).verdict in ("depends", "proved")


@pytest.mark.parametrize(
    ("true", "false"),
    [
        (
            r"\frac{\partial f}{\partial\beta}=\sum_{i=0}^{m-1}\frac{\partial f}{\partial y_i}",
            r"\frac{\partial f}{\partial\beta}=\frac1m\sum_{i=0}^{m-1}\frac{\partial f}{\partial y_i}",
        ),
        (r"\mu=\frac1m\sum_{i=0}^{m-1}x_i", r"\mu=\sum_{i=0}^{m-1}x_i"),
        (r"\sum_{j=0}^{m-1}\hat x_j=0", r"\sum_{j=0}^{m-1}x_j=m\sigma^2"),
    ],
)
def test_sums_from_zero_depend_on_how_entries_are_counted(true: str, false: str) -> None:
    found = check("bn_backward", true)
    assert (found.verdict, found.convention) == ("depends", "entries are counted from 0")
    assert check("bn_backward", false).verdict == "refuted"
    assert check("bn_backward", true.replace("m-1}", "m}")).verdict not in ("proved", "depends")


@pytest.mark.parametrize(
    ("true", "false"),
    [
        (r"\hat x_i = \frac{x_i-\mu}{\sigma}", r"\hat x_i = \frac{x_i-\mu}{\sigma^2}"),
        (
            r"\frac{\partial\hat x_i}{\partial\mu} = -\frac{1}{\sigma}",
            r"\frac{\partial\hat x_i}{\partial\mu} = -\frac{1}{\sigma^2}",
        ),
        (
            r"\frac{\partial\hat x_i}{\partial\sigma^2} = -\frac{x_i-\mu}{2\sigma^3}",
            r"\frac{\partial\hat x_i}{\partial\sigma^2} = -\frac{x_i-\mu}{\sigma^3}",
        ),
        (
            r"\frac{\partial\hat x_i}{\partial\mu} = -\frac{1}{\sqrt{\sigma^2}}",
            r"\frac{\partial\hat x_i}{\partial\mu} = \frac{1}{\sqrt{\sigma^2}}",
        ),
    ],
)  # fmt: skip
def test_the_root_of_the_variance_and_an_epsilon_left_out(true: str, false: str) -> None:
    found = check("bn_backward", true)
    assert (found.verdict, found.convention) == ("depends", "eps = 0, as in the worked instance")
    assert check("bn_backward", true, given={"eps": 0}).verdict == "proved"
    for given in (None, {"eps": 0}):
        assert check("bn_backward", false, given=given).verdict == "refuted"


@pytest.mark.parametrize(
    ("problem", "text", "verdict"),
    [
        ("bn_backward", r"\partial_\gamma f = \sum_i \frac{\partial f}{\partial y_i}\hat x_i", "proved"),
        ("bn_backward", r"\partial_\gamma f = \sum_i \frac{\partial f}{\partial y_i} x_i", "refuted"),
        ("bn_backward", r"\partial_{x_i}\mu = \frac1m", "proved"),
        ("bn_backward", r"\partial_{x_i}\mu = 1", "refuted"),
        ("bn_forward", r"\sigma_2 = 5", "proved"),
        ("bn_forward", r"\sigma_2 = 25", "refuted"),
        ("bn_backward", r"\sigma = \sqrt{\frac1m\sum_i(x_i-\mu)^2}", "proved"),
        ("bn_backward", r"\sigma = \frac1m\sum_i(x_i-\mu)^2", "refuted"),
    ],
)
def test_derivatives_and_roots_by_their_letters(problem: str, text: str, verdict: str) -> None:
    assert check(problem, text).verdict == verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (r"J=\frac{\partial p}{\partial z}=\operatorname{diag}(p)-pp^\top", "proved"),
        (r"J=\frac{\partial p}{\partial z}=\operatorname{diag}(p)+pp^\top", "refuted"),
        (r"J=\operatorname{diag}(p)-pp^\top", "unreadable"),  # of nothing in the problem
        (r"J=p_k=J p_k", "unreadable"),
        (r"p_k=q=z_k", "unreadable"),
    ],
)
def test_a_name_in_front_of_an_equation_is_a_label(text: str, verdict: str) -> None:
    assert check("softmax_cross_entropy", text).verdict == verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [(r"0<1-\tanh^2(z)\le1", "proved"), (r"0<1-\tanh^2(z)<1", "refuted"), (r"0\le1-\tanh^2(z)\le\frac12", "refuted")],
)
def test_a_bound_on_a_function_is_one_for_every_value(text: str, verdict: str) -> None:
    assert check("tanh_mse", text).verdict == verdict
