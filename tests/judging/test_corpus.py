"""Random statements about every problem: true ones rewritten, false ones changed in one place."""

from __future__ import annotations

from collections import Counter

import pytest
from judging.corpus import Pair, pairs, subject

from derive.judging.check import judged

COUNT = 300


@pytest.fixture(scope="module")
def verdicts() -> list[tuple[Pair, str]]:
    made = pairs(COUNT, "corpus")
    return [(pair, judged(subject(pair.problem, pair.part), pair.statement).verdict) for pair in made]


def test_nothing_false_is_proved(verdicts: list[tuple[Pair, str]]) -> None:
    assert [pair for pair, verdict in verdicts if not pair.true and verdict == "proved"] == []


def test_nothing_true_is_refuted(verdicts: list[tuple[Pair, str]]) -> None:
    assert [pair for pair, verdict in verdicts if pair.true and verdict == "refuted"] == []


def test_nearly_all_are_decided(verdicts: list[tuple[Pair, str]]) -> None:
    wanted = {True: "proved", False: "refuted"}
    missed = [(pair, verdict) for pair, verdict in verdicts if verdict != wanted[pair.true]]
    assert len(missed) <= 0.005 * COUNT, missed


def test_all_problems_are_met(verdicts: list[tuple[Pair, str]]) -> None:
    met = Counter(pair.problem for pair, _ in verdicts)
    assert len(met) >= 9
    assert sum(pair.true for pair, _ in verdicts) == COUNT // 2
