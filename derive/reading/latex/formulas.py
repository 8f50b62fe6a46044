r"""LaTeX formulas into surface nodes: sums of products of factors with scripts.

A sum sign holds the factors that follow it, up to the next plus or minus. Nothing is looked up or evaluated here.
"""

from __future__ import annotations

from derive.reading.latex.cursor import Cursor
from derive.reading.latex.tokens import GREEK, Token
from derive.reading.surface import (
    Big,
    Call,
    Colon,
    Derivative,
    Dots,
    Fraction,
    Indicator,
    Condition,
    Listed,
    Nabla,
    Node,
    Numeral,
    Operator,
    Percent,
    Product,
    Raised,
    Relation,
    Root,
    Sums,
    Transposed,
    Word,
)

ACCENTS = ("hat", "tilde", "bar", "dot", "vec", "mathring")
FONTS = ("mathbf", "boldsymbol", "mathrm", "mathit", "mathsf", "mathcal", "mathbb", "mathtt", "mathfrak", "rm", "bf")
SPELLED = ("operatorname", "operatorname*", "text")
FUNCTIONS = {
    "exp": "exp", "log": "log", "tanh": "tanh", "sinh": "sinh", "cosh": "cosh", "max": "max", "min": "min",
    "relu": "relu", "ReLU": "relu", "sigmoid": "logistic", "logistic": "logistic", "diag": "diag", "Diag": "diag",
    "sqrt": "sqrt", "ln": "log", "abs": "abs", "floor": "floor", "ceil": "ceil", "step": "step", "tr": "trace",
    "sign": "sign",
}  # fmt: skip
CAPITALS = ("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega", "ell")
NAMES = frozenset({*GREEK, *CAPITALS})
RELATIONS: dict[str, Relation] = {"=": "=", "<": "<", ">": ">", "le": "<=", "ge": ">=", "ne": "!=", "approx": "~",
                                  "equiv": "=", "coloneqq": "=", "doteq": "~", "mid": "|"}  # fmt: skip
TIMES: dict[str, Operator] = {"times": "times", "cdot": "cdot", "odot": "odot", "circ": "odot", "div": "/"}
DOTS = ("dots", "cdots", "vdots", "ddots")


class Formulas(Cursor):
    """Expressions. Matrices and cases are added by `derive.reading.latex.blocks`."""

    # -- sums and products ---------------------------------------------------------------------------------------

    def expression(self) -> Node:
        self.deeper()
        start = self.token.position
        terms: list[tuple[int, Node]] = []
        while True:
            sign = 1
            while self.is_symbol("+", "-"):
                sign = -sign if self.advance().text == "-" else sign
                self.skip("&")
            terms.append((sign, self.term()))
            if self.is_symbol("&") and self.ahead().kind == "symbol" and self.ahead().text in "+-":
                self.advance()
            if not self.is_symbol("+", "-"):
                break
        self.shallower()
        return terms[0][1] if len(terms) == 1 and terms[0][0] == 1 else Sums(start, tuple(terms))

    def term(self) -> Node:
        start = self.token.position
        factors = [self.factor()]
        operators: list[Operator] = []
        while True:
            operator = self.operator()
            if operator is None:
                if not self.starts_factor():
                    break
                operator = ""
            factors.append(self.signed_factor() if operator else self.factor())
            operators.append(operator)
        return factors[0] if len(factors) == 1 else Product(start, tuple(factors), tuple(operators))

    def operator(self) -> Operator | None:
        token = self.token
        if token.kind == "symbol" and token.text in ("*", "/"):
            self.advance()
            return "*" if token.text == "*" else "/"
        if token.kind == "command" and token.text in TIMES:
            self.advance()
            return TIMES[token.text]
        return None

    def signed_factor(self) -> Node:
        """A factor after an operator, which may have a sign of its own: 2 * -3."""
        if self.is_symbol("-"):
            minus = self.advance()
            return Sums(minus.position, ((-1, self.factor()),))
        return self.factor()

    def starts_factor(self) -> bool:
        token = self.token
        if token.kind in ("number", "letter"):
            return True
        if token.kind == "symbol":
            return token.text in ("(", "[", "{") or (token.text == "|" and "|" not in self.bars[-1:])
        if token.kind == "command":
            if token.text in ("vert", "Vert"):
                return token.text not in self.bars[-1:]
            return token.text in STARTING
        return token.kind == "text" and token.text.strip() in FUNCTIONS

    # -- factors -------------------------------------------------------------------------------------------------

    def factor(self) -> Node:
        node = self.primary()
        while True:
            if self.is_symbol("^"):
                node = self.raised(node)
            elif self.is_command("heldbar"):
                self.held(node)
            elif self.is_command("%"):
                self.advance()
                node = Percent(node.at, node)
            else:
                return node

    def held(self, node: Node) -> None:
        """A bar with what is held fixed: it says that the derivative is the one along an edge, which it is anyway."""
        bar = self.advance()
        if not isinstance(node, Derivative) or node.straight:
            self.fail("a bar is read after a derivative only", bar)
        self.advance()
        if self.is_symbol("{") and self.ahead().text == "mathrm":
            self.argument()
        else:
            self.script()

    def raised(self, node: Node) -> Node:
        self.advance()
        start = self.token
        exponent = self.argument()
        if is_transposition(exponent):
            return Transposed(node.at, node)
        if isinstance(exponent, Word) and exponent.base == "prime":
            self.fail("a prime belongs to a name", start)
        return Raised(node.at, node, exponent)

    def primary(self) -> Node:
        token = self.token
        if token.kind == "number":
            self.advance()
            return Numeral(token.position, token.text)
        if token.kind == "letter":
            return self.word()
        if token.kind == "text":
            return self.spelled(self.advance(), token.text.strip())
        if token.kind == "command":
            return self.command()
        if self.is_symbol("("):
            return self.listed(")")
        if self.is_symbol("["):
            return self.listed("]")
        if self.is_symbol("{"):
            self.advance()
            inside = self.expression()
            self.take("}", f"to close the '{{' at column {token.position + 1}")
            return inside
        if self.is_symbol("|"):
            return self.bars_of("|", "abs")
        return self.fail(f"an expression is expected, but here is {token}")

    def command(self) -> Node:
        token = self.token
        name = token.text
        if name == "frac":
            return self.fraction()
        if name in NAMES or name in ACCENTS or name in FONTS:
            return self.word()
        if name in ("sum", "prod"):
            return self.big()
        if name == "sqrt":
            return self.root()
        if name in FUNCTIONS:
            self.advance()
            return self.call(token, FUNCTIONS[name])
        if name in SPELLED:
            self.advance()
            return self.spelled(token, self.name_in_braces())
        if name == "partial":
            return self.inline_derivative()
        if name == "nabla":
            return self.nabla()
        if name in ("vert", "Vert"):
            return self.bars_of(name, "abs" if name == "vert" else "norm")
        if name in ("lfloor", "lceil"):
            self.advance()
            inside = self.expression()
            if not self.is_command("rfloor" if name == "lfloor" else "rceil"):
                self.fail(f"'\\{'r' + name[1:]}' is expected, but here is {self.token}")
            self.advance()
            return Call(token.position, "floor" if name == "lfloor" else "ceil", (inside,))
        if name in DOTS:
            self.advance()
            return Dots(token.position)
        if name == "{":
            return self.listed("}")
        return self.block(token)

    def block(self, token: Token) -> Node:
        return self.fail(f"{token} is not something that is read here", token)

    def bars_of(self, bar: str, name: str) -> Node:
        start = self.advance()
        self.bars.append(bar)
        inside = self.expression()
        self.bars.pop()
        if not (self.token.text == bar and self.token.kind in ("symbol", "command")):
            self.fail(f"a bar is expected to close the one at column {start.position + 1}, but here is {self.token}")
        self.advance()
        return Call(start.position, name, (inside,))

    def listed(self, closing: str) -> Node:
        """(a), (a, b, c), [i = k], (i-1 : i+1)."""
        self.deeper()
        start = self.advance()
        self.bars.append("(")
        items = [self.item()]
        relation = self.relation()
        if relation is not None and start.text == "[":
            items = [self.conditions(start, relation, items[0])]
        else:
            while self.is_symbol(",", ";"):
                self.advance()
                items.append(self.item())
        self.bars.pop()
        self.close(closing, start)
        self.shallower()
        if relation is not None and start.text == "[":
            return items[0]
        if len(items) == 1 and not (start.text == "[" and not isinstance(items[0], Indicator)):
            return items[0] if isinstance(items[0], Indicator | Colon) else Listed(start.position, tuple(items))
        return Listed(start.position, tuple(items), start.text == "[")

    def conditions(self, start: Token, relation: Relation, left: Node) -> Node:
        """[i = k], [1 <= e <= N]: as many conditions as relations."""
        found: list[Node] = []
        next_: Relation | None = relation
        while next_ is not None:
            right = self.expression()
            found.append(Indicator(start.position, Condition(start.position, next_, left, right)))
            left, next_ = right, self.relation()
        return found[0] if len(found) == 1 else Product(start.position, tuple(found), ("",) * (len(found) - 1))

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

    def relation(self) -> Relation | None:
        token = self.token
        if token.kind in ("symbol", "command") and token.text in RELATIONS:
            self.advance()
            if token.text in "<>" and self.is_symbol("="):
                self.advance()
                return "<=" if token.text == "<" else ">="
            return RELATIONS[token.text]
        return None

    # -- fractions, roots, functions -----------------------------------------------------------------------------

    def argument(self) -> Node:
        r"""What follows \sqrt, \frac or ^: one token, or a group in braces."""
        token = self.token
        if self.is_symbol("{"):
            self.deeper()
            self.advance()
            inside = self.expression()
            self.take("}", f"to close the '{{' at column {token.position + 1}")
            self.shallower()
            return inside
        if token.kind == "number" and len(token.text) > 1 and "." not in token.text:
            # \frac12 is one half
            self.tokens[self.at] = Token("number", token.text[1:], token.position + 1, token.stop)
            return Numeral(token.position, token.text[0])
        if token.kind == "number":
            self.advance()
            return Numeral(token.position, token.text)
        if token.kind == "letter" or (token.kind == "command" and (token.text in NAMES or token.text in ("top", "prime"))):
            self.advance()
            return Word(token.position, token.text, stop=token.stop)
        if token.kind == "command":
            return self.primary()
        return self.fail(f"an argument is expected, but here is {token}")

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
        of = None if self.is_symbol("}") else self.factor()
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
        by = self.factor()
        self.take("}", "after what the derivative is taken by")
        if of is None:
            of = self.factor()
        return Derivative(start.position, of, by, straight)

    def straight_d(self, ahead: int) -> bool:
        """Is the next thing in the braces a straight d that is followed by a name?"""
        first, second = self.ahead(ahead), self.ahead(ahead + 1)
        if first.kind == "command" and first.text == "mathrm":
            inner = [self.ahead(ahead + k).text for k in range(1, 4)]
            return inner == ["{", "d", "}"] or inner[0] == "d"
        named = second.kind == "letter" or (second.kind == "command" and second.text in (*NAMES, *ACCENTS, *FONTS))
        return first.kind == "letter" and first.text == "d" and named

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
        of = self.factor()
        self.take("/", "in the derivative")
        if not self.is_command("partial"):
            self.fail(f"'\\partial' is expected after the slash, but here is {self.token}")
        self.advance()
        return Derivative(start.position, of, self.factor(), False)

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

    def spelled(self, token: Token, name: str) -> Node:
        r"""\text{ReLU}(x), \operatorname{diag}(..), \mathrm{in}: a function where one is known, else a name."""
        if name in FUNCTIONS:
            return self.call(token, FUNCTIONS[name])
        if not name.isalpha() or not name.isascii() or len(name) > 20:
            self.fail(f"the words '{name[:40]}' are not read as mathematics", token)
        return self.scripted(Word(token.position, name, font="mathrm", stop=token.stop))

    def name_in_braces(self) -> str:
        self.take("{", "before the name")
        letters = ""
        while self.token.kind in ("letter", "number"):
            letters += self.advance().text
        self.take("}", "after the name")
        return letters

    def call(self, token: Token, name: str) -> Node:
        """A function and its arguments; an exponent on its name belongs to its value."""
        exponent: Node | None = None
        primes = self.primes()
        if self.is_symbol("_"):
            self.fail(f"a script on {name} is not read")
        if self.is_symbol("^"):
            self.advance()
            exponent = self.argument()
        if self.is_symbol("(", "["):
            listed = self.listed(")" if self.token.text == "(" else "]")
            arguments = listed.items if isinstance(listed, Listed) else (listed,)
        elif self.is_symbol("{") or self.is_command("{"):
            inside = self.listed("}") if self.is_command("{") else self.argument()
            arguments = inside.items if isinstance(inside, Listed) else (inside,)
        else:
            arguments = (self.bare_argument(),)
        node: Node = Call(token.position, name, arguments, primes)
        return node if exponent is None else Raised(token.position, node, exponent)

    def bare_argument(self) -> Node:
        r"""\tanh w x: the factors that follow side by side; \exp -x with its sign."""
        if self.is_symbol("-"):
            start = self.advance()
            return Sums(start.position, ((-1, self.bare_argument()),))
        start = self.token
        factors = [self.factor()]
        while self.starts_factor() and not (self.token.kind == "command" and self.token.text in FUNCTIONS):
            factors.append(self.factor())
        return factors[0] if len(factors) == 1 else Product(start.position, tuple(factors), ("",) * (len(factors) - 1))

    # -- names ---------------------------------------------------------------------------------------------------

    def word(self) -> Node:
        return self.scripted(self.bare_word())

    def bare_word(self) -> Word:
        token = self.advance()
        if token.kind == "letter":
            return Word(token.position, token.text, stop=token.stop)
        if token.text in NAMES:
            return Word(token.position, token.text, stop=token.stop)
        braced = self.skip("{")
        if token.text in FONTS:
            node = self.in_font(token, braced)
        else:
            node = self.accented(token, braced)
        if braced:
            self.take("}", f"to close the braces of '\\{token.text}'")
        return node

    def in_font(self, token: Token, braced: bool) -> Word:
        if self.token.kind == "number" and token.text in ("mathbb", "mathbf", "boldsymbol") and self.token.text == "1":
            one = self.advance()
            return Word(token.position, "1", font=token.text, stop=one.stop)
        if not braced:
            inner = self.bare_word()
            return Word(token.position, inner.base, inner.accent, token.text, stop=inner.stop)
        if token.text in ("mathrm", "mathit", "mathsf", "rm") and self.ahead().kind == "letter":
            letters = ""
            while self.token.kind == "letter":
                letters += self.advance().text
            return Word(token.position, letters, font=token.text, stop=self.token.position)
        inner = self.inner_word(token)
        return Word(token.position, inner.base, inner.accent, token.text, inner.primes, inner.below, inner.above,
                    inner.raised, inner.stop)  # fmt: skip

    def accented(self, token: Token, braced: bool) -> Word:
        inner = self.inner_word(token) if braced else self.bare_word()
        if inner.accent:
            self.fail("two accents on one letter are not read", token)
        return Word(token.position, inner.base, token.text, inner.font, inner.primes, inner.below, inner.above,
                    inner.raised, inner.stop)  # fmt: skip

    def inner_word(self, token: Token) -> Word:
        if self.token.kind != "letter" and not (
            self.token.kind == "command" and self.token.text in (*NAMES, *ACCENTS, *FONTS)
        ):
            self.fail(f"a letter is expected under '\\{token.text}', but here is {self.token}")
        inner = self.scripted(self.bare_word())
        if not isinstance(inner, Word):
            self.fail(f"one name is expected under '\\{token.text}'", token)
        return inner

    def primes(self) -> int:
        count = 0
        while self.is_symbol("'") or self.is_command("prime"):
            self.advance()
            count += 1
        return count

    def scripted(self, word: Word) -> Node:
        """The scripts and primes that follow a name; a transposition is told apart from an index."""
        primes, below, above, raised = word.primes, word.below, word.above, word.raised
        transposed = False
        while True:
            primes += self.primes()
            if self.is_symbol("_") and not below:
                self.advance()
                below, _ = self.script()
            elif self.is_symbol("^") and not above and not transposed:
                mark = self.advance()
                if self.is_command("prime") or (self.is_symbol("{") and self.ahead().text in ("prime", "'")):
                    braced = self.skip("{")
                    primes += self.primes()
                    if braced:
                        self.take("}", "after the prime")
                    continue
                found, raised = self.script()
                if len(found) == 1 and is_transposition(found[0]):
                    transposed = True
                elif not found:
                    self.fail("an exponent is expected", mark)
                else:
                    above = found
            else:
                break
        stop = self.tokens[self.at - 1].stop
        node = Word(word.at, word.base, word.accent, word.font, primes, below, above, raised, stop)
        return Transposed(word.at, node) if transposed else node

    def script(self) -> tuple[tuple[Node, ...], bool]:
        """The contents of a script between commas; and whether they stand in parentheses."""
        if not self.is_symbol("{"):
            token = self.token
            if token.kind == "number" and "." not in token.text:
                self.tokens[self.at] = Token("number", token.text[1:], token.position + 1, token.stop)
                if len(token.text) == 1:
                    self.tokens.pop(self.at)
                return (Numeral(token.position, token.text[0]),), False
            return (self.argument(),), False
        self.deeper()
        start = self.advance()
        if self.is_symbol("("):
            inside = self.try_parentheses()
            if inside is not None:
                self.shallower()
                return inside, True
        items = [self.item()]
        while self.skip(","):
            items.append(self.item())
        self.take("}", f"to close the '{{' at column {start.position + 1}")
        self.shallower()
        return tuple(items), False

    def try_parentheses(self) -> tuple[Node, ...] | None:
        """(i) or (n+1) as the whole script."""
        back = self.at
        self.advance()
        items = [self.item()]
        while self.skip(","):
            items.append(self.item())
        if self.is_symbol(")") and self.ahead().text == "}":
            self.advance()
            self.advance()
            return tuple(items)
        self.at = back
        return None

    # -- sums over an index --------------------------------------------------------------------------------------

    def big(self) -> Node:
        start = self.advance()
        lower: Node | None = None
        upper: Node | None = None
        letters: tuple[str, ...] = ()
        but: tuple[tuple[str, Node], ...] = ()
        for _ in range(2):
            if self.is_symbol("_"):
                self.advance()
                letters, lower, upper_too, but = self.under(start)
                upper = upper_too if upper_too is not None else upper
            elif self.is_symbol("^"):
                self.advance()
                upper = self.argument()
        if upper is not None and len(letters) != 1:
            self.fail("a sum with an upper end needs one letter that it counts with", start)
        body = self.term()
        kind = "sum" if start.text == "sum" else "prod"
        return Big(start.position, kind, letters, lower, upper, but, body)

    def under(
        self, start: Token
    ) -> tuple[tuple[str, ...], Node | None, Node | None, tuple[tuple[str, Node], ...]]:
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
            found = (letter,), lower, upper, ()
        else:
            found = self.letters(start, braced)
        if braced:
            self.take("}", "after the letter of the sum")
        return found

    def letters(
        self, start: Token, braced: bool
    ) -> tuple[tuple[str, ...], Node | None, Node | None, tuple[tuple[str, Node], ...]]:
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


STARTING = frozenset(
    {"frac", "sum", "prod", "sqrt", "partial", "nabla", "lfloor", "lceil", "{", "begin", *NAMES, *ACCENTS, *FONTS,
     *FUNCTIONS, *SPELLED, *DOTS}
)  # fmt: skip


def is_transposition(node: Node) -> bool:
    return isinstance(node, Word) and node.base in ("T", "top") and not (node.below or node.above or node.primes)
