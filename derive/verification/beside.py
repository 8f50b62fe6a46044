"""Work in a process of its own beside this one: SymPy starts for its oracle while the proofs are found here."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar

from derive.errors import DeriveError

T = TypeVar("T")


class Beside(Generic[T]):
    """Begins the work in a forked process; `result` waits for it, and raises what it raised.

    Only for a process that is ours alone: a fork copies no thread but its own.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work

    def __enter__(self) -> Beside[T]:
        reading, writing = os.pipe()
        self._child = os.fork()
        if self._child == 0:
            os.close(reading)
            _serve(self._work, writing)
        os.close(writing)
        self._answer = os.fdopen(reading, "rb")
        return self

    def result(self) -> T:
        told = self._answer.read()
        if not told:
            raise DeriveError("the process of the oracle 'unrolled' ended before it answered; is there memory enough?")
        value, error = pickle.loads(told)  # written by our own child
        if error is not None:
            raise error
        return value  # type: ignore[no-any-return]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._answer.close()
        if error is not None:
            os.kill(self._child, signal.SIGKILL)  # nobody waits for it any more
        os.waitpid(self._child, 0)


def _serve(work: Callable[[], T], writing: int) -> None:
    """The child's whole life. It leaves by `_exit`: what its parent has buffered or opened is not its own."""
    try:
        try:
            told = pickle.dumps((work(), None))
        except Exception as error:  # every error is the parent's to raise
            told = pickle.dumps((None, error))
        with os.fdopen(writing, "wb") as answer:
            answer.write(told)
    finally:
        os._exit(0)


def can_fork() -> bool:
    """A second processor to run on, and a system that forks."""
    return hasattr(os, "fork") and hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(0)) > 1
