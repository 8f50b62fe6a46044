r"""Matrices, cases, and whole statements: chains, several in one text, and the words around them that say nothing."""

from __future__ import annotations

import re

from msgspec.structs import replace

from derive.reading.latex.brackets import beside
from derive.reading.latex.ranges import Ranges
from derive.reading.latex.tokens import Token
from derive.reading.surface import Cases, Condition, Grid, Link, Listed, Node, Product, Spelled, Where, is_endless
from derive.reading.trees import letters_of, letters_written

MATRICES = ("matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "array")
ALIGNED = ("align", "align*", "aligned", "split", "gather", "gather*", "equation", "equation*", "eqnarray", "alignat")
CASES = ("cases", "dcases", "rcases")
OTHERWISE = ("otherwise", "else")
MAX_STATEMENTS = 50
# Words that may stand around a formula without changing what it says.
NEUTRAL = frozenset({
    "and", "so", "thus", "hence", "then", "where", "with", "therefore", "since", "because", "we", "get", "have",
    "obtain", "that", "is", "i", "e", "(implied)", "implied", "giving", "gives", "yields", "for", "all", "which",
    "let", "define", "defined", "denote", "denoting", "set", "write", "writing", "put", "using", "here", "again",
    "now", "also", "finally", "first", "next", "by", "as", "be", "the",
})  # fmt: skip
_TERM = re.compile(r"\s*(?:the )?(?:\w+ )?(?:term|summand)(?: [0-9]{1,2})?\s*(?:is)?\s*:?\s*", re.ASCII)


class Reader(Ranges):
    """The statements of a text."""

    def block(self, token: Token) -> Node:
        if token.text != "begin":
            return super().block(token)
        self.advance()
        name = self.environment()
        if name in CASES:
            return self.cases(token, name)
        if name in MATRICES:
            return self.grid(token, name)
        return self.fail(f"the environment '{name}' is not read inside a formula", token)

    def environment(self) -> str:
        self.take("{", "before the name of the environment")
        letters = ""
        while self.token.kind == "letter" or self.is_symbol("*"):
            letters += self.advance().text
        self.take("}", "after the name of the environment")
        return letters

    def end_of(self, name: str) -> None:
        self.advance()
        token = self.token
        if self.environment() != name:
            self.fail(f"\\end{{{name}}} is expected", token)

    def grid(self, start: Token, name: str) -> Node:
        self.deeper()
        if name == "array" and self.is_symbol("{"):
            while not self.is_symbol("}") and self.token.kind != "end":
                self.advance()
            self.take("}", "after the columns of the array")
        self.bars.append("(")
        self.grids += 1
        rows: list[list[Node]] = [[]]
        while not self.is_command("end"):
            if self.is_command("\\", "cr"):
                self.advance()
                rows.append([])
            elif self.is_symbol("&"):
                self.advance()
                if self.is_symbol("&") or self.is_command("\\", "end"):
                    self.fail("an entry of the matrix is empty")
            elif self.token.kind == "end":
                self.fail(f"\\end{{{name}}} is expected")
            else:
                rows[-1].append(self.expression())
                if not (self.is_symbol("&") or self.is_command("\\", "cr", "end")):
                    self.fail(f"{self.token} has no place in a matrix")
        self.bars.pop()
        self.grids -= 1
        self.end_of(name)
        self.shallower()
        found = tuple(tuple(row) for row in rows if row)
        if not found:
            self.fail("the matrix is empty", start)
        return Grid(start.position, found)

    def cases(self, start: Token, name: str) -> Node:
        self.deeper()
        arms: list[tuple[Node, Condition | None]] = []
        self.grids += 1
        while not self.is_command("end"):
            if self.is_command("\\", "cr"):
                self.advance()
                continue
            if self.token.kind == "end":
                self.fail(f"\\end{{{name}}} is expected")
            value = self.expression()
            self.skip(",")
            self.take("&", "between a value and its condition")
            arms.append((value, self.condition()))
            self.skip(",", ".")
        self.grids -= 1
        self.end_of(name)
        self.shallower()
        if not arms:
            self.fail("there are no cases", start)
        return Cases(start.position, tuple(arms))

    def condition(self) -> Condition | None:
        start = self.token
        if start.kind == "text":
            word = self.advance().text.strip(" ,.")
            if word in OTHERWISE:
                return None
            if word not in ("if", "for", "when", ""):
                self.fail(f"the condition '{word[:40]}' is not read", start)
        left = self.expression()
        relation = self.relation()
        if relation is None:
            self.fail(f"a condition such as i = j is expected, but here is {self.token}")
        return Condition(start.position, relation, left, self.expression())

    # -- statements ----------------------------------------------------------------------------------------------

    def statements(self) -> tuple[Spelled, ...]:
        """Every chain of the text, until its end; a range that is stated first is said of those that follow."""
        self.found, self.spoken = [], set()
        first = self.leading()
        ahead = first
        while True:
            self.pass_over()
            if self.ended():
                break
            term = self.token.kind == "text" and _TERM.fullmatch(self.token.text) is not None
            if term:
                self.advance()
            self.found.append(replace(self.chain(), where=ahead, term=term))
            while where := self.where():
                if first or self.is_symbol(":"):
                    ahead = where
                else:
                    self.found = [self.with_where(one, where, one is self.found[-1]) for one in self.found]
            if len(self.found) > MAX_STATEMENTS:
                self.fail(f"more than {MAX_STATEMENTS} statements in one text")
            if not (self.at_separator() or self.ended()):
                self.fail(f"{self.token} has no place here")
        if not self.found:
            self.fail("a statement is expected, but here is the end")
        return tuple(self.found)

    def leading(self) -> tuple[Where, ...]:
        r"""For i = 1, \dots, m: ..."""
        return self.where() if self.token.kind == "text" or self.is_command("forall") else ()

    @staticmethod
    def with_where(one: Spelled, where: tuple[Where, ...], last: bool) -> Spelled:
        """Of several statements, those are meant that have the letters, and no range of their own."""
        letters = {letter for each in where for letter in letters_of(each)}
        written = set().union(*(letters_written(side) for side in one.sides))
        if last or (letters <= written and not one.where):
            return replace(one, where=(*one.where, *where))
        return one

    def ended(self) -> bool:
        return self.token.kind == "end"

    def at_separator(self) -> bool:
        if self.is_command("\\", "newline", "cr", "end", "begin", "implies", "Rightarrow", "iff", "therefore"):
            return True
        return self.is_symbol(",", ";", ":", "&") or (self.token.kind == "text" and self.is_neutral(self.token))

    @staticmethod
    def is_neutral(token: Token) -> bool:
        words = re.sub(r"[,.;:]", " ", token.text.lower()).split()
        return all(word in NEUTRAL for word in words)

    def pass_over(self) -> None:
        """Separators, the frames of aligned equations, and words that say nothing."""
        while True:
            token = self.token
            if self.is_command("begin", "end"):
                if self.ahead(2).text in ("p", "b", "c", "m", "s") and self.is_command("begin"):
                    back = self.at
                    self.advance()
                    name = self.environment()
                    self.at = back
                    if name in (*MATRICES, *CASES):
                        return
                self.advance()
                name = self.environment()
                if name not in ALIGNED:
                    self.fail(f"the environment '{name}' is not read", token)
            elif token.kind == "text":
                if not self.is_neutral(token):
                    return
                self.advance()
            elif self.at_separator():
                self.advance()
            else:
                return

    def chain(self) -> Spelled:
        """a = b = c, over lines with &= too."""
        sides: list[Node] = []
        links: list[Link] = []
        spans: list[tuple[int, int]] = []
        start = self.token.position
        sides.append(self.side())
        spans.append((start, self.tokens[self.at - 1].stop))
        while True:
            self.next_line()
            at = self.token.position
            if len(sides) == 1 and self.is_command("in"):
                return self.member(sides[0], spans[0])
            if len(sides) == 1 and self.is_command("leftarrow", "gets"):
                return self.update(sides[0], spans[0])
            relation = self.relation()
            if relation is None and self.is_symbol(":") and self.is_shape():
                self.advance()
                relation = ":"
            if relation is None:
                break
            self.pass_breaks()
            start = self.token.position
            sides.append(self.side())
            links.append(Link(relation, at))
            spans.append((start, self.tokens[self.at - 1].stop))
        return Spelled(tuple(sides), tuple(links), tuple(spans))

    def update(self, value: Node, span: tuple[int, int]) -> Spelled:
        r"""x \leftarrow x - ...: what stands on the right is the new value, the answer to what is asked."""
        link = Link("=", self.advance().position)
        self.pass_breaks()
        start = self.token.position
        side = self.side()
        return Spelled((value, side), (link,), (span, (start, self.tokens[self.at - 1].stop)), update=True)

    def member(self, value: Node, span: tuple[int, int]) -> Spelled:
        r"""A \in \mathbb R^{4 \times 8} as its shape; x in an interval."""
        if not (self.is_ahead(1, "mathbb") or self.is_ahead(1, "Reals")):
            return self.inside(value, span)
        link = Link(":", self.advance().position)
        start = self.advance()
        if start.text == "mathbb":
            braced = self.skip("{")
            if self.token.text != "R":
                self.fail("of sets, intervals and \\mathbb R^{n \\times m} are read here")
            self.advance()
            if braced:
                self.take("}", "after the name of the set")
        sizes: tuple[Node, ...] = ()
        if self.is_symbol("^"):
            self.advance()
            found = self.argument()
            sizes = (found,)
            if isinstance(found, Product) and "times" in found.operators:
                sizes = tuple(found.factors) if all(one == "times" for one in found.operators) else _crossed(found)
        shape = Listed(start.position, sizes, fence="()")
        return Spelled((value, shape), (link,), (span, (start.position, self.tokens[self.at - 1].stop)))

    def inside(self, value: Node, span: tuple[int, int]) -> Spelled:
        """x in [0, 1) as 0 <= x < 1."""
        at = self.advance().position
        token = self.token
        interval = self.side()
        if not (isinstance(interval, Listed) and len(interval.items) == 2 and len(interval.fence) == 2):
            self.fail("of sets, intervals such as [0, 1] are read here", token)
        ends = [None if is_endless(end) else end for end in interval.items]
        sides, links = [value], list[Link]()
        if ends[0] is not None:
            sides.insert(0, ends[0])
            links.append(Link("<=" if interval.fence[0] == "[" else "<", at))
        if ends[1] is not None:
            sides.append(ends[1])
            links.append(Link("<=" if interval.fence[1] == "]" else "<", at))
        if not links or interval.fence == "{}":
            self.fail("an interval with an end is expected", token)
        return Spelled(tuple(sides), tuple(links), (span,) * len(sides))

    def is_shape(self) -> bool:
        return self.ahead().text == "("

    def next_line(self) -> None:
        r"""Passes `\\`, `&` and `;` where a relation follows."""
        places = 0
        while True:
            token = self.ahead(places)
            if (token.kind == "command" and token.text in ("\\", "newline")) or (
                token.kind == "symbol" and token.text in ("&", ";")
            ):
                places += 1
            else:
                break
        token = self.ahead(places)
        if places and token.kind in ("symbol", "command") and token.text in ("=", "<", ">", "le", "ge", "ne", "approx"):
            self.at += places

    def side(self) -> Node:
        return self.expression()


def _crossed(found: Product) -> tuple[Node, ...]:
    """DT and CN of DT × CN."""
    groups: list[list[Node]] = [[found.factors[0]]]
    for operator, factor in zip(found.operators, found.factors[1:], strict=True):
        if operator == "times":
            groups.append([factor])
        else:
            groups[-1].append(factor)
    return tuple(one[0] if len(one) == 1 else Product(one[0].at, tuple(one), beside(len(one))) for one in groups)
