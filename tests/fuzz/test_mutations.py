"""Statements with a few characters changed are judged or refused: no other error, and none takes long.

`make fuzz` runs a million of them; here are a few hundred.
"""

from __future__ import annotations

import time
from random import Random

import pytest
from fuzz.mutations import mutated

from derive.checking import check, compare
from derive.language.judgement import STATUS


@pytest.mark.parametrize("seed", range(8))
def test_mutated_statements(seed: int) -> None:
    random = Random(f"mutations {seed}")
    for _ in range(60):
        problem, text = mutated(random)
        start = time.process_time()
        assert check(problem, text).verdict in STATUS, text
        assert compare(text, "x_i").verdict in STATUS, text
        assert time.process_time() - start < 20, text
