"""Expressions at the sizes of an instance, in symbols: every sum written out, every axis of a known length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from derive.algebra.binding import Definitions, rewrite, substitute
from derive.algebra.evaluate import Evaluator, Rationals
from derive.algebra.unroll import Unroll
from derive.errors import BudgetError, UnsupportedError
from derive.language.expression import Bracket, Expr, Index, Number, Read, Sum, expression, walk
from derive.language.plain import ranges_read
from derive.language.statement import Side
from derive.language.tensor import Tensor
from derive.reading.arrays import mapped
from derive.reading.pending import Counted

if TYPE_CHECKING:
    from derive.judging.pairs import Pair

MAX_NODES = 20_000


def sizes_meant(pairs: Sequence[Pair], sizes: Mapping[str, int]) -> list[str]:
    """The sizes that numbers at the ends of sums and ranges stand for: the 3 of sum_{k=1}^3 w_k is K where K is 3.

    None where a number is not the size of what its letter reads.
    """
    found: list[str] = []
    for pair in pairs:
        for side in (pair.left, pair.right):
            for letter, end, body in _ends(side):
                keys = [upper.tensor.key for _, upper in ranges_read(body, letter) if isinstance(upper, Read)]
                if any(sizes.get(key) != end for key in keys):
                    return []
                found += keys
    return list(dict.fromkeys(found))


def _ends(side: Expr) -> Iterator[tuple[str, int, Expr]]:
    """Every letter that ends at a number, with the number and where the letter stands."""
    for node in walk(side):
        match node:
            case Sum(Index(name, Number(end)), body):
                yield name, int(end), body
            case Bracket("<=", Index(name), Number(end)):
                yield name, int(end), side


def with_ends(expr: Expr, ends: Mapping[str, Expr]) -> Expr:
    """The expression with other ends for the ranges of some letters."""

    def rule(node: Expr) -> Expr | None:
        if isinstance(node, Index) and node.name in ends:
            return Index(node.name, ends[node.name], node.lower)
        if isinstance(node, Sum) and node.index.name in ends:
            return Sum(Index(node.index.name, ends[node.index.name], node.index.lower), rewrite(node.body, rule))
        return None

    return rewrite(expr, rule)


class FixedSizes:
    """Works at one choice of sizes; remembers the entries that it has written out."""

    def __init__(self, sizes: Mapping[str, int], definitions: Definitions) -> None:
        self.sizes = sizes
        self.definitions = definitions
        self.unroll = Unroll(sizes)
        self.shapes = Evaluator(Rationals(), {}, sizes, {})
        self._tensors: dict[str, Tensor] = {}
        self._entries: dict[tuple[Expr, frozenset[str]], Expr] = {}
        self.nodes = 0

    def extent(self, axis: Index) -> range:
        """The values of an index. Raises UnsupportedError where a size is not known."""
        try:
            return self.shapes.range(axis, {})
        except (KeyError, UnsupportedError):
            raise UnsupportedError("a size is needed here; give one, or an instance") from None

    def counted(self, side: Side) -> Side:
        """Rows that were counted through several axes, by the index along each of them."""
        return mapped(side, lambda expr: rewrite(expr, self._counted))

    def _counted(self, node: Expr) -> Expr | None:
        if not isinstance(node, Counted):
            return None
        lengths = [len(self.extent(axis)) for axis in node.axes]
        rest, where = node.number - 1, []
        for length in reversed(lengths):
            rest, place = divmod(rest, length)
            where.append(place)
        if rest:
            raise UnsupportedError(f"there is no row {node.number}; there are {_product(lengths)}")
        return Number(expression(list(reversed(where))[node.place]).value + 1)  # type: ignore[attr-defined]

    def at(self, expr: Expr, values: Mapping[str, int], known: frozenset[str] | None = None) -> Expr:
        """The expression at numbers for its free indices; with the definitions of `known` names put in, or of all."""
        plain = self.unroll(substitute(expr, {name: expression(value) for name, value in values.items()}), {})
        keys = frozenset(self.definitions) if known is None else known
        return self._put_in(plain, keys)

    def _put_in(self, expr: Expr, keys: frozenset[str]) -> Expr:
        def rule(node: Expr) -> Expr | None:
            if not isinstance(node, Read):
                return None
            if node.tensor.key not in keys:
                return Read(self.tensor(node.tensor), node.indices)
            found = self._entries.get((node, keys))
            if found is None:
                equation = self.definitions[node.tensor.key]
                values = {own.name: new for own, new in zip(equation.indices, node.indices, strict=True)}
                found = self._put_in(self.unroll(substitute(equation.value, values), {}), keys)
                self.nodes += sum(1 for _ in walk(found))
                if self.nodes > MAX_NODES:
                    raise BudgetError("the expression written out at these sizes grew past its budget")
                self._entries[node, keys] = found
            return found

        return rewrite(expr, rule)

    def tensor(self, tensor: Tensor) -> Tensor:
        """The tensor with axes of known lengths."""
        if not tensor.axes:
            return tensor
        found = self._tensors.get(tensor.key)
        if found is None:
            axes = []
            for axis in tensor.axes:
                span = self.extent(axis)
                axes.append(Index(axis.name, expression(span.stop - 1), expression(span.start)))
            found = self._tensors[tensor.key] = Tensor(tensor.name, tuple(axes), tensor.meaning, tensor.domain)
        return found

    def said(self, exprs: list[Expr]) -> str:
        """The sizes that matter to some expressions: 'C = 2, N = 4'."""
        return ", ".join(f"{key} = {size}" for key, size in self.sizes.items())


def _product(lengths: list[int]) -> int:
    result = 1
    for length in lengths:
        result *= length
    return result
