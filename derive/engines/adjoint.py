"""Reverse mode on index notation: d loss / d v[J] = sum over the nodes u that read v of d loss / d u * d u / d v[J]."""

from __future__ import annotations

from functools import cached_property

from msgspec import Struct

from derive.algebra.binding import fresh_name, rewrite, substitute, told_apart
from derive.algebra.edges import fits, instance
from derive.engines.arrange import arranged
from derive.engines.local import contract, edge, places
from derive.language.derivation import Edge
from derive.language.domain import Integers
from derive.language.expression import (
    ONE,
    ZERO,
    Add,
    Bracket,
    Direct,
    Expr,
    Index,
    Mul,
    Read,
    Sum,
    add,
    free_indices,
    mul,
    tensors_in,
)
from derive.language.program import Equation, Program
from derive.language.tensor import Tensor, d


class Route(Struct, frozen=True):
    """One way by which v reaches the loss: through the node `of`, summed over `bound`."""

    of: Read
    by: Read
    bound: tuple[Index, ...]
    edge: Expr  # d of / d by along this edge
    upstream: Expr  # d loss / d of
    held: tuple[Tensor, ...]
    given: bool = False  # the edge is in the author's form

    @property
    def symbolic(self) -> Expr:
        """sum d loss / d of * (d of / d by), the edge not yet worked out."""
        return _summed(self.bound, mul(self.upstream, Direct(self.of, self.by, self.held)))

    @property
    def term(self) -> Expr:
        """The same with the edge worked out, constants out of the sums."""
        body = mul(self.upstream, self.edge)
        for index in reversed(self.bound):
            body = contract(index, body)
        return arranged(body)


def _summed(bound: tuple[Index, ...], body: Expr) -> Expr:
    for index in reversed(bound):
        body = Sum(index, body)
    return body


class Adjoints:
    """The total derivatives of a program's loss. Paths through `frozen` tensors are left out (to study mistakes)."""

    def __init__(self, program: Program, frozen: tuple[Tensor, ...] = (), preferred: tuple[Edge, ...] = ()) -> None:
        self.program = program
        self.frozen = {tensor.key for tensor in frozen}
        self.preferred = preferred  # edges in the form that the author wants, proved equal to the engine's

    def readers(self, node: Tensor) -> list[Equation]:
        """The equations that read `node`, the last computed first."""
        return [
            equation
            for equation in reversed(self.program.equations)
            if equation.tensor.key not in self.frozen and places(equation.value, node)
        ]

    def routes(self, node: Tensor) -> list[Route]:
        by = node.entry()
        return [self._route(equation, by) for equation in self.readers(node)]

    def _route(self, equation: Equation, by: Read) -> Route:
        """Indices of the reader that a delta ties to J are replaced by it; the others are summed."""
        taken = {index.name for index in by.tensor.axes}
        own: list[Index] = []
        for index in equation.indices:
            name = index.name if index.name not in taken else fresh_name(index.name, taken)
            taken.add(name)
            own.append(index.renamed(name))
        renaming = {old.name: new for old, new in zip(equation.indices, own, strict=True)}
        value = told_apart(substitute(equation.value, renaming), frozenset(index.name for index in own))
        target = Read(equation.tensor, tuple(own))
        derivative = edge(Equation(target, value), by.tensor, by.indices)
        tied = self._tied(own, derivative)
        bound = tuple(index for index in own if index.name not in tied)
        of = Read(equation.tensor, tuple(tied.get(index.name, index) for index in own))
        local = arranged(substitute(_without_deltas(derivative, tied), tied))
        given = [e for e in self.preferred if (e.of.tensor.key, e.by.tensor.key) == (of.tensor.key, by.tensor.key)]
        given = [wanted for wanted in given if fits(wanted, of, by)]
        if given:
            local = instance(given[0], of, by)
        last = equation.tensor.key == self.program.loss.key  # d loss / d loss = 1
        upstream = ONE if last else Read(d(self.program.loss, equation.tensor), of.indices)
        return Route(of, by, bound, local, upstream, self.held(equation, by.tensor), bool(given))

    @staticmethod
    def _tied(own: list[Index], derivative: Expr) -> dict[str, Expr]:
        """Indices i of the reader for which every term of the derivative carries the same [i = j]."""
        tied: dict[str, Expr] = {}
        terms = derivative.terms if isinstance(derivative, Add) else (derivative,)
        for index in own:
            values = []
            for term in terms:
                factors = term.factors if isinstance(term, Mul) else (term,)
                values.append({f.right for f in factors if isinstance(f, Bracket) and f.left == index})
            common = set.intersection(*values) if values else set()
            if common:
                value = next(iter(common))
                if isinstance(value, Index) and (value.lower, value.upper) == (index.lower, index.upper):
                    tied[index.name] = value
        return tied

    def held(self, equation: Equation, by: Tensor) -> tuple[Tensor, ...]:
        """The other nodes that the equation reads: they stay fixed along the edge."""
        defined = {tensor.key for tensor in self.program.defined()}
        return tuple(t for key, t in tensors_in(equation.value).items() if key in defined and key != by.key)

    @cached_property
    def definitions(self) -> dict[str, Equation]:
        """The forward program and, for every node but the seed, d loss / d node as the sum over its routes."""
        table = {equation.tensor.key: equation for equation in self.program.equations}
        for node in self.program.tensors():
            target = self.target(node)
            if target is not None:
                names = frozenset(free_indices(target))
                table[target.tensor.key] = Equation(target, told_apart(self.raw(node), names))
        return table

    def target(self, node: Tensor) -> Read | None:
        """d loss / d node, unless it is given (the seed) or names no derivative (the unspecified loss, a size)."""
        seed = self.program.through
        if seed is not None and node.key in (seed.key, self.program.loss.key):
            return None
        if node == self.program.gap:
            return None
        unread = node in self.program.parameters
        if isinstance(node.domain, Integers) or unread or not self.program.differentiated:
            return None
        return d(self.program.loss, node).entry()

    def raw(self, node: Tensor) -> Expr:
        if node.key == self.program.loss.key:
            return ONE
        routes = self.routes(node)
        return add(*(route.term for route in routes)) if routes else ZERO

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Every edge of the program with its derivative, at generic entries."""
        found = []
        for equation in self.program.equations:
            for tensor in tensors_in(equation.value).values():
                if not isinstance(tensor.domain, Integers):
                    found.append(self._edge(equation, tensor))
        return tuple(found)

    @staticmethod
    def _edge(equation: Equation, by: Tensor) -> Edge:
        taken = {index.name for index in equation.indices} | set(free_indices(equation.value))
        axes = []
        for axis in by.axes:
            name = axis.name if axis.name not in taken else fresh_name(axis.name, taken)
            taken.add(name)
            axes.append(axis.renamed(name))
        return Edge(equation.target, Read(by, tuple(axes)), edge(equation, by, tuple(axes)))


def _without_deltas(expr: Expr, tied: dict[str, Expr]) -> Expr:
    """The expression with the deltas that tie an index replaced by 1; smart constructors drop the 1."""

    def drop(node: Expr) -> Expr | None:
        if isinstance(node, Bracket) and isinstance(node.left, Index) and tied.get(node.left.name) == node.right:
            return ONE
        if isinstance(node, Mul):
            return mul(*(_without_deltas(factor, tied) for factor in node.factors))
        return None

    return rewrite(expr, drop)
