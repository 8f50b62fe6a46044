"""Points at which a claim's assumptions hold exactly: sum_k t_k = 1 is met by moving the last t_k."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from derive.errors import UnsupportedError
from derive.language.domain import NonNegative, Positive
from derive.language.expression import Expr, Read, add, neg
from derive.language.problem import free_of
from derive.language.question import Assumption
from derive.language.tensor import Tensor
from derive.verification.evaluation import Entry, Evaluator, Scope, UndefinedError
from derive.verification.points import Logarithm, Point
from derive.verification.rationals import Rationals


def satisfied(assumptions: Sequence[Assumption], point: Point) -> bool:
    return all(
        _residual(assumption, point, scope) == 0 for assumption in assumptions for scope in _scopes(assumption, point)
    )


def satisfy(assumptions: Sequence[Assumption], point: Point) -> Point:
    """The point moved onto the assumptions, one after another; UndefinedError when this one cannot be."""
    for assumption in assumptions:
        for scope in _scopes(assumption, point):
            point = _solve(assumption, point, scope)
    if not satisfied(assumptions, point):
        raise UndefinedError("the assumptions do not hold together at this point")
    return point


def _scopes(assumption: Assumption, point: Point) -> list[dict[str, int]]:
    indices = tuple(free_of(assumption.left, assumption.right).values())
    return list(_evaluator(point).assignments(indices))


def _solve(assumption: Assumption, point: Point, scope: Scope) -> Point:
    """Moves the entry read last; where that leaves its domain, scales all entries read instead."""
    reads = _reads(assumption.left, point, scope)
    if not reads:
        raise UnsupportedError(f"the assumption '{assumption.text}' reads no input on its left side")
    last, entry = reads[-1]
    moved = _on_line(assumption, scope, lambda s: _with(point, [(last, entry)], lambda value: value + s))
    if moved is None or not _inside(last, moved, entry):
        moved = _on_line(assumption, scope, lambda s: _with(point, reads, lambda value: value * (1 + s)))
    if moved is None or not all(_inside(tensor, moved, at) for tensor, at in reads):
        raise UndefinedError(f"no point was found where '{assumption.text}'")
    return moved


def _on_line(assumption: Assumption, scope: Scope, at: Callable[[Fraction], Point]) -> Point | None:
    """The point on a line of points where left = right, when the difference is linear along it."""
    start = _residual(assumption, at(Fraction(0)), scope)
    slope = _residual(assumption, at(Fraction(1)), scope) - start
    if slope == 0:
        return at(Fraction(0)) if start == 0 else None
    found = at(-start / slope)
    return found if _residual(assumption, found, scope) == 0 else None


def _with(point: Point, reads: Sequence[tuple[Tensor, Entry]], change: Callable[[Fraction], Fraction]) -> Point:
    for tensor, entry in dict.fromkeys(reads):
        value = point.values[tensor.key][entry]
        assert isinstance(value, Fraction)
        point = point.replaced(tensor.key, {entry: change(value)})
    return point


def _inside(tensor: Tensor, point: Point, entry: Entry) -> bool:
    value = point.values[tensor.key][entry]
    return not isinstance(tensor.domain, Positive | NonNegative) or (isinstance(value, Fraction) and value > 0)


def _residual(assumption: Assumption, point: Point, scope: Scope) -> Fraction:
    value = _evaluator(point).value(add(assumption.left, neg(assumption.right)), scope)
    assert isinstance(value, Fraction)
    return value


def _reads(expr: Expr, point: Point, scope: Scope) -> list[tuple[Tensor, Entry]]:
    seen: list[tuple[Tensor, Entry]] = []
    _evaluator(point, seen).value(expr, scope)
    return seen


def _evaluator(point: Point, seen: list[tuple[Tensor, Entry]] | None = None) -> Evaluator:
    def read(node: Read, entry: Entry) -> Fraction:
        value = point.values.get(node.tensor.key, {}).get(entry)
        if value is None or isinstance(value, Logarithm):
            raise UnsupportedError(f"an assumption about {node.tensor.key}, which is no plain input, cannot be sampled")
        if seen is not None:
            seen.append((node.tensor, entry))
        return value

    return Evaluator(Rationals(), point.sizes, read)
