"""Expression -> mathematics: one traversal, spelled by a table of `markup`.

The author's order is kept. A product is a flat list of factors in which a division is a negative power; here it
becomes fractions again. Parentheses stand only where a reader would otherwise take the wrong thing together.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from msgspec import Struct

from derive.errors import UnsupportedError
from derive.language.expression import (
    Add,
    Bracket,
    Decimal,
    Direct,
    Expr,
    Function,
    Index,
    Mul,
    Number,
    Pow,
    Read,
    Sum,
    walk,
)
from derive.language.functions import FUNCTIONS
from derive.language.matrices import Component
from derive.language.notation import PartialName
from derive.language.tensor import Tensor
from derive.rendering.markup import LATEX, TYPST, Markup
from derive.rendering.names import is_raised, quotient, scripts, spelled

SUM, PRODUCT, POWER, ATOM = range(4)  # what binds a printed piece, loosest first


class Piece(Struct, frozen=True):
    """A printed subexpression, and what its surroundings must know to place it safely."""

    text: str
    level: int = ATOM
    tall: bool = False  # holds a fraction or a sum sign: parentheses around it must grow
    open: bool = False  # ends in a sum, which would swallow any factor that follows
    minus: bool = False  # starts with a minus sign
    slash: bool = False  # a quotient on one line, whose denominator would swallow a factor that follows
    scripted: bool = False  # ends in a superscript already


class Formula(Struct, frozen=True):
    """Prints expressions with one markup; `struck` are subexpressions to be shown struck out.

    `slashed` is for a line of text: derivatives and lone fractions are written with a slash.
    """

    markup: Markup
    struck: tuple[Expr, ...] = ()
    slashed: bool = False

    def __call__(self, expr: Expr) -> str:
        return self.piece(expr).text

    def relation(self, bracket: Bracket) -> str:
        """A condition that stands by itself: left = right, without the bracket."""
        sign = self.markup.relations[bracket.relation]
        return f"{self(bracket.left)} {sign} {self(bracket.right)}"

    def piece(self, expr: Expr) -> Piece:
        rule = _RULES.get(type(expr)) or _further(type(expr))
        if rule is None:
            raise UnsupportedError(f"no rule prints {type(expr).__name__}")
        piece = rule(self, expr)
        if expr in self.struck:
            return Piece(self.markup.struck.format(piece.text), ATOM, piece.tall)
        return piece

    def round(self, piece: Piece) -> Piece:
        template = self.markup.tall_round if piece.tall else self.markup.round
        return Piece(template.format(piece.text), ATOM, piece.tall)

    def at_least(self, piece: Piece, level: int) -> Piece:
        return self.round(piece) if piece.level < level else piece

    def signed(self, term: Expr, signs: tuple[str, str] = (" + ", " - ")) -> str:
        """A term after the first, with its sign; that of a struck term stays legible."""
        piece = self.piece(term)
        if term in self.struck and _is_negative(term):
            plain = Formula(self.markup)
            return signs[1] + self.markup.struck.format(plain.at_least(plain.piece(negated(term)), PRODUCT).text)
        if piece.minus:
            return signs[1] + self.at_least(self.piece(negated(term)), PRODUCT).text
        return signs[0] + self.at_least(piece, PRODUCT).text

    def tensor(self, tensor: Tensor) -> str:
        """The bare name, for lists and captions."""
        return Formula(self.markup, slashed=True)(Read(tensor))


def _number(f: Formula, expr: Number) -> Piece:
    size = abs(expr.value)
    whole = size.denominator == 1
    over = f.markup.slash if f.slashed else f.markup.fraction
    text = _grouped(f, size.numerator) if whole else over.format(size.numerator, size.denominator)
    tall, slash = not whole and not f.slashed, not whole and f.slashed
    if expr.value < 0:
        return Piece(f"-{text}", SUM, tall, minus=True)
    return Piece(text, ATOM if whole else PRODUCT, tall, slash=slash)


def _grouped(f: Formula, number: int) -> str:
    """301 989 888: groups of three from five digits on."""
    return f"{number:,}".replace(",", f.markup.group) if number >= 10_000 else str(number)


def _decimal(f: Formula, expr: Decimal) -> Piece:
    """Scientific notation as a power of ten."""
    digits, _, exponent = expr.text.partition("e")
    text = digits + (f.markup.times + f.markup.sup.format("10", exponent) if exponent else "")
    if text.startswith("-"):
        return Piece(text, SUM, minus=True)
    return Piece(text, PRODUCT if exponent else ATOM)


def _index(f: Formula, expr: Index) -> Piece:
    return Piece(f.markup.letter(expr.name))


def _read(f: Formula, expr: Read) -> Piece:
    name = expr.tensor.name
    indices = [f(index) for index in expr.indices]
    if isinstance(name, PartialName) and f.slashed:
        text = quotient(f.markup, spelled(f.markup, name.of), spelled(f.markup, name.by, indices), inline=True)
        return Piece(text, PRODUCT, slash=True)
    text = spelled(f.markup, name, indices)
    if isinstance(name, PartialName):
        return Piece(text, PRODUCT, tall=True)
    return Piece(text, scripted=is_raised(name))


def _add(f: Formula, expr: Add) -> Piece:
    if not expr.terms:
        return Piece("0")
    first = f.piece(expr.terms[0])
    pieces = [first]
    texts = [f.round(first).text if first.level == SUM and not first.minus else first.text]
    for term in expr.terms[1:]:
        texts.append(f.signed(term))
        pieces.append(f.piece(term))
    return Piece("".join(texts), SUM, any(p.tall for p in pieces), pieces[-1].open, first.minus)


def _mul(f: Formula, expr: Mul) -> Piece:
    if not expr.factors:
        return Piece("1")
    head, *rest = expr.factors
    if rest and _is_negative(head):
        body = f.at_least(f.piece(negated(expr)), PRODUCT)
        return Piece(f"-{body.text}", SUM, body.tall, body.open, minus=True)
    return _product(f, _ranges(expr.factors))


class Range(Expr, frozen=True, cache_hash=True):
    """[lower <= value <= upper], for print: two neighbouring conditions on one value."""

    lower: Expr
    value: Expr
    upper: Expr


def _ranges(factors: tuple[Expr, ...]) -> list[Expr]:
    found: list[Expr] = []
    for factor in factors:
        last = found[-1] if found else None
        both = isinstance(factor, Bracket) and isinstance(last, Bracket) and factor.relation == last.relation == "<="
        if both and isinstance(factor, Bracket) and isinstance(last, Bracket) and factor.left == last.right:
            found[-1] = Range(last.left, last.right, factor.right)
        else:
            found.append(factor)
    return found


def _is_negative(expr: Expr) -> bool:
    head = expr.factors[0] if isinstance(expr, Mul) and expr.factors else expr
    return isinstance(head, Number) and head.value < 0


def negated(expr: Expr) -> Expr:
    """-expr for an expression that prints with a leading minus sign."""
    if isinstance(expr, Number):
        return Number(-expr.value)
    if isinstance(expr, Decimal):
        return Decimal(expr.text.removeprefix("-"))
    assert isinstance(expr, Mul)
    head, *rest = expr.factors
    if isinstance(head, Mul):  # (-2 a)/s, as it stands in a floor
        return negated(Mul((*head.factors, *rest)))
    assert isinstance(head, Number)
    value = -head.value
    kept = rest if value == 1 else [Number(value), *rest]
    return kept[0] if len(kept) == 1 else Mul(tuple(kept))


def _product(f: Formula, factors: list[Expr]) -> Piece:
    """Runs of factors: a denominator divides what stands before it, up to the denominator before that."""
    out: list[Piece] = []
    above: list[Expr] = []
    below: list[Expr] = []
    for factor in factors:
        under = _denominator(factor)
        if under is None and below:
            out.extend(_fraction(f, above, below))
            above, below = [], []
        if under is not None:
            below.append(under)
        elif isinstance(factor, Number) and factor.value > 0 and factor.value.denominator != 1:
            # 1/2 merges with the denominators after it; 1/2 x / m prints as x over 2 m
            below.append(Number(Fraction(factor.value.denominator)))
            if factor.value.numerator != 1:
                above.append(Number(Fraction(factor.value.numerator)))
        else:
            above.append(factor)
    out.extend(_fraction(f, above, below) if below else [f.piece(factor) for factor in above])
    return juxtaposed(f, out)


def _denominator(factor: Expr) -> Expr | None:
    """What stands under the bar: b for b^-1, the root for b^(-1/2), b^n for b^-n."""
    if not (isinstance(factor, Pow) and isinstance(factor.exponent, Number) and factor.exponent.value < 0):
        return None
    exponent = -factor.exponent.value
    return factor.base if exponent == 1 else Pow(factor.base, Number(exponent))


def _fraction(f: Formula, above: list[Expr], below: list[Expr]) -> list[Piece]:
    """Leading derivatives stay beside the fraction: a quotient above a quotient is hard to read."""
    quotients = [piece.tall or piece.slash for piece in map(f.piece, above)]
    last_tall = max((i for i, e in enumerate(above) if quotients[i] and not isinstance(e, Sum | Add)), default=-1)
    beside, above = above[: last_tall + 1], above[last_tall + 1 :]
    if beside and isinstance(beside[0], Number) and beside[0].value.denominator == 1:
        above.insert(0, beside.pop(0))  # a coefficient reads better in the fraction than in front of a derivative
    top = juxtaposed(f, [f.piece(e) for e in above]).text if above else "1"
    bottom = juxtaposed(f, [f.piece(e) for e in below]).text
    return [*(f.piece(e) for e in beside), Piece(f.markup.fraction.format(top, bottom), PRODUCT, tall=True)]


def juxtaposed(f: Formula, pieces: list[Piece]) -> Piece:
    """a b c: sums, and sum signs that are not last, in parentheses; a dot where two numbers would run together."""
    if len(pieces) == 1:
        return pieces[0]
    texts: list[str] = []
    for position, piece in enumerate(pieces):
        last = position == len(pieces) - 1
        if piece.level == SUM or ((piece.open or piece.slash) and not last):
            piece = f.round(piece)
        if texts:
            both_tall = piece.tall and pieces[position - 1].tall and not pieces[position].open
            apart = f.markup.apart if both_tall or piece.slash else f.markup.space
            both_numbers = _is_numeric(texts[-1]) and _is_numeric(piece.text)
            texts.append(f.markup.times if piece.text[0].isdigit() or both_numbers else apart)
        texts.append(piece.text)
    last_piece = pieces[-1]
    return Piece("".join(texts), PRODUCT, any(p.tall for p in pieces), last_piece.open, slash=last_piece.slash)


def _is_numeric(text: str) -> bool:
    """Digits, fractions of them, and signs: two of these side by side would be read as one."""
    return not re.search(r"[A-Za-z]", re.sub(r"\\?(frac|left|right|cdot|dot|thin)\b", "", text))


def _pow(f: Formula, expr: Pow) -> Piece:
    m = f.markup
    if _denominator(expr) is not None:
        return _product(f, [expr])
    base = f.piece(expr.base)
    if expr.exponent == Number(Fraction(1, 2)):
        return Piece(m.root.format(base.text), ATOM, tall=base.tall)
    if base.level < ATOM or base.scripted or isinstance(expr.base, Function):
        base = f.round(base)
    exponent = expr.exponent
    if isinstance(exponent, Number) and exponent.value.denominator != 1 and exponent.value > 0:
        script = m.slash.format(exponent.value.numerator, exponent.value.denominator)
    else:
        script = f(exponent)
    return Piece(m.sup.format(base.text, script), POWER, base.tall, scripted=True)


def _sum(f: Formula, expr: Sum) -> Piece:
    body = f.at_least(f.piece(expr.body), PRODUCT)
    return Piece(f"{_sum_sign(f, expr.index)} {body.text}", PRODUCT, tall=True, open=True)


def _sum_sign(f: Formula, index: Index) -> str:
    m = f.markup
    return m.sum.format(m.letter(index.name), f(index.lower), f(index.upper))


def unbroken(f: Formula, expr: Expr) -> list[str]:
    """A sum over a product with conditions, in pieces between which a line may break; anything else is one piece."""
    signs, body = [], expr
    while isinstance(body, Sum):
        signs.append(_sum_sign(f, body.index))
        body = body.body
    factors = _ranges(body.factors) if isinstance(body, Mul) else [body]
    *before, last = factors
    long = any(isinstance(node, Bracket | Component) for node in walk(expr))
    if not before or not long or any(_denominator(f) is not None or isinstance(f, Number | Sum) for f in before):
        return [f(expr)]
    pieces = [f.at_least(f.piece(factor), PRODUCT).text for factor in before]
    pieces += unbroken(f, last) if isinstance(last, Sum) else [f.at_least(f.piece(last), PRODUCT).text]
    return [" ".join([*signs, pieces[0]]), *pieces[1:]]


def _function(f: Formula, expr: Function) -> Piece:
    from derive.rendering.notation import function

    own = function(f, expr)
    if own is not None:
        return own
    info = FUNCTIONS[expr.name]
    operator = info.latex if f.markup.name == "latex" else info.typst
    inside = [f.piece(argument) for argument in expr.arguments]
    joined = Piece(", ".join(piece.text for piece in inside), SUM, any(piece.tall for piece in inside))
    return Piece(f.markup.function.format(operator, f.round(joined).text), ATOM, joined.tall)


def _bracket(f: Formula, expr: Bracket) -> Piece:
    if expr.relation == "=" and isinstance(expr.left, Index) and isinstance(expr.right, Index):
        both = scripts([f(expr.left), f(expr.right)])
        return Piece(f.markup.sub.format(f.markup.letter("delta"), both))
    return Piece(f.markup.square.format(f.relation(expr)), ATOM, tall=f.piece(expr.left).tall)


def _range(f: Formula, expr: Range) -> Piece:
    sign = f.markup.relations["<="]
    return Piece(f.markup.square.format(f" {sign} ".join(map(f, (expr.lower, expr.value, expr.upper)))),
                 tall=f.piece(expr.value).tall)  # fmt: skip


def _direct(f: Formula, expr: Direct) -> Piece:
    """Marked with what is held fixed, so that it never looks like a total derivative."""
    return Piece(_barred(f, quotient(f.markup, f(expr.of), f(expr.by), f.slashed), expr), ATOM, tall=not f.slashed)


def _barred(f: Formula, quotient: str, expr: Direct) -> str:
    if expr.total:
        return quotient
    if not expr.held:
        return f.markup.plain_held.format(quotient)
    return f.markup.held.format(quotient, ", ".join(f.tensor(tensor) for tensor in expr.held))


_RULES: dict[type[Expr], Callable[[Formula, Expr], Piece]] = {
    Number: _number,  # type: ignore[dict-item]
    Decimal: _decimal,  # type: ignore[dict-item]
    Index: _index,  # type: ignore[dict-item]
    Read: _read,  # type: ignore[dict-item]
    Add: _add,  # type: ignore[dict-item]
    Mul: _mul,  # type: ignore[dict-item]
    Pow: _pow,  # type: ignore[dict-item]
    Sum: _sum,  # type: ignore[dict-item]
    Function: _function,  # type: ignore[dict-item]
    Bracket: _bracket,  # type: ignore[dict-item]
    Range: _range,  # type: ignore[dict-item]
    Direct: _direct,  # type: ignore[dict-item]
}


def _further(kind: type[Expr]) -> Callable[[Formula, Expr], Piece] | None:
    """The rule of a noun that stands for something else than one number."""
    from derive.rendering.arrays import RULES

    return RULES.get(kind)


def latex(expr: Expr) -> str:
    """The expression as LaTeX mathematics, without dollar signs."""
    return Formula(LATEX)(expr)


def typst(expr: Expr) -> str:
    """The expression as Typst mathematics, without dollar signs."""
    return Formula(TYPST)(expr)
