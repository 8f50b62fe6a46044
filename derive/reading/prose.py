r"""Prose with mathematics between dollar signs, read with the reader of answers.

A dollar sign that is meant as such is written `\$`. A misspelled symbol is the author's mistake and is found here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, partial

from derive.errors import AnswerError, AuthorError
from derive.language.expression import Expr
from derive.language.problem import Problem
from derive.language.prose import Formula, Prose
from derive.reading.plain import read_formula
from derive.reading.vocabulary import Vocabulary, vocabulary

_MARK = re.compile(r"\\\$|\$")


def read_prose(text: str, words: Vocabulary) -> Prose:
    """The text with every `$...$` read. Raises AuthorError, naming the problem and the text."""
    parts: list[str | Expr | Formula] = []
    for place, (piece, start) in enumerate(_split(text, words.place)):
        if place % 2 == 0:
            if piece:
                parts.append(piece.replace("\\$", "$"))
            continue
        try:
            parts.append(read_formula(piece, words, whole=True))
        except AnswerError as error:
            column = start + error.position + 1
            raise AuthorError(
                f"{words.place}: in the text {_excerpt(text, start)!r}, column {column}: {error.message}"
            ) from error
    return tuple(parts)


def prose_reader(problem: Problem) -> Callable[[str], Prose]:
    """Reads texts in the names of a problem, each once; every text of the problem itself is read at the start.

    Raises AuthorError at the first misspelled symbol.
    """
    reader = cache(partial(read_prose, words=vocabulary(problem)))
    for text in texts(problem):
        reader(text)
    return reader


def texts(problem: Problem) -> Iterator[str]:
    """Every text of a problem that may hold mathematics."""
    yield from (problem.title, problem.statement, problem.summary, problem.intuition)
    yield from (*problem.conventions, *problem.conditions, *problem.sources, *problem.otherwise.values())
    yield from (tensor.meaning for tensor in problem.tensors())
    for question in problem.questions:
        yield question.text
        yield from (assumption.text for assumption in question.assuming)
    for remark in (*problem.lemmas, *problem.remarks):
        yield from (remark.text, *remark.conditions, *(assumption.text for assumption in remark.assuming))
    for mistake in problem.mistakes:
        yield from (mistake.title, mistake.tempting, mistake.repair)


def _split(text: str, place: str) -> Iterator[tuple[str, int]]:
    """Prose and mathematics in turn, each with the column where it starts."""
    start, inside = 0, False
    for match in _MARK.finditer(text):
        if match[0] == "$":
            yield text[start : match.start()], start
            start, inside = match.end(), not inside
    if inside:
        raise AuthorError(f"{place}: in the text {_excerpt(text, start)!r} a $ is not closed; write \\$ for the sign")
    yield text[start:], start


def _excerpt(text: str, at: int, width: int = 60) -> str:
    """The part of a long text around a column."""
    low = max(0, min(at - width // 3, len(text) - width))
    return ("..." if low else "") + text[low : low + width] + ("..." if low + width < len(text) else "")
