"""What is different for some numbers is so for positive ones, unless a root, a logarithm or a condition is in it."""

from __future__ import annotations

import pytest
from judging.corpus import pairs

from derive.algebra.analytic import is_analytic
from derive.checking import compare
from derive.judging.comparing import is_proved
from derive.language import delta, exp, index, log, scalar, size, sqrt, tensor
from derive.language.domain import POSITIVE
from derive.language.expression import Bracket, Expr, Function, Sum
from derive.language.statement import Statement
from derive.reading.free import FreeNames, elaborated_freely
from derive.reading.latex.blocks import Reader

m = size("m")
i, j = index("i", m), index("j", m)
x, a, b = tensor("x", i), scalar("a"), scalar("b")


@pytest.mark.parametrize("expr", [a**3 / (1 + b**2), Sum(i, exp(x[i]) / a), delta(i, j) * x[j], m * a - 1 / b])
def test_analytic(expr: Expr) -> None:
    assert is_analytic(expr)


@pytest.mark.parametrize(
    "expr",
    [sqrt(a), log(a), a**b, Function("abs", (a - b,)), Function("relu", (1 + x[i],)), Bracket("<", a - b, m - m)],
)
def test_not_analytic(expr: Expr) -> None:
    assert not is_analytic(expr)


@pytest.mark.parametrize(
    ("gold", "answer"),
    [(r"\sqrt{x^2}", "x"), (r"\log(xy)", r"\log x + \log y"), (r"|x| + y", "x + y"), (r"(x^2)^{3/2}", "x^3")],
)
def test_where_names_are_positive(gold: str, answer: str) -> None:
    found = compare(gold, answer)
    assert (found.verdict, found.convention) == ("depends", "where every name is positive")


def test_near_misses_are_not_equal_for_positive_numbers() -> None:
    tried = 0
    for pair in pairs(120, "positive", alone=True):
        if pair.true or compare(pair.gold, pair.said).verdict != "refuted":
            continue
        sides = [statement.chains[0].sides[0] for statement in read(pair.gold, pair.said)]
        if not all(isinstance(side, Expr) and is_analytic(side) for side in sides):
            continue
        tried += 1
        assert not is_proved(*sides), pair  # type: ignore[arg-type]
    assert tried >= 20


def read(gold: str, said: str) -> tuple[Statement, ...]:
    spelled = (Reader(gold).statements(), Reader(said).statements())
    return elaborated_freely((gold, said), spelled, FreeNames(spelled, POSITIVE))
