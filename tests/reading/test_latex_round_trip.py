"""The law of the LaTeX notation: what is printed reads back to an expression of the same value."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import SMALL, A, b, c, h, i, j, k, l, m, n, x

from derive.algebra.decide import is_zero
from derive.algebra.fingerprint import is_nonzero
from derive.errors import BudgetError, UnsupportedError
from derive.language import Sum, exp, logistic, sqrt, tanh
from derive.language.expression import Expr, add, div, expression, mul, power
from derive.reading.references import Names
from derive.reading.statement import read_statement
from derive.reading.vocabulary import vocabulary
from derive.rendering.formula import latex

NAMES = Names(vocabulary(SMALL))
LEAVES = (x[i], x[k], A[i, j], b[j], b[l], h[i], m.as_expression(), n.as_expression(), c.as_expression(), expression(3))


@st.composite
def formulas(draw: st.DrawFn, depth: int = 4) -> Expr:
    """Expressions as answers have them: sums, quotients, roots, functions, powers."""
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        return draw(st.sampled_from(LEAVES))
    one, other = draw(formulas(depth - 1)), draw(formulas(depth - 1))
    match draw(st.integers(0, 8)):
        case 0 | 1:
            return add(one, other)
        case 2:
            return one - other
        case 3 | 4:
            return mul(one, other)
        case 5:
            return div(one, other)
        case 6:
            return power(one, draw(st.integers(2, 3)))
        case 7:
            return draw(st.sampled_from((exp, tanh, logistic, sqrt)))(one)
        case _:
            return Sum(draw(st.sampled_from((i, k))), one)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(formulas())
def test_read_after_latex_has_the_same_value(expr: Expr) -> None:
    text = latex(expr)
    assume(len(text) < 1_500)
    (chain,) = read_statement(text + " = 0", NAMES).chains
    back = chain.sides[0]
    assert isinstance(back, Expr)
    difference = back - expr
    assert not is_nonzero(difference, {}, 20_000), text
    try:
        same = back == expr or is_zero(difference, {}, budget=5_000)
    except (BudgetError, UnsupportedError, ArithmeticError):
        return
    assert same, text
