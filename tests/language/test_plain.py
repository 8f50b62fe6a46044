"""The plain spelling, case by case."""

from __future__ import annotations

from fractions import Fraction

import pytest

from derive.language import Sum, d, delta, exp, index, log, scalar, size, sqrt, tensor
from derive.language.expression import Bracket, Direct, Expr, Read, expression
from derive.language.plain import plain

m = size("m")
i, j = index("i", m), index("j", m)
x, y = tensor("x", i), tensor("y", i)
a, b, c, f = scalar("a"), scalar("b"), scalar("c"), scalar("f")
HALF = Fraction(1, 2)

CASES: list[tuple[Expr, str]] = [
    (expression(0), "0"),
    (expression(HALF), "1/2"),
    (expression(-3), "-3"),
    (a - b, "a - b"),
    (a - (b + c), "a - (b + c)"),
    (a - 3, "a - 3"),
    (-a + b, "-a + b"),
    (a * (b + c), "a*(b + c)"),
    (a / b * c, "a/b*c"),
    (a / (b * c), "a/(b*c)"),
    (a / (b + c), "a/(b + c)"),
    (a * (b / c), "a*b/c"),
    (a**2, "a^2"),
    ((a + b) ** 2, "(a + b)^2"),
    (a**b**c, "a^(b^c)"),
    ((a**b) ** c, "(a^b)^c"),
    (a ** (-b), "a^(-b)"),
    (a**-1, "1/a"),
    (a**-2, "1/a^2"),
    (-1 / a, "-1/a"),
    (HALF * a, "1/2*a"),
    (-HALF / a, "-1/(2*a)"),
    (sqrt(a + b), "sqrt(a + b)"),
    (1 / sqrt(a), "1/sqrt(a)"),
    ((a + b) ** Fraction(-3, 2), "1/(a + b)^(3/2)"),
    (a ** Fraction(1, 3), "a^(1/3)"),
    (exp(x[i]) / log(a), "exp(x[i])/log(a)"),
    (delta(i, j), "[i = j]"),
    (Bracket("divides", expression(2), i + 1), "[2 divides i + 1]"),
    (x[i + 1], "x[i + 1]"),
    (Sum(i, x[i]), "sum(x[i], i)"),
    (Sum(index("i", m, 2), x[index("i", m, 2)]), "sum(x[i], i=2..m)"),
    (Sum(i, 1), "sum(1, i=1..m)"),
    (Sum(i, x[i] * Sum(j, y[j])), "sum(x[i]*sum(y[j], j), i)"),
    (d(f, x)[i], "df/dx[i]"),
    (a * d(f, x)[i] / b, "a*df/dx[i]/b"),
    (a / d(f, c), "a/(df/dc)"),
    (expression(d(f, c)) ** 2, "(df/dc)^2"),
    (Direct(Read(y, (i,)), Read(x, (j,))) * a, "∂y[i]/∂x[j]*a"),
]


@pytest.mark.parametrize(("expr", "text"), CASES, ids=[text for _, text in CASES])
def test_spelling(expr: Expr, text: str) -> None:
    assert plain(expr) == text
    assert repr(expr) == text
