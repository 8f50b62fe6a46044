"""Definitions read backwards: with xhat[i] = (x[i] - mu) / s, every x[j] - mu becomes s xhat[j]; with
p[k] = exp(z[k]) / D, every product that holds both factors gets p[k] for them; with y[i] = sigma(z[i]), sigma(z[i])."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

from derive.algebra.binding import alpha, rewrite, substitute
from derive.language.expression import ONE, Add, Expr, Function, Index, Mul, Number, Pow, Read, free_indices, mul, power
from derive.language.program import Equation


def folded(expr: Expr, equation: Equation) -> Expr:
    """Replace each occurrence of the definition's numerator by target / (the rest of the definition)."""
    numerator, rest = _split(equation.value)
    if numerator is None:
        return _folded_products(expr, equation)

    def fold(node: Expr) -> Expr | None:
        power_of = 1
        base = node
        if isinstance(node, Pow) and isinstance(node.exponent, Number) and node.exponent.value.denominator == 1:
            base, power_of = node.base, int(node.exponent.value)
        if type(base) is not type(numerator):
            return None
        values = _match(numerator, base, equation.indices)
        if values is None:
            return None
        target = substitute(equation.target, values)
        return mul(power(target, power_of), power(power(substitute(rest, values), -1), power_of))

    return rewrite(expr, fold)


def _folded_products(expr: Expr, equation: Equation) -> Expr:
    if not isinstance(equation.value, Mul):
        return expr

    def fold(node: Expr) -> Expr | None:
        if not isinstance(node, Mul):
            return None
        found = _factor_out(node, equation)
        return None if found is None else _folded_products(found, equation)

    return rewrite(expr, fold)


def _factor_out(node: Mul, equation: Equation) -> Expr | None:
    """The product with one instance of the definition in it replaced by the target."""
    own = list(free_indices(node).values())
    table = _exponents(node)
    shown = {alpha(base): base for base in map(_base, node.factors)}
    for choice in permutations(own, len(equation.indices)):
        values: dict[str, Expr] = {old.name: new for old, new in zip(equation.indices, choice, strict=True)}
        wanted = _exponents(substitute(equation.value, values))
        if all(_holds(table.get(base), e) for base, e in wanted.items()):
            rest = {base: e - wanted.get(base, 0) for base, e in table.items()}
            return mul(substitute(equation.target, values), *(power(shown[b], Number(e)) for b, e in rest.items()))
    return None


def _exponents(node: Expr) -> dict[Expr, Fraction]:
    table: dict[Expr, Fraction] = {}
    for factor in node.factors if isinstance(node, Mul) else (node,):
        e = Fraction(1)
        if isinstance(factor, Pow) and isinstance(factor.exponent, Number):
            e = factor.exponent.value
        base = alpha(_base(factor))
        table[base] = table.get(base, Fraction(0)) + e
    return table


def _base(factor: Expr) -> Expr:
    return factor.base if isinstance(factor, Pow) and isinstance(factor.exponent, Number) else factor


def _holds(have: Fraction | None, wanted: Fraction) -> bool:
    return have is not None and have * wanted > 0 and abs(have) >= abs(wanted)


def _split(value: Expr) -> tuple[Expr | None, Expr]:
    """value = numerator * rest: the only factor that is no denominator, if it is a sum or an entry."""
    if isinstance(value, Function):  # an activation stands for itself
        return value, ONE
    if isinstance(value, Mul):
        above = [factor for factor in value.factors if not _is_denominator(factor)]
        below = [factor for factor in value.factors if _is_denominator(factor)]
        if len(above) == 1 and below and isinstance(above[0], Add | Read):
            return above[0], mul(*below)
    return None, ONE


def _is_denominator(factor: Expr) -> bool:
    return isinstance(factor, Pow) and isinstance(factor.exponent, Number) and factor.exponent.value < 0


def _match(pattern: Expr, node: Expr, indices: tuple[Index, ...]) -> dict[str, Expr] | None:
    """Values of the definition's indices at which the pattern is this very node."""
    own = list(free_indices(node).values())
    for choice in permutations(own, len(indices)):
        values: dict[str, Expr] = {old.name: new for old, new in zip(indices, choice, strict=True)}
        if alpha(substitute(pattern, values)) == alpha(node):
            return values
    return None
