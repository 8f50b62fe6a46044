"""Sides and chains as LaTeX: how a statement was read."""

from __future__ import annotations

from collections.abc import Sequence

from derive.language.expression import Expr, Index
from derive.language.notation import Level
from derive.language.statement import Open, Relation, Side, Table
from derive.rendering.formula import latex

SIGNS = {"=": "=", "~": r"\approx", "<": "<", "<=": r"\le", ">": ">", ">=": r"\ge", "!=": r"\ne"}

FENCES = {"{}": (r"\{", r"\}"), "[)": ("[", ")"), "(]": ("(", "]"), "[]": ("[", "]")}


def shown_chain(sides: Sequence[Side], relations: Sequence[Relation]) -> str:
    text = shown_side(sides[0])
    for side, relation in zip(sides[1:], relations, strict=True):
        text += f" {SIGNS[relation]} {shown_side(side)}"
    return text


def shown_ranges(indices: Sequence[Index], layers: tuple[Level, Level] | None, layer: str) -> str:
    r""", i = 1, \ldots, m - 1: what a statement is about, where it is less than all."""
    ends = [(one.name, latex(one.lower), latex(one.upper)) for one in indices]
    ends += [(layer, layers[0].text, layers[1].text)] if layers is not None else []
    return "".join(rf",\ {name} = {low}" + (rf", \ldots, {high}" if high != low else "") for name, low, high in ends)


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
