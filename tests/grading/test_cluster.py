"""A Dask cluster: what it refuses in one sentence, and what is lost when parts of it die: nothing."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from grading.hostile import work

from derive.cli.main import run
from derive.errors import UsageError
from derive.grading import cluster, node
from derive.grading.cluster import Cluster
from derive.grading.limits import Limits
from derive.grading.work import Outcome, Task, done

ROOT = Path(__file__).parents[2]
LIMITS = Limits(seconds=5.0, megabytes=1024)
RIGHT = r"\sum_i \frac{\partial f}{\partial y_i}"


def task(text: str) -> Task:
    return Task("bn_backward", "beta", text)


def test_without_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dask.distributed", None)
    with pytest.raises(UsageError, match=r"--scheduler needs dask; install it with: pip install 'derive\[dask\]'"):
        Cluster("tcp://127.0.0.1:1")


@pytest.mark.dask
@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("tcp://127.0.0.1:1", "there is no Dask scheduler at tcp://127.0.0.1:1: Timed out"),
        ("nowhere", "'nowhere' is no address of a scheduler; they look like tcp://host:8786"),
        ("smoke://signals:1", "is no address of a scheduler"),
        ("", "'' is no address of a scheduler"),
        ("tls://127.0.0.1:1", "needs a certificate"),
    ],
)
def test_no_scheduler(address: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "TO_CONNECT", 0.5)
    with pytest.raises(UsageError) as found:
        Cluster(address)
    assert why in str(found.value)
    assert "\n" not in str(found.value)


@pytest.fixture
def machines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A scheduler whose workers come by `scale`, and which gives a task up with the first worker that it kills."""
    dask = pytest.importorskip("dask")
    from dask.distributed import LocalCluster

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "tests")]))
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(n_workers=0, threads_per_worker=1, dashboard_address=None) as found,
    ):
        yield found


@pytest.mark.dask
def test_no_workers_and_others(machines: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    address = machines.scheduler_address
    monkeypatch.setattr(cluster, "TO_COME", 0.3)
    with pytest.raises(UsageError, match=f"has no workers; start some with: dask worker {address}"):
        Cluster(address).__enter__()
    machines.scale(1)
    monkeypatch.setattr(cluster, "TO_COME", 60.0)
    with Cluster(address) as ours:
        ((_, found),) = ours.judged([task(RIGHT)], LIMITS)
        assert found.judgement.verdict == "proved"
        monkeypatch.setattr("derive.__version__", "0.0.7")
        node.edition.cache_clear()
        with pytest.raises(UsageError, match=r"a worker has derive .*, and here is 0\.0\.7 \(.*\); install the same"):
            list(ours.judged([task(RIGHT)], LIMITS))  # as by a worker that came later
    with pytest.raises(UsageError, match=r"has derive .*, and here is 0\.0\.7 \(.*\); install the same on both"):
        Cluster(address).__enter__()
    node.edition.cache_clear()


@pytest.mark.dask
def test_a_worker_without_derive(machines: Any, tmp_path: Path) -> None:
    (tmp_path / "derive").mkdir()
    (tmp_path / "derive/__init__.py").touch()  # another package of this name
    worker = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_worker", machines.scheduler_address, "--no-dashboard"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with pytest.raises(UsageError, match=r"cannot run derive \(.*\); install 0\.\S+ \(\w+\) there"):
            Cluster(machines.scheduler_address).__enter__()
    finally:
        worker.kill()
        worker.wait()


def brings_down(task: Task) -> Outcome:
    """One kills the Dask worker that asked: the parent of the node, of the server, of the worker of the pool."""
    if task.text != "bring down":
        return done(task)
    process = os.getpid()
    for _ in range(3):
        process = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(process, signal.SIGKILL)
    return done(task)


@pytest.mark.dask
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("workers", [1, 2])
def test_an_answer_that_brings_down_its_machine_costs_only_itself(machines: Any, workers: int) -> None:
    machines.scale(workers)
    others = [task(f"{RIGHT} + {k} - {k}") for k in range(12)]
    killer = task("bring down")
    with Cluster(machines.scheduler_address, brings_down) as ours:
        found = dict(ours.judged([*others[:6], killer, *others[6:]], LIMITS))
    assert {found[one].judgement.verdict for one in others} == {"proved"}
    assert found[killer].stopped == "memory"
    assert len(found) == 13


@pytest.mark.dask
def test_a_scheduler_that_goes_away(machines: Any) -> None:
    machines.scale(1)
    with Cluster(machines.scheduler_address) as ours:
        judged = ours.judged([task(f"{RIGHT} + {k} - {k}") for k in range(200)], LIMITS)
        next(judged)
        machines.close()
        with pytest.raises(UsageError, match="is gone; start it again and repeat the call; with --store, what is"):
            list(judged)


@pytest.mark.dask
def test_by_the_command(machines: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    machines.scale(1)
    own = tmp_path / "own.py"
    own.write_text("from msgspec.structs import replace\nfrom derive.problems.bn_backward import PROBLEM as P\n"
                   "PROBLEM = replace(P, id='own')\n")  # fmt: skip
    sheet = tmp_path / "s1.md"
    sheet.write_text(f"---\nproblem: own\n---\n## beta\n${RIGHT}$\n## gamma\n${RIGHT}$\n")
    words = ["grade", str(sheet), "--problem", str(own)]
    assert run(words) == 0
    here = capsys.readouterr()
    assert run([*words, "--scheduler", machines.scheduler_address, "--store", str(tmp_path / "store")]) == 0
    assert capsys.readouterr() == here
    assert "beta     1/1  right" in here.out
    machines.scale(0)


def test_a_problem_file_is_brought_along(tmp_path: Path) -> None:
    source = b"from msgspec.structs import replace\nfrom derive.problems.bn_backward import PROBLEM as P\n"
    elsewhere = "/there/is/no/such/folder/own.py"
    files = {elsewhere: source + b"PROBLEM = replace(P, id='own')\n"}
    with node.Judge() as judge:
        (found,) = judge.said((done, [Task(elsewhere, "beta", RIGHT)], LIMITS, files))
        assert isinstance(found, Outcome)
        assert found.judgement.verdict == "proved"


def test_a_node_ends_with_the_one_that_asks(capfd: pytest.CaptureFixture[str]) -> None:
    one = node.Node()
    process = one._process
    asked = pickle.dumps((work, [task(RIGHT)], LIMITS, {}))
    (found,) = pickle.loads(one.ask(asked))
    assert found.judgement.verdict == "proved"
    assert process.poll() is None
    del one
    assert process.poll() == 0
    assert capfd.readouterr().err == ""
