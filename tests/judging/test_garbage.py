"""What judging drops is freed at once: next to no cycles of objects are left for the garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Callable

import pytest
from judging.corpus import pairs, subject

from derive.checking import compare
from derive.judging.check import judged


def cycles(work: Callable[[], object]) -> int:
    """How many objects are found in cycles once the work is done, which is done once before."""
    work()
    gc.collect()
    gc.disable()
    try:
        work()
        return gc.collect()
    finally:
        gc.enable()


@pytest.mark.parametrize("alone", [False, True])
def test_next_to_nothing_is_left_to_collect(alone: bool) -> None:
    corpus = list(pairs(20, "garbage", alone=alone))

    def work() -> None:
        for pair in corpus:
            compare(pair.gold, pair.said) if alone else judged(subject(pair.problem, pair.part), pair.statement)

    assert cycles(work) < 2 * len(corpus)  # one normal form makes hundreds of objects
