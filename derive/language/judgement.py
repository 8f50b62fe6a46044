"""What is said of a statement: the verdict, how it was read, where it fails, and what would make it true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct

Kind: TypeAlias = Literal["proved", "refuted", "depends", "agrees", "undecided", "unreadable"]
STATUS: Mapping[str, int] = {"proved": 0, "refuted": 1, "unreadable": 3, "undecided": 4, "depends": 4, "agrees": 4}


class Failure(Struct, frozen=True):
    """The smallest place found where the two sides of a statement differ, as it is shown."""

    sizes: Mapping[str, int]
    values: Mapping[str, object]
    left: str
    right: str


class Finding(Struct, frozen=True):
    """One explanation of a false statement: its kind, a sentence, and the statement repaired."""

    kind: str
    text: str
    repair: str = ""


class Unread(Struct, frozen=True):
    """Where a text could not be read: a column counted from zero, and what stands there."""

    message: str
    position: int
    excerpt: str


class Judgement(Struct, frozen=True):
    """The verdict on one statement."""

    verdict: Kind
    scope: str = ""
    read_as: str = ""
    reading: str = ""
    convention: str = ""
    counterexample: Failure | None = None
    diagnosis: tuple[Finding, ...] = ()
    error: Unread | None = None
    link: str = ""  # the first false link of a chain, where there are several

    @property
    def status(self) -> int:
        return STATUS[self.verdict]

    def as_json(self) -> dict[str, object]:
        """The object that `--json` prints; its shape is a contract."""
        found: dict[str, object] = {"verdict": self.verdict, "scope": self.scope, "read_as": self.read_as}
        for name in ("reading", "convention", "link"):
            if getattr(self, name):
                found[name] = getattr(self, name)
        if self.counterexample is not None:
            one = self.counterexample
            found["counterexample"] = {
                "sizes": dict(one.sizes), "values": dict(one.values), "left": one.left, "right": one.right,
            }  # fmt: skip
        if self.diagnosis:
            found["diagnosis"] = [{"kind": f.kind, "text": f.text, "repair": f.repair} for f in self.diagnosis]
        if self.error is not None:
            found["error"] = {
                "message": self.error.message, "position": self.error.position, "excerpt": self.error.excerpt,
            }  # fmt: skip
        return found
