"""The formula behind a number: the same rule applied to letters, and the number each letter stands for."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import force_setattr

from derive.algebra.whole import Amount, Whole, as_expression
from derive.engines.ledger import Row
from derive.engines.shapes import Flow
from derive.language.expression import Expr, Read
from derive.language.layer import Convolution, Layer, Linear, Pooling
from derive.language.notation import Name
from derive.language.tensor import Tensor

T = TypeVar("T")

SPATIAL = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}
# field -> its letter, the number that is left out of a formula, and how the axes are told apart
FIELDS: dict[str, tuple[str, int | None]] = {"kernel": ("k", None), "stride": ("s", 1), "padding": ("p", 0),
                                              "dilation": ("d", 1), "groups": ("g", 1)}  # fmt: skip


class Letters:
    """Hands out letters, and keeps what each of them stands for."""

    def __init__(self) -> None:
        self.meaning: dict[Expr, Expr] = {}

    def letter(self, base: str, value: object, sub: str = "", primes: int = 0) -> Expr:
        text = base + (f"_{sub}" if sub else "") + "prime" * primes
        tensor = Tensor(Name(base, sub=(sub,) if sub else (), primes=primes, text=text))
        self.meaning[Read(tensor)] = as_expression(value) if isinstance(value, int | Whole) else value  # type: ignore[assignment]
        return Read(tensor)

    def flow(self, flow: Flow, sub: str, primes: int = 0) -> Flow:
        names = SPATIAL.get(len(flow.spatial)) or tuple(f"n{a}" for a in range(1, len(flow.spatial) + 1))
        spatial = tuple(self.letter(name, n, primes=primes) for name, n in zip(names, flow.spatial, strict=True))
        return Flow(self.letter("C" if flow.spatial else "n", flow.channels, sub), spatial)

    def layer(self, layer: Layer, out: Flow) -> Layer:
        """The layer with letters for what a formula of it may show; defaults stay as they are."""
        if not isinstance(layer, Convolution | Pooling | Linear):
            return layer
        twin = copy.copy(layer)
        if isinstance(layer, Linear):
            force_setattr(twin, "units", out.channels)
            return twin
        if isinstance(layer, Convolution):
            force_setattr(twin, "channels", out.channels)
            force_setattr(twin, "channels_in", None)
        for field, (base, plain) in FIELDS.items():
            value = getattr(layer, field, plain)
            if field == "stride" and value is None:
                value = layer.kernel
            if not isinstance(value, str):
                force_setattr(twin, field, self._field(base, value, plain)) if hasattr(layer, field) else None
        return twin

    def _field(self, base: str, value: object, plain: int | None) -> object:
        """One letter where all axes agree, else one for each axis."""
        several = value if isinstance(value, tuple) else (value,)
        if all(one == several[0] for one in several):
            return several[0] if several[0] == plain else self.letter(base, several[0])
        names = SPATIAL.get(len(several), tuple(map(str, range(1, len(several) + 1))))
        return tuple(one if one == plain else self.letter(base, one, sub=name.lower())
                     for name, one in zip(names, several, strict=True))  # fmt: skip


def formula(row: Row, rule: Callable[[Layer, Flow, Flow], Amount | Expr]) -> tuple[Expr, Letters]:
    """The rule for the letters of this layer. Letters that it does not use are left out."""
    letters = Letters()
    into = letters.flow(row.into, "in")
    same = row.out.channels == row.into.channels and not isinstance(row.layer, Convolution | Linear)
    out = letters.flow(row.out, "out", primes=1)
    if same:
        out = Flow(into.channels, out.spatial if row.out.spatial != row.into.spatial else into.spatial)
    found = rule(letters.layer(row.layer, out), into, out)
    return (as_expression(found) if isinstance(found, int | Whole) else found), letters


def filled(expr: Expr, letters: Letters) -> Expr:
    """Each letter replaced by what it stands for, nothing worked out."""
    if expr in letters.meaning:
        return letters.meaning[expr]
    children = tuple(filled(child, letters) for child in expr.children)
    return expr.with_children(children) if children else expr


def used(expr: Expr, letters: Letters) -> tuple[tuple[Expr, Expr], ...]:
    """The letters of a formula with what they stand for, in the order in which they were handed out."""
    found = set(_reads(expr))
    return tuple((letter, value) for letter, value in letters.meaning.items() if letter in found)


def _reads(expr: Expr) -> list[Expr]:
    return [expr] if isinstance(expr, Read) else [read for child in expr.children for read in _reads(child)]
