"""Assertions for autograders: silent where all is well, else what a student should read."""

from __future__ import annotations

import pytest

import derive
from derive.judging.message import message


def test_what_is_right_passes() -> None:
    derive.assert_answer("bn_backward", "beta", r"\sum_i \frac{\partial f}{\partial y_i}")
    derive.assert_statement("bn_backward", r"\sum_i \hat x_i = 0")
    derive.assert_equal(r"(a+b)^2", r"a^2 + 2ab + b^2")


def test_a_failure_says_how_it_was_read_and_where_it_is_false() -> None:
    with pytest.raises(AssertionError) as caught:
        derive.assert_answer("bn_backward", "gamma", r"\frac{\partial f}{\partial y_i}\hat x_i - \sum_i \hat x_i")
    lines = str(caught.value).splitlines()
    assert lines[0].startswith(("refuted", "depends"))
    assert any("read as" in line for line in lines)
    assert len(lines) <= 8


def test_a_failure_names_the_repair() -> None:
    with pytest.raises(AssertionError, match="a sum over i is missing"):
        derive.assert_answer("bn_backward", "beta", r"\frac{\partial f}{\partial y_i}")


def test_what_cannot_be_read_is_shown_with_a_caret() -> None:
    with pytest.raises(AssertionError) as caught:
        derive.assert_statement("bn_backward", r"\mu = \hat z_i")
    text = str(caught.value)
    assert "unreadable: column 7" in text
    assert text.splitlines()[-1].endswith("^")


def test_an_unknown_part_is_a_wrong_call() -> None:
    with pytest.raises(derive.UsageError, match="Did you mean 'gamma'"):
        derive.check("bn_backward", r"\mu", part="gama")
    with pytest.raises(derive.UsageError, match="Did you mean 'bn_backward'"):
        derive.check("bn_backwards", r"\mu = 1")


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        (
            r"\frac{\partial f}{\partial\beta} = \sum_{i=1+1}^m \frac{\partial f}{\partial y_i}",
            (
                r"the sum over i has a wrong end: "
                r"\frac{\partial f}{\partial \beta} = \sum_{i=1}^{m} \frac{\partial f}{\partial y_{i}}"
            ),
        ),
        (r"\frac{\partial f}{\partial\mu} = 0", r"the right side, 0, should be -\frac{1}{2}"),
        (r"4 = \mu_1 + 2", "the left side, 4, should be 15"),
        (r"\frac{\partial f}{\partial x_i} = 0", r"at i = 1: the right side, 0, should be \frac{39}{160}"),
    ],
)
def test_a_repair_as_a_person_would_write_it(statement: str, line: str) -> None:
    problem = "bn_forward" if "mu_1" in statement else "bn_backward"
    assert message(derive.check(problem, statement)).splitlines()[-1] == f"  {line}"


def test_what_is_undecided_says_why_and_no_more() -> None:
    found = derive.check("bn_backward", r"\mu < \gamma")
    assert message(found).splitlines()[0] == "undecided: '<' between formulas is not decided"
