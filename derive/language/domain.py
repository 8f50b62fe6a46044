"""Assumptions about a name, which are also the places to sample it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Real:
    """Any real number."""


@dataclass(frozen=True, slots=True)
class Positive:
    """A real number > 0."""


@dataclass(frozen=True, slots=True)
class NonNegative:
    """A real number >= 0."""


@dataclass(frozen=True, slots=True)
class Integers:
    """An integer n with lower <= n; a size is one with lower = 1."""

    lower: int = 1


Domain: TypeAlias = Real | Positive | NonNegative | Integers

REAL = Real()
POSITIVE = Positive()
NONNEGATIVE = NonNegative()


def is_positive(domain: Domain) -> bool:
    return isinstance(domain, Positive) or (isinstance(domain, Integers) and domain.lower >= 1)
