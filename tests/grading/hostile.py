"""Work that goes wrong in a worker, chosen by what the statement says."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from derive.grading.work import Outcome, Task, done

LOG = "DERIVE_TESTS_LOG"  # names a file that hears of each task that is begun
KINDS = ("busy", "deaf", "hungry", "greedy", "dies", "raises")  # those that cost a worker or its time
TEXTS = (
    "(" * 9000,
    r"\frac" * 2000,
    "9" * 9999,
    "x^" * 4000 + "2",
    "{" * 5000 + "}" * 5000,
    r"2^{2^{2^{2^{2^{2^{2^{9}}}}}}}",
    r"\sum_i" * 900 + "x_i",
    "\x00\x1b[31m",
    "\u202e" * 50,
    "__import__('os').system('true')",
    "x" * 200_000,
    r"\left(" * 3000,
    "=" * 5000,
    r"(\mu + \sigma^2 + \gamma + \beta)^{99999}",
    "*".join(r"(\mu + \sigma^2 + \gamma + x_1)" for _ in range(300)),
)


def work(task: Task) -> Outcome:
    if LOG in os.environ:
        with open(os.environ[LOG], "a", encoding="ascii") as file:
            file.write(f"{task.key}\n")
    word, _, where = task.text.partition(":")
    match word:
        case "endless":
            while True:
                time.sleep(0.01)
        case "busy":
            while True:
                pass
        case "deaf":
            return done(Task(task.problem, task.part, str(2 ** (10**10) % 7)))  # arithmetic that listens to nobody
        case "slow":
            time.sleep(float(where))
        case "working":
            until = time.process_time() + float(where)
            while time.process_time() < until:
                pass
        case "hungry":
            return done(Task(task.problem, task.part, str(len(bytearray(50 * 2**30)))))
        case "greedy":
            found = []
            while True:
                found.append(bytearray(2**24))
        case "dies":
            os._exit(9)
        case "killed":  # by someone else, as it were, and whatever is at work can be seen beside it
            with open(where.strip(), "a", encoding="ascii") as file:
                file.write(f"begun {time.monotonic()}\n")
            time.sleep(0.1)
            with open(where.strip(), "a", encoding="ascii") as file:
                file.write(f"ended {time.monotonic()}\n")
            os.kill(os.getpid(), signal.SIGKILL)
        case "dies once":
            if not Path(where).exists():
                Path(where).touch()
                os._exit(9)
        case "raises":
            raise KeyError("of ours")
        case "deep":
            return Outcome(done(Task(task.problem, task.part, "(" * 5000 + "1" + ")" * 5000)).judgement)
        case "counted":
            with open(where, "a", encoding="utf-8") as file:
                file.write("x")
        case _:
            return done(task)
    return done(Task(task.problem, task.part, "7"))
