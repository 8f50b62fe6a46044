"""Which false lines may follow from the student's own earlier answers, and what they earn where they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from derive.grading.marking import NONE, flaw_in, parted, reasoning_of, summed, together
from derive.grading.marks import Mark, Marked, Share
from derive.grading.scheme import PartScheme, Scheme
from derive.grading.work import Outcome

CARRIED = "error carried forward"
Earlier = tuple[tuple[str, str], ...]


def carriers(marks: Sequence[Mark], scheme: Scheme) -> list[tuple[str, list[str], Earlier]]:
    """Each part with false answers, with those of the others: which of them it is worked out from, its judge knows."""
    false = {one.part: _false_lines(one, scheme.part(one.part)) for one in marks}
    every = [(part, text) for part, texts in false.items() for text in texts]
    found = []
    for part, texts in false.items():
        others = tuple((other, text) for other, text in every if other != part)
        if texts and others:
            found.append((part, texts, others))
    return found


def _false_lines(found: Mark, own: PartScheme) -> list[str]:
    """The lines that say something false of the part, where it has not earned its points otherwise."""
    value_wrong = found.status == "wrong" or any(one.name == "value" and not one.earned and not one.open
                                                 for one in found.shares)  # fmt: skip
    if not value_wrong and not own.lines:
        return []
    return list(dict.fromkeys(one.line.text for one in found.lines if one.false and not one.line.function))


def carry(found: Mark, outcomes: Mapping[str, Outcome], scheme: Scheme) -> Mark:
    """The mark with what the student's own earlier answers explain, by the text of each false line."""
    explained = {text: one for text, one in outcomes.items() if one.explained}
    if not explained:
        return found
    own = scheme.part(found.part)
    lines = tuple(_noted(line, explained.get(line.line.text), own) for line in found.lines)
    found = replace(found, lines=lines)
    if own.lines:
        return summed(replace(found, lines=tuple(_with_points(line, explained, own, scheme) for line in lines)), own)
    parts = _named(dict.fromkeys(part for one in explained.values() for part in one.explained))
    if len(explained) < len(outcomes):
        several = f"{len(explained)} of its {len(outcomes)} false lines follow from the answer given to {parts}"
        return _reasoned(found, f"{several}; the others do not")
    if not all(one.worked_out for one in explained.values()):
        return _reasoned(found, f"it follows from the answer given to {parts}, but that leaves nothing of this part's"
                                " own work")  # fmt: skip
    reason = f"{CARRIED}: it is what follows from the answer given to {parts}"
    if convention := next((one.judgement.convention for one in explained.values() if one.judgement.convention), ""):
        reason += f", as {convention}"
    return _earned(found, own, scheme, reason, explained)


def _earned(found: Mark, own: PartScheme, scheme: Scheme, reason: str, explained: Mapping[str, Outcome]) -> Mark:
    """The points of a carried answer; what it takes besides decides a person."""
    needs_convention = any(one.judgement.convention for one in explained.values())
    broken = next((text for text, one in explained.items() if one.broken), "") or flaw_in(found.lines)
    share = scheme.carried * (own.depends if needs_convention and own.depends is not None else 1)
    against = _named(dict.fromkeys(part for one in explained.values() for part in one.against))
    reason += f", but it is another one by the answer given to {against}" if against else ""
    undecided = (needs_convention and own.depends is None) or bool(against)
    if own.reasoning is not None:
        worth = own.points - own.reasoning
        value = Share("value", NONE if undecided else worth * share, worth if undecided else NONE, worth, reason)
        return together(replace(found, status="carried", shares=(value, _reasoning(own, found, broken))))
    single = all(one.extent == "entry" for one in parted(found.lines)[0])
    if undecided or broken or single:
        reason += ", but an equation on the way is false" if broken else ""
        reason += "; it is about single entries, and the part asks for all of them" if single else ""
        return replace(found, status="person", open=found.of, reason=reason)
    return replace(found, status="carried", earned=found.of * share, reason=reason)


def _reasoning(own: PartScheme, found: Mark, broken: str) -> Share:
    share = reasoning_of(own, found.lines)
    if broken and not share.reason.startswith("a line of it is false"):
        return Share("reasoning", NONE, NONE, share.of, "a line of it is false")
    return share


def _noted(line: Marked, one: Outcome | None, own: PartScheme) -> Marked:
    if one is None or not line.false:
        return line
    note = f"{CARRIED}: it follows from the answer given to {_named(one.explained)}"
    if not one.worked_out:
        note = f"it follows from the answer given to {_named(one.explained)}, with nothing of this part's own work left"
    elif one.broken:
        note += ", but an equation on the way is false"
    return replace(line, note=note, carried=one.explained)


def _with_points(line: Marked, explained: Mapping[str, Outcome], own: PartScheme, scheme: Scheme) -> Marked:
    """A false line that follows from an earlier one earns what is carried."""
    one, worth = explained.get(line.line.text), own.lines.get(line.line.label)
    if one is None or worth is None or line.points != 0 or not one.worked_out or one.broken:
        return line
    return replace(line, points=None if one.judgement.convention or one.against else worth * scheme.carried)


def _reasoned(found: Mark, reason: str) -> Mark:
    if not found.shares:
        return replace(found, reason=reason)
    shares = tuple(replace(one, reason=reason) if one.name == "value" else one for one in found.shares)
    return together(replace(found, shares=shares))


def _named(parts: Mapping[str, object] | Sequence[str]) -> str:
    """'a', 'b' and 'c'"""
    names = [f"'{part}'" for part in parts]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
