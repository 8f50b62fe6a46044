"""Oracles: they recompute a claim from the forward program, and share nothing with the engines but that program.

`ORACLES` maps the name of an oracle to its module, imported when first asked for. Each module has
`check(problem, claim, sizes, seed) -> Evidence`, and `session(problem, sizes, seed)` whose `.check(claim)` keeps the
points and derivatives that the claims of one problem share.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from types import ModuleType

from derive.errors import UsageError
from derive.language.derivation import Claim
from derive.language.network import Network
from derive.language.problem import Problem
from derive.language.recurrence import Recurrence
from derive.language.verdict import Evidence
from derive.verification.depths import Depths
from derive.verification.simulation import Simulation

__all__ = ["DEFAULT", "ORACLES", "verify"]

DEFAULT = ("unrolled", "differences")


class _Oracles(Mapping[str, ModuleType]):
    """Name -> module, without importing SymPy, mpmath or PyTorch before one is needed."""

    names = ("unrolled", "differences", "pytorch")

    def __getitem__(self, name: str) -> ModuleType:
        if name not in self.names:
            raise UsageError(f"there is no oracle '{name}'; there are {', '.join(self.names)}")
        return import_module(f"derive.verification.{name}")

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


ORACLES: Mapping[str, ModuleType] = _Oracles()


def verify(
    problem: Problem, claims: Sequence[Claim], oracles: Sequence[str] | None = None, seed: int = 0
) -> tuple[tuple[Evidence, ...], ...]:
    """For every claim, what each of the oracles saw of it; the default are those that need no extra."""
    if isinstance(problem.program, Recurrence):
        simulation = Simulation(problem, seed)
        return tuple((simulation.check(claim),) for claim in claims)
    names = DEFAULT if oracles is None else oracles
    if isinstance(problem.program, Network):
        sessions = [Depths(problem, ORACLES[name], seed) for name in names]
    else:
        sessions = [ORACLES[name].session(problem, seed=seed) for name in names]
    return tuple(tuple(session.check(claim) for session in sessions) for claim in claims)
