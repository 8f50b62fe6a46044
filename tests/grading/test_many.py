"""Many answers: hostile ones contained, what is asked twice judged once, a killed run resumed."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from grading.campaign import count, gone, in_session, rows
from grading.hostile import TEXTS, work

from derive.errors import UsageError
from derive.grading import pool
from derive.grading.course import Course
from derive.grading.limits import Limits
from derive.grading.many import Judging
from derive.grading.node import edition
from derive.grading.pool import judged
from derive.grading.store import LAYOUT, Store
from derive.grading.work import Outcome, Stop, Task, done, stopped
from derive.judging.message import message

ROOT = Path(__file__).parents[2]
LIMITS = Limits(workers=2, seconds=1.0, megabytes=1024)
RIGHT = r"\sum_i \frac{\partial f}{\partial y_i}"


def here(tasks: Sequence[Task], limits: Limits) -> Iterator[tuple[Task, Outcome]]:
    return judged(tasks, limits, work)


def task(text: str) -> Task:
    return Task("bn_backward", "beta", text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("endless", "stopped after 1 seconds"),
        ("busy", "stopped after 1 seconds"),
        ("dies", "its worker died"),
        ("raises", "a fault of ours: KeyError"),
        ("hungry", "memory"),
        ("greedy", "memory"),
    ],
)
def test_a_hostile_answer_costs_only_itself(text: str, why: str) -> None:
    good = [task(f"{RIGHT} + {k} - {k}") for k in range(12)]
    found = dict(judged([*good[:6], task(text), *good[6:]], LIMITS, work))
    assert len(found) == 13
    assert all(found[one].judgement.verdict == "proved" for one in good)
    assert found[task(text)].judgement.verdict == "undecided"
    assert why in found[task(text)].judgement.scope


def test_a_worker_that_dies_once_costs_a_retry(tmp_path: Path) -> None:
    one = task(f"dies once:{tmp_path / 'mark'}")
    assert dict(judged([one], LIMITS, work))[one].judgement.verdict == "refuted"


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:20].encode("unicode_escape").decode())
def test_hostile_text_has_a_verdict(text: str) -> None:
    began = time.monotonic()
    (found,) = judged([task(text)], Limits(1, 10.0, 1024))
    assert found[1].judgement.verdict in ("unreadable", "undecided", "refuted")
    assert time.monotonic() - began < 30


def test_nothing_to_do_needs_no_worker() -> None:
    assert list(judged([], LIMITS)) == []


def test_identical_answers_are_judged_once_and_never_again(tmp_path: Path) -> None:
    log, file = tmp_path / "log", tmp_path / "store"
    one = task(f"counted:{log}")
    asked = [("v1", f"sheet {k}", one) for k in range(5)]
    judging = Judging(Store(file), LIMITS, here)
    assert judging(asked)[one].judgement.verdict == "refuted"
    again = Judging(Store(file), LIMITS, here)
    assert again([*asked, ("v1", "sheet 9", one)])[one].judgement.verdict == "refuted"
    assert (judging.fresh, again.fresh, log.read_text()) == (1, 0, "x")
    assert again.store.counts() == {"judged": 1, "results": 6}
    other = Judging(Store(file), LIMITS, here)
    other([("v2", "sheet 1", one)])
    assert log.read_text() == "xx"  # the problem has changed


def test_a_result_comes_out_of_the_store_as_it_went_in(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    for text in (RIGHT, r"\sum_i \hat x_i", r"\foo"):
        outcome = done(task(text))
        store.add("v", task(text), outcome, ["a"], LIMITS)
        found = Store(tmp_path / "store").find("v", task(text), LIMITS)
        assert found is not None
        assert json.dumps(found.judgement.as_json()) == json.dumps(outcome.judgement.as_json())
        assert message(found.judgement, text) == message(outcome.judgement, text)
        assert (found.extent, found.worked_out) == (outcome.extent, outcome.worked_out)
    assert store.find("v", task("1"), LIMITS) is None


@pytest.mark.parametrize("content", [b"not a database, not at all" * 100, None])
def test_a_file_that_is_no_store(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "store"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    with pytest.raises(UsageError, match="cannot be used as a store"):
        Store(file)


@pytest.mark.parametrize(
    ("stop", "lower", "higher"),
    [
        ("seconds", Limits(seconds=1, megabytes=999), Limits(seconds=2, megabytes=512)),
        ("memory", Limits(seconds=9, megabytes=512), Limits(seconds=1, megabytes=999)),
    ],
)
def test_what_a_limit_stopped_is_judged_again_under_a_higher_one(stop: Stop, lower: Limits, higher: Limits) -> None:
    store, one = Store(), task("1")
    store.add("v", one, stopped("", stop), ["a"], lower)
    assert store.find("v", one, lower) == stopped("", stop)
    assert store.find("v", one, higher) is None
    store.add("v", one, done(one), ["a"], higher)
    assert store.find("v", one, Limits(seconds=99, megabytes=9999)) == done(one)
    assert store.counts() == {"judged": 1, "results": 1}


def test_a_longer_limit_settles_what_a_shorter_one_stopped(tmp_path: Path) -> None:
    one, file = task("working:1.0"), tmp_path / "store"
    short, long = Limits(1, seconds=0.5), Limits(1, seconds=20)
    assert Judging(Store(file), short, here)([("v", "s", one)])[one].stopped == "seconds"
    again = Judging(Store(file), short, here)
    assert again([("v", "s", one)])[one].stopped == "seconds"
    assert again.fresh == 0
    assert Judging(Store(file), long, here)([("v", "s", one)])[one].judgement.verdict == "refuted"


@pytest.mark.skipif(sys.platform == "win32", reason="has no such timer")
def test_a_busy_machine_stops_no_answer() -> None:
    """One that has to wait for a processor, or for anything, does not use up its time."""
    assert dict(judged([task("slow:1.0")], Limits(1, 0.5, 1024), work))[task("slow:1.0")].stopped == ""


def test_a_fault_of_ours_is_never_taken_from_the_store() -> None:
    store, one = Store(), task("1")
    store.add("v", one, stopped("", "fault"), ["a"], LIMITS)
    assert store.find("v", one, LIMITS) is None


@pytest.mark.parametrize(("layout", "who"), [(LAYOUT + 1, "a newer"), (LAYOUT - 1, "an older")])
def test_the_store_of_another_version_is_refused(layout: int, who: str, tmp_path: Path) -> None:
    file = tmp_path / "store"
    Store(file).close()
    sqlite3.connect(file).execute(f"PRAGMA user_version = {layout}")
    with pytest.raises(UsageError, match=f"was written by {who} derive; use that one, or name another file"):
        Store(file)


def test_a_locked_store_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("derive.grading.store.PATIENCE", 0.1)
    store = Store(tmp_path / "store")
    other = sqlite3.connect(tmp_path / "store", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    message = "is locked; another program is using it: wait for it, or name another file"
    with pytest.raises(UsageError, match=message):
        store.add("v", task("1"), done(task("1")), ["a"], LIMITS)
    with pytest.raises(UsageError, match=message):
        Store(tmp_path / "store")
    other.execute("COMMIT")
    store.add("v", task("1"), done(task("1")), ["a"], LIMITS)
    assert store.find("v", task("1"), LIMITS) == done(task("1"))


def test_a_damaged_store_is_told(tmp_path: Path) -> None:
    file = tmp_path / "store"
    with Store(file) as store:
        for k in range(50):
            store.add("v", task(str(k)), stopped("x" * 999), ["a"], LIMITS)
    content = file.read_bytes()
    file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    store = Store(file)
    with pytest.raises(UsageError, match="it is damaged: name another file"):
        store.find("v", task("1"), LIMITS)


def test_what_other_code_judged_is_judged_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout that has changed, or another release: its verdicts are not ours."""

    def fresh() -> int:
        judging = Judging(Store(tmp_path / "store"), LIMITS, here)
        judging([(Course().known("bn_backward").version, "s", task("1"))])
        return judging.fresh

    assert (fresh(), fresh()) == (1, 0)
    monkeypatch.setattr("derive.grading.course.edition", lambda: f"{edition()} and more")
    assert (fresh(), fresh()) == (1, 0)


def test_a_result_that_another_hand_wrote_is_judged_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    store.add("v", task("1"), done(task("1")), ["a"], LIMITS)
    sqlite3.connect(tmp_path / "store", isolation_level=None).execute("UPDATE judged SET outcome = '{}'")
    assert store.find("v", task("1"), LIMITS) is None


def test_another_database_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "grades.db"
    with sqlite3.connect(file) as base:
        base.execute("CREATE TABLE students (name TEXT)")
    before = file.read_bytes()
    with pytest.raises(UsageError, match="is a database of something else"):
        Store(file)
    assert file.read_bytes() == before


def test_a_full_disk_is_told_and_what_is_judged_is_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    store.add("v", task("1"), done(task("1")), ["a"], LIMITS)
    store._base.execute("PRAGMA max_page_count = 4")
    with pytest.raises(UsageError, match="full; make room and run it again: what is judged so far is kept"):
        store.add("v", task("2"), stopped("x" * 99_999), ["a"], LIMITS)
    again = Store(tmp_path / "store")
    assert again.find("v", task("1"), LIMITS) == done(task("1"))
    assert again.counts()["judged"] == again.counts()["results"]


# -- killed and resumed --------------------------------------------------------------------------------------------


def sheets(folder: Path, count: int) -> Path:
    folder.mkdir()
    for k in range(count):
        answers = {
            "beta": f"{RIGHT} + {k} - {k}",
            "gamma": rf"{k} \sum_i \frac{{\partial f}}{{\partial y_i}}\hat x_i",
            "xhat": rf"{k} \frac{{\partial f}}{{\partial y_i}}",
            "var": rf"\sum_i {k} \hat x_i",
        }
        (folder / f"s{k:03}.json").write_text(json.dumps({"problem": "bn_backward", "answers": answers}))
    return folder


def grade(folder: Path, store: Path) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "derive", "grade", str(folder), "--store", str(store), "--json", "--workers", "2"]
    return subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_killed_at_any_moment_and_resumed(tmp_path: Path) -> None:
    folder = sheets(tmp_path / "sheets", 60)
    whole = grade(folder, tmp_path / "whole.db")
    expected, _ = whole.communicate(timeout=200)
    assert whole.returncode == 4  # 0 times anything is left to a person
    store = tmp_path / "killed.db"
    for reached in (0, 1, 40, 90, 150):
        running = grade(folder, store)
        while running.poll() is None and count(store) < reached:
            time.sleep(0.002)
        assert running.poll() is None, "it was done before it could be killed"
        os.kill(running.pid, signal.SIGKILL)
        running.communicate(timeout=60)
        assert gone(running.pid)  # no worker is left behind
    resumed = grade(folder, store)
    printed, _ = resumed.communicate(timeout=200)
    assert resumed.returncode == 4
    assert printed == expected
    assert rows(store) == rows(tmp_path / "whole.db")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("text", ["busy", "deaf"])
def test_a_worker_ends_with_its_parent_whatever_it_does(text: str) -> None:
    words = f"""
from grading.campaign import count, gone, in_session, rows
from grading.hostile import TEXTS, work
from derive.grading.limits import Limits
from derive.grading.pool import judged
from derive.grading.work import Task
if __name__ == "__main__":
    tasks = [Task("bn_backward", "beta", "1"), Task("bn_backward", "beta", "{text}")]
    for task, _ in judged(tasks, Limits(1, 500), work):
        print(task.text, flush=True)
"""
    running = subprocess.Popen(
        [sys.executable, "-c", words], stdout=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
    )  # fmt: skip
    assert running.stdout is not None
    assert running.stdout.readline() == "1\n"
    time.sleep(0.5)
    assert len(in_session(running.pid)) >= 3  # itself, the server, the worker
    running.kill()
    running.wait()
    assert gone(running.pid)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_interrupted_and_gone_on(tmp_path: Path) -> None:
    folder, store = sheets(tmp_path / "sheets", 60), tmp_path / "store.db"
    running = grade(folder, store)
    while running.poll() is None and count(store) < 20:
        time.sleep(0.002)
    began = time.monotonic()
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does it: everyone hears it
    printed, error = running.communicate(timeout=60)
    assert time.monotonic() - began < 3  # a second where nothing else runs
    assert running.returncode == 130
    assert "traceback" not in error.lower()
    (line,) = error.splitlines()
    found = re.fullmatch(
        rf"derive: interrupted; (\d+) new results are kept, and the same call with --store {store} goes on from there",
        line,
    )
    assert found is not None
    assert int(found[1]) == count(store) >= 20
    assert json.loads(printed)["error"]["message"] == line.removeprefix("derive: ")
    assert gone(running.pid)


def test_workers_that_fall_silent_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where one died with what they share locked: then no answer comes, and no one says why."""
    monkeypatch.setattr(pool, "STUCK", 0.0)
    monkeypatch.setattr(pool, "PATIENCE", 0.1)

    class Silent(pool.Pool):
        silenced = False

        def _started(self, tasks: Sequence[Task]) -> Any:
            found = super()._started(tasks)
            if not self.silenced:
                self.silenced = True
                found.schedule(int)  # it starts
                found._pool_manager.worker_manager.workers_channel.mutex.acquire()
            return found

    tasks = [task(f"{RIGHT} + {k} - {k}") for k in range(4)]
    with Silent(2, Limits(2, 0.5, 1024)) as workers:
        found = dict(workers.judged(tasks))
    assert [found[one].judgement.verdict for one in tasks] == ["proved"] * 4


def test_one_that_kills_its_worker_is_tried_alone(tmp_path: Path) -> None:
    """Those at work beside it are not told to have died."""
    tasks = [task(text) for k in range(6) for text in (f"dies:{k}", f"slow:0.0{k}")]
    found = dict(judged(tasks, Limits(3, 5.0, 1024), work))
    assert {one.text: found[one].judgement.verdict for one in tasks} == {
        one.text: "undecided" if one.text.startswith("dies") else "refuted" for one in tasks
    }


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_one_that_is_killed_is_tried_with_no_other_at_work(tmp_path: Path) -> None:
    """It may have been their doing, so that at the second time there are none."""
    log = tmp_path / "log"
    tasks = [task(f"killed:{log}" + " " * k) for k in range(3)]
    found = dict(judged([*tasks, *(task(f"slow:0.0{k}") for k in range(9))], Limits(3, 5.0, 1024), work))
    assert all("its worker died" in found[one].judgement.scope for one in tasks)
    told = [line.split()[0] for line in log.read_text().splitlines()]
    assert told[-12:] == ["begun", "ended"] * 6  # the second and the third time of each
    assert len(told) == 18


def test_the_same_text_about_several_parts_goes_to_one_worker(tmp_path: Path) -> None:
    """One of them that is hostile costs only itself all the same."""
    texts = (f"{RIGHT}", f"counted:{tmp_path / 'log'}", "dies", "busy", "raises")
    tasks = [Task("bn_backward", part, text) for text in texts for part in ("beta", "gamma", "x")]
    assert [len(group) for group in pool.together(tasks)] == [3] * len(texts)
    found = dict(judged(tasks, LIMITS, work))
    assert len(found) == len(tasks)
    assert [found[one].stopped for one in tasks[6:]] == ["memory"] * 3 + ["seconds"] * 3 + ["fault"] * 3
    assert [found[one].judgement.verdict for one in tasks[:3]] == ["proved", "refuted", "refuted"]
    assert (tmp_path / "log").read_text() == "xxx"


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    judging = Judging(Store(), LIMITS, judged, lambda *numbers: told.append(numbers))
    found = judging([("v", "s", task(f"{RIGHT} + {k} - {k}")) for k in range(3)])
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert all(isinstance(one, Outcome) for one in found.values())
