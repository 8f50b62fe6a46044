"""Verdicts and speed on random statements, against math-verify and SymPy's simplify. Run by `make bench`.

Each pair is a part's answer and a statement of it that was rewritten or changed in one place. The others are given the
two right sides; what they cannot parse counts as "different", as it does for those who use them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from judging.corpus import Pair, pairs, subject

from derive.judging.check import judged
from derive.reading.statement import read_statement

pytestmark = pytest.mark.bench
COUNT, FEW = 300, 40


@dataclass(frozen=True)
class Score:
    right: int
    accepted_wrongly: int
    seconds: list[float]

    def told(self, name: str) -> str:
        times = sorted(self.seconds)
        total = sum(times)
        return (
            f"{name:12} {self.right}/{len(times)} right, {self.accepted_wrongly} wrongly accepted,"
            f" {len(times) / total:.1f} pairs/s, median {times[len(times) // 2] * 1e3:.1f} ms,"
            f" 95 % {times[int(len(times) * 0.95)] * 1e3:.0f} ms"
        )


def scored(corpus: list[Pair], accepts: Callable[[Pair], bool]) -> Score:
    right = wrongly = 0
    seconds = []
    for pair in corpus:
        start = time.perf_counter()
        accepted = accepts(pair)
        seconds.append(time.perf_counter() - start)
        right += accepted == pair.true
        wrongly += accepted and not pair.true
    return Score(right, wrongly, seconds)


@pytest.fixture(scope="module")
def corpus() -> list[Pair]:
    made = list(pairs(COUNT, "bench"))
    for pair in made:  # the problem is loaded, and its points are made
        judged(subject(pair.problem, pair.part), pair.statement)
    return made


@pytest.fixture(scope="module")
def ours(corpus: list[Pair]) -> Score:
    return scored(corpus, lambda pair: judged(subject(pair.problem, pair.part), pair.statement).verdict == "proved")


def test_ours(ours: Score) -> None:
    print("\n" + ours.told("derive"))
    assert ours.accepted_wrongly == 0
    assert ours.right >= 0.995 * COUNT


def test_reading(corpus: list[Pair]) -> None:
    times = []
    for pair in corpus:
        names = subject(pair.problem).known.names
        start = time.perf_counter()
        read_statement(pair.statement, names)
        times.append(time.perf_counter() - start)
    median = sorted(times)[len(times) // 2]
    print(f"\nreading: median {median * 1e3:.2f} ms")
    assert median <= 0.002


def test_against_math_verify(corpus: list[Pair], ours: Score) -> None:
    math_verify = pytest.importorskip("math_verify")
    few = corpus[:FEW]

    def accepts(pair: Pair) -> bool:
        gold, said = (math_verify.parse(f"${text}$", parsing_timeout=None) for text in (pair.gold, pair.said))
        return bool(math_verify.verify(gold, said, timeout_seconds=5))

    theirs = scored(few, accepts)
    print("\n" + theirs.told("math-verify"))
    assert ours.right / COUNT > theirs.right / FEW


def test_against_simplify(corpus: list[Pair], ours: Score) -> None:
    parsing = pytest.importorskip("sympy.parsing.latex")
    import sympy

    def accepts(pair: Pair) -> bool:
        try:
            gold, said = (parsing.parse_latex(text) for text in (pair.gold, pair.said))
            return bool(sympy.simplify(gold - said) == 0)
        except Exception:
            return False

    try:
        parsing.parse_latex("x")
    except ImportError as error:
        pytest.skip(str(error))
    theirs = scored(corpus[:FEW], accepts)
    print("\n" + theirs.told("simplify"))
    assert ours.right / COUNT > theirs.right / FEW
