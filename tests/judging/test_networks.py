"""Statements about networks of symbolic depth: products with dots, names with layers, and what is wrong with them."""

from __future__ import annotations

import pytest

import derive

EVERY = "every depth, every layer, all widths"
DEEP, MLP = "vanishing_gradient", "mlp_backward"
HEARD = r"\frac{\partial f}{\partial \tilde y_{l+1}} \odot \sigma'(\tilde y_l)"
SLOPE = r"\operatorname{diag}(\sigma'(\tilde y_{%s}))"
LEFT = r"\frac{\partial y_L}{\partial b_i} = "
TOP, BELOW, OWN = SLOPE % "L", SLOPE % "L-1", SLOPE % "i"

PROVED = [
    (DEEP, LEFT + rf"A_L {BELOW} A_{{L-1}} \cdots A_{{i+1}} {OWN}"),
    (DEEP, LEFT + rf"A_L {BELOW} A_{{L-1}} {SLOPE % 'L-2'} \cdots A_{{i+2}} {SLOPE % 'i+1'} A_{{i+1}} {OWN}"),
    (DEEP, LEFT + rf"\frac{{\partial y_L}}{{\partial b_{{i+1}}}} A_{{i+1}} {OWN}"),
    (DEEP, r"\frac{\partial y_L}{\partial b_k} = " + rf"A_L {BELOW} A_{{L-1}} \cdots A_{{k+1}} {SLOPE % 'k'}"),
    (DEEP, r"\frac{\partial y_L}{\partial A_i} = \left(\frac{\partial y_L}{\partial b_i}\right)^T y_{i-1}^T"),
    (
        DEEP,
        rf"\frac{{\partial y_L}}{{\partial A_i}} = {OWN} A_{{i+1}}^\top {SLOPE % 'i+1'} \cdots A_L^\top y_{{i-1}}^\top",
    ),
    (
        MLP,
        r"\frac{\partial f}{\partial \tilde y_l} = A_{l+1}^T " + HEARD,
    ),
    (MLP, r"\frac{\partial f}{\partial A_l} = \frac{\partial f}{\partial \tilde y_l} y_{l-1}^T"),
    (MLP, r"\frac{\partial f}{\partial (A_l)_{rc}} = \frac{\partial f}{\partial (\tilde y_l)_r} (y_{l-1})_c"),
    (MLP, r"\frac{\partial f}{\partial \tilde y_L} = y_L - Y"),
    (MLP, r"\frac{\partial f}{\partial b_3} = \frac{\partial f}{\partial \tilde y_3}"),
    (MLP, r"y_l = \sigma(\tilde y_l)"),
    (MLP, r"y_l = \sigma(A_l y_{l-1} + b_l)"),
    (MLP, r"f = \frac12 \sum_{r=1}^{n_L} ((y_L)_r - Y_r)^2"),
    (MLP, r"f = \frac12 (y_L - Y)^2"),  # the instance has one output
]
REFUTED = [
    (DEEP, LEFT + rf"A_L {TOP} A_{{L-1}} \cdots A_{{i+1}} {OWN}"),
    (DEEP, LEFT + r"A_L A_{L-1} \cdots A_{i+1}"),
    (DEEP, LEFT + rf"A_L {BELOW} A_{{L-1}} \cdots {SLOPE % 'i+1'} A_{{i+1}}"),
    (DEEP, LEFT + rf"-A_L {BELOW} A_{{L-1}} \cdots A_{{i+1}} {OWN}"),
    (DEEP, LEFT + (rf"A_L {BELOW} A_{{L-1}} \cdots A_{{i+1}} {OWN}").replace("sigma'", "sigma")),
    (MLP, r"\frac{\partial f}{\partial \tilde y_L} = (y_L - Y)\odot\sigma'(\tilde y_L)"),
    (MLP, r"\frac{\partial f}{\partial \tilde y_l} = A_{l+1}^T \frac{\partial f}{\partial \tilde y_{l+1}}"),
    (MLP, r"\frac{\partial f}{\partial b_l} = -\frac{\partial f}{\partial \tilde y_l}"),
    (MLP, r"y_L = \sigma(\tilde y_L)"),
    (MLP, r"f = (y_L - Y)^2"),
    (MLP, "f = 1"),
]
UNREADABLE = [
    (DEEP, LEFT + rf"A_L \cdots {OWN}"),  # the dots do not say what is left out
    (DEEP, LEFT + rf"A_L {BELOW} A_{{L-2}} \cdots A_{{i+1}} {OWN}"),
    (DEEP, LEFT + r"\cdots A_{i+1}"),
    (MLP, r"\frac{\partial f}{\partial \tilde y_l} = W_{l+1} \delta_{l+1}"),
]


@pytest.mark.parametrize(("problem", "text"), PROVED)
def test_what_holds_at_every_layer_is_proved(problem: str, text: str) -> None:
    found = derive.check(problem, text)
    assert found.verdict == "proved", found
    assert found.scope in (EVERY, f"n_L = 1, {EVERY}", "L = 6, all widths")


@pytest.mark.parametrize(("problem", "text"), REFUTED)
def test_what_fails_at_some_layer_is_refuted_there(problem: str, text: str) -> None:
    found = derive.check(problem, text)
    assert found.verdict == "refuted", found
    assert found.counterexample is not None
    assert found.counterexample.left != found.counterexample.right
    assert 2 <= found.counterexample.sizes["L"] <= 4


@pytest.mark.parametrize(("problem", "text"), UNREADABLE)
def test_what_is_left_open_is_not_read(problem: str, text: str) -> None:
    found = derive.check(problem, text)
    assert found.verdict in ("unreadable", "undecided"), found


@pytest.mark.parametrize(
    "text",
    [
        r"\frac{\partial f}{\partial \tilde y_l} = A_{l+1} " + HEARD,
        r"\frac{\partial f}{\partial A_l} = \frac{\partial f}{\partial \tilde y_l} y_l^T",
    ],
)
def test_shapes_that_do_not_fit_are_never_proved(text: str) -> None:
    assert derive.check(MLP, text).verdict in ("refuted", "undecided", "unreadable")


NUMBERED = [
    (MLP, r"\frac{\partial f}{\partial b_%(n)d} = y_%(n)d - Y", "y_%(n)d - Y", "Y - y_%(n)d"),
    (MLP, r"\frac{\partial f}{\partial A_%(n)d} = (y_%(n)d - Y) y_%(m)d^T", "y_%(m)d^T", "y_%(n)d^T"),
    (
        MLP,
        r"\frac{\partial f}{\partial b_%(m)d} = A_%(n)d^T (y_%(n)d - Y) \odot \sigma'(\tilde y_%(m)d)",
        "A_%(n)d^T ",
        "",
    ),
    (DEEP, rf"\frac{{\partial y_%(n)d}}{{\partial b_%(m)d}} = A_%(n)d {SLOPE % '%(m)d'}", SLOPE % "%(m)d", ""),
]  # fmt: skip


@pytest.mark.parametrize(("problem", "text", "right", "wrong"), NUMBERED)
@pytest.mark.parametrize(("depth", "given"), [(6, None), (3, {"L": 3})])
def test_the_last_layer_goes_by_its_number_too(
    problem: str, text: str, right: str, wrong: str, depth: int, given: dict[str, object] | None
) -> None:
    layers = {"n": depth, "m": depth - 1}
    said = text % layers
    assert derive.check(problem, said, given=given).verdict == "proved"
    slipped = said.replace(right % layers, wrong % layers)
    assert derive.check(problem, slipped, given=given).verdict == "refuted", slipped


@pytest.mark.parametrize(("problem", "text", "right", "wrong"), NUMBERED)
def test_a_number_that_may_be_that_of_the_last_layer(problem: str, text: str, right: str, wrong: str) -> None:
    layers = {"n": 3, "m": 2}
    found = derive.check(problem, text % layers)
    assert (found.verdict, found.convention) == ("depends", "where L = 3")
    assert derive.check(problem, (text % layers).replace(right % layers, wrong % layers)).verdict == "refuted"
    assert derive.check(problem, text % layers, given={"L": 4}).verdict == "refuted"


HEARD_AS_A_ROW = r"\frac{\partial f}{\partial\tilde y_{l+1}} A_{l+1}"
ROWS = [
    rf"\frac{{\partial f}}{{\partial b_l}} = {HEARD_AS_A_ROW} \operatorname{{diag}}(\sigma'(\tilde y_l))",
    rf"\frac{{\partial f}}{{\partial b_l}} = \left({HEARD_AS_A_ROW}\right) \odot \sigma'(\tilde y_l)",
]


@pytest.mark.parametrize("text", ROWS)
def test_gradients_as_rows_are_a_convention_that_is_named(text: str) -> None:
    found = derive.check(MLP, text)
    assert (found.verdict, found.convention) == ("depends", "where gradients are rows")
    assert derive.check(MLP, text.replace(r"\sigma'(\tilde y_l)", r"\sigma'(y_l)")).verdict == "refuted"
    assert (
        derive.check(DEEP, LEFT + rf"\frac{{\partial y_L}}{{\partial b_{{i+1}}}} A_{{i+1}} {OWN}").verdict == "proved"
    )


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        (r"\delta^{(l)}_j = \frac{\partial f}{\partial \tilde y^{(l)}_j}", "proved"),
        (r"\frac{\partial f}{\partial (b_l)_j} = \delta^{(l)}_j", "proved"),
        (r"\frac{\partial f}{\partial b^{(l)}_j} = \delta_j^l", "proved"),
        (r"\delta_j^{(k)} = \frac{\partial f}{\partial b_j^{(k)}}", "proved"),
        (r"\delta^l_j = \sum_k \delta^{l+1}_k A^{l+1}_{kj} y^l_j(1-y^l_j)", "proved"),
        (r"\delta^l_j = \sum_k \delta^{l+1}_k A^{l+1}_{jk} y^l_j(1-y^l_j)", "refuted"),
        (r"\frac{\partial f}{\partial A^{(l)}_{ij}} = \delta^{(l)}_i y^{(l-1)}_j", "proved"),
        (r"\frac{\partial f}{\partial A^{(l)}_{ij}} = \delta^{(l)}_j y^{(l-1)}_i", "refuted"),
        (r"\tilde y^{(l)} = A^{(l)} y^{(l-1)} + b^{(l)}", "proved"),
        (r"\tilde y^{(l)} = A^{(l)} y^{(l)} + b^{(l)}", "refuted"),
        (r"\delta^L = y^L - Y", "proved"),
        (r"\delta^{(L)} = Y - y^{(L)}", "refuted"),
    ],
)
def test_the_layer_as_a_superscript(statement: str, verdict: str) -> None:
    assert derive.check("mlp_backward", statement).verdict == verdict


@pytest.mark.parametrize(
    ("problem", "statement", "why"),
    [
        ("mlp_backward", r"\delta_k = \delta_l", "k and l both number a layer"),
        ("mlp_backward", r"y^{(l)}_j = y^{(k)}_j", "l and k both number a layer"),
        ("momentum_forms", "v^k = v^j", "k and j both count the steps"),
        ("momentum_forms", r"\phi^{t+1} = \phi^k - \alpha v^{k+1}", "t and k both count the steps"),
        ("momentum_forms", r"v^n = v^k", "n and k both count the steps"),
        ("vanishing_gradient", r"\|A_j\| = \|A_i\|", "j and i both number a layer"),
        ("vanishing_gradient", r"\prod_{j=i+1}^{L}\|A_j\| = \|A_i\|^{L-i}", "a sum or a product over layers"),
        ("vanishing_gradient", r"\sum_{j=1}^L \|A_j\|^2 = L\|A_i\|^2", "a sum or a product over layers"),
        ("vanishing_gradient", r"\prod_{j=i+1}^{L} n_j = n_i^{L-i}", "a sum or a product over layers"),
        ("vanishing_gradient", r"\|A_j\| 4^{-(L-i)} = \|A_j\| 4^{i-L}", "j and i both number a layer"),
    ],
)
def test_two_letters_for_layers_or_steps_are_not_taken_for_one(problem: str, statement: str, why: str) -> None:
    found = derive.check(problem, statement)
    assert found.error is not None
    assert why in found.error.message
