"""What a wrong array looks like: one of the known mistakes, where it gives just that at every point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations
from math import isfinite

from msgspec import Struct

from derive.errors import UnsupportedError
from derive.functions.arrays import Found
from derive.functions.asked import Asked, Wanted
from derive.functions.faults import Fault, faults
from derive.functions.values import Array, At, Shape, places
from derive.language.expression import Expr, Index, Mul, Sum, mul, sums
from derive.verification.evaluation import UndefinedError
from derive.verification.points import Point

Close = Callable[[float, Array, int], bool]  # is the number the entry at this offset, but for rounding?


class Seen(Struct, frozen=True):
    """A point with what the function returned for one part there."""

    point: Point
    found: Found


def looks_like(asked: Asked, wanted: Wanted, seen: Sequence[Seen], close: Close) -> str:
    """The likeliest mistake that gives all that was seen, in a few words; '' where none is known."""
    finite = [one for one in seen if all(map(isfinite, one.found.entries))]
    wrong = [one for one in finite if not same(one.found, _true(asked, wanted, one.point), close)]
    for fault in faults(asked, wanted) if wrong and len(finite) > 1 else ():
        if _explains(fault, wanted, finite, close):
            return fault.text
    return ""


def _explains(fault: Fault, wanted: Wanted, seen: Sequence[Seen], close: Close) -> bool:
    """At every point where it gives numbers, and it does so at most of them."""
    agreed = 0
    for one in seen:
        try:
            wrong = At(fault.definitions, one.point).array(fault.value, wanted.axes)
        except (UndefinedError, ArithmeticError):
            continue
        except (UnsupportedError, KeyError):
            return False
        if not same(one.found, wrong, close):
            return False
        agreed += 1
    return 2 * agreed > len(seen)


def same(found: Found, array: Array, close: Close) -> bool:
    return found.shape == array.shape and all(close(value, array, k) for k, value in enumerate(found.entries))


def _true(asked: Asked, wanted: Wanted, point: Point) -> Array:
    return At(asked.definitions, point).array(wanted.claim.right, wanted.axes)


def in_place_of(asked: Asked, wanted: Wanted, seen: Sequence[Seen], close: Close) -> str:
    """Another array that is asked for too, with axes of its own."""
    for other in asked.wanted:
        if other != wanted and all(same(one.found, _true(asked, other, one.point), close) for one in seen):
            return f"{other.label}, not {wanted.label}; the order is {', '.join(one.label for one in asked.wanted)}"
    return ""


def of_shape(asked: Asked, wanted: Wanted, point: Point, found: Found, close: Close) -> str:
    """Why an array has another shape: turned round, an axis kept, a sum missing or over another axis."""
    true = _true(asked, wanted, point)
    axes = len(true.shape)
    for order in permutations(range(axes)):
        turned = Array(tuple(true.shape[k] for k in order), tuple(true.at(_back(place, order)) for place in _turned(
            true.shape, order)))  # fmt: skip
        if list(order) != sorted(order) and same(found, turned, close):
            return "the right gradient, transposed"
    if tuple(n for n in found.shape if n != 1) == tuple(n for n in true.shape if n != 1):
        if same(Found(true.shape, found.entries), true, close):
            return f"the right gradient with {'an axis' if len(found.shape) > axes else 'no axis'} of length 1"
        return ""
    return _of_sum(asked, wanted, point, found, close)


def _turned(shape: Shape, order: tuple[int, ...]) -> list[Shape]:
    return list(places(tuple(shape[k] for k in order)))


def _back(place: Shape, order: tuple[int, ...]) -> Shape:
    original = [0] * len(order)
    for k, axis in enumerate(order):
        original[axis] = place[k]
    return tuple(original)


def _of_sum(asked: Asked, wanted: Wanted, point: Point, found: Found, close: Close) -> str:
    """What the sum at the top is taken of: returned as it is, or summed over other axes."""
    summed, body = _top(wanted.claim.right)
    at = At(asked.definitions, point)
    for chosen in permutations((*wanted.axes, *summed), len(found.shape)):
        over = [index for index in (*wanted.axes, *summed) if index not in chosen]
        if set(over) == set(summed):
            continue
        try:
            wrong = at.array(sums(body, *over), chosen)
        except (UndefinedError, UnsupportedError):
            continue
        if same(found, wrong, close):
            names = ", ".join(index.name for index in summed if index in chosen)
            taken = ", ".join(index.name for index in over if index not in summed)
            if taken:
                return f"the gradient with the sum taken over {taken} instead of {names}"
            return f"the gradient with the sum over {names} missing"
    return ""


def _top(expr: Expr) -> tuple[list[Index], Expr]:
    """The sums at the top of a formula, and what is summed; factors outside are taken in."""
    if isinstance(expr, Sum):
        indices, body = _top(expr.body)
        return [expr.index, *indices], body
    if isinstance(expr, Mul):
        inside = [factor for factor in expr.factors if isinstance(factor, Sum)]
        if len(inside) == 1:
            indices, body = _top(inside[0])
            return indices, mul(*(f for f in expr.factors if f is not inside[0]), body)
    return [], expr
