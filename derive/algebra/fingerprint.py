"""The values of one expression at a seeded random point modulo a prime."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TypeVar

from derive.algebra.binding import Definitions
from derive.algebra.compiled import compiled
from derive.algebra.draws import Draws
from derive.algebra.points import sizes_of, tensors_of
from derive.algebra.residues import BadPointError
from derive.errors import BudgetError, UnsupportedError
from derive.language.expression import Expr, free_indices

T = TypeVar("T")
STEPS = 500_000  # of evaluation


def fingerprint(
    expr: Expr, definitions: Definitions, seed: int, indices: Expr | None = None, budget: int = STEPS
) -> tuple[int, ...] | None:
    """The values of an expression for every value of its free indices at a seeded random point.

    None when the expression has no meaning modulo a prime, or no good point was found.
    """
    return _at_point(expr, definitions, seed, indices, budget, tuple)


def _at_point(
    expr: Expr, definitions: Definitions, seed: int, indices: Expr | None, budget: int,
    taken: Callable[[Iterator[int]], T],
) -> T | None:  # fmt: skip
    """What is taken of the values, one after another as they are worked out."""
    shape = indices if indices is not None else expr
    exprs = (shape, expr)
    run = compiled(expr).run
    tensors, sizes = tensors_of(exprs, definitions), sizes_of(exprs, definitions)
    for attempt in range(40):
        try:
            evaluator = Draws(tensors, sizes, f"{seed}/{attempt}").modular(definitions, budget)
            free = {**free_indices(shape), **free_indices(expr)}
            return taken(int(evaluator.run(run, env)) for env in evaluator.assignments(free))
        except (BadPointError, ZeroDivisionError):
            continue
        except (UnsupportedError, BudgetError, ArithmeticError):
            return None
    return None


def is_nonzero(expr: Expr, definitions: Definitions, budget: int = STEPS, most: int | None = None) -> bool:
    """Is the expression almost surely not zero? False also when it has no fingerprint within the budget.

    `most` values of the free indices are tried at each point, all of them without it; the first that is not 0 ends it.
    """
    for seed in (1, 2):
        differs = _at_point(expr, definitions, seed, None, budget, lambda values: any(islice(values, most)))
        if differs is None:
            return False
        if differs:
            return True
    return False
