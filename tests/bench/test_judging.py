"""Verdicts and speed on random statements, against math-verify and SymPy's simplify(a - b). Run by `make bench`.

Each pair is a part's answer and a statement of it that was rewritten or changed in one place: judged in its problem by
`check`, and side against side by `compare`. The others are given the two sides of the latter, at most LIMIT seconds for
each; what they cannot parse counts as "different", as it does for those who use them. Throughput is compared on the
pairs that all of them were given.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as TooLongError
from dataclasses import dataclass, field
from functools import cache
from itertools import islice

import pytest
from judging.corpus import Pair, pairs, subject
from pebble import ProcessPool

from derive.checking import compare
from derive.judging.check import judged
from derive.judging.garbage import collect_seldom
from derive.reading.statement import read_statement

pytestmark = pytest.mark.bench
COUNT, FEW, LIMIT = 300, 60, 5
NAMES = ("", "right", "false accepted", "median", "95 %", "CPU median", "CPU 95 %", "pairs/CPU s")
WIDTHS = (14, 9, 16, 9, 9, 12, 10, 13)
HEAD = "".join(f"{name:>{width}}" for name, width in zip(NAMES, WIDTHS, strict=True))


@dataclass(frozen=True)
class Time:
    """In milliseconds, of the clock and of the processor."""

    wall: float
    cpu: float


@dataclass
class Score:
    name: str
    right: int = 0
    accepted_wrongly: int = 0
    times: list[Time] = field(default_factory=list)

    def add(self, accepted: bool, true: bool, took: Time) -> None:
        self.right += accepted == true
        self.accepted_wrongly += accepted and not true
        self.times.append(took)

    def at(self, share: float, clock: str = "cpu") -> float:
        return sorted(getattr(one, clock) for one in self.times)[int(len(self.times) * share)]

    def throughput(self, count: int | None = None) -> float:
        """Pairs a second of the processor, of the first so many: what else runs on the machine does not count."""
        return 1e3 * len(self.times[:count]) / sum(one.cpu for one in self.times[:count])

    def told(self) -> str:
        return (
            f"{self.name:14}{f'{self.right}/{len(self.times)}':>9}{self.accepted_wrongly:>16}"
            f"{self.at(0.5, 'wall'):>6.1f} ms{self.at(0.95, 'wall'):>6.0f} ms"
            f"{self.at(0.5):>9.1f} ms{self.at(0.95):>7.0f} ms{self.throughput():>13.1f}"
        )


def timed(work: Callable[[], bool]) -> tuple[bool, Time]:
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, Time(1e3 * (time.perf_counter() - wall), 1e3 * (time.process_time() - cpu))


def scored(name: str, corpus: list[Pair], accepts: Callable[[Pair], bool]) -> Score:
    score = Score(name)
    for pair in corpus:
        found, took = timed(lambda pair=pair: accepts(pair))  # type: ignore[misc]
        score.add(found, pair.true, took)
    return score


def scored_apart(name: str, corpus: list[Pair], accepts: Callable[[str, str], tuple[bool, Time]]) -> Score:
    """In a process of its own, which is stopped after LIMIT seconds."""
    score = Score(name)
    with ProcessPool(max_workers=1) as pool:
        pool.schedule(collect_seldom).result()
        pool.schedule(accepts, args=["1", "1"]).result()  # imports
        for pair in corpus:
            try:
                found, took = pool.schedule(accepts, args=[pair.gold, pair.said], timeout=LIMIT).result()
            except TooLongError:
                found, took = False, Time(1e3 * LIMIT, 1e3 * LIMIT)
            score.add(found, pair.true, took)
    return score


def by_math_verify(gold: str, said: str) -> tuple[bool, Time]:
    import math_verify

    def accepts() -> bool:
        one, other = (math_verify.parse(f"${text}$", parsing_timeout=None) for text in (gold, said))
        return bool(math_verify.verify(one, other, timeout_seconds=None))

    return timed(accepts)


def by_simplify(gold: str, said: str) -> tuple[bool, Time]:
    import sympy
    from latex2sympy2_extended import latex2sympy

    def accepts() -> bool:
        try:
            return bool(sympy.simplify(latex2sympy(gold) - latex2sympy(said)) == 0)
        except Exception:  # whatever its parser raises: it has not accepted the pair
            return False

    return timed(accepts)


@pytest.fixture(scope="module", autouse=True)
def as_in_a_batch() -> Iterator[None]:
    before = gc.get_threshold()
    collect_seldom()
    yield
    gc.set_threshold(*before)


@pytest.fixture(scope="module")
def in_problems() -> list[Pair]:
    """Not seen before; the problems are loaded, and their points made, by others."""
    for pair in pairs(COUNT, "before the bench"):
        judged(subject(pair.problem, pair.part), pair.statement)
    return list(pairs(COUNT, "bench"))


@pytest.fixture(scope="module")
def alone() -> list[Pair]:
    """Those whose gold side is read without a problem: not w_j (1 - h_j), where w_j may be a function, nor [i = 1]."""
    readable = (pair for pair in pairs(2 * COUNT, "bench alone", alone=True) if is_read(pair.gold))
    return list(islice(readable, COUNT))


@cache
def is_read(gold: str) -> bool:
    return compare(gold, gold).verdict == "proved"


@pytest.fixture(scope="module")
def checked(in_problems: list[Pair]) -> Score:
    verdict = lambda pair: judged(subject(pair.problem, pair.part), pair.statement).verdict  # noqa: E731
    return scored("derive.check", in_problems, lambda pair: verdict(pair) == "proved")


@pytest.fixture(scope="module")
def compared(alone: list[Pair]) -> Score:
    return scored("derive.compare", alone, lambda pair: compare(pair.gold, pair.said).verdict == "proved")


@pytest.fixture(scope="module")
def others(alone: list[Pair]) -> list[Score]:
    pytest.importorskip("math_verify")
    return [
        scored_apart("math-verify", alone[:FEW], by_math_verify),
        scored_apart("simplify(a-b)", alone[:FEW], by_simplify),
    ]


def test_the_targets(checked: Score, compared: Score) -> None:
    print("\n" + "\n".join([HEAD, checked.told(), compared.told()]))
    for ours in (checked, compared):
        assert ours.accepted_wrongly == 0
        assert ours.right >= 0.995 * COUNT
        assert ours.at(0.5) <= 5
        assert ours.at(0.95) <= 50


def test_against_others(checked: Score, compared: Score, others: list[Score]) -> None:
    lines = [HEAD, *(one.told() for one in (checked, compared, *others))]
    for ours in (checked, compared):
        times = ", ".join(f"{ours.throughput(FEW) / one.throughput():.0f} times {one.name}" for one in others)
        lines.append(f"{ours.name} has the throughput of {times}, on {FEW} pairs")
    print("\n" + "\n".join(lines))
    for one in others:
        assert compared.right / COUNT > one.right / FEW
    assert min(checked.throughput(FEW), compared.throughput(FEW)) >= 20 * others[0].throughput()  # math-verify


def test_reading(in_problems: list[Pair]) -> None:
    times = []
    for pair in in_problems:
        names = subject(pair.problem).known.names
        start = time.process_time()
        read_statement(pair.statement, names)
        times.append(time.process_time() - start)
    median = sorted(times)[len(times) // 2]
    print(f"\nreading: median {median * 1e3:.2f} ms")
    assert median <= 0.002
