"""The law of the plain notation: what is printed reads back to the same tree."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from strategies import SMALL, expressions

from derive.catalogue import entries, load
from derive.language.expression import Expr, walk
from derive.language.matrices import Component
from derive.language.plain import plain
from derive.reading.plain import read
from derive.reading.tokens import MAX_DIGITS
from derive.reading.vocabulary import vocabulary

WORDS = vocabulary(SMALL)


def is_short(expr: Expr) -> bool:
    """Has it no number of more digits than are read? A power of a power of a number soon has."""
    return all(len(digits) <= MAX_DIGITS for digits in re.findall("[0-9]+", plain(expr)))


TYPED = expressions().filter(is_short)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TYPED)
def test_read_after_plain_is_the_same_tree(expr: Expr) -> None:
    assert read(plain(expr), WORDS) == expr


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TYPED)
def test_plain_after_read_is_the_same_text(expr: Expr) -> None:
    text = plain(expr)
    assert plain(read(text, WORDS)) == text
    assert repr(expr) == text == str(expr)


@pytest.mark.parametrize("name", [entry.id for entry in entries()])
def test_every_equation_of_the_built_in_problems(name: str) -> None:
    problem = load(name)
    words = vocabulary(problem)
    forms = [question.form for question in problem.questions if question.form is not None]
    for expr in [*(equation.value for equation in problem.program.equations), *forms]:
        if any(isinstance(node, Component) for node in walk(expr)):
            continue  # products of matrices are printed, and not yet read
        assert read(plain(expr), words) == expr
