"""What an answer may be besides a number: a shape, a range of whole numbers, a box of entries, and what is counted."""

from __future__ import annotations

from derive.language.expression import Expr, Operand_, expression


class Quantity(Expr, frozen=True, cache_hash=True):
    """What is counted, and of what: params(conv1). `network` tells which one, where a problem has several."""

    what: str
    of: str
    network: str = ""


class Shape(Expr, frozen=True, cache_hash=True):
    """How many entries along each axis: (m, 10)."""

    sizes: tuple[Expr, ...]

    @property
    def children(self) -> tuple[Expr, ...]:
        return self.sizes

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Shape(children)


class Span(Expr, frozen=True, cache_hash=True):
    """The whole numbers from `lower` to `upper`, both included: (i - 1 : i + 1)."""

    lower: Expr
    upper: Expr

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.lower, self.upper)

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Span(*children)


class Region(Expr, frozen=True, cache_hash=True):
    """A box of entries: X[:, (i-1 : i+1), (j-1 : j+1)]. Along the first `whole` axes it takes all of them."""

    array: str
    spans: tuple[Expr, ...]
    whole: int = 1

    @property
    def children(self) -> tuple[Expr, ...]:
        return self.spans

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Region(self.array, children, self.whole)


def shape(*sizes: Operand_) -> Shape:
    """(m, 10): how many entries along each axis."""
    return Shape(tuple(map(expression, sizes)))
