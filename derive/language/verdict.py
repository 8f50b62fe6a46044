"""Verdicts are types, never booleans; evidence says which oracle saw what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Counterexample:
    """The smallest place found where two sides differ, with both values.

    Values are exact ('1/2'), or an enclosure with its radius where a number is irrational.
    """

    sizes: Mapping[str, int]
    values: Mapping[str, object]
    left: str
    right: str
    where: Mapping[str, int] = field(default_factory=dict)  # the free indices


@dataclass(frozen=True, slots=True)
class Proved:
    scope: str = "all sizes"
    conditions: tuple[str, ...] = ()
    kind: str = "proved"


@dataclass(frozen=True, slots=True)
class Refuted:
    counterexample: Counterexample
    kind: str = "refuted"


@dataclass(frozen=True, slots=True)
class Agrees:
    """Equal at every point tried, with no proof."""

    points: int
    kind: str = "agrees"


@dataclass(frozen=True, slots=True)
class Undecided:
    why: str
    kind: str = "undecided"


Verdict: TypeAlias = Proved | Refuted | Agrees | Undecided


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one oracle saw of one claim: at which sizes, over how many points, with what largest error."""

    oracle: str  # "normal form", "unrolled", "differences", "pytorch"
    verdict: Verdict
    sizes: tuple[Mapping[str, int], ...] = ()
    points: int = 0
    error: str = ""  # "exact", or the largest error, e.g. "3e-31"
