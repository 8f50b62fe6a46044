"""When a process that judges many statements looks for cycles of objects. Judging makes few: what it drops is freed."""

from __future__ import annotations

import gc

NEW, YOUNG, OLD = 50_000, 20, 20  # objects made since, and rounds, before each of the three generations is looked at


def collect_seldom() -> None:
    """Saves a tenth of the time of a batch."""
    gc.set_threshold(NEW, YOUNG, OLD)
