"""Evaluation modulo a 61-bit prime: tens of microseconds that almost surely tell two expressions apart.

The prime p = 2 q + 1 is a safe one (q is prime), the largest below 2^61. That makes radicals and exponentials
consistent, which an arbitrary prime does not: "positive" means "a square modulo p", the squares are closed under
products and form a group of prime order q, so each has exactly one square root that is itself a square, and
exp(z) = g^z with z taken modulo q is a homomorphism. A difference here is a difference of the expressions unless a
law of the reals beyond these was needed, so it is always confirmed by a witness before it becomes a verdict.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from typing import TypeVar

from flint import nmod

from derive.algebra.binding import Definitions
from derive.algebra.evaluate import Entries, Evaluator
from derive.algebra.points import inputs_of, sizes_of
from derive.errors import BudgetError, UnsupportedError
from derive.language.domain import is_positive
from derive.language.expression import Expr, free_indices
from derive.language.tensor import Tensor

T = TypeVar("T")
P = 2**61 - 2373
Q = (P - 1) // 2
STEPS = 500_000  # of evaluation
GENERATOR = 4  # a square, so of order Q


class BadPointError(ArithmeticError):
    """A root does not exist at this point; another one must be drawn."""


class Residues:
    """Arithmetic modulo P."""

    def number(self, value: Fraction) -> nmod:
        return nmod(value.numerator, P) / nmod(value.denominator, P)

    def power(self, base: nmod, exponent: Fraction) -> nmod:
        if not base and exponent < 0:
            raise BadPointError
        if exponent.denominator == 1:
            return base**exponent.numerator
        if exponent.denominator % 2 == 0 and int(base**Q) != 1:
            raise BadPointError
        return base ** _root(exponent.numerator, exponent.denominator)

    def function(self, name: str, arguments: list[nmod]) -> nmod:
        match name:
            case "exp":
                return nmod(GENERATOR, P) ** int(arguments[0])
            case "logistic":
                e = self.function("exp", arguments)
                return e * self.power(e + 1, Fraction(-1))
            case "tanh":
                e = self.function("exp", [arguments[0] * 2])
                return (e - 1) * self.power(e + 1, Fraction(-1))
            case _:
                raise UnsupportedError(f"no law for {name} modulo a prime")


@lru_cache(maxsize=1024)
def _root(numerator: int, denominator: int) -> int:
    """The exponent that takes the root: in the squares, a group of order Q, for even roots; else among all residues."""
    order = Q if denominator % 2 == 0 else 2 * Q
    return numerator * pow(denominator, -1, order) % order


class Exponents:
    """Arithmetic modulo Q, as the arguments of functions are taken: a root or an exp has no value there."""

    def number(self, value: Fraction) -> nmod:
        return nmod(value.numerator, Q) / nmod(value.denominator, Q)

    def power(self, base: nmod, exponent: Fraction) -> nmod:
        if exponent.denominator != 1:
            raise UnsupportedError("exp of a root has no value modulo a prime")
        if not base and exponent < 0:
            raise BadPointError
        return base**exponent.numerator

    def function(self, name: str, arguments: list[nmod]) -> nmod:
        raise UnsupportedError(f"exp of {name} has no value modulo a prime")


def fingerprint(
    expr: Expr, definitions: Definitions, seed: int, indices: Expr | None = None, budget: int = STEPS
) -> tuple[int, ...] | None:
    """The values of an expression for every value of its free indices at a seeded random point.

    None when the expression has no meaning modulo a prime, or no good point was found.
    """
    return _at_point(expr, definitions, seed, indices, budget, tuple)


def _at_point(
    expr: Expr, definitions: Definitions, seed: int, indices: Expr | None, budget: int,
    taken: Callable[[Iterator[int]], T],
) -> T | None:  # fmt: skip
    """What is taken of the values, one after another as they are worked out."""
    shape = indices if indices is not None else expr
    for attempt in range(40):
        rng = random.Random(f"{seed}/{attempt}")
        sizes = {key: rng.randint(2, 3) for key in sizes_of((shape, expr), definitions)}
        try:
            evaluator = random_point(inputs_of((shape, expr), definitions), definitions, sizes, rng, budget)
            free = {**free_indices(shape), **free_indices(expr)}
            return taken(int(evaluator.value(expr, env)) for env in evaluator.assignments(free))
        except (BadPointError, ZeroDivisionError):
            continue
        except (UnsupportedError, BudgetError, ArithmeticError):
            return None
    return None


def random_point(
    tensors: Sequence[Tensor], definitions: Definitions, sizes: Mapping[str, int], rng: random.Random, budget: int
) -> Evaluator:
    """A point with a residue for every entry; a square where the tensor is positive."""
    shape = Evaluator(Residues(), {}, sizes, {})
    outside: dict[str, Entries] = {}
    inside: dict[str, Entries] = {}
    for tensor in tensors:
        positive = is_positive(tensor.domain)
        outside[tensor.key], inside[tensor.key] = {}, {}
        for cell in shape.assignments({axis.name: axis for axis in tensor.axes}):
            where, value = tuple(cell.values()), nmod(rng.randrange(2, P), P)
            outside[tensor.key][where] = value * value if positive else value
            inside[tensor.key][where] = nmod(rng.randrange(2, Q), Q)
    exponents = Evaluator(Exponents(), definitions, sizes, inside, budget)
    return Evaluator(Residues(), definitions, sizes, outside, budget, inside=exponents)


def is_nonzero(expr: Expr, definitions: Definitions, budget: int = STEPS, most: int | None = None) -> bool:
    """Is the expression almost surely not zero? False also when it has no fingerprint within the budget.

    `most` values of the free indices are tried at each point, all of them without it; the first that is not 0 ends it.
    """
    for seed in (1, 2):
        differs = _at_point(expr, definitions, seed, None, budget, lambda values: any(islice(values, most)))
        if differs is None:
            return False
        if differs:
            return True
    return False
