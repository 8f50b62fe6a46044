"""The value of an expression at one point, in whatever numbers an oracle computes with.

Every sum is written out term by term, so nothing here knows an identity about sums, deltas or derivatives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import Any, Protocol, TypeAlias

from derive.errors import UnsupportedError
from derive.language.derivation import Claim
from derive.language.expression import Add, Bracket, Direct, Expr, Function, Index, Mul, Number, Pow, Read, Sum
from derive.language.matrices import Component
from derive.language.problem import free_of
from derive.language.program import show_read

Scalar: TypeAlias = Any  # a Fraction, an mpf, a torch tensor, ...: whatever the oracle's arithmetic makes
Entry: TypeAlias = tuple[int, ...]
Scope: TypeAlias = Mapping[str, int]
Affine: TypeAlias = tuple[int, tuple[tuple[str, int], ...]]  # a constant, and the coefficient of each index
Values: TypeAlias = dict[str, dict[Entry, Scalar]]  # tensor key -> entry -> value


class UndefinedError(Exception):
    """An expression has no real value at this point; another point may do."""


class Arithmetic(Protocol):
    """The numbers of an oracle. Each method raises UndefinedError where the real result does not exist."""

    def number(self, value: Fraction) -> Scalar: ...
    def add(self, terms: Sequence[Scalar]) -> Scalar: ...
    def mul(self, factors: Sequence[Scalar]) -> Scalar: ...
    def power(self, base: Scalar, exponent: Fraction) -> Scalar: ...
    def function(self, name: str, argument: Scalar) -> Scalar: ...
    def sign(self, value: Scalar) -> int: ...


class Evaluator:
    """Values of expressions: `read` gives the entries of tensors, `direct` the derivatives along one edge."""

    def __init__(
        self,
        arithmetic: Arithmetic,
        sizes: Mapping[str, int],
        read: Callable[[Read, Entry], Scalar],
        direct: Callable[[Direct, Entry, Entry], Scalar] | None = None,
    ) -> None:
        self.arithmetic, self.sizes, self.read, self.direct = arithmetic, sizes, read, direct
        self._affine: dict[Expr, Affine | None] = {}

    def reading(self, read: Callable[[Read, Entry], Scalar]) -> Evaluator:
        """The same sizes and numbers, but the entries of tensors from elsewhere."""
        other = Evaluator(self.arithmetic, self.sizes, read, self.direct)
        other._affine = self._affine
        return other

    def value(self, expr: Expr, scope: Scope) -> Scalar:
        match expr:
            case Number(value):
                return self.arithmetic.number(value)
            case Read():
                return self._read(expr, scope)
            case Add(terms):
                return self.arithmetic.add([self.value(term, scope) for term in terms])
            case Mul():
                return self._product(expr, scope)
            case Pow():
                return self._power(expr, scope)
            case Sum(index, body):
                scopes = [{**scope, index.name: k} for k in self.span(index, scope)]
                return self.arithmetic.add([self.value(body, inner) for inner in scopes])
            case Function(name, (argument,)) if name.endswith("'"):
                return self._slope(name, self.value(argument, scope))
            case Function(name, (argument,)):
                return self.arithmetic.function(name, self.value(argument, scope))
            case Bracket():
                return self.arithmetic.number(Fraction(self.holds(expr, scope)))
            case Index(name):
                return self.arithmetic.number(Fraction(scope[name]))
            case Direct(of, by) if self.direct is not None:
                return self.direct(expr, self.entry(of, scope), self.entry(by, scope))
            case Component():
                from derive.verification.products import component

                return component(self, expr, scope)
        raise UnsupportedError(f"no oracle evaluates {type(expr).__name__} here")

    def _slope(self, name: str, argument: Scalar) -> Scalar:
        """sigma'(z) = 1 / ((1 + e^z) (1 + e^-z)) and tanh'(z) = 4 / (e^z + e^-z)^2, from exponentials alone."""
        numbers = self.arithmetic
        growing = numbers.function("exp", argument)
        fading = numbers.power(growing, Fraction(-1))
        one, minus_two = numbers.number(Fraction(1)), Fraction(-2)
        match name:
            case "logistic'":
                product = numbers.mul([numbers.add([one, growing]), numbers.add([one, fading])])
                return numbers.power(product, Fraction(-1))
            case "tanh'":
                return numbers.mul(
                    [numbers.number(Fraction(4)), numbers.power(numbers.add([growing, fading]), minus_two)]
                )
        raise UnsupportedError(f"no oracle knows {name}")

    def _read(self, node: Read, scope: Scope) -> Scalar:
        key = node.tensor.key
        if key in self.sizes:
            return self.arithmetic.number(Fraction(self.sizes[key]))
        return self.read(node, self.entry(node, scope))

    def _product(self, node: Mul, scope: Scope) -> Scalar:
        if self.vanishes(node, scope):
            return self.arithmetic.number(Fraction(0))
        return self.arithmetic.mul([self.value(factor, scope) for factor in node.factors])

    def vanishes(self, node: Mul, scope: Scope) -> bool:
        """A false bracket makes its product 0, even where another factor reads outside its tensor."""
        return any(isinstance(factor, Bracket) and not self.holds(factor, scope) for factor in node.factors)

    def _power(self, node: Pow, scope: Scope) -> Scalar:
        base, exponent = self.value(node.base, scope), self.exact(node.exponent, scope)
        if exponent is not None:
            return self.arithmetic.power(base, exponent)
        rate = self.arithmetic.function("log", base)
        product = self.arithmetic.mul([self.value(node.exponent, scope), rate])
        return self.arithmetic.function("exp", product)

    def holds(self, node: Bracket, scope: Scope) -> bool:
        first, second = self._whole(node.left, scope), self._whole(node.right, scope)
        if first is not None and second is not None and node.relation != "divides":
            return _compare(node.relation, (first > second) - (first < second))
        left, right = self.exact(node.left, scope), self.exact(node.right, scope)
        if left is None or right is None:
            return self._holds_between_reals(node, scope)
        if node.relation == "divides":
            return left != 0 and (right / left).denominator == 1
        return _compare(node.relation, (left > right) - (left < right))

    def _holds_between_reals(self, node: Bracket, scope: Scope) -> bool:
        """A bracket on values is differentiated as a constant, so a point on its edge is no point of it."""
        negated = self.arithmetic.mul([self.arithmetic.number(Fraction(-1)), self.value(node.right, scope)])
        sign = self.arithmetic.sign(self.arithmetic.add([self.value(node.left, scope), negated]))
        if sign == 0 or node.relation == "divides":
            raise UndefinedError(f"[{node.relation}] stands on its edge")
        return _compare(node.relation, sign)

    def exact(self, expr: Expr, scope: Scope) -> Fraction | None:
        """The rational value of an expression in indices, sizes and numbers; None when it holds anything else."""
        match expr:
            case Number(value):
                return value
            case Index(name):
                return Fraction(scope[name])
            case Read(tensor) if tensor.key in self.sizes:
                return Fraction(self.sizes[tensor.key])
            case Add(parts) | Mul(parts):
                values = [self.exact(part, scope) for part in parts]
                known = [value for value in values if value is not None]
                return None if len(known) < len(values) else _fold(isinstance(expr, Add), known)
            case Pow(base, exponent):
                b, e = self.exact(base, scope), self.exact(exponent, scope)
                if b is None or e is None or e.denominator != 1 or (b == 0 and e < 0):
                    return None
                return b ** int(e)
        return None

    def _whole(self, expr: Expr, scope: Scope) -> int | None:
        """The value of a sum of indices times whole numbers at these sizes: nearly all subscripts are such."""
        if isinstance(expr, Index):
            return scope[expr.name]
        if expr not in self._affine:
            self._affine[expr] = _affine(expr, self.sizes)
        form = self._affine[expr]
        return None if form is None else form[0] + sum(c * scope[name] for name, c in form[1])

    def integer(self, expr: Expr, scope: Scope) -> int:
        whole = self._whole(expr, scope)
        if whole is not None:
            return whole
        value = self.exact(expr, scope)
        if value is None or value.denominator != 1:
            raise UnsupportedError("an index or the bound of a range is not an integer of the sizes")
        return int(value)

    def entry(self, node: Read, scope: Scope) -> Entry:
        return tuple(self.integer(index, scope) for index in node.indices)

    def span(self, index: Index, scope: Scope) -> range:
        return range(self.integer(index.lower, scope), self.integer(index.upper, scope) + 1)

    def assignments(self, indices: Sequence[Index], scope: Scope | None = None) -> Iterator[dict[str, int]]:
        """Every value of the indices together, the last one fastest."""
        scope = dict(scope or {})
        if not indices:
            yield scope
            return
        for k in self.span(indices[0], scope):
            yield from self.assignments(indices[1:], {**scope, indices[0].name: k})


def by_sign(name: str, argument: Scalar, sign: int, zero: Scalar, one: Scalar) -> Scalar:
    """relu, step and abs away from their kink, where they have a derivative; the kink is no point of an oracle."""
    if sign == 0:
        raise UndefinedError(f"{name} stands on its kink")
    if name == "step":
        return one if sign > 0 else zero
    return argument if sign > 0 else -argument if name == "abs" else zero


def entry_of(values: Values, node: Read, entry: Entry) -> Scalar:
    try:
        return values[node.tensor.key][entry]
    except KeyError:
        raise UnsupportedError(f"{show_read(node)} has no entry {list(entry)}") from None


def free_of_claim(claim: Claim) -> tuple[Index, ...]:
    return tuple(free_of(claim.left, claim.right).values())


def _affine(expr: Expr, sizes: Mapping[str, int]) -> Affine | None:
    """An expression in indices once the sizes are known; None where it is not affine over the whole numbers."""
    match expr:
        case Index(name):
            return 0, ((name, 1),)
        case Number(value) if value.denominator == 1:
            return value.numerator, ()
        case Read(tensor) if tensor.key in sizes:
            return sizes[tensor.key], ()
        case Add(parts) | Mul(parts):
            forms = [form for part in parts if (form := _affine(part, sizes)) is not None]
            if len(forms) < len(parts):
                return None
            return _sum_of(forms) if isinstance(expr, Add) else _product_of(forms)
    return None


def _sum_of(forms: Sequence[Affine]) -> Affine:
    return sum(form[0] for form in forms), tuple(term for form in forms for term in form[1])


def _product_of(forms: Sequence[Affine]) -> Affine | None:
    scale = prod(form[0] for form in forms if not form[1])
    varying = [form for form in forms if form[1]]
    if len(varying) > 1:
        return None
    constant, terms = varying[0] if varying else (1, ())
    return constant * scale, tuple((name, c * scale) for name, c in terms)


def _fold(sums: bool, values: Sequence[Fraction]) -> Fraction:
    result = Fraction(0 if sums else 1)
    for value in values:
        result = result + value if sums else result * value
    return result


def _compare(relation: str, sign: int) -> bool:
    return {"=": sign == 0, "!=": sign != 0, "<": sign < 0, "<=": sign <= 0}[relation]
