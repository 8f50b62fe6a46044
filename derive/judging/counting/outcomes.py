"""One statement about several layers: its outcome at each of them, and the one judgement that follows.

False everywhere is refuted, true everywhere proved; true of some layers depends on which one is meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from derive.language.judgement import Failure, Finding, Judgement, Kind

MAX_FINDINGS = 4
WORST = ("refuted", "undecided", "depends", "proved")
VAGUE = frozenset({"value", "shape", "formula"})


class Outcome(Struct, frozen=True):
    """What a statement comes to at one place; `needs` is the convention that makes it true."""

    where: str
    truth: Literal["true", "needs", "false", "open"]
    needs: str = ""
    failure: Failure | None = None
    findings: tuple[Finding, ...] = ()
    link: str = ""
    reading: str = ""
    chance: bool = False  # true of these numbers, and not of others like them


def outcome_of(where: str, found: Judgement) -> Outcome:
    """A judgement on one candidate, as one outcome among several."""
    kinds: dict[Kind, Literal["true", "needs", "false", "open"]] = {
        "proved": "true", "depends": "needs", "refuted": "false",
    }  # fmt: skip
    truth = kinds.get(found.verdict, "open")
    needs = {"needs": found.convention, "open": found.scope}.get(truth, "")
    return Outcome(where, truth, needs, found.counterexample, found.diagnosis, found.link,
                   found.reading)  # fmt: skip


def all_of(found: Sequence[Judgement]) -> Judgement:
    """Of several statements in one text, the worst verdict, with how all of them were read."""
    if len(found) == 1:
        return found[0]
    worst = min(found, key=lambda one: WORST.index(one.verdict))
    scope = "; ".join(dict.fromkeys(one.scope for one in found if one.scope))
    reading = "; ".join(dict.fromkeys(one.reading for one in found if one.reading))
    return replace(worst, scope=scope, read_as=" ; ".join(one.read_as for one in found), reading=reading,
                   link=worst.link or (worst.read_as if worst.verdict == "refuted" else ""))  # fmt: skip


def together(found: Sequence[Outcome], scope: str, read_as: str, reading: str = "") -> Judgement:
    """The judgement over all places that a statement can be about."""
    if any(one.truth == "false" for one in found) and all(one.chance for one in found if one.truth != "false"):
        by_chance = [f"true of the numbers of {one.where} alone" for one in found if one.chance]
        reading = "; ".join(filter(None, (reading, *by_chance)))
        found = [one for one in found if one.truth == "false"]
    truths = {one.truth for one in found}
    told = "; ".join(dict.fromkeys(filter(None, (reading, *(one.reading for one in found if one.truth == "true")))))
    if truths == {"true"}:
        return Judgement("proved", scope, read_as, told)
    if truths == {"false"}:
        return _refuted(found, scope, read_as, told)
    if "open" in truths:
        why = next(one.needs for one in found if one.truth == "open") or "no proof and no counterexample"
        return Judgement("undecided", why, read_as, told)
    if truths <= {"true", "needs"}:
        needs = "; ".join(dict.fromkeys(one.needs for one in found if one.truth == "needs"))
        return Judgement("depends", scope, read_as, told, needs)
    holds = ", ".join(dict.fromkeys(f"{one.where} ({one.needs})" if one.needs else one.where for one in found
                                    if one.truth != "false"))  # fmt: skip
    fails = ", ".join(dict.fromkeys(one.where for one in found if one.truth == "false"))
    return Judgement("depends", scope, read_as, told, f"true of {holds}; false of {fails}")


def _refuted(found: Sequence[Outcome], scope: str, read_as: str, reading: str) -> Judgement:
    best = min(found, key=_rank)
    where = dict.fromkeys(one.where for one in found if one.where)
    told = reading or (f"false of {', '.join(where)}" if len(where) > 1 else "")
    return Judgement("refuted", scope, read_as, told, counterexample=best.failure,
                     diagnosis=_merged([best, *found]), link=best.link)  # fmt: skip


def _rank(one: Outcome) -> tuple[bool, bool]:
    """The place where the mistake is known best."""
    return not [f for f in one.findings if f.kind not in VAGUE], not one.findings


def _merged(found: Sequence[Outcome]) -> tuple[Finding, ...]:
    every = {(one.kind, one.text): one for outcome in found for one in outcome.findings}
    telling = [one for one in every.values() if one.kind not in VAGUE]
    return tuple((telling or list(every.values()))[:MAX_FINDINGS])
