"""Prose with mathematics in it, read: text, expressions and formulas in turn."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from derive.language.expression import Expr
from derive.language.plain import plain

ProseRelation: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">=", "->"]


class Formula(Struct, frozen=True):
    """left relation right, as prose states it: `var + eps > 0`, `eps -> 0`."""

    left: Expr
    relation: ProseRelation
    right: Expr

    def __str__(self) -> str:
        return f"{plain(self.left)} {self.relation} {plain(self.right)}"


Prose: TypeAlias = tuple[str | Expr | Formula, ...]
