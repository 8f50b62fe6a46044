"""Ten thousand sheets, one in a hundred hostile: `python tests/grading/campaign.py 10000`, or `make campaign`.

They are judged by workers of this machine, by a Dask cluster of which one worker is killed, and in a run that is killed
ten times: all three end with the same results. Prints the rate and the memory of the processes as it goes.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(TESTS.parent), str(TESTS)]

from grading.hostile import LOG, work  # noqa: E402

from derive.grading.course import Course  # noqa: E402
from derive.grading.grade import Results, grade  # noqa: E402
from derive.grading.limits import Limits  # noqa: E402
from derive.grading.many import Judged, Judging  # noqa: E402
from derive.grading.pool import judged  # noqa: E402
from derive.grading.reading import read_sheets  # noqa: E402
from derive.grading.store import Store  # noqa: E402
from derive.grading.work import Outcome, Task  # noqa: E402

LIMITS = Limits(2, seconds=2.0, megabytes=1024)
KILLS = 10
PATHS = os.pathsep.join([str(TESTS.parent), str(TESTS)])
RUN = "import sys; from pathlib import Path; from grading.campaign import run; run(*map(Path, sys.argv[1:]))"

# -- judged --------------------------------------------------------------------------------------------------------


def here(tasks: Sequence[Task], limits: Limits) -> Iterator[tuple[Task, Outcome]]:
    return judged(tasks, limits, work)


def run(
    folder: Path, store: Path, judge: Judged = here, told: Callable[[int, int], None] = lambda count, total: None
) -> Results:
    with Store(store) as kept:
        return grade(read_sheets([folder]), Course(), None, Judging(kept, LIMITS, judge, told))


def rows(store: Path) -> tuple[list[object], list[object]]:
    """Both tables, sorted."""
    base = sqlite3.connect(store)
    return base.execute("SELECT * FROM judged ORDER BY version, answer").fetchall(), base.execute(
        "SELECT * FROM results ORDER BY version, sheet, part, answer"
    ).fetchall()


def count(store: Path) -> int:
    """How many answers are judged."""
    try:
        found: int = sqlite3.connect(store).execute("SELECT count(*) FROM judged").fetchone()[0]
        return found
    except sqlite3.Error:
        return 0


def faults(folder: Path, results: Results) -> list[str]:
    """Answers without a result, and verdicts that cannot be."""
    truth = json.loads(folder.with_suffix(".truth").read_text(encoding="ascii"))
    found = [f"{one.source}: {one.why}" for one in results.unreadable]
    for sheet in results.sheets:
        for mark in sheet.marks:
            name = f"{sheet.student} {mark.part}"
            for line in mark.lines:
                verdict = line.outcome.judgement.verdict
                if (verdict, truth.get(name)) in (("refuted", True), ("proved", False)):
                    found.append(f"{name} is {truth[name]} and {verdict}: {line.line.text}")
                if line.outcome.stopped == "fault" and not line.line.text.startswith("raises"):
                    found.append(f"{name}: {line.outcome.judgement.scope}: {line.line.text[:200]}")
    return found


# -- watched and killed --------------------------------------------------------------------------------------------


def started(folder: Path, store: Path, log: Path | None = None) -> subprocess.Popen[bytes]:
    """A run in a process of its own, with a session of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(folder), str(store)], start_new_session=True, stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": PATHS, **({} if log is None else {LOG: str(log)})},
    )  # fmt: skip


def in_session(session: int) -> list[int]:
    """The processes of a session that are not dead."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def gone(session: int, seconds: float = 20) -> bool:
    """No process of it is left, after a while."""
    until = time.monotonic() + seconds
    while in_session(session) and time.monotonic() < until:
        time.sleep(0.05)
    return not in_session(session)


def resident(process: int) -> int:
    """Memory of a process, in MiB."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20


def killed_and_resumed(folder: Path, store: Path, total: int, log: Path, rng: Random, kills: int = KILLS) -> int:
    """Killed at so many random moments, then run to the end. How many tasks were begun again, hostile ones aside."""
    for reached in sorted(rng.randrange(total) for _ in range(kills)):
        running = started(folder, store, log)
        while running.poll() is None and count(store) < reached:
            time.sleep(0.01)
        time.sleep(rng.random() / 10)
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
        assert gone(running.pid), "a process was left behind"
    assert started(folder, store, log).wait() == 0
    begun = Counter(log.read_text(encoding="ascii").split())
    hostile = {row[1] for row in rows(store)[0] if b'"stopped":""' not in row[3] and b"stopped" in row[3]}
    return sum(times - 1 for key, times in begun.items() if key not in hostile)


class Killing:
    """A cluster's tasks, while one of its workers is killed after so many."""

    def __init__(self, judge: Judged, victim: Callable[[], int], after: int) -> None:
        self.judge, self.victim, self.after = judge, victim, after
        self.done = 0

    def __call__(self, tasks: Sequence[Task], limits: Limits) -> Iterator[tuple[Task, Outcome]]:
        for pair in self.judge(tasks, limits):
            self.done += 1
            if self.done == self.after:
                os.kill(self.victim(), signal.SIGKILL)
            yield pair


def on_a_cluster(folder: Path, store: Path, after: int) -> Results:
    """Two workers in processes, one of them killed on the way."""
    from dask.distributed import LocalCluster

    from derive.grading.cluster import Cluster

    os.environ["PYTHONPATH"] = PATHS  # for the workers
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as machines,
        Cluster(machines.scheduler_address, work) as cluster,
    ):
        pids = cluster._client.run(os.getpid)
        return run(folder, store, Killing(cluster.judged, lambda: next(iter(pids.values())), after))


# -- as a command --------------------------------------------------------------------------------------------------


def main(number: int, folder: Path) -> int:
    from grading.handed_in import written  # not for the workers, each of which reads this file

    sheets = folder / f"sheets{number}"
    if not sheets.with_suffix(".truth").exists():
        began = time.monotonic()
        written(sheets, number)
        print(f"{number} sheets made in {time.monotonic() - began:.0f} s", flush=True)
    stores = {name: folder / f"{name}{number}.db" for name in ("here", "cluster", "killed")}
    for store in stores.values():
        for file in folder.glob(f"{store.name}*"):
            file.unlink()
    print(f"load {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} processors", flush=True)
    began = time.monotonic()
    running = started(sheets, stores["here"])
    said = began
    while running.poll() is None:
        time.sleep(0.2)
        if time.monotonic() - said > 10:
            said = time.monotonic()
            sizes = {process: resident(process) for process in in_session(running.pid)}
            done = count(stores["here"])
            print(f"{said - began:4.0f} s, {done} answers, MiB by process: {list(sizes.values())}", flush=True)
    took, total = time.monotonic() - began, count(stores["here"])
    print(f"here: {total} different answers in {took:.0f} s, {total / took:.0f} a second", flush=True)
    wrong = faults(sheets, run(sheets, stores["here"]))
    print(*wrong, sep="\n", end="\n" if wrong else "")
    began = time.monotonic()
    on_a_cluster(sheets, stores["cluster"], total // 3)
    same = rows(stores["cluster"]) == rows(stores["here"])
    print(f"on a cluster, a worker killed: {time.monotonic() - began:.0f} s, the same results: {same}", flush=True)
    again = killed_and_resumed(sheets, stores["killed"], total, folder / f"log{number}", Random(number))
    same_again = rows(stores["killed"]) == rows(stores["here"])
    print(f"killed {KILLS} times: the same results: {same_again}, {again} of {total} begun again", flush=True)
    print(f"load {os.getloadavg()[0]:.1f}")
    return 0 if running.returncode == 0 and same and same_again and not wrong else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="where sheets and stores are kept")
    parser.add_argument("number", nargs="?", type=int, default=10_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        sys.exit(main(asked.number, asked.folder or Path(scratch)))
