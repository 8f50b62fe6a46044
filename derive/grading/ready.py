"""What all workers need, made once in the server that they are forked from, before the first of them.

A server imports modules and takes no arguments, so what to make comes to it through the environment.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
from collections import Counter
from collections.abc import Iterable
from multiprocessing import forkserver
from typing import TYPE_CHECKING

from derive.grading.lifeline import kill_with_parent

if TYPE_CHECKING:
    from derive.grading.work import Task

VARIABLE = "DERIVE_GRADING_READY"
OFTEN = 5  # a part that is answered so often is made ready, and one part of each problem in any case
MOST = 60_000  # characters; more does not fit into the environment everywhere


def make(tasks: Iterable[Task]) -> None:
    """Starts the server, if it is not there, with the parts of these tasks derived."""
    os.environ[VARIABLE] = json.dumps(_parts(tasks))
    try:
        forkserver.set_forkserver_preload(["pebble", __name__, "derive.grading.pool"])
        forkserver.ensure_running()
    finally:
        del os.environ[VARIABLE]


def _parts(tasks: Iterable[Task]) -> list[tuple[str, str]]:
    """Problem and part, the most frequent first: without the numbers that a sheet gives, which nobody has vetted."""
    problems: set[str] = set()
    found, length = [], 0
    for (problem, part), count in Counter((task.problem, task.part) for task in tasks).most_common():
        length += len(json.dumps([problem, part]))
        if length > MOST:
            break
        if count >= OFTEN or problem not in problems:
            found.append((problem, part))
            problems.add(problem)
    return found


def _make(text: str) -> None:
    """One answer judged for each part: derived, its points made. A fault comes again where it is told."""
    from derive.grading.work import Task, done

    for problem, part in json.loads(text):
        with contextlib.suppress(Exception):
            done(Task(problem, part, "0"))
    gc.collect()
    gc.freeze()  # it is there for good: never looked through again, and its pages stay shared


if VARIABLE in os.environ:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who is interrupted ends it
    kill_with_parent()
    _make(os.environ.pop(VARIABLE))
