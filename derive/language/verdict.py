"""Verdicts are types, never booleans; evidence says which oracle saw what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct


class Counterexample(Struct, frozen=True):
    """The smallest place found where two sides differ, with both values.

    Values are exact ('1/2'), or an enclosure with its radius where a number is irrational.
    """

    sizes: Mapping[str, int]
    values: Mapping[str, object]
    left: str
    right: str
    where: Mapping[str, int] = {}  # the free indices


class Proved(Struct, frozen=True):
    scope: str = "all sizes"
    conditions: tuple[str, ...] = ()
    kind: str = "proved"


class Refuted(Struct, frozen=True):
    counterexample: Counterexample
    kind: str = "refuted"


class Agrees(Struct, frozen=True):
    """Equal at every point tried, with no proof."""

    points: int
    kind: str = "agrees"


class Undecided(Struct, frozen=True):
    why: str
    kind: str = "undecided"


Verdict: TypeAlias = Proved | Refuted | Agrees | Undecided


class Evidence(Struct, frozen=True):
    """What one oracle saw of one claim: at which sizes, over how many points, with what largest error."""

    oracle: str  # "normal form", "unrolled", "differences", "pytorch"
    verdict: Verdict
    sizes: tuple[Mapping[str, int], ...] = ()
    points: int = 0
    error: str = ""  # "exact", or the largest error, e.g. "3e-31"
