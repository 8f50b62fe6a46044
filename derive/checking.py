"""Statements judged from Python: `check`, `compare`, and assertions whose failure is what a student should read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from derive.catalogue import load
from derive.errors import UsageError
from derive.judging.check import judged
from derive.judging.comparing import compared
from derive.judging.message import message
from derive.judging.subject import Subject
from derive.language.given import NOTHING, Given, check_given
from derive.language.judgement import Judgement
from derive.language.near import did_you_mean
from derive.language.problem import Problem


def check(
    problem: str | Problem, statement: str, *, given: Mapping[str, object] | Given | None = None, part: str = ""
) -> Judgement:
    r"""Is the statement true in the problem? `part` is what a bare expression answers.

    Raises UsageError for an unknown problem or part, or a `given` that does not fit.

    >>> check("bn_backward", r"\frac{\partial f}{\partial\beta} = \sum_i \frac{\partial f}{\partial y_i}").verdict
    'proved'
    """
    return judged(subject(problem, given, part), _text(statement))


def compare(gold: str, answer: str) -> Judgement:
    r"""Is the answer the same as the gold one, for every value of its names?

    >>> compare(r"\sum_{i=1}^m (x_i - \mu)", r"\sum_i x_i - m\mu").verdict
    'proved'
    """
    return compared(_text(gold), _text(answer))


def _text(said: object) -> str:
    if not isinstance(said, str):
        raise UsageError(f"a statement is a text, in LaTeX or plain, not {said!r:.40}")
    return said


def subject(problem: str | Problem, given: Mapping[str, object] | Given | None = None, part: str = "") -> Subject:
    """What statements about a problem are judged against; to be made once for many of them."""
    loaded = _loaded(problem) if isinstance(problem, str) else problem
    checked = given if isinstance(given, Given) else NOTHING if given is None else check_given(loaded, given)
    chosen = loaded.called(checked.variant)
    parts = [question.id for question in chosen.questions]
    if part and part not in parts:
        near = did_you_mean(part, parts, f". Its parts are {', '.join(parts)}.")
        raise UsageError(f"{chosen.id} has no part '{part}'{near}")
    return Subject(loaded, checked, part)


@lru_cache(maxsize=64)
def _loaded(name: str) -> Problem:
    return load(name)


def assert_statement(problem: str | Problem, statement: str, *, given: Mapping[str, object] | None = None) -> None:
    """Fails unless the statement is proved; the message says how it was read and where it is false."""
    __tracebackhide__ = True
    _assert(check(problem, statement, given=given), statement)


def assert_answer(problem: str | Problem, part: str, answer: str, *, given: Mapping[str, object] | None = None) -> None:
    """Fails unless the answer to the part is proved to be right."""
    __tracebackhide__ = True
    _assert(check(problem, answer, given=given, part=part), answer)


def assert_equal(gold: str, answer: str) -> None:
    """Fails unless the answer is proved to be the same as the gold one."""
    __tracebackhide__ = True
    _assert(compare(gold, answer), answer)


class JudgementError(AssertionError):
    """A statement that is not proved; `verdict` tells a refuted one from one that could not be read or decided."""

    def __init__(self, found: Judgement, text: str) -> None:
        super().__init__(message(found, text))
        self.verdict = found.verdict


def _assert(found: Judgement, text: str) -> None:
    __tracebackhide__ = True
    if found.verdict != "proved":
        raise JudgementError(found, text)
