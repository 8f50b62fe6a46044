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
from itertools import groupby
from typing import Any, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from derive.errors import UsageError
from derive.grading import ready
from derive.grading.lifeline import end_with_parent
from derive.grading.limits import Limits
from derive.grading.work import NO_MEMORY, Outcome, Task, done, stopped
from derive.judging.garbage import collect_seldom

WALL = 5  # times its limit on the clock, for one that waits: a busy machine is no reason to stop an answer
AHEAD = 4  # tasks handed out for each worker, so that none waits
TRIES = 3  # beside others, or with no other at work where it may have been their doing that its worker was killed
PATIENCE = 1.0  # seconds until it is asked whether the workers are still there
STUCK = 90.0  # seconds beyond the limit without an answer: what the workers share was left locked by one that died
GENTLE = 0.2  # seconds a worker has to end when told to, before it is killed
TASKS_OF_ONE = 2_000  # then a worker is replaced, so that whatever it keeps stays bounded
OUT_OF_TIME = -getattr(signal, "SIGPROF", 27)  # an exit code
KILLED = (-getattr(signal, "SIGKILL", 9), -signal.SIGTERM)  # by the system or someone else, with whatever was at work
DIED = "its worker died, which too much memory can do"
Work = Callable[[Task], Outcome]
Died: TypeAlias = Literal["killed", "ended"]  # by others, or by its own doing


class Group(Struct, frozen=True):
    """The same text about several parts: what is found out for the first of them serves the others."""

    tasks: tuple[Task, ...]
    tries: int = 1


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
        waiting = deque(Group(group) for group in together(tasks))
        alone: deque[Group] = deque()
        running: dict[Any, Group] = {}
        self._heard = time.monotonic()
        while waiting or alone or running:
            if alone and not waiting and not running:
                waiting.append(alone.popleft())
            while waiting and sum(len(group.tasks) for group in running.values()) < AHEAD * self.workers:
                try:
                    future = self._scheduled(self._started(tasks), waiting[0])
                except RuntimeError:  # it broke between the two
                    break
                running[future] = waiting.popleft()
            for future in self._ended(running):
                group = running.pop(future)
                found = self._outcomes(future)
                if isinstance(found, list) and len(found) == len(group.tasks):
                    yield from zip(group.tasks, found, strict=True)
                elif len(group.tasks) > 1:
                    waiting.extend(Group((task,)) for task in group.tasks)
                elif group.tries < TRIES:
                    (alone if found == "killed" else waiting).append(Group(group.tasks, group.tries + 1))
                else:
                    yield group.tasks[0], stopped(DIED, "memory")

    def _scheduled(self, pool: Any, group: Group) -> Any:
        seconds = self.limits.seconds
        wall = WALL * seconds * len(group.tasks)
        return pool.schedule(_within, args=[self.work, group.tasks, seconds], timeout=wall)

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

    def _outcomes(self, future: Any) -> list[Outcome] | Died:
        """Those of a group, one for a task that was stopped by itself, or how its worker died."""
        try:
            found: list[Outcome] = future.result(timeout=0)
            return found
        except MemoryError:
            return [stopped(NO_MEMORY, "memory")]
        except self._pebble.ProcessExpired as error:
            if error.exitcode == OUT_OF_TIME:
                return [self._late()]
            return "killed" if error.exitcode in KILLED else "ended"
        except BrokenProcessPool:
            return "killed"
        except TimeoutError:
            return [self._late()] if future.done() else "killed"
        except Exception as error:  # a fault of ours in one answer; the others go on, and a person sees it
            return [stopped(f"a fault of ours: {type(error).__name__}: {str(error)[:200]}", "fault")]

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


def together(tasks: Iterable[Task]) -> Iterator[tuple[Task, ...]]:
    """Those that stand next to each other and differ in the part alone."""
    for _, group in groupby(tasks, lambda task: replace(task, part="")):
        yield tuple(group)


def _within(work: Work, tasks: Sequence[Task], seconds: float) -> list[Outcome]:
    """The work, or the end of this process where a task takes so many seconds of a processor: a busy machine changes no
    mark."""
    if not hasattr(signal, "setitimer"):
        return [work(task) for task in tasks]
    found = []
    try:
        for task in tasks:
            signal.setitimer(signal.ITIMER_PROF, seconds)
            found.append(work(task))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return found


def _begin(megabytes: int) -> None:
    """A worker has so much memory, and ends with the process that asks it."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2**20, megabytes * 2**20))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    collect_seldom()
    end_with_parent()
