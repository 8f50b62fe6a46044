"""How many different answers a second, with one hostile sheet in a hundred and a store on disk. Run by `make bench`."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from grading.campaign import LIMITS, faults, rows, run
from grading.handed_in import written

from derive.grading.reports import as_json

pytestmark = pytest.mark.bench
COUNT = 2_000


def test_answers_a_second(tmp_path: Path) -> None:
    sheets = written(tmp_path / "sheets", COUNT, "bench")
    began = time.perf_counter()
    results = run(sheets, tmp_path / "store.db")
    took = time.perf_counter() - began
    total = len(rows(tmp_path / "store.db")[0])
    began = time.perf_counter()
    assert json.dumps(as_json(run(sheets, tmp_path / "store.db"))) == json.dumps(as_json(results))
    again = time.perf_counter() - began
    load = os.getloadavg()[0]
    print(
        f"\n{total} different answers in {took:.1f} s, {total / took:.0f} a second by {LIMITS.workers} workers"
        f" (load {load:.1f}); {again:.1f} s out of the store"
    )
    assert faults(sheets, results) == []
