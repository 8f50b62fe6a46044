"""A range is left out only where the entry beside it says the same."""

from __future__ import annotations

from derive.language import Sum, index, size, tensor
from derive.language.expression import ONE, Bracket, Expr, Mul, mul
from derive.rendering.padding import has_ranges, without_ranges

N, K, S = size("N"), size("K"), size("S")
n, k = index("n", N), index("k", K)
x, w = tensor("x", n), tensor("w", k)
at = n + k - 1


def within(value: Expr, lower: Expr = ONE, upper: Expr | None = None) -> tuple[Expr, Expr]:
    return Bracket("<=", lower, value), Bracket("<=", value, upper or N.as_expression())


def test_the_range_of_an_entry_is_left_out() -> None:
    full = Sum(k, mul(w[k], *within(at), x[at]))
    assert without_ranges(full) == Sum(k, mul(w[k], x[at]))
    assert has_ranges([full])
    assert without_ranges(mul(*within(at), Sum(k, mul(w[k], x[at])))) == Sum(k, mul(w[k], x[at]))


def test_any_other_condition_stays() -> None:
    for kept in (
        mul(*within(at), w[k]),  # nothing here is read at that place
        mul(*within(at, upper=S.as_expression()), x[at]),  # the upper end is another one
        mul(Bracket("=", at, n), x[at]),
        Mul((*within(at), x[at] + w[k])),  # w_k does not vanish outside of the range
    ):
        left = without_ranges(kept)
        assert any(isinstance(node, Bracket) for node in (left.factors if isinstance(left, Mul) else ()))
