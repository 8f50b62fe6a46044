r"""Ways of writing that a reader may fall for: what was not meant is never proved, and what was meant never refuted."""

from __future__ import annotations

import pytest

from derive.checking import check, compare

PAIRS = [
    # an exponent that counts
    (r"x^{[2]}", r"x^2", {"refuted"}),
    (r"x^{[2]}", r"x^{(2)}", {"proved"}),
    (r"(x+1)^{[2]}", r"(x+1)^2", {"unreadable"}),
    # two exponents, two factorials
    (r"2^{3}^{2}", "512", {"unreadable"}),
    (r"x^{(i)}^2", r"x^{(i)} x^{(i)}", {"proved"}),
    ("n!!", "(n!)!", {"unreadable"}),
    ("(n!)!", "(n!)!", {"proved"}),
    # percent, comment, remainder
    (r"5\% x", r"\frac{x}{20}", {"proved"}),
    (r"5\% x", r"\frac{x}{2}", {"refuted"}),
    ("7 % 2", "1", {"unreadable"}),
    ("50%", "0.5", {"proved"}),
    # how much is differentiated
    (r"\frac{\partial}{\partial x} x y", "y", {"unreadable"}),
    (r"\frac{\partial}{\partial x} f", r"\frac{\partial f}{\partial x}", {"proved"}),
    # a function, or a name before a parenthesis
    (r"\sigma^2(x)", r"\sigma(x)^2", {"unreadable"}),
    (r"\sigma^{-1}(x)", r"\frac{1}{\sigma(x)}", {"unreadable"}),
    (r"\sigma^2(x+y)", r"\sigma^2 x + \sigma^2 y", {"proved"}),
    (r"\sigma^2(x+y)", r"\sigma^2 x + \sigma y", {"refuted"}),
    # one letter in two fonts
    (r"\mathcal{L} - L", "0", {"unreadable"}),
    (r"\mathbf{x} y + x y", "2 x y", {"unreadable"}),
    (r"\mathcal{L} + \lambda", r"\lambda + \mathcal{L}", {"proved"}),
    (r"\mathcal{L} + \lambda", r"\lambda - \mathcal{L}", {"refuted"}),
    # LaTeX beside plain text
    (r"\alpha x", "alpha*x", {"proved"}),
    (r"\alpha x", "alpha + x", {"refuted"}),
    ("x_1 + x_2", "x[1] + x[2]", {"proved"}),
    ("x_1 + x_2", "x[1] + x[1]", {"refuted"}),
    (r"\hat{x}_i", "xhat[i]", {"unreadable"}),
    (r"\frac{1}{n}\sum_{i=1}^n x_i", "mean(x)", {"unreadable"}),
    (r"\frac{ab}{c}", "ab/c", {"proved"}),
    (r"\frac{ab}{c}", "a + b/c", {"refuted"}),
    (r"\alpha x_i", r"\alpha x[i]", {"unreadable"}),
    ("not x", "x", {"unreadable"}),
    (r"1[x>0]", "1 if x > 0 else 0", {"unreadable"}),
    # the order of factors, transposes, norms, products of entries
    (r"(AB)^{-1}", r"B^{-1}A^{-1}", {"proved"}),
    (r"(AB)^{-1}", r"A^{-1}B^{-1}", {"depends"}),
    (r"\tanh(AB)", r"\tanh(BA)", {"depends"}),
    (r"\tanh(W^Tx+b)", r"\tanh(b+W^Tx)", {"proved"}),
    (r"\tanh(W^Tx)", r"\tanh(Wx)", {"depends"}),
    (r"\frac{AB}{C}", r"\frac{BA}{C}", {"depends"}),
    (r"\frac{1}{n}X^TX", r"\frac{X^TX}{n}", {"proved"}),
    (r"\frac{1}{n}X^TX", r"\frac{XX^T}{n}", {"refuted"}),
    (r"\sum_i x_i x_i^T", r"\sum_j x_j x_j^T", {"proved"}),
    (r"\sum_i x_i x_i^T", r"\sum_i x_i^T x_i", {"depends"}),
    (r"(X^TX+\lambda I)^{-1}X^Ty", r"(\lambda I+X^TX)^{-1}X^Ty", {"proved"}),
    (r"(X^TX)^{-1}X^Ty", r"X^Ty(X^TX)^{-1}", {"depends"}),
    (r"\|x\|_1", r"\|x\|_2", {"depends"}),
    (r"\|2x\|", r"2\|x\|", {"proved"}),
    (r"\|Ax\|^2", r"\|xA\|^2", {"depends"}),
    (r"A\odot B", "AB", {"depends"}),
    (r"A\odot B", r"B\odot A", {"proved"}),
    (r"(W^T\delta)\odot\sigma'(z)", r"\sigma'(z)\odot W^T\delta", {"proved"}),
    (r"(W^T\delta)\odot\sigma'(z)", r"(W\delta)\odot\sigma'(z)", {"depends"}),
    (r"x_i \odot y_i", "x_iy_i", {"proved"}),
    # numbers that may be mixed, lists that may be arguments, derivatives that the chain rule relates
    (r"1\frac34", "1.75", {"unreadable"}),
    (r"2\cdot\frac12", "1", {"proved"}),
    (r"2\frac{1}{2}x", "x", {"proved"}),
    ("p(x,y)", "p(y,x)", {"unreadable"}),
    (r"\alpha(1,2)", r"(\alpha,2\alpha)", {"proved"}),
    (r"\alpha(1,2)", r"(\alpha,3\alpha)", {"refuted"}),
    (r"\frac{\partial L}{\partial x}\frac{\partial x}{\partial y}", r"\frac{\partial L}{\partial y}", {"undecided"}),
    (r"\frac{\partial L}{\partial x}", r"\frac{\partial L}{\partial y}", {"refuted"}),
    # what e, I and i may stand for
    ("e", "2.71828", {"undecided"}),
    ("e^x", "exp(x)", {"proved"}),
    ("e^x", "exp(2*x)", {"refuted"}),
    ("i^2", "-1", {"undecided"}),
    ("e^x = e^y", "x = y", {"undecided"}),
]

STATEMENTS = [
    # the number of steps for any step, in sums and exponents too
    ("momentum_forms", r"v^{n} = \sum_{j=0}^{n-1}\beta^{n-1-j} g^j", {"agrees", "proved"}),
    ("momentum_forms", r"v^{n} = \sum_{j=0}^{n-1}\beta^{n-j} g^j", {"refuted"}),
    ("momentum_forms", r"v^{n} = \sum_{k=0}^{n-1}\beta^{k} g^{n-1-k}", {"unreadable"}),
    ("momentum_forms", r"\sum_{j=0}^{0} g^{n-j} = g^n", {"proved"}),
    # frames
    ("bn_backward", r"$\boxed{y_i = \gamma\hat x_i + \beta}$.", {"proved"}),
    ("bn_backward", r"$$\boxed{y_i = \gamma\hat x_i - \beta}$$", {"refuted"}),
    ("bn_backward", r"\boxed{y_i} = \boxed{\gamma\hat x_i + \beta}", {"proved"}),
    ("bn_backward", r"\boxed{y_i = \gamma\hat x_i + \beta} wrong", {"unreadable"}),
    # matrices by rows and columns, arrays that are zero in some entries, differences that vanish by chance
    ("conv_jacobian", "A - B^T = 0", {"proved"}),
    ("conv_jacobian", "A - B = 0", {"unreadable", "refuted"}),
    ("conv_jacobian", "A = 0", {"refuted"}),
    ("softmax_cross_entropy", "z p^T - (p z^T)^T = 0", {"proved"}),
    ("softmax_cross_entropy", "z p^T - p z^T = 0", {"refuted"}),
    ("softmax_cross_entropy", "z p^T + p z^T = 2 z p^T", {"refuted"}),
    ("bn_forward", r"\hat z - (z - \mu) = 0", {"refuted"}),
    ("bn_forward", r"\mu = 0", {"depends"}),
    ("bn_forward", r"\mu_3 = 0", {"proved"}),
    ("bn_forward", r"\mu_2 = 0", {"refuted"}),
    (
        "shared_weight_cnn",
        r"\frac{\partial J}{\partial w_1} - \frac{\partial J}{\partial q_1}x_1 = 0",
        {"depends"},
    ),
    ("shared_weight_cnn", r"\frac{\partial J}{\partial w_1} = 0", {"proved"}),
    # a difference that is zero, to a power
    ("softmax_cross_entropy", r"\sum_k\sum_j (z_k p_k - z_j p_j)^2 = 0", {"refuted"}),
    ("softmax_cross_entropy", r"\sum_k (z_k p_k - z_k p_k)^2 = 0", {"proved"}),
    # a product of vectors in a function
    ("tanh_mse", r"a_n = \tanh(w \cdot x_n)", {"depends"}),
    ("tanh_mse", r"a_n = \tanh(2 w \cdot x_n)", {"refuted"}),
    ("tanh_mse", r"E = \frac1N\sum_n(\tanh(w\cdot x_n) - y_n)^2", {"depends"}),
    ("tanh_mse", r"E = \frac1N\sum_n(\tanh(w\cdot x_n) + y_n)^2", {"refuted"}),
    # letters that vanish
    ("bn_backward", r"\sum_i (x_i-\mu) = 0 wrong", {"unreadable"}),
    ("bn_backward", r"\sum_i (x_i-\mu) = 0 since \gamma is 7", {"unreadable"}),
    ("bn_backward", r"\sum_i (x_i-\mu) = 0 \cdot x_k", {"proved"}),
    ("bn_backward", r"\sum_i (x_i-\mu) = 1 \cdot x_k", {"refuted"}),
    # an index or an exponent above an array
    ("bn_backward", r"y^i = \gamma \hat{x}^i + \beta", {"unreadable"}),
    ("bn_backward", r"y^2 = (\gamma \hat{x} + \beta)^2", {"proved"}),
    ("bn_backward", r"y^2 = (\gamma \hat{x} - \beta)^2", {"refuted"}),
    # a condition, and what follows from it
    ("bn_backward", r"\mu = 0 \implies x_i - \mu = x_i", {"undecided"}),
    ("bn_backward", r"\mu = 0 \Rightarrow x_i - \mu = 2 x_i", {"undecided"}),
    ("bn_backward", r"\sum_i (x_i-\mu) = 0 \implies \sum_i \hat x_i = 0", {"proved"}),
    ("bn_backward", r"\sum_i (x_i-\mu) = 0 \implies \sum_i \hat x_i = 1", {"refuted"}),
    ("bn_backward", r"y_i = \hat x_i \Rightarrow \sum_i \hat x_i = 0", {"refuted"}),
    # the end of a line
    ("bn_backward", "y_i = \\gamma\\hat x_i + \\beta\n\n\\mu = \\frac1m\\sum_i x_i", {"proved"}),
    ("bn_backward", "y_i = \\gamma\\hat x_i + \\beta\n\n\\mu = \\sum_i x_i", {"refuted"}),
    ("bn_backward", "y_i = \\gamma\\hat x_i + \\beta\n\\mu = \\frac1m\\sum_i x_i", {"unreadable"}),
    ("bn_backward", "y_i = \\gamma\\hat x_i\n + \\beta", {"proved"}),
    ("bn_backward", "y_i - \\beta = \\gamma\n\\hat x_i", {"proved"}),
    # an entry behind the last one
    ("bn_backward", "x_{m+1} = 0", {"undecided"}),
    ("bn_backward", "x_{m} - x_m = 0", {"proved"}),
    ("bn_backward", "x_{m} + x_m = 0", {"refuted"}),
    # an entry in brackets or parentheses
    ("bn_backward", r"y[i] = \gamma \hat{x}[i] + \beta", {"proved"}),
    ("bn_backward", r"y[j] = \gamma \hat{x}[i] + \beta", {"refuted"}),
    ("bn_backward", r"y_i = \gamma \hat{x}(i) + \beta", {"proved"}),
    ("bn_backward", r"y_i = \gamma \hat{x}(j) + \beta", {"refuted"}),
    ("bn_backward", r"y^{[i]} = \gamma \hat{x}^{[i]} + \beta", {"proved"}),
    ("bn_backward", r"y[1] = \gamma \hat{x}[1] + \beta", {"unreadable"}),
    ("bn_backward", "y[i] = gamma*xhat[i] + beta if i > 0", {"proved"}),
    ("bn_backward", "y[i] = gamma*xhat[i] - beta if i > 0", {"refuted"}),
    ("layer_norm", r"x_n(c) = \hat{x}_n(c)\sqrt{\sigma^2_n+\epsilon} + \mu_n", {"proved"}),
    ("layer_norm", r"x_n(c) = \hat{x}_n(c)\sqrt{\sigma^2_n+\epsilon} - \mu_n", {"refuted"}),
]


@pytest.mark.parametrize(("gold", "answer", "verdicts"), PAIRS)
def test_compared(gold: str, answer: str, verdicts: set[str]) -> None:
    found = compare(gold, answer)
    assert found.verdict in verdicts, found


@pytest.mark.parametrize(("problem", "statement", "verdicts"), STATEMENTS)
def test_checked(problem: str, statement: str, verdicts: set[str]) -> None:
    found = check(problem, statement)
    assert found.verdict in verdicts, found


@pytest.mark.parametrize("text", [r"W^T \delta", r"(AB)^{-1}", r"\|x\|_2"])
def test_read_as_written(text: str) -> None:
    """Where order and transposes count, they are shown."""
    assert compare(text, text).read_as == text
    assert compare(text, text).verdict == "proved"


def test_straight_derivatives_are_told() -> None:
    """Straight d's ask for the total derivative, which has no bar."""
    right = r"\frac{1}{\sqrt{\sigma^2+\epsilon}}"
    total = check("bn_backward", rf"\frac{{d \hat x_i}}{{d x_i}} = {right}")
    assert total.verdict == "refuted"
    assert "direct" not in total.read_as
    assert "total" in total.reading
    along = check("bn_backward", rf"\frac{{\partial \hat x_i}}{{\partial x_i}} = {right}")
    assert along.verdict == "proved"
    assert "along one edge" in along.reading
