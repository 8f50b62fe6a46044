"""Subscripts as a reader writes them."""

from __future__ import annotations

from fractions import Fraction

from derive.algebra.binding import rewrite
from derive.language.expression import Add, Expr, Number, Read, add


def tidy(expr: Expr) -> Expr:
    """T[(k + 1) - 1] as T[k]: whole numbers in a subscript are added up."""
    return rewrite(expr, _tidy)


def _tidy(node: Expr) -> Expr | None:
    if not isinstance(node, Read) or not node.indices:
        return None
    return Read(node.tensor, tuple(map(_added_up, node.indices)))


def _added_up(index: Expr) -> Expr:
    spliced = add(*index.terms) if isinstance(index, Add) else index
    terms = spliced.terms if isinstance(spliced, Add) else (spliced,)
    total = sum((term.value for term in terms if isinstance(term, Number)), start=Fraction(0))
    return add(*(term for term in terms if not isinstance(term, Number)), total)
