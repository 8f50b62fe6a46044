"""What stands in brackets: one expression, lists, sets, intervals, conditions, and bars."""

from __future__ import annotations

from derive.reading.latex.signs import Signs
from derive.reading.latex.tokens import Token
from derive.reading.surface import (
    Call,
    Colon,
    Condition,
    Indicator,
    Listed,
    Node,
    Numeral,
    Operator,
    Product,
    Relation,
    Word,
)


def beside(factors: int) -> tuple[Operator, ...]:
    """Nothing between so many factors."""
    nothing: Operator = ""
    return (nothing,) * (factors - 1)


class Brackets(Signs):
    """(a), (a, b), [a, b), {a, b}, [i = k], |a|."""

    def bars_of(self, bar: str, name: str) -> Node:
        start = self.advance()
        if bar == "|" and self.is_symbol("|"):
            self.fail("a norm is written with \\| on both sides", start)
        self.bars.append(bar)
        inside = self.expression()
        self.bars.pop()
        if not (self.token.text == bar and self.token.kind in ("symbol", "command")):
            self.fail(f"a bar is expected to close the one at column {start.position + 1}, but here is {self.token}")
        self.advance()
        if name == "norm" and self.is_symbol("_"):
            name = self.norm_of()
        return Call(start.position, name, (inside,))

    def norm_of(self) -> str:
        """Which norm: the 1-norm, or the root of the sum of squares, which 2 and F call by its name."""
        self.advance()
        token = self.token
        which = self.argument()
        if isinstance(which, Numeral) and which.text in ("1", "2"):
            return "norm" if which.text == "2" else "norm1"
        if isinstance(which, Word) and which.base == "F" and not (which.below or which.above):
            return "norm"
        return self.fail("of norms, those with 1, 2 and F are read", token)

    def listed(self, closing: str) -> Node:
        """(a), (a, b, c), [i = k], (i-1 : i+1)."""
        self.deeper()
        start = self.advance()
        self.bars.append("(")
        if closing == "}" and self.is_command("}"):
            self.fail("the empty set is not read", start)
        items = [self.item()]
        relation = self.relation() if start.text == "[" or self.is_after_one(start) else None
        if relation is not None:
            items = [self.conditions(start, relation, items[0])]
        else:
            while self.is_symbol(",", ";"):
                self.advance()
                items.append(self.item())
        self.bars.pop()
        other = {")": "]", "]": ")"}.get(closing, "")
        half_open = len(items) == 2 and other != "" and self.is_symbol(other)
        self.close(other if half_open else closing, start)
        self.shallower()
        if relation is not None:
            return items[0]
        if len(items) == 1 and not (start.text == "[" and not isinstance(items[0], Indicator)):
            return items[0] if isinstance(items[0], Indicator | Colon) else Listed(start.position, tuple(items))
        fence = start.text + (other if half_open else closing)
        return Listed(start.position, tuple(items), start.text == "[", fence)

    def is_after_one(self, start: Token) -> bool:
        r"""1\{i = k\}: braces around a condition stand after the sign of an indicator."""
        place = next((k for k, token in enumerate(self.tokens) if token is start), 0)
        before = [token.text for token in self.tokens[max(0, place - 2) : place]]
        return start.text == "{" and (before[-1:] == ["1"] or before == ["1", "}"])

    def conditions(self, start: Token, relation: Relation, left: Node) -> Node:
        """[i = k], [1 <= e <= N]: as many conditions as relations."""
        found: list[Node] = []
        next_: Relation | None = relation
        while next_ is not None:
            right = self.expression()
            found.append(Indicator(start.position, Condition(start.position, next_, left, right)))
            left, next_ = right, self.relation()
        return found[0] if len(found) == 1 else Product(start.position, tuple(found), beside(len(found)))

    def close(self, closing: str, start: Token) -> None:
        if self.token.text == closing and self.token.kind in ("symbol", "command"):
            self.advance()
            return
        self.fail(f"'{closing}' is expected to close the '{start.text}' at column {start.position + 1}, but here is"
                  f" {self.token}")  # fmt: skip

    def item(self) -> Node:
        """An expression, dots, or a span of an index."""
        start = self.token.position
        if self.is_symbol(":"):
            self.advance()
            return Colon(start)
        first = self.expression()
        if self.is_symbol(":"):
            self.advance()
            return Colon(start, first, self.expression())
        return first
