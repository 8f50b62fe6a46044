"""The value of a counted expression at concrete sizes: whole numbers, shapes and boxes, worked out node by node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import ceil, floor
from typing import TypeAlias

from derive.errors import UnsupportedError
from derive.language.answers import Region, Shape, Span
from derive.language.expression import Add, Expr, Function, Index, Mul, Number, Pow, Read, Sum
from derive.language.plain import plain

Value: TypeAlias = "Fraction | tuple[Value, ...]"
Entries: TypeAlias = Callable[[str, tuple[int, ...]], Fraction]

_FUNCTIONS: dict[str, Callable[..., Fraction]] = {
    "floor": lambda z: Fraction(floor(z)),
    "ceil": lambda z: Fraction(ceil(z)),
    "max": max,
    "min": min,
    "relu": lambda z: max(z, Fraction(0)),
}


def _nothing(key: str, at: tuple[int, ...]) -> Fraction:
    raise UnsupportedError(f"{key} has no number here")


def value(expr: Expr, numbers: Mapping[str, int], entries: Entries = _nothing) -> Value:
    """`numbers` are sizes by key and indices by name; `entries` gives those of arrays."""
    match expr:
        case Shape(items) | Region(spans=items):
            return tuple(value(item, numbers, entries) for item in items)
        case Span(lower, upper):
            return (value(lower, numbers, entries), value(upper, numbers, entries))
    return number(expr, numbers, entries)


def number(expr: Expr, numbers: Mapping[str, int], entries: Entries = _nothing) -> Fraction:
    match expr:
        case Number(exact):
            return exact
        case Index(name=name):
            return Fraction(numbers[name])
        case Read(tensor, ()) if tensor.key in numbers:
            return Fraction(numbers[tensor.key])
        case Read(tensor, indices):
            return entries(tensor.key, tuple(int(number(index, numbers, entries)) for index in indices))
        case Add(terms):
            return sum((number(term, numbers, entries) for term in terms), Fraction(0))
        case Mul(factors):
            result = Fraction(1)
            for factor in factors:
                result *= number(factor, numbers, entries)
            return result
        case Pow(base, Number(exponent)) if exponent.denominator == 1:
            return number(base, numbers, entries) ** int(exponent)
        case Sum(index, body):
            low, high = (int(number(end, numbers, entries)) for end in (index.lower, index.upper))
            return sum((number(body, {**numbers, index.name: k}, entries) for k in range(low, high + 1)), Fraction(0))
        case Function(name, arguments) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*(number(argument, numbers, entries) for argument in arguments))
    raise UnsupportedError(f"{plain(expr)} has no number here")


def shown(found: Value) -> str:
    """(32, 10), or 7."""
    if isinstance(found, tuple):
        return f"({', '.join(map(shown, found))}{',' * (len(found) == 1)})"
    return str(found)
