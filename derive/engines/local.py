"""Derivatives along one edge: how an equation's right side changes with one tensor that it reads.

Every place where the tensor is read gives (what indices, under which sums, with which partial derivative); the edge's
derivative by the entry J is the sum over places of sum_k partial * [indices = J], its deltas solved where a bound
index can be.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from derive.algebra.binding import fresh_name, substitute
from derive.engines.arrange import pulled
from derive.errors import UnsupportedError
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
    delta,
    free_indices,
    mul,
    power,
    tensors_in,
    walk,
)
from derive.language.functions import cosh, exp, logistic, sinh, step, tanh
from derive.language.program import Equation
from derive.language.tensor import Tensor


class Place(Struct, frozen=True):
    """One reading of a tensor: at `indices`, under the sums over `bound`, with the partial derivative there."""

    indices: tuple[Expr, ...]
    bound: tuple[Index, ...]
    partial: Expr


DERIVATIVES: dict[str, Callable[[Expr], Expr]] = {
    "exp": exp,
    "log": lambda z: power(z, -1),
    "tanh": lambda z: 1 - tanh(z) ** 2,
    "logistic": lambda z: logistic(z) * (1 - logistic(z)),
    "sinh": cosh,
    "cosh": sinh,
    "relu": step,
    "step": lambda z: ZERO,  # away from the kink
}


def places(expr: Expr, tensor: Tensor) -> list[Place]:
    """Every place where `expr` reads `tensor`; the terms of a sum that read the same entry are one place."""
    if tensor.key not in tensors_in(expr):
        return []
    match expr:
        case Read(read, indices) if read.key == tensor.key:
            return [Place(indices, (), ONE)]
        case Add(terms):
            return _merged([place for part in terms for place in places(part, tensor)])
        case Mul(factors):
            return [
                Place(place.indices, place.bound, mul(*factors[:k], place.partial, *factors[k + 1 :]))
                for k, factor in enumerate(factors)
                for place in places(factor, tensor)
            ]
        case Pow(base, Number(n)):
            outer = mul(Number(n), power(base, Number(n - 1)))
            return [_scaled(outer, place) for place in places(base, tensor)]
        case Sum(index, body):
            return [Place(p.indices, (index, *p.bound), p.partial) for p in places(body, tensor)]
        case Function(name, (argument,)):
            outer = DERIVATIVES[name](argument)
            return [_scaled(outer, place) for place in places(argument, tensor)]
        case Bracket():
            return []
        case _:
            raise UnsupportedError(f"no rule to differentiate {type(expr).__name__} by {tensor.key}")


def _merged(found: list[Place]) -> list[Place]:
    """Terms of one sum that read the same entry change together: (exp(z) - exp(-z))' = exp(z) + exp(-z)."""
    partials: dict[tuple[tuple[Expr, ...], tuple[Index, ...]], list[Expr]] = {}
    for place in found:
        partials.setdefault((place.indices, place.bound), []).append(place.partial)
    return [Place(*where, add(*terms)) for where, terms in partials.items()]


def _scaled(outer: Expr, place: Place) -> Place:
    return Place(place.indices, place.bound, mul(outer, place.partial))


def edge(equation: Equation, by: Tensor, where: tuple[Expr, ...]) -> Expr:
    """d target / d by[where] with everything else that the equation reads held fixed."""
    return add(*(_contribution(place, where) for place in places(equation.value, by)))


def _contribution(place: Place, where: tuple[Expr, ...]) -> Expr:
    """sum over place.bound of partial * [place.indices = where]."""
    place = _apart(place, {name for index in where for name in free_indices(index)})
    partial, bound, deltas = place.partial, list(place.bound), []
    read = list(place.indices)
    for k, wanted in enumerate(where):
        actual = read[k]
        if isinstance(actual, Index) and actual in bound:
            bound.remove(actual)
            partial = substitute(partial, {actual.name: wanted})
            read = [substitute(index, {actual.name: wanted}) for index in read]
        elif actual != wanted:
            deltas.append(delta(actual, wanted))
    body = mul(*deltas, partial)
    for index in reversed(bound):
        body = Sum(index, body)
    return body


def _apart(place: Place, taken: set[str]) -> Place:
    """The same place with no bound index named like an index of the entry that is asked for."""
    for index in place.bound:
        if index.name in taken:
            used = taken | {other.name for other in place.bound}
            used = used.union(*(free_indices(part) for part in (place.partial, *place.indices)))
            new = index.renamed(fresh_name(index.name, used))
            place = Place(
                tuple(substitute(read, {index.name: new}) for read in place.indices),
                tuple(new if bound is index else bound for bound in place.bound),
                substitute(place.partial, {index.name: new}),
            )
    return place


def contract(index: Index, body: Expr) -> Expr:
    """Sum over an index of a product that may hold [index = e]: then e is put in for it."""
    body = _spread(body)
    if isinstance(body, Add):
        return add(*(contract(index, term) for term in body.terms))
    for factor in body.factors if isinstance(body, Mul) else (body,):
        if isinstance(factor, Bracket) and factor.relation == "=":
            value = factor.right if factor.left == index else factor.left if factor.right == index else None
            if isinstance(value, Index) and (value.lower, value.upper) == (index.lower, index.upper):
                rest = [other for other in (body.factors if isinstance(body, Mul) else ()) if other is not factor]
                return substitute(mul(*rest), {index.name: value})
    return pulled(index, body)


def _spread(body: Expr) -> Expr:
    """a (delta + b) = a delta + a b, so that the delta can be contracted; other sums stay as they are."""
    if isinstance(body, Mul):
        for k, factor in enumerate(body.factors):
            if isinstance(factor, Add) and any(isinstance(node, Bracket) for node in walk(factor)):
                return add(*(mul(*body.factors[:k], term, *body.factors[k + 1 :]) for term in factor.terms))
    return body
