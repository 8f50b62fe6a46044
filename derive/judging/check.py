"""Text -> judgement: read completely or not at all, then judged."""

from __future__ import annotations

from derive.errors import AnswerError, BudgetError, UnsupportedError
from derive.judging.judge import judge, unable
from derive.judging.subject import Subject
from derive.language.judgement import Judgement, Unread
from derive.language.statement import Chain, Statement
from derive.reading.statement import read_statement


def judged(subject: Subject, text: str) -> Judgement:
    """The judgement on what a text says about a problem."""
    try:
        statement = read_statement(text, subject.known.names)
        return judge(subject, answering(subject, statement))
    except AnswerError as error:
        return unreadable(error)
    except (BudgetError, UnsupportedError, ArithmeticError) as error:
        return unable(error)


def answering(subject: Subject, statement: Statement) -> Statement:
    """A bare expression is the answer to the part that is asked: the left side is put before it."""
    chains = []
    for chain in statement.chains:
        if len(chain.sides) > 1:
            chains.append(chain)
            continue
        if not subject.part:
            message = "an expression says nothing by itself; write an equation, or say which part it answers"
            raise AnswerError(message, statement.text, 0)
        asked = subject.problem.asked(subject.problem.question(subject.part))
        chains.append(Chain((asked, *chain.sides), ("=",), ("", *chain.texts), chain.notes, chain.assumed))
    return Statement(statement.text, tuple(chains))


def unreadable(error: AnswerError) -> Judgement:
    low = max(0, error.position - 15)
    excerpt = error.text[low : error.position + 15]
    return Judgement("unreadable", error=Unread(error.message, error.position, excerpt))
