"""Sentences that compare two counts: "conv2 has 4 times as many parameters as conv1", "C5 has 78% of all weights"."""

from __future__ import annotations

import re
from itertools import product

from msgspec import Struct

from derive.errors import AnswerError
from derive.judging.counting.differences import judge_apart
from derive.judging.counting.places import is_unnamed, program_of
from derive.judging.counting.quotients import LESS, MORE, Pair, judged_pairs, named, read_phrase
from derive.judging.counting.words import Phrase, counts_of
from derive.judging.subject import Subject
from derive.language.counting import Count
from derive.language.judgement import Judgement
from derive.reading.answer_text import Answer

_KIND = rf"(?P<kind>{'|'.join((*LESS, *MORE))})"
_SHARE = re.compile(r"of (?P<what>.+)")
_SHARE_OF = re.compile(
    r"of (?:the )?(?:(?P<what>[A-Za-z\-]+) (?:of|in) (?P<other>.+)|(?P<owner>.+)'s (?P<owned>[A-Za-z\-]+))"
)
_TIMES = re.compile(
    r"times (?:as (?:many|much|large|big|expensive|costly|small)?|the)\s*(?P<what>.*?)\s*(?:as|of) (?P<other>.+)"
)
_ALIKE = re.compile(r"as (?:many|much) (?P<what>.*?) as (?P<other>.+)")
_BEHIND = re.compile(rf"(?!times )(?P<what>[A-Za-z\-]+) (?P<kind>{'|'.join((*LESS, *MORE))})(?P<rest> than .+)?")
_APART = re.compile(rf"(?P<times>times )?{_KIND}\s*(?P<what>.*?)(?:\s*than (?P<other>.+))?")


class Compared(Struct, frozen=True):
    """What is counted of one thing, and `how` that relates to the other; '' is the other one of two networks."""

    what: str
    other: str
    how: str


def judge_comparison(subject: Subject, answer: Answer) -> Judgement | None:
    """None where the words behind the value compare nothing."""
    said = _compared(answer)
    if said is None:
        return None
    one = read_phrase(subject, answer, f"{answer.label.text} {said.what}")
    other = _whole(one) if said.how == "share" else _other(subject, answer, one, said)
    tops, bottoms = (counts_of(subject, each, one.what) if one.what else [] for each in (one, other))
    pairs = [(a, b) for a, b in product(tops, bottoms) if one.network != other.network or a.network == b.network]
    if not pairs:
        raise AnswerError(
            "it is open which two numbers are compared; name what is counted, and of what", answer.text, 0
        )
    if said.how.startswith("by "):
        return judge_apart(subject, answer, [pair if said.how == "by more" else pair[::-1] for pair in pairs])
    first = [(a, b) for a, b in pairs if is_unnamed(subject, a) and is_unnamed(subject, b)]
    found = _judged(subject, answer, said, first) if first else None
    return found if found is not None and found.verdict == "proved" else _judged(subject, answer, said, pairs)


def _judged(subject: Subject, answer: Answer, said: Compared, pairs: list[tuple[Count, Count]]) -> Judgement:
    turned = said.how == "times less"  # 3 times fewer: the other one is 3 times this one
    ordered = [(b, a) if turned else (a, b) for a, b in pairs]
    how = said.how if said.how in ("less", "more", "below", "above") else "is"
    return judged_pairs(subject, answer, how, [Pair(a, b, f"{named(a)} : {named(b)}", True) for a, b in ordered])


def _compared(answer: Answer) -> Compared | None:
    percent = len(answer.values) == 1 and answer.values[0].text.rstrip().endswith("%")
    if percent and (match := _SHARE_OF.fullmatch(answer.behind)):
        return Compared(match["what"] or match["owned"], match["other"] or match["owner"], "times")
    if percent and (match := _SHARE.fullmatch(answer.behind)):
        return Compared(match["what"], "", "share")
    if match := _ALIKE.fullmatch(answer.behind) or _TIMES.fullmatch(answer.behind):
        return Compared(match["what"], match["other"], "times")
    behind = answer.behind
    if turned := _BEHIND.fullmatch(behind):
        behind = f"{turned['kind']} {turned['what']}{turned['rest'] or ''}"
    match = _APART.fullmatch(behind)
    if match is not None and answer.values and not (percent or match["times"]) and match["what"]:
        return Compared(match["what"], match["other"] or "", "by less" if match["kind"] in LESS else "by more")
    if match is None or not (percent or match["times"] or not answer.values):
        return None
    kind = "less" if match["kind"] in LESS else "more"
    how = f"times {kind}" if match["times"] else kind if answer.values else {"less": "below", "more": "above"}[kind]
    return Compared(match["what"], match["other"] or "", how)


def _whole(one: Phrase) -> Phrase:
    """All of what one layer is a part of."""
    return Phrase(what=one.what, total=True, network=one.network, choices=one.choices)


def _other(subject: Subject, answer: Answer, one: Phrase, said: Compared) -> Phrase:
    """What it is compared with: as the words say, else the other one of two networks."""
    if said.other:
        other = read_phrase(subject, answer, said.other)
        one.what = one.what or other.what
        return Phrase(one.what, other.where, other.layer, other.kind, other.ordinal, other.total, other.network,
                      other.speaks_of_layer, {**one.choices, **other.choices})  # fmt: skip
    rest = [name for name in program_of(subject).networks if name != one.network]
    if not one.network or one.layer or len(rest) != 1:
        raise AnswerError("it is open what is compared with it; write 'than ...'", answer.text, 0)
    return Phrase(what=one.what, total=True, network=rest[0], choices=one.choices)
