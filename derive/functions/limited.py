"""Work in a process that can be killed: a function that never ends is stopped, wherever it hangs."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection

from derive.errors import DeriveError, UsageError

Told = tuple[str, str]  # what is said, and the verdict


def within(seconds: float, work: Callable[[], Told]) -> Told:
    """What the work says, or that its time was over. The process is a copy of this one: the work may be any closure."""
    if "fork" not in multiprocessing.get_all_start_methods():
        raise UsageError("seconds= needs a system that can copy a process; leave it out, or grade the module instead")
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_tell, args=(there, work), daemon=True)
    process.start()
    there.close()
    try:
        if not here.poll(seconds):
            return f"it did not end within {seconds:g} seconds", "undecided"
        found: Told | DeriveError = here.recv()
    except EOFError:
        return "its process died, which too much memory can do", "undecided"
    finally:
        process.kill()
        process.join()
    if isinstance(found, DeriveError):
        raise found
    return found


def _tell(end: Connection, work: Callable[[], Told]) -> None:
    try:
        end.send(work())
    except DeriveError as error:
        end.send(error)
