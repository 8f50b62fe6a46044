r"""Signs with arguments: \\frac, \\sqrt, \\partial, \\nabla, \\sum, \\lim."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from msgspec.structs import replace

from derive.reading.latex.table import ACCENTS, FONTS, FUNCTIONS, NAMES, TIMES
from derive.reading.latex.tokens import Token
from derive.reading.latex.words import Words
from derive.reading.surface import (
    Big,
    Derivative,
    Fraction,
    Limit,
    Nabla,
    Node,
    Numeral,
    Product,
    Relation,
    Root,
    Sums,
    Word,
)

# letters, lower and upper end, exceptions
Under: TypeAlias = tuple[tuple[str, ...], Node | None, Node | None, tuple[tuple[str, Node], ...]]


class Signs(Words):
    """What a sign takes, and how it reads."""

    def expression(self) -> Node:
        raise NotImplementedError

    def term(self) -> Node:
        raise NotImplementedError

    def factor(self) -> Node:
        raise NotImplementedError

    def relation(self) -> Relation | None:
        raise NotImplementedError

    def starts_factor(self) -> bool:
        raise NotImplementedError

    def fraction(self) -> Node:
        start = self.advance()
        if self.is_symbol("{"):
            derivative = self.derivative(start)
            if derivative is not None:
                return derivative
        top = self.argument()
        return Fraction(start.position, top, self.argument())

    def derivative(self, start: Token) -> Node | None:
        r"""\frac{\partial f}{\partial x_i}, \frac{df}{dx}, and \frac{\partial}{\partial x} before its function."""
        mark = self.ahead()
        straight = self.straight_d(1)
        if not (mark.kind == "command" and mark.text == "partial") and not straight:
            return None
        back = self.at
        self.advance()
        self.differential(straight)
        of = None if self.is_symbol("}") else self.differentiated()
        if not self.is_symbol("}"):
            if straight:
                self.at = back
                return None
            self.fail(f"'}}' is expected after what is differentiated, but here is {self.token}")
        self.advance()
        if not self.is_symbol("{") or (straight and not self.straight_d(1)):
            if straight:
                self.at = back
                return None
            self.fail("the denominator of the derivative is expected in braces")
        self.advance()
        if not straight and not self.is_command("partial"):
            self.fail(f"'\\partial' is expected in the denominator, but here is {self.token}")
        self.differential(straight)
        by = self.entry_of(self.factor())
        self.take("}", "after what the derivative is taken by")
        if of is None:
            of = self.differentiated()
            if self.starts_factor() or (self.token.kind == "command" and self.token.text in TIMES):
                self.fail("how much of the product is differentiated is open; write parentheses, or one fraction")
        return Derivative(start.position, of, by, straight)

    def differentiated(self) -> Node:
        """A name, or a function of something."""
        of = self.factor()
        if isinstance(of, Word) and of.base == "sigma" and self.is_symbol("("):
            return Product(of.at, (of, self.factor()), ("",))
        return self.entry_of(of)

    def entry_of(self, node: Node) -> Node:
        """h_j(i), where (i) says which sample, as h_j^{(i)}; functions are applied to more than a letter."""
        inside = self.ahead()
        if not isinstance(node, Word) or not self.is_symbol("(") or inside.kind not in ("letter", "number"):
            return node
        if self.ahead(2).text != ")":
            return node
        self.advance()
        script = self.expression()
        self.advance()
        return replace(node, above=(*node.above, script))

    def straight_d(self, ahead: int) -> bool:
        """Is the next thing in the braces a straight d that is followed by a name?"""
        first, second = self.ahead(ahead), self.ahead(ahead + 1)
        if first.kind == "command" and first.text == "mathrm":
            inner = [self.ahead(ahead + k).text for k in range(1, 4)]
            return inner == ["{", "d", "}"] or inner[0] == "d"
        named = second.kind == "letter" or (second.kind == "command" and second.text in (*NAMES, *ACCENTS, *FONTS))
        named = named or (second.kind == "command" and second.text in FUNCTIONS) or self.is_operator(ahead)
        return first.kind == "letter" and first.text == "d" and named

    def is_operator(self, ahead: int) -> bool:
        r"""\frac{d}{dz}, with nothing behind the first d."""
        texts = [self.ahead(ahead + k).text for k in range(1, 4)]
        return texts == ["}", "{", "d"] and self.ahead(ahead + 4).kind in ("letter", "command")

    def differential(self, straight: bool) -> None:
        if self.is_command("mathrm"):
            self.advance()
            braced = self.skip("{")
            self.advance()
            if braced:
                self.take("}", "after the d")
        else:
            self.advance()
        if self.is_symbol("^"):
            self.fail("higher derivatives are not read; write out the first one")

    def inline_derivative(self) -> Node:
        r"""\partial f / \partial x_i."""
        start = self.advance()
        if self.is_symbol("_"):  # \partial_\gamma f
            self.advance()
            by = self.argument()
            return Derivative(start.position, self.entry_of(self.factor()), by, False)
        of = self.entry_of(self.factor())
        self.take("/", "in the derivative")
        if not self.is_command("partial"):
            self.fail(f"'\\partial' is expected after the slash, but here is {self.token}")
        self.advance()
        return Derivative(start.position, of, self.entry_of(self.factor()), False)

    def straight_quotient(self) -> Node | None:
        """df/dx_i in one line: a d that stands close to a name, over another."""
        back, start = self.at, self.token
        if start.text != "d" or not self.close_to_a_name():
            return None
        self.advance()
        of = self.factor()
        if self.is_symbol("/") and self.ahead().text == "d":
            self.advance()
            if self.close_to_a_name():
                self.advance()
                return Derivative(start.position, of, self.factor(), True)
        self.at = back
        return None

    def close_to_a_name(self) -> bool:
        after = self.ahead()
        named = after.kind == "letter" or (after.kind == "command" and after.text in (*NAMES, *ACCENTS))
        return named and after.position == self.token.stop

    def nabla(self) -> Node:
        start = self.advance()
        by = None
        if self.is_symbol("_"):
            self.advance()
            by = self.argument()
        return Nabla(start.position, self.factor(), by)

    def root(self) -> Node:
        start = self.advance()
        degree = 2
        if self.is_symbol("["):
            self.advance()
            token = self.advance()
            if token.kind != "number" or not token.text.isdigit() or not 2 <= int(token.text) <= 16:
                self.fail("the degree of a root is a whole number from 2 to 16", token)
            degree = int(token.text)
            self.take("]", "after the degree of the root")
        return Root(start.position, self.argument(), degree)

    def big(self) -> Node:
        start = self.advance()
        lower: Node | None = None
        upper: Node | None = None
        letters: tuple[str, ...] = ()
        but: tuple[tuple[str, Node], ...] = ()
        for _ in range(2):
            if self.is_symbol("_") and not letters:
                self.advance()
                letters, lower, upper_too, but = self.under(start)
                upper = upper_too if upper_too is not None else upper
            elif self.is_symbol("^") and upper is None:
                self.advance()
                upper = self.argument()
        if upper is not None and len(letters) != 1:
            self.fail("a sum with an upper end needs one letter that it counts with", start)
        body = self.signed_term()
        kind: Literal["sum", "prod"] = "sum" if start.text == "sum" else "prod"
        if kind == "prod" and isinstance(body, Product):
            return self.product_sign(body, lambda inside: Big(start.position, kind, letters, lower, upper, but, inside))
        return Big(start.position, kind, letters, lower, upper, but, body)

    def limit(self) -> Node:
        r"""\lim_{x \to \infty} of what follows, up to the next plus or minus."""
        start = self.advance()
        if not (self.skip("_") and self.skip("{")):
            self.fail(r"what goes where is expected below the limit, as in \lim_{x \to \infty}", start)
        by, to = self.approach()
        self.take("}", "below the limit")
        return Limit(start.position, self.signed_term(), by, to)

    def approach(self) -> tuple[Node, Node]:
        r"""x \to \infty."""
        by = self.expression()
        if not self.is_command("to"):
            self.fail(f"\\to is expected, but here is {self.token}")
        self.advance()
        self.skip("+")
        return by, self.expression()

    def product_sign(self, body: Product, made: Callable[[Node], Node]) -> Node:
        """A product sign holds what follows up to the next sum or product sign."""
        place = next((k for k, factor in enumerate(body.factors) if k and isinstance(factor, Big)), None)
        if place is None:
            return made(body)
        if not (isinstance(other := body.factors[place], Big) and other.kind == "prod"):
            self.fail("whether the sum is inside of the product is open; write parentheses")
        inside = body.factors[:place]
        first = inside[0] if place == 1 else Product(body.at, inside, body.operators[: place - 1])
        return Product(body.at, (made(first), *body.factors[place:]), body.operators[place - 1 :])

    def signed_term(self) -> Node:
        """What a sum sign holds, which may begin with a sign of its own."""
        if self.is_symbol("-"):
            minus = self.advance()
            return Sums(minus.position, ((-1, self.term()),))
        return self.term()

    def under(self, start: Token) -> Under:
        """i, i=1, i,j, j \neq i, 1 \\le i \\le m."""
        braced = self.skip("{")
        if self.token.kind == "number":
            lower = self.expression()
            first = self.relation()
            letter = self.letter(start)
            second = self.relation()
            if first not in ("<=", "<") or second not in ("<=", "<"):
                self.fail("the range of a sum is written as i=1, or as 1 \\le i \\le m")
            upper = self.expression()
            lower = lower if first == "<=" else Sums(lower.at, ((1, lower), (1, Numeral(lower.at, "1"))))
            upper = upper if second == "<=" else Sums(upper.at, ((1, upper), (-1, Numeral(upper.at, "1"))))
            found: Under = ((letter,), lower, upper, ())
        else:
            found = self.letters(start, braced)
        if braced:
            self.take("}", "after the letter of the sum")
        return found

    def letters(self, start: Token, braced: bool) -> Under:
        names = [self.letter(start)]
        while braced and (self.skip(",") or self.token.kind == "letter"):
            names.append(self.letter(start))
        if not braced or self.is_symbol("}"):
            return tuple(names), None, None, ()
        relation = self.relation()
        if relation == "=" and len(names) == 1:
            at = self.token
            lower = self.expression()
            if isinstance(lower, Word) and lower.base == names[0]:
                self.fail(f"the sum over {names[0]} begins at {names[0]} itself", at)
            return tuple(names), lower, None, ()
        if relation == "!=" and len(names) == 1:
            return tuple(names), None, None, ((names[0], self.expression()),)
        return self.fail("the range of a sum is written as i=1, or as j \\neq i")

    def letter(self, start: Token) -> str:
        token = self.advance()
        if token.kind == "letter" or (token.kind == "command" and token.text in NAMES):
            return token.text
        return self.fail(f"the letter of the sum is expected, but here is {token}", token)

    def held(self, node: Node) -> None:
        """A bar with what is held fixed: it says that the derivative is the one along an edge, which it is anyway."""
        bar = self.advance()
        if not isinstance(node, Derivative) or node.straight:
            self.fail("a bar is read after a derivative only", bar)
        self.advance()
        if self.is_symbol("{") and self.ahead().text == "mathrm":
            self.argument()
            return
        names, _ = self.script()
        if not all(isinstance(name, Word) for name in names):
            self.fail("the names of what is held fixed are expected below the bar", bar)
