"""One piece of work: a statement of a part judged, or an answer that is false tried against earlier ones."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import Struct

from derive.checking import subject
from derive.errors import AnswerError, DeriveError
from derive.grading.answering import Extent, is_constant, said_in
from derive.grading.carried import explained_by
from derive.judging.check import answering, judged
from derive.judging.judge import judge
from derive.judging.links import is_concrete
from derive.judging.pairs import Pair
from derive.judging.subject import Subject
from derive.language.given import Decimal
from derive.language.judgement import Judgement
from derive.language.statement import Chain, Statement, expressions_of
from derive.reading.statement import read_statement

Stop: TypeAlias = Literal["", "seconds", "memory", "fault"]


class Task(Struct, frozen=True):
    """A statement in a part of a problem. With `earlier`, parts and the false answers to them: do these explain it?
    With `function`, the text is a module, and that function of it is tried.

    `problem` is an id or a path that the grader named, `given` JSON.
    """

    problem: str
    part: str
    text: str
    given: str = "{}"
    earlier: tuple[tuple[str, str], ...] = ()
    function: str = ""

    @property
    def key(self) -> str:
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()


NO_MEMORY = "it needs more memory than is allowed"


class Outcome(Struct, frozen=True):
    """What came of it. `worked_out`: it says what the part is without leading back to it.

    `explained`: the earlier parts that a false answer follows from; `worked_out` then: with its own work still in it.

    `pieces` are the outcomes of the single statements, where a text makes several. `stopped`: it is not known, since
    a limit stopped it or we failed.
    """

    judgement: Judgement
    extent: Extent = "none"
    worked_out: bool = False
    explained: tuple[str, ...] = ()
    pieces: tuple[Outcome, ...] = ()
    stopped: Stop = ""
    tried: str = ""  # of a function: everything that is said, and 'agrees' is all that can be said for it

    @property
    def all(self) -> tuple[Outcome, ...]:
        return self.pieces or (self,)


def stopped(why: str, by: Stop = "") -> Outcome:
    """Neither right nor wrong: it could not be judged within its limits."""
    return Outcome(Judgement("undecided", why), stopped=by)


def done(task: Task) -> Outcome:
    """Never raises for anything that a student can write."""
    try:
        return _tried(task) if task.function else _explained(task) if task.earlier else _judged(task)
    except DeriveError as error:
        return stopped(str(error))
    except ArithmeticError as error:
        return stopped(str(error))
    except RecursionError:
        return stopped("it is nested too deeply")
    except MemoryError:
        return stopped(NO_MEMORY, "memory")


def _tried(task: Task) -> Outcome:
    from derive.grading.tried import tried  # functions are rare, and their tools large

    judgement, said = tried(task.problem, task.part, task.text, task.function)
    return Outcome(judgement, "whole", worked_out=True, tried=said)


def _judged(task: Task) -> Outcome:
    about = _subject(task.problem, task.part, task.given)
    found = judged(about, task.text)
    if found.verdict == "unreadable":
        return Outcome(found)
    try:
        statement = read_statement(task.text, about.known.names)
    except AnswerError:
        return Outcome(found)
    if len(statement.chains) == 1:
        return _placed(about, statement.chains[0], found)
    pieces = tuple(
        _placed(about, chain, judge(about, answering(about, Statement(task.text, (chain,)))))
        for chain in statement.chains
    )
    best = next((one for one in reversed(pieces) if one.extent != "none"), pieces[-1])
    return Outcome(found, best.extent, best.worked_out, pieces=pieces)


def _placed(about: Subject, chain: Chain, found: Judgement) -> Outcome:
    """A judgement with what the chain says of the part."""
    said = said_in(about, chain)
    extent = said.extent
    at_instance = found.scope.endswith("instance")
    if extent == "whole" and at_instance and said.value is not None and is_constant(said.value) and _has_axes(about):
        extent = "entry"
    if extent == "whole" and not about.given and said.left is not None and said.value is not None:
        pairs = [Pair(said.left, expr) for expr in expressions_of(said.value)]
        extent = "entry" if is_concrete(pairs) else extent  # at the sizes of the worked instance, which nobody gave
    if at_instance and not about.explicit:
        extent = "none"  # true of the worked instance, and nobody asked about that
    return Outcome(found, extent, said.value is not None)


def _has_axes(about: Subject) -> bool:
    from derive.language.expression import free_indices

    return bool(free_indices(about.problem.asked(about.problem.question(about.part))))


def _explained(task: Task) -> Outcome:
    about = _subject(task.problem, task.part, task.given)
    others = {part: _subject(task.problem, part, task.given) for part, _ in task.earlier}
    parts, keeps = explained_by(about, task.text, dict(task.earlier), others)
    return Outcome(Judgement("refuted"), explained=parts, worked_out=keeps)


@lru_cache(maxsize=1024)
def _subject(problem: str, part: str, given: str) -> Subject:
    return subject(problem, numbers_of(given) or None, part)


def numbers_of(given: str) -> dict[str, Any]:
    """The numbers of a task; those with a point stay exact decimals."""
    found: dict[str, Any] = json.loads(given, parse_float=Decimal)
    return found
