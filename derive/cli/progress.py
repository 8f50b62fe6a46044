"""Says on the terminal what is being done, once it takes more than a second."""

from __future__ import annotations

import sys
import threading
from types import TracebackType

PATIENCE = 1.0  # seconds


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
        sys.stderr.write(f"\r\x1b[K{self._text} ...")
        sys.stderr.flush()
