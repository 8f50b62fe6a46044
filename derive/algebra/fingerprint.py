"""Evaluation modulo a 61-bit prime: tens of microseconds that almost surely tell two expressions apart.

The prime p = 2 q + 1 is a safe one (q is prime), the largest below 2^61. That makes radicals and exponentials
consistent, which an arbitrary prime does not: "positive" means "a square modulo p", the squares are closed under
products and form a group of prime order q, so each has exactly one square root that is itself a square, and
exp(z) = g^z with z taken modulo q is a homomorphism. A difference here is a difference of the expressions unless a
law of the reals beyond these was needed, so it is always confirmed by a witness before it becomes a verdict.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice
from typing import TypeVar

from msgspec import Struct

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


class Residue(Struct, frozen=True):
    """A value modulo P, and its twin modulo Q, which is what exponents see; a root or an exp has no twin."""

    value: int
    twin: int | None

    def __add__(self, other: Residue) -> Residue:
        twin = None if self.twin is None or other.twin is None else (self.twin + other.twin) % Q
        return Residue((self.value + other.value) % P, twin)

    def __mul__(self, other: Residue) -> Residue:
        twin = None if self.twin is None or other.twin is None else self.twin * other.twin % Q
        return Residue(self.value * other.value % P, twin)


class Residues:
    """Arithmetic modulo P (and Q for exponents)."""

    def number(self, value: Fraction) -> Residue:
        return Residue(
            value.numerator * pow(value.denominator, -1, P) % P, value.numerator * pow(value.denominator, -1, Q) % Q
        )

    def power(self, base: Residue, exponent: Fraction) -> Residue:
        twin = None
        if exponent.denominator == 1 and base.twin is not None:
            twin = _power(base.twin, exponent, Q)
        return Residue(_power(base.value, exponent, P), twin)

    def function(self, name: str, arguments: list[Residue]) -> Residue:
        one = Residue(1, 1)
        match name:
            case "exp":
                if arguments[0].twin is None:
                    raise UnsupportedError("exp of a root or of another exp has no value modulo a prime")
                return Residue(pow(GENERATOR, arguments[0].twin, P), None)
            case "logistic":
                e = self.function("exp", arguments)
                return e * self.power(e + one, Fraction(-1))
            case "tanh":
                e = self.function("exp", [arguments[0] + arguments[0]])
                return (e + self.number(Fraction(-1))) * self.power(e + one, Fraction(-1))
            case _:
                raise UnsupportedError(f"no law for {name} modulo a prime")


def _power(base: int, exponent: Fraction, modulus: int) -> int:
    if base == 0 and exponent < 0:
        raise BadPointError
    if exponent.denominator == 1:
        return pow(base, int(exponent), modulus)
    if exponent.denominator % 2 == 0 and pow(base, Q, P) != 1:
        raise BadPointError
    # roots are taken in the squares, a group of order Q; an odd root of any residue likewise in the group of order 2 Q
    order = Q if exponent.denominator % 2 == 0 else 2 * Q
    return pow(pow(base, pow(exponent.denominator, -1, order), P), exponent.numerator, P)


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
            inputs = {t.key: random_entries(t, sizes, rng) for t in inputs_of((shape, expr), definitions)}
            evaluator = Evaluator(Residues(), definitions, sizes, inputs, budget)
            free = {**free_indices(shape), **free_indices(expr)}
            return taken(evaluator.value(expr, env).value for env in evaluator.assignments(free))
        except (BadPointError, ZeroDivisionError):
            continue
        except (UnsupportedError, BudgetError, ArithmeticError):
            return None
    return None


def random_entries(tensor: Tensor, sizes: dict[str, int], rng: random.Random) -> Entries:
    """A residue for every entry; a square where the tensor is positive."""
    shape = Evaluator(Residues(), {}, sizes, {})
    positive = is_positive(tensor.domain)
    table: Entries = {}
    for where in shape.assignments({axis.name: axis for axis in tensor.axes}):
        value = rng.randrange(2, P)
        table[tuple(where.values())] = Residue(value * value % P if positive else value, rng.randrange(2, Q))
    return table


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
