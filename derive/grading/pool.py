"""Every task in a worker that can be killed: one that never ends or eats all memory costs only itself."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, wait
from typing import Any

from msgspec import Struct

from derive.errors import UsageError
from derive.grading.work import Outcome, Task, done, stopped

AHEAD = 4  # tasks handed out for each worker, so that none waits
TRIES = 2  # a worker may also die of what another one did


class Limits(Struct, frozen=True):
    """How long one statement may take, in seconds, and how much memory a worker may have, in MB."""

    workers: int = 0  # as many as there are processors
    seconds: float = 20.0
    megabytes: int = 2048


def judged(
    tasks: Iterable[Task], limits: Limits, work: Callable[[Task], Outcome] = done
) -> Iterator[tuple[Task, Outcome]]:
    """Each task with its outcome, in the order in which they are done. Raises UsageError without pebble."""
    try:
        from pebble import ProcessExpired, ProcessPool
    except ImportError:
        raise UsageError("grading needs pebble; install it with: pip install pebble") from None
    waiting = deque((task, 1) for task in tasks)
    if not waiting:
        return
    workers = min(limits.workers or os.cpu_count() or 1, len(waiting))
    running: dict[Any, tuple[Task, int]] = {}
    with ProcessPool(workers, context=_context(), initializer=_limit, initargs=(limits.megabytes,)) as pool:
        try:
            while waiting or running:
                while waiting and len(running) < AHEAD * workers:
                    task, tries = waiting.popleft()
                    running[pool.schedule(work, args=[task], timeout=limits.seconds)] = task, tries
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    task, tries = running.pop(future)
                    try:
                        yield task, future.result()
                    except MemoryError:
                        yield task, stopped("it needs more memory than is allowed")
                    except TimeoutError:
                        yield task, stopped(f"stopped after {limits.seconds:g} seconds")
                    except ProcessExpired:
                        if tries < TRIES:
                            waiting.append((task, tries + 1))
                        else:
                            yield task, stopped("its worker died, which too much memory can do")
                    except Exception as error:  # a fault of ours in one answer; the others go on, and a person sees it
                        yield task, stopped(f"a fault of ours: {type(error).__name__}: {str(error)[:200]}")
        finally:
            pool.stop()  # type: ignore[no-untyped-call]


def _context() -> Any:
    """Workers from a server that has imported all and started no thread; where there is none, started anew."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([done.__module__])
    return context


def _limit(megabytes: int) -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2**20, megabytes * 2**20))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
