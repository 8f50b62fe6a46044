"""Expressions as closures: a tree is taken apart once and then run at many points, for many values of its indices.

What a composite node comes to is kept at the point, by the values of the indices that are free in it. So an inner sum
is not repeated for every value of an outer index, and of two expressions that differ in one place only the nodes above
that place are worked out twice.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import count, product
from math import prod
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct

from derive.errors import UnsupportedError
from derive.language.constant import Constant
from derive.language.expression import (
    Add,
    Bracket,
    Expr,
    Function,
    Index,
    Mul,
    Number,
    Pow,
    Read,
    Relation,
    Sum,
    free_indices,
)

if TYPE_CHECKING:
    from derive.algebra.evaluate import Evaluator

Env: TypeAlias = "dict[str, int]"
Run: TypeAlias = "Callable[[Evaluator, Env], Any]"
Whole: TypeAlias = "Callable[[Evaluator, Mapping[str, int]], int]"
Monomial: TypeAlias = "tuple[int, tuple[str, ...], tuple[str, ...]]"  # a number times sizes times indices

Form: TypeAlias = "tuple[tuple[tuple[str, ...], int], ...]"  # indices, multiplied with each other and with a number

RELATIONS: Mapping[Relation, Callable[[int, int], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    "divides": lambda left, right: right % left == 0,
}
TERMS = 64  # of a subscript that is multiplied out
KEPT = 2_048  # trees kept as closures

NONE: frozenset[str] = frozenset()
_places = count()


class Compiled(Struct, frozen=True, gc=False):
    """A tree to run, and the names of its free indices."""

    run: Run
    names: frozenset[str] = frozenset()


@lru_cache(maxsize=KEPT)
def compiled(expr: Expr) -> Compiled:
    match expr:
        case Number(value):
            return Compiled(_kept(lambda point, env: point.arithmetic.number(value), NONE, 0))
        case Index(name):
            own = frozenset((name,))
            return Compiled(_kept(lambda point, env: point.arithmetic.number(Fraction(env[name])), own, 0), own)
        case Read(tensor, indices):
            return Compiled(_entry(tensor.key, expr), _free(*indices))
        case Add(terms):
            return _composite(_add, terms)
        case Mul(factors):
            return _mul(factors)
        case Pow(base, Number(value)):
            return _composite(lambda runs: _power(runs[0], value), (base,))
        case Pow(base, exponent):
            return _composite(_to_the, (base, exponent))
        case Sum(index, body):
            return _over(index, body, operator.add)
        case Function("prod", (Sum(index, body),)):
            return _over(index, body, operator.mul)
        case Constant(name):
            return Compiled(_kept(lambda point, env: point.arithmetic.function(name, []), NONE, 0))
        case Function(name, arguments):
            return _composite(lambda runs: _function(name, runs), arguments)
        case Bracket():
            holds = condition(expr)
            return Compiled(
                lambda point, env: point.one if holds(point, env) else point.zero, _free(expr.left, expr.right)
            )
        case _:
            return Compiled(_without_value(f"{type(expr).__name__} has no value at a point"))


def _free(*exprs: Expr) -> frozenset[str]:
    return frozenset([name for expr in exprs for name in free_indices(expr)])


def _composite(made: Callable[[list[Run]], Run], children: tuple[Expr, ...]) -> Compiled:
    parts = [compiled(child) for child in children]
    names = NONE.union(*[part.names for part in parts])
    return Compiled(_kept(made([part.run for part in parts]), names, 1), names)


@lru_cache(maxsize=KEPT)
def _values_of(names: frozenset[str]) -> Callable[[Env], object]:
    return itemgetter(*sorted(names))


def _kept(run: Run, names: frozenset[str], steps: int) -> Run:
    """Worked out once for each value of its indices, for so many steps."""
    place = next(_places)
    if not names:

        def closed(point: Evaluator, env: Env) -> Any:
            found = point.kept.get(place)
            if found is None:
                found = point.keep(place, run, env, steps)
            return found

        return closed
    values = _values_of(names)

    def looked_up(point: Evaluator, env: Env) -> Any:
        key = (place, values(env))
        found = point.kept.get(key)
        if found is None:
            found = point.keep(key, run, env, steps)
        return found

    return looked_up


def _add(runs: list[Run]) -> Run:
    first, *rest = runs
    if len(rest) == 1:
        (second,) = rest
        return lambda point, env: first(point, env) + second(point, env)

    def run(point: Evaluator, env: Env) -> Any:
        total = first(point, env)
        for part in rest:
            total = total + part(point, env)
        return total

    return run


def _mul(factors: tuple[Expr, ...]) -> Compiled:
    """A false bracket makes the product 0, even past the edge of a tensor."""
    conditions = [condition(factor) for factor in factors if isinstance(factor, Bracket)]
    parts = [compiled(factor) for factor in factors]
    names = NONE.union(*[part.names for part in parts])
    runs = [part.run for part, factor in zip(parts, factors, strict=True) if not isinstance(factor, Bracket)]
    first, *rest = runs or [lambda point, env: point.one]
    if len(rest) == 1 and not conditions:
        (second,) = rest
        return Compiled(_kept(lambda point, env: first(point, env) * second(point, env), names, 1), names)

    def run(point: Evaluator, env: Env) -> Any:
        for holds in conditions:
            if not holds(point, env):
                return point.zero
        result = first(point, env)
        for part in rest:
            result = result * part(point, env)
        return result

    return Compiled(_kept(run, names, 1), names)


def _over(index: Index, body: Expr, joined: Callable[[Any, Any], Any]) -> Compiled:
    """A sum or a product over the range of an index."""
    inner = compiled(body)
    names = (inner.names - {index.name}) | _in_ends(index)
    return Compiled(_kept(_every(index, inner.run, joined), names, 1), names)


@lru_cache(maxsize=KEPT)
def _in_ends(index: Index) -> frozenset[str]:
    return _free(index.lower, index.upper)


def _power(base: Run, exponent: Fraction) -> Run:
    return lambda point, env: point.arithmetic.power(base(point, env), exponent)


def _to_the(runs: list[Run]) -> Run:
    base, exponent = runs
    return lambda point, env: point.arithmetic.function("pow", [base(point, env), exponent(point, env)])


def _function(name: str, arguments: list[Run]) -> Run:
    def run(point: Evaluator, env: Env) -> Any:
        inside = point.inside or point
        return point.arithmetic.function(name, [argument(inside, env) for argument in arguments])

    return run


def _every(index: Index, body: Run, joined: Callable[[Any, Any], Any]) -> Run:
    """The values for every value of the index, joined."""
    lower, upper, name = whole(index.lower), whole(index.upper), index.name
    adds = joined is operator.add

    def run(point: Evaluator, env: Env) -> Any:
        first, last = lower(point, env), upper(point, env)
        point.spend(max(0, last - first + 1))
        outer = env.get(name)
        result = point.zero if adds else point.one
        for k in range(first, last + 1):
            env[name] = k
            result = joined(result, body(point, env))
        if outer is not None:
            env[name] = outer
        else:
            env.pop(name, None)
        return result

    return run


def _without_value(why: str) -> Run:
    def run(point: Evaluator, env: Env) -> Any:
        raise UnsupportedError(why)

    return run


# -- subscripts, ranges and conditions -----------------------------------------------------------------------------


def _entry(key: str, read: Read) -> Run:
    where = _subscripts(read.indices)

    def run(point: Evaluator, env: Env) -> Any:
        at = where(point, env)
        found = point.entries.get((key, at))
        return point.entry(read.tensor, at) if found is None else found

    return run


def _subscripts(indices: tuple[Expr, ...]) -> Callable[[Evaluator, Env], tuple[int, ...]]:
    names = [index.name for index in indices if isinstance(index, Index)]
    if len(names) == len(indices) > 1:
        values = itemgetter(*names)
        return lambda point, env: values(env)
    if len(names) == len(indices) == 1:
        (name,) = names
        return lambda point, env: (env[name],)
    parts = [whole(index) for index in indices]
    return lambda point, env: tuple([part(point, env) for part in parts])


@lru_cache(maxsize=KEPT)
def whole(expr: Expr) -> Whole:
    """The value of an index expression; sizes and indices only. Nearly all are polynomials over the whole numbers."""
    match expr:
        case Index(name):
            return lambda point, env: env[name]
        case Number(value) if value.denominator == 1:
            constant = value.numerator
            return lambda point, env: constant
        case Read(tensor, ()):
            return _size(tensor.key, expr)
    terms = _monomials(expr)
    if terms is None:
        return lambda point, env: point.worked_out(expr, env)

    place = next(_places)

    def run(point: Evaluator, env: Mapping[str, int]) -> int:
        form = point.forms.get(place)
        if form is None:
            form = point.form(place, terms)
        if not form:
            return point.worked_out(expr, env)
        total = 0
        for indices, value in form:
            for name in indices:
                value *= env[name]
            total += value
        return total

    return run


def at_sizes(terms: tuple[Monomial, ...], sizes: Mapping[str, int]) -> Form:
    """A polynomial in sizes and indices as one in the indices; nothing where a size is not known."""
    found: dict[tuple[str, ...], int] = {}
    for value, keys, indices in terms:
        for key in keys:
            if key not in sizes:
                return ()
            value *= sizes[key]
        found[indices] = found.get(indices, 0) + value
    return tuple(found.items())


def _size(key: str, expr: Expr) -> Whole:
    def run(point: Evaluator, env: Mapping[str, int]) -> int:
        found = point.sizes.get(key)
        return point.worked_out(expr, env) if found is None else found

    return run


@lru_cache(maxsize=KEPT)
def condition(bracket: Bracket) -> Callable[[Evaluator, Mapping[str, int]], bool]:
    left, right, holds = whole(bracket.left), whole(bracket.right), RELATIONS[bracket.relation]
    return lambda point, env: holds(left(point, env), right(point, env))


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
