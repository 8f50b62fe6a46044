"""The smallest counterexample: least sizes, small whole numbers, both sides' values exact or rigorously enclosed."""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb

from derive.algebra.binding import Definitions
from derive.algebra.evaluate import Balls, Entries, Evaluator, NotExactError
from derive.algebra.logs import LogNumber, LogNumbers
from derive.algebra.points import inputs_of, sizes_of, small_point, small_sizes
from derive.errors import BudgetError, UnsupportedError
from derive.language.expression import Expr, Index, free_indices
from derive.language.problem import Assumption
from derive.language.verdict import Counterexample

ATTEMPTS = 10  # points tried at each choice of sizes
MANY, FEW = 5, 3  # with so many sizes, so few points at each
STEPS = 500_000  # of evaluation at one point
POINTS = 300  # points tried in all, in each of the two rounds


def witness(
    left: Expr, right: Expr, definitions: Definitions, assuming: Sequence[Assumption] = (), budget: int = STEPS
) -> Counterexample | None:
    """The first difference found, exact points before enclosures; None if none was found.

    `budget` bounds the steps at one point; once they are spent, larger sizes are not tried.
    """
    sides = (left, right)
    extra = [side for assumption in assuming for side in (assumption.left, assumption.right)]
    exprs = (*sides, *extra)
    free = free_indices(left) | free_indices(right)
    names = sizes_of((*exprs, *free.values()), definitions)
    for exact in (True, False):
        points = POINTS
        for sizes in small_sizes(names, 4 if len(names) < 3 else 3):
            for attempt in range(ATTEMPTS if len(names) < MANY else FEW):
                points -= 1
                if points < 0:
                    break
                try:
                    values = small_point((*exprs, *free.values()), definitions, sizes, attempt, assuming)
                    found = _difference(sides, free, definitions, sizes, values, exact, budget)
                except (NotExactError, ZeroDivisionError, UnsupportedError):
                    continue
                except BudgetError:
                    points = -1
                    break
                if found is not None:
                    return _counterexample(found, sizes, values, exprs, definitions)
    return None


def _difference(
    sides: tuple[Expr, Expr],
    free: dict[str, Index],
    definitions: Definitions,
    sizes: dict[str, int],
    values: dict[str, Entries],
    exact: bool,
    budget: int,
) -> tuple[dict[str, int], str, str] | None:
    if exact:
        evaluator = Evaluator(LogNumbers(), definitions, sizes, values, budget)
    else:
        balls = {k: {w: enclosed(v) for w, v in table.items()} for k, table in values.items()}
        evaluator = Evaluator(Balls(), definitions, sizes, balls, budget)
    for env in evaluator.assignments(free):
        left, right = (evaluator.value(side, env) for side in sides)
        if exact and left != right:
            return env, str(left), str(right)
        if not exact and (left - right).is_finite() and not (left - right).contains(0):
            return env, shown(left), shown(right)
    return None


def _counterexample(
    found: tuple[dict[str, int], str, str],
    sizes: dict[str, int],
    values: dict[str, Entries],
    exprs: Sequence[Expr],
    definitions: Definitions,
) -> Counterexample:
    where, left, right = found
    shown = {}
    for tensor in inputs_of(exprs, definitions):
        shown[tensor.key] = nested(values[tensor.key])
    return Counterexample(sizes, shown, left, right, where)


def nested(table: Entries) -> object:
    """{(1, 1): a, (1, 2): b, ...} as nested tuples of text; a scalar as its text."""
    if () in table:
        return str(table[()])
    rows: dict[int, Entries] = {}
    for where, value in table.items():
        rows.setdefault(where[0], {})[where[1:]] = value
    return tuple(nested(row) for _, row in sorted(rows.items()))


def enclosed(value: LogNumber) -> arb:
    total = arb(value.whole.p) / arb(value.whole.q)
    for prime, c in value.logs:
        total += arb(c.p) / arb(c.q) * arb(prime).log()
    return total


def shown(value: arb) -> str:
    """Six digits of an enclosure; a value that may be zero is said to be about 0."""
    return "about 0" if value.contains(0) else value.str(6, radius=False)
