"""Which sizes and inputs an expression depends on, and small points to evaluate it at."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from math import isqrt

from flint import fmpq

from derive.algebra.binding import Definitions
from derive.algebra.evaluate import Entries, Evaluator, NotExactError, Rationals
from derive.algebra.logs import LogNumber, LogNumbers
from derive.language.domain import Integers, NonNegative, is_positive
from derive.language.expression import Add, Expr, Function, Index, Number, Pow, Read, Sum, free_indices, walk
from derive.language.question import Assumption
from derive.language.tensor import Tensor

PLAIN = frozenset(
    {"log", "sin", "cos", "arcsin", "arctan", "factorial", "binomial", "floor", "ceil", "max", "min"}
)  # of plain numbers


def tensors_of(exprs: Sequence[Expr], definitions: Definitions) -> dict[str, Tensor]:
    """Every tensor that is not defined, through all definitions and all ranges."""
    found: dict[str, Tensor] = {}
    seen: set[str] = set()
    stack = list(exprs)
    while stack:
        for tensor in _named_in(stack.pop()):
            if tensor.key not in seen:
                seen.add(tensor.key)
                if tensor.key in definitions:
                    stack.append(definitions[tensor.key].value)
                else:
                    found[tensor.key] = tensor
    return dict(sorted(found.items()))


@lru_cache(maxsize=4096)
def _named_in(expr: Expr) -> tuple[Tensor, ...]:
    """The tensors read in an expression, in the ranges of its indices and in the shapes of what it reads."""
    found: dict[str, Tensor] = {}
    stack = [expr]
    while stack:
        for node in walk(stack.pop()):
            if isinstance(node, Sum):
                stack.extend((node.index.lower, node.index.upper))
            elif isinstance(node, Index):
                stack.extend((node.lower, node.upper))
            elif isinstance(node, Read) and node.tensor.key not in found:
                found[node.tensor.key] = node.tensor
                stack.extend(axis.upper for axis in node.tensor.axes)
    return tuple(found.values())


def sizes_of(exprs: Sequence[Expr], definitions: Definitions) -> dict[str, int]:
    """The sizes by name, each with the least that it may be."""
    found = tensors_of(exprs, definitions).items()
    return {key: t.domain.lower for key, t in found if isinstance(t.domain, Integers)}


def inputs_of(exprs: Sequence[Expr], definitions: Definitions) -> list[Tensor]:
    return [t for t in tensors_of(exprs, definitions).values() if not isinstance(t.domain, Integers)]


def small_sizes(least: Mapping[str, int], largest: int = 4) -> Iterator[dict[str, int]]:
    """All sizes from the least ones up to `largest`, the smallest total first."""
    room = [largest - start for start in least.values()]
    for extra in range(sum(room) + 1):
        for more in _shared_out(extra, room):
            yield {name: start + own for (name, start), own in zip(least.items(), more, strict=True)}


def _shared_out(total: int, room: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All ways to share out a total, no share larger than its room, in the order of the shares."""
    if not room:
        if total == 0:
            yield ()
        return
    for first in range(max(0, total - sum(room[1:])), min(total, room[0]) + 1):
        for rest in _shared_out(total - first, room[1:]):
            yield (first, *rest)


class SmallPoints:
    """Small points for all that some expressions depend on: whole numbers, or logarithms of such where exp is taken of
    them (every other attempt); the scalar under a root is then chosen so that the root is rational."""

    def __init__(self, exprs: Sequence[Expr], definitions: Definitions, assuming: Sequence[Assumption] = ()) -> None:
        self.definitions, self.assuming = definitions, assuming
        self.inputs = inputs_of(exprs, definitions)
        self.exponents = exponents_in(exprs, definitions)
        self.rounding = any(map(_rounds, exprs))
        asked = {tensor.key for tensor in self.inputs}
        roots = tunable_roots(exprs, definitions)  # those among definitions may be of what is not asked about
        self.roots = [one for one in roots if asked.issuperset(t.key for t in inputs_of(one[:1], definitions))]

    def at(self, sizes: Mapping[str, int], attempt: int) -> dict[str, Entries]:
        rng = random.Random(f"{attempt}/{sorted(sizes.items())}")
        shape = Evaluator(Rationals(), {}, sizes, {})
        values: dict[str, Entries] = {}
        for tensor in self.inputs:
            numbers = self._numbers(tensor, attempt)
            values[tensor.key] = {cell: rng.choice(numbers) for cell in shape.cells(tensor.axes)}
        for assumption in self.assuming:
            meet(assumption, self.definitions, sizes, values)
        for root, scalar in self.roots:
            tune(root, scalar, self.definitions, sizes, values, attempt % 4 == 3)
        return values

    def _numbers(self, tensor: Tensor, attempt: int) -> list[LogNumber]:
        """Those that its entries are taken from."""
        reach = 2 + attempt // 4
        if attempt % 2 == 0 and tensor.key in self.exponents:
            return [LogNumbers().function("log", [whole(n)]) for n in range(1, reach + 1)]
        lowest = 1 if is_positive(tensor.domain) else 0 if isinstance(tensor.domain, NonNegative) else -reach
        numbers = [whole(n) for n in range(lowest, reach + 1) if n != 0 or tensor.axes]  # a scalar 0 hides too much
        return numbers + [number + LogNumber(fmpq(-1, 2)) for number in numbers[1:] if self.rounding]


def meet(
    assumption: Assumption, definitions: Definitions, sizes: Mapping[str, int], values: dict[str, Entries]
) -> None:
    """Change one entry so that a linear assumption such as sum_k t_k = 1 holds, for each value of its free indices."""
    free = {**free_indices(assumption.left), **free_indices(assumption.right)}
    shape = Evaluator(LogNumbers(), definitions, sizes, values)
    for env in shape.assignments(free):
        evaluator = Evaluator(LogNumbers(), definitions, sizes, values)
        missing = evaluator.value(assumption.right, env) + evaluator.value(assumption.left, env) * whole(-1)
        for node in walk(assumption.left):
            if isinstance(node, Read) and node.tensor.key in values:
                cells = [cell for cell in values[node.tensor.key] if _reads(node, cell, env)]
                values[node.tensor.key][max(cells)] = values[node.tensor.key][max(cells)] + missing
                break
        evaluator = Evaluator(LogNumbers(), definitions, sizes, values)
        if evaluator.value(assumption.right, env) != evaluator.value(assumption.left, env):
            raise NotExactError("the assumption could not be met at this point")


def _reads(node: Read, cell: tuple[int, ...], env: Mapping[str, int]) -> bool:
    """May this reading be of that entry, once the free indices have their values?"""
    return all(
        not isinstance(index, Index) or env.get(index.name, at) == at
        for index, at in zip(node.indices, cell, strict=True)
    )


def tunable_roots(exprs: Sequence[Expr], definitions: Definitions) -> list[tuple[Expr, Tensor]]:
    """(radicand, scalar) where the radicand is a closed sum that has a free scalar input as a term: var + eps."""
    found: dict[str, tuple[Expr, Tensor]] = {}
    for body in [*exprs, *(equation.value for equation in definitions.values())]:
        for base in _radicands_in(body):
            for scalar in _free_scalars(base.terms, definitions):
                found.setdefault(scalar.key, (base, scalar))
    return list(found.values())


@lru_cache(maxsize=4096)
def _radicands_in(expr: Expr) -> tuple[Add, ...]:
    """The sums under a square root."""
    found = []
    for node in walk(expr):
        match node:
            case Pow(Add() as base, Number(exponent)) if exponent.denominator == 2:
                found.append(base)
    return tuple(found)


@lru_cache(maxsize=4096)
def has_radicals(expr: Expr) -> bool:
    """Is an even root of something that is no number taken?"""
    return any(
        isinstance(node, Pow)
        and isinstance(node.exponent, Number)
        and node.exponent.value.denominator % 2 == 0
        and not isinstance(node.base, Number)
        for node in walk(expr)
    )


def _free_scalars(terms: tuple[Expr, ...], definitions: Definitions) -> Iterator[Tensor]:
    for term in terms:
        if isinstance(term, Read) and not term.indices:
            tensor = term.tensor
            if tensor.key not in definitions and not isinstance(tensor.domain, Integers):
                yield tensor


def tune(
    radicand: Expr, scalar: Tensor, definitions: Definitions, sizes: Mapping[str, int], values: dict[str, Entries],
    not_zero: bool = False,
) -> None:  # fmt: skip
    """Choose eps = s^2 - var with the least whole s that keeps eps in its domain; now and then other than 0."""
    if scalar.key not in values:
        return
    values[scalar.key] = {(): whole(0)}
    evaluator = Evaluator(LogNumbers(), definitions, sizes, values)
    free = {node.name: 1 for node in walk(radicand) if isinstance(node, Index)}
    value = evaluator.value(radicand, free)
    if value.logs:
        raise NotExactError("the radicand is irrational at this point")
    rest = value.whole
    s = isqrt(max(0, int(rest.p) // int(rest.q)))
    while fmpq(s * s) < rest or s == 0 or ((not_zero or is_positive(scalar.domain)) and fmpq(s * s) == rest):
        s += 1
    values[scalar.key] = {(): LogNumber(fmpq(s * s) - rest)}


def exponents_in(exprs: Sequence[Expr], definitions: Definitions) -> frozenset[str]:
    """Inputs that stand under exp or a function made of it."""
    bodies = [*exprs, *(equation.value for equation in definitions.values())]
    return frozenset(tensors_of([argument for body in bodies for argument in _arguments_in(body)], definitions))


@lru_cache(maxsize=4096)
def _arguments_in(expr: Expr) -> tuple[Expr, ...]:
    functions = (node for node in walk(expr) if isinstance(node, Function) and node.name not in PLAIN)
    return tuple(argument for node in functions for argument in node.arguments)


@lru_cache(maxsize=4096)
def _rounds(expr: Expr) -> bool:
    return any(isinstance(node, Function) and node.name in ("floor", "ceil") for node in walk(expr))


def whole(value: int) -> LogNumber:
    return LogNumber(fmpq(value))
