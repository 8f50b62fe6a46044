r"""Recurrences of the receptive field: r_l = r_{l-1} + (k_l - 1) j_{l-1}, j_l = j_{l-1} s_l."""

from __future__ import annotations

import re
from itertools import pairwise

from msgspec.structs import replace

from derive.algebra.whole import as_expression, whole
from derive.errors import AnswerError
from derive.judging.counting.letters import SYMBOLS
from derive.judging.counting.values import differing, same
from derive.judging.subject import Subject
from derive.language.counting import Count
from derive.language.domain import Integers
from derive.language.expression import Expr
from derive.language.judgement import Failure, Finding, Judgement
from derive.language.notation import Name
from derive.language.tensor import Tensor
from derive.reading.answer_text import Answer
from derive.reading.answers import Values
from derive.rendering.formula import latex

_LETTER = re.compile(r"(?:\\text\s*\{\s*)?(RF|[rRjJkKfFsS])\}?_(?:\{\s*([a-zA-Z]+)\s*(?:-\s*(1))?\s*\}|([a-zA-Z]))")
_PRODUCT = re.compile(r"\\prod_\{\s*([a-z])\s*=\s*1\s*\}\^\{\s*(\w\s*-\s*1)\s*\}\s*s_(?:\{\1\}|\1)")
_LEFT = re.compile(r"(?:RF|[rRjJ])_")
FIELD, JUMP = (Tensor(Name(base, sub=("l-1",), text=f"{base}_before"), meaning=words, domain=Integers(1)).entry()
               for base, words in (("r", "the field so far"), ("j", "the jump so far")))  # fmt: skip
KERNEL, STRIDE = SYMBOLS["kernel"], SYMBOLS["stride"]
NOW = {"r": as_expression(whole(FIELD) + (whole(KERNEL) - 1) * whole(JUMP)),
       "j": as_expression(whole(JUMP) * whole(STRIDE)), "k": KERNEL, "s": STRIDE}  # fmt: skip
BEFORE = {"r": FIELD, "j": JUMP}
MISTAKES: tuple[tuple[str, str, Expr], ...] = tuple((kind, text, as_expression(value)) for kind, text, value in (
    ("off by one", "k windows overlap: only k - 1 of them are new", whole(FIELD) + whole(KERNEL) * whole(JUMP)),
    ("own stride", "a layer's stride moves the layers after it", whole(FIELD) + (whole(KERNEL) - 1) * whole(STRIDE)),
    ("own stride", "a layer's stride moves the layers after it",
     whole(FIELD) + (whole(KERNEL) - 1) * whole(JUMP) * whole(STRIDE)),
    ("stride forgotten", "neighbours lie a jump apart in the input", whole(FIELD) + whole(KERNEL) - 1),
    ("stride forgotten", "the jump is multiplied by the stride", whole(JUMP)),
    ("sum for product", "strides multiply", whole(JUMP) + whole(STRIDE)),
))  # fmt: skip


def judge_recurrence(subject: Subject, answer: Answer) -> Judgement | None:
    """None where it is none, or where no part asks for a field."""
    asked = any(isinstance(q.wants, Count) and q.wants.what == "field" for q in subject.problem.questions)
    if not asked or not answer.equals or answer.behind or not _LEFT.match(answer.label.text):
        return None
    pieces = tuple(replace(one, text=_PRODUCT.sub(r"j_{\2}", one.text)) for one in (answer.label, *answer.values))
    letters, recurs = dict[str, Expr](), False
    for piece in pieces:
        for match in _LETTER.finditer(piece.text):
            letter = {"rf": "r", "f": "k"}.get(match[1].lower(), match[1].lower())
            before = bool(match[3]) or match[2] == "in"
            if before and letter not in BEFORE:
                at = piece.at + match.start()
                raise AnswerError(
                    f"'{match[0]}' belongs to the layer before; write the jump j instead", answer.text, at
                )
            recurs = recurs or before
            letters[match[0]] = (BEFORE if before else NOW)[letter]
    if not recurs:
        return None
    sides = [Values(piece, answer.text, letters, joined=True).number() for piece in pieces]
    read_as = " = ".join(latex(side) for side in sides)
    for one, other in pairwise(sides):
        if same(one, other):
            continue
        apart = differing(one, other)
        if apart is None:
            return Judgement("undecided", "no proof and no counterexample", read_as)
        told = [Finding(kind, text, latex(one)) for kind, text, value in MISTAKES if same(value, other)]
        told += [Finding("formula", "the recurrence is another one", latex(one))]
        failure = Failure(apart, {}, latex(one), latex(other))
        return Judgement("refuted", "every layer", read_as, counterexample=failure, diagnosis=(told[0],))
    return Judgement("proved", "every layer", read_as)
