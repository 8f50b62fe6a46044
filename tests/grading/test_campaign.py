"""Some hundred random sheets with every kind of hostile answer: all have results, however the run goes."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import msgspec
import pytest
from grading.campaign import LIMITS, faults, here, killed_and_resumed, on_a_cluster, rows, run
from grading.handed_in import written
from grading.hostile import KINDS

from derive.grading.grade import Results
from derive.grading.many import Judging
from derive.grading.store import Store
from derive.grading.work import Task

COUNT = 300


@dataclass(frozen=True)
class Campaign:
    sheets: Path
    store: Path
    results: Results
    told: list[tuple[int, int]]


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    folder = tmp_path_factory.mktemp("campaign")
    sheets, store = written(folder / "sheets", COUNT), folder / "here.db"
    told: list[tuple[int, int]] = []
    return Campaign(sheets, store, run(sheets, store, told=lambda *numbers: told.append(numbers)), told)


def test_every_answer_has_a_result(campaign: Campaign) -> None:
    found = {(row[1], row[2]) for row in rows(campaign.store)[1]}
    asked = {
        (str(file), part) for file in campaign.sheets.iterdir() for part in json.loads(file.read_text())["answers"]
    }
    assert len(campaign.results.sheets) == COUNT
    assert found == asked
    assert faults(campaign.sheets, campaign.results) == []


def test_the_hostile_ones_cost_only_themselves(campaign: Campaign) -> None:
    lines = [line for sheet in campaign.results.sheets for mark in sheet.marks for line in mark.lines]
    hostile = {line.line.text.partition(":")[0]: line.outcome for line in lines if ":" in line.line.text}
    assert {name: hostile[name].stopped for name in KINDS} == {
        "busy": "seconds", "deaf": "seconds", "hungry": "memory", "greedy": "memory",
        "dies": "memory", "raises": "fault",
    }  # fmt: skip
    assert [
        one.line.text for one in lines if one.outcome.stopped and one.line.text.partition(":")[0] not in KINDS
    ] == []


def test_each_is_told_as_it_comes(campaign: Campaign) -> None:
    assert all(count <= total for count, total in campaign.told)
    last = max(total for _, total in campaign.told)
    assert [count for count, total in campaign.told if total == last] == list(range(last + 1))


def test_nothing_is_judged_again(campaign: Campaign, tmp_path: Path) -> None:
    def nobody(tasks: object, limits: object) -> Iterator[tuple[Task, object]]:
        assert all(task.text.startswith("raises") for task in tasks)  # a fault of ours is, each time
        return here(tasks, limits)

    with Store(Path(shutil.copy(campaign.store, tmp_path))) as store:
        judging = Judging(store, LIMITS, nobody)
        known = [(row[0], "another sheet", msgspec.json.decode(row[2], type=Task)) for row in rows(campaign.store)[0]]
        assert len(judging(known)) == len(known)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_killed_at_random_moments_and_resumed(campaign: Campaign, tmp_path: Path) -> None:
    store, total = tmp_path / "killed.db", len(rows(campaign.store)[0])
    again = killed_and_resumed(campaign.sheets, store, total, tmp_path / "log", Random(7), kills=4)
    assert rows(store) == rows(campaign.store)
    assert again <= 4 * 8  # what the workers had, and what they had said and nobody had written down


@pytest.mark.dask
def test_on_a_cluster_of_which_a_worker_is_killed(campaign: Campaign, tmp_path: Path) -> None:
    results = on_a_cluster(campaign.sheets, tmp_path / "cluster.db", after=COUNT // 3)
    assert rows(tmp_path / "cluster.db") == rows(campaign.store)
    assert results == campaign.results
