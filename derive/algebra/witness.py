"""The smallest counterexample: least sizes, small whole numbers, both sides' values exact or rigorously enclosed."""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb, fmpq

from derive.algebra.binding import Definitions
from derive.algebra.evaluate import Balls, Entries, Evaluator, NotExactError, Rationals
from derive.algebra.points import fraction, inputs_of, sizes_of, small_point, small_sizes
from derive.language.expression import Expr, Index, free_indices
from derive.language.problem import Assumption
from derive.language.verdict import Counterexample

ATTEMPTS = 10  # points tried at each choice of sizes


def witness(
    left: Expr, right: Expr, definitions: Definitions, assuming: Sequence[Assumption] = ()
) -> Counterexample | None:
    """The first difference found, exact points before enclosures; None if none was found."""
    sides = (left, right)
    extra = [side for assumption in assuming for side in (assumption.left, assumption.right)]
    exprs = (*sides, *extra)
    free = free_indices(left) | free_indices(right)
    names = sizes_of((*exprs, *free.values()), definitions)
    for exact in (True, False):
        for sizes in small_sizes(names, 4 if len(names) < 3 else 3):
            for attempt in range(ATTEMPTS):
                try:
                    values = small_point((*exprs, *free.values()), definitions, sizes, attempt, assuming)
                    found = _difference(sides, free, definitions, sizes, values, exact)
                except (NotExactError, ZeroDivisionError):
                    continue
                if found is not None:
                    return _counterexample(found, sizes, values, exprs, definitions)
    return None


def _difference(
    sides: tuple[Expr, Expr], free: dict[str, Index], definitions: Definitions, sizes: dict[str, int],
    values: dict[str, Entries], exact: bool,
) -> tuple[dict[str, int], str, str] | None:
    if exact:
        evaluator = Evaluator(Rationals(), definitions, sizes, values)
    else:
        balls = {k: {w: arb(v.p) / arb(v.q) for w, v in table.items()} for k, table in values.items()}
        evaluator = Evaluator(Balls(), definitions, sizes, balls)
    for env in evaluator.assignments(free):
        left, right = (evaluator.value(side, env) for side in sides)
        if exact and left != right:
            return env, str(fraction(left)), str(fraction(right))
        if not exact and (left - right).is_finite() and not (left - right).contains(0):
            return env, left.str(6, radius=False), right.str(6, radius=False)
    return None


def _counterexample(
    found: tuple[dict[str, int], str, str], sizes: dict[str, int], values: dict[str, Entries],
    exprs: Sequence[Expr], definitions: Definitions,
) -> Counterexample:
    where, left, right = found
    shown = {}
    for tensor in inputs_of(exprs, definitions):
        shown[tensor.key] = nested(values[tensor.key])
    return Counterexample(sizes, shown, left, right, where)


def nested(table: Entries) -> object:
    """{(1, 1): a, (1, 2): b, ...} as nested tuples of text; a scalar as its text."""
    if () in table:
        return _text(table[()])
    rows: dict[int, Entries] = {}
    for where, value in table.items():
        rows.setdefault(where[0], {})[where[1:]] = value
    return tuple(nested(row) for _, row in sorted(rows.items()))


def _text(value: object) -> str:
    return str(fraction(value)) if isinstance(value, fmpq) else str(value)
