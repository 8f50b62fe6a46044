"""Results as they come, in one SQLite file: a run that is killed goes on where it was, and nothing is judged twice.

A result is kept under the version of the problem and what was judged; beside it, which sheet and part it belongs to.
Each is written in a transaction of its own, so a kill loses at most what was being judged.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from derive.errors import UsageError
from derive.grading.work import Outcome, Task

SCHEMA = """
CREATE TABLE IF NOT EXISTS judged (
    version TEXT, answer TEXT, task BLOB, outcome BLOB, PRIMARY KEY (version, answer)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS results (
    version TEXT, sheet TEXT, part TEXT, answer TEXT, PRIMARY KEY (version, sheet, part, answer)) WITHOUT ROWID;
"""


class Store:
    """The results of one file, or of this run alone where none is named. Raises UsageError for any other file."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        try:
            self._base = sqlite3.connect(":memory:" if file is None else file, timeout=60, isolation_level=None)
            self._base.execute("PRAGMA journal_mode=WAL")
            self._base.execute("PRAGMA synchronous=NORMAL")
            self._base.executescript(SCHEMA)
        except sqlite3.Error as error:
            raise UsageError(f"--store: {file} cannot be used as a store: {error}") from None

    def find(self, version: str, task: Task) -> Outcome | None:
        row = self._base.execute(
            "SELECT outcome FROM judged WHERE version = ? AND answer = ?", (version, task.key)
        ).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Outcome)

    def add(self, version: str, task: Task, outcome: Outcome, sheets: Iterable[str]) -> None:
        """A result with the sheets that asked for it: all of it is there after a kill, or nothing."""
        with self._transaction():
            self._base.execute(
                "INSERT OR IGNORE INTO judged VALUES (?, ?, ?, ?)",
                (version, task.key, msgspec.json.encode(task), msgspec.json.encode(outcome)),
            )
            self._belongs([(version, sheet, task.part, task.key) for sheet in sheets])

    def belongs(self, rows: Iterable[tuple[str, str, Task]]) -> None:
        """Sheets whose answers were judged before."""
        with self._transaction():
            self._belongs([(version, sheet, task.part, task.key) for version, sheet, task in rows])

    def counts(self) -> Mapping[str, int]:
        """How many results there are, and of how many answers."""
        return {
            name: self._base.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("judged", "results")
        }

    def close(self) -> None:
        self._base.close()

    def _belongs(self, rows: list[tuple[str, str, str, str]]) -> None:
        self._base.executemany("INSERT OR IGNORE INTO results VALUES (?, ?, ?, ?)", rows)

    def _transaction(self) -> _Transaction:
        return _Transaction(self._base)


class _Transaction:
    """BEGIN IMMEDIATE ... COMMIT, or ROLLBACK where something is raised."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self.base = base

    def __enter__(self) -> None:
        self.base.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.base.execute("COMMIT" if kind is None else "ROLLBACK")
