"""What a person at a terminal sees, and what a pipe gets."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from derive.cli import progress

ROOT = Path(__file__).parents[2]


def on_a_terminal(*words: str, cwd: Path) -> str:
    """The output of a command whose standard streams are a terminal."""
    ours, theirs = os.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "derive", *words],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"},
    )
    os.close(theirs)
    pieces: list[bytes] = []

    def drain() -> None:
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # the other end is closed
                return
            if not piece:
                return
            pieces.append(piece)

    reader = threading.Thread(target=drain)
    reader.start()
    assert child.wait(timeout=300) == 0
    reader.join(timeout=10)
    os.close(ours)
    return b"".join(pieces).decode()


def test_a_terminal_gets_colour(tmp_path: Path) -> None:
    shown = on_a_terminal("softmax_cross_entropy", "--format", "pdf", "--oracles", "unrolled", cwd=tmp_path)
    assert "\x1b[32mproved" in shown
    assert "out/softmax_cross_entropy.pdf" in shown


def test_progress_shows_after_a_while_and_is_wiped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.01)
    monkeypatch.setattr(progress, "_on_terminal", lambda: True)
    with progress.Progress() as shown:
        shown.stage("verifying")
        time.sleep(0.2)
    error = capsys.readouterr().err
    assert "verifying ..." in error
    assert error.endswith("\r\x1b[K")


def test_progress_is_silent_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.Progress() as shown:
        shown.stage("verifying")
    assert capsys.readouterr() == ("", "")
