"""Verdicts -> points. What was not proved wrong is never marked wrong: it is left to a person, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from msgspec.structs import replace

from derive.grading.marks import Mark, Marked, Share, Status
from derive.grading.scheme import PartScheme, Scheme
from derive.grading.sheet import Answer
from derive.grading.work import Outcome

RESTATES = "true, but it leads back to what is asked; say what it is"
ELSEWHERE = "true, but it does not say what the part asks for"
ENTRIES = "it is about single entries, and the part asks for all of them and for every size"
TWO_ANSWERS = "it is answered rightly and wrongly; say which counts"
NONE = Fraction(0)
SHOWN = 60  # characters of a line that a reason names


def mark(part: str, answer: Answer | None, outcomes: Sequence[Outcome], scheme: Scheme, strays: bool) -> Mark:
    """The mark of a part. `strays`: the sheet has answers to parts that do not exist, so one may be this part's."""
    own = scheme.part(part)
    if answer is None or (not answer.lines and not answer.fault):
        if strays:
            return _person(part, own, "not answered, unless under a name that is no part's")
        return Mark(part, "missing", NONE, NONE, own.points, "not answered")
    lines = _settled(tuple(Marked(line, outcome) for line, outcome in zip(answer.lines, outcomes, strict=True)))
    if answer.fault:
        return _person(part, own, answer.fault, lines)
    if own.lines:
        return _by_line(part, own, lines)
    return _whole(part, own, lines) if own.reasoning is None else _in_two(part, own, lines)


# -- a part as a whole -----------------------------------------------------------------------------------------------


def _whole(part: str, own: PartScheme, lines: tuple[Marked, ...]) -> Mark:
    """By what is said of the part in the end; a line on the way that is false leaves it to a person."""
    status, earned, open_, reason = _of_value(own, own.points, lines)
    flaw = flaw_in(lines)
    if status in ("right", "partly") and flaw:
        return _person(part, own, f"the answer is not refuted, but a line of its reasoning is: {flaw}", lines)
    return Mark(part, status, earned, open_, own.points, reason, lines)


def _of_value(own: PartScheme, worth: Fraction, lines: tuple[Marked, ...]) -> tuple[Status, Fraction, Fraction, str]:
    """What the final answer earns for certain, what is open, and why."""
    answers, others = parted(lines)
    verdicts = {one.verdict for one in answers}
    if not answers:
        return "person", NONE, worth, _why_none(others)
    if verdicts == {"refuted"}:
        entries = all(one.extent == "entry" for one in answers)
        return "wrong", NONE, NONE, "an entry of it is false" if entries else ""
    if "refuted" in verdicts:
        return "person", NONE, worth, TWO_ANSWERS
    if verdicts == {"proved"}:
        return "right", worth, NONE, _on_the_way(answers, others)
    if verdicts <= {"proved", "depends"}:
        return _depends(own, worth, next(one for one in answers if one.verdict == "depends"))
    return "person", NONE, worth, _why(next(one for one in answers if one.verdict not in ("proved", "depends")))


def _on_the_way(answers: Sequence[Outcome], others: Sequence[Outcome]) -> str:
    """The convention that a line before the answer needs; the answer itself does not."""
    needed = [one.judgement.convention for one in answers if one.judgement.verdict == "depends"]
    needed += [
        one.judgement.convention for one in others if one.judgement.verdict == "depends" and one.extent == "whole"
    ]
    return f"a line on the way is right under a convention: {needed[0]}" if needed else ""


def _depends(own: PartScheme, worth: Fraction, outcome: Outcome) -> tuple[Status, Fraction, Fraction, str]:
    under = f"right under a convention: {(outcome.final or outcome.judgement).convention}"
    if own.depends is None:
        return "person", NONE, worth, under
    earned = worth * own.depends
    return ("right" if earned == worth else "partly" if earned else "wrong"), earned, NONE, under


def parted(lines: Sequence[Marked]) -> tuple[list[Outcome], list[Outcome]]:
    """What answers the part, and the rest. Where nothing names it, a value that stands last is the answer."""
    said = [piece for one in lines for piece in one.outcome.all]
    if _all_entries(said):
        return [one for one in said if one.extent == "entry"], [one for one in said if one.extent != "entry"]
    if not any(one.extent in ("whole", "entry") and _answers(one) for one in said):
        return ([said[-1]], said[:-1]) if said and said[-1].extent == "value" else ([], said)
    return [one for one in said if _answers(one)], [one for one in said if not _answers(one)]


def _all_entries(said: Sequence[Outcome]) -> bool:
    """Is every entry there is worked out somewhere, and none of them wrong?"""
    listed = [one for one in said if one.extent == "entry"]
    if not listed or not all(one.verdict in ("proved", "depends") and one.worked_out for one in listed):
        return False
    return len({entry for one in listed for entry in one.entries}) == max(one.count for one in listed) > 0


def _settled(lines: tuple[Marked, ...]) -> tuple[Marked, ...]:
    """A value that stands last and is taken for the answer is judged as that, not as arithmetic alone."""
    answers, _ = parted(lines)
    if not lines or lines[-1].outcome.pieces or lines[-1].line.label or len(answers) != 1:
        return lines
    last = lines[-1].outcome
    if last is not answers[0] or last.extent != "value" or last.broken or last.final is None:
        return lines
    return (*lines[:-1], replace(lines[-1], outcome=replace(last, judgement=last.final, final=None)))


def _answers(one: Outcome) -> bool:
    """A true line that leads back to the part is on the way to its answer; a false one is wrong all the same."""
    false = one.verdict == "refuted"
    return (one.extent == "whole" and (one.worked_out or false)) or (one.extent == "entry" and false)


def flaw_in(lines: Sequence[Marked]) -> str:
    """The first line of the reasoning that is false, or the answer that comes out of a false equation."""
    answers, _ = parted(lines)
    for line in lines:
        for one in line.outcome.all:
            on_the_way = not any(one is answer for answer in answers)
            if (on_the_way and one.judgement.verdict == "refuted") or (one.broken and one.verdict != "refuted"):
                return shortened(one.text or line.line.text)
    return ""


def shortened(text: str) -> str:
    """A line as a reason names it."""
    one = " ".join(text.split())
    return f"'{one}'" if len(one) <= SHOWN else f"'{one[: SHOWN - 3]}...'"


# -- value and reasoning apart ---------------------------------------------------------------------------------------


def _in_two(part: str, own: PartScheme, lines: tuple[Marked, ...]) -> Mark:
    """The value by the lines that say what the part asks for, the reasoning by the others."""
    assert own.reasoning is not None
    worth = own.points - own.reasoning
    status, earned, open_, reason = _of_value(own, worth, lines)
    told = reason if status == "person" else ", ".join(filter(None, (status, reason)))
    value = Share("value", earned, open_, worth, told)
    return together(Mark(part, status, earned, open_, own.points, "", lines, (value, reasoning_of(own, lines))))


def reasoning_of(own: PartScheme, lines: tuple[Marked, ...]) -> Share:
    """All of it where each line is proved, none where one is refuted; what is in words is left to a person."""
    worth = own.reasoning or NONE
    if flaw := flaw_in(lines):
        return Share("reasoning", NONE, NONE, worth, f"a line of it is false: {flaw}")
    _, others = parted(lines)
    steps = [one for one in others if not one.trivial]
    chains = [one for line in lines for one in line.outcome.all if one.links]
    doubtful = next((one for one in steps if one.judgement.verdict != "proved"), None)
    if doubtful is not None:
        return Share("reasoning", NONE, worth, worth, f"a line of it is left to a person: {_why(doubtful)}")
    if not all(one.sound for one in chains):
        return Share("reasoning", NONE, worth, worth, "which of its steps hold is left to a person")
    if not steps and not chains:
        return Share("reasoning", NONE, worth, worth, "no line of it is mathematics; words are read by a person")
    return Share("reasoning", worth, NONE, worth, "each line is proved")


def together(found: Mark) -> Mark:
    """The mark out of its shares."""
    earned = sum((one.earned for one in found.shares), NONE)
    open_ = sum((one.open for one in found.shares), NONE)
    status: Status = (
        "person" if open_ else "carried" if found.status == "carried"
        else "right" if earned == found.of else "partly" if earned else "wrong"
    )  # fmt: skip
    reason = "; ".join(f"{one.name}: {one.reason}" for one in found.shares)
    return replace(found, status=status, earned=earned, open=open_, reason=reason)


# -- line by line ----------------------------------------------------------------------------------------------------


def _by_line(part: str, own: PartScheme, lines: tuple[Marked, ...]) -> Mark:
    """Points for each label; a statement that says the same as another one counts once."""
    marked: list[Marked] = []
    seen: set[str] = set()
    for one in lines:
        worth = own.lines.get(one.line.label)
        if worth is None:
            marked.append(replace(one, note="the scheme has no points for this line"))
            continue
        points, note = _of_line(own, one.outcome, worth)
        if points and one.outcome.judgement.read_as in seen:
            points, note = None, "says the same as a line before"
        seen.add(one.outcome.judgement.read_as)
        marked.append(replace(one, points=points, note=note))
    return summed(Mark(part, "person", NONE, NONE, own.points, "", tuple(marked)), own)


def summed(found: Mark, own: PartScheme) -> Mark:
    """The mark out of the points of its lines."""
    earned = sum((one.points or NONE for one in found.lines), NONE)
    open_ = sum((own.lines.get(one.line.label, NONE) for one in found.lines if one.points is None), NONE)
    if open_ and not earned and open_ == own.points:
        return _person(found.part, own, "no line of it could be decided", found.lines)
    status: Status = "person" if open_ else "right" if earned == own.points else "partly" if earned else "wrong"
    absent = [label for label in own.lines if label not in {one.line.label for one in found.lines}]
    reason = f"not answered: {', '.join(absent)}" if absent else "left to a person in part" if open_ else ""
    return replace(found, status=status, earned=earned, open=open_, reason=reason)


def _of_line(own: PartScheme, outcome: Outcome, worth: Fraction) -> tuple[Fraction | None, str]:
    """None where a person decides."""
    verdict = outcome.judgement.verdict
    if outcome.extent == "value" and not outcome.broken:
        return (worth, "") if own.any_true_line else (None, ELSEWHERE)  # true as arithmetic
    if verdict == "refuted":
        return NONE, ""
    if verdict not in ("proved", "depends") or (verdict == "depends" and own.depends is None):
        return None, _why(outcome)
    if not own.any_true_line and (outcome.extent == "none" or not outcome.worked_out):
        return None, ELSEWHERE if outcome.extent == "none" else RESTATES
    if verdict == "depends" and own.depends is not None:
        return worth * own.depends, f"right under a convention: {outcome.judgement.convention}"
    return worth, ""


# -- reasons ---------------------------------------------------------------------------------------------------------


def _why(outcome: Outcome) -> str:
    found = outcome.final or outcome.judgement
    if found.error is not None:
        return f"cannot be read at column {found.error.position + 1}: {found.error.message}"
    if found.verdict == "proved":
        return RESTATES if not outcome.worked_out else ENTRIES
    if found.verdict == "depends":
        return f"right under a convention: {found.convention}"
    return f"{found.verdict}: {found.scope or 'no proof and no counterexample'}"


def _why_none(others: Sequence[Outcome]) -> str:
    """Why no line answers the part: the first that cannot be read or decided, else what the last is about."""
    for one in others:
        if one.judgement.verdict in ("unreadable", "undecided", "agrees"):
            return _why(one)
    last = next((one for one in reversed(others) if one.extent != "none"), others[-1])
    if last.extent == "whole":
        return _why(last)
    if others[-1].judgement.verdict == "refuted":
        return "no line says what the part asks for, and one is false"
    return ENTRIES if last.extent == "entry" else ELSEWHERE


def _person(part: str, own: PartScheme, reason: str, lines: tuple[Marked, ...] = ()) -> Mark:
    return Mark(part, "person", NONE, own.points, own.points, reason, lines)
