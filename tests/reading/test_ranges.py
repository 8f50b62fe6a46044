"""For which values of its indices a statement is made: every way to say it, and what cannot be meant."""

from __future__ import annotations

import pytest

from derive.checking import check, compare

XHAT = r"\frac{\partial f}{\partial \hat x_i}=\gamma\frac{\partial f}{\partial y_i}"
FALSE = r"\frac{\partial f}{\partial \hat x_i}=\frac{\partial f}{\partial y_i}"
OFF = r"\frac{\partial p_i}{\partial z_j}=-p_ip_j"
BIAS = r"\frac{\partial f}{\partial b_l}=\frac{\partial f}{\partial \tilde y_l}"
WHOLE = (
    r",\quad i=1,\dots,m", r", i=1,\ldots,m", ", i = 1..m", r" (i=1,\dots,m)", r"\quad (i=1,\ldots,m)",
    r"\text{for } i=1,\dots,m", r"\text{ for all } i", r"\quad\forall i", r",\ i\in\{1,\dots,m\}", r", 1\le i\le m",
    r", i=1,2,\dots,m", r",\ \forall i\in\{1,2,\dots,m\}", r"\text{ for every } i\in[m]",
    r", i=m,\dots,1", r", 0<i\le m",
    r". \text{ For } i=1,\dots,m",
    r"\ (\text{for all } i)",
)  # fmt: skip


@pytest.mark.parametrize("said", WHOLE)
def test_a_range_that_is_the_whole_axis_says_nothing(said: str) -> None:
    found = check("bn_backward", XHAT + said)
    assert (found.verdict, found.read_as) == ("proved", check("bn_backward", XHAT).read_as)
    assert check("bn_backward", FALSE + said).verdict == "refuted"


@pytest.mark.parametrize(
    "text",
    [
        "df/dxhat_i = gamma*df/dy_i, i = 1..m", "df/dxhat_i = gamma*df/dy_i for all i",
        "df/dxhat[i] = gamma*df/dy[i], i = 1..m",
        "∂f/∂x̂ᵢ = γ ∂f/∂yᵢ, i = 1,…,m", "∂f/∂x̂ᵢ = γ ∂f/∂yᵢ ∀i", r"\forall i: " + XHAT,
        r"\text{For } i=1,\dots,m: " + XHAT,
        r"\text{For all } i,\ " + XHAT, "df/dxhat_i = gamma*df/dy_i (i = 1, ..., m)", "df/dxhat[i] = gamma*df/dy[i], i",
    ],
)  # fmt: skip
def test_in_any_notation_and_place(text: str) -> None:
    assert check("bn_backward", text).verdict == "proved"


def test_a_smaller_range_restricts_the_statement_and_is_shown() -> None:
    found = check("bn_backward", FALSE + r",\ i=2,\dots,m")
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.values["i"] == "2"
    assert found.read_as.endswith(r",\ i = 2, \ldots, m")
    assert check("bn_backward", XHAT + ", i=1,2").verdict == "proved"
    assert check("bn_backward", FALSE + ", i=1,2").verdict == "refuted"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (OFF + r",\ i\neq j", "proved"),
        (OFF + r",\ i<j", "proved"),
        (OFF + r",\ i\le j", "refuted"),
        (OFF + r",\ i,j=1,\dots,K,\ i\ne j", "proved"),
        (OFF + r"\text{ for } i \neq j \text{ and } j=1,\dots,K", "proved"),
        (OFF + r",\ i\ne j,\quad \frac{\partial p_i}{\partial z_i}=p_i(1-p_i)", "proved"),
        (r"\text{for } i=j:\ \frac{\partial p_i}{\partial z_j}=p_i(1-p_i),\ \text{for } i\ne j:\ " + OFF, "proved"),
        (r"\text{for } i\ne j:\ \frac{\partial p_i}{\partial z_j}=p_i(1-p_i),\ \text{for } i=j:\ " + OFF, "refuted"),
        (r"\frac{\partial p_i}{\partial z_j}=p_i(1-p_i),\ i=j", "proved"),
    ],
)
def test_conditions_and_several_of_them(text: str, verdict: str) -> None:
    assert check("softmax_cross_entropy", text).verdict == verdict


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        (r"l=1,\dots,L-1", "proved"), (r"l=1,\dots,L", "proved"), (r"l=L-1,\dots,1", "proved"), (r"1\le l<L", "proved"),
        (r"l=L,L-1,\dots,1", "proved"), (r"l=2,\dots,L-1", "proved"), (r"l=0,\dots,m", "unreadable"),
    ],
)  # fmt: skip
def test_layers(said: str, verdict: str) -> None:
    assert check("mlp_backward", rf"{BIAS},\ {said}").verdict == verdict
    assert check("mlp_backward", rf"{BIAS.replace('=', '=2')},\ {said}").verdict in ("refuted", "unreadable")


def test_a_statement_may_fail_at_the_last_layer_alone() -> None:
    below = r"\frac{\partial f}{\partial (b_l)_r}=\frac{\partial f}{\partial (y_l)_r}(y_l)_r(1-(y_l)_r),\ l=1,\dots,"
    assert check("mlp_backward", below + "L-1").verdict == "proved"
    found = check("mlp_backward", below + "L")
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.sizes["l"] == found.counterexample.sizes["L"]


@pytest.mark.parametrize(
    ("said", "message", "sign"),
    [
        (r",\ i=0,\dots,m", "reads an axis 1..m", "i="),
        (r",\ i=1,\dots,m+1", "i goes from 1 to m + 1", "i="),
        (r",\ i=1,3", "follow each other", "1,3"),
        (r",\ i=1,\dots,\dots,m", "dots stand once", r"\dots"),
        (r",\ i\in\mathbb N", r"\{1, \dots, m\}", r"\mathbb"),
        (r",\ i\in\{1,\dots,m", "expected to close", ""),
        (r"\ (i=1,\dots,m", "is expected to close", ""),
        (r",\ i=1,\dots,q", "'q' is not a name", "q"),
        (r",\ q=1,\dots,m", "", "q"),
        (r"\text{ for all } \foo", "", r"\foo"),
    ],
)
def test_what_cannot_be_meant_is_unreadable(said: str, message: str, sign: str) -> None:
    found = check("bn_backward", XHAT + said)
    assert found.verdict == "unreadable"
    assert found.error is not None
    assert message in found.error.message
    assert found.error.position >= len(XHAT) or not sign


@pytest.mark.parametrize("said", ["i=" + "1," * 4000 + "m", "i=" + "(" * 200 + "1", "i,j," * 500 + "=1", "i=1.." * 300])
def test_long_ranges_end(said: str) -> None:
    assert check("bn_backward", rf"{XHAT},\ {said}").verdict == "unreadable"


def test_the_letter_of_a_sum() -> None:
    total = r"\frac{\partial f}{\partial\gamma}=\sum_i\frac{\partial f}{\partial y_i}\hat x_i"
    assert check("bn_backward", total + r",\ i=1,\dots,m").verdict == "proved"
    assert check("bn_backward", total + r",\ i=1,\dots,m-1").verdict == "unreadable"


def test_a_range_is_no_answer() -> None:
    said = r"W_0^{ij}=[w_3^{ij},w_2^{ij},w_1^{ij}],\ i,j=1,2"
    assert check("conv_jacobian", said, part="flip").verdict not in ("refuted", "proved")
    for text in ("i", r"\gamma\frac{\partial f}{\partial y_i}, 0", r"\gamma\frac{\partial f}{\partial y_i}; i"):
        assert check("bn_backward", text, part="xhat").verdict == "unreadable"


@pytest.mark.parametrize(
    ("gold", "answer", "verdict"),
    [
        (r"y_i=\gamma x_i", r"y_i=\gamma x_i,\ i=1,\dots,m", "proved"),
        (r"y_i=\gamma x_i,\ i=1,\dots,m", r"y_i=x_i\gamma", "proved"),
        (r"x_i^2", r"x_ix_i\quad (i=1,\ldots,n)", "proved"),
        ("x=1, y=2", "x=1, y=2", "proved"),
        (r"x=1,2", r"x=1,2", "proved"),
    ],
)
def test_without_a_problem(gold: str, answer: str, verdict: str) -> None:
    assert compare(gold, answer).verdict == verdict


@pytest.mark.parametrize(
    ("problem", "text", "verdict"),
    [
        ("shared_weight_cnn", r"q_i=w_1x_i+w_2x_{i+1},\ i=1,2", "proved"),  # of 1..3, where x has entries
        ("shared_weight_cnn", r"q_i=w_1x_{i+1}+w_2x_i,\ i=1,2", "refuted"),
        ("shared_weight_cnn", r"q_i=w_1x_i+w_2x_{i+1},\ i=1,2,3", "unreadable"),
        ("layer_norm", "x̂_nc = (x_nc − μ_c)/√(σ²_c+ε)", "refuted"),
        (
            "conv_jacobian",
            r"\frac{\partial L}{\partial w_k^{ij}}=\sum_t\frac{\partial L}{\partial y_{jt}}x_{jt}",
            "refuted",
        ),
        ("mlp_backward", r"y_l=\tilde y_l,\ l=L", "proved"),
        ("mlp_backward", r"y_l=\sigma(\tilde y_l),\ l=L", "refuted"),
        (
            "mlp_backward",
            r"\frac{\partial f}{\partial b_l}=\frac{\partial f}{\partial\tilde y_l},\ l=0,\dots,L",
            "unreadable",
        ),
        ("mlp_backward", r"\tilde y_{l+1}=A_{l+1}y_l+b_{l+1},\ l=0,\dots,L-1", "proved"),
    ],
)
def test_the_values_for_which_there_is_something_to_say(problem: str, text: str, verdict: str) -> None:
    assert check(problem, text).verdict == verdict


@pytest.mark.parametrize(
    ("problem", "text", "verdict"),
    [
        ("bn_backward", r"y_i=\gamma\hat x_i+\beta,\ \epsilon>0", "proved"),
        ("bn_backward", r"y_i=\gamma\hat x_i,\ \beta=0", "undecided"),
        ("softmax_cross_entropy", r"p_1+p_2=1,\ K=2", "undecided"),
        ("softmax_cross_entropy", r"\frac{\partial L}{\partial z_k}=p_k-t_k,\ \sum_kt_k=1", "proved"),
        ("softmax_cross_entropy", r"\sum_kt_k=1", "proved"),
    ],
)
def test_conditions_on_what_is_given_are_no_claims(problem: str, text: str, verdict: str) -> None:
    assert check(problem, text).verdict == verdict
