"""Formulas of whole matrices, as they are written: a(X W + b), before anything is known of their entries."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct


class Whole(Struct, frozen=True):
    """A matrix or a row of biases by its name."""

    name: str


class Applied(Struct, frozen=True):
    """The activation function, entry by entry."""

    inside: Matrix


class Turned(Struct, frozen=True):
    """The transpose."""

    inside: Matrix


class Times(Struct, frozen=True):
    """A product, in its order."""

    factors: tuple[Matrix, ...]


class Plus(Struct, frozen=True):
    """A sum; each term with its sign."""

    terms: tuple[tuple[int, Matrix], ...]


Matrix: TypeAlias = Whole | Applied | Turned | Times | Plus
