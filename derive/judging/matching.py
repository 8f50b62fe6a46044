"""Several statements against several: all of them, in this order or another."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from derive.judging.decision import ALL, Outcome
from derive.language.expression import Read, tensors_in
from derive.language.statement import Chain, expressions_of

MOST = 8  # statements that are tried in another order
Judged = Callable[[Chain, Chain], Outcome]


def together(gold: Sequence[Chain], answer: Sequence[Chain], judged: Judged) -> Outcome:
    """True where each statement of the one is one of the other; false where one differs whatever the others say."""
    outcomes = [judged(one, two) for one, two in zip(gold, answer, strict=True)]
    open_ = [outcome for outcome in outcomes if not outcome.truth]
    if not open_:
        return outcomes[0] if len(outcomes) == 1 else Outcome(True, ALL)
    refuted = [k for k, outcome in enumerate(outcomes) if outcome.truth is False]
    if len(outcomes) == 1:
        return outcomes[0]
    ordered = all(len(chain.sides) == 1 for chain in (*gold, *answer))
    if len(outcomes) <= MOST and _matched(gold, answer, judged):
        return Outcome(None, why="the same, in another order") if ordered else Outcome(True, ALL)
    for k in refuted:
        if ordered or not _names_of_others(gold, answer, k):
            return outcomes[k]
    return open_[0] if not refuted else Outcome(None, why="the statements are not the same one by one")


def _matched(gold: Sequence[Chain], answer: Sequence[Chain], judged: Judged) -> bool:
    """Is each of the one the same as one of the other, and none left over?"""
    rest = list(answer)
    for one in gold:
        found = next((two for two in rest if judged(one, two).truth), None)
        if found is None:
            return False
        rest.remove(found)
    return True


def _names_of_others(gold: Sequence[Chain], answer: Sequence[Chain], place: int) -> bool:
    """May another statement say what a name in this one is, or speak of the same name?"""
    own = _names(gold[place].sides[1:]) | _names(answer[place].sides[1:])
    lefts = [chain.sides[0] for chain in (gold[place], answer[place])]
    if not all(isinstance(left, Read) for left in lefts):
        own |= _names(lefts)
    others = {
        name
        for chains in (gold, answer)
        for k, chain in enumerate(chains)
        if k != place
        for name in _names(chain.sides[:1])
    }
    return lefts[0] != lefts[1] or bool(own & others)


def _names(sides: Sequence[object]) -> set[str]:
    return {key for side in sides for expr in expressions_of(side) for key in tensors_in(expr)}  # type: ignore[arg-type]
