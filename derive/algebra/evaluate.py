"""One evaluator of expressions at a concrete point, over several exact or enclosing arithmetics."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any, Protocol, TypeAlias

from flint import arb, fmpq

from derive.algebra.binding import Definitions
from derive.errors import BudgetError, UnsupportedError
from derive.language.constant import Constant
from derive.language.expression import Add, Bracket, Expr, Function, Index, Mul, Number, Pow, Read, Sum
from derive.language.tensor import Tensor

MAX_BITS = 1_000_000  # of a power
MAX_FACTORIAL = 60
Entries: TypeAlias = "dict[tuple[int, ...], Any]"
Monomial: TypeAlias = "tuple[int, tuple[str, ...], tuple[str, ...]]"  # a number times sizes times indices
TERMS = 64  # of a subscript that is multiplied out
CELLS = 200_000  # entries of an array that are worked out one by one


class NotExactError(ArithmeticError):
    """The value is irrational, so exact rationals cannot hold it."""


class Arithmetic(Protocol):
    """What an evaluation needs of its numbers."""

    def number(self, value: Fraction) -> Any: ...
    def power(self, base: Any, exponent: Fraction) -> Any: ...
    def function(self, name: str, arguments: list[Any]) -> Any: ...


@dataclass(slots=True)
class Evaluator:
    """Values of expressions at one point: sizes, and the entries of every input tensor."""

    arithmetic: Arithmetic
    definitions: Definitions
    sizes: Mapping[str, int]
    inputs: Mapping[str, Entries]
    budget: int = 500_000
    _memo: dict[tuple[str, tuple[int, ...]], Any] = field(default_factory=dict)

    def value(self, expr: Expr, env: Mapping[str, int]) -> Any:
        self.budget -= 1
        if self.budget < 0:
            raise BudgetError("the evaluation ran past its budget")
        match expr:
            case Number(value):
                return self.arithmetic.number(value)
            case Index(name):
                return self.arithmetic.number(Fraction(env[name]))
            case Read(tensor, indices):
                return self.entry(tensor, tuple(self.integer(index, env) for index in indices))
            case Add(terms):
                total = self.value(terms[0], env)
                for part in terms[1:]:
                    total = total + self.value(part, env)
                return total
            case Mul(factors):
                for factor in factors:  # a false bracket makes the product 0, even past the edge of a tensor
                    if isinstance(factor, Bracket) and not self.holds(factor, env):
                        return self.arithmetic.number(Fraction(0))
                result = self.value(factors[0], env)
                for factor in factors[1:]:
                    result = result * self.value(factor, env)
                return result
            case Pow(base, Number(exponent)):
                return self.arithmetic.power(self.value(base, env), exponent)
            case Pow(base, exponent):
                return self.arithmetic.function("pow", [self.value(base, env), self.value(exponent, env)])
            case Sum(index, body):
                total = self.arithmetic.number(Fraction(0))
                for k in self.range(index, env):
                    total = total + self.value(body, {**env, index.name: k})
                return total
            case Function("prod", (Sum(index, body),)):
                result = self.arithmetic.number(Fraction(1))
                for k in self.range(index, env):
                    result = result * self.value(body, {**env, index.name: k})
                return result
            case Function(name, arguments):
                return self.arithmetic.function(name, [self.value(a, env) for a in arguments])
            case Bracket():
                return self.arithmetic.number(Fraction(self.holds(expr, env)))
            case Constant(name):
                return self.arithmetic.function(name, [])
            case _:
                raise UnsupportedError(f"{type(expr).__name__} has no value at a point")

    def entry(self, tensor: Tensor, where: tuple[int, ...]) -> Any:
        if not where and tensor.key in self.sizes:
            return self.arithmetic.number(Fraction(self.sizes[tensor.key]))
        key = (tensor.key, where)
        if key not in self._memo:
            definition = self.definitions.get(tensor.key)
            if definition is None:
                table = self.inputs.get(tensor.key)
                if table is None:
                    raise UnsupportedError(f"{tensor.key} has no value here")
                if where not in table:
                    raise UnsupportedError(f"{tensor.key}[{', '.join(map(str, where))}] lies outside its axes")
                self._memo[key] = table[where]
            else:
                env = {index.name: k for index, k in zip(definition.indices, where, strict=True)}
                try:
                    self._memo[key] = self.value(definition.value, env)
                except NotExactError as error:
                    self._memo[key] = error  # so that what is made of it fails at once
        found = self._memo[key]
        if isinstance(found, NotExactError):
            raise found
        return found

    def range(self, index: Index, env: Mapping[str, int]) -> range:
        return range(self.integer(index.lower, env), self.integer(index.upper, env) + 1)

    def integer(self, expr: Expr, env: Mapping[str, int]) -> int:
        """The value of an index expression; sizes and indices only."""
        whole = self._whole(expr, env)
        if whole is not None:
            return whole
        value = Evaluator(Rationals(), {}, self.sizes, {}).value(expr, env)
        if value.q != 1:
            raise UnsupportedError("an index expression is not a whole number here")
        return int(value.p)

    def _whole(self, expr: Expr, env: Mapping[str, int]) -> int | None:
        """The value of a polynomial in sizes and indices, as nearly all subscripts are."""
        if isinstance(expr, Index):
            return env[expr.name]
        terms = _monomials(expr)
        if terms is None:
            return None
        total = 0
        for value, sizes, indices in terms:
            for key in sizes:
                if key not in self.sizes:
                    return None
                value *= self.sizes[key]
            for name in indices:
                value *= env[name]
            total += value
        return total

    def holds(self, bracket: Bracket, env: Mapping[str, int]) -> bool:
        left, right = self.integer(bracket.left, env), self.integer(bracket.right, env)
        match bracket.relation:
            case "=":
                return left == right
            case "!=":
                return left != right
            case "<":
                return left < right
            case "<=":
                return left <= right
            case "divides":
                return right % left == 0

    def assignments(self, indices: Mapping[str, Index]) -> Iterator[dict[str, int]]:
        """Every value of the free indices at these sizes.

        Raises BudgetError where there are more than CELLS of them.
        """
        names = list(indices)
        ranges = [self.range(indices[name], {}) for name in names]
        if prod(max(0, one.stop - one.start) for one in ranges) > CELLS:
            raise BudgetError(f"there are more than {CELLS:,} entries to work out")
        for values in product(*ranges):
            yield dict(zip(names, values, strict=True))


@lru_cache(maxsize=8192)
def _monomials(expr: Expr) -> tuple[Monomial, ...] | None:
    """A polynomial over the whole numbers, multiplied out; None for anything else."""
    match expr:
        case Index(name):
            return ((1, (), (name,)),)
        case Number(value) if value.denominator == 1:
            return ((value.numerator, (), ()),)
        case Read(tensor, ()):
            return ((1, (tensor.key,), ()),)
        case Add(parts) | Mul(parts):
            found = [terms for part in parts if (terms := _monomials(part)) is not None]
            if len(found) < len(parts):
                return None
            if isinstance(expr, Add):
                return tuple(term for terms in found for term in terms)
            if prod(map(len, found)) > TERMS:
                return None  # quicker as it is than multiplied out
            return tuple(_product(factors) for factors in product(*found))
    return None


def _product(factors: tuple[Monomial, ...]) -> Monomial:
    sizes = tuple(key for _, keys, _ in factors for key in keys)
    return prod(value for value, _, _ in factors), sizes, tuple(name for _, _, names in factors for name in names)


class Rationals:
    """Exact rationals; a root must be rational or NotExactError is raised."""

    def number(self, value: Fraction) -> fmpq:
        return fmpq(value.numerator, value.denominator)

    def power(self, base: fmpq, exponent: Fraction) -> fmpq:
        if exponent.denominator != 1:
            base = exact_root(base, exponent.denominator)
        if base == 0 and exponent < 0:
            raise ZeroDivisionError("division by zero")
        bits = int(base.p).bit_length() + int(base.q).bit_length()
        if abs(exponent.numerator) > 4096 or bits * abs(exponent.numerator) > MAX_BITS:
            raise BudgetError("the power is too large to carry out")
        return base**exponent.numerator

    def function(self, name: str, arguments: list[fmpq]) -> fmpq:
        if name in ("exp", "tanh", "sinh", "cosh", "sin", "cos") and arguments[0] == 0:
            return fmpq(int(name in ("exp", "cosh", "cos")))
        if name == "log" and arguments[0] == 1:
            return fmpq(0)
        if name == "abs":
            return abs(arguments[0])
        if name in ("relu", "step"):
            positive = arguments[0] > 0
            return fmpq(int(positive)) if name == "step" else arguments[0] if positive else fmpq(0)
        if name in ("floor", "ceil"):
            return fmpq(arguments[0].floor() if name == "floor" else arguments[0].ceil())
        if name in ("max", "min"):
            return max(arguments) if name == "max" else min(arguments)
        if name == "pow":
            return self.power(arguments[0], Fraction(int(arguments[1].p), int(arguments[1].q)))
        if name in ("factorial", "binomial"):
            return counted(name, arguments)
        raise NotExactError(name)


def counted(name: str, arguments: list[fmpq]) -> fmpq:
    """n!, or n over k, of whole numbers that are not large."""
    if any(one.q != 1 or not 0 <= one <= MAX_FACTORIAL for one in arguments):
        raise NotExactError(name)
    numbers = [int(one) for one in arguments]
    return fmpq(math.factorial(*numbers) if name == "factorial" else math.comb(*numbers))


def exact_root(value: fmpq, degree: int) -> fmpq:
    if value < 0 and degree % 2:
        return -exact_root(-value, degree)
    if value < 0:
        raise NotExactError("a root of a negative number")
    root = fmpq(value.p.root(degree), value.q.root(degree))
    if root**degree != value:
        raise NotExactError("the root is irrational")
    return root


class Balls:
    """Real enclosures (midpoint and radius), so that a difference that excludes zero is a proof."""

    @staticmethod
    def _method(value: arb, name: str, *others: arb) -> arb:
        found: arb = getattr(value, name)(*others)
        return found

    def number(self, value: Fraction) -> arb:
        return arb(value.numerator) / arb(value.denominator)

    def power(self, base: arb, exponent: Fraction) -> arb:
        if exponent.denominator == 1:
            return base ** int(exponent)
        if exponent.denominator % 2 and base < 0:
            magnitude = self.power(-base, exponent)
            return -magnitude if exponent.numerator % 2 else magnitude
        return base ** (arb(exponent.numerator) / arb(exponent.denominator))

    def function(self, name: str, arguments: list[arb]) -> arb:
        if name == "pi":
            return arb.pi()
        if not arguments:
            raise UnsupportedError(f"{name} has no value")
        z = arguments[0]
        match name:
            case "exp" | "log" | "tanh" | "sinh" | "cosh" | "sin" | "cos" | "floor" | "ceil":
                return self._method(z, name)
            case "max" | "min":
                return self._method(z, name, arguments[1])
            case "pow":
                return z ** arguments[1]
            case "logistic":
                return 1 / (1 + (-z).exp())
            case "relu":
                return z.max(arb(0))
            case "abs":
                return abs(z)
            case "step" if z > 0 or z <= 0:
                return arb(int(z > 0))
            case "step":
                return arb("nan")
            case _:
                raise UnsupportedError(f"no numeric rule for {name}")
