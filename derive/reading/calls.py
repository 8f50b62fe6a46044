"""Functions and what they are made of: tan z is sin z / cos z, max(0, z) is ReLU, sign z is step(z) - step(-z)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial, reduce

from msgspec.structs import replace

from derive.algebra.products import product_of
from derive.language.constant import PI
from derive.language.expression import (
    ONE,
    ZERO,
    Bracket,
    Expr,
    Function,
    Index,
    Sum,
    add,
    div,
    mul,
    neg,
    power,
    sqrt,
)
from derive.language.statement import Open, Side, Table
from derive.reading import surface as s
from derive.reading.arrays import diagonal, entries_added, entrywise, mapped, settled, squared_norm
from derive.reading.lists import Lists
from derive.reading.pending import Bare, exactly
from derive.reading.scope import Hole
from derive.reading.trees import letters_written

SLOPES = {"logistic": lambda f: mul(f, add(1, neg(f))), "tanh": lambda f: add(1, neg(power(f, 2)))}
NAMED = frozenset(
    {
        "exp",
        "log",
        "tanh",
        "logistic",
        "relu",
        "step",
        "abs",
        "sinh",
        "cosh",
        "sin",
        "cos",
        "arcsin",
        "arctan",
        "floor",
        "ceil",
        "factorial",
    }
)


def _ratio(above: str, below: str) -> Callable[[Expr], Expr]:
    def made(z: Expr) -> Expr:
        return div(Function(above, (z,)) if above else ONE, Function(below, (z,)))

    return made


MADE: Mapping[str, Callable[[Expr], Expr]] = {
    "sqrt": sqrt,
    "tan": _ratio("sin", "cos"),
    "cot": _ratio("cos", "sin"),
    "sec": _ratio("", "cos"),
    "csc": _ratio("", "sin"),
    "coth": _ratio("cosh", "sinh"),
    "sign": lambda z: Function("step", (z,)) - Function("step", (neg(z),)),
    "arccos": lambda z: div(PI, 2) - Function("arcsin", (z,)),
    "arsinh": lambda z: Function("log", (z + sqrt(power(z, 2) + 1),)),
    "arcosh": lambda z: Function("log", (z + mul(sqrt(z - 1), sqrt(z + 1)),)),
    "artanh": lambda z: div(Function("log", (div(1 + z, 1 - z),)), 2),
}


class Calls(Lists):
    """Applications of functions, and sums and products over an index."""

    def _call(self, node: s.Call) -> Side:
        if node.name in ("max", "min"):
            return self.extreme(node)
        if node.name == "binomial":
            above, below = map(self.scalar, node.arguments)
            return Function("binomial", (above, below))
        if len(node.arguments) != 1:
            if node.name in ("diag", "softmax") and len(node.arguments) > 1:
                return self._call(replace(node, arguments=(s.Listed(node.at, node.arguments),)))
            self.fail(f"{node.name} takes 1 argument, not {len(node.arguments)}", node)
        inside = self.side(node.arguments[0])
        if node.name == "diag":
            return diagonal(inside)
        if node.name == "norm":
            return sqrt(squared_norm(inside))
        if node.name == "norm1":
            return entries_added(mapped(inside, lambda e: Function("abs", (e,))))
        if node.name == "softmax":
            return self.softmax(node, inside)
        if node.name in MADE and not node.primes:
            return mapped(inside, MADE[node.name])
        if node.name not in NAMED:
            self.fail(f"the function {node.name} is not read in this problem", node)
        if node.primes:
            return self.slope(node, inside)
        return mapped(inside, lambda e: Function(node.name, (e,)))

    def softmax(self, node: s.Call, inside: Side) -> Side:
        """e^{z_i} / sum_j e^{z_j} over the entries of a vector."""
        if isinstance(inside, Table) and inside.vector:
            powers = mapped(inside, lambda e: Function("exp", (e,)))
        elif isinstance(inside, Open) and len(inside.axes) == 1 and not node.primes:
            powers = Open(inside.axes, (), Function("exp", (inside.entry,)), implied=False)
        else:
            self.fail("softmax is taken of a vector; write its entries, as in z_i", node)
        return entrywise(div, powers, entries_added(powers))

    def slope(self, node: s.Call, inside: Side) -> Side:
        rule = SLOPES.get(node.name)
        if rule is None or node.primes > 1:
            self.fail(f"the derivative of {node.name} is not read; write it out", node)
        return mapped(inside, lambda e: rule(Function(node.name, (e,))))

    def extreme(self, node: s.Call) -> Side:
        """max(0, z) is relu(z); of several numbers, two at a time."""
        sides = [settled(self.side(item)) for item in node.arguments]
        if len(sides) == 1:
            self.fail(f"{node.name} is taken of several numbers, written out", node)

        def two(one: Expr, other: Expr) -> Expr:
            if node.name == "max" and ZERO in (one, other):
                return Function("relu", (other if one == ZERO else one,))
            return Function(node.name, (one, other))

        return reduce(partial(entrywise, two), sides)

    def _big(self, node: s.Big) -> Side:
        if not node.letters:
            if node.kind == "prod":
                self.fail("a product sign takes a letter, as in \\prod_{i=1}^n", node)
            body = settled(self.side(node.body))
            written = frozenset(letters_written(node.body))
            return mapped(body, lambda e: Bare(e, node.at, written))
        if node.kind == "prod" and node.but:
            self.fail("a product over all but one index is not read", node)
        lower = exactly(self.scalar(node.lower)) if node.lower is not None else None
        upper = exactly(self.scalar(node.upper)) if node.upper is not None else None
        for letter in node.letters:
            if self.names_tensor(letter):
                verb = "sum" if node.kind == "sum" else "multiply"
                self.fail(f"'{letter}' is a name in {self.words.place}; {verb} over a letter of its own", node)
        self.scope.append(dict.fromkeys(node.letters, (lower, upper)))
        body = self.side(node.body)
        for letter, other in node.but:
            body = entrywise(mul, Bracket("!=", Index(letter, Hole(node.at)), self.scalar(other)), body)
        self.scope.pop()
        for letter in reversed(node.letters):
            index = Index(letter, Hole(node.at)) if upper is None else Index(letter, upper, lower or ONE)
            body = mapped(body, partial(product_of if node.kind == "prod" else Sum, index))
        return body
