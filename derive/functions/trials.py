"""Where functions are tried: the smallest sizes and the simplest numbers first, so that what fails first is small.

All numbers are whole or sums of a few powers of two, so that float32 and float64 hold them exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice, product
from random import Random

from derive.errors import UnsupportedError
from derive.language.domain import Integers, NonNegative, Positive
from derive.language.expression import Read, tensors_in
from derive.language.problem import Problem, free_of
from derive.language.prose import Formula
from derive.language.question import Assumption
from derive.language.tensor import Tensor
from derive.reading.prose import prose_reader
from derive.verification.assumptions import satisfy
from derive.verification.evaluation import Entry, Evaluator, UndefinedError
from derive.verification.points import Exact, Point, Sizes, drawn_tensors, size_tensors
from derive.verification.rationals import Rationals

LEVELS = ("simple", "whole", "fractions")  # of numbers, the simplest first
MOST_SIZES = 14
LARGEST = 4
LARGEST_ALONE = 8  # where there is one size
DRAWS = 6  # of numbers at each smaller size
FEW = 1500  # combinations of sizes that are looked through
HOLDS = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b, "!=": lambda a, b: a != b,
}  # fmt: skip


class Trials:
    """The points of one problem at which its assumptions hold."""

    def __init__(self, problem: Problem, assuming: Sequence[Assumption], seed: int = 0) -> None:
        self.problem, self.assuming, self.seed = problem, assuming, seed
        self.sizes = sizes_of(problem, seed)

    def all(self, salt: str = "") -> Iterator[Point]:
        """The smallest first."""
        for level in LEVELS:
            for sizes in self.sizes:
                yield from self._point(sizes, level, salt)

    def again(self, below: int) -> Iterator[Point]:
        """Other numbers at the sizes that are smaller together."""
        for sizes in self.sizes:
            if sum(sizes.values()) < below:
                for again in range(DRAWS):
                    yield from self._point(sizes, "whole", f"again/{again}")

    def telling(self) -> list[Point]:
        """Points at which mistakes differ from each other: sizes that differ and are above 1, numbers of all kinds."""
        points = list(self.all("telling"))
        Random(f"{self.problem.id}/{self.seed}").shuffle(points)
        best = sorted(points, key=lambda one: (sum(n == 1 for n in one.sizes.values()), -len({*one.sizes.values()})))
        first: dict[tuple[int, ...], Point] = {}
        for point in best:  # one of each choice of sizes before a second one
            first.setdefault(tuple(point.sizes.values()), point)
        chosen = list(first.values())
        return [*chosen, *(point for point in best if point not in chosen)]

    def _point(self, sizes: Sizes, level: str, salt: str) -> Iterator[Point]:
        try:
            yield satisfy(self.assuming, drawn(self.problem, sizes, level, f"{self.seed}/{salt}"))
        except UndefinedError:
            return


def sizes_of(problem: Problem, seed: int = 0) -> tuple[Sizes, ...]:
    """Sizes from 1 on that meet the conditions: all small ones, or so many that each value of each size occurs."""
    tensors = size_tensors(problem)
    keys = [tensor.key for tensor in tensors]
    if not keys:
        return ({},) * 3
    largest = LARGEST if len(keys) > 1 else LARGEST_ALONE
    ranges = [range(_least(tensor), max(largest, _least(tensor)) + 1) for tensor in tensors]
    fits = _conditions(problem)
    order = sorted(_combinations(ranges, seed), key=lambda row: (sum(row), max(row), row))
    fitting = (row for row in order if fits(dict(zip(keys, row, strict=True))))
    seen: set[tuple[int, int]] = set()
    chosen: list[tuple[int, ...]] = []
    spare: list[tuple[int, ...]] = []
    for row in fitting:
        fresh = {(k, value) for k, value in enumerate(row)} - seen
        if fresh or _tells_apart(row, chosen):
            chosen.append(row)
            seen |= fresh
        else:
            spare.append(row)
    more = Random(f"{problem.id}/{seed}").sample(spare, min(len(spare), max(0, MOST_SIZES - len(chosen))))
    rows = sorted({*chosen[:MOST_SIZES], *more}, key=lambda row: (sum(row), row))
    if not rows:
        raise UnsupportedError(f"{problem.id}: no sizes up to {largest} meet its conditions")
    return tuple(dict(zip(keys, row, strict=True)) for row in rows)


def _combinations(ranges: Sequence[range], seed: int) -> list[tuple[int, ...]]:
    """All of them where these are few; else those up to 2, and some of the others."""
    count = 1
    for one in ranges:
        count *= len(one)
    if count <= FEW:
        return list(product(*ranges))
    small = list(islice(product(*(range(one.start, min(one.start, 1) + 2) for one in ranges)), FEW))
    random = Random(f"sizes/{seed}")
    return [*dict.fromkeys([*small, *(tuple(random.choice(one) for one in ranges) for _ in range(FEW))])]


def _tells_apart(row: tuple[int, ...], chosen: Sequence[tuple[int, ...]]) -> bool:
    """Whether two sizes differ in it that were equal so far: what confuses them is seen here."""
    for a in range(len(row)):
        for b in range(a):
            if row[a] != row[b] and all(other[a] == other[b] for other in chosen):
                return True
    return False


def _least(tensor: Tensor) -> int:
    return tensor.domain.lower if isinstance(tensor.domain, Integers) else 1


class _conditions:  # noqa: N801 (reads as a verb where it is called)
    """Whether sizes meet the conditions that are formulas in sizes alone."""

    def __init__(self, problem: Problem) -> None:
        prose = prose_reader(problem)
        self.formulas = [
            formula
            for text in problem.conditions
            for formula in prose(text)
            if isinstance(formula, Formula) and formula.relation in HOLDS and _of_sizes(formula)
        ]

    def __call__(self, sizes: Sizes) -> bool:
        evaluator = Evaluator(Rationals(), sizes, _no_entries)
        return all(
            HOLDS[one.relation](evaluator.value(one.left, {}), evaluator.value(one.right, {})) for one in self.formulas
        )


def _no_entries(node: Read, entry: Entry) -> Fraction:
    raise UnsupportedError(f"{node.tensor.key} is no size")


def _of_sizes(formula: Formula) -> bool:
    sides = (formula.left, formula.right)
    whole = all(isinstance(t.domain, Integers) for side in sides for t in tensors_in(side).values())
    return whole and not free_of(*sides)


def drawn(problem: Problem, sizes: Sizes, level: str, salt: str) -> Point:
    """A number for every entry of what the program is given."""
    random = Random(f"{problem.id}/{sorted(sizes.items())}/{level}/{salt}")
    evaluator = Evaluator(Rationals(), sizes, _no_entries)
    return Point(
        dict(sizes),
        {
            tensor.key: {
                tuple(scope.values()): _number(random, tensor, level) for scope in evaluator.assignments(tensor.axes)
            }
            for tensor in drawn_tensors(problem)
        },
    )


def _number(random: Random, tensor: Tensor, level: str) -> Exact:
    positive = isinstance(tensor.domain, Positive | NonNegative)
    if isinstance(tensor.domain, Integers):
        return Fraction(tensor.domain.lower + random.randint(0, 2))
    if level == "simple":
        return Fraction(1) if positive else Fraction(random.choice((-1, 0, 1, 1, 2)))
    if level == "whole":
        least = 1 if isinstance(tensor.domain, Positive) else 0
        return Fraction(random.randint(least, 3)) if positive else Fraction(random.randint(-3, 4))
    if positive:
        return Fraction(random.randint(1, 64), 2 ** random.randint(5, 9))
    return Fraction(random.randint(-48, 48), 16)
