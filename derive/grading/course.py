"""The problems that sheets may answer: the built-in ones, and the files that the grader names.

A sheet is a student's text, so it can name a problem by its id alone: a path in it is never run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from derive import catalogue
from derive.errors import UsageError
from derive.grading.node import edition
from derive.language.near import did_you_mean


class Known(Struct, frozen=True):
    """A problem that may be answered: how it is loaded, its parts, and the version of what it says and of our code."""

    name: str
    parts: tuple[str, ...]
    version: str


class Course:
    """Problems by id, each looked up once."""

    def __init__(self, files: Sequence[str] = ()) -> None:
        self.files: Mapping[str, str] = {catalogue.load(file).id: str(Path(file).resolve()) for file in files}
        self._known: dict[str, Known] = {}

    def known(self, id: str) -> Known:
        """Raises UsageError for an id that there is none of."""
        if id not in self._known:
            name = self.files.get(id, id)
            if id not in self.files and id not in catalogue.ids():
                near = did_you_mean(id, [*catalogue.ids(), *self.files], "; name its file with --problem")
                raise UsageError(f"no problem has the id '{id[:60]}'{near}")
            problem = catalogue.load(name)
            source = Path(name) if id in self.files else catalogue.FOLDER / f"{id}.py"
            version = hashlib.sha256(edition().encode() + source.read_bytes()).hexdigest()
            self._known[id] = Known(name, tuple(question.id for question in problem.questions), version)
        return self._known[id]
