"""Assumptions about a name, which are also the places to sample it."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct


class Real(Struct, frozen=True):
    """Any real number."""


class Positive(Struct, frozen=True):
    """A real number > 0."""


class NonNegative(Struct, frozen=True):
    """A real number >= 0."""


class Integers(Struct, frozen=True):
    """An integer n with lower <= n; a size is one with lower = 1."""

    lower: int = 1


Domain: TypeAlias = Real | Positive | NonNegative | Integers

REAL = Real()
POSITIVE = Positive()
NONNEGATIVE = NonNegative()


def is_positive(domain: Domain) -> bool:
    return isinstance(domain, Positive) or (isinstance(domain, Integers) and domain.lower >= 1)
