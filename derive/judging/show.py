"""Sides and chains as LaTeX: how a statement was read."""

from __future__ import annotations

from collections.abc import Sequence

from derive.language.expression import Expr
from derive.language.statement import Open, Relation, Side, Table
from derive.rendering.formula import latex

SIGNS = {"=": "=", "~": r"\approx", "<": "<", "<=": r"\le", ">": ">", ">=": r"\ge", "!=": r"\ne"}

FENCES = {"{}": (r"\{", r"\}"), "[)": ("[", ")"), "(]": ("(", "]"), "[]": ("[", "]")}


def shown_chain(sides: Sequence[Side], relations: Sequence[Relation]) -> str:
    text = shown_side(sides[0])
    for side, relation in zip(sides[1:], relations, strict=True):
        text += f" {SIGNS[relation]} {shown_side(side)}"
    return text


def shown_side(side: Side) -> str:
    """An array by its general entry; one that is written out, entry by entry."""
    if isinstance(side, Open):
        return latex(side.entry)
    if isinstance(side, Table):
        if side.vector:
            opening, closing = FENCES.get(side.fence, ("(", ")"))
            return rf"\left{opening}{', '.join(map(latex, side.cells))}\right{closing}"
        rows = r" \\ ".join(" & ".join(map(latex, row)) for row in side.rows)
        return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"
    assert isinstance(side, Expr)
    return latex(side)
