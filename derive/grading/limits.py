"""What one statement may cost, and how many are judged at a time."""

from __future__ import annotations

import os

from msgspec import Struct


class Limits(Struct, frozen=True):
    """How many seconds of a processor one statement may take, and how much memory a worker may have, in MB."""

    workers: int = 0  # as many as there are processors for us
    seconds: float = 20.0
    megabytes: int = 2048

    @property
    def processes(self) -> int:
        return self.workers or processors()


def processors() -> int:
    """Those that this process may use, where the system tells: a cluster's scheduler may have given it a few."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
