"""Every task in a worker that can be killed: one that never ends or eats all memory costs only itself."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from derive.errors import UsageError
from derive.grading import ready
from derive.grading.lifeline import end_with_parent
from derive.grading.limits import Limits
from derive.grading.work import NO_MEMORY, Outcome, Task, done, stopped
from derive.judging.garbage import collect_seldom

WALL = 5  # times its limit on the clock, for one that waits: a busy machine is no reason to stop an answer
AHEAD = 4  # tasks handed out for each worker, so that none waits
TRIES = 3  # the first beside others, whose doing it may be that its worker died; then with no other at work
PATIENCE = 1.0  # seconds until it is asked whether the workers are still there
STUCK = 90.0  # seconds beyond the limit without an answer: what the workers share was left locked by one that died
GENTLE = 0.2  # seconds a worker has to end when told to, before it is killed
TASKS_OF_ONE = 2_000  # then a worker is replaced, so that whatever it keeps stays bounded
OUT_OF_TIME = -getattr(signal, "SIGPROF", 27)  # an exit code
DIED = "its worker died, which too much memory can do"
Work = Callable[[Task], Outcome]


def judged(tasks: Iterable[Task], limits: Limits, work: Work = done) -> Iterator[tuple[Task, Outcome]]:
    """Each task with its outcome, in the order in which they are done. Raises UsageError without pebble."""
    waiting = list(tasks)
    if waiting:
        with Pool(min(limits.processes, len(waiting)), limits, work) as pool:
            yield from pool.judged(waiting)


class Pool:
    """So many workers; to be left, so that none stays behind."""

    def __init__(self, workers: int, limits: Limits, work: Work = done) -> None:
        try:
            import pebble
        except ImportError:
            raise UsageError("grading needs pebble; install it with: pip install pebble") from None
        pebble.CONSTS.term_timeout = GENTLE
        self.workers, self.limits, self.work = workers, limits, work
        self._pebble = pebble
        self._pool: Any = None
        self._heard = time.monotonic()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *error: object) -> None:
        self._stop()

    def judged(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Outcome]]:
        """Each task with its outcome, in the order in which they are done."""
        waiting: deque[tuple[Task, int]] = deque((task, 1) for task in tasks)
        alone: deque[tuple[Task, int]] = deque()
        running: dict[Any, tuple[Task, int]] = {}
        self._heard = time.monotonic()
        while waiting or alone or running:
            if alone and not waiting and not running:
                waiting.append(alone.popleft())
            while waiting and len(running) < AHEAD * self.workers:
                try:
                    future = self._scheduled(self._started(tasks), waiting[0][0])
                except RuntimeError:  # it broke between the two
                    break
                running[future] = waiting.popleft()
            for future in self._ended(running):
                task, tries = running.pop(future)
                outcome = self._outcome(future)
                if outcome is not None:
                    yield task, outcome
                elif tries < TRIES:
                    alone.append((task, tries + 1))
                else:
                    yield task, stopped(DIED, "memory")

    def _scheduled(self, pool: Any, task: Task) -> Any:
        seconds = self.limits.seconds
        return pool.schedule(_within, args=[self.work, task, seconds], timeout=WALL * seconds)

    def _ended(self, running: Iterable[Any]) -> set[Any]:
        """Those that have an outcome; all of them where none is to come any more."""
        ended = wait(running, timeout=PATIENCE, return_when=FIRST_COMPLETED).done
        if ended:
            self._heard = time.monotonic()
            return ended
        if time.monotonic() - self._heard > WALL * self.limits.seconds + STUCK:
            self._stop()
        if self._pool is not None and self._pool.active:
            return set()
        self._heard = time.monotonic()
        return set(running)

    def _outcome(self, future: Any) -> Outcome | None:
        """None where the worker died."""
        try:
            found: Outcome = future.result(timeout=0)
            return found
        except MemoryError:
            return stopped(NO_MEMORY, "memory")
        except self._pebble.ProcessExpired as error:
            return self._late() if error.exitcode == OUT_OF_TIME else None
        except BrokenProcessPool:
            return None
        except TimeoutError:
            return self._late() if future.done() else None
        except Exception as error:  # a fault of ours in one answer; the others go on, and a person sees it
            return stopped(f"a fault of ours: {type(error).__name__}: {str(error)[:200]}", "fault")

    def _late(self) -> Outcome:
        return stopped(f"stopped after {self.limits.seconds:g} seconds", "seconds")

    def _started(self, tasks: Sequence[Task]) -> Any:
        """The pool, or a new one where all its workers died at once."""
        if self._pool is not None and not self._pool.active:
            self._stop()
        if self._pool is None:
            context = _context(tasks)
            arguments = (self.limits.megabytes,)
            self._pool = self._pebble.ProcessPool(
                self.workers, max_tasks=TASKS_OF_ONE, context=context, initializer=_begin, initargs=arguments
            )
        return self._pool

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None


def _context(tasks: Sequence[Task]) -> Any:
    """Workers from a server that has made what they share and started no thread; where there is none, started anew."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    ready.make(tasks)
    return multiprocessing.get_context("forkserver")


def _within(work: Work, task: Task, seconds: float) -> Outcome:
    """The work, or the end of this process after so many seconds of a processor: a busy machine changes no mark."""
    if not hasattr(signal, "setitimer"):
        return work(task)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        return work(task)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _begin(megabytes: int) -> None:
    """A worker has so much memory, and ends with the process that asks it."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2**20, megabytes * 2**20))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    collect_seldom()
    end_with_parent()
