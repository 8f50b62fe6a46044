"""Tasks to a Dask cluster in batches: a worker that dies costs a retry, an answer that kills it only itself."""

from __future__ import annotations

import itertools
import logging
import os
import pickle
import queue
import re
import time
import uuid
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any

from msgspec import Struct

from derive.errors import UsageError
from derive.grading.limits import Limits
from derive.grading.node import ask, edition
from derive.grading.pool import DIED, Work
from derive.grading.work import Outcome, Task, done, stopped

MOST = 32  # tasks of a batch, so that little is judged again when a worker dies
AHEAD = 3  # batches handed out for each thread of the cluster
TRIES = 3  # a batch beside others, each of its tasks beside others, then with nothing else on the cluster
TO_CONNECT, TO_COME, PATIENCE = 5.0, 60.0, 1.0  # seconds for the scheduler, for its workers, until they are counted
RESUME = "start it again and repeat the call; with --store, what is judged so far is kept"


class Batch(Struct, frozen=True):
    """Tasks that go to a worker together."""

    tasks: Sequence[Task]
    tries: int = 1

    @property
    def last(self) -> bool:
        return self.tries == TRIES

    def again(self) -> list[Batch]:
        return [Batch([task], self.tries + 1) for task in self.tasks]


class Cluster:
    """The workers of a scheduler. Raises UsageError where it is not there, or they have another derive."""

    def __init__(self, address: str, work: Work = done) -> None:
        try:
            from dask.distributed import Client
        except ImportError:
            raise UsageError("--scheduler needs dask; install it with: pip install 'derive[dask]'") from None
        _check_address(address)
        for name in list(logging.root.manager.loggerDict):
            if name.startswith("distributed"):
                logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # what matters is told in one line
        self.address, self.work = address, work
        self._names = (f"derive-{uuid.uuid4().hex}-{number}" for number in itertools.count())
        try:
            self._client: Any = Client(address, timeout=TO_CONNECT, set_as_default=False)
        except OSError as error:
            why = str(error).split("\n")[0][:160]
            raise UsageError(f"--scheduler: there is no Dask scheduler at {address}: {why}") from None

    def __enter__(self) -> Cluster:
        try:
            self._check()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        try:
            self._client.close(timeout=PATIENCE)
        except (OSError, RuntimeError):  # the scheduler is gone; there is nothing to close
            logging.getLogger(__name__).debug("the connection could not be closed", exc_info=True)

    def _check(self) -> None:
        """Raises UsageError unless there are workers, all with this derive."""
        try:
            self._client.wait_for_workers(1, timeout=TO_COME)
        except TimeoutError:
            raise UsageError(self._nobody()) from None
        for worker, found in self._client.run(edition, on_error="return").items():
            if isinstance(found, Exception):
                raise UsageError(
                    f"--scheduler: the worker {worker} cannot run derive ({found}); install {edition()} there"
                )
            if found != edition():
                raise UsageError(
                    f"--scheduler: the worker {worker} has derive {found}, and here is {edition()}; "
                    "install the same on both"
                )

    def _nobody(self) -> str:
        return f"--scheduler: {self.address} has no workers; start some with: dask worker {self.address}"

    def judged(self, tasks: Sequence[Task], limits: Limits) -> Iterator[tuple[Task, Outcome]]:
        """Each task with its outcome, in the order in which they are done."""
        files = _files(tasks)
        threads, seen = self._threads(), time.monotonic()
        waiting = deque(_batches(tasks, threads))
        alone: deque[Batch] = deque()
        running: dict[str, tuple[Any, Batch]] = {}
        ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
        while waiting or alone or running:
            if alone and not waiting and not running:
                waiting.append(alone.popleft())
            while waiting and len(running) < AHEAD * max(threads, 1):
                batch = waiting.popleft()
                asked = pickle.dumps((self.work, batch.tasks, limits, files))
                future = self._client.submit(ask, asked, edition(), key=next(self._names), pure=False)
                running[future.key] = future, batch
                future.add_done_callback(ended.put)
            try:
                future = ended.get(timeout=PATIENCE)
            except queue.Empty:
                threads = self._threads()
                seen = time.monotonic() if threads else seen
                if time.monotonic() - seen > TO_COME:
                    raise UsageError(self._nobody()) from None
                continue
            _, batch = running.pop(future.key)
            outcomes = self._outcomes(future, batch)
            if outcomes is None:
                for one in batch.again():
                    (alone if one.last else waiting).append(one)
            else:
                yield from zip(batch.tasks, outcomes, strict=True)

    def _outcomes(self, future: Any, batch: Batch) -> list[Outcome] | None:
        """None where it is to be tried again, its tasks one by one."""
        from dask.distributed import KilledWorker

        try:
            said: list[Outcome] | str = pickle.loads(future.result())
        except UsageError as error:
            raise UsageError(f"--scheduler: a worker {error}") from None
        except CancelledError:
            raise UsageError(f"--scheduler: {self.address} is gone; {RESUME}") from None
        except KilledWorker:
            return [stopped(DIED, "memory")] if batch.last else None
        except Exception as error:  # a fault of ours; the others go on, and a person sees it
            fault = stopped(f"a fault of ours: {type(error).__name__}: {str(error)[:200]}", "fault")
            return [fault] if batch.last else None
        if isinstance(said, str):
            raise UsageError(f"--scheduler: a worker cannot judge: {said}")
        return said

    def _threads(self) -> int:
        """How many batches are judged at a time."""
        try:
            return sum(self._client.nthreads().values())
        except (OSError, ValueError, RuntimeError):
            raise UsageError(f"--scheduler: {self.address} is gone; {RESUME}") from None


def _check_address(address: str) -> None:
    """Raises UsageError for what a client would stumble over."""
    from dask.distributed import Security

    if not re.fullmatch(r"(tcp|tls|ws|wss)://[^\s/]+:\d+/?", address):
        raise UsageError(f"--scheduler: '{address[:80]}' is no address of a scheduler; they look like tcp://host:8786")
    if address.startswith(("tls", "wss")) and not Security().get_connection_args("client").get("ssl_context"):
        raise UsageError(f"--scheduler: {address} needs a certificate; name it in Dask's configuration, comm.tls")


def _batches(tasks: Sequence[Task], threads: int) -> Iterator[Batch]:
    """Small where there are few, so that all workers have some."""
    size = min(MOST, max(1, len(tasks) // (AHEAD * max(threads, 1))))
    for start in range(0, len(tasks), size):
        yield Batch(tasks[start : start + size])


def _files(tasks: Sequence[Task]) -> dict[str, bytes]:
    """The problem files that the grader named, as they are here."""
    names = {task.problem for task in tasks}
    return {name: Path(name).read_bytes() for name in names if os.sep in name or name.endswith(".py")}
