"""One evaluator of expressions at a concrete point, over several exact or enclosing arithmetics."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any, Protocol, TypeAlias

from flint import arb, fmpq

from derive.algebra.binding import Definitions
from derive.algebra.compiled import Env, Form, Monomial, Run, at_sizes, compiled, condition, whole
from derive.errors import BudgetError, UnsupportedError
from derive.language.expression import ONE, ZERO, Bracket, Expr, Index
from derive.language.program import Equation
from derive.language.tensor import Tensor

MAX_BITS = 1_000_000  # of a power
MAX_FACTORIAL = 60
Entries: TypeAlias = "dict[tuple[int, ...], Any]"
CELLS = 200_000  # entries of an array that are worked out one by one
MOST_KEPT = 50_000  # values of composite nodes at one point


class NotExactError(ArithmeticError):
    """The value is irrational, so exact rationals cannot hold it."""


class OutsideError(UnsupportedError):
    """An entry is read that the tensor does not have at these sizes; at larger ones it may."""


class _PurseError(BudgetError):
    """What the definitions give at a point costs more than is kept there."""


class Arithmetic(Protocol):
    """What an evaluation needs of its numbers."""

    def number(self, value: Fraction) -> Any: ...
    def power(self, base: Any, exponent: Fraction) -> Any: ...
    def function(self, name: str, arguments: list[Any]) -> Any: ...


@dataclass(slots=True)
class Evaluator:
    """Values of expressions at one point: sizes, and the entries of every input tensor.

    `budget` bounds the steps of the expressions that are asked for. The entries that definitions give are worked out
    once, from a purse of their own, so what an expression costs does not depend on what was asked before it. `inside`
    is the point as the arguments of functions see it, where that is in another arithmetic.
    """

    arithmetic: Arithmetic
    definitions: Definitions
    sizes: Mapping[str, int]
    inputs: Mapping[str, Entries]
    budget: int = 500_000
    purse: int = 0  # for the entries that definitions give; as much as the budget where nothing is said
    inside: Evaluator | None = None
    zero: Any = None
    one: Any = None
    entries: dict[tuple[str, tuple[int, ...]], Any] = field(default_factory=dict)
    kept: dict[Any, Any] = field(default_factory=dict)  # what composite nodes come to
    forms: dict[int, Form] = field(default_factory=dict)  # index expressions, the sizes put in
    _within: dict[Any, Any] = field(default_factory=dict)  # the same inside of definitions
    _inexact: dict[tuple[str, tuple[int, ...]], str] = field(default_factory=dict)  # entries without an exact value
    _known: dict[str, tuple[tuple[str, ...], Run]] = field(default_factory=dict)  # definitions: their indices, to run
    _shape: Evaluator | None = None  # where other index expressions are worked out
    _most: int = 0
    _defining: bool = False
    _alone: bool = False  # too many entries to be kept from one expression to the next

    def __post_init__(self) -> None:
        self.zero, self.one = self.arithmetic.number(ZERO.value), self.arithmetic.number(ONE.value)
        self.purse = self._most = self.purse or self.budget

    def value(self, expr: Expr, env: Mapping[str, int]) -> Any:
        return self.run(compiled(expr).run, env)

    def run(self, run: Run, env: Mapping[str, int]) -> Any:
        """The value of what was compiled. Raises BudgetError where definitions are nested too deeply for the stack."""
        if self._alone:
            self._empty()
        try:
            try:
                return run(self, dict(env))
            except _PurseError:
                if self._alone:
                    raise
                self._alone = True
                self._empty()
                return run(self, dict(env))
        except RecursionError:
            raise BudgetError("the definitions are nested too deeply to be worked out") from None

    def _empty(self) -> None:
        self.purse = self._most
        for table in (self.entries, self.kept, self._within, self._inexact):
            table.clear()
        if self.inside is not None:
            self.inside._empty()

    def start(self, budget: int) -> None:
        """So many steps from here on."""
        self.budget = budget
        if self.inside is not None:
            self.inside.start(budget)

    @property
    def left(self) -> int:
        """The steps that are left."""
        return self.budget if self.inside is None else min(self.budget, self.inside.left)

    def forget(self) -> None:
        """Drops what nodes came to; entries of tensors stay."""
        self.kept.clear()
        if self.inside is not None:
            self.inside.forget()

    def spend(self, steps: int) -> None:
        self.budget -= steps
        if self.budget < 0:
            raise BudgetError("the evaluation ran past its budget")

    def keep(self, key: Any, run: Run, env: Env, steps: int) -> Any:
        """What a node comes to, worked out and kept."""
        self.budget -= steps
        if self.budget < 0:
            raise BudgetError("the evaluation ran past its budget")
        found = run(self, env)
        if len(self.kept) >= MOST_KEPT:
            self.kept.clear()
        self.kept[key] = found
        return found

    def form(self, place: int, terms: tuple[Monomial, ...]) -> Form:
        """An index expression at these sizes, worked out and kept."""
        if len(self.forms) >= MOST_KEPT:
            self.forms.clear()
        found = self.forms[place] = at_sizes(terms, self.sizes)
        return found

    def entry(self, tensor: Tensor, where: tuple[int, ...]) -> Any:
        key = (tensor.key, where)
        found = self.entries.get(key)
        if found is not None:
            return found
        if key in self._inexact:
            raise NotExactError(self._inexact[key])
        definition = self.definitions.get(tensor.key)
        if not where and tensor.key in self.sizes:
            found = self.arithmetic.number(Fraction(self.sizes[tensor.key]))
        elif definition is None:
            table = self.inputs.get(tensor.key)
            if table is None:
                raise UnsupportedError(f"{tensor.key} has no value here")
            if where not in table:
                raise OutsideError(f"{tensor.key}[{', '.join(map(str, where))}] lies outside its axes")
            found = table[where]
        else:
            try:
                found = self._defined(definition, where)
            except NotExactError as error:
                self._inexact[key] = str(error)  # so that what is made of it fails at once
                raise
        self.entries[key] = found
        return found

    def _defined(self, definition: Equation, where: tuple[int, ...]) -> Any:
        """An entry by its definition, from the purse."""
        key = definition.tensor.key
        known = self._known.get(key)
        if known is None:
            names = tuple(index.name for index in definition.indices)
            known = self._known[key] = (names, compiled(definition.value).run)
        names, run = known
        env = dict(zip(names, where, strict=True))
        if self._defining:
            return run(self, env)
        budget, self.budget, self._defining = self.budget, self.purse, True
        self.kept, self._within = self._within, self.kept
        try:
            return run(self, env)
        except BudgetError:
            raise _PurseError("the definitions ran past their budget") from None
        finally:
            self.purse, self.budget, self._defining = self.budget, budget, False
            self.kept, self._within = self._within, self.kept

    def range(self, index: Index, env: Mapping[str, int]) -> range:
        return range(self.integer(index.lower, env), self.integer(index.upper, env) + 1)

    def integer(self, expr: Expr, env: Mapping[str, int]) -> int:
        """The value of an index expression; sizes and indices only."""
        return whole(expr)(self, env)

    def worked_out(self, expr: Expr, env: Mapping[str, int]) -> int:
        """The same where it is no polynomial over the whole numbers."""
        if self._shape is None:
            self._shape = Evaluator(Rationals(), {}, self.sizes, {})
        self._shape.start(self._shape.purse)
        value = self._shape.value(expr, env)
        if value.q != 1:
            raise UnsupportedError("an index expression is not a whole number here")
        return int(value.p)

    def holds(self, bracket: Bracket, env: Mapping[str, int]) -> bool:
        return condition(bracket)(self, env)

    def assignments(self, indices: Mapping[str, Index]) -> Iterator[dict[str, int]]:
        """Every value of the free indices at these sizes, by their names."""
        names = list(indices)
        for values in self.cells(indices.values()):
            yield dict(zip(names, values, strict=True))

    def cells(self, indices: Iterable[Index]) -> Iterator[tuple[int, ...]]:
        """Every value of some indices at these sizes. Raises BudgetError where there are more than CELLS of them."""
        ranges = [self.range(index, {}) for index in indices]
        if prod(map(len, ranges)) > CELLS:
            raise BudgetError(f"there are more than {CELLS:,} entries to work out")
        return product(*ranges)


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
        if name in ("exp", "tanh", "sinh", "cosh", "sin", "cos", "arcsin", "arctan") and arguments[0] == 0:
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
            return base ** int(exponent) if exponent < 0 or not base.contains(0) else self.product(base, int(exponent))
        if exponent.denominator % 2 and base < 0:
            magnitude = self.power(-base, exponent)
            return -magnitude if exponent.numerator % 2 else magnitude
        return base ** (arb(exponent.numerator) / arb(exponent.denominator))

    def product(self, base: arb, times: int) -> arb:
        """A whole power by squaring: of an enclosure of zero, such as e - e, `**` has no value."""
        found = arb(1)
        for digit in bin(times)[2:]:
            found = found * found * (base if digit == "1" else 1)
        return found

    def function(self, name: str, arguments: list[arb]) -> arb:
        if name == "pi":
            return arb.pi()
        if not arguments:
            raise UnsupportedError(f"{name} has no value")
        z = arguments[0]
        match name:
            case "exp" | "log" | "tanh" | "sinh" | "cosh" | "sin" | "cos" | "floor" | "ceil":
                return self._method(z, name)
            case "arcsin" | "arctan":
                return z.asin() if name == "arcsin" else z.atan()
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
