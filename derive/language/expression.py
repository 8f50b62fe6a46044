"""Index-notation expressions: frozen trees that keep the order in which their author wrote them.

A tree never evaluates itself, so building one costs what its text costs: `9**9**9` is three numbers. What an
expression equals is decided in `derive.algebra`; how it prints, in `derive.rendering`.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import force_setattr

from derive.errors import AuthorError

if TYPE_CHECKING:
    from derive.language.tensor import Tensor

Operand_: TypeAlias = "Operand | int | Fraction"
Relation: TypeAlias = Literal["=", "!=", "<", "<=", "divides"]


class Operand:
    """Anything that may stand in a formula; gives it the arithmetic operators."""

    __slots__ = ()

    def as_expression(self) -> Expr:
        raise AuthorError(f"{self!r} cannot stand in a formula")

    def __add__(self, other: Operand_) -> Expr:
        return add(self, other)

    def __radd__(self, other: Operand_) -> Expr:
        return add(other, self)

    def __sub__(self, other: Operand_) -> Expr:
        return add(self, neg(other))

    def __rsub__(self, other: Operand_) -> Expr:
        return add(other, neg(self))

    def __mul__(self, other: Operand_) -> Expr:
        return mul(self, other)

    def __rmul__(self, other: Operand_) -> Expr:
        return mul(other, self)

    def __truediv__(self, other: Operand_) -> Expr:
        return div(self, other)

    def __rtruediv__(self, other: Operand_) -> Expr:
        return div(other, self)

    def __floordiv__(self, other: Operand_) -> Expr:
        return floor_div(self, other)

    def __rfloordiv__(self, other: Operand_) -> Expr:
        return floor_div(other, self)

    def __pow__(self, exponent: Operand_) -> Expr:
        return power(self, exponent)

    def __rpow__(self, base: Operand_) -> Expr:
        return power(base, self)

    def __neg__(self) -> Expr:
        return neg(self)


class Expr(Struct, Operand, frozen=True, cache_hash=True, gc=False):
    """A node. Equality and hash are structural; the hash is computed once. Trees have no cycles for gc to look for."""

    def as_expression(self) -> Expr:
        return self

    @property
    def children(self) -> tuple[Expr, ...]:
        return ()

    @property
    def subscripts(self) -> tuple[tuple[Index, Expr], ...]:
        """The axes that it reads, each with what it is read at."""
        return ()

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        """The same node over other children, without any simplification."""
        return self

    def __repr__(self) -> str:
        from derive.language.plain import plain

        return plain(self)


class Number(Expr, frozen=True, cache_hash=True):
    """An exact rational."""

    value: Fraction


WHOLE = {k: Number(Fraction(k)) for k in range(-8, 65)}  # one object for each, which is soon seen to equal itself
ZERO, ONE, HALF = WHOLE[0], WHOLE[1], Number(Fraction(1, 2))


def number(value: int | Fraction) -> Number:
    """The number as a node."""
    known = WHOLE.get(value.numerator) if value.denominator == 1 else None
    return known or Number(Fraction(value))


class Decimal(Expr, frozen=True, cache_hash=True):
    """A number by its first digits, for print alone: no algebra takes it for a value."""

    text: str


class Index(Expr, frozen=True, cache_hash=True):
    """An index and its range: lower <= index <= upper."""

    name: str
    upper: Expr
    lower: Expr = ONE

    @property
    def extent(self) -> Expr:
        """How many values it has."""
        if self.lower == ONE:
            return self.upper
        if isinstance(self.upper, Number) and isinstance(self.lower, Number):
            return Number(self.upper.value - self.lower.value + 1)
        offset = add(1, neg(self.lower)) if not isinstance(self.lower, Number) else Number(1 - self.lower.value)
        return add(self.upper, offset)

    def renamed(self, name: str) -> Index:
        return Index(name, self.upper, self.lower)


class Read(Expr, frozen=True, cache_hash=True):
    """One entry of a tensor, T[i, j]; a scalar is a tensor without axes."""

    tensor: Tensor
    indices: tuple[Expr, ...] = ()

    @property
    def children(self) -> tuple[Expr, ...]:
        return self.indices

    @property
    def subscripts(self) -> tuple[tuple[Index, Expr], ...]:
        return tuple(zip(self.tensor.axes, self.indices, strict=False))

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Read(self.tensor, children)


class Add(Expr, frozen=True, cache_hash=True):
    terms: tuple[Expr, ...]

    @property
    def children(self) -> tuple[Expr, ...]:
        return self.terms

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Add(children)


class Mul(Expr, frozen=True, cache_hash=True):
    factors: tuple[Expr, ...]

    @property
    def children(self) -> tuple[Expr, ...]:
        return self.factors

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Mul(children)


class Pow(Expr, frozen=True, cache_hash=True):
    """base ** exponent; a division is a factor with exponent -1."""

    base: Expr
    exponent: Expr

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.base, self.exponent)

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Pow(*children)


class Sum(Expr, frozen=True, cache_hash=True):
    """Sum of `body` over the whole range of `index`, which it binds."""

    index: Index
    body: Expr

    def __post_init__(self) -> None:
        force_setattr(self, "body", expression(self.body))

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.body,)

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Sum(self.index, *children)


class Function(Expr, frozen=True, cache_hash=True):
    """A named function of the table in `derive.language.functions`."""

    name: str
    arguments: tuple[Expr, ...]

    @property
    def children(self) -> tuple[Expr, ...]:
        return self.arguments

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Function(self.name, children)


class Bracket(Expr, frozen=True, cache_hash=True):
    """Iverson bracket: 1 where the condition holds, else 0. [i = j] is Kronecker's delta."""

    relation: Relation
    left: Expr
    right: Expr

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.left, self.right)

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Bracket(self.relation, *children)


class Direct(Expr, frozen=True, cache_hash=True):
    """The derivative of one node by another along a single edge, the node's other inputs held fixed; or a total one."""

    of: Read
    by: Read
    held: tuple[Tensor, ...] = ()
    total: bool = False  # written with straight d's: over every path, not along the edge

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.of, self.by)

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        of, by = children
        assert isinstance(of, Read)
        assert isinstance(by, Read)
        return Direct(of, by, self.held, self.total)


def expression(value: Operand_) -> Expr:
    """Coerce a number, a scalar tensor or an expression; anything else is the author's mistake."""
    if isinstance(value, Expr):
        return value
    if isinstance(value, Operand):
        return value.as_expression()
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        raise AuthorError(f"{value!r} cannot stand in a formula; write numbers as int or Fraction")
    return number(value)


def add(*terms: Operand_) -> Expr:
    """a + b + ..., nested sums spliced in and zeros dropped; the order is kept."""
    flat: list[Expr] = []
    for term in map(expression, terms):
        if isinstance(term, Add):
            flat.extend(term.terms)
        elif not isinstance(term, Number) or term.value:
            flat.append(term)
    if not flat:
        return ZERO
    return flat[0] if len(flat) == 1 else Add(tuple(flat))


def mul(*factors: Operand_) -> Expr:
    """a b ..., nested products spliced in; the numeric coefficient goes first, 1 is dropped, 0 absorbs."""
    coefficient: Fraction | None = None
    flat: list[Expr] = []
    for factor in map(expression, factors):
        for part in factor.factors if isinstance(factor, Mul) else (factor,):
            if isinstance(part, Number):
                coefficient = part.value if coefficient is None else coefficient * part.value
            else:
                flat.append(part)
    if coefficient is None:
        coefficient = ONE.value
    elif not coefficient:
        return ZERO
    if not flat or coefficient != 1:
        flat.insert(0, number(coefficient))
    return flat[0] if len(flat) == 1 else Mul(tuple(flat))


def neg(value: Operand_) -> Expr:
    return mul(-1, value)


def div(numerator: Operand_, denominator: Operand_) -> Expr:
    return mul(numerator, power(denominator, -1))


def floor_div(numerator: Operand_, denominator: Operand_) -> Expr:
    """The greatest whole number <= numerator / denominator."""
    n, d = expression(numerator), expression(denominator)
    return n if d == ONE else Function("floor", (Mul((n, Pow(d, WHOLE[-1]))),))


def power(base: Operand_, exponent: Operand_) -> Expr:
    """b ** e; an integer power of a power or of a product is written out, which is exact wherever it is defined."""
    b, e = expression(base), expression(exponent)
    if not isinstance(e, Number):
        return Pow(b, e)
    if e.value == 0:
        return ONE
    if e.value == 1:
        return b
    if e.value.denominator == 1:
        if isinstance(b, Number) and b.value != 0 and abs(e.value) <= 64:
            return Number(b.value ** int(e.value))
        if isinstance(b, Pow) and isinstance(b.exponent, Number):
            return power(b.base, Number(b.exponent.value * e.value))
        if isinstance(b, Mul):
            return mul(*(power(factor, e) for factor in b.factors))
    return Pow(b, e)


def sqrt(value: Operand_) -> Expr:
    return Pow(expression(value), HALF)


def sums(body: Operand_, *indices: Index) -> Expr:
    """The sum over several indices, the first one outermost."""
    total = expression(body)
    for index in reversed(indices):
        total = Sum(index, total)
    return total


def delta(left: Operand_, right: Operand_) -> Expr:
    """[left = right]."""
    return Bracket("=", expression(left), expression(right))


def within(value: Operand_, upper: Operand_, lower: Operand_ = 1) -> Expr:
    """[lower <= value <= upper]: 1 inside the range, 0 outside; what zero padding means."""
    e = expression(value)
    return Mul((Bracket("<=", expression(lower), e), Bracket("<=", e, expression(upper))))


def padded(read: Read) -> Expr:
    """The entry, or 0 where an index that is computed lies outside its axis: x[i, 2 t - p] of an x with zeros around.

    >>> from derive.language import index, size, tensor
    >>> n = index("n", size("N"))
    >>> padded(tensor("x", n)[n + 2])
    [1 <= n + 2]*[n + 2 <= N]*x[n + 2]
    """
    if not isinstance(read, Read):
        raise AuthorError(f"padded takes an entry such as x[i + 1], not {getattr(read, 'key', read)!s:.40}")
    pairs = zip(read.tensor.axes, read.indices, strict=True)
    return mul(*(within(at, axis.upper, axis.lower) for axis, at in pairs if not isinstance(at, Index)), read)


def divides(divisor: Operand_, value: Operand_) -> Expr:
    """[divisor divides value]."""
    return Bracket("divides", expression(divisor), expression(value))


def position(index: Index) -> Expr:
    """The number of an index, which may read an axis of another range; beyond its end there is nothing to read."""
    return Mul((index,))


def walk(expr: Expr) -> Iterator[Expr]:
    """Every node, parents first. Ranges of indices are not entered."""
    stack = [expr]
    while stack:
        node = stack.pop()
        yield node
        if children := node.children:
            stack.extend(reversed(children))


def free_indices(expr: Expr) -> dict[str, Index]:
    """Indices that no enclosing sum binds, by name."""
    return {index.name: index for index in _free(expr)}


@lru_cache(maxsize=16_384)
def _free(expr: Expr) -> tuple[Index, ...]:
    if isinstance(expr, Index):
        return (expr,)
    found = {index.name: index for child in expr.children for index in _free(child)}
    if isinstance(expr, Sum):
        found.pop(expr.index.name, None)
        for bound in (expr.index.lower, expr.index.upper):
            found.update(free_indices(bound))
    return tuple(found.values())


def tensors_in(expr: Expr) -> dict[str, Tensor]:
    """The tensors an expression reads, by key, in order of appearance."""
    return {node.tensor.key: node.tensor for node in walk(expr) if isinstance(node, Read)}
