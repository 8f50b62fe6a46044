"""Sets, whose order says nothing, and intervals, whose ends may belong to them or not."""

from __future__ import annotations

from collections.abc import Sequence

from derive.judging.decision import ALL, Outcome, provable
from derive.judging.relations import NO_VALUE, points, sign_at
from derive.language.constant import Constant
from derive.language.expression import Expr, free_indices, neg
from derive.language.judgement import Failure
from derive.language.statement import Table
from derive.reading.pending import exactly

HALF_OPEN = ("[)", "(]")
MAX_ELEMENTS = 30


def is_collection(*tables: Table) -> bool:
    """Is one of them a set or an interval, or are they two lists in different brackets?"""
    fences = {table.fence for table in tables}
    return "{}" in fences or bool(fences & {*HALF_OPEN}) or any(map(_endless, tables)) or len(fences) > 1


def same_collection(gold: Table, answer: Table) -> Outcome:
    """The same elements, or the same ends in the same brackets."""
    if (gold.fence == "{}") != (answer.fence == "{}"):
        return Outcome(None, why="a set and a list or an interval are not compared")
    if gold.fence == "{}":
        return _same_set(gold.cells, answer.cells)
    if len(gold.cells) != 2 or len(answer.cells) != 2:
        if gold.fence in HALF_OPEN or answer.fence in HALF_OPEN:
            return Outcome(None, why="a list and an interval are not compared")
        return Outcome(None, why="lists in different brackets are not compared")
    return _same_interval(gold, answer)


def _same_set(one: Sequence[Expr], other: Sequence[Expr]) -> Outcome:
    first, second = [[exactly(e) for e in side] for side in (one, other)]
    if max(len(first), len(second)) > MAX_ELEMENTS:
        return Outcome(None, why=f"sets of more than {MAX_ELEMENTS} elements are not compared")
    if all(any(provable(a, b, {}) for b in second) for a in first) and all(
        any(provable(a, b, {}) for a in first) for b in second
    ):
        return Outcome(True, ALL)
    if any(free_indices(e) for e in (*first, *second)):
        return Outcome(None, why="sets of entries with free indices are not told apart")
    for sizes, values in points((*first, *second)):
        try:
            for elements, others, side in ((first, second, "only the first"), (second, first, "only the second")):
                for element in elements:
                    signs = [sign_at(element - o, sizes, values, {}) for o in others]
                    if all(sign in (1, -1) for sign in signs):
                        from derive.algebra.witness import nested

                        shown = {key: nested(table) for key, table in values.items()}
                        held = f"a set that has {element!r}" if side == "only the first" else f"one without {element!r}"
                        rest = f"one without {element!r}" if side == "only the first" else f"a set that has {element!r}"
                        return Outcome(False, ALL, Failure(sizes, shown, held, rest))
        except NO_VALUE:
            continue
    return Outcome(None, why="the sets are neither proved the same nor told apart")


def _same_interval(gold: Table, answer: Table) -> Outcome:
    ends = [_same_end(a, b) for a, b in zip(gold.cells, answer.cells, strict=True)]
    different = next((end for end in ends if not end.truth), None)
    if different is not None:
        return different
    closed = {"[]": (True, True), "[)": (True, False), "(]": (False, True)}
    one, other = (closed.get(table.fence, (False, False)) for table in (gold, answer))
    finite = [not _is_endless(end) for end in gold.cells]  # at an infinite end the bracket says nothing
    if all(a == b or not f for a, b, f in zip(one, other, finite, strict=True)):
        return Outcome(True, ALL)
    if gold.fence in HALF_OPEN or answer.fence in HALF_OPEN or any(map(_endless, (gold, answer))):
        sign = _order(gold.cells)
        if sign is None or sign <= 0:
            return Outcome(None, why="whether the interval is empty is not known")
        return Outcome(False, ALL, Failure({}, {}, _shown(gold), _shown(answer)))
    return Outcome(None, why="as lists the two are the same, as intervals they are not")


def _same_end(one: Expr, other: Expr) -> Outcome:
    if _is_endless(one) or _is_endless(other):
        if one == other:
            return Outcome(True, ALL)
        return Outcome(False, ALL, Failure({}, {}, f"an interval that ends at {one!r}", f"one that ends at {other!r}"))
    if provable(exactly(one), exactly(other), {}):
        return Outcome(True, ALL)
    difference = exactly(one) - exactly(other)
    for sizes, values in points((difference,)):
        try:
            if sign_at(difference, sizes, values, {}) in (1, -1):
                from derive.algebra.witness import nested

                shown = {key: nested(table) for key, table in values.items()}
                return Outcome(False, ALL, Failure(sizes, shown, f"an end at {one!r}", f"one at {other!r}"))
        except NO_VALUE:
            continue
    return Outcome(None, why="the ends are neither proved the same nor told apart")


def _order(cells: Sequence[Expr]) -> int | None:
    """1 where the upper end lies above the lower one, at some point at least."""
    low, high = cells
    if _is_endless(low) or _is_endless(high):
        return 1
    difference = exactly(high) - exactly(low)
    for sizes, values in points((difference,)):
        try:
            if sign_at(difference, sizes, values, {}) == 1:
                return 1
        except NO_VALUE:
            continue
    return None


def _endless(table: Table) -> bool:
    return any(map(_is_endless, table.cells))


def _is_endless(expr: Expr) -> bool:
    infinity = Constant("infinity")
    return expr in (infinity, neg(infinity))


def _shown(table: Table) -> str:
    low, high = table.cells
    fence = table.fence or "()"
    return f"{fence[0]}{low!r}, {high!r}{fence[1]}"
