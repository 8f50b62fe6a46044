"""Arithmetic of a window: (64 - 3 + 2)/2 + 1 = 32 is true where the quotient is rounded down, as the rule has it."""

from __future__ import annotations

import re
from itertools import pairwise

from derive.errors import AnswerError
from derive.judging.counting.values import same
from derive.language.expression import Expr
from derive.language.judgement import Judgement
from derive.reading.answer_text import Answer
from derive.reading.answers import Values
from derive.rendering.formula import latex

FLOOR = "a quotient that is not whole is rounded down"
_WINDOW = re.compile(r"[})/\d]\s*\)?\s*\+\s*1\s*\)?\s*$")


def is_arithmetic(answer: Answer) -> bool:
    """Numbers alone on both sides."""
    pieces = (answer.label, *answer.values) if answer.label.text else answer.values
    if len(pieces) < 2 or answer.behind or (answer.label.text and not answer.equals):
        return False
    for piece in pieces:
        try:
            Values(piece, answer.text, {}).number()
        except AnswerError:
            return False
    return True


def judge_rounding(answer: Answer) -> Judgement | None:
    """None where it is true as it stands, false either way, or no quotient and one."""
    pieces = (answer.label, *answer.values) if answer.label.text else answer.values
    if answer.behind or answer.rounded or not any(_WINDOW.search(piece.text) for piece in pieces):
        return None
    exact: list[Expr] = []
    floored: list[Expr] = []
    for piece in pieces:
        for found, floors in ((exact, False), (floored, True)):
            reader = Values(piece, answer.text, {}, floors=floors)
            try:
                found.append(reader.number())
            except AnswerError:
                return None
            if reader.percent or reader.decimal:
                return None
    if all(same(one, other) for one, other in pairwise(exact)):
        return None
    if not all(same(one, other) for one, other in pairwise(floored)):
        return None
    read_as = " = ".join(map(latex, exact))
    return Judgement("depends", "numbers alone", read_as, convention=FLOOR)
