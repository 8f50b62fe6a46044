"""What cannot be negative, and where putting in something larger makes an expression larger: by its form alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from derive.algebra.binding import rewrite
from derive.language.domain import Integers, NonNegative, Positive
from derive.language.expression import Add, Expr, Function, Mul, Number, Pow, Read, Sum, neg, walk


def nonnegative(expr: Expr, known: Collection[Expr] = ()) -> bool:
    """A sum of products of squares, exponentials, absolute values, positive numbers, and of what is known."""
    if expr in known:
        return True
    match expr:
        case Number(value):
            return value >= 0
        case Read(tensor):
            return isinstance(tensor.domain, Positive | NonNegative) or (
                isinstance(tensor.domain, Integers) and tensor.domain.lower >= 0
            )
        case Add(parts) | Mul(parts):
            return all(nonnegative(part, known) for part in parts)
        case Pow(Number(value), _) if value > 0:
            return True
        case Pow(base, Number(exponent)):
            even = exponent.denominator == 1 and exponent % 2 == 0
            return even or exponent.denominator % 2 == 0 or nonnegative(base, known)
        case Sum(_, body):
            return nonnegative(body, known)
        case Function(name):
            return name in ("exp", "abs", "logistic", "cosh", "relu", "step", "logistic'", "tanh'")
    return False


def raised(expr: Expr, low: Expr, high: Expr, known: Collection[Expr]) -> Expr | None:
    """The expression with `high` for every `low`, where low <= high gives expr <= result; None where that is not seen.

    It is seen in sums, in products whose other factors cannot be negative, and in powers of what cannot be.
    """
    if expr == low:
        return high
    if low not in walk(expr):
        return expr
    match expr:
        case Add(terms):
            made = [raised(term, low, high, known) for term in terms]
            return None if any(part is None for part in made) else Add(tuple(part for part in made if part is not None))
        case Mul(factors):
            inside = [k for k, factor in enumerate(factors) if low in walk(factor)]
            rest = [factor for k, factor in enumerate(factors) if k != inside[0]]
            if len(inside) > 1 or not all(nonnegative(factor, known) for factor in rest):
                return None
            found = raised(factors[inside[0]], low, high, known)
            return None if found is None else Mul((*factors[: inside[0]], found, *factors[inside[0] + 1 :]))
        case Pow(base, Number(exponent)) if exponent > 0 and nonnegative(base, known):
            found = raised(base, low, high, known)
            return None if found is None else Pow(found, expr.exponent)
        case Sum(index, body):  # low <= high holds for every value of its indices, so under the sum too
            found = raised(body, low, high, known)
            return None if found is None else Sum(index, found)
    return None


def cases(expr: Expr) -> Iterator[Expr]:
    """The expression with |u| = u and with |u| = -u, for every |u| outside of all sums: one of them is the true one."""
    inside = next((node for node in _outside(expr) if isinstance(node, Function) and node.name == "abs"), None)
    if inside is None:
        yield expr
        return
    (argument,) = inside.arguments
    for value in (argument, neg(argument)):
        yield from cases(rewrite(expr, lambda node, value=value: value if node == inside else None))  # type: ignore[misc]


def _outside(expr: Expr) -> Iterator[Expr]:
    yield expr
    if not isinstance(expr, Sum):
        for child in expr.children:
            yield from _outside(child)
