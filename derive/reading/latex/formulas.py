r"""LaTeX formulas into surface nodes: sums of products of factors with scripts.

A sum sign holds the factors that follow it, up to the next plus or minus. Nothing is looked up or evaluated here.
"""

from __future__ import annotations

from msgspec.structs import replace

from derive.reading.latex.brackets import beside
from derive.reading.latex.lines import Lines
from derive.reading.latex.table import (
    ACCENTS,
    DOTS,
    FONTS,
    FUNCTIONS,
    NAMES,
    RELATIONS,
    SPELLED,
    STARTING,
    TIMES,
    is_transposition,
)
from derive.reading.latex.tokens import Token
from derive.reading.surface import (
    Call,
    Dots,
    Entry,
    Fraction,
    Listed,
    Node,
    Numeral,
    Operator,
    Percent,
    Product,
    Raised,
    Relation,
    Sums,
    Transposed,
    Word,
)


def entry_of(node: Listed, below: tuple[Node, ...]) -> Node:
    """(W_l)_{ij}: further scripts of a name, or an entry of a product."""
    (inside,) = node.items
    if isinstance(inside, Word) and not inside.above and not node.square:
        return replace(inside, below=(*inside.below, *below))
    return Entry(node.at, inside, below)


UPRIGHT = ("mathrm", "mathit", "mathsf", "rm")
LONGEST = max(map(len, FUNCTIONS))


class Formulas(Lines):
    """Expressions. Matrices and cases are added by `derive.reading.latex.blocks`."""

    def expression(self) -> Node:
        self.deeper()
        start = self.token.position
        terms: list[tuple[int, Node]] = []
        while True:
            sign = 1
            while self.is_symbol("+", "-"):
                sign = -sign if self.advance().text == "-" else sign
                self.pass_breaks()
            terms.append((sign, self.term()))
            self.go_on("+", "-")
            if not self.is_symbol("+", "-"):
                break
        self.shallower()
        return terms[0][1] if len(terms) == 1 and terms[0][0] == 1 else Sums(start, tuple(terms))

    def term(self) -> Node:
        start = self.token.position
        factors = [self.factor()]
        operators: list[Operator] = []
        while True:
            self.go_on("*", "/", *TIMES)
            operator = self.operator()
            if operator is not None:
                self.pass_breaks()
            else:
                if not self.starts_factor():
                    break
                operator = ""
            if not (operator or self.scripts) and self.token.kind == "number" and isinstance(factors[-1], Numeral):
                self.fail("two numbers stand side by side; write a sign between them")
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

    def factor(self) -> Node:
        node = self.primary()
        while True:
            if self.is_symbol("^"):
                node = self.raised(node)
            elif self.is_symbol("*") and self.follows("*"):  # x**2
                self.advance()
                node = self.raised(node)
            elif self.is_symbol("!"):
                if self.follows("="):
                    self.fail("'!=' may end a factorial or mean \\ne; write a space, or \\ne")
                self.advance()
                node = Call(node.at, "factorial", (node,))
            elif self.is_command("heldbar"):
                self.held(node)
            elif self.is_command("%"):
                self.advance()
                node = Percent(node.at, node)
            elif self.is_symbol("_") and isinstance(node, Listed) and len(node.items) == 1:
                self.advance()
                node = entry_of(node, self.script()[0])
            elif self.is_symbol("_") and isinstance(node, Call) and node.name == "softmax":
                self.advance()
                node = Entry(node.at, node, self.script()[0])
            else:
                return node

    def follows(self, text: str) -> bool:
        """Is this the next sign, with nothing between?"""
        after = self.ahead()
        return after.kind == "symbol" and after.text == text and after.position == self.token.stop

    def letters_of_function(self) -> Node | None:
        """sin(x), typed without its backslash."""
        letters, places = "", 0
        while self.ahead(places).kind == "letter" and self.ahead(places).position == self.token.position + places:
            letters += self.ahead(places).text
            places += 1
            if places > LONGEST:
                return None
        if places < 2 or letters not in FUNCTIONS or self.ahead(places).text not in ("(", "^", "["):
            return None
        token = self.token
        self.at += places
        return self.call(token, FUNCTIONS[letters])

    def upright_function(self) -> Node | None:
        r"""\mathrm{ReLU}(x)."""
        token, letters, places = self.token, "", 2
        if token.text not in UPRIGHT or self.ahead().text != "{":
            return None
        while self.ahead(places).kind == "letter" and places < LONGEST + 2:
            letters += self.ahead(places).text
            places += 1
        applied = self.ahead(places).text == "}" and self.ahead(places + 1).text in ("(", "[")
        if letters not in FUNCTIONS or len(letters) < 2 or not applied:
            return None
        self.at += places + 1
        return self.call(token, FUNCTIONS[letters])

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
        self.deeper()
        found = self.one_primary()
        self.shallower()
        return found

    def one_primary(self) -> Node:
        token = self.token
        if token.kind == "number":
            self.advance()
            return Numeral(token.position, token.text)
        if token.kind == "letter":
            return self.straight_quotient() or self.letters_of_function() or self.word()
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
            return self.upright_function() or self.word()
        if name in ("sum", "prod"):
            return self.big()
        if name == "binom":
            self.advance()
            above = self.argument()
            return Call(token.position, "binomial", (above, self.argument()))
        if name == "infty":
            self.advance()
            return Word(token.position, name, stop=token.stop)
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

    def relation(self) -> Relation | None:
        token = self.token
        if self.is_symbol(":") and self.ahead().text == "=" and self.ahead().kind == "symbol":
            self.advance()
            self.advance()
            return "="
        if token.kind in ("symbol", "command") and token.text in RELATIONS:
            self.advance()
            if token.text in "<>" and self.is_symbol("="):
                self.advance()
                return "<=" if token.text == "<" else ">="
            return RELATIONS[token.text]
        return None

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
        if token.kind == "number" and "e" in token.text.lower():
            self.fail(f"TeX takes one sign here; write {{{token.text}}}", token)
        if token.kind == "number" and len(token.text) > 1 and token.text.isdigit():
            # \frac12 is one half
            self.tokens[self.at] = Token("number", token.text[1:], token.position + 1, token.stop)
            return Numeral(token.position, token.text[0])
        if token.kind == "number":
            self.advance()
            return Numeral(token.position, token.text)
        if token.kind == "letter" or (
            token.kind == "command" and (token.text in NAMES or token.text in ("top", "prime"))
        ):
            self.advance()
            return Word(token.position, token.text, stop=token.stop)
        if token.kind == "command":
            return self.primary()
        return self.fail(f"an argument is expected, but here is {token}")

    def spelled(self, token: Token, name: str) -> Node:
        r"""\text{ReLU}(x), \operatorname{diag}(..), \mathrm{in}: a function where one is known, else a name."""
        if name in FUNCTIONS:
            return self.call(token, FUNCTIONS[name])
        if not name.isalpha() or not name.isascii() or len(name) > 20:
            self.fail(f"the words '{name[:40]}' are not read as mathematics", token)
        return self.scripted(Word(token.position, name, font="mathrm", stop=token.stop))

    def call(self, token: Token, name: str) -> Node:
        """A function and its arguments; an exponent on its name belongs to its value."""
        exponent: Node | None = None
        primes = self.primes()
        base: Node | None = None
        if self.is_symbol("_") and name == "log":
            self.advance()
            base = self.argument()
        if self.is_symbol("_"):
            self.fail(f"a script on {name} is not read")
        if self.is_symbol("^"):
            self.advance()
            exponent = self.argument()
        if self.is_symbol("(", "["):
            closing = ")" if self.token.text == "(" else "]"
            listed = self.listed(closing)
            if isinstance(listed, Listed) and listed.fence and not listed.fence.endswith(closing):
                self.fail(f"'{closing}' is expected after the arguments of {name}", token)
            arguments = listed.items if isinstance(listed, Listed) else (listed,)
        elif self.is_symbol("{") or self.is_command("{"):
            inside = self.listed("}") if self.is_command("{") else self.argument()
            arguments = inside.items if isinstance(inside, Listed) else (inside,)
        else:
            arguments = (self.bare_argument(),)
        if exponent is not None and not (isinstance(exponent, Numeral) and exponent.text.isdigit()):
            self.fail(f"this exponent of {name} may mean its inverse; write ({name} ...)^... instead", token)
        node: Node = Call(token.position, name, arguments, primes)
        if base is not None:
            node = Fraction(token.position, node, Call(token.position, name, (base,)))
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
        return factors[0] if len(factors) == 1 else Product(start.position, tuple(factors), beside(len(factors)))
