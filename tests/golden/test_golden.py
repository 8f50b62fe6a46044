"""Each document as it should be, kept in git; `make golden` writes them anew. The same bytes on every run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from derive.catalogue import entries, load
from derive.pipeline import solve

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PROBLEMS = [entry.id for entry in entries()]
FORMATS = ("tex", "pdf", "typ")
KEPT = ("tex", "typ", "json")  # a PDF follows from the typ


def made(problem: str, folder: Path) -> dict[str, bytes]:
    """What solving a problem writes to the current folder, and what --json says, laid out."""
    answer = solve(load(problem), formats=FORMATS, out=Path("out")).as_json()
    files = {suffix: (folder / f"out/{problem}.{suffix}").read_bytes() for suffix in FORMATS}
    return {**files, "json": (json.dumps(answer, indent=1) + "\n").encode()}


@pytest.mark.parametrize("problem", PROBLEMS)
def test_golden(problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.chdir(tmp_path)
    first = made(problem, tmp_path)
    for suffix in KEPT:
        kept = HERE / f"{problem}.{suffix}"
        if request.config.getoption("--update-golden"):
            kept.write_bytes(first[suffix])
        assert kept.is_file(), f"{kept.name} is missing; write it with: make golden"
        lines, wanted = (text.decode().splitlines() for text in (first[suffix], kept.read_bytes()))
        assert lines == wanted, f"{kept.name} has changed; if that is meant: make golden, and look at the difference"
    second = made_elsewhere(problem, tmp_path / "again")
    for suffix in (*FORMATS, "json"):
        assert first[suffix] == second[suffix], f"a second run gives another {suffix}"


def made_elsewhere(problem: str, folder: Path) -> dict[str, bytes]:
    """By the command itself, in another folder, language and order of hashes."""
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "derive", problem, "--format", ",".join(FORMATS), "--json"],
        cwd=folder, capture_output=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "Asia/Tokyo"},
    )  # fmt: skip
    files = {suffix: (folder / f"out/{problem}.{suffix}").read_bytes() for suffix in FORMATS}
    return {**files, "json": (json.dumps(json.loads(done.stdout), indent=1) + "\n").encode()}
