"""Matrices, shapes and boxes of entries -> mathematics: the rules of the nouns that are not one number."""

from __future__ import annotations

from collections.abc import Callable

from derive.language.answers import Quantity, Region, Shape, Span
from derive.language.constant import Constant
from derive.language.expression import ONE, Expr
from derive.language.matrices import Component, Diagonal, Ordered, Transposed, Whole, whole
from derive.language.matrices import Product as MatrixProduct
from derive.language.notation import PartialName
from derive.rendering.formula import ATOM, PRODUCT, Formula, Piece, juxtaposed
from derive.rendering.names import scripts
from derive.rendering.notation import constant


def _whole(f: Formula, expr: Whole) -> Piece:
    quotient = isinstance(expr.tensor.name, PartialName)
    return Piece(f.tensor(expr.tensor), PRODUCT if quotient else ATOM, slash=quotient)


def _diagonal(f: Formula, expr: Diagonal) -> Piece:
    inside = f.piece(whole(expr.entry, expr.index))
    return Piece(f.markup.function.format(f.markup.operator.format("diag"), f.round(inside).text), tall=inside.tall)


def _transposed(f: Formula, expr: Transposed) -> Piece:
    inside = f.piece(expr.of)
    base = inside if isinstance(expr.of, Whole) else f.round(inside)
    return Piece(f.markup.vectors["transpose"].format(base.text), ATOM, base.tall, scripted=True)


def _matrices(f: Formula, expr: MatrixProduct) -> Piece:
    return juxtaposed(f, [f.piece(factor) for factor in expr.factors])


def _ordered(f: Formula, expr: Ordered) -> Piece:
    """A_L D_{L-1} A_{L-1} ... A_{i+1} D_i, with the dots at half height."""
    before, after = ([f.piece(factor) for factor in factors] for factors in expr.shown)
    return juxtaposed(f, [*before, Piece(f.markup.dots), *after] if after else before)


def _component(f: Formula, expr: Component) -> Piece:
    """[A B]_{r c}; of a single row the column alone, of a column the row; of a single number nothing."""
    rows, columns = expr.matrix.shape
    inside = f.piece(expr.matrix)
    if (rows, columns) == (ONE, ONE):
        return inside
    at = [f(index) for index, size in ((expr.row, rows), (expr.column, columns)) if size != ONE]
    return Piece(f.markup.sub.format(f.markup.square.format(inside.text), scripts(at)), ATOM, inside.tall)


def _quantity(f: Formula, expr: Quantity) -> Piece:
    """params(conv1): words, set as words."""
    named = [_called(f, text) for text in (expr.network, expr.of) if text]
    return Piece(f"{f.markup.phrase.format(expr.what)}{f.markup.round.format(', '.join(named))}" if named
                 else f.markup.phrase.format(expr.what))  # fmt: skip


def _called(f: Formula, text: str) -> str:
    """W_h as a letter with its script; anything else as words."""
    base, _, script = text.partition("_")
    if len(base) == 1 and script.isalnum():
        return f.markup.sub.format(f.markup.letter(base), f.markup.letter(script))
    return f.markup.letter(text) if len(text) == 1 else f.markup.phrase.format(_words(f, text))


def _words(f: Formula, text: str) -> str:
    return f.markup.escape(text) if f.markup.name == "latex" else text.replace("\\", "\\\\").replace('"', '\\"')


def _shape(f: Formula, expr: Shape) -> Piece:
    inside = ", ".join(map(f, expr.sizes)) + ("," if len(expr.sizes) == 1 else "")
    return Piece(f.markup.tall_round.format(inside))


def _span(f: Formula, expr: Span) -> Piece:
    if expr.lower == expr.upper:
        return f.piece(expr.lower)
    return Piece(f.markup.round.format(f"{f(expr.lower)} : {f(expr.upper)}"))


def _region(f: Formula, expr: Region) -> Piece:
    inside = ", ".join([":"] * expr.whole + [f(span) for span in expr.spans])
    return Piece(f"{f.markup.letter(expr.array)}{f.markup.square.format(inside)}")


RULES: dict[type[Expr], Callable[[Formula, Expr], Piece]] = {
    Whole: _whole,  # type: ignore[dict-item]
    Diagonal: _diagonal,  # type: ignore[dict-item]
    Transposed: _transposed,  # type: ignore[dict-item]
    MatrixProduct: _matrices,  # type: ignore[dict-item]
    Ordered: _ordered,  # type: ignore[dict-item]
    Component: _component,  # type: ignore[dict-item]
    Quantity: _quantity,  # type: ignore[dict-item]
    Shape: _shape,  # type: ignore[dict-item]
    Span: _span,  # type: ignore[dict-item]
    Region: _region,  # type: ignore[dict-item]
    Constant: constant,
}
