"""Random convolutions that PyTorch computes too, and the values of our formulas at them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from random import Random
from typing import Any

from flint import fmpq

from derive.algebra.evaluate import Evaluator, Rationals
from derive.catalogue import load
from derive.engines.derive import derive_problem
from derive.language.derivation import Derivation
from derive.language.expression import Expr
from derive.language.problem import free_of
from derive.language.tensor import Tensor

Sizes = dict[str, int]
Table = dict[tuple[int, ...], Any]


@cache
def derivation(problem: str) -> Derivation:
    return derive_problem(load(problem))


def answer(problem: str, part: str) -> Expr:
    return next(p.claim.right for p in derivation(problem).parts if p.question.id == part)


def asked(problem: str, part: str) -> Expr:
    return next(p.claim.left for p in derivation(problem).parts if p.question.id == part)


def length(n: int, k: int, s: int, p: int, q: int) -> int:
    """The number of outputs; below 1 where the kernel does not fit."""
    return (n + 2 * p - q * (k - 1) - 1) // s + 1


def sizes_1d(random: Random, s: int, p: int, q: int, channels: tuple[int, int]) -> Sizes:
    while True:
        n, k = random.randint(1, 8), random.randint(1, 4)
        t = length(n, k, s, p, q) if n + 2 * p >= q * (k - 1) + 1 else 0
        if t >= 1:
            return {"C": channels[0], "D": channels[1], "N": n, "K": k, "T": t, "s": s, "p": p, "q": q}


def sizes_2d(random: Random, s: int, p: int, q: int, channels: tuple[int, int]) -> Sizes:
    one, two = (sizes_1d(random, s, p, q, channels) for _ in range(2))
    while two["N"] > 5 or one["N"] > 5 or one["K"] > 3 or two["K"] > 3:
        one, two = (sizes_1d(random, s, p, q, channels) for _ in range(2))
    return {**one, "M": two["N"], "R": two["K"], "U": two["T"]}


def numbers(random: Random, tensor: Tensor, sizes: Sizes) -> Table:
    """A small whole number for every entry."""
    cells = Evaluator(Rationals(), {}, sizes, {}).assignments({axis.name: axis for axis in tensor.axes})
    return {tuple(cell.values()): fmpq(random.randint(-5, 5)) for cell in cells}


def point(random: Random, problem: str, sizes: Sizes) -> dict[str, Table]:
    """Numbers for the input, the kernels and the known derivative."""
    program = derivation(problem).problem.program
    tensors = {t.key: t for t in program.tensors()}
    found = {key: numbers(random, tensors[key], sizes) for key in ("x", "w")}
    return {**found, "dL/dy": numbers(random, tensors["y"], sizes)}


def values(problem: str, formula: Expr, left: Expr, sizes: Sizes, inputs: Mapping[str, Table]) -> Table:
    """Every entry of a formula, by the indices of what it answers."""
    own = derivation(problem).problem
    equations = (*own.program.equations, *own.shorthands)
    evaluator = Evaluator(Rationals(), {e.tensor.key: e for e in equations}, sizes, inputs)
    free = free_of(left)
    return {tuple(cell.values()): evaluator.value(formula, cell) for cell in evaluator.assignments(free)}


def answers(problem: str, part: str, sizes: Sizes, inputs: Mapping[str, Table]) -> Table:
    return values(problem, answer(problem, part), asked(problem, part), sizes, inputs)
