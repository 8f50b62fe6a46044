"""A process that ends when the one that started it does, however that ends."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading

PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """For a worker: by a thread, and on Linux by the kernel, since long arithmetic lets no thread run."""
    kill_with_parent()
    threading.Thread(target=_wait, daemon=True).start()


def kill_with_parent() -> None:
    """By the kernel alone, for a process that must not have threads; nothing where there is no such call."""
    if sys.platform == "linux":
        import ctypes
        import signal

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _wait() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
