r"""Statements by templates, each a text beside a function that works it out, so that NumPy can tell which are true.

A formula is its LaTeX, how tightly it binds, and a function of the values of all quantities and of the indices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, TypeAlias

import numpy as np
from judging.worlds import World

Where: TypeAlias = Mapping[str, int]
Worth: TypeAlias = Callable[[dict[str, Any], Where], float]
Place: TypeAlias = "tuple[str, Worth, frozenset[str]]"  # of an entry: i, i+1, m or 1
SUM, TERM, POWER, ATOM = range(4)


def divided(top: float, bottom: float) -> float:
    return top / bottom if bottom else float("nan")


class Formula:
    def __init__(self, text: str, worth: Worth, binds: int = ATOM, free: frozenset[str] = frozenset()) -> None:
        self.text, self.worth, self.binds, self.free = text, worth, binds, free

    def within(self, binds: int) -> str:
        return self.text if self.binds >= binds else rf"\left({self.text}\right)"

    def made(self, other: Formula, text: str, worth: Callable[[float, float], float], binds: int) -> Formula:
        return Formula(text, lambda v, w: worth(self.worth(v, w), other.worth(v, w)), binds, self.free | other.free)

    def __add__(self, other: Formula) -> Formula:
        return self.made(other, f"{self.text} + {other.within(TERM)}", lambda a, b: a + b, SUM)

    def __sub__(self, other: Formula) -> Formula:
        return self.made(other, f"{self.text} - {other.within(TERM)}", lambda a, b: a - b, SUM)

    def __mul__(self, other: Formula) -> Formula:
        return self.made(other, rf"{self.within(POWER)} \cdot {other.within(POWER)}", lambda a, b: a * b, TERM)

    def __truediv__(self, other: Formula) -> Formula:
        return self.made(other, rf"\frac{{{self.text}}}{{{other.text}}}", divided, TERM)

    def __pow__(self, exponent: int) -> Formula:
        plain = self.binds == ATOM and not set("^_{") & set(self.text)
        base = self.text if plain else rf"\left({self.text}\right)"
        return Formula(f"{base}^{{{exponent}}}", lambda v, w: self.worth(v, w) ** exponent, POWER, self.free)

    def __neg__(self) -> Formula:
        return Formula(f"-{self.within(TERM)}", lambda v, w: -self.worth(v, w), SUM, self.free)


def called(text: str, function: Callable[..., float], *inside: Formula) -> Formula:
    free = frozenset().union(*(one.free for one in inside))
    said = text.format(*(one.text for one in inside))
    return Formula(said, lambda v, w: function(*(one.worth(v, w) for one in inside)), ATOM, free)


def number(value: int) -> Formula:
    return Formula(str(value), lambda v, w: float(value), ATOM if value >= 0 else SUM)


def magnitude(one: Formula) -> Formula:
    return called(r"\left|{}\right|", abs, one)


def root(one: Formula) -> Formula:
    return called(r"\sqrt{{{}}}", np.sqrt, one)


def exp(one: Formula) -> Formula:
    return called(r"e^{{{}}}", np.exp, one)


def log(one: Formula) -> Formula:
    return called(r"\log\left({}\right)", np.log, one)


def tanh(one: Formula) -> Formula:
    return called(r"\tanh\left({}\right)", np.tanh, one)


def largest(one: Formula, other: Formula) -> Formula:
    return called(r"\max({}, {})", max, one, other)


def smallest(one: Formula, other: Formula) -> Formula:
    return called(r"\min({}, {})", min, one, other)


RELATED: dict[str, Callable[[float, float], bool]] = {
    "=": lambda a, b: a == b, r"\ne": lambda a, b: a != b, r"\le": lambda a, b: a <= b, ">": lambda a, b: a > b,
}  # fmt: skip


def indicator(one: Formula, relation: str, other: Formula) -> Formula:
    return called(rf"1[{{}} {relation} {{}}]", lambda a, b: float(RELATED[relation](a, b)), one, other)


def either(value: Formula, one: Formula, relation: str, two: Formula, otherwise: Formula) -> Formula:
    text = rf"\begin{{{{cases}}}} {{}} & {{}} {relation} {{}} \\ {{}} & \text{{{{otherwise}}}} \end{{{{cases}}}}"
    return called(text, lambda x, a, b, y: x if RELATED[relation](a, b) else y, value, one, two, otherwise)


class Templates:
    """Pairs of sides in the quantities of a world, most of them equal for reasons that a student may give."""

    def __init__(self, world: World, rng: Random) -> None:
        self.world, self.rng = world, rng
        self.i, self.j = world.letters[:2]
        self.size = Formula(world.size, lambda v, w: float(v[world.size]))
        sizes, inputs = world.drawn(Random(1))
        names = world.at(sizes, inputs)
        assert names is not None
        self.entries = [name for name in names if "{i}" in name or ",i}" in name]
        self.scalars = [name for name in names if name not in self.entries and "_n" not in name]

    def entry(self, name: str, text: str, at: Formula) -> Formula:
        place = name.replace("{i}", f"{{{text}}}").replace(",i}", f",{text}}}")
        rows = self.world.rows

        def worth(values: dict[str, Any], where: Where) -> float:
            k = int(at.worth(values, where))
            row = values[name][where[rows] - 1] if rows else values[name]
            if not 1 <= k <= len(row):
                raise IndexError(name)
            return float(row[k - 1])

        return Formula(place, worth, ATOM, at.free | frozenset(rows))

    def letter(self, name: str, shift: int = 0) -> Formula:
        text = f"{name}{shift:+d}" if shift else name
        return Formula(text, lambda v, w: w[name] + shift, SUM if shift else ATOM, frozenset(name))

    def scalar(self) -> Formula:
        name = self.rng.choice([*self.scalars, "2", "3"])
        return number(int(name)) if name.isdigit() else Formula(name, lambda v, w: float(v[name]))

    def family(self, depth: int = 2) -> Callable[[Formula], Formula]:
        """A formula at an index, the same one at every place."""
        kind = self.rng.randrange(7) if depth else 6
        if kind == 6:
            name = self.rng.choice(self.entries)
            return lambda at: self.entry(name, at.text, at)
        one, other, scalar = self.family(depth - 1), self.family(depth - 1), self.scalar()
        made: list[Callable[[Formula], Formula]] = [
            lambda at: one(at) + other(at), lambda at: one(at) - other(at), lambda at: one(at) * other(at),
            lambda at: scalar * one(at), lambda at: one(at) - scalar, lambda at: one(at) ** 2,
        ]  # fmt: skip
        return made[kind]

    def big(self, sign: str, letter: str, body: Formula, low: Formula | None = None, high: Formula | None = None,
            but: str = "") -> Formula:  # fmt: skip
        low, high = low or number(1), high or self.size
        under = rf"{letter} \neq {but}" if but else f"{letter}={low.text}"
        over = "" if but else f"^{{{high.text}}}"

        def worth(values: dict[str, Any], where: Where) -> float:
            span = range(int(low.worth(values, where)), int(high.worth(values, where)) + 1)
            found = [body.worth(values, {**where, letter: k}) for k in span if not but or where[but] != k]
            return sum(found) if sign == "sum" else float(np.prod(found))

        free = (body.free - {letter}) | low.free | high.free | frozenset(but)
        return Formula(rf"\{sign}_{{{under}}}{over} {body.within(TERM)}", worth, SUM, free)

    def total(self, letter: str, body: Formula, low: Formula | None = None, high: Formula | None = None) -> Formula:
        return self.big("sum", letter, body, low, high)

    def pair(self) -> tuple[str, Formula, Formula]:
        """The kind, and two sides."""
        a, b, c, m = self.family(), self.family(), self.scalar(), self.size
        i, j, one, two = self.letter(self.i), self.letter(self.j), number(1), number(2)
        x, y, total, big = a(i), b(i), self.total, self.big
        kinds: dict[str, Callable[[], tuple[Formula, Formula]]] = {
            "renamed": lambda: (total(self.i, x), total(self.j, a(j))),
            "split": lambda: (total(self.i, x + y), total(self.i, x) + total(self.j, b(j))),
            "last": lambda: (total(self.i, x), total(self.i, x, one, m - one) + a(m)),
            "first": lambda: (total(self.i, x), a(one) + total(self.i, x, two, m)),
            "but one": lambda: (big("sum", self.j, a(j), but=self.i), total(self.j, a(j)) - x),
            "square": lambda: (total(self.i, x) ** 2, total(self.i, total(self.j, x * a(j)))),
            "double": lambda: (total(self.i, total(self.j, x * b(j))), total(self.i, x) * total(self.j, b(j))),
            "wrong double": lambda: (total(self.i, total(self.j, x * b(j))), total(self.i, x * y)),
            "deviations": lambda: (total(self.i, total(self.j, (x - a(j)) ** 2)),
                                   two * m * total(self.i, x**2) - two * total(self.i, x) ** 2),
            "constant": lambda: (total(self.i, c), m * c),
            "fewer": lambda: (total(self.i, c, two, m), (m - one) * c),
            "telescope": lambda: (total(self.i, a(self.letter(self.i, 1)) - x, one, m - one), a(m) - a(one)),
            "centred": lambda: (total(self.i, x - one / m * total(self.j, a(j))), number(0)),
            "triangle": lambda: (total(self.i, total(self.j, x * b(j), one, i)),
                                 total(self.j, total(self.i, x * b(j), j, m))),
            "only one": lambda: (total(self.i, x), x),
            "factors": lambda: (big("prod", self.i, exp(x)), exp(total(self.i, x))),
            "log of product": lambda: (log(big("prod", self.i, x)), total(self.i, log(x))),
            "square of modulus": lambda: (magnitude(x) ** 2, x**2),
            "modulus of product": lambda: (magnitude(x * y), magnitude(x) * magnitude(y)),
            "modulus of sum": lambda: (magnitude(x + y), magnitude(x) + magnitude(y)),
            "root of square": lambda: (root(x**2), x),
            "modulus": lambda: (root(x**2), magnitude(x)),
            "both extremes": lambda: (largest(x, y) + smallest(x, y), x + y),
            "extreme": lambda: (largest(x, y), (x + y + magnitude(x - y)) / two),
            "picked": lambda: (total(self.j, indicator(j, "=", i) * a(j)), x),
            "picked others": lambda: (total(self.j, indicator(j, r"\ne", i) * a(j)), total(self.j, a(j)) - x),
            "up to": lambda: (total(self.j, indicator(j, r"\le", i) * a(j)), total(self.j, a(j), one, i)),
            "cases": lambda: (either(x, x, ">", number(0), number(0)), largest(x, number(0))),
            "cases by step": lambda: (either(x, x, ">", number(0), number(0)), indicator(x, ">", number(0)) * x),
            "reciprocal": lambda: (one / (one / x), x),
            "difference of squares": lambda: ((x**2 - y**2) / (x - y), x + y),
            "sum of fractions": lambda: (one / x + one / y, (x + y) / (x * y)),
            "nested": lambda: (x / (one + one / y), x * y / (y + one)),
            "log of exp": lambda: (log(exp(x)), x),
            "exp of log": lambda: (exp(log(x)), x),
            "log of square": lambda: (log(x**2), two * log(x)),
            "log of modulus": lambda: (log(x**2), two * log(magnitude(x))),
            "exp of sum": lambda: (exp(x + y), exp(x) * exp(y)),
            "tanh": lambda: (tanh(x), (exp(x) - exp(-x)) / (exp(x) + exp(-x))),
            "power zero": lambda: (x**0, one),
            "at least two": lambda: (total(self.i, x) / (m - one), one / (m - one) * total(self.i, x)),
            "two": lambda: (smallest(m, two), two),
            "roots": lambda: (root(x) * root(y), root(x * y)),
            "turned": lambda: ((x - y) ** 3, -((y - x) ** 3)),
            "anything": lambda: (x, y),
        }  # fmt: skip
        kind = self.rng.choice(list(kinds))
        left, right = kinds[kind]()
        return kind, left, right

    def changed(self, left: Formula, right: Formula) -> tuple[Formula, Formula]:
        """One side changed, so that most are false."""
        two, scalar = number(2), self.scalar()
        rules: list[Callable[[], tuple[Formula, Formula]]] = [
            lambda: (left, -right), lambda: (left, two * right), lambda: (left, right + number(1)),
            lambda: (left, right / two), lambda: (left, magnitude(right)), lambda: (left, right**2),
            lambda: (left, right - scalar), lambda: (right, left),
        ]  # fmt: skip
        return self.rng.choice(rules)()
