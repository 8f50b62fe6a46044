"""Numbers that have a name of their own: pi, and infinity as the end of an interval."""

from __future__ import annotations

from typing import Literal

from derive.language.expression import Expr
from derive.language.plain import spellings


class Constant(Expr, frozen=True, cache_hash=True):
    """pi; `infinity` has no value and stands at the end of an interval alone."""

    name: Literal["pi", "infinity"]


PI = Constant("pi")
INFINITY = Constant("infinity")

spellings[Constant] = lambda node: node.name  # type: ignore[attr-defined]
