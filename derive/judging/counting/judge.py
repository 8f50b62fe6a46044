"""Answers to counting problems judged: which part they are about, what they say, and whether that is right."""

from __future__ import annotations

import re
from contextlib import suppress

from msgspec.structs import replace

from derive.engines.counting import counted_part
from derive.errors import AnswerError
from derive.judging.counting.answers import Answered, letters_of
from derive.judging.counting.around import around_a_value
from derive.judging.counting.cells import cells_of, described, statements_in
from derive.judging.counting.comparisons import judge_comparison
from derive.judging.counting.faults import BY_LOOKS
from derive.judging.counting.formulas import judge_letters
from derive.judging.counting.kernels import judge_kernels
from derive.judging.counting.names import identified, named
from derive.judging.counting.outcomes import all_of
from derive.judging.counting.own_names import in_words, of_any_layer
from derive.judging.counting.phrases import judge_words
from derive.judging.counting.places import program_of, wanted
from derive.judging.counting.quotients import in_terms, judge_quotient
from derive.judging.counting.recurrences import judge_recurrence
from derive.judging.counting.rounding import is_arithmetic, judge_rounding
from derive.judging.counting.sentences import sentence_of, statements_of, with_definitions
from derive.judging.counting.sides import spoken_of
from derive.judging.counting.tables import judge_row, judge_walk
from derive.judging.counting.text import place_in, spelled
from derive.judging.counting.values import ENTRIES
from derive.judging.layer_formulas import (
    judge_activation,
    judge_formula,
    judge_hidden,
    judge_product,
    speaks_of_matrices,
)
from derive.judging.subject import Subject
from derive.language.counting import Count
from derive.language.judgement import Judgement
from derive.reading.answer_text import MAX_LENGTH, Answer, Piece, pieces_of
from derive.reading.answers import Values


def judge_count(subject: Subject, text: str) -> Judgement | None:
    """The judgement on an answer to a counting problem; None for arithmetic that names no part.

    Raises AnswerError where the text cannot be read, or does not say what it is about.
    """
    if len(text) > MAX_LENGTH:
        raise AnswerError(f"texts beyond {MAX_LENGTH} characters are not read", text, MAX_LENGTH)
    other = spelled(text)
    try:
        found = [_line(subject, statement) for statement in with_definitions(statements_of(other))]
    except AnswerError as error:
        raise AnswerError(error.message, text, place_in(text, other, error.position)) from error
    told = [one for one in found if one is not None]
    return all_of(told) if len(told) == len(found) else None


def _line(subject: Subject, text: str) -> Judgement | None:
    """One statement; what is none as it stands may be a row of a table, or words around one value."""
    try:
        found = _judged(subject, text)
        own = _own_names(subject, text) if found is not None and found.verdict == "refuted" else None
        return own if own is not None and found is not None and _says_more(own, found) else found
    except AnswerError as error:
        if terms := in_terms(subject, text):
            return judge_count(Subject(subject.problem, subject.given, terms[0]), terms[1])
        found = _own_names(subject, text) or _in_cells(subject, text) or _around(subject, text)
        if found is None:
            raise error from None
        return found


def _says_more(own: Judgement, found: Judgement) -> bool:
    """Is it true with its names as the author's own, or is it plainer then what is wrong?"""
    telling = [{one.kind for one in judged.diagnosis} - BY_LOOKS for judged in (own, found)]
    return own.verdict == "proved" or (own.verdict == "refuted" and bool(telling[0]) and not telling[1])


def _own_names(subject: Subject, text: str) -> Judgement | None:
    with suppress(AnswerError):
        if (other := of_any_layer(text.strip())) != text.strip():
            return _judged(subject, other)
        answer = in_words(subject, pieces_of(text))
        if answer is None:
            return None
        found = judge_words(subject, answer)
        return found if found.verdict == "proved" or not answer.label.text.startswith(" of") else None
    return None


def _in_cells(subject: Subject, text: str) -> Judgement | None:
    """Cells between arrows or bars: a walk through the network, a row of a table, or statements about one layer."""
    cells = cells_of(text)
    if len(cells) < 2 or subject.part:
        return None

    def judge(statement: str) -> Judgement | None:
        with suppress(AnswerError):
            return _line(subject, statement)
        return None

    if found := judge_walk(subject, cells, judge) or judge_row(subject, described(cells), judge):
        return found
    judged = [judge(statement) for statement in statements_in(cells)]
    told = [one for one in judged if one is not None]
    return all_of(told) if told and len(told) == len(judged) else None


def _around(subject: Subject, text: str) -> Judgement | None:
    answer = around_a_value(text, letters_of(subject))
    if answer is None or not (answer.label.text or answer.behind):
        return None
    with suppress(AnswerError):
        return _sentence(subject, answer)
    return None


def _judged(subject: Subject, text: str) -> Judgement | None:
    if (sentence := sentence_of(text)) is not None:
        return _sentence(subject, sentence)
    pieces = pieces_of(text)
    answer = with_values(subject, pieces)
    if answer is None:
        return judge_rounding(pieces)
    if speaks_of_matrices(subject, answer):
        return judge_formula(subject, answer)
    readers = (
        judge_kernels,
        judge_quotient,
        judge_activation,
        judge_hidden,
        judge_product,
        judge_recurrence,
        judge_letters,
        _passage,
    )
    for read in readers:
        if (found := read(subject, pieces)) is not None:
            return found
    return _of_part(subject, pieces, answer)


def _passage(subject: Subject, answer: Answer) -> Judgement | None:
    """28x28x6 -> 14x14x6: what goes into the layer whose output is asked, and what comes out."""
    wants = wanted(subject)
    if not answer.arrow or wants is None or wants.what != "shape" or not _is_value(subject, answer):
        return None
    before = counted_part(subject.problem, program_of(subject), replace(wants, what="input"))
    after = next(part for part in subject.known.derivation.parts if part.question.id == subject.part)
    into = replace(answer, label=Piece("", 0), values=(answer.label,))
    return all_of([Answered(subject, part, one).judgement()
                   for part, one in ((before, into), (after, replace(answer, label=Piece("", 0))))])  # fmt: skip


def _sentence(subject: Subject, answer: Answer) -> Judgement | None:
    """A sentence compares two counts, tells a number of a layer, or answers a part."""
    if (found := judge_kernels(subject, answer) or judge_comparison(subject, answer)) is not None:
        return found
    if not answer.values:
        raise AnswerError("it is open what is compared; name both", answer.text, 0)
    spoken = not answer.behind and spoken_of(subject, answer) is not None
    found = judge_letters(subject, answer) if spoken else None
    found = found or _of_part(subject, answer, answer)
    if found is not None and found.convention == ENTRIES and re.search(r"\bpixels?\b", answer.text):
        return replace(found, verdict="proved", reading=ENTRIES, convention="")
    return found


def _of_part(subject: Subject, pieces: Answer, answer: Answer) -> Judgement | None:
    try:
        part = identified(subject, answer)
    except AnswerError as error:
        return _in_words(subject, pieces, answer, error)
    if isinstance(part.question.wants, Count) and part.question.wants.what == "map":
        return judge_formula(subject, answer, part)
    answered = Answered(subject, part, answer)
    try:
        return answered.judgement()
    except AnswerError:
        if is_arithmetic(pieces):
            return judge_rounding(pieces) or answered.beside()
        raise


def _in_words(subject: Subject, pieces: Answer, answer: Answer, error: AnswerError) -> Judgement | None:
    """Words that name no part; None for arithmetic that says nothing of any part."""
    try:
        return judge_words(subject, answer)
    except AnswerError as words:
        if is_arithmetic(pieces):
            return judge_rounding(pieces)
        raise (error if subject.part or not (answer.label.text or answer.behind) else words) from None


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
