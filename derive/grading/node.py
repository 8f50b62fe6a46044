"""On a machine of a cluster: a batch judged in a killable pool, in a process beside the Dask worker that was asked.

A Dask worker has threads and may start no process of multiprocessing. So each of its threads has a plain process of its
own, asked through pipes: `python -m derive.grading.node`. It ends when they close, however the worker ends.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING

import derive
from derive.errors import DeriveError, UsageError

if TYPE_CHECKING:
    from derive.grading.limits import Limits
    from derive.grading.pool import Pool, Work
    from derive.grading.work import Outcome, Task

    Batch = tuple[Work, Sequence[Task], Limits, Mapping[str, bytes]]  # and problem files by their path

HEAD = 8  # bytes that say how long a message is
GRACE = 1.0  # seconds to end in order


@cache
def edition() -> str:
    """The version and what the code is: verdicts of different code are not to stand in one store."""
    folder = Path(derive.__file__).parent
    code = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        code.update(f"{file.relative_to(folder).as_posix()}\0".encode() + file.read_bytes())
    return f"{derive.__version__} ({code.hexdigest()[:12]})"


def ask(asked: bytes, expected: str) -> bytes:
    """Runs in a thread of a Dask worker. Raises UsageError where its derive is another one."""
    if edition() != expected:
        raise UsageError(f"has derive {edition()}, and here is {expected}; install the same on both")
    try:
        return _own().ask(asked)
    except (EOFError, OSError):
        del _here.node
        return _own().ask(asked)  # a new one; an answer that ends this one, too, is told by what is raised


_here = threading.local()


def _own() -> Node:
    if not hasattr(_here, "node"):
        _here.node = Node()
    node: Node = _here.node
    return node


class Node:
    """The process that judges; it ends with this object."""

    def __init__(self) -> None:
        paths = os.pathsep.join(path for path in sys.path if path)
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths},
        )  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout

    def ask(self, asked: bytes) -> bytes:
        """Raises EOFError or OSError where the process has ended."""
        _send(self._to, asked)
        return _received(self._from)

    def __del__(self) -> None:
        with contextlib.suppress(OSError):  # it has ended, and something was still to be said to it
            self._to.close()
        try:
            self._process.wait(2 * GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._from.close()


def _send(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(len(message).to_bytes(HEAD, "big") + message)
    pipe.flush()


def _received(pipe: IO[bytes]) -> bytes:
    return _exactly(pipe, int.from_bytes(_exactly(pipe, HEAD), "big"))


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    found = pipe.read(count)
    if len(found) < count:
        raise EOFError
    return found


# -- in that process -----------------------------------------------------------------------------------------------


def main() -> None:
    """Batches from standard input, what came of each to standard output; ends when the former does."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints
    with Judge() as judge, contextlib.suppress(BrokenPipeError):  # nobody waits for it any more
        for asked in _asked(sys.stdin.buffer):
            _send(answers, pickle.dumps(judge.said(pickle.loads(asked))))


def _asked(pipe: IO[bytes]) -> Iterator[bytes]:
    """What is asked; that nobody asks any more is seen at once, whatever is being judged."""
    waiting: queue.Queue[bytes | None] = queue.Queue()

    def listen() -> None:
        try:
            while True:
                waiting.put(_received(pipe))
        except (EOFError, OSError):
            waiting.put(None)
            time.sleep(GRACE)
            os._exit(1)  # in the middle of a batch; the workers end with it

    threading.Thread(target=listen, daemon=True).start()
    while (asked := waiting.get()) is not None:
        yield asked


class Judge:
    """One worker, kept from batch to batch."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[Work, Limits], Pool] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="derive-")

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, *error: object) -> None:
        if self._kept is not None:
            self._kept[1].__exit__()
        self._folder.cleanup()

    def said(self, batch: Batch) -> list[Outcome] | str:
        """The outcome of each task, or why none can be judged here."""
        work, tasks, limits, files = batch
        placed = [self._placed(task, files) for task in tasks]
        try:
            found = dict(self._pool(work, limits).judged(placed))
        except DeriveError as error:
            return str(error)
        return [found[task] for task in placed]

    def _pool(self, work: Work, limits: Limits) -> Pool:
        from derive.grading.pool import Pool

        if self._kept is None or self._kept[0] != (work, limits):
            if self._kept is not None:
                self._kept[1].__exit__()
            self._kept = (work, limits), Pool(1, limits, work)
        return self._kept[1]

    def _placed(self, task: Task, files: Mapping[str, bytes]) -> Task:
        """The task with the problem's file where it is on this machine."""
        from msgspec.structs import replace

        if task.problem not in files:
            return task
        content = files[task.problem]
        place = Path(self._folder.name) / hashlib.sha256(content).hexdigest() / Path(task.problem).name
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(content)
        return replace(task, problem=str(place))


if __name__ == "__main__":
    main()
