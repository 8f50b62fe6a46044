"""Results as they come, in one SQLite file: a run that is killed goes on where it was, and nothing is judged twice.

A result is kept under the version of the problem and of our code, and what was judged, with the limits that stopped it,
if one did; beside it, which sheet and part it belongs to. Each is written in a transaction of its own, so a kill loses
at most what was being judged.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from derive.errors import UsageError
from derive.grading.limits import Limits
from derive.grading.work import Outcome, Task

APPLICATION = 0x64726976  # "driv", where SQLite keeps whose file it is
LAYOUT = 1
PATIENCE = 5.0  # seconds for another run to let go of the file
SCHEMA = f"""
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {LAYOUT};
CREATE TABLE IF NOT EXISTS judged (
    version TEXT, answer TEXT, task BLOB, outcome BLOB, seconds REAL, megabytes INTEGER,
    PRIMARY KEY (version, answer)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS results (
    version TEXT, sheet TEXT, part TEXT, answer TEXT, PRIMARY KEY (version, sheet, part, answer)) WITHOUT ROWID;
"""


class Store:
    """The results of one file, or of this run alone where none is named. Raises UsageError for any other file."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        with self._told("cannot be used as a store"):
            self._base = sqlite3.connect(":memory:" if file is None else file, timeout=PATIENCE, isolation_level=None)
            self._check()
            self._base.execute("PRAGMA journal_mode=WAL")
            self._base.execute("PRAGMA synchronous=NORMAL")
            with self._transaction():
                for line in SCHEMA.split(";"):
                    self._base.execute(line)

    def _check(self) -> None:
        """Only a new file, or one of ours, is written to."""
        owner, layout = (
            self._base.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
        )
        tables = self._base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if owner == APPLICATION and layout != LAYOUT:
            raise UsageError(
                f"--store: {self.file} was written by {'a newer' if layout > LAYOUT else 'an older'} derive; "
                "use that one, or name another file"
            )
        if tables and owner != APPLICATION:
            raise UsageError(f"--store: {self.file} is a database of something else; name a file of its own")

    def find(self, version: str, task: Task, limits: Limits) -> Outcome | None:
        """What is known of an answer; one that was stopped is to be judged again where the limit is higher now."""
        with self._told("cannot be read"):
            row = self._base.execute(
                "SELECT outcome, seconds, megabytes FROM judged WHERE version = ? AND answer = ?", (version, task.key)
            ).fetchone()
        if row is None:
            return None
        try:
            found = msgspec.json.decode(row[0], type=Outcome)
        except msgspec.DecodeError:  # changed by another hand
            return None
        again = {
            "": False,
            "seconds": limits.seconds > (row[1] or 0),
            "memory": limits.megabytes > (row[2] or 0),
            "fault": True,
        }
        return None if again[found.stopped] else found

    def add(self, version: str, task: Task, outcome: Outcome, sheets: Iterable[str], limits: Limits) -> None:
        """A result with the sheets that asked for it: all of it is there after a kill, or nothing."""
        stop = (limits.seconds, limits.megabytes) if outcome.stopped else (None, None)
        key = task.key
        with self._told("cannot be written to"), self._transaction():
            self._base.execute(
                "INSERT OR REPLACE INTO judged VALUES (?, ?, ?, ?, ?, ?)",
                (version, key, msgspec.json.encode(task), msgspec.json.encode(outcome), *stop),
            )
            self._belongs([(version, sheet, task.part, key) for sheet in sheets])

    def belongs(self, rows: Iterable[tuple[str, str, Task]]) -> None:
        """Sheets whose answers were judged before."""
        with self._told("cannot be written to"), self._transaction():
            self._belongs([(version, sheet, task.part, task.key) for version, sheet, task in rows])

    def counts(self) -> Mapping[str, int]:
        """How many results there are, and of how many answers."""
        return {
            name: self._base.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("judged", "results")
        }

    def close(self) -> None:
        self._base.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _belongs(self, rows: list[tuple[str, str, str, str]]) -> None:
        self._base.executemany("INSERT OR IGNORE INTO results VALUES (?, ?, ?, ?)", rows)

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """What SQLite cannot do, in one line with the remedy."""
        try:
            yield
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", "")
            remedy = REMEDIES.get(name.removeprefix("SQLITE_").partition("_")[0], "")
            raise UsageError(f"--store: {self.file} {what}: {error}{remedy}") from None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """BEGIN IMMEDIATE ... COMMIT, or ROLLBACK where something is raised."""
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._base.execute("COMMIT")
        except BaseException:
            if self._base.in_transaction:  # SQLite rolls back by itself where the disk is full
                self._base.execute("ROLLBACK")
            raise


REMEDIES = {
    "FULL": "; make room and run it again: what is judged so far is kept",
    "IOERR": "; see to its disk and run it again: what is judged so far is kept",
    "BUSY": "; another program is using it: wait for it, or name another file",
    "CORRUPT": "; it is damaged: name another file",
    "NOTADB": "; name a file of its own",
    "READONLY": "; name a file in a folder that can be written to",
    "CANTOPEN": "; name a file in a folder that is there and can be written to",
}
