"""A typed count, shape or set against the right one: the same for all sizes, under another convention, or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product

from msgspec import Struct

from derive.algebra.binding import rewrite, substitute
from derive.algebra.whole import amount_at, as_expression, whole
from derive.errors import DeriveError
from derive.judging.digits import last_digit
from derive.language.answers import Region, Shape, Span
from derive.language.counting import CONVENTIONS, Count
from derive.language.derivation import Part
from derive.language.domain import Integers
from derive.language.expression import ONE, Expr, Function, Index, Number, free_indices, mul, tensors_in
from derive.language.judgement import Failure, Kind
from derive.language.plain import plain
from derive.rendering.formula import latex

MAX_TRIES = 4000
FORMS = frozenset({"statistics", "borders"})  # one answer, written in two ways
ENTRIES = "the entries of a square field are counted"
CLOSE = Fraction(1, 100)  # what is this near to a rounded number is not called false


class Compared(Struct, frozen=True):
    """What became of a value: the verdict, the convention or reading it needs, and where it fails."""

    verdict: Kind
    convention: str = ""
    reading: str = ""
    failure: Failure | None = None
    why: str = ""


def same(one: Expr, other: Expr) -> bool:
    """Equal for all sizes, by their canonical form; False also where that is not known."""
    if isinstance(one, Shape) and isinstance(other, Shape):
        return len(one.sizes) == len(other.sizes) and all(map(same, one.sizes, other.sizes))
    if isinstance(one, Region) and isinstance(other, Region):
        alike = (one.array, one.whole, len(one.spans)) == (other.array, other.whole, len(other.spans))
        return alike and all(same(a, b) for a, b in zip(_ends(one), _ends(other), strict=True))
    if isinstance(one, Shape | Region | Span) or isinstance(other, Shape | Region | Span):
        return False
    try:
        return whole(_sorted(one)) == whole(_sorted(other))
    except DeriveError:
        return one == other


def _sorted(expr: Expr) -> Expr:
    """max(a, b) and max(b, a) alike."""

    def sort(node: Expr) -> Expr | None:
        if isinstance(node, Function) and node.name in ("max", "min"):
            return Function(node.name, tuple(sorted(map(_sorted, node.arguments), key=plain)))
        return None

    return rewrite(expr, sort)


def _ends(region: Region) -> list[Expr]:
    return [end for span in region.spans if isinstance(span, Span) for end in (span.lower, span.upper)]


def told(convention: Mapping[str, str]) -> str:
    return "; ".join(CONVENTIONS[field][option] for field, option in convention.items())


def under_others(part: Part, said: Expr) -> str:
    """The convention under which it is right; '' where there is none."""
    return next((told(other.convention) for other in part.others if same(said, other.right)), "")


def in_other_form(part: Part, said: Expr) -> str:
    """The form in which it is the same answer: no size and no entry is another one; '' where there is none."""
    return next((told(other.convention) for other in part.others
                 if same(said, other.right) and set(other.convention) <= FORMS), "")  # fmt: skip


def tries(exprs: Sequence[Expr]) -> Iterator[tuple[dict[str, int], dict[str, int]]]:
    """Small sizes and indices at which expressions may differ, the smallest ones first."""
    sizes = {key: tensor for expr in exprs for key, tensor in tensors_in(expr).items()}
    letters = [name for expr in exprs for name in free_indices(expr)]
    letters = list(dict.fromkeys(letters))
    lows = [t.domain.lower if isinstance(t.domain, Integers) else 1 for t in sizes.values()] + [1] * len(letters)
    span = 1 if not lows else max(2, int(MAX_TRIES ** (1 / len(lows)))) if len(lows) > 1 else 200
    for steps in product(range(span), repeat=len(lows)):
        values = [low + step for low, step in zip(lows, steps, strict=True)]
        yield dict(zip(sizes, values, strict=False)), dict(zip(letters, values[len(sizes) :], strict=True))


def differing(one: Expr, other: Expr) -> dict[str, int] | None:
    """The smallest sizes found where two amounts differ."""
    for sizes, where in tries((one, other)):
        try:
            if amount_at(one, sizes, where) != amount_at(other, sizes, where):
                return {**sizes, **where}
        except (DeriveError, ArithmeticError, KeyError):
            continue
    return None


def refuted(right: Expr, said: Expr, at: Mapping[str, int]) -> Compared:
    return Compared("refuted", failure=Failure(at, {}, latex(right), latex(said)))


def as_number(said: Expr) -> Fraction | None:
    """The number that it is, also as the one term of a ratio."""
    if isinstance(said, Shape) and len(said.sizes) <= 2:
        terms = [as_number(size) for size in said.sizes]
        top, bottom = (*terms, Fraction(1))[:2]
        return top / bottom if top is not None and bottom else None
    if isinstance(said, Shape | Region | Span) or tensors_in(said) or free_indices(said):
        return None
    return amount_at(said, {})


def close(said: Fraction, right: Fraction) -> bool:
    """So near that a rounded number is not called false."""
    off = abs(said - right)
    return off <= CLOSE * abs(right) or 2 * off <= last_digit(said)


def to_its_digits(said: Fraction, true: Fraction) -> bool:
    """1.51 x 10^9 of 1,509,949,440: at least two digits, and right to half of the last one."""
    unit = last_digit(said)
    return abs(said) >= 10 * unit and 2 * abs(said - true) <= unit


def compare_number(part: Part, said: Expr, *, rounded: bool) -> Compared:
    """`rounded`: written with a point, or said to be about that."""
    right = part.claim.right
    if same(said, right):
        return Compared("proved")
    if convention := under_others(part, said):
        return Compared("depends", convention)
    if rounded and (found := _rounded(part, said)) is not None:
        return found
    what = part.question.wants.what if isinstance(part.question.wants, Count) else ""
    if what == "start" and same(said + 1, right):
        return Compared("depends", "indices start at 0")
    if what == "field" and same(said, mul(right, right)):
        return Compared("depends", ENTRIES)
    if rounded and isinstance(said, Number) and isinstance(right, Number) and same(_thousands(said), right):
        return Compared("depends", "a point stands between thousands")
    at = differing(said, right)
    return Compared("undecided", why="no proof and no counterexample") if at is None else refuted(right, said, at)


def _rounded(part: Part, said: Expr) -> Compared | None:
    """A rounded number is right to its digits, also under another convention, or too near to be called false."""
    number, right = as_number(said), as_number(part.claim.right)
    if number is None or right is None:
        return None
    others = [(other, value) for other in part.others if (value := as_number(other.right)) is not None]
    if to_its_digits(number, right):
        return Compared("proved", reading="rounded to the digits that are written")
    for other, value in others:
        if to_its_digits(number, value):
            return Compared("depends", told(other.convention), "rounded to the digits that are written")
    if any(close(number, value) for value in (right, *(value for _, value in others))):
        return Compared("undecided", why="a rounded number is near the right one; write all of its digits")
    return None


def _thousands(said: Number) -> Number:
    """294.912 as 294912."""
    return Number(said.value * 1000) if (said.value * 1000).denominator == 1 and said.value < 1000 else said


def compare_shape(part: Part, said: Shape, *, crossed: bool = False, answers: bool = False) -> Compared:
    """`crossed`: written 32x32, which may be the places of a feature map without its channels: true of it, and all that
    is asked only by convention where it `answers` the part."""
    right = part.claim.right
    assert isinstance(right, Shape)
    if same(said, right):
        return Compared("proved")
    if form := in_other_form(part, said):
        return Compared("proved", reading=form)
    if convention := under_others(part, said):
        return Compared("depends", convention)
    if crossed and same(said, _places(part)):
        places = "the places alone, without the channels"
        return Compared("depends", places) if answers else Compared("proved", reading=places)
    if len(right.sizes) == 1 and same(said, Shape((ONE, *right.sizes))):
        return Compared("proved", reading="a vector written as one row")
    others = [other.right for other in part.others if not FORMS & set(other.convention)]
    forms = [one for one in (right, *others) if isinstance(one, Shape)]
    if any(len(one.sizes) != len(said.sizes) and same(_squeezed(said), _squeezed(one)) for one in forms):
        return Compared("depends", "axes of size 1 may be put in or left out")
    if len(right.sizes) != len(said.sizes):
        return refuted(right, said, {})
    for one, other in zip(right.sizes, said.sizes, strict=True):
        if not same(one, other) and (at := differing(one, other)) is not None:
            return refuted(right, said, at)
    return Compared("undecided", why="no proof and no counterexample")


def _places(part: Part) -> Shape:
    """The shape of an output without its channels."""
    sizes, wants = part.claim.right, part.question.wants
    assert isinstance(sizes, Shape)
    if not isinstance(wants, Count) or wants.what not in ("shape", "input") or len(sizes.sizes) < 3:
        return Shape(())
    last = part.claim.convention.get("layout") == "channels last"
    return Shape(sizes.sizes[:-1] if last else sizes.sizes[1:])


def _squeezed(shape: Expr) -> Shape:
    assert isinstance(shape, Shape)
    return Shape(tuple(size for size in shape.sizes if size != ONE))


def compare_ratio(part: Part, said: Shape, *, rounded: bool) -> Compared:
    """Ratios are equal in any terms; one number is the quotient of two."""
    right = part.claim.right
    assert isinstance(right, Shape)
    reading, terms = "", said.sizes
    if len(terms) == 1 and len(right.sizes) == 2:
        reading, terms = "the first divided by the second", (*terms, ONE)
    if len(terms) != len(right.sizes):
        return Compared("unreadable", why=f"a ratio of {len(right.sizes)} numbers is asked for")
    values = [(a.value, b.value) for a, b in zip(terms, right.sizes, strict=True)
              if isinstance(a, Number) and isinstance(b, Number) and a.value > 0]  # fmt: skip
    if len(values) != len(terms):
        return Compared("undecided", why="only ratios of positive numbers are compared")
    factors = [b / a for a, b in values]
    if len(set(factors)) == 1:
        return Compared("proved", reading=reading or ("" if same(said, right) else "the ratio in other terms"))
    if rounded and len(said.sizes) == 1 and to_its_digits(values[0][0], values[0][1] / values[1][1]):
        return Compared("proved", reading=f"{reading}, rounded to the digits that are written")
    if rounded and len(said.sizes) == 1 and not close(values[0][0], values[0][1] / values[1][1]):
        return refuted(right, said, {})
    if rounded and 2 * max(factors) <= 3 * min(factors):
        return Compared("undecided", why="a rounded ratio is near the right one; write it in whole numbers")
    return refuted(right, said, {})


def compare_region(part: Part, said: Region, extents: Sequence[Expr]) -> Compared:
    """Sets are equal when what lies inside of the array is; `extents` are the sizes of its axes by their place."""
    right = part.claim.right
    assert isinstance(right, Region)
    if same(said, right):
        return Compared("proved")
    if form := in_other_form(part, said):
        return Compared("proved", reading=form)
    if convention := under_others(part, said):
        return Compared("depends", convention)
    for words, another in _other_ways(said):
        if same(another, right) or under_others(part, another):
            return Compared("depends", words)
    if said.array != right.array or len(said.spans) != len(right.spans) or said.whole != right.whole:
        return Compared("unreadable", why=f"the entries of {right.array} are asked for, one interval for each axis")
    for place, (one, other) in enumerate(zip(right.spans, said.spans, strict=True), right.whole):
        assert isinstance(one, Span)
        assert isinstance(other, Span)
        at = None if same_span(one, other) else _apart(one, other, extents[place])
        if at is not None:
            return refuted(right, said, at)
    return Compared("undecided", why="no proof, and no place inside of the array where they differ")


def same_span(one: Span, other: Span) -> bool:
    return same(one.lower, other.lower) and same(one.upper, other.upper)


def _other_ways(said: Region) -> Iterator[tuple[str, Region]]:
    """Intervals without their upper end; indices that start at 0."""
    spans = [span for span in said.spans if isinstance(span, Span)]
    open_ = [Span(s.lower, as_expression(whole(s.upper - 1))) for s in spans]
    excluded, from_zero = "the upper end of an interval is not in it", "indices start at 0"
    ways = ((False, open_, excluded), (True, spans, from_zero), (True, open_, f"{from_zero}, and {excluded}"))
    for zero, some, words in ways:
        yield words, Region(said.array, tuple(_from_zero(s) if zero else s for s in some), said.whole)


def _from_zero(span: Span) -> Span:
    """The interval in letters and indices that start at 1: i is i - 1, and x is x + 1."""
    letters = {name: index - 1 for name, index in free_indices(span).items() if isinstance(index, Index)}
    ends = [as_expression(whole(substitute(end, letters) + 1)) for end in (span.lower, span.upper)]
    return Span(*ends)


def _apart(one: Span, other: Span, extent: Expr) -> dict[str, int] | None:
    """Sizes and an output index at which the entries inside of the array differ; the index lies in its own range."""
    letters = {name: index for span in (one, other) for name, index in free_indices(span).items()}
    for sizes, where in tries((one.lower, one.upper, other.lower, other.upper, extent, *_uppers(letters))):
        try:
            inside = all(amount_at(letters[name].upper, sizes) >= Fraction(k) for name, k in where.items())
            if not inside:
                continue
            last = amount_at(extent, sizes)
            sets = [_within(span, last, sizes, where) for span in (one, other)]
        except (DeriveError, ArithmeticError, KeyError):
            continue
        if sets[0] != sets[1] and any(ends[0] <= ends[1] for ends in sets):
            return {**sizes, **where}
    return None


def _within(span: Span, last: Fraction, sizes: Mapping[str, int], where: Mapping[str, int]) -> tuple[Fraction, ...]:
    """The first and the last entry of an interval that lie inside of the array."""
    lower, upper = amount_at(span.lower, sizes, where), amount_at(span.upper, sizes, where)
    return max(lower, Fraction(1)), min(upper, last)


def _uppers(letters: Mapping[str, Index]) -> tuple[Expr, ...]:
    return tuple(index.upper for index in letters.values())
