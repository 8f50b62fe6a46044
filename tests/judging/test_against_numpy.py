r"""Statements whose truth NumPy tells: none that is false is proved, and none that is true refuted.

`python tests/judging/test_against_numpy.py 5000 7` tries so many with such a seed and tells what is not as it should.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import product
from math import exp, log, sqrt
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

from judging.formulas import Formula, Templates
from judging.worlds import WORLDS, World

from derive.checking import check
from derive.language.judgement import Judgement

POINTS, ENOUGH = 60, 12
CLOSE, LARGE = 1e-7, 1e7


def statements(seed: str, count: int) -> Iterator[tuple[World, str, Formula, Formula]]:
    rng = Random(seed)
    while count:
        world = rng.choice(WORLDS)
        templates = Templates(world, rng)
        kind, left, right = templates.pair()
        if rng.random() < 0.4:
            kind, (left, right) = f"{kind}, changed", templates.changed(left, right)
        if rng.random() < 0.3:
            left, right = right, left
        count -= 1
        yield world, kind, left, right


def is_true(world: World, left: Formula, right: Formula, seed: str) -> bool | None:
    """Equal wherever both sides have a value; None where that is hardly anywhere."""
    rng, compared = Random(seed), 0
    for _ in range(POINTS):
        sizes, inputs = world.drawn(rng)
        values = world.at(sizes, inputs)
        if values is None:
            continue
        for where in places(world, sizes, left.free | right.free):
            with np.errstate(all="ignore"):
                try:
                    one, other = left.worth(values, where), right.worth(values, where)
                except (IndexError, OverflowError, ZeroDivisionError):
                    continue
            if not (np.isfinite(one) and np.isfinite(other)):
                continue
            if max(abs(one), abs(other)) > LARGE:
                continue
            compared += 1
            if abs(one - other) > CLOSE * (1 + abs(one) + abs(other)):
                return False
    return True if compared >= ENOUGH else None


def places(world: World, sizes: Mapping[str, int], letters: frozenset[str]) -> Iterator[dict[str, int]]:
    ends = {letter: sizes["N" if letter == world.rows else world.size] for letter in sorted(letters)}
    for chosen in product(*(range(1, end + 1) for end in ends.values())):
        yield dict(zip(ends, chosen, strict=True))


def shown_wrongly(world: World, left: Formula, right: Formula, found: Judgement) -> str:
    """A counterexample whose sides do not have the values that it shows; '' where it has them, or does not say all."""
    failure = found.counterexample
    if failure is None or not set(world.shapes) <= failure.values.keys():
        return ""
    inputs = {name: np.array(_number(failure.values[name])) for name in world.shapes}
    lengths = {
        axis: n for name, shape in world.shapes.items() for axis, n in zip(shape, inputs[name].shape, strict=True)
    }
    values = world.at(lengths, inputs)
    where = {letter: int(str(failure.values[letter])) for letter in left.free | right.free}
    if values is None:
        return "no values"
    for side, shown in ((left, failure.left), (right, failure.right)):
        worth, said = side.worth(values, where), 0.0 if shown == "about 0" else _number(shown)
        if abs(worth - said) > 1e-4 * (1 + abs(said)):
            return f"{shown} is {worth}"
    return ""


def _number(shown: Any) -> Any:
    """3/4, log(2) + 1, and tuples of such, as a counterexample shows them."""
    if isinstance(shown, tuple):
        return [_number(one) for one in shown]
    known = {"__builtins__": {}, "log": log, "exp": exp, "sqrt": sqrt}
    return float(eval(str(shown).replace("^", "**"), known))  # our own output, in a test


def wrong(world: World, left: Formula, right: Formula, seed: str) -> tuple[str, str, bool | None]:
    """What is wrong with the verdict on left = right, if anything is; the verdict, and the truth."""
    statement = f"{left.text} = {right.text}"
    truth, found = is_true(world, left, right, seed), check(world.problem, statement)
    bad = (truth is False and found.verdict == "proved") or (truth is True and found.verdict == "refuted")
    shown = shown_wrongly(world, left, right, found) if found.verdict == "refuted" else ""
    message = f"{world.problem}: {statement}: {truth}, {found.verdict}, {shown}" if bad or shown else ""
    return message, found.verdict, truth


@pytest.mark.parametrize("seed", range(4))
def test_as_numpy_says(seed: int) -> None:
    verdicts: Counter[tuple[bool | None, str]] = Counter()
    for world, _, left, right in statements(f"numpy {seed}", 50):
        message, verdict, truth = wrong(world, left, right, f"points {seed}")
        assert not message
        verdicts[truth, verdict] += 1
    told = {truth: sum(n for (one, _), n in verdicts.items() if one is truth) for truth in (True, False)}
    assert min(told.values()) >= 10, verdicts
    assert verdicts[True, "proved"] >= 0.6 * told[True], verdicts
    assert verdicts[False, "refuted"] >= 0.8 * told[False], verdicts


def main(count: int, seed: str) -> None:
    verdicts: Counter[tuple[bool | None, str]] = Counter()
    kinds: Counter[tuple[str, bool | None, str]] = Counter()
    for world, kind, left, right in statements(seed, count):
        message, verdict, truth = wrong(world, left, right, seed)
        if message:
            print(kind, message, sep=": ", flush=True)
        verdicts[truth, verdict] += 1
        if (truth, verdict) not in ((True, "proved"), (False, "refuted")):
            kinds[kind, truth, verdict] += 1
    print(dict(verdicts))
    for (kind, truth, verdict), number in kinds.most_common(30):
        print(f"{number:6} {kind}: {truth}, {verdict}")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
