"""Conditions and cases: brackets on whole numbers, steps on real ones."""

from __future__ import annotations

from derive.language.domain import Integers
from derive.language.expression import ONE, Bracket, Direct, Expr, Function, Read, Sum, add, mul, walk
from derive.reading import surface as s
from derive.reading.entries import Entries
from derive.reading.pending import exactly
from derive.reading.trees import disjoint


class Conditions(Entries):
    """1 where a condition holds, else 0; and values by the case that holds."""

    def _indicator(self, node: s.Indicator) -> Expr:
        return self.condition(node.condition)

    def condition(self, node: s.Condition) -> Expr:
        """1 where it holds, else 0: a bracket on whole numbers, a step on real ones."""
        left, right = exactly(self.scalar(node.left)), exactly(self.scalar(node.right))
        if all(map(_is_whole, (left, right))):
            match node.relation:
                case "|":
                    return Bracket("divides", left, right)
                case "=" | "!=" | "<" | "<=":
                    return Bracket(node.relation, left, right)
                case ">" | ">=":
                    return Bracket("<" if node.relation == ">" else "<=", right, left)
        match node.relation:
            case ">":
                return Function("step", (left - right,))
            case "<":
                return Function("step", (right - left,))
            case ">=":
                return 1 - Function("step", (right - left,))
            case "<=":
                return 1 - Function("step", (left - right,))
        return self.fail("a condition on real numbers is written with < or >", node)

    def _cases(self, node: s.Cases) -> Expr:
        terms: list[Expr] = []
        rest: Expr = ONE
        for place, (value, condition) in enumerate(node.arms):
            if condition is None:
                if place != len(node.arms) - 1:
                    self.fail("'otherwise' is the last of the cases", value)
                terms.append(mul(rest, self.scalar(value)))
                continue
            holds = self.condition(condition)
            if place and not disjoint(node.arms[place - 1][1], condition):
                self.fail("cases that may overlap are not read; end with 'otherwise'", value)
            terms.append(mul(holds, self.scalar(value)))
            rest = mul(rest, 1 - holds)
        return add(*terms)


def _is_whole(expr: Expr) -> bool:
    """Made of indices, sizes and numbers alone."""
    for node in walk(expr):
        if isinstance(node, Read) and not isinstance(node.tensor.domain, Integers):
            return False
        if isinstance(node, Function | Sum | Direct):
            return False
    return True
