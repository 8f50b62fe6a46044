"""Random points: a value for every entry of every tensor, drawn when the tensor is first read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from random import Random
from typing import Any

from flint import arb, nmod

from derive.algebra.binding import Definitions
from derive.algebra.evaluate import Balls, Entries, Evaluator, Rationals
from derive.algebra.residues import Exponents, P, Q, Residues
from derive.language.domain import NonNegative, is_positive
from derive.language.tensor import Tensor

GRID = 16  # enclosures are drawn among the multiples of 1/16


class Draws:
    """One point for everything: under definitions, the names that they define have their values, all others these."""

    def __init__(
        self, tensors: Mapping[str, Tensor], least: Mapping[str, int], seed: str, fixed: Mapping[str, int] | None = None
    ) -> None:
        random = Random(seed)
        self.tensors, self.seed = tensors, seed
        self.sizes = {key: max(low, random.randint(2, 3)) for key, low in least.items()} | dict(fixed or {})

    def modular(self, definitions: Definitions, budget: int) -> Evaluator:
        """With residues; those of positive tensors are squares."""
        inside = Evaluator(Exponents(), definitions, self.sizes, self._exponents, budget)
        return Evaluator(Residues(), definitions, self.sizes, self._residues, budget, inside=inside)

    def enclosed(self, definitions: Definitions, budget: int) -> Evaluator:
        """With real numbers."""
        return Evaluator(Balls(), definitions, self.sizes, self._balls, budget)

    @cached_property
    def _residues(self) -> _Tables:
        return self._tables("outside", _residue)

    @cached_property
    def _exponents(self) -> _Tables:
        return self._tables("inside", lambda tensor, random: nmod(2 + random.getrandbits(59), Q))

    @cached_property
    def _balls(self) -> _Tables:
        return self._tables("reals", _ball)

    def _tables(self, kind: str, drawn: Callable[[Tensor, Random], Any]) -> _Tables:
        return _Tables(self.tensors, self.sizes, f"{self.seed} {kind}", drawn)


class _Tables(Mapping[str, Entries]):
    """The entries of each tensor, by its key."""

    def __init__(
        self,
        tensors: Mapping[str, Tensor],
        sizes: Mapping[str, int],
        seed: str,
        drawn: Callable[[Tensor, Random], Any],
    ) -> None:
        self.tensors, self.seed, self.drawn = tensors, seed, drawn
        self.tables: dict[str, Entries] = {}
        self.shape = Evaluator(Rationals(), {}, sizes, {})

    def __getitem__(self, key: str) -> Entries:
        found = self.tables.get(key)
        if found is None:
            tensor = self.tensors[key]
            random = Random(f"{self.seed} {key}")
            cells = self.shape.cells(tensor.axes)
            found = self.tables[key] = {cell: self.drawn(tensor, random) for cell in cells}
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.tensors)

    def __len__(self) -> int:
        return len(self.tensors)


def _residue(tensor: Tensor, random: Random) -> nmod:
    value = nmod(2 + random.getrandbits(60), P)
    return value * value if is_positive(tensor.domain) else value


def _ball(tensor: Tensor, random: Random) -> arb:
    least = 1 if is_positive(tensor.domain) or isinstance(tensor.domain, NonNegative) else -24
    return arb(random.randint(least, 24)) / GRID
