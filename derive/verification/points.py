"""Points: sizes, and an exact number for every input, drawn from its domain with a fixed seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Literal, TypeAlias

from msgspec import Struct

from derive.language.domain import Integers, NonNegative, Positive
from derive.language.problem import Problem
from derive.language.tensor import Tensor, d
from derive.verification.evaluation import Arithmetic, Entry, Evaluator, Values
from derive.verification.rationals import Rationals

Sizes: TypeAlias = Mapping[str, int]
Role: TypeAlias = Literal["plain", "integer", "logarithm"]


class Logarithm(Struct, frozen=True):
    """log(of): the number whose exponential is rational."""

    of: Fraction

    def __str__(self) -> str:
        return f"log({self.of})"


Exact: TypeAlias = Fraction | Logarithm


class Point(Struct, frozen=True):
    """The values of all inputs, and of the known derivative of an unspecified loss, at some sizes."""

    sizes: Sizes
    values: Mapping[str, Mapping[Entry, Exact]]

    def replaced(self, key: str, entries: Mapping[Entry, Exact]) -> Point:
        return Point(self.sizes, {**self.values, key: {**self.values[key], **entries}})

    def scalars(self, arithmetic: Arithmetic) -> Values:
        def convert(value: Exact) -> object:
            if isinstance(value, Logarithm):
                return arithmetic.function("log", arithmetic.number(value.of))
            return arithmetic.number(value)

        return {key: {at: convert(value) for at, value in entries.items()} for key, entries in self.values.items()}

    def shown(self) -> dict[str, object]:
        return {key: _nested(entries) for key, entries in self.values.items()}


def _nested(entries: Mapping[Entry, object]) -> object:
    if () in entries:
        return str(entries[()])
    heads = sorted({entry[0] for entry in entries})
    return tuple(_nested({at[1:]: value for at, value in entries.items() if at[0] == head}) for head in heads)


def size_tensors(problem: Problem) -> tuple[Tensor, ...]:
    return tuple(t for t in problem.program.inputs() if isinstance(t.domain, Integers) and not t.axes)


def default_sizes(problem: Problem, values: Sequence[int]) -> tuple[dict[str, int], ...]:
    """The problem's own choice; else all sizes 1, then the values dealt round, so that two sizes differ.

    A problem without sizes gets three points.
    """
    if problem.oracle_sizes:
        return tuple(dict(sizes) for sizes in problem.oracle_sizes)
    tensors, count = size_tensors(problem), len(values)
    if not tensors:
        return ({},) * 3
    rounds = [[values[(start + place) % count] for place in range(len(tensors))] for start in range(count)]
    rows = sorted(([1] * len(tensors), *rounds), key=lambda row: (max(row), row))
    least = [t.domain.lower if isinstance(t.domain, Integers) else 1 for t in tensors]
    unique = dict.fromkeys(tuple(map(max, row, least)) for row in rows)
    return tuple(dict(zip((t.key for t in tensors), row, strict=True)) for row in unique)


def drawn_tensors(problem: Problem) -> tuple[Tensor, ...]:
    """The tensors a point gives values to: inputs that are no sizes, and the known derivative."""
    program, sizes = problem.program, {t.key for t in size_tensors(problem)}
    inputs = tuple(t for t in program.inputs() if t.key not in sizes)
    return inputs if program.through is None else (*inputs, d(program.loss, program.through))


def draw(problem: Problem, sizes: Sizes, salt: str, roles: Mapping[str, Role] | None = None) -> Point:
    """Small fractions, different within a tensor, from the domain of each."""
    random = Random(f"{problem.id}/{sorted(sizes.items())}/{salt}")
    evaluator = Evaluator(Rationals(), sizes, lambda node, entry: Fraction(0))
    values: dict[str, dict[Entry, Exact]] = {}
    for tensor in drawn_tensors(problem):
        role = (roles or {}).get(tensor.key, "plain")
        entries: dict[Entry, Exact] = {}
        for scope in evaluator.assignments(tensor.axes):
            entries[tuple(scope.values())] = _fresh(random, tensor, role, entries.values())
        values[tensor.key] = entries
    return Point(dict(sizes), values)


def _fresh(random: Random, tensor: Tensor, role: Role, taken: object) -> Exact:
    value = _one(random, tensor, role)
    for _ in range(20):  # equal entries would hide a swapped index
        if value not in taken:  # type: ignore[operator]
            break
        value = _one(random, tensor, role)
    return value


def _one(random: Random, tensor: Tensor, role: Role) -> Exact:
    positive = isinstance(tensor.domain, Positive | NonNegative)
    sign = 1 if positive else random.choice((-1, 1))
    if isinstance(tensor.domain, Integers):
        return Fraction(random.randint(tensor.domain.lower, tensor.domain.lower + 5))
    if role == "integer":
        return Fraction(sign * random.randint(1, 4))
    if role == "logarithm":
        small = random.randint(1, 5)
        ratio = Fraction(small + random.randint(1, 6), small)  # above 1, so that its logarithm is positive
        return Logarithm(ratio if sign > 0 else 1 / ratio)
    return Fraction(sign * random.randint(1, 12), random.randint(2, 6))
