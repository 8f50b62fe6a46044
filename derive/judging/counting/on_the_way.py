"""Numbers that are met on the way to a count: what is in one kernel, the places, the biases, a layer of a branch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from derive.algebra.whole import as_expression, total, whole
from derive.engines.costs import SUMMED, counted, values
from derive.engines.ledger import Row, ledger
from derive.engines.parameters import share, taps
from derive.engines.shapes import product
from derive.errors import DeriveError
from derive.judging.counting.places import choices_of, program_of
from derive.judging.counting.values import same
from derive.judging.subject import Subject
from derive.language.counting import Count
from derive.language.expression import Expr
from derive.language.layer import Convolution, Linear, Pooling


def is_on_the_way(subject: Subject, wants: Count, said: Expr) -> bool:
    """Is it true of something inside of what is counted? Then it is no wrong count, but a step."""
    choices = {**choices_of(subject), **wants.choices}
    rows = [row for row in ledger(program_of(subject).network(wants.network)) if row.belongs(wants.layer)]
    return any(same(said, step) for row in rows for step in _steps(row, choices))


def _steps(row: Row, choices: dict[str, str]) -> Iterator[Expr]:
    yield from map(as_expression, (values(row.into), values(row.out), row.into.channels, row.out.channels))
    yield from map(
        as_expression, (*row.into.spatial, *row.out.spatial, product(row.out.spatial), product(row.into.spatial))
    )
    for what in SUMMED:
        for bias in ("with", "without"):
            with suppress(DeriveError):
                yield as_expression(counted(what, row, {**choices, "bias": bias}))
    if isinstance(row.layer, Convolution):
        inside = total([share(row.into.channels, row.layer.groups) * taps(row.layer, row.into)])
        yield from map(as_expression, (inside, whole(inside) + 1, taps(row.layer, row.into)))
    elif isinstance(row.layer, Linear):
        yield as_expression(whole(row.into.channels) + 1)
    elif isinstance(row.layer, Pooling):
        yield as_expression(taps(row.layer, row.into))
