"""What is wrong with a shape or a set: axes exchanged, too many, of another size, averaged over; ends off by one."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from derive.algebra.whole import as_expression, whole
from derive.judging.counting.values import same
from derive.judging.digits import slip
from derive.language.answers import Region, Shape, Span
from derive.language.counting import Count, Ratio
from derive.language.derivation import Part
from derive.language.expression import ONE, Expr, Number
from derive.language.judgement import Finding
from derive.rendering.formula import latex


def misshapen(part: Part, said: Shape) -> Finding:
    """The likeliest reason, next to the answer or to what another convention gives."""
    wants, shown = part.question.wants, latex(part.claim.right)
    if isinstance(wants, Ratio) and _is_inverse(part.claim.right, said):
        return Finding("inverse", "the ratio is the other way round", shown)
    claim = min((part.claim, *part.others), key=lambda one: _distance(one.right, said))
    right = claim.right
    assert isinstance(right, Shape)
    if sorted(map(latex, right.sizes)) == sorted(map(latex, said.sizes)):
        turned = same(Shape(said.sizes[::-1]), right)
        text = "the axes stand the other way round" if turned else "the axes stand in another order"
        return Finding("transposed" if turned else "order of the axes", text, shown)
    if len(right.sizes) != len(said.sizes) and len(bare := [s for s in said.sizes if s != ONE]) == len(right.sizes):
        said = Shape(tuple(bare))
    if len(right.sizes) != len(said.sizes):
        more = "too many" if len(said.sizes) > len(right.sizes) else "too few"
        return Finding("number of axes", f"{len(said.sizes)} axes are {more}; there are {len(right.sizes)}", shown)
    apart = [(one, other) for one, other in zip(said.sizes, right.sizes, strict=True) if not same(one, other)]
    if isinstance(wants, Count) and wants.what in ("mean", "var"):
        return Finding("averaged", "; ".join(_averaged(apart)), shown)
    kinds = {_kind(one, other) for one, other in apart}
    text = ", ".join(dict.fromkeys(f"{latex(one)} for {latex(other)}" for one, other in apart))
    kind = kinds.pop() if len(kinds) == 1 else "size of an axis"
    channels = -1 if claim.convention.get("layout") == "channels last" else 0
    if kind == "size of an axis" and len(apart) == 1 and "layout" in claim.convention and len(right.sizes) > 1:
        kind = kind if same(said.sizes[channels], right.sizes[channels]) else "number of channels"
    return Finding(kind, f"the shape has {text}", shown)


def _distance(right: Expr, said: Shape) -> int:
    if not isinstance(right, Shape) or len(right.sizes) != len(said.sizes):
        return 100
    return sum(not same(one, other) for one, other in zip(said.sizes, right.sizes, strict=True))


def _averaged(apart: list[tuple[Expr, Expr]]) -> Iterator[str]:
    for one, other in apart:
        if other != ONE:
            yield f"it is not averaged over {latex(other)}"
        if one != ONE:
            yield f"it is averaged over {latex(one)}"


def _kind(one: Expr, other: Expr) -> str:
    if isinstance(one, Number) and isinstance(other, Number):
        found = slip(other.value, one.value)
        if found is not None and found.kind in ("digits transposed", "off by one"):
            return found.kind
    return "size of an axis"


def _is_inverse(right: Expr, said: Shape) -> bool:
    """1 : 2 : 1 for 2 : 1 : 2, in any terms."""
    if not isinstance(right, Shape) or len(right.sizes) != len(said.sizes):
        return False
    products = [a.value * b.value for a, b in zip(right.sizes, said.sizes, strict=True)
                if isinstance(a, Number) and isinstance(b, Number)]  # fmt: skip
    return len(products) == len(said.sizes) and len(set(products)) == 1


def misplaced(right: Region, said: Region) -> Iterator[Finding]:
    """Where the ends of the intervals are shifted by one, or the interval is another axis's."""
    spans = [(one, other) for one, other in zip(said.spans, right.spans, strict=False)
             if isinstance(one, Span) and isinstance(other, Span)]  # fmt: skip
    off = {(way, _off(a, b)) for one, other in spans
           for way, a, b in (("lower", one.lower, other.lower), ("upper", one.upper, other.upper))}  # fmt: skip
    ways = {way: distance for way, distance in off if distance != 0}
    if len(off) <= 2 and ways and all(distance in (1, -1) for distance in ways.values()):
        yield Finding("off by one", f"the {' and '.join(sorted(ways))} ends are off by one", latex(right))


def _off(one: Expr, other: Expr) -> Fraction | None:
    found = as_expression(whole(one) - whole(other))
    return found.value if isinstance(found, Number) else None
