"""One piece of work: a statement of a part judged, or an answer that is false tried against earlier ones."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from derive.checking import subject
from derive.errors import AnswerError, DeriveError
from derive.grading.answering import Extent, Said, entries_in, is_constant, said_in
from derive.grading.carried import explained_by
from derive.grading.carried_counts import explained_counts
from derive.grading.carried_numbers import explained_by_numbers
from derive.grading.counted import rows_of, said_of_count
from derive.judging.check import answering, heard, judged
from derive.judging.judge import judge
from derive.judging.links import is_concrete
from derive.judging.misfits import MISFIT
from derive.judging.pairs import Pair
from derive.judging.subject import Subject
from derive.language.counting import Counting
from derive.language.derivation import Claim
from derive.language.expression import tensors_in
from derive.language.given import Decimal
from derive.language.judgement import Judgement, Kind
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


BY_WEIGHT = ("proved", "depends", "agrees", "undecided", "unreadable", "refuted")
OWN_NAME = "it has a name of its own, and is not the answer to the part"
SEVERAL = "it has several expressions that stand for themselves; write equations, or one expression"
NO_MEMORY = "it needs more memory than is allowed"


class Outcome(Struct, frozen=True):
    """What came of it. `worked_out`: it says what the part is without leading back to it.

    `final` is the judgement on its last value alone, where it says more; `broken`: an equation on the way is false.
    `links`: it shows steps on the way to its value, `sound` where they hold, though the value may be wrong.
    `trivial`: both of its sides are the same, or mere numbers. `entries` are those that it is about, of `count`.

    `explained`: the earlier parts that a false answer follows from; `worked_out` then: with its own work still in it.
    `against`: earlier parts whose answers it does not go on with, though it would have to.

    `pieces` are the outcomes of the single statements, each with its `text`, where a text makes several. `stopped`: it
    is not known, since a limit stopped it or we failed.
    """

    judgement: Judgement
    extent: Extent = "none"
    worked_out: bool = False
    final: Judgement | None = None
    broken: bool = False
    links: bool = False
    sound: bool = False
    trivial: bool = False
    entries: tuple[tuple[int, ...], ...] = ()
    count: int = 0
    explained: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    pieces: tuple[Outcome, ...] = ()
    text: str = ""
    stopped: Stop = ""
    tried: str = ""  # of a function: everything that is said, and 'agrees' is all that can be said for it

    @property
    def all(self) -> tuple[Outcome, ...]:
        return self.pieces or (self,)

    @property
    def verdict(self) -> Kind:
        """On what it comes to: of 31 * 31 = 961 = x, whether x is right. A function that agrees counts as right."""
        found = (self.final or self.judgement).verdict
        return "proved" if self.tried and found == "agrees" else found


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
    if isinstance(about.problem.program, Counting):
        return _counted(about, task.text)
    said = heard(about, task.text)
    found = said.judgement
    if found.verdict == "unreadable":
        return Outcome(found)
    if said.statement is None:
        return Outcome(found) if found.verdict != "refuted" or found.reading == MISFIT else stopped(OWN_NAME)
    statement, singles = said.statement, said.singles
    if any(chain.answers or chain.updates for chain in statement.chains):
        try:
            statement, singles = read_statement(task.text, about.known.names), ()
        except AnswerError:
            return _under_own_name(about, statement, found)
    if sum(len(chain.sides) == 1 and not chain.term for chain in statement.chains) > 1:
        return stopped(SEVERAL)
    if len(statement.chains) == 1:
        return _placed(about, statement.chains[0], found)
    singles = singles or tuple(
        judge(about, answering(about, Statement(task.text, (chain,)))) for chain in statement.chains
    )
    pieces = tuple(
        _placed(about, chain, single, _text_of(chain)) for chain, single in zip(statement.chains, singles, strict=True)
    )
    best = next((one for one in reversed(pieces) if one.extent != "none"), pieces[-1])
    return Outcome(found, best.extent, best.worked_out, pieces=pieces)


def _under_own_name(about: Subject, statement: Statement, found: Judgement) -> Outcome:
    """A value under a name of the text's own is the answer where it is right; else it may be about anything."""
    if len(statement.chains) > 1:
        return Outcome(found) if found.verdict != "refuted" else stopped(OWN_NAME)
    (chain,) = statement.chains
    return _placed(about, chain, found) if found.verdict in ("proved", "depends") else stopped(OWN_NAME)


def _counted(about: Subject, text: str) -> Outcome:
    """Each row of a display by itself, with what it says of the part."""
    pieces = [_row(about, row) for row in rows_of(text)]
    if len(pieces) == 1:
        return replace(pieces[0], text="")
    worst = max(pieces, key=lambda one: BY_WEIGHT.index(one.judgement.verdict))
    best = next((one for one in reversed(pieces) if one.extent != "none"), pieces[-1])
    return Outcome(worst.judgement, best.extent, best.worked_out, pieces=tuple(pieces))


def _row(about: Subject, row: str) -> Outcome:
    found = judged(about, row)
    if found.verdict == "unreadable":
        return Outcome(found, text=row)
    said = said_of_count(about, row, found)
    placed = said.extent != "none"
    sound = said.links and not said.broken
    return Outcome(found, said.extent, placed, said.final, said.broken, said.links, sound, said.trivial, text=row)


def _text_of(chain: Chain) -> str:
    """A chain as it was typed."""
    if len(chain.texts) != len(chain.sides):
        return ""
    return " ".join(
        [chain.texts[0], *(f"{r} {text}" for r, text in zip(chain.relations, chain.texts[1:], strict=True))]
    )


def _placed(about: Subject, chain: Chain, found: Judgement, text: str = "") -> Outcome:
    """A judgement with what the chain says of the part."""
    if bound := _as_bounded(about, chain, found):
        return Outcome(bound, "whole", worked_out=bound.verdict == "proved", text=text)
    said = said_in(about, chain)
    extent = said.extent
    at_instance = found.scope.endswith("instance")
    if extent == "whole" and at_instance and said.value is not None and is_constant(said.value) and _has_axes(about):
        extent = "entry"
    if extent == "whole" and not about.given and said.left is not None and said.value is not None:
        pairs = [Pair(said.left, expr) for expr in expressions_of(said.value)]
        claim = _claim(about)
        if is_concrete(pairs) and not is_concrete([Pair(claim.left, claim.right)]):
            extent = "entry"  # at the sizes of the worked instance, which nobody gave
    if at_instance and not about.explicit:
        extent = "none"  # true of the worked instance, and nobody asked about that
    final = _final(about, chain, said) if found.verdict in ("refuted", "depends") else None
    broken = found.verdict == "refuted" and final is not None and final.verdict != "refuted"
    links = said.value is not None and len(said.others) > 1
    entries = said.entries if extent == "entry" and about.given else ()
    count = entries_in(about, about.problem.asked(about.problem.question(about.part))) if entries else 0
    trivial = _is_trivial(chain)
    sound = links and found.verdict == "proved"
    placed = said.value is not None
    return Outcome(found, extent, placed, final, broken, links, sound, trivial, entries, count, text=text)


def _claim(about: Subject) -> Claim:
    return next(part.claim for part in about.known.derivation.parts if part.question.id == about.part)


def _as_bounded(about: Subject, chain: Chain, found: Judgement) -> Judgement | None:
    """left <= value where a bound is asked: proved where it is the one that was derived, else a person looks at it."""
    claim = _claim(about)
    if claim.relation != "<=" or chain.relations != ("<=",) or chain.sides[0] != claim.left:
        return None
    same = judge(about, Statement("", (Chain((claim.right, chain.sides[1]), ("=",)),)))
    if same.verdict != "proved":
        return found
    return Judgement("proved", same.scope, found.read_as, "it is the bound that was derived")


def _is_trivial(chain: Chain) -> bool:
    exprs = [expr for side in chain.sides for expr in expressions_of(side)]
    return all(side == chain.sides[0] for side in chain.sides) or not any(map(tensors_in, exprs))


def _final(about: Subject, chain: Chain, said: Said) -> Judgement | None:
    """The judgement on the last value alone, of a chain with others on the way."""
    if said.extent != "whole" or said.value is None or len(said.others) < 2:
        return None
    sides = [next(side for side in chain.sides if expressions_of(side)[0] is said.left), said.value]
    texts = tuple(chain.texts[chain.sides.index(side)] for side in sides) if chain.texts else ()
    return judge(about, Statement("", (replace(chain, sides=tuple(sides), relations=("=",), texts=texts),)))


def _has_axes(about: Subject) -> bool:
    from derive.language.expression import free_indices

    return bool(free_indices(about.problem.asked(about.problem.question(about.part))))


def _explained(task: Task) -> Outcome:
    about = _subject(task.problem, task.part, task.given)
    others = {part: _subject(task.problem, part, task.given) for part, _ in task.earlier}
    if isinstance(about.problem.program, Counting):
        found = explained_counts(about, task.text, task.earlier, others)
        judgement = Judgement("refuted", convention=found.convention)
        return Outcome(
            judgement, explained=found.parts, against=found.against, worked_out=found.keeps, broken=found.broken
        )
    parts, keeps = explained_by(about, task.text, dict(task.earlier), others)
    if not parts:
        parts, keeps = explained_by_numbers(about, task.text, task.earlier, others)
    return Outcome(Judgement("refuted"), explained=parts, worked_out=keeps)


@lru_cache(maxsize=1024)
def _subject(problem: str, part: str, given: str) -> Subject:
    return subject(problem, numbers_of(given) or None, part)


def numbers_of(given: str) -> dict[str, Any]:
    """The numbers of a task; those with a point stay exact decimals."""
    found: dict[str, Any] = json.loads(given, parse_float=Decimal)
    return found
