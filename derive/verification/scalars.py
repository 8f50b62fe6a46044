"""Exact numbers and SymPy's scalar `diff`. The one place that imports SymPy for the oracles.

A number is a Fraction as long as it is rational, else a SymPy number such as sqrt(2) or log(3); floats never occur.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cmp_to_key
from random import Random
from typing import Any

import sympy

from derive.errors import UnsupportedError
from derive.language.expression import Add, Bracket, Expr, Function, Mul, Number, Pow
from derive.verification.evaluation import Scalar, UndefinedError, by_sign
from derive.verification.rationals import integer_power, rational_root

_EXPONENTIALS: Mapping[str, Callable[[Any], Any]] = {  # every other function by its exponentials
    "exp": sympy.exp,
    "tanh": lambda z: (sympy.exp(2 * z) - 1) / (sympy.exp(2 * z) + 1),
    "logistic": lambda z: 1 / (1 + sympy.exp(-z)),
    "cosh": lambda z: (sympy.exp(z) + sympy.exp(-z)) / 2,
    "sinh": lambda z: (sympy.exp(z) - sympy.exp(-z)) / 2,
}
BY_SIGN: Mapping[str, Callable[[Any], Any]] = {  # what SymPy differentiates for them
    "relu": lambda z: sympy.Max(z, 0),
    "step": lambda z: sympy.Heaviside(z, 0),
    "abs": lambda z: sympy.Max(z, -z),
}
LARGEST = 300  # nodes of an irrational number that is expanded to see whether it is 0
FACTORED_BELOW = 10**15  # logarithms of larger numbers are left whole: factoring them could take long


class ExactNumbers:
    """Real numbers with exact arithmetic; rational ones stay Fractions, which is what makes this quick."""

    def number(self, value: Fraction) -> Scalar:
        return value

    def add(self, terms: Sequence[Scalar]) -> Scalar:
        total = sum((term for term in terms if isinstance(term, Fraction)), Fraction(0))
        others = [term for term in terms if not isinstance(term, Fraction)]
        return _settle(sympy.Add(_number(total), *others)) if others else total

    def mul(self, factors: Sequence[Scalar]) -> Scalar:
        product, others = Fraction(1), []
        for factor in factors:
            if isinstance(factor, Fraction):
                product *= factor
            else:
                others.append(factor)
        return _settle(sympy.Mul(_number(product), *others)) if others else product

    def power(self, base: Scalar, exponent: Fraction) -> Scalar:
        if isinstance(base, Fraction):
            root = rational_root(base, exponent.denominator)
            if root is not None:
                return integer_power(root, exponent.numerator)
        elif exponent.denominator > 1 and self.sign(base) < 0:
            raise UndefinedError("the root of a negative number")
        return _settle(sympy.Pow(_sympy(base), _number(exponent)))

    def function(self, name: str, argument: Scalar) -> Scalar:
        if name == "log":
            return self._log(argument)
        if name in BY_SIGN:
            return by_sign(name, argument, self.sign(argument), Fraction(0), Fraction(1))
        if name not in _EXPONENTIALS:
            raise UnsupportedError(f"the unrolled program knows no function {name}")
        return _settle(_EXPONENTIALS[name](_sympy(argument)))

    def _log(self, argument: Scalar) -> Scalar:
        """log(2^a 3^b ...) = a log 2 + b log 3 + ...: logarithms of primes have no rational relation."""
        if self.sign(argument) <= 0:
            raise UndefinedError("the logarithm of a number that is not positive")
        if not isinstance(argument, Fraction) or max(argument.numerator, argument.denominator) > FACTORED_BELOW:
            return _settle(sympy.log(_sympy(argument)))
        primes = {**sympy.factorint(argument.numerator)}
        primes.update({p: -power for p, power in sympy.factorint(argument.denominator).items()})
        return self.add([_settle(power * sympy.log(p)) for p, power in primes.items()])

    def sign(self, value: Scalar) -> int:
        if isinstance(value, Fraction):
            return int(value > 0) - int(value < 0)
        if is_zero(value):
            return 0
        return 1 if value.evalf(30) > 0 else -1


class FreeNumbers(ExactNumbers):
    """Fractions, with exp(r) and log(r) of a fraction r some other fraction, the same whenever it is asked for."""

    def __init__(self, seed: str, lenient: bool = False) -> None:
        self.seed = seed
        self.lenient = lenient  # any number for an irrational root, to see what roots there are

    def function(self, name: str, argument: Scalar) -> Scalar:
        if name == "exp":
            return self._free("exp", argument) if argument > 0 else 1 / self._free("exp", -argument)
        if name == "log":
            if argument <= 0:
                raise UndefinedError("the logarithm of a number that is not positive")
            return self._free("log", argument - 1)
        if name in ("tanh", "logistic"):
            e = self.function("exp", 2 * argument if name == "tanh" else argument)
            return (e - 1) / (e + 1) if name == "tanh" else e / (e + 1)
        if name in BY_SIGN:
            return super().function(name, argument)
        raise UnsupportedError(f"no free value of {name}")

    def power(self, base: Scalar, exponent: Fraction) -> Scalar:
        if rational_root(base, exponent.denominator) is None:
            if self.lenient:
                return Fraction(1)
            raise UndefinedError("an irrational root")
        return super().power(base, exponent)

    def _free(self, name: str, argument: Fraction) -> Fraction:
        if argument == 0:
            return Fraction(name == "exp")
        random = Random(f"{self.seed}/{name}/{argument}")
        return Fraction(random.randint(20, 99), random.randint(2, 19))


def _number(value: Fraction) -> Any:
    return sympy.Rational(value.numerator, value.denominator)


def _sympy(value: Scalar) -> Any:
    return _number(value) if isinstance(value, Fraction) else value


def _settle(value: Any) -> Scalar:
    if value.is_Rational:
        return Fraction(int(value.p), int(value.q))
    if value.is_finite is False or value.is_real is False:
        raise UndefinedError("a result that is not a real number")
    return value


def is_zero(value: Scalar) -> bool | None:
    """Whether an exact number is 0. No, if an enclosure excludes it; yes, if its numerator expands to 0; else None."""
    if isinstance(value, Fraction):
        return value == 0
    enclosed = value.evalf(30)
    if enclosed.is_comparable and abs(enclosed) > 1e-20:
        return False
    if sum(1 for _ in sympy.preorder_traversal(value)) > LARGEST:
        return None
    numerator, _ = sympy.fraction(sympy.together(value))
    return True if sympy.expand(numerator) == 0 else None


class Cell:
    """One scalar formula between sums: its leaves (reads, sums, brackets) are symbols, and SymPy differentiates it.

    A product with a bracket is a leaf of what it stands in, since where the bracket is false the rest need not exist.
    """

    def __init__(self, expr: Expr) -> None:
        self._symbols: dict[Expr, Any] = {}
        self._formula = self._compound(expr)
        self._derivatives: dict[Expr, Any] = {}

    @property
    def leaves(self) -> tuple[Expr, ...]:
        return tuple(self._symbols)

    def partial(self, leaf: Expr, at: Mapping[Expr, Scalar], arithmetic: ExactNumbers) -> Scalar:
        """The derivative by one leaf, at exact values of the leaves."""
        if leaf not in self._derivatives:
            self._derivatives[leaf] = sympy.diff(self._formula, self._symbols[leaf])
        numbers = {symbol: at[leaf] for leaf, symbol in self._symbols.items()}
        return _evaluate(self._derivatives[leaf], numbers, arithmetic)

    def _build(self, expr: Expr) -> Any:
        return self._leaf(expr) if is_guarded(expr) else self._compound(expr)

    def _leaf(self, expr: Expr) -> Any:
        return self._symbols.setdefault(expr, sympy.Symbol(f"s{len(self._symbols)}", finite=True))

    def _compound(self, expr: Expr) -> Any:
        match expr:
            case Number(value):
                return _number(value)
            case Add(terms):
                return sympy.Add(*map(self._build, terms))
            case Mul(factors):
                return sympy.Mul(*map(self._build, factors))
            case Pow(base, exponent):
                return sympy.Pow(self._build(base), self._build(exponent))
            case Function("log", (argument,)):
                return sympy.log(self._build(argument))
            case Function(name, (argument,)) if name in BY_SIGN:
                return BY_SIGN[name](self._build(argument))
            case Function(name, (argument,)) if name in _EXPONENTIALS:
                return _EXPONENTIALS[name](self._build(argument))
            case Function(name):
                raise UnsupportedError(f"the unrolled program knows no function {name}")
        return self._leaf(expr)


def _minus(arithmetic: ExactNumbers, one: Scalar, other: Scalar) -> Scalar:
    return arithmetic.add([one, arithmetic.mul([Fraction(-1), other])])


def is_guarded(expr: Expr) -> bool:
    return isinstance(expr, Mul) and any(isinstance(factor, Bracket) for factor in expr.factors)


def _evaluate(formula: Any, numbers: Mapping[Any, Scalar], arithmetic: ExactNumbers) -> Scalar:
    """The exact value of a SymPy formula; `subs` would give the same, many times slower."""
    if formula.is_Symbol:
        return numbers[formula]
    if formula.is_Rational:
        return Fraction(int(formula.p), int(formula.q))
    values = [_evaluate(part, numbers, arithmetic) for part in formula.args]
    if formula.is_Add:
        return arithmetic.add(values)
    if formula.is_Mul:
        return arithmetic.mul(values)
    if formula.is_Pow and isinstance(values[1], Fraction) and not isinstance(formula, sympy.exp):
        return arithmetic.power(values[0], values[1])
    if isinstance(formula, sympy.exp | sympy.log):
        return arithmetic.function("exp" if isinstance(formula, sympy.exp) else "log", values[0])
    if isinstance(formula, sympy.Max):
        return max(values, key=cmp_to_key(lambda one, other: arithmetic.sign(_minus(arithmetic, one, other))))
    if isinstance(formula, sympy.Heaviside | sympy.DiracDelta):
        sign = arithmetic.sign(values[0])
        return by_sign("step", values[0], sign, Fraction(0), Fraction(isinstance(formula, sympy.Heaviside)))
    if formula.is_Pow:
        rate = arithmetic.mul([values[1], arithmetic.function("log", values[0])])
        return arithmetic.function("exp", rate)
    raise UnsupportedError(f"no exact value of {type(formula).__name__}")
