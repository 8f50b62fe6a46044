"""What a text says in several statements, as one judgement."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from derive.judging.subject import Subject
from derive.language.expression import tensors_in
from derive.language.judgement import Judgement
from derive.language.statement import Chain, Side, expressions_of

WORST = ("refuted", "unreadable", "undecided", "agrees", "depends", "proved")


def joined(subject: Subject, chains: Sequence[Chain], found: Sequence[Judgement]) -> Judgement:
    """The worst of them, with how all were read; what only states a condition is taken as given."""
    taken = [is_taken(subject, chain, one) for chain, one in zip(chains, found, strict=True)]
    if any(taken) and not all(taken):
        return under(found, taken)
    if len(found) == 1:
        return found[0]
    worst = min(found, key=lambda one: WORST.index(one.verdict))
    if worst.verdict == "refuted" and is_supposed(chains, found):
        read_as = " ; ".join(one.read_as for one in found)
        return Judgement("undecided", "what follows from a condition is not decided", read_as)
    scopes = ", ".join(dict.fromkeys(one.scope for one in found if one.scope))
    said = " ; ".join(one.read_as for one in found)
    readings = "; ".join(dict.fromkeys(one.reading for one in found if one.reading))
    return Judgement(worst.verdict, worst.scope if worst.verdict == "refuted" else scopes, said, readings,
                     worst.convention, worst.counterexample, worst.diagnosis, worst.error,
                     worst.link or (worst.read_as if worst.verdict == "refuted" else ""))  # fmt: skip


def is_supposed(chains: Sequence[Chain], found: Sequence[Judgement]) -> bool:
    """mu = 0 => ...: does what is not so in general, that something has a certain value, stand as a condition?"""
    last = max((place for place, chain in enumerate(chains) if chain.follows), default=0)
    premises = [chain for chain, one in zip(chains[:last], found, strict=False) if one.verdict != "proved"]
    return any(any(not tensors_of(side) for side in chain.sides) for chain in premises)


def tensors_of(side: Side) -> set[str]:
    return {key for expr in expressions_of(side) for key in tensors_in(expr)}


def is_taken(subject: Subject, chain: Chain, found: Judgement) -> bool:
    """Is it about what is given alone, and not so in the instance? Then it is taken for a condition: beta = 0."""
    if found.verdict != "refuted" or subject.explicit:
        return False
    keys = {key for side in chain.sides for key in tensors_of(side)}
    given = {tensor.key for tensor in subject.problem.program.inputs()}
    return bool(keys) and keys <= given


def under(found: Sequence[Judgement], taken: Sequence[bool]) -> Judgement:
    """The judgement on what is said besides conditions; what is false without them may be true with them."""
    rest = [one for one, condition in zip(found, taken, strict=True) if not condition]
    said = "taken as given: " + " ; ".join(
        one.read_as for one, condition in zip(found, taken, strict=True) if condition
    )
    worst = min(rest, key=lambda one: WORST.index(one.verdict))
    reading = "; ".join(filter(None, (worst.reading, said)))
    if worst.verdict == "refuted":
        return Judgement("undecided", said, worst.read_as, worst.reading)
    return replace(worst, reading=reading, read_as=" ; ".join(one.read_as for one in found))
