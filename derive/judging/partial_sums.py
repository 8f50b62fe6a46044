"""Sums up to the step at hand, for induction: the last terms apart, and powers that grow with the step in one form."""

from __future__ import annotations

from fractions import Fraction

from derive.algebra.binding import rewrite, substitute
from derive.language.expression import (
    ZERO,
    Add,
    Expr,
    Index,
    Mul,
    Number,
    Pow,
    Read,
    Sum,
    add,
    expression,
    mul,
    neg,
    power,
    walk,
)

MAX_TERMS = 6  # that a sum is written out with


def parted(expr: Expr, k: Index) -> Expr:
    """sum_{j=a}^{k+2} f(j) as sum_{j=a}^{k} f(j) + f(k + 1) + f(k + 2), for a <= 1; between numbers, written out."""

    def rule(node: Expr) -> Expr | None:
        if not isinstance(node, Sum) or not isinstance(node.index.lower, Number):
            return None
        body, index, first = parted(node.body, k), node.index, int(node.index.lower.value)
        ends = linear_form(index.upper)
        if ends is not None and not ends[0]:
            last = ends[1]
            if last - first >= MAX_TERMS:
                return None
            return add(0, *(_at(body, index, expression(value)) for value in range(first, last + 1)))
        beyond = _beyond(index.upper, k)
        if beyond is None or not 0 <= beyond < MAX_TERMS or first > 1:
            return None
        counted = Index(index.name, k, index.lower)
        rest = Sum(counted, shifted(substitute(body, {index.name: counted}), counted, k))
        return add(rest, *(_at(body, index, add(k, step)) for step in range(1, beyond + 1)))

    return rewrite(expr, rule)


def forwards(expr: Expr) -> Expr:
    """sum_{j=0}^{k} b^j g[k - j] as sum_{j=0}^{k} b^{k - j} g[j]."""

    def rule(node: Expr) -> Expr | None:
        if not isinstance(node, Sum) or node.index.lower != ZERO or not _runs_back(node.body, node.index.name):
            return None
        turned = substitute(node.body, {node.index.name: add(node.index.upper, neg(node.index))})
        return Sum(node.index, rewrite(turned, lambda one: _in_order(one, node.index)))

    return rewrite(expr, rule)


def _runs_back(body: Expr, letter: str) -> bool:
    """Does a subscript fall as the letter grows?"""
    forms = [linear_form(index) for one in walk(body) if isinstance(one, Read) for index in one.indices]
    return any(form is not None and form[0].get(letter, 0) < 0 for form in forms)


def _in_order(node: Expr, index: Index) -> Expr | None:
    """Subscripts and exponents with their terms added up: k - (k - j) is j."""
    if isinstance(node, Pow):
        return power(node.base, _added(node.exponent, index))
    return Read(node.tensor, tuple(_added(one, index) for one in node.indices)) if isinstance(node, Read) else None


def _added(expr: Expr, index: Index) -> Expr:
    form = linear_form(expr)
    if form is None:
        return expr
    letters = {one.name: one for one in (*walk(expr), index) if isinstance(one, Index)}
    terms = [letters[name] if times == 1 else mul(times, letters[name]) for name, times in form[0].items()]
    return add(*terms, form[1]) if form[1] or not terms else add(*terms)


def _at(body: Expr, index: Index, value: Expr) -> Expr:
    return rewrite(substitute(body, {index.name: value}), _added_up)


def _added_up(node: Expr) -> Expr | None:
    """b^((k + 1) - (k + 1)) as b^0, which is 1."""
    form = linear_form(node.exponent) if isinstance(node, Pow) else None
    if form is None or form[0]:
        return None
    assert isinstance(node, Pow)
    return Number(Fraction(1)) if form[1] == 0 else power(node.base, form[1])


def _beyond(upper: Expr, k: Index) -> int | None:
    """The c of k + c."""
    form = linear_form(upper)
    if form is None or form[0] != {k.name: 1}:
        return None
    return form[1]


def shifted(body: Expr, index: Index, k: Index) -> Expr:
    """b^(k - j + 2) as b^(k - j) b^2, where k - j is nowhere negative in the sum over j."""

    def rule(node: Expr) -> Expr | None:
        if not isinstance(node, Pow):
            return None
        form = linear_form(node.exponent)
        if form is None or form[1] < 0 or set(form[0]) - {index.name, k.name} or not form[0]:
            return None
        by_index, by_step = form[0].get(index.name, 0), form[0].get(k.name, 0)
        assert isinstance(index.lower, Number)
        first = int(index.lower.value)
        if by_step < 0 or by_index * first < 0 or by_step + by_index < 0:  # at j = first and at j = k, for k >= 0
            return None
        letters = {index.name: index, k.name: k}
        rest = add(*(mul(times, letters[name]) if times != 1 else letters[name] for name, times in form[0].items()))
        beside = [power(node.base, form[1]) if form[1] > 1 else node.base] if form[1] else []
        return mul(power(node.base, rest), *beside)

    return rewrite(body, rule)


def linear_form(expr: Expr) -> tuple[dict[str, int], int] | None:
    """2 k - j + 3 as its whole coefficients by letter, and 3; None for anything else."""
    match expr:
        case Number(value) if value.denominator == 1:
            return {}, int(value)
        case Index(name):
            return {name: 1}, 0
        case Mul((Number(value), inside)) if value.denominator == 1:
            found = linear_form(inside)
            return found and ({name: int(value) * c for name, c in found[0].items()}, int(value) * found[1])
        case Add(terms):
            letters: dict[str, int] = {}
            total = 0
            for term in terms:
                form = linear_form(term)
                if form is None:
                    return None
                for name, times in form[0].items():
                    letters[name] = letters.get(name, 0) + times
                total += form[1]
            return {name: times for name, times in letters.items() if times}, total
    return None
