"""A long campaign of mutated statements: `python tests/fuzz/campaign.py 1000000`.

All are read, since most are refused by the reader; one in ten is judged in its problem, two are compared with another.
Prints every text that raises or takes more than SLOW seconds of a core, the memory as it goes, and a summary.
Two numbers more are the first batch and how many processes run: a campaign can be run in slices.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent.parent))

from fuzz.mutations import mutated

from derive.checking import check, compare, subject
from derive.errors import AnswerError, BudgetError, UnsupportedError
from derive.language.counting import Counting
from derive.reading.statement import read_statement

SLOW, BATCH = 2.0, 2_000
JUDGED, COMPARED = (0,), (1, 2)  # of every ten


def outcome(number: int, problem: str, text: str, random: Random) -> str:
    """The verdict, or whether the text was read."""
    if number % 10 in COMPARED:
        return compare(text, mutated(random)[1]).verdict
    known = subject(problem)
    if number % 10 in JUDGED or isinstance(known.problem.program, Counting):
        return check(problem, text).verdict
    try:
        read_statement(text, known.known.names)
    except (AnswerError, BudgetError, UnsupportedError, ArithmeticError):
        return "unreadable"
    return "read"


def batch(number: int) -> tuple[int, Counter[str], list[str], float, int]:
    """The verdicts of a batch, what went wrong, the longest time, and the process's memory afterwards in MiB."""
    random = Random(f"campaign {number}")
    verdicts: Counter[str] = Counter()
    faults, longest = [], 0.0
    for k in range(BATCH):
        problem, text = mutated(random)
        start = time.process_time()
        try:
            found = outcome(k, problem, text, random)
        except Exception as error:  # the campaign goes on and tells what happened
            faults.append(f"{type(error).__name__}: {error} | {problem} | {text!r}")
        else:
            verdicts[found] += 1
        took = time.process_time() - start
        longest = max(longest, took)
        if took > SLOW:
            faults.append(f"{took:.1f} s | {problem} | {text!r}")
    return os.getpid(), verdicts, faults, longest, resident()


def resident() -> int:
    """Memory of this process now, in MiB; where the system does not tell, the most it ever had."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20


def main(count: int, first: int, workers: int) -> int:
    verdicts: Counter[str] = Counter()
    faults = 0
    memory: dict[int, list[int]] = {}
    start, longest, done = time.perf_counter(), 0.0, 0
    with ProcessPoolExecutor(workers) as pool:
        for pid, found, wrong, slowest, size in pool.map(batch, range(first, first + -(-count // BATCH))):
            done += BATCH
            verdicts += found
            faults += len(wrong)
            longest = max(longest, slowest)
            memory.setdefault(pid, []).append(size)
            print(*wrong, sep="\n", end="\n" if wrong else "", flush=True)
            print(
                f"{done} {done / (time.perf_counter() - start):.0f}/s, {size} MiB, slowest {longest:.1f} s", flush=True
            )
    print(dict(verdicts))
    print("MiB by process, first, middle, last:", [(m[0], m[len(m) // 2], m[-1]) for m in memory.values()])
    print(f"{done} texts, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*words, *(20_000, 0, 2)[len(words) :]))
