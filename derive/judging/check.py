"""Text -> judgement: read completely or not at all, then judged."""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from derive.algebra.binding import rewrite
from derive.errors import AnswerError, AuthorError, BudgetError, DeriveError, MisfitError, UnsupportedError
from derive.judging.derivatives import has_edges
from derive.judging.identities import bound, identity
from derive.judging.judge import either, judge
from derive.judging.limits import judge_limit
from derive.judging.misfits import misfitting
from derive.judging.several import joined
from derive.judging.show import shown_side
from derive.judging.subject import Subject
from derive.judging.terms import judge_term
from derive.language.counting import Counting
from derive.language.deep import DeepNetwork
from derive.language.expression import Add, Decimal, Direct, Expr, Index, Number, Read, free_indices
from derive.language.given import Given
from derive.language.judgement import Judgement, Unread
from derive.language.question import Gradient
from derive.language.statement import Chain, Open, Side, Statement
from derive.language.tensor import d
from derive.reading.pending import exactly
from derive.reading.statement import read_as_update, read_otherwise, read_statement
from derive.reading.updates import rules

_SCRIPT = re.compile(r"_\{?(\d{1,2})(?!\d)")  # the number of a layer

RECENT = 8  # statements whose judgements are kept: the same one is often said of several parts


class Heard(Struct, frozen=True):
    """The judgement on a text, the statement that was read, if any was, and the judgement on each of its chains."""

    judgement: Judgement
    statement: Statement | None = None
    singles: tuple[Judgement, ...] = ()


def judged(subject: Subject, text: str) -> Judgement:
    """The judgement on what a text says about a problem, or about a function alone."""
    return heard(subject, text).judgement


def heard(subject: Subject, text: str) -> Heard:
    """The judgement, with how it came about."""
    found = _heard(subject, text)
    verdict = found.judgement.verdict
    if verdict == "depends" and found.judgement.convention == subject.example:
        of_function = bound(text)
    elif verdict in ("unreadable", "undecided") and not isinstance(subject.problem.program, Counting):
        of_function = _of_function(subject, text)
    else:
        return found
    return found if of_function is None else replace(found, judgement=of_function)


def _of_function(subject: Subject, text: str) -> Judgement | None:
    """What is said of a function alone, or of a limit."""
    try:
        return judge_limit(subject, text) or identity(text)
    except AnswerError as error:
        return unreadable(error)
    except (BudgetError, UnsupportedError, ArithmeticError) as error:
        return unable(error)


def _heard(subject: Subject, text: str) -> Heard:
    statement: Statement | None = None
    try:
        if isinstance(subject.problem.program, Counting):
            from derive.judging.counting.judge import judge_count

            counted = judge_count(subject, text)
            if counted is not None:
                return Heard(counted)
        statement = read_statement(text, subject.names, answers=bool(subject.part))
        if len(statement.chains) == 1 and statement.chains[0].term:
            return Heard(term_of(subject, statement), statement)
        said = answering(subject, statement)
        singles = _each(Asked(subject, said))
        found = joined(subject, said.chains, singles)
        if found.verdict != "proved":
            found = with_arrow(subject, text, with_depth(subject, text, with_slash(subject, text, found)))
        return Heard(found, statement, singles)
    except MisfitError as error:
        return Heard(with_depth(subject, text, misfitting(error.left, error.right, error.sizes)), statement)
    except AnswerError as error:
        return Heard(unreadable(error), statement)
    except RecursionError:
        return Heard(too_deep(text), statement)
    except (BudgetError, UnsupportedError, ArithmeticError) as error:
        return Heard(unable(error), statement)
    except AuthorError as error:  # the statement asks for what the problem does not have: the mean of a convolution
        return Heard(unable(error), statement)


class Asked:
    """A statement with all that its judgement depends on: not on which part is asked, once its sides are there."""

    def __init__(self, subject: Subject, statement: Statement) -> None:
        self.subject, self.statement = subject, statement
        self.under = subject.known, bool(subject.part), subject.assuming

    def __hash__(self) -> int:
        return hash((id(self.subject.known), self.statement.text))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Asked)
            and self.under == other.under
            and self.subject.given == other.subject.given
            and self.statement == other.statement
        )


@lru_cache(maxsize=RECENT)
def _each(asked: Asked) -> tuple[Judgement, ...]:
    """The judgement on each chain."""
    return tuple(either(asked.subject, chain) for chain in asked.statement.chains)


def with_slash(subject: Subject, text: str, found: Judgement) -> Judgement:
    """A statement that is true once a/bc is read as a/(bc)."""
    for other in read_otherwise(text, subject.names, answers=bool(subject.part)):
        again = judge(subject, answering(subject, other))
        if again.verdict == "proved":
            return Judgement("depends", again.scope, again.read_as, again.reading, "a/bc is read as a/(bc)")
    return found


def with_depth(subject: Subject, text: str, found: Judgement) -> Judgement:
    """A statement that is true where the highest layer that it numbers is the last one."""
    network = subject.problem.program
    if found.verdict != "refuted" or not isinstance(network, DeepNetwork) or subject.given:
        return found
    depth = max((int(number) for number in _SCRIPT.findall(text)), default=0)
    if not 1 < depth < subject.depth:
        return found
    other = Subject(subject.problem, Given(values={network.depth.key: depth}), subject.part)
    try:
        again = judge(other, answering(other, read_statement(text, other.names, answers=bool(other.part))))
    except DeriveError:
        return found
    if again.verdict != "proved":
        return found
    said = f"where {network.depth.key} = {depth}"
    return Judgement("depends", again.scope, again.read_as, again.reading, said)


def with_arrow(subject: Subject, text: str, found: Judgement) -> Judgement:
    """An equation x = x - .. that is true as the new value of x."""
    other = read_as_update(text, subject.names, answers=bool(subject.part)) if found.verdict == "refuted" else None
    try:
        again = judge(subject, answering(subject, other)) if other is not None else found
    except DeriveError:
        return found
    if again.verdict != "proved":
        return found
    return Judgement("depends", again.scope, again.read_as, again.reading, "'=' is read as the sign of a new value")


def term_of(subject: Subject, statement: Statement) -> Judgement:
    """One term of the part that is asked; without a part, of any gradient that has it."""
    (chain,) = statement.chains
    said = chain.sides[0]
    if len(chain.sides) > 1 or not isinstance(said, Expr) or has_edges(said):
        raise AnswerError("a term is one expression", statement.text, 0)
    questions = [q for q in subject.problem.questions if isinstance(q.wants, Gradient)]
    if subject.part:
        return judge_term(subject, subject.problem.asked(subject.problem.question(subject.part)), exactly(said))
    found = [judge_term(subject, subject.problem.asked(question), exactly(said)) for question in questions]
    for verdict in ("proved", "depends"):
        for one in found:
            if one.verdict == verdict:
                return one
    return Judgement("undecided", "say of which part it is a term", shown_side(said))


def answering(subject: Subject, statement: Statement) -> Statement:
    """A bare expression is the answer to the part that is asked: the left side is put before it."""
    return replace(statement, chains=tuple(_answering(subject, statement, chain) for chain in statement.chains))


def _answering(subject: Subject, statement: Statement, chain: Chain) -> Chain:
    if chain.other is not None:
        chain = replace(chain, other=_answering(subject, statement, chain.other))
    if chain.updates:
        chain = new_value(subject, statement, chain)
    if len(chain.sides) > 1 and not chain.answers:
        return chain
    if not subject.part:
        message = "an expression says nothing by itself; write an equation, or say which part it answers"
        raise AnswerError(message, statement.text, 0)
    asked = subject.problem.asked(subject.problem.question(subject.part))
    check_answer(chain, asked, statement)
    first = opened(asked) if isinstance(chain.sides[0], Open) and not chain.sides[0].implied else asked
    sides, relations = (first, *chain.sides), ("=", *chain.relations)
    return replace(chain, sides=sides, relations=relations, texts=("", *chain.texts), answers=False)


def new_value(subject: Subject, statement: Statement, chain: Chain) -> Chain:
    """What stands behind an arrow, as the answer to a part that asks for the new value of what stands before it."""
    first = chain.sides[0]
    read = first.entry if isinstance(first, Open) else first
    if not subject.part:
        return by_rule(subject, statement, chain, read)
    asked = subject.problem.asked(subject.problem.question(subject.part))
    if not isinstance(read, Read) or read.tensor not in [one.tensor for one in terms_read(asked)]:
        message = f"the part '{subject.part}' does not ask for the new value of '{chain.texts[0]}'"
        raise AnswerError(message, statement.text, max(statement.text.find(chain.texts[0]), 0))
    return replace(
        chain, sides=chain.sides[1:], relations=chain.relations[1:], texts=chain.texts[1:], answers=True, updates=False
    )


def by_rule(subject: Subject, statement: Statement, chain: Chain, read: Side) -> Chain:
    """What stands behind an arrow, beside the new value by the rule that a part of the problem asks for."""
    loss = subject.problem.program.loss
    inputs = [tensor.key for tensor in subject.problem.program.inputs()]
    for question, asked, own in rules(subject.problem):
        if not isinstance(read, Read) or read.tensor.key not in inputs:
            continue
        slope = Read(d(loss, own.tensor), own.indices)
        new: dict[Expr, Expr] = {own: read, slope: Read(d(loss, read.tensor), read.indices)}
        value = rewrite(asked, new.get)
        first = replace(chain.sides[0], entry=value) if isinstance(chain.sides[0], Open) else value
        notes = (*chain.notes, f"by the rule of part '{question.id}'")
        return replace(chain, sides=(first, *chain.sides[1:]), updates=False, notes=notes)
    message = "an update is the answer to a part, and says nothing by itself; say which part"
    raise AnswerError(message, statement.text, 0)


def terms_read(asked: Expr) -> list[Read]:
    """The names among the terms of a sum: gamma in gamma - eta dE/dgamma."""
    return [one for one in (asked.terms if isinstance(asked, Add) else ()) if isinstance(one, Read)]


def check_answer(chain: Chain, asked: Expr, statement: Statement) -> None:
    """Raises AnswerError for an index alone, and for a number among other statements where entries are asked."""
    said = chain.sides[0]
    number = isinstance(said, Number | Decimal) and len(statement.chains) > 1 and bool(free_indices(asked))
    if len(chain.sides) == 1 and (number or isinstance(said, Index)):
        text = chain.texts[0] if chain.texts else ""
        message = f"'{text}' alone says nothing, and is no answer to what is asked"
        raise AnswerError(message, statement.text, max(statement.text.find(text), 0))


def opened(asked: Expr) -> Side:
    """What is asked entry by entry as an array, its axes in the order in which they are written."""
    read = (asked.of, asked.by) if isinstance(asked, Direct) else (asked,)
    axes = [[i for i in one.indices if isinstance(i, Index)] if isinstance(one, Read) else [] for one in read]
    rows, columns = (axes[0], axes[1]) if len(axes) > 1 else (axes[0][:1], axes[0][1:])
    return Open(tuple(rows), tuple(columns), asked, implied=False, sure=True) if rows or columns else asked


def too_deep(text: str) -> Judgement:
    """What runs out of the stack that Python has."""
    return unreadable(AnswerError("it is nested too deeply", text, 0))


def unreadable(error: AnswerError) -> Judgement:
    low = max(0, error.position - 15)
    excerpt = error.text[low : error.position + 15]
    return Judgement("unreadable", error=Unread(error.message, error.position, excerpt))


def unable(error: Exception) -> Judgement:
    """What is said where a budget ran out or no rule handles it."""
    return Judgement("undecided", scope=str(error))
