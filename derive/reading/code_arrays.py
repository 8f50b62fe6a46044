"""Arithmetic of NumPy on arrays by their general entry: shapes go together from the last axis on."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import NoReturn

from msgspec import Struct

from derive.algebra.binding import fresh_name, substitute
from derive.language.expression import (
    ONE,
    ZERO,
    Expr,
    Function,
    Index,
    Number,
    Sum,
    add,
    div,
    mul,
    neg,
    power,
    sqrt,
    tensors_in,
)
from derive.language.plain import plain
from derive.language.statement import Open, Side
from derive.reading.arrays import diagonal, product
from derive.reading.pending import exactly

MAX_BITS = 4096
MAX_EXPONENT = 64

ENTRY_BY_ENTRY: dict[str, Callable[[Expr], Expr]] = {
    "exp": lambda e: Function("exp", (e,)),
    "log": lambda e: Function("log", (e,)),
    "tanh": lambda e: Function("tanh", (e,)),
    "sigmoid": lambda e: Function("logistic", (e,)),
    "relu": lambda e: Function("relu", (e,)),
    "abs": lambda e: Function("abs", (e,)),
    "sqrt": sqrt,
    "square": lambda e: power(e, 2),
}
OF_TWO: dict[str, Callable[[Expr, Expr], Expr]] = {
    "multiply": mul,
    "add": add,
    "subtract": lambda a, b: add(a, neg(b)),
    "divide": div,
}
OPERATORS: dict[type[ast.operator], Callable[[Expr, Expr], Expr]] = {
    ast.Add: add,
    ast.Sub: lambda a, b: add(a, neg(b)),
    ast.Mult: mul,
}
REDUCTIONS = ("sum", "mean", "var", "std")


class Array(Struct, frozen=True):
    """The general entry over axes in order; None is an axis of length 1. The first `rows` axes number the rows."""

    axes: tuple[Index | None, ...]
    entry: Expr
    rows: int = 1


class Arithmetic:
    """What operators and functions do; `taken` are the letters that stand for indices already."""

    taken: set[str]

    def fail(self, message: str, node: ast.AST) -> NoReturn:
        raise NotImplementedError

    def misfit(self, message: str, node: ast.AST, left: str, right: str, sizes: tuple[str, ...]) -> NoReturn:
        raise NotImplementedError

    def value(self, node: ast.expr) -> Array:
        raise NotImplementedError

    def apart(self, message: str, one: Array, other: Array, node: ast.AST) -> NoReturn:
        """Arrays of shapes that NumPy does not put together."""
        lengths = [ONE if axis is None else length(axis) for array in (one, other) for axis in array.axes]
        sizes = tuple(dict.fromkeys(key for each in lengths for key in tensors_in(each)))
        self.misfit(message, node, shape_of(one), shape_of(other), sizes)

    def fresh(self, axis: Index) -> Index:
        new = axis.renamed(fresh_name(axis.name, self.taken))
        self.taken.add(new.name)
        return new

    def to_power(self, base: Array, exponent: Array, node: ast.AST) -> Array:
        e = exactly(exponent.entry)
        if exponent.axes or not isinstance(e, Number):
            self.fail("an exponent is a number", node)
        if abs(e.value) > MAX_EXPONENT or (base.entry == ZERO and e.value <= 0):
            self.fail("this power is not read", node)
        if isinstance(base.entry, Number):
            bits = max(map(int.bit_length, base.entry.value.as_integer_ratio()))
            if bits * abs(e.value) > 2 * MAX_BITS:
                self.fail("the numbers here grow too large to be read", node)
        return Array(base.axes, power(base.entry, e), base.rows)

    def together(self, rule: Callable[[Expr, Expr], Expr], one: Array, other: Array, node: ast.AST) -> Array:
        """Entry by entry, axes counted from the last one; an axis of length 1 goes with any."""
        wide, narrow = (one, other) if len(one.axes) >= len(other.axes) else (other, one)
        missing = len(wide.axes) - len(narrow.axes)
        axes: list[Index | None] = list(wide.axes)
        renamed: dict[str, Expr] = {}
        for place, axis in enumerate(narrow.axes, start=missing):
            own = axes[place]
            if own is None and axis is not None and any(one is not None and one.name == axis.name for one in wide.axes):
                renamed[axis.name] = axes[place] = self.fresh(axis)
            elif own is None:
                axes[place] = axis
            elif axis is not None:
                if (own.lower, own.upper) != (axis.lower, axis.upper):
                    self.apart(f"axes of lengths {length(own)} and {length(axis)} do not go together", one, other, node)
                renamed[axis.name] = own
        entry = substitute(narrow.entry, renamed)
        left, right = (wide.entry, entry) if wide is one else (entry, wide.entry)
        return Array(tuple(axes), rule(left, right), wide.rows)

    def matrix_product(self, one: Array, other: Array, node: ast.AST) -> Array:
        if not one.axes or not other.axes:
            self.fail("a matrix product is one of arrays; of numbers write *", node)
        left = opened(one) if len(one.axes) > 1 else Open((), _open_axes(one, self, node), one.entry, implied=False)
        right = opened(other)
        assert isinstance(left, Open)
        assert isinstance(right, Open)
        found = product(left, right)
        if not isinstance(found, Open) or not _is_contracted(found, left, right):
            self.apart("the inner lengths of the matrix product differ", one, other, node)
        return Array(found.axes, found.entry, len(found.rows))

    @staticmethod
    def turned(array: Array) -> Array:
        if len(array.axes) < 2:
            return array
        axes = (*array.axes[array.rows :], *array.axes[: array.rows])
        return Array(axes, array.entry, len(array.axes) - array.rows)

    def reduced(self, name: str, given: list[ast.expr], node: ast.Call) -> Array:
        options = {word.arg: word.value for word in node.keywords}
        if len(given) == 2 and "axis" not in options:
            options["axis"] = given[1]
        if not 1 <= len(given) <= 2 or set(options) - {"axis", "keepdims"}:
            self.fail(f"{name} is read with an array, axis= and keepdims=", node)
        inside = self.value(given[0])
        places = self.axes_named(options.get("axis"), inside, node)
        kept = options.get("keepdims")
        keeps = isinstance(kept, ast.Constant) and kept.value is True
        over = [axis for place, axis in enumerate(inside.axes) if place in places and axis is not None]
        axes = [None if place in places else axis for place, axis in enumerate(inside.axes)
                if keeps or place not in places]  # fmt: skip
        size = mul(*(length(axis) for axis in over))
        entry = _total(inside.entry, over)
        if name != "sum":
            entry = div(entry, size)
        if name in ("var", "std"):
            entry = div(_total(power(add(inside.entry, neg(entry)), 2), over), size)
        return Array(tuple(axes), sqrt(entry) if name == "std" else entry)

    def axes_named(self, node: ast.expr | None, array: Array, call: ast.Call) -> set[int]:
        if node is None or (isinstance(node, ast.Constant) and node.value is None):
            return set(range(len(array.axes)))
        several = [whole(one) for one in (node.elts if isinstance(node, ast.Tuple) else [node])]
        found = {
            one % len(array.axes) for one in several if one is not None and -len(array.axes) <= one < len(array.axes)
        }
        if len(found) != len(several):
            self.fail("axis= is the number of an axis that is there", call)
        return found

    def of_one(self, name: str, inside: Array, node: ast.AST) -> Array:
        if name == "len" and inside.axes:
            axis = inside.axes[0]
            return Array((), ONE if axis is None else length(axis))
        if name == "transpose":
            return self.turned(inside)
        if name == "diag" and len(inside.axes) == 1:
            found = diagonal(opened(inside))
            assert isinstance(found, Open)
            return Array(found.axes, found.entry)
        if name in ("array", "asarray"):
            return inside
        return self.fail(f"{name} takes a vector", node)

    def of_two(self, name: str, one: Array, other: Array, node: ast.AST) -> Array:
        if name in ("dot", "matmul"):
            return self.matrix_product(one, other, node)
        if name == "outer":
            if len(one.axes) != 1 or len(other.axes) != 1:
                self.fail("outer takes two vectors", node)
            return self.together(mul, Array((one.axes[0], None), one.entry), other, node)
        if name == "maximum" and ZERO in (one.entry, other.entry):
            inside = other if one.entry == ZERO else one
            return Array(inside.axes, Function("relu", (inside.entry,)), inside.rows)
        if name in OF_TWO:
            return self.together(OF_TWO[name], one, other, node)
        if name in ("power",):
            return self.to_power(one, other, node)
        return self.fail(f"the function {name} is not read", node)


def shape_of(array: Array) -> str:
    return "×".join("1" if axis is None else plain(length(axis)) for axis in array.axes)


def length(axis: Index) -> Expr:
    return axis.upper if axis.lower == ONE else add(axis.upper, neg(axis.lower), 1)


def _total(entry: Expr, over: list[Index]) -> Expr:
    for axis in reversed(over):
        entry = Sum(axis, entry)
    return entry


def opened(array: Array) -> Side:
    """The array by rows and columns; axes of length 1 are left out."""
    rows = tuple(axis for axis in array.axes[: array.rows] if axis is not None)
    columns = tuple(axis for axis in array.axes[array.rows :] if axis is not None)
    if not rows and not columns:
        return array.entry
    return Open(rows, columns, array.entry, implied=False, sure=True)


def _open_axes(array: Array, code: Arithmetic, node: ast.AST) -> tuple[Index, ...]:
    axes = tuple(axis for axis in array.axes if axis is not None)
    if len(axes) != len(array.axes):
        code.fail("an axis of length 1 in a matrix product is not read", node)
    return axes


def _is_contracted(found: Open, left: Open, right: Open) -> bool:
    """Has the product summed over the last axes of its first factor?"""
    return not {axis.name for axis in left.columns} & {axis.name for axis in found.axes}


def whole(node: ast.expr) -> int | None:
    """3 or -1."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inside = whole(node.operand)
        return None if inside is None else -inside
    if isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool):
        return node.value
    return None
