"""Nodes that stand in an expression until more is known, and decimals as typed."""

from __future__ import annotations

from fractions import Fraction

from derive.language.expression import Add, Decimal, Expr, Index, Mul, add, free_indices, mul, number, walk
from derive.language.statement import Side, expressions_of


class Bare(Expr, frozen=True, cache_hash=True):
    """A sum sign without a letter; `written` are the letters that stand in it."""

    __match_args__ = ("body",)
    body: Expr
    at: int
    written: frozenset[str]

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.body,)

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Bare(children[0], self.at, self.written)


class Counted(Expr, frozen=True, cache_hash=True):
    """The index along one of several axes of the row that is counted as `number`; sizes are needed to tell it."""

    number: int
    place: int
    axes: tuple[Index, ...]


def exactly(expr: Expr) -> Expr:
    """Decimals as the fractions that they spell."""
    if isinstance(expr, Decimal):
        return number(Fraction(expr.text))
    children = expr.children
    if not children:
        return expr
    changed = tuple(map(exactly, children))
    if changed == children:
        return expr
    if isinstance(expr, Add):
        return add(*changed)
    if isinstance(expr, Mul):
        return mul(*changed)
    return expr.with_children(changed)


def letters_outside(side: Side) -> set[str]:
    """Letters that stay free on a side, whatever its bare sums take."""
    found: set[str] = set()
    for expr in expressions_of(side):
        found |= written_outside(expr)
    return found


def written_outside(expr: Expr) -> set[str]:
    if isinstance(expr, Bare):
        return set()
    if not any(isinstance(node, Bare) for node in walk(expr)):
        return set(free_indices(expr))
    return set().union(*(written_outside(child) for child in expr.children)) if expr.children else set()
