"""What is handed in for a campaign: sheets with one or two answers, random rewrites and mistakes, and hostile ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random

from fuzz.mutations import mutated
from grading.hostile import KINDS, TEXTS
from judging.corpus import Pair, pairs

from derive.catalogue import load

SHARE = 100  # one sheet of so many is hostile
CHUNK = 500  # statements made at a time


def written(folder: Path, count: int, seed: str = "campaign") -> Path:
    """So many sheets in a folder, with one or two answers each, and beside them what is known to be true or false."""
    rng = Random(seed)
    hostile = [f"{kind}:{k}" for k, kind in enumerate(KINDS * count)][: max(count // SHARE // 2, len(KINDS))]
    hostile += [TEXTS[k % len(TEXTS)] + " " * (k // len(TEXTS)) for k in range(count // SHARE - len(hostile))]
    rng.shuffle(hostile)
    every = count // len(hostile)
    made = _statements(count * 3 // 2, seed)
    folder.mkdir()
    truth: dict[str, bool] = {}
    for number in range(count):
        problem, answers = _answers(made, rng)
        if number % every == 0 and hostile:
            answers[rng.choice(_parts(problem))] = hostile.pop(), None
        for part, (_, true) in answers.items():
            if true is not None:
                truth[f"s{number:05} {part}"] = true
        sheet = {"problem": problem, "answers": {part: text for part, (text, _) in answers.items()}}
        (folder / f"s{number:05}.json").write_text(json.dumps(sheet), encoding="ascii")
    folder.with_suffix(".truth").write_text(json.dumps(truth), encoding="ascii")
    return folder


def _statements(count: int, seed: str) -> Iterator[Pair]:
    seeds = [f"{seed} {start}" for start in range(0, count, CHUNK)]
    with ProcessPoolExecutor(2) as pool:
        for found in pool.map(_chunk, seeds):
            yield from found


def _chunk(seed: str) -> list[Pair]:
    return list(pairs(CHUNK, seed))


def _answers(made: Iterator[Pair], rng: Random) -> tuple[str, dict[str, tuple[str, bool | None]]]:
    """A problem with one or two answers, and whether each is true; near to a statement of some kind, now and then."""
    if rng.random() < 0.05:
        problem, text = mutated(rng)
        return problem, {rng.choice(_parts(problem)): (text, None)}
    first = next(made)
    found = {first.part or rng.choice(_parts(first.problem)): _said(first, rng)}
    second = next(made) if rng.random() < 0.4 else first
    if second.problem == first.problem:
        found.setdefault(second.part or rng.choice(_parts(first.problem)), _said(second, rng))
    return first.problem, found


def _said(pair: Pair, rng: Random) -> tuple[str, bool | None]:
    """A false one that is about no part may be true under what another part assumes."""
    said = pair.said if pair.part and rng.random() < 0.5 else pair.statement
    return said, pair.true if pair.part or pair.true else None


def _parts(problem: str) -> list[str]:
    return [question.id for question in load(problem).questions]
