"""Says on the terminal what is being done, once it takes more than a second, how fast, and how long it still takes."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType

PATIENCE = 1.0  # seconds
OFTEN = 0.2  # seconds between two lines


def _on_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


class Progress:
    """On a terminal, one line on standard error that is wiped at the end; nothing elsewhere."""

    def __init__(self) -> None:
        self._text = ""
        self._shown = False
        self._lock = threading.Lock()
        self._timer = threading.Timer(PATIENCE, self._begin) if _on_terminal() else None

    def __enter__(self) -> Progress:
        if self._timer is not None:
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is None:
            return
        self._timer.cancel()
        with self._lock:
            if self._shown:
                sys.stderr.write("\r\x1b[K")
                sys.stderr.flush()
            self._shown, self._timer = False, None

    def stage(self, text: str) -> None:
        """What is being done from now on."""
        with self._lock:
            self._text = text
            if self._shown:
                self._write()

    def _begin(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._shown = True
                self._write()

    def _write(self) -> None:
        room = shutil.get_terminal_size().columns - 5
        sys.stderr.write(f"\r\x1b[K{self._text[:room]} ...")
        sys.stderr.flush()


class Rate:
    """How many of how many are done, how fast, and how long the rest takes at that rate."""

    def __init__(self, stage: Callable[[str], None], what: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._stage, self._what, self._clock = stage, what, clock
        self._began: tuple[float, int] | None = None
        self._said = -OFTEN

    def __call__(self, count: int, total: int) -> None:
        """The first call of a round says how many were done before it."""
        now = self._clock()
        if self._began is None or count < self._began[1]:
            self._began = now, count
        elif now - self._said < OFTEN and count < total:
            return
        self._said = now
        rate = (count - self._began[1]) / max(now - self._began[0], 0.001)
        left = f", {rate:.{0 if rate >= 10 else 1}f} a second, {duration((total - count) / rate)} left" if rate else ""
        self._stage(f"judged {count} of {total} {self._what}{left}")


def duration(seconds: float) -> str:
    """'40 s', '2 min 05 s', '3 h 20 min'."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60:02} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60:02} min"
