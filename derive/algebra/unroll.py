"""An expression at given sizes, in symbols: every sum written out, every condition decided, entries left as names."""

from __future__ import annotations

from collections.abc import Mapping

from derive.algebra.binding import rewrite, substitute
from derive.algebra.evaluate import Evaluator, Rationals
from derive.errors import UnsupportedError
from derive.language.domain import Integers
from derive.language.expression import (
    ONE,
    ZERO,
    Add,
    Bracket,
    Expr,
    Function,
    Index,
    Mul,
    Number,
    Pow,
    Read,
    Sum,
    add,
    expression,
    mul,
    power,
)

MOST = 24  # terms of a sum that is written out


def written_out(expr: Expr) -> Expr:
    """The expression with every sum written out whose range is given in numbers."""

    def terms(node: Expr) -> Expr | None:
        if not isinstance(node, Sum):
            return None
        match node.index.lower, node.index.upper:
            case Number(first), Number(last) if first.denominator == last.denominator == 1 and last - first < MOST:
                numbers = map(expression, range(int(first), int(last) + 1))
                return add(*(written_out(substitute(node.body, {node.index.name: k})) for k in numbers))
        return None

    return rewrite(expr, lambda node: node if _is_product(node) else terms(node))


def _is_product(node: Expr) -> bool:
    return isinstance(node, Function) and node.name == "prod"


class Unroll:
    """w_k^{ij} [1 <= t + k - 1 <= N] x_{i, t + k - 1} summed over i and k, at C = 2, N = 4, K = 3 and t = 1."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.sizes = sizes
        self.evaluator = Evaluator(Rationals(), {}, sizes, {}, budget=10**9)

    def __call__(self, expr: Expr, env: Mapping[str, int]) -> Expr:
        """Raises UnsupportedError where an entry outside its tensor is read without a false condition beside it."""
        match expr:
            case Number():
                return expr
            case Index(name):
                return expression(env[name])
            case Read(tensor, indices):
                if isinstance(tensor.domain, Integers) and tensor.key in self.sizes:
                    return expression(self.sizes[tensor.key])
                return Read(tensor, self._inside(expr, [self.evaluator.integer(index, env) for index in indices]))
            case Add(terms):
                return add(*(self(term, env) for term in terms))
            case Mul(factors):
                brackets = [factor for factor in factors if isinstance(factor, Bracket)]
                if not all(self.evaluator.holds(bracket, env) for bracket in brackets):
                    return ZERO
                return mul(*(self(factor, env) for factor in factors if not isinstance(factor, Bracket)))
            case Pow(base, exponent):
                return power(self(base, env), self(exponent, env))
            case Sum(index, body):
                return add(*(self(body, {**env, index.name: k}) for k in self.evaluator.range(index, env)))
            case Function("prod", (Sum(index, body),)):
                return mul(*(self(body, {**env, index.name: k}) for k in self.evaluator.range(index, env)))
            case Bracket():
                return ONE if self.evaluator.holds(expr, env) else ZERO
            case _:
                return expr.with_children(tuple(self(child, env) for child in expr.children))

    def _inside(self, read: Read, where: list[int]) -> tuple[Expr, ...]:
        for axis, k in zip(read.tensor.axes, where, strict=True):
            if k not in self.evaluator.range(axis, {}):
                raise UnsupportedError(f"{read.tensor.key}[{', '.join(map(str, where))}] lies outside its axes")
        return tuple(map(expression, where))

    def entry(self, read: Read, env: Mapping[str, int]) -> Read:
        """The same entry at numbers."""
        found = self(read, env)
        assert isinstance(found, Read)
        return found
