"""Functions that are written with signs of their own: |z|, floor, n!, n over k, a product over an index; and pi."""

from __future__ import annotations

from collections.abc import Callable

from derive.errors import UnsupportedError
from derive.language.constant import Constant
from derive.language.expression import Expr, Function, Sum
from derive.rendering.formula import ATOM, PRODUCT, Formula, Piece


def _fenced(f: Formula, expr: Function) -> Piece:
    (inner,) = map(f.piece, expr.arguments)
    fence = {"abs": f.markup.absolute, "floor": f.markup.floor, "ceil": f.markup.ceil}[expr.name]
    return Piece(fence.format(inner.text), ATOM, inner.tall)


def _factorial(f: Formula, expr: Function) -> Piece:
    inner = f.piece(expr.arguments[0])
    base = f.round(inner) if inner.level < ATOM or inner.scripted or isinstance(expr.arguments[0], Function) else inner
    return Piece(f"{base.text}!", ATOM, base.tall)


def _binomial(f: Formula, expr: Function) -> Piece:
    above, below = map(f, expr.arguments)
    latex = f.markup.name == "latex"
    return Piece(rf"\binom{{{above}}}{{{below}}}" if latex else f"binom({above}, {below})", ATOM, tall=True)


def _prod(f: Formula, expr: Function) -> Piece:
    (total,) = expr.arguments
    if not isinstance(total, Sum):
        raise UnsupportedError("a product without its range has no notation")
    index = total.index
    body = f.at_least(f.piece(total.body), PRODUCT)
    latex = f.markup.name == "latex"
    letter, lower, upper = f.markup.letter(index.name), f(index.lower), f(index.upper)
    sign = rf"\prod_{{{letter}={lower}}}^{{{upper}}}" if latex else f"product_({letter}={lower})^({upper})"
    return Piece(f"{sign} {body.text}", PRODUCT, tall=True, open=True)


FUNCTIONS: dict[str, Callable[[Formula, Function], Piece]] = {
    "abs": _fenced, "floor": _fenced, "ceil": _fenced, "factorial": _factorial, "binomial": _binomial, "prod": _prod,
}  # fmt: skip


def function(f: Formula, expr: Function) -> Piece | None:
    """In its own notation, where it has one."""
    rule = FUNCTIONS.get(expr.name)
    return rule(f, expr) if rule is not None else None


def constant(f: Formula, expr: Expr) -> Piece:
    assert isinstance(expr, Constant)
    infinity = r"\infty" if f.markup.name == "latex" else "infinity"
    return Piece(f.markup.letter("pi") if expr.name == "pi" else infinity)
