"""Points at which square roots come out rational.

For sqrt(V + eps), with eps an input of the program, eps = s^2 - V does it for one V. Several rows, each with its own
V_n, need more: row n is the first row turned and stretched by a, so that V_n = a^2 V, with a chosen on the curve
b^2 - a^2 V = eps. The line of slope k through its point (a, b) = (1, s) meets it again where
a = 1 + 2 (V - k s)/(k^2 - V), which is rational.

Nothing is taken on trust: a point is used only if the forward program then takes no irrational root.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from math import isqrt
from random import Random
from typing import TypeAlias

from derive.errors import UnsupportedError
from derive.language.domain import NonNegative, Positive
from derive.language.expression import Add, Expr, Number, Pow, Read, walk
from derive.language.problem import Problem
from derive.verification.evaluation import Arithmetic, Entry, Scalar, UndefinedError
from derive.verification.forward import Forward
from derive.verification.points import Exact, Point, drawn_tensors
from derive.verification.rationals import rational_root

Row: TypeAlias = list[Fraction]
Rows: TypeAlias = tuple[str, int]  # an input, and the axis that counts its rows
Turn: TypeAlias = Callable[[Row, Random], Row]


def rational_point(problem: Problem, point: Point, arithmetic: Arithmetic, salt: str) -> Point:
    """The point with eps, and if need be the rows of one input, moved so that all roots are rational where possible."""
    eps = _shift(problem)
    if eps is None:
        return point
    for candidate in _candidates(problem, point, arithmetic, eps, Random(salt)):
        radicands = _radicands(problem, candidate, arithmetic)
        if radicands is not None and all(rational_root(value, 2) is not None for value in radicands):
            return candidate
    return point


def _candidates(problem: Problem, point: Point, arithmetic: Arithmetic, eps: str, random: Random) -> Iterator[Point]:
    yield point
    for rows in (None, *_row_families(problem)):
        start = point if rows is None else _with_rows(point, rows, lambda first, place: first)
        shift = start.values[eps][()]
        radicands = _radicands(problem, start, arithmetic)
        if not radicands or not isinstance(shift, Fraction):
            continue
        rest = radicands[0] - shift
        root = isqrt(max(0, rest.__ceil__())) + 1 + Fraction(random.randint(1, 5), random.randint(2, 4))
        start = start.replaced(eps, {(): root * root - rest})
        if rows is None:
            yield start
            continue
        for turn in (_turned_and_shifted, _turned, _kept):
            yield _with_rows(start, rows, _stretch(turn, rest, root, random))


def _shift(problem: Problem) -> str | None:
    """The scalar input that stands as a term under a square root, and is free to be any positive number."""
    for equation in problem.program.equations:
        for node in walk(equation.value):
            if isinstance(node, Pow) and _is_half(node.exponent) and isinstance(node.base, Add):
                for term in node.base.terms:
                    if isinstance(term, Read) and not term.indices and _is_free(problem, term):
                        return term.tensor.key
    return None


def _is_half(exponent: Expr) -> bool:
    return isinstance(exponent, Number) and exponent.value.denominator == 2


def _is_free(problem: Problem, read: Read) -> bool:
    defined = problem.program.definition(read.tensor) is not None
    return not defined and isinstance(read.tensor.domain, Positive | NonNegative)


class _Recording:
    """An arithmetic that notes what square roots are taken of."""

    def __init__(self, arithmetic: Arithmetic) -> None:
        self.number, self.add, self.mul = arithmetic.number, arithmetic.add, arithmetic.mul
        self.function, self.sign = arithmetic.function, arithmetic.sign
        self._arithmetic = arithmetic
        self.radicands: list[Scalar] = []

    def power(self, base: Scalar, exponent: Fraction) -> Scalar:
        if exponent.denominator == 2:
            self.radicands.append(base)
        return self._arithmetic.power(base, exponent)


def _radicands(problem: Problem, point: Point, arithmetic: Arithmetic) -> list[Fraction] | None:
    """What the forward program takes square roots of; None when not all are rational, or the point is undefined."""
    recording = _Recording(arithmetic)
    try:
        Forward(problem, point.sizes, point.scalars(recording), recording)
    except (UndefinedError, UnsupportedError):
        return None
    found = recording.radicands
    return found if all(isinstance(value, Fraction) for value in found) else None


def _row_families(problem: Problem) -> list[Rows]:
    tensors = [tensor for tensor in drawn_tensors(problem) if len(tensor.axes) >= 2]
    return [(tensor.key, axis) for tensor in tensors for axis in range(len(tensor.axes))]


def _with_rows(point: Point, rows: Rows, make: Callable[[Row, int], Row]) -> Point:
    """The point with every row of a tensor made from its first one."""
    key, axis = rows
    slices: dict[int, list[Entry]] = {}
    for entry in point.values[key]:
        slices.setdefault(entry[axis], []).append(entry)
    first, *others = slices.values()
    row = [point.values[key][entry] for entry in first]
    plain = [value for value in row if isinstance(value, Fraction)]
    if len(plain) < len(row):
        return point
    made: dict[Entry, Exact] = {}
    for place, entries in enumerate(others):
        made.update(zip(entries, make(plain, place), strict=True))
    return point.replaced(key, made)


def _stretch(turn: Turn, rest: Fraction, root: Fraction, random: Random) -> Callable[[Row, int], Row]:
    def make(first: Row, place: int) -> Row:
        slope = Fraction(random.randint(1, 4) + 5 * place, 3)
        if slope * slope == rest:
            slope += 1
        factor = 1 + 2 * (rest - slope * root) / (slope * slope - rest)
        return turn([factor * value for value in first], random)

    return make


def _reflected(row: Row, mirror: Sequence[Fraction]) -> Row:
    """The mirror image of a row in the hyperplane orthogonal to `mirror`: as long, but pointing elsewhere."""
    square = sum((value * value for value in mirror), Fraction(0))
    if square == 0:
        return row
    factor = 2 * sum((a * b for a, b in zip(row, mirror, strict=True)), Fraction(0)) / square
    return [a - factor * b for a, b in zip(row, mirror, strict=True)]


def _turned_and_shifted(row: Row, random: Random) -> Row:
    """Keeps the variance of the row: the mirror is orthogonal to (1, ..., 1)."""
    mirror = [Fraction(random.randint(-4, 4)) for _ in row]
    mean, shift = sum(mirror, Fraction(0)) / len(mirror), Fraction(random.randint(1, 9), 2)
    return [value + shift for value in _reflected(row, [value - mean for value in mirror])]


def _turned(row: Row, random: Random) -> Row:
    """Keeps the sum of squares of the row."""
    return _reflected(row, [Fraction(random.randint(-4, 4)) for _ in row])


def _kept(row: Row, random: Random) -> Row:
    return row
