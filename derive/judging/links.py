"""One link of a chain: which kind of claim it is, and what becomes of it under each reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from derive.algebra.values import Value, told_apart
from derive.errors import BudgetError, UnsupportedError
from derive.judging.decision import AGREED, Outcome, at_sizes, in_general
from derive.judging.fixed import FixedSizes
from derive.judging.numbers import WORKED, agreement, from_rounded, is_numeric, is_same, percent_agreement, value_of
from derive.judging.pairs import Pair
from derive.judging.subject import Subject
from derive.language.expression import ONE, Number, Read, free_indices, walk
from derive.language.judgement import Failure
from derive.language.statement import Relation
from derive.reading.pending import exactly

ORDERS = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (1, 0), "!=": (-1, 1)}


def is_concrete(pairs: Sequence[Pair]) -> bool:
    """Names an entry by number, besides the first one where entries count from 0: true at sizes of an instance only."""
    return any(
        isinstance(index, Number) and (index != axis.lower or axis.lower == ONE)
        for pair in pairs
        for side in (pair.left, pair.right)
        for node in walk(side)
        if isinstance(node, Read)
        for axis, index in zip(node.tensor.axes, node.indices, strict=False)
    )


def is_about_numbers(pairs: Sequence[Pair]) -> bool:
    """Numbers alone on one side, quantities of the problem on the other."""
    return any(is_numeric(p.left) != is_numeric(p.right) for p in pairs) and all(
        is_numeric(p.left) or is_numeric(p.right) for p in pairs
    )


def is_arithmetic(pairs: Sequence[Pair]) -> bool:
    return all(is_numeric(p.left) and is_numeric(p.right) for p in pairs)


def of_numbers(pair: Pair, relation: Relation, subject: Subject | None, env: Mapping[str, int]) -> Outcome:
    """Both sides at the instance; the typed side may be rounded."""
    swapped = is_numeric(pair.left) and not is_numeric(pair.right)
    typed, other = (pair.left, pair.right) if swapped else (pair.right, pair.left)
    try:
        true, said = value_of(other, subject, env), value_of(typed, None, {})
        same = is_same(true, said, pair, subject, env)
        if relation in ORDERS:
            return _ordered(said, true, same, relation) if swapped else _ordered(true, said, same, relation)
        mode = "exact" if same else agreement(true, typed, relation == "~") or percent_agreement(true, typed)
        if mode is None and is_numeric(other):
            mode = agreement(said, other, relation == "~") or percent_agreement(said, other)
        if mode is None and subject is not None and from_rounded(true, typed, subject):
            mode = WORKED
    except (UnsupportedError, BudgetError, KeyError, ArithmeticError) as error:
        return Outcome(None, why=str(error) or "a value does not exist")
    if mode is not None:
        return Outcome(True, mode=mode)
    if same is None:
        return Outcome(None, why=AGREED)
    left, right = told_apart(said, true) if swapped else told_apart(true, said)
    return Outcome(False, failure=Failure({}, dict(_shown(env, pair)), left, right))


def _ordered(left: Value, right: Value, same: bool | None, relation: Relation) -> Outcome:
    sign = 0 if same else left.order(right)
    if sign is None:
        return Outcome(None, why="the two numbers could not be told apart")
    if sign in ORDERS[relation]:
        return Outcome(True, mode="exact")
    return Outcome(False, failure=Failure({}, {}, *told_apart(left, right)))


def _shown(env: Mapping[str, int], pair: Pair) -> Mapping[str, str]:
    where = {name: str(k) for name, k in env.items()}
    return {**where, "entry": ", ".join(map(str, pair.place))} if pair.place else where


def exact_pairs(pairs: Sequence[Pair]) -> list[Pair]:
    return [Pair(exactly(p.left), exactly(p.right), p.place) for p in pairs]


def formula(subject: Subject, pairs: Sequence[Pair], fixed: FixedSizes | None) -> Outcome:
    """A claim in letters: for all sizes, or at the sizes of the instance where entries are named by number."""
    pairs = exact_pairs(pairs)
    if is_concrete(pairs):
        if fixed is None:
            return Outcome(None, why="it names entries by number, and no sizes are given")
        try:
            return at_sizes(subject, pairs, fixed)
        except (UnsupportedError, BudgetError, ArithmeticError) as error:
            return Outcome(None, why=str(error))
    return in_general(subject, pairs, {}, subject.assuming)


def letters(pairs: Sequence[Pair]) -> dict[str, object]:
    found: dict[str, object] = {}
    for pair in pairs:
        found.update(free_indices(pair.left))
        found.update(free_indices(pair.right))
    return found
