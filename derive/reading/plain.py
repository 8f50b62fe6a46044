"""Plain text into an expression in a problem's names: completely, or not at all.

The notation is that of `derive.language.plain`: sums `sum(x[i], i)`, entries `x[i]`, total derivatives `df/dx[i]`,
derivatives along one edge `∂xhat[i]/∂x[k]`. By the convention of the field ∂loss/∂x is the total derivative too.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from derive.language.expression import (
    Bracket,
    Decimal,
    Direct,
    Expr,
    Function,
    Index,
    Number,
    Read,
    Relation,
    Sum,
    mul,
    neg,
    sqrt,
)
from derive.language.functions import FUNCTIONS
from derive.language.prose import Formula, ProseRelation
from derive.language.statement import Chain, Side, Table, expressions_of, with_expressions
from derive.language.statement import Relation as ChainRelation
from derive.language.tensor import Tensor, d
from derive.reading.operators import SIGNED, Operators
from derive.reading.ranges import Stated, bound_alike, restricted
from derive.reading.scope import Hole, fill_ranges, filled, free_ranges
from derive.reading.tokens import Token
from derive.reading.vocabulary import FUNCTION_SPELLINGS, Vocabulary

MAX_SCALE = 100  # of the exponent in 1e-5

RELATIONS: dict[str, ProseRelation] = {"=": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "->": "->"}
BRACKETS: dict[str, Relation] = {"=": "=", "!=": "!=", "<": "<", "<=": "<=", "|": "divides", "divides": "divides"}
TURNED: dict[str, Relation] = {">": "<", ">=": "<="}


def read(text: str, words: Vocabulary) -> Expr:
    """The expression that `text` spells. Raises AnswerError where it cannot be read."""
    parser = _Parser(text, words)
    found = parser.expression()
    parser.finish()
    return fill_ranges(text, (found,), words)[0]


def read_formula(text: str, words: Vocabulary, *, whole: bool = False) -> Expr | Formula:
    """An expression, or left relation right. With `whole`, a name may stand for its tensor as a whole."""
    parser = _Parser(text, words, whole=whole)
    left = parser.expression()
    relation = RELATIONS.get(parser.token.text)
    if relation is None:
        parser.finish()
        return fill_ranges(text, (left,), words)[0]
    parser.advance()
    right = parser.expression()
    if parser.token.text in RELATIONS:
        parser.fail("a second relation; write one relation at a time")
    parser.finish()
    left, right = fill_ranges(text, (left, right), words)
    return Formula(left, relation, right)


def read_chain(text: str, words: Vocabulary) -> Chain:
    """left = next = ..., each side an expression or a list (a, b, c)."""
    parser = _Parser(text, words)
    parser.decimals = True
    start = parser.token.position
    sides, relations, spans = [parser.side()], list[ChainRelation](), list[str]()
    while parser.token.text in RELATIONS and parser.token.text != "->":
        spans.append(text[start : parser.token.position].strip())
        relations.append(CHAINED[parser.advance().text])
        start = parser.token.position
        sides.append(parser.side())
    spans.append(text[start : parser.token.position].strip())
    stated = parser.stated()
    parser.finish()
    flat = tuple(expr for side in sides for expr in expressions_of(side))
    free, holds, ranges = restricted(text, free_ranges(text, flat, words), stated)
    flat = filled(text, flat, words, free)
    for letter in sorted(stated.keys() - free.keys()):
        bound_alike(text, letter, stated[letter], flat)
    rest = (mul(holds, expr) for expr in flat)
    done = [with_expressions(side, tuple(next(rest) for _ in expressions_of(side))) for side in sides]
    return Chain(tuple(done), tuple(relations), tuple(spans), ranges=ranges)


CHAINED: dict[str, ChainRelation] = {"=": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class _Parser(Operators):
    """What an expression may start with. Ranges are left as holes. With `decimals`, digits after a point are kept."""

    decimals = False

    def prefix(self) -> Expr:
        token = self.token
        if token.kind == "number":
            if self.decimals and not token.text.isdigit():
                self.number()
                return Decimal(token.text.lower())
            return Number(self.number())
        if token.kind == "name":
            return self.name()
        if self.is_next("∂"):
            return self.edge()
        if token.kind == "symbol" and token.text in ("+", "-"):
            self.advance()
            operand = self.expression(SIGNED)
            return neg(operand) if token.text == "-" else operand
        if self.is_next("("):
            self.advance()
            inside = self.expression()
            self.take(")", f"to close the '(' at column {token.position + 1}")
            return inside
        if self.is_next("["):
            return self.bracket()
        if self.is_next("√"):
            self.advance()
            return sqrt(self.expression(SIGNED))
        return self.fail(f"an expression is expected, but here is {token}")

    def side(self) -> Side:
        """A list of expressions, or one."""
        back = self.at
        if self.is_next("("):
            self.advance()
            items = [self.expression()]
            while self.is_next(","):
                self.advance()
                items.append(self.expression())
            if len(items) > 1:
                self.take(")", "to close the list")
                return Table((tuple(items),), vector=True)
            self.at = back
        return self.expression()

    def stated(self) -> dict[str, Stated]:
        """Ranges behind a statement: , i = 1..m, j = 1..n."""
        found: dict[str, Stated] = {}
        while self.is_next(","):
            self.advance()
            token = self.token
            letter = self.letter()
            if not isinstance(letter.upper, Hole):
                found[token.text] = Stated(letter.lower, letter.upper, token.position)
            elif token.text not in self.words.indices:
                self.fail("a range such as i = 1..m is expected", token)
        return found

    def number(self) -> Fraction:
        token = self.advance()
        scale = token.text.lower().partition("e")[2]
        if scale and abs(int(scale)) > MAX_SCALE:
            self.fail(f"powers of ten beyond {MAX_SCALE} are not read", token)
        return Fraction(token.text)

    def bracket(self) -> Expr:
        """[left relation right], 1 where it holds, else 0."""
        start = self.advance()
        left = self.expression()
        relation = self.advance()
        right = self.expression() if relation.text in BRACKETS or relation.text in TURNED else None
        if right is None:
            self.fail("a bracket holds one condition, such as [i = j]", relation)
        self.take("]", f"to close the '[' at column {start.position + 1}")
        if relation.text in TURNED:
            return Bracket(TURNED[relation.text], right, left)
        return Bracket(BRACKETS[relation.text], left, right)

    def name(self) -> Expr:
        token = self.token
        spelling = token.text
        words = self.words
        if self.starts_derivative(token):
            return self.total()
        self.advance()
        if (tensor := self.look_up(spelling)) is not None:
            return self.entry(tensor, token)
        if (tensor := words.short.get(spelling)) is not None:
            entry = self.entry(tensor, token)
            if self.is_next("/") and self.ahead(1).text in words.short:
                by = self.ahead(1).text
                self.fail(
                    f"{spelling}/{by} can be a derivative or a quotient of gradients; write ∂{spelling[1:]}/∂{by[1:]}"
                    f" for the first, ({tensor.key})/({words.short[by].key}) for the second",
                    token,
                )
            return entry
        if self.is_next("("):
            return self.call(token)
        if self.is_next("["):
            self.fail(f"'{spelling}' is not a name in {words.place}{words.near(spelling)}", token)
        return Index(spelling, Hole(token.position))

    def look_up(self, spelling: str) -> Tensor | None:
        """The tensor of a name just passed; where sigma^2 is a name, its ^2 is passed too."""
        names = self.words.names
        if self.is_next("^") and (whole := f"{spelling}^{self.ahead(1).text}") in names:
            self.at += 2
            return names[whole]
        return names.get(spelling)

    def entry(self, tensor: Tensor, token: Token) -> Read:
        indices: list[Expr] = []
        if self.is_next("["):
            start = self.advance()
            indices.append(self.expression())
            while self.is_next(","):
                self.advance()
                indices.append(self.expression())
            self.take("]", f"to close the '[' at column {start.position + 1}")
        elif self.whole:
            return Read(tensor)
        if len(indices) != len(tensor.axes):
            right = f"{token.text}[{', '.join(axis.name for axis in tensor.axes)}]" if tensor.axes else token.text
            self.fail(
                f"{token.text} is read with {len(indices)} of its {len(tensor.axes)} indices; write {right}", token
            )
        return Read(tensor, tuple(indices))

    def call(self, token: Token) -> Expr:
        if token.text == "sum":
            return self.summation()
        if token.text == "prod":
            return self.summation(lambda letter, body: Function("prod", (Sum(letter, body),)))
        function = FUNCTION_SPELLINGS.get(token.text)
        if function is None and token.text != "sqrt":
            self.fail(f"'{token.text}' is not a function{self.words.near(token.text)}", token)
        start = self.advance()
        arguments = [self.expression()]
        while self.is_next(","):
            self.advance()
            arguments.append(self.expression())
        self.take(")", f"to close the '(' at column {start.position + 1}")
        wanted = 1 if function is None else FUNCTIONS[function].arity
        if len(arguments) != wanted:
            self.fail(f"{token.text} takes {wanted} argument{'s' * (wanted > 1)}, not {len(arguments)}", token)
        return sqrt(arguments[0]) if function is None else Function(function, tuple(arguments))

    def summation(self, sign: Callable[[Index, Expr], Expr] = Sum) -> Expr:
        """sum(body, i), sum(body, i=2..m), sum(body, i, j): the first letter is the outermost; and so for prod."""
        start = self.advance()
        body = self.expression()
        letters: list[Index] = []
        self.take(",", "and then the letter of the sum, as in sum(x[i], i)")
        while True:
            letters.append(self.letter())
            if not self.is_next(","):
                break
            self.advance()
        self.take(")", f"to close the '(' at column {start.position + 1}")
        for letter in reversed(letters):
            body = sign(letter, body)
        return body

    def letter(self) -> Index:
        token = self.advance()
        if token.kind != "name":
            self.fail("the letter of the sum is expected, as in sum(x[i], i)", token)
        if token.text in self.words.names or token.text in self.words.short:
            self.fail(f"'{token.text}' is a name in {self.words.place}; sum over a letter of its own", token)
        if not self.is_next("="):
            return Index(token.text, Hole(token.position))
        self.advance()
        lower = self.expression()
        self.take("..", "between the ends of the range")
        return Index(token.text, self.expression(), lower)

    # Derivatives

    def starts_derivative(self, token: Token) -> bool:
        words, over = self.words, self.ahead(2)
        if token.text in words.names or not token.text.startswith("d") or words.loss is None:
            return False
        if words.names.get(token.text[1:]) != words.loss:
            return False
        return self.ahead(1).text == "/" and over.text.startswith("d") and over.kind == "name"

    def total(self) -> Expr:
        """df/dx[i]."""
        self.at += 2
        by = self.advance()
        return self.derivative_by(by, by.text[1:])

    def derivative_by(self, token: Token, spelling: str) -> Expr:
        tensor = self.look_up(spelling)
        loss = self.words.loss
        if tensor is None or loss is None or tensor == loss:
            self.fail(f"'{spelling}' is not a name to differentiate by{self.words.near(spelling)}", token)
        return self.entry(d(loss, tensor), token)

    def edge(self) -> Expr:
        """∂xhat[i]/∂x[k] along one edge; ∂loss/∂x[k] is the total derivative."""
        self.advance()
        of = self.variable()
        self.take("/", "in the derivative")
        self.take("∂", "in the derivative")
        by = self.token
        if of.tensor == self.words.loss:
            self.advance()
            return self.derivative_by(by, by.text)
        variable = self.variable()
        problem = self.words.problem
        return Direct(of, variable, problem.held(of.tensor, variable.tensor) if problem else ())

    def variable(self) -> Read:
        token = self.advance()
        tensor = self.look_up(token.text) if token.kind == "name" else None
        if tensor is None:
            self.fail(f"{token} is not a name in {self.words.place}{self.words.near(token.text)}", token)
        return self.entry(tensor, token)
