"""Derivatives of one node by another: along the edge between them, or total, over every path."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from derive.algebra.binding import rewrite
from derive.algebra.edges import fits, instance
from derive.judging.subject import Known
from derive.language.expression import ZERO, Direct, Expr, Index, Read, Sum, add, delta, mul, tensors_in, walk
from derive.language.statement import Side
from derive.reading.arrays import mapped

EDGE = "derivatives of one node by another along one edge, the other named nodes held fixed"
TOTAL = "total derivatives, over every path"


@lru_cache(maxsize=4096)
def has_edges(expr: Expr) -> bool:
    """Known for what a candidate shares with the ones before it."""
    return isinstance(expr, Direct) or any(map(has_edges, expr.children))


def along_edges(known: Known, side: Side) -> Side:
    """Every derivative of a node by a node worked out along its edge; where there is none, over the paths."""
    return mapped(side, lambda expr: rewrite(expr, lambda node: _one(known, node)))


def over_paths(known: Known, side: Side) -> Side:
    """Every derivative of a node by a node worked out as the total one."""
    return mapped(side, lambda expr: rewrite(expr, lambda node: _all(known, node)))


def reading_of(exprs: Iterable[Expr]) -> str:
    """How the derivatives of nodes by nodes are taken: written with straight d's, as total ones."""
    ways = {node.total for expr in exprs for node in walk(expr) if isinstance(node, Direct)}
    if ways == {True, False}:
        return f"{EDGE}; those with straight d's over every path"
    return TOTAL if True in ways else EDGE if ways else ""


def _one(known: Known, node: Expr) -> Expr | None:
    if not isinstance(node, Direct):
        return None
    found = None if node.total else edge(known, node.of, node.by)
    return total(known, node.of, node.by, [0]) if found is None else found


def _all(known: Known, node: Expr) -> Expr | None:
    return total(known, node.of, node.by, [0]) if isinstance(node, Direct) else None


def edge(known: Known, of: Read, by: Read) -> Expr | None:
    """The derivative along the edge between two nodes; None where there is none."""
    for found in known.derivation.edges:
        if found.of.tensor.key == of.tensor.key and found.by.tensor.key == by.tensor.key and fits(found, of, by):
            return instance(found, of, by)
    return None


def total(known: Known, of: Read, by: Read, count: list[int]) -> Expr:
    """d of / d by = edge + sum over the nodes that `of` reads of (edge to it) times (its own total derivative)."""
    if of.tensor.key == by.tensor.key:
        return mul(*(delta(a, b) for a, b in zip(of.indices, by.indices, strict=True)))
    equation = known.problem.program.definition(of.tensor)
    if equation is None:
        return ZERO
    terms: list[Expr] = []
    direct = edge(known, of, by)
    if direct is not None:
        terms.append(direct)
    for tensor in tensors_in(equation.value).values():
        if tensor.key == by.tensor.key or known.problem.program.definition(tensor) is None:
            continue
        if not _depends(known, tensor.key, by.tensor.key):
            continue
        count[0] += 1
        axes = tuple(axis.renamed(f"{axis.name}{count[0]}") for axis in tensor.axes)
        node = Read(tensor, axes)
        step = edge(known, of, node)
        if step is None:
            continue
        term = mul(step, total(known, node, by, count))
        for axis in reversed(axes):
            assert isinstance(axis, Index)
            term = Sum(axis, term)
        terms.append(term)
    return add(*terms)


def _depends(known: Known, key: str, on: str) -> bool:
    program = known.problem.program
    equation = next((e for e in program.equations if e.tensor.key == key), None)
    if equation is None:
        return False
    read = tensors_in(equation.value)
    return on in read or any(_depends(known, other, on) for other in read)
