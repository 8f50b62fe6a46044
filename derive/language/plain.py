"""The plain text spelling of an expression: the notation of prose, JSON, the terminal and typed answers.

`derive.reading.plain` reads it back to the same tree. The author's order is kept and parentheses are minimal.
A division is a factor with a negative exponent, so neighbouring ones share one slash: `a/(b*c)`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from derive.language.answers import Quantity, Region, Shape, Span
from derive.language.expression import Add, Bracket, Decimal, Direct, Expr, Function, Index, Mul, Number, Pow, Read, Sum
from derive.language.notation import PartialName

# How tightly a spelling binds: a looser one needs parentheses where a tighter one is wanted.
SUM, PRODUCT, FACTOR, POWER, ATOM = range(5)
HALF = Fraction(1, 2)

spellings: dict[type[Expr], Callable[[Expr], str]] = {}  # of further nouns, each from its own module


def plain(expr: Expr) -> str:
    """The plain text of `expr`.

    >>> from derive.language import Sum, index, scalar, size, sqrt, tensor
    >>> m, c = size("m"), scalar("c")
    >>> i = index("i", m)
    >>> x = tensor("x", i)
    >>> plain((x[i] - 1 / m * Sum(i, x[i])) ** 2 / sqrt(c + 1))
    '(x[i] - 1/m*sum(x[i], i))^2/sqrt(c + 1)'
    """
    return _spell(expr, SUM)


def _spell(node: Expr, wanted: int) -> str:
    text, binds = _node(node)
    return text if binds >= wanted else f"({text})"


def _node(node: Expr) -> tuple[str, int]:
    """The spelling of a node, and how tightly it binds."""
    match node:
        case Number(value):
            return str(value), ATOM if value >= 0 and value.denominator == 1 else PRODUCT
        case Decimal(text):
            return text, PRODUCT if text.startswith("-") else ATOM
        case Index(name=name):
            return name, ATOM
        case Read(tensor, indices):
            return tensor.key + _subscript(indices), FACTOR if isinstance(tensor.name, PartialName) else ATOM
        case Direct(of, by):
            return f"∂{_spell(of, ATOM)}/∂{_spell(by, ATOM)}", FACTOR
        case Add(terms):
            return _add(terms), SUM
        case Mul(factors):
            return _mul(factors), PRODUCT
        case Pow(base, exponent):
            return _pow(base, exponent)
        case Sum(index, body):
            return f"sum({_spell(body, SUM)}, {_range(index, body)})", ATOM
        case Function("prod", (Sum(index, body),)):
            return f"prod({_spell(body, SUM)}, {_range(index, body)})", ATOM
        case Function(name, arguments):
            return f"{name}({', '.join(_spell(argument, SUM) for argument in arguments)})", ATOM
        case Bracket(relation, left, right):
            return f"[{_spell(left, SUM)} {relation} {_spell(right, SUM)}]", ATOM
        case Quantity(what, of, network):
            named = ", ".join(filter(None, (network, of)))
            return f"{what}({named})" if named else what, ATOM
        case Shape(sizes):
            return f"({', '.join(_spell(size, SUM) for size in sizes)}{',' * (len(sizes) == 1)})", ATOM
        case Span(lower, upper) if lower == upper:
            return _node(lower)
        case Span(lower, upper):
            return f"({_spell(lower, SUM)} : {_spell(upper, SUM)})", ATOM
        case Region(array, spans, whole):
            return f"{array}[{', '.join([':'] * whole + [_spell(span, SUM) for span in spans])}]", ATOM
    if type(node) in spellings:
        return spellings[type(node)](node), ATOM
    raise AssertionError(f"a node without a spelling: {type(node).__name__}")


def _subscript(indices: tuple[Expr, ...]) -> str:
    return f"[{', '.join(_spell(index, SUM) for index in indices)}]" if indices else ""


def _range(index: Index, body: Expr) -> str:
    """The letter alone where the body reads an axis with it, which then says the range."""
    if ranges_read(body, index.name) == {(index.lower, index.upper)}:
        return index.name
    return f"{index.name}={_spell(index.lower, SUM)}..{_spell(index.upper, SUM)}"


def ranges_read(expr: Expr, name: str) -> set[tuple[Expr, Expr]]:
    """The ranges of the axes that the free index `name` reads on its own."""
    found: set[tuple[Expr, Expr]] = set()
    for axis, index in expr.subscripts:
        if isinstance(index, Index) and index.name == name:
            found.add((axis.lower, axis.upper))
    if isinstance(expr, Sum):
        for bound in (expr.index.lower, expr.index.upper):
            found |= ranges_read(bound, name)
        if expr.index.name == name:
            return found
    for child in expr.children:
        found |= ranges_read(child, name)
    return found


def _add(terms: tuple[Expr, ...]) -> str:
    text = ""
    for term in terms:
        spelled = _spell(term, PRODUCT)
        if not text:
            text = spelled
        elif spelled.startswith("-"):
            text += f" - {spelled[1:]}"
        else:
            text += f" + {spelled}"
    return text


def _pow(base: Expr, exponent: Expr) -> tuple[str, int]:
    if isinstance(exponent, Number) and exponent.value < 0:
        return f"1/{_spell(_flip(base, exponent), POWER)}", PRODUCT
    if exponent == Number(HALF):
        return f"sqrt({_spell(base, SUM)})", ATOM
    return f"{_spell(base, ATOM)}^{_spell(exponent, ATOM)}", POWER


def _flip(base: Expr, exponent: Number) -> Expr:
    return base if exponent.value == -1 else Pow(base, Number(-exponent.value))


def _mul(factors: tuple[Expr, ...]) -> str:
    """Runs of factors and of divisors in turn: -1/2*a/(b*c)*d."""
    value, rest = Fraction(1), factors
    if len(factors) > 1 and isinstance(factors[0], Number):
        value, rest = factors[0].value, factors[1:]
    text = "" if abs(value.numerator) == 1 else str(abs(value.numerator))
    divisors = [] if value.denominator == 1 else [str(value.denominator)]
    for factor in rest:
        if isinstance(factor, Pow) and isinstance(factor.exponent, Number) and factor.exponent.value < 0:
            if isinstance(factor.base, Number):  # in one denominator with others, numbers would combine
                text, divisors = _over(text, divisors), []
            divisors.append(_spell(_flip(factor.base, factor.exponent), POWER))
        else:
            text, divisors = _over(text, divisors), []
            text += ("*" if text else "") + _spell(factor, FACTOR)
    return ("-" if value < 0 else "") + _over(text, divisors)


def _over(text: str, divisors: list[str]) -> str:
    if not divisors:
        return text
    below = divisors[0] if len(divisors) == 1 else f"({'*'.join(divisors)})"
    return f"{text or '1'}/{below}"
