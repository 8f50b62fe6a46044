"""What an answer to a counting problem says of its part: all of it, one size of a shape, a bare value, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from derive.errors import AnswerError
from derive.grading.answering import Extent
from derive.judging.check import judged
from derive.judging.counting.answers import Answered, letters_of
from derive.judging.counting.judge import with_values
from derive.judging.counting.letters import Role, senses
from derive.judging.counting.names import identified, named
from derive.judging.counting.quotients import judge_quotient
from derive.judging.counting.values import same
from derive.judging.subject import Subject
from derive.language.answers import Shape
from derive.language.counting import Count, Ratio
from derive.language.derivation import Part
from derive.language.expression import Expr
from derive.language.judgement import Judgement, Kind
from derive.reading.answer_text import Answer, Piece, pieces_of, squashed
from derive.reading.answers import Values
from derive.reading.letters import letters_in
from derive.reading.statement import unframed
from derive.rendering.formula import latex

ENDS: tuple[Role, ...] = ("height out", "width out", "size out")


class CountSaid(Struct, frozen=True):
    """`value` is what it comes to in the end, `broken` where an equation on the way is false.

    `links`: it shows steps on the way; `trivial`: it says the same thing twice. `roles` are what a single size may be
    the size of: the width that comes out, or the height.
    """

    extent: Extent = "none"
    value: Expr | None = None
    broken: bool = False
    links: bool = False
    trivial: bool = False
    roles: tuple[Role, ...] = ()
    verdict: Kind = "undecided"  # on the value alone
    final: Judgement | None = None  # the same with its reasons, where the text says more


NOTHING = CountSaid()
_GOES_ON = ("=", "+", "-", r"\approx", r"\times", r"\cdot", r"\pm")
_DISPLAY = re.compile(r"\\begin\{((?:aligned|align|split|gathered|gather|eqnarray)\*?)\}(.*)\\end\{\1\}", re.DOTALL)


def rows_of(text: str) -> list[str]:
    """The statements of a display, one below the other; a row that begins with a sign goes on with the one before."""
    inside = unframed(text).strip()
    if match := _DISPLAY.fullmatch(inside):
        inside = match[2]
    if r"\begin" in inside or not re.search(r"\\\\|&", inside):
        return [text]
    found: list[str] = []
    for row in re.split(r"\\\\(?:\[[^\]]{0,20}\])?", inside):
        said = " ".join(row.replace("&", " ").split()).rstrip(".,; ")
        if (said.startswith(_GOES_ON) or row.lstrip().startswith("&")) and found:
            found[-1] += f" {said}"
        elif said:
            found.append(said)
    return found or [text]


def said_of_count(subject: Subject, text: str, found: Judgement | None = None) -> CountSaid:
    """Never raises for what a student wrote; what cannot be placed says nothing.

    With the judgement on it, the last value is judged with reasons too, which takes time.
    """
    try:
        answer = with_values(subject, pieces_of(text))
    except AnswerError:
        return NOTHING
    if answer is None:
        return NOTHING
    part = part_of(subject)
    for read in (_quotient, _whole, _formula, _size):
        try:
            said = read(subject, part, answer)
            if said is not None:
                return _with_reasons(subject, part, answer, said) if found is not None and said.links else said
        except AnswerError:
            continue
    return _in_words(subject, part, answer, found or judged(subject, text))


def part_of(subject: Subject) -> Part:
    return next(part for part in subject.known.derivation.parts if part.question.id == subject.part)


def _whole(subject: Subject, part: Part, answer: Answer) -> CountSaid | None:
    """The value of the part, under its name or without one. Raises AnswerError where it is something else."""
    wants = part.question.wants
    if (isinstance(wants, Count) and wants.what == "map") or identified(subject, answer) is not part:
        return None
    asked = Answered(subject, part, answer)
    said = asked.values()
    verdict = asked.compared(said[-1]).verdict
    if verdict == "unreadable":
        return None
    broken = not all(same(one, said[-1]) for one in said)
    alone = asked.is_arithmetic and verdict not in ("proved", "depends")
    return CountSaid("value" if alone else "whole", said[-1], broken, len(said) > 1, verdict=verdict)


def _with_reasons(subject: Subject, part: Part, answer: Answer, said: CountSaid) -> CountSaid:
    if said.extent not in ("whole", "value") or said.value is None:
        return said
    asked = Answered(subject, part, answer)
    asked.values()  # whether it is rounded is known when it has been read
    return replace(said, final=asked.judged(said.value, asked.compared(said.value)))


def _in_words(subject: Subject, part: Part, answer: Answer, found: Judgement) -> CountSaid:
    """'MACs of the first layer = 5' is about the part that it was read to be about."""
    if found.verdict == "unreadable" or not found.read_as.startswith(f"{latex(part.claim.left)} = "):
        texts = {squashed(piece.text) for piece in (answer.label, *answer.values) if piece.text}
        return CountSaid(trivial=len(texts) == 1)
    try:
        bare = Answer(answer.text, Piece("", 0), answer.values, "", answer.rounded)
        value: Expr | None = Answered(subject, part, bare).values()[-1]
    except AnswerError:
        value = None
    return CountSaid("whole", value, verdict=found.verdict)


def _quotient(subject: Subject, part: Part, answer: Answer) -> CountSaid | None:
    """Two of the numbers that a part compares, one divided by the other: output/input = 50 %."""
    if isinstance(part.question.wants, Ratio) and judge_quotient(subject, answer) is not None:
        return CountSaid("entry")
    return None


def _formula(subject: Subject, part: Part, answer: Answer) -> CountSaid | None:
    """The network as one formula, which is what such a part asks for."""
    wants = part.question.wants
    if not isinstance(wants, Count) or wants.what != "map":
        return None
    own = not answer.label.text or part in named(subject, answer)
    return CountSaid("whole") if own else None


def _size(subject: Subject, part: Part, answer: Answer) -> CountSaid | None:
    """W' = ... = 31 of a part that asks for a shape."""
    wants = part.question.wants
    if not isinstance(wants, Count) or wants.what != "shape" or not isinstance(part.claim.right, Shape):
        return None
    letters = letters_in(answer.label.text)
    roles = tuple(dict.fromkeys(role for sense in senses(letters) for role in sense.roles.values() if role in ENDS))
    if len(letters) != 1 or not roles or not answer.equals:
        return None
    value = Values(answer.values[-1], answer.text, letters_of(subject)).number()
    return CountSaid("entry", value, len(answer.values) > 1, len(answer.values) > 1, roles=roles)


def size_of(said: CountSaid, sizes: tuple[Expr, ...]) -> Iterator[Expr]:
    """The sizes that a single one may be about: of the places the last is the width, the one before the height."""
    for role in said.roles:
        if role == "width out" and sizes:
            yield sizes[-1]
        elif role == "height out" and len(sizes) > 1:
            yield sizes[-2]
        elif role == "size out" and len(set(map(str, sizes))) == 1:
            yield sizes[-1]
