r"""Answers compared without a problem: equivalent, different, or neither, and never wrong."""

from __future__ import annotations

import pytest

from derive.checking import compare

PAIRS = [
    (r"\sum_{i=1}^m (x_i - \mu)", r"\sum_i x_i - m\mu", "proved"),
    (r"\sum_i x_i", r"m x_i", "refuted"),
    (r"\sum_j \delta_j \hat x_j", r"m\delta_j\hat x_j", "refuted"),
    (
        r"\sum_{i=1}^m \frac{\partial f}{\partial y_i} \hat x_i",
        r"\sum_{j=1}^m \hat x_j \frac{\partial f}{\partial y_j}",
        "proved",
    ),
    (
        r"\sum_{i=1}^m \frac{\partial f}{\partial y_i} \hat x_i",
        r"\sum_{j=1}^m \frac{\partial f}{\partial y_j}",
        "refuted",
    ),
    (r"x_i", r"x_i - \mu + \mu", "proved"),
    ("x_1", "x1", "proved"),
    ("x_1 + x_{12}", "x12 + x1", "proved"),
    ("x_1", "x1^2", "refuted"),
    ("x_1", "x2", "refuted"),
    ("2x", "x2", "proved"),
    (r"\sigma'(z)", r"\sigma(z)", "refuted"),
    (r"\sigma'(z)", r"\sigma(z)(1-\sigma(z))", "proved"),
    (r"W^T\delta", r"W\delta", "refuted"),
    (r"A_L B", r"B A_L", "depends"),
    (r"\mathbf{A}\mathbf{B}", r"\mathbf{B}\mathbf{A}", "refuted"),
    (r"(AB)^T", r"B^T A^T", "proved"),
    (r"(AB)^T", r"A^T B^T", "refuted"),
    (r"\sqrt{1/n}", r"\frac{1}{\sqrt n}", "proved"),
    (r"\tanh x", r"\frac{e^x-e^{-x}}{e^x+e^{-x}}", "proved"),
    (r"\log(xy)", r"\log x + \log y", "depends"),
    (r"\sqrt{x^2}", r"x", "depends"),
    (r"\sqrt{x^2}", r"|x|", "proved"),
    (r"(a+b)^2", r"a^2+2ab+b^2", "proved"),
    (r"(a+b)^2", r"a^2+b^2", "refuted"),
    (r"y = 2x + 1", r"2x + 1 = y", "proved"),
    (r"y = 2x + 1", r"y - 2x = 1", "proved"),
    (r"y = 2x + 1", r"2y = 4x + 2", "proved"),
    (r"y = 2x + 1", r"2x+1", "proved"),
    (r"\theta^{n+1} = \theta^n - \alpha g^n", r"\theta^{n+1} = \theta^n - \alpha g^{n}", "proved"),
    (r"\theta^{n+1} = \theta^n - \alpha g^n", r"\theta^{n+1} = \theta^{n-1} - \alpha g^{n}", "refuted"),
    (r"w_1^{11} x_{11}", r"x_{11} w^{11}_1", "proved"),
    (r"w_1^{11}", r"w_1^{12}", "refuted"),
    (r"x^{n+1}/x^n", r"x", "undecided"),
    (r"1,234.5", r"1234.5", "proved"),
    (r"\frac12", r"0.5", "proved"),
    (r"\frac13", r"0.333", "undecided"),
    (r"50\%", r"0.5", "proved"),
    (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", r"\begin{bmatrix}1&2\\3&4\end{bmatrix}", "proved"),
    (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", r"\begin{bmatrix}1&3\\2&4\end{bmatrix}", "refuted"),
    (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}\begin{pmatrix}1\\1\end{pmatrix}", r"(3,7)", "proved"),
    (r"x_1 + x_2 + \dots + x_n", r"\sum_{i=1}^n x_i", "proved"),
    (r"\sum_{i=0}^{n-1} x_i", r"\sum_{i=1}^{n} x_{i-1}", "agrees"),
    (r"\gamma", r"0.5772", "refuted"),
    (r"f(x+1)", r"f(x)+f(1)", "unreadable"),
    (r"\frac{e^{z_i}}{\sum_j e^{z_j}}", r"\frac{e^{z_i - c}}{\sum_j e^{z_j - c}}", "proved"),
    (r"-\log\frac{e^{z_1}}{\sum_j e^{z_j}}", r"\log\sum_j e^{z_j} - z_1", "proved"),
    (r"x < 3", r"3 > x", "proved"),
    (r"x < 3", r"x > 3", "refuted"),
    (r"\sin^2 x + \cos^2 x", r"1", "proved"),
    (r"\frac{x}{\sqrt{1+x^2}}", r"\sin(\arctan x)", "proved"),
    (r"\sqrt{1-x^2}", r"\cos(\arcsin x)", "proved"),
    (r"\sqrt{1-x^2}", r"\sin(\arccos x)", "proved"),
    (r"\frac{x}{\sqrt{1-x^2}}", r"\tan(\arcsin x)", "proved"),
    (r"\arccos(-x)", r"\pi - \arccos x", "proved"),
    (r"\arcsin(\sin x)", r"x", "refuted"),  # beyond a right angle
    (r"\arctan x + \arctan\frac{1}{x}", r"\frac{\pi}{2}", "refuted"),  # x < 0
    (r"\arctan(2-\sqrt3)", r"\frac{\pi}{12}", "proved"),
    ("asinh(x)", r"\ln(x+\sqrt{x^2+1})", "proved"),
    (r"\tanh(\operatorname{artanh} x)", "x", "proved"),
    (r"\sqrt2", r"\sqrt2 + 10^{-60}", "refuted"),
    (r"\sin 1", r"\sin 1 + 10^{-300}", "refuted"),
    (r"e^{\pi}", r"e^{\pi} + 10^{-3000}", "agrees"),
    (r"\sqrt{2}+\sqrt{3}", r"\sqrt{5+2\sqrt{6}}", "proved"),
    (r"\sqrt[3]{2+\sqrt5} + \sqrt[3]{2-\sqrt5}", "1", "proved"),
    (r"\cosh^2 x - \sinh^2 x", r"1", "proved"),
    (r"p_i(\delta_{ij}-p_j)", r"\delta_{ij}p_i - p_ip_j", "proved"),
    (r"p_i(\delta_{ij}-p_j)", r"p_i(1-p_i)", "refuted"),
    (r"\frac{2}{N}\sum_n (\hat y_n-y_n)x_n", r"\frac{1}{N}\sum_n 2(\hat y_n-y_n)x_n", "proved"),
    ("x**2 + 2*x + 1", "(x+1)^2", "proved"),
    ("sum(x[i], i=1..m)/m", "1/m*sum(x[k], k)", "proved"),
    ("sum(x[i]*y[i], i)", "sum(x[i], i)*sum(y[i], i)", "refuted"),
    ("x^2", "2*x", "refuted"),
    ("sqrt(x^2)", "x", "depends"),
    ("x", "y", "refuted"),
    ("__import__('os').system('ls')", "1", "unreadable"),
    ("9^9^9^9", "9^9^9^9", "undecided"),
    ("3*x+1", "1 + 3 x", "proved"),
    (r"y = 2x + 1", r"2y = 4x = 4x + 2", "refuted"),
    (r"y = 2x + 1", r"y = 1 + 2x = 2x + 1", "proved"),
    (r"y", r"(y=)", "unreadable"),
    (r"x_{a+b}", r"x_{a-b}", "unreadable"),
    (r"w_1", r"w_\max1", "unreadable"),
    (r"x_{1,2}", r"x_{12}", "proved"),
    (r"w_{1,11}", r"w_{11,1}", "refuted"),
    (r"A_{L}", r"A_{l}", "refuted"),
    (r"x_{\text{in}}", r"x_{\text{out}}", "refuted"),
    (r"x_{i+1}", r"x_{i-1}", "refuted"),
    (r"x_1, x_2", r"x_1", "undecided"),
    (r"\{1, 2\}", r"\{2, 1\}", "proved"),
    (r"\frac{\partial L}{\partial y_i}", r"\frac{\partial L}{\partial y_j}", "refuted"),
    (r"x^2 - 1", r"(x-1)(x+1)", "proved"),
    (r"\sqrt{12}", r"2\sqrt{3}", "proved"),
    (r"\frac{1}{\sqrt{2}}", r"\frac{\sqrt{2}}{2}", "proved"),
    (r"\frac{x^2-1}{x-1}", r"x+1", "proved"),
    (r"e^{a+b}", r"e^a e^b", "proved"),
    (r"\log 8", r"3\log 2", "proved"),
    (r"10^{20} + x", r"10^{20} + x + 1", "refuted"),
]


@pytest.mark.parametrize(("gold", "answer", "verdict"), PAIRS)
def test_compared(gold: str, answer: str, verdict: str) -> None:
    found = compare(gold, answer)
    assert found.verdict == verdict, found


@pytest.mark.parametrize("answer", [r"\sum_{i=1}^{100000} i", r"\log(-x^2-1)"])
def test_what_could_not_be_worked_out_does_not_agree(answer: str) -> None:
    """`agrees` is said where both sides were compared at a point at least."""
    found = compare("x", answer)
    assert found.verdict == "undecided"
    assert "no point" in found.scope


@pytest.mark.parametrize(("gold", "answer", "verdict"), [row for row in PAIRS if row[2] in ("proved", "refuted")])
def test_comparing_is_symmetric(gold: str, answer: str, verdict: str) -> None:
    """Where both are expressions, or chains as long as each other; an equation and an expression are not."""
    if gold.count("=") == answer.count("="):
        assert compare(answer, gold).verdict == verdict
