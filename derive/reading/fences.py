"""Sets and intervals, which stand alone on a side: {a, b}, [0, 1), (-\\infty, 3)."""

from __future__ import annotations

from msgspec.structs import replace

from derive.language.constant import INFINITY
from derive.language.expression import Expr, neg
from derive.language.statement import Chain, Side, Table
from derive.reading import surface as s
from derive.reading.elaborate import Elaborator
from derive.reading.lists import FENCED


class Fences(Elaborator):
    """Lists that keep their brackets."""

    roots: tuple[s.Node, ...] = ()

    def chain(self, one: s.Spelled) -> Chain:
        self.roots = one.sides
        return super().chain(one)

    def _listed(self, node: s.Listed) -> Side:
        alone = any(node is root for root in self.roots)
        endless = len(node.items) == 2 and any(map(s.is_endless, node.items))
        if len(node.items) == 1 or not (node.fence in FENCED or endless):
            side = super()._listed(node)
            return replace(side, fence=node.fence) if alone and isinstance(side, Table) else side
        if not alone:
            self.fail("a set or an interval is read where it stands alone", node)
        return Table((tuple(map(self.end, node.items)),), vector=True, fence=node.fence)

    def end(self, node: s.Node) -> Expr:
        sign = s.is_endless(node)
        return self.scalar(node) if not sign else INFINITY if sign > 0 else neg(INFINITY)
