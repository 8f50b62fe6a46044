"""Expressions that are determined by their values at positive numbers.

Sums, products, quotients, whole powers and exponentials of names are quotients of analytic functions at every choice
of sizes. So two of them that are equal wherever all names are positive are equal wherever both have a value.
"""

from __future__ import annotations

from derive.language.domain import Integers
from derive.language.expression import (
    Add,
    Bracket,
    Decimal,
    Expr,
    Function,
    Index,
    Mul,
    Number,
    Pow,
    Read,
    Sum,
    tensors_in,
    walk,
)

ENTIRE = frozenset({"exp", "sin", "cos", "sinh", "cosh"})
QUOTIENTS = frozenset({"logistic", "tanh"})  # of such


def is_analytic(expr: Expr) -> bool:
    return all(map(_keeps, walk(expr)))


def _keeps(node: Expr) -> bool:
    """Is the node analytic, wherever it has a value, if what stands in it is? A condition may be about sizes alone."""
    match node:
        case Pow(_, Number(exponent)):
            return exponent.denominator == 1
        case Function(name):
            return name in ENTIRE or name in QUOTIENTS
        case Bracket():
            return all(isinstance(tensor.domain, Integers) for tensor in tensors_in(node).values())
    return isinstance(node, Number | Decimal | Index | Read | Add | Mul | Sum)
