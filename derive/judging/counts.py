"""Answers to counting problems judged: which part they are about, what they say, and whether that is right."""

from __future__ import annotations

from derive.errors import AnswerError
from derive.judging.count_answers import Answered, letters_of
from derive.judging.count_formulas import judge_letters
from derive.judging.count_kernels import judge_kernels
from derive.judging.count_names import identified, named
from derive.judging.count_phrases import judge_words
from derive.judging.count_quotients import judge_quotient
from derive.judging.count_rounding import is_arithmetic, judge_rounding
from derive.judging.layer_formulas import judge_activation, judge_formula, judge_product, speaks_of_matrices
from derive.judging.subject import Subject
from derive.language.counting import Count
from derive.language.judgement import Judgement
from derive.reading.answer_text import Answer, Piece, pieces_of
from derive.reading.answers import Values


def judge_count(subject: Subject, text: str) -> Judgement | None:
    """The judgement on an answer to a counting problem; None for arithmetic that names no part.

    Raises AnswerError where the text cannot be read, or does not say what it is about.
    """
    pieces = pieces_of(text)
    answer = with_values(subject, pieces)
    if answer is None:
        return judge_rounding(pieces)
    if speaks_of_matrices(subject, answer):
        return judge_formula(subject, answer)
    for read in (judge_kernels, judge_quotient, judge_activation, judge_product, judge_letters):
        if (found := read(subject, pieces)) is not None:
            return found
    try:
        part = identified(subject, answer)
    except AnswerError as error:
        return _in_words(subject, pieces, answer, error)
    if isinstance(part.question.wants, Count) and part.question.wants.what == "map":
        return judge_formula(subject, answer, part)
    try:
        return Answered(subject, part, answer).judgement()
    except AnswerError:
        if is_arithmetic(pieces):
            return judge_rounding(pieces)
        raise


def _in_words(subject: Subject, pieces: Answer, answer: Answer, error: AnswerError) -> Judgement | None:
    """Words that name no part; None for arithmetic that says nothing of any part."""
    try:
        return judge_words(subject, answer)
    except AnswerError:
        if is_arithmetic(pieces):
            return judge_rounding(pieces)
        raise error from None


def with_values(subject: Subject, answer: Answer) -> Answer | None:
    """What stands before the first = is a value where it reads as one; None where values alone name no part."""
    if answer.equals and not named(subject, answer) and _is_value(subject, answer):
        values = (answer.label, *answer.values)
        answer = Answer(answer.text, Piece("", 0), values, answer.behind, answer.rounded)
    if not answer.label.text and not answer.behind and not subject.part and len(answer.values) > 1:
        return None
    return answer


def _is_value(subject: Subject, answer: Answer) -> bool:
    for read in (Values.number, Values.shape):
        try:
            read(Values(answer.label, answer.text, letters_of(subject), grouped=read is Values.number))
        except AnswerError:
            continue
        return True
    return False
