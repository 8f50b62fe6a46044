"""A limit holds with its quantifier, and is refused where its chain or its counterexample does not hold."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from derive.algebra.signs import cases, nonnegative, raised
from derive.engines.derive import derive_problem
from derive.errors import AuthorError, NotProvedError
from derive.language import NONNEGATIVE, Sum, absolute, exp, index, scalar, size, tensor
from derive.language.problem import Problem
from derive.language.question import Limit, Question
from derive.problems import tanh_mse as m
from derive.verification.report import examine

x, y = scalar("x"), scalar("y", domain=NONNEGATIVE)
k = index("k", size("K"))
t = tensor("t", k)


def problem(**changes: object) -> Problem:
    """tanh_mse with its limit changed."""
    limit = m.PROBLEM.question("limit").wants
    assert isinstance(limit, Limit)
    questions = tuple(
        Question("limit", replace(limit, **changes)) if q.id == "limit" else q for q in m.PROBLEM.questions
    )
    return replace(m.PROBLEM, questions=questions)


def test_the_limit_and_what_weakening_it_breaks() -> None:
    report = examine(derive_problem(m.PROBLEM), ("unrolled", "differences"))
    checked = report.parts[2]
    assert (checked.claim.relation, checked.verdict.kind) == ("<=", "proved")
    assert [evidence.verdict.kind for evidence in checked.evidence] == ["proved", "agrees", "agrees"]
    stays = report.unmoved["limit"]
    assert (stays.value, len(stays.far)) == ("-1", 2)


CHAIN = m.PROBLEM.question("limit").wants.chain  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"unless": {"x": ((1, 1), (0, 1)), "y": (1, 1), "w": (0, "R")}},
            "is not one number for every R|must move with R",
        ),
        ({"unless": {"x": ((1, 0), (0, 1)), "y": (0, 1), "w": (0, "R")}}, "is not one number for every R"),
        ({"unless": {"x": ((1, 0), (1, 0)), "y": (1, 1), "w": (0, "R")}}, "must move with R"),
        ({"moving": m.x}, "must depend on x through"),
        ({"chain": CHAIN[:-2]}, "must depend on w through"),
        ({"chain": (*CHAIN[:3], (CHAIN[4][0], ""))}, "part 'limit', line"),
        ({"chain": (CHAIN[0], (CHAIN[2][0], "mean"))}, "part 'limit', line"),
        ({"chain": (CHAIN[0], (CHAIN[1][0], "error"))}, "cannot be put into"),
    ],
)
def test_what_does_not_hold_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(NotProvedError, match=message):
        examine(derive_problem(problem(**changes)), ())


def test_an_unknown_bound_is_the_author_s_mistake() -> None:
    with pytest.raises(AuthorError, match="uses the bound 'mena'"):
        problem(chain=((CHAIN[0][0], "mena"),))


def test_what_cannot_be_negative() -> None:
    assert nonnegative(x**2 + 3 * exp(x) * y / (1 + y) + Sum(k, t[k] ** 4) + absolute(x))
    assert not any(nonnegative(e) for e in (x.as_expression(), x**3, x**2 - 1, Sum(k, t[k]), y * x))
    assert nonnegative(x**3, known=[x.as_expression()])


def test_putting_in_what_is_larger() -> None:
    low, high = x.as_expression(), y.as_expression()
    assert raised(2 * x + y, low, high, ()) == 2 * y + y
    assert raised(-2 * x, low, high, ()) is None
    assert raised(x**2, low, high, ()) is None
    assert raised(x**2, low, high, (low,)) == y**2
    assert raised(Sum(k, x * t[k] ** 2), low, high, ()) == Sum(k, y * t[k] ** 2)
    assert raised(Sum(k, x * t[k]), low, high, ()) is None
    assert raised(exp(x), low, high, ()) is None  # true, but not seen


def test_an_absolute_value_has_two_cases() -> None:
    assert list(cases(absolute(x) + 1)) == [x + 1, -x + 1]
    assert len(list(cases(absolute(x) * absolute(y)))) == 4
    inside = Sum(k, absolute(t[k]))
    assert list(cases(inside)) == [inside]
