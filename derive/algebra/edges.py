"""Derivatives along one edge, put in from a table."""

from __future__ import annotations

from derive.algebra.binding import rewrite, substitute
from derive.errors import UnsupportedError
from derive.language.derivation import Edge
from derive.language.expression import Direct, Expr, Index, Read


def resolved(expr: Expr, edges: tuple[Edge, ...]) -> Expr:
    """Every derivative along an edge replaced by its value."""

    def put_in(node: Expr) -> Expr | None:
        if not isinstance(node, Direct):
            return None
        for found in edges:
            if found.of.tensor.key == node.of.tensor.key and found.by.tensor.key == node.by.tensor.key:
                return instance(found, node.of, node.by)
        raise UnsupportedError(f"{node.of.tensor.key} does not read {node.by.tensor.key}")

    return rewrite(expr, put_in)


def fits(edge_: Edge, of: Read, by: Read) -> bool:
    """Can the edge's indices be renamed to those of the two reads? An edge at equal indices fits equal ones only."""
    old = (*edge_.of.indices, *edge_.by.indices)
    values: dict[Expr, Expr] = {}
    return all(values.setdefault(one, new) == new for one, new in zip(old, (*of.indices, *by.indices), strict=True))


def instance(edge_: Edge, of: Read, by: Read) -> Expr:
    """The edge's derivative at the indices of two reads."""
    old = [i for i in (*edge_.of.indices, *edge_.by.indices) if isinstance(i, Index)]
    return substitute(edge_.value, {i.name: new for i, new in zip(old, (*of.indices, *by.indices), strict=True)})
