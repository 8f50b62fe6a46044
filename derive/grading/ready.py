"""What all workers need, made once in the server that they are forked from, before the first of them.

A server imports modules and takes no arguments, so what to make comes to it through the environment.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
from collections.abc import Iterable
from multiprocessing import forkserver

from derive.grading.lifeline import kill_with_parent
from derive.grading.work import Task, done

VARIABLE = "DERIVE_GRADING_READY"


def make(tasks: Iterable[Task]) -> None:
    """Starts the server, if it is not there, with the problems of these tasks derived."""
    first = {(task.problem, task.given): task.part for task in tasks}
    os.environ[VARIABLE] = json.dumps([[problem, part, given] for (problem, given), part in first.items()])
    try:
        forkserver.set_forkserver_preload([__name__])
        forkserver.ensure_running()
    finally:
        del os.environ[VARIABLE]


def _make(text: str) -> None:
    """One answer judged for each problem: derived, its points made. A fault comes again where it is told."""
    for problem, part, given in json.loads(text):
        with contextlib.suppress(Exception):
            done(Task(problem, part, "0", given))
    gc.collect()
    gc.freeze()  # it is there for good: never looked through again, and its pages stay shared


if VARIABLE in os.environ:
    kill_with_parent()
    _make(os.environ.pop(VARIABLE))
