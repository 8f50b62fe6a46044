"""Work beside: the same results, the same errors, and no process left over."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

import pytest

from derive.catalogue import load
from derive.engines.derive import derive_problem
from derive.errors import DeriveError, NotProvedError
from derive.verification.beside import Beside, can_fork
from derive.verification.report import examine

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system does not fork")


def test_the_result_comes_back_from_another_process() -> None:
    with Beside(os.getpid) as beside:
        assert beside.result() != os.getpid()


def test_a_long_result_comes_back_whole() -> None:
    with Beside(lambda: "x" * 1_000_000) as beside:
        assert len(beside.result()) == 1_000_000


def test_an_error_comes_back_as_it_was() -> None:
    def fails() -> None:
        raise NotProvedError("no")

    with pytest.raises(NotProvedError, match=r"^no$"), Beside(fails) as beside:
        beside.result()


def test_a_process_that_died_is_an_error() -> None:
    with pytest.raises(DeriveError, match="ended before it answered"), Beside(killed) as beside:
        beside.result()


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_an_error_here_ends_the_other_process(tmp_path: Path) -> None:
    trace = tmp_path / "trace"

    def slow() -> None:
        time.sleep(0.5)
        trace.write_text("still alive")

    with pytest.raises(KeyError), Beside(slow):
        raise KeyError
    with contextlib.suppress(ChildProcessError):  # the server of worker processes may run on, but nothing waits
        assert os.waitpid(-1, os.WNOHANG) == (0, 0)
    time.sleep(0.6)
    assert not trace.exists()


@pytest.mark.skipif(not can_fork(), reason="one processor")
@pytest.mark.parametrize("problem", ["bn_backward", "momentum_forms"])
def test_the_report_is_the_same_either_way(problem: str) -> None:
    derivation = derive_problem(load(problem))
    assert examine(derivation, apart=True) == examine(derivation)
