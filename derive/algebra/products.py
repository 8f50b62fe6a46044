"""Products over an index in the normal form: Function("prod", (Sum(i, body),)), of what the sum would add.

    prod_i c = c^n,    prod_i u_i v_i = prod_i u_i prod_i v_i,    prod_i e^{z_i} = e^{sum_i z_i},    prod_k k = n!

Two products of one factor each are equal where the sums over the same factor are, because that sum is the factor's own
contraction: one monomial, whose name tells the range and the factor.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from flint import fmpq

from derive.algebra.atoms import Atom, index_atom
from derive.algebra.binding import substitute
from derive.algebra.polynomial import ONE, Exponent, Poly, atom_poly, number
from derive.errors import BudgetError, UnsupportedError
from derive.language.expression import Expr, Function, Index, Number, Sum

if TYPE_CHECKING:
    from derive.algebra.normal import Normalizer

MAX_FACTORS = 24  # of a product that is written out
NAME = "prod"


def product_of(index: Index, body: Expr) -> Function:
    return Function(NAME, (Sum(index, body),))


def product_over(context: Normalizer, total: Sum) -> Poly:
    """The product over the range of its index."""
    index, lower, upper = total.index, context.normal(total.index.lower), context.normal(total.index.upper)
    first, last = lower.constant(), upper.constant()
    if first is not None and last is not None and first.q == last.q == 1:
        if last - first >= MAX_FACTORS:
            raise BudgetError(f"a product of more than {MAX_FACTORS} factors")
        numbers = [Number(Fraction(k)) for k in range(int(first), int(last) + 1)]
        return context.product([ONE, *(context.normal(substitute(total.body, {index.name: k})) for k in numbers)])
    label = context.label(index)
    body = context.normal(total.body)
    if body.single() is None and body:
        body = context.powers.raised(body, Fraction(1), keep=True)
    single = body.single()
    if single is None:
        raise UnsupportedError("a product of sums that do not factor has no normal form")
    mono, coefficient = single
    extent = upper - lower + ONE
    result = _constant(context, number(coefficient), extent)
    for atom, e in mono:
        if label not in atom.free:
            result = result * _constant(context, atom_poly(atom, e), extent)
        else:
            result = result * _over_atom(context, label, (lower, upper), atom, e)
    return result


def _constant(context: Normalizer, base: Poly, extent: Poly) -> Poly:
    return ONE if base.key == ONE.key else context.powers.symbolic(base, extent)


def _over_atom(context: Normalizer, label: str, ends: tuple[Poly, Poly], atom: Atom, exponent: Exponent) -> Poly:
    if atom.kind == "exp":
        scaled = atom.polys[0].scaled(fmpq(Fraction(exponent).numerator, Fraction(exponent).denominator))
        return context.powers.exponential(context.sums.over(label, *ends, scaled))
    if Fraction(exponent).denominator != 1 and not atom.positive:
        raise UnsupportedError("a product of roots has no normal form")
    if atom == index_atom(label):
        if ends[0].constant() != 1:
            raise UnsupportedError("a product of whole numbers that do not start at 1 has no normal form")
        return context.powers.raised(context.powers.function("factorial", (ends[1],)), Fraction(exponent))
    total = context.sums.over(label, *ends, atom_poly(atom))
    own = _only_atom(total)
    if own is None or own.kind != "contract" or len(own.body) != 1:
        raise UnsupportedError("this product has no normal form")
    made = Atom("function", f"{NAME}({total.key})", own.free, NAME, (total,), positive=atom.positive, depth=own.depth)
    if atom.positive:
        context.logarithms[made.key] = context.sums.over(label, *ends, context.powers.logarithm(atom_poly(atom)))
    return Poly({((made, exponent),): fmpq(1)})


def _only_atom(poly: Poly) -> Atom | None:
    single = poly.single()
    if single is None or single[1] != 1 or len(single[0]) != 1 or single[0][0][1] != 1:
        return None
    return single[0][0][0]
