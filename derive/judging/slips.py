"""Small changes that depend on what else the problem has: its names, its letters, its functions."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import combinations, islice, product

from msgspec import Struct

from derive.algebra.binding import fresh_name, rewrite, substitute
from derive.judging.edits import Edit, Phrase, Rebuild, made
from derive.language.domain import Integers
from derive.language.expression import (
    ONE,
    ZERO,
    Add,
    Direct,
    Expr,
    Function,
    Index,
    Mul,
    Number,
    Pow,
    Read,
    Sum,
    add,
    delta,
    expression,
    free_indices,
    mul,
    neg,
    power,
    tensors_in,
)
from derive.language.notation import PartialName
from derive.language.tensor import Tensor

Letters = Mapping[str, Index]
WRAPPED = ("exp", "log")  # what is forgotten around a quantity
MAX_ENTRIES = 4  # of one tensor, by the letters that may be its subscripts
MAX_SPLIT = 5  # places of a letter that are told apart


class Place(Struct, frozen=True):
    """A node, what puts another in its place, and the letters that have a meaning there."""

    node: Expr
    put: Rebuild
    letters: Letters

    def edit(self, kind: str, pattern: str, new: Expr, *about: Expr | str) -> Edit:
        return Edit(kind, Phrase(pattern, about or (self.node, new)), self.put(new))


def slips(
    expr: Expr, outer: Letters, tensors: Sequence[Tensor], defined: Container[str], active: Mapping[str, str]
) -> Iterator[Edit]:
    """Single changes of an expression in the letters of the other side and the names of the problem.

    `defined` are the names that have a definition, `active` those that an activation gives, with its name.
    """
    here = list(_places(expr, dict(outer), lambda new: new))
    yield Edit("value", Phrase("it is 0"), ZERO)
    yield Edit("value", Phrase("it is 1"), ONE)
    for rule in (_operations, _moved, _functions, _letters, _exponents, _deltas, _products, _split):
        for place in here:
            yield from rule(place)
    derivatives = [tensor for tensor in tensors if isinstance(tensor.name, PartialName)]
    values = [tensor for tensor in tensors if not isinstance(tensor.name, PartialName)]
    inputs = [tensor for tensor in values if tensor.key not in defined]
    nodes = [tensor for tensor in values if tensor.key in defined]
    yield from (edit for place in here for edit in _slopes(place, values, active))
    yield from (edit for place in here for edit in _factors(place, inputs))
    yield from (edit for place in here for edit in _names(place, values))
    yield from _axes(expr, outer)
    yield from (edit for place in here for edit in _factors(place, nodes))
    yield from (edit for place in here for edit in _names(place, derivatives))
    yield from (edit for place in here for edit in _factors(place, derivatives))


def _places(expr: Expr, letters: Letters, put: Rebuild) -> Iterator[Place]:
    """Every node, parents first, those of subscripts left out."""
    yield Place(expr, put, letters)
    if isinstance(expr, Read | Direct):
        return
    inner = {**letters, expr.index.name: expr.index} if isinstance(expr, Sum) else letters
    for k, child in enumerate(expr.children):

        def inside(new: Expr, k: int = k) -> Expr:
            return put(made(expr, (*expr.children[:k], new, *expr.children[k + 1 :])))

        yield from _places(child, inner, inside)


# -- operations and functions --------------------------------------------------------------------------------------


def _operations(place: Place) -> Iterator[Edit]:
    """A product for a sum or a difference, and the other way around."""
    node = place.node
    if isinstance(node, Mul):
        number = node.factors[0] if isinstance(node.factors[0], Number) else ONE
        factors = node.factors[1:] if number is not ONE else node.factors
        if len(factors) == 2:
            for new in (mul(number, add(factors[0], neg(factors[1]))), mul(number, add(*factors))):
                yield place.edit("operation", "{} should be {}", new)
    if isinstance(node, Add) and len(node.terms) == 2:
        yield place.edit("operation", "{} should be {}", mul(*node.terms))
        yield place.edit("sign", "the sign of {} is wrong", neg(node), node)


def _moved(place: Place) -> Iterator[Edit]:
    """A factor at the wrong one of two terms."""
    node = place.node
    if not isinstance(node, Add) or len(node.terms) != 2:
        return
    for one, other in (node.terms, node.terms[::-1]):
        for k, factor in enumerate(one.factors if isinstance(one, Mul) else ()):
            if not isinstance(factor, Number):
                assert isinstance(one, Mul)
                new = add(mul(*one.factors[:k], *one.factors[k + 1 :]), mul(factor, other))
                yield place.edit("factor", "the factor {} belongs to {}", new, factor, other)


def _functions(place: Place) -> Iterator[Edit]:
    """A function that is forgotten, or one too many; x^2 for the slope x (1 - x) of an activation."""
    node = place.node
    if isinstance(node, Function) and len(node.arguments) == 1 and node.name != "prod":
        yield place.edit("function", "the function of {} is too many", node.arguments[0], node.arguments[0])
    if isinstance(node, Sum):
        inside = Sum(node.index, Function("exp", (node.body,)))
        yield place.edit("function", "{} should be {}", inside)
        yield place.edit("function", "{} should be {}", Function("log", (inside,)))
    if isinstance(node, Read) or (isinstance(node, Sum | Add) and not isinstance(node, Mul)):
        for name in WRAPPED:
            yield place.edit("function", "{} should be {}", Function(name, (node,)))
    if isinstance(node, Mul):
        for factor in node.factors:
            rest = [one for one in node.factors if one not in (factor, add(1, neg(factor)))]
            if len(rest) == len(node.factors) - 2:
                slope = mul(factor, add(1, neg(factor)))
                yield place.edit("prime", "the slope {} is too many", mul(*rest), slope)
    if isinstance(node, Pow) and node.exponent == expression(2):
        yield place.edit("prime", "{} should be {}", mul(node.base, add(1, neg(node.base))))


# -- letters -------------------------------------------------------------------------------------------------------


def _letters(place: Place) -> Iterator[Edit]:
    """Two letters exchanged in one entry; another letter of the same range in one of its subscripts."""
    node = place.node
    if not isinstance(node, Read):
        return
    own = free_indices(node)
    for one, other in combinations(own.values(), 2):
        if _range(one) == _range(other):
            swapped = substitute(node, {one.name: other, other.name: one})
            yield place.edit("index", "{} should be {}", swapped)
    for k, index in enumerate(node.indices):
        for name, letter in free_indices(index).items():
            for other in place.letters.values():
                if other.name != name and _range(other) == _range(letter):
                    changed = substitute(index, {name: other})
                    new = Read(node.tensor, (*node.indices[:k], changed, *node.indices[k + 1 :]))
                    yield place.edit("index", "{} should be {}", new)


def _range(index: Index) -> tuple[Expr, Expr]:
    return index.lower, index.upper


def _exponents(place: Place) -> Iterator[Edit]:
    """beta^j for beta^(k - j): an exponent that counts from the wrong end."""
    node = place.node
    if isinstance(node, Pow) and not isinstance(node.exponent, Number):
        for name, letter in free_indices(node.exponent).items():
            turned = substitute(node.exponent, {name: add(letter.lower, letter.upper, neg(letter))})
            yield place.edit("exponent", "{} should be {}", Pow(node.base, turned))


def _deltas(place: Place) -> Iterator[Edit]:
    """Kronecker's delta that was taken for 1, or left out."""
    node, letters = place.node, list(place.letters.values())
    if isinstance(node, Add):
        for one, other in combinations(letters, 2):
            if _range(one) != _range(other):
                continue
            bracket = delta(one, other)
            for k, term in enumerate(node.terms):
                changed = add(*node.terms[:k], mul(term, bracket), *node.terms[k + 1 :])
                yield place.edit("condition", "{} stands only where {}", changed, term, bracket)


def _products(place: Place) -> Iterator[Edit]:
    """An inner product for an outer one."""
    node = place.node
    if not isinstance(node, Sum):
        return
    factors = node.body.factors if isinstance(node.body, Mul) else (node.body,)
    apart = [one for factor in factors for one in _twice(factor)]
    own = [one for one in place.letters.values() if _range(one) == _range(node.index)]
    if len(apart) != 2 or not all(node.index.name in free_indices(one) for one in apart):
        return
    for first, second in combinations(own, 2):
        for one, other in ((first, second), (second, first)):
            new = mul(substitute(apart[0], {node.index.name: one}), substitute(apart[1], {node.index.name: other}))
            yield place.edit("order of a product", "{} should be {}", new)


def _twice(factor: Expr) -> tuple[Expr, ...]:
    """A square as two factors."""
    if isinstance(factor, Pow) and factor.exponent == expression(2):
        return factor.base, factor.base
    return (factor,)


def _split(place: Place) -> Iterator[Edit]:
    """One letter of a sum where there should be two, each with a sum of its own."""
    node = place.node
    if not isinstance(node, Sum):
        return
    name = node.index.name
    count = _count(node.body, name)
    if not 2 <= count <= MAX_SPLIT:
        return
    own = node.index.renamed(fresh_name(name, {*place.letters, *free_indices(node.body)}))
    for chosen in product((False, True), repeat=count - 1):
        if any(chosen):
            body = _renamed_at(node.body, name, own, iter((False, *chosen)))
            yield place.edit(
                "missing sum", "a sum over an index of its own is missing in {}", Sum(node.index, Sum(own, body)), node
            )


def _count(expr: Expr, name: str) -> int:
    if isinstance(expr, Index):
        return int(expr.name == name)
    return sum(_count(child, name) for child in expr.children)


def _renamed_at(expr: Expr, name: str, own: Index, chosen: Iterator[bool]) -> Expr:
    """The letter renamed at those of its places, from left to right, that are chosen."""
    if isinstance(expr, Index):
        return own if expr.name == name and next(chosen, False) else expr
    return expr.with_children(tuple(_renamed_at(child, name, own, chosen) for child in expr.children))


def _axes(expr: Expr, outer: Letters) -> Iterator[Edit]:
    """Every sum, and what it is divided by, along another axis: a mean over rows for one over columns."""
    letters = list(outer.values())
    for free, other in ((one, two) for one in letters for two in letters if _range(one) != _range(two)):
        sums = 0

        def turned(node: Expr, free: Index = free, other: Index = other) -> Expr | None:
            nonlocal sums
            if isinstance(node, Sum) and _range(node.index) == _range(free) and other.name in free_indices(node.body):
                own = other.renamed(fresh_name(other.name, {*outer, *free_indices(node.body)}))
                sums += 1
                return Sum(own, substitute(node.body, {node.index.name: free, other.name: own}))
            if node == free.upper:
                return other.upper
            return None

        changed = rewrite(expr, turned)
        if sums:
            text = "the sums should run over the axis {}, not {}"
            yield Edit("index", Phrase(text, (other.name, free.name)), changed)


# -- names ---------------------------------------------------------------------------------------------------------


def _names(place: Place, tensors: Sequence[Tensor]) -> Iterator[Edit]:
    """One name for another."""
    node = place.node
    if not isinstance(node, Read):
        return
    counts = isinstance(node.tensor.domain, Integers)
    for tensor in tensors:
        if tensor.key == node.tensor.key or isinstance(tensor.domain, Integers) != counts:
            continue
        if tensor.shape == node.tensor.shape:
            yield place.edit("name", "{} should be {}", Read(tensor, node.indices))
        else:
            for entry in entries(tensor, place.letters):
                yield place.edit("name", "{} should be {}", entry)


def _factors(place: Place, tensors: Sequence[Tensor]) -> Iterator[Edit]:
    """A factor left out of a product; of numbers and sizes, also one to divide by."""
    node = place.node
    if not isinstance(node, Mul) and not (isinstance(node, Sum | Read | Pow | Direct | Function)):
        return
    inside = tensors_in(node)
    for tensor in tensors:
        if tensor.key in inside and not isinstance(node, Mul):
            continue
        for entry in entries(tensor, place.letters):
            yield place.edit("factor", "the factor {} is missing before {}", mul(entry, node), entry, node)
            if not tensor.axes:
                yield place.edit(
                    "factor", "the factor {} is missing before {}", mul(power(entry, -1), node), power(entry, -1), node
                )


def _slopes(place: Place, tensors: Sequence[Tensor], active: Mapping[str, str]) -> Iterator[Edit]:
    """The slope of an activation left out: y (1 - y) for a logistic one, 1 - y^2 for tanh."""
    if not isinstance(place.node, Mul | Sum | Read):
        return
    if isinstance(place.node, Read) and place.node.tensor.key in active:
        slope = _slope(active[place.node.tensor.key], place.node)
        yield place.edit("prime", "the derivative of {} is meant, not its value", slope, place.node)
    for tensor in tensors:
        for entry in entries(tensor, place.letters) if tensor.key in active else ():
            new = mul(place.node, _slope(active[tensor.key], entry))
            yield place.edit("prime", "the slope at {} is missing: {}", new, entry, new)


def _slope(function: str, value: Expr) -> Expr:
    return mul(value, add(1, neg(value))) if function == "logistic" else add(1, neg(power(value, 2)))


def entries(tensor: Tensor, letters: Letters) -> Iterator[Read]:
    """Its entries whose subscripts are letters that run over its axes, each of them once."""
    fitting = [[one for one in letters.values() if _range(one) == _range(axis)] for axis in tensor.axes]
    distinct = (chosen for chosen in product(*fitting) if len({one.name for one in chosen}) == len(chosen))
    return (Read(tensor, chosen) for chosen in islice(distinct, MAX_ENTRIES))
