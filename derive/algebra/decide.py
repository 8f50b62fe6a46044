"""Is left = right for every size and every value? A proof, a counterexample, or neither."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from derive.algebra.binding import Definitions
from derive.algebra.circular import FinerAngleError
from derive.algebra.elimination import Elimination
from derive.algebra.fingerprint import is_nonzero
from derive.algebra.normal import BUDGET, Normalizer
from derive.algebra.partial_fractions import PartialFractions
from derive.algebra.polynomial import Poly
from derive.algebra.witness import tried, witness
from derive.errors import BudgetError, UnsupportedError
from derive.language.expression import Add, Expr
from derive.language.program import Equation
from derive.language.question import Assumption
from derive.language.verdict import Agrees, Proved, Refuted, Undecided, Verdict

ANGLES = 8  # so often may an angle be divided further
KEPT = 256  # contexts in which a left side has been met
TOO_DEEP = "the expression is nested too deeply for a normal form"


def decide(left: Expr, right: Expr, definitions: Definitions, assuming: Sequence[Assumption] = ()) -> Verdict:
    """Judge left = right in a context of definitions, for all sizes.

    A difference of fingerprints is looked for first and confirmed by a witness; a proof is by normal forms.
    """
    if not assuming and is_nonzero(left - right, definitions):
        found = witness(left, right, definitions)
        if found is not None:
            return Refuted(found)
    try:
        equal = is_zero(left - right, definitions, assuming)
    except (BudgetError, UnsupportedError, ZeroDivisionError) as error:
        return Undecided(str(error))
    if equal:
        return Proved(conditions=tuple(assumption.text for assumption in assuming))
    if any(assumption.fixed for assumption in assuming):
        given = ", ".join(assumption.text.replace("$", "") for assumption in assuming)
        return Undecided(f"it does not follow from {given}")
    search = tried(left, right, definitions, assuming)
    if search.counterexample is not None:
        return Refuted(search.counterexample)
    return Agrees(search.points) if search.points else Undecided("no point was found at which both sides have a value")


def is_zero(expr: Expr, definitions: Definitions, assuming: Sequence[Assumption] = (), budget: int = BUDGET) -> bool:
    """Is the normal form of the expression zero? True proves that the expression vanishes for all sizes."""
    return vanishes(lambda context: context.normal(expr), definitions, assuming, budget)


def vanishes(
    made: Callable[[Normalizer], Poly], definitions: Definitions, assuming: Sequence[Assumption], budget: int
) -> bool:
    """Is the normal form that is made in a context zero?"""
    angles: dict[str, int] = {}
    for _ in range(ANGLES):
        context = Normalizer(definitions, budget)
        context.angles = angles
        try:
            return _is_nothing(made(context), context, assuming)
        except FinerAngleError:
            continue
        except RecursionError:
            raise BudgetError(TOO_DEEP) from None
    raise BudgetError("the angles are divided into too many parts")


def are_equal(
    left: Expr, right: Expr, definitions: Definitions, assuming: Sequence[Assumption] = (), budget: int = BUDGET
) -> bool:
    """Is left - right zero? What the left side comes to is kept for the next right side, at the same cost in steps."""
    try:
        context = _begun(left, frozenset(definitions.items()), budget).copy()
        return _is_nothing(context.normal(left - right), context, assuming)
    except FinerAngleError:
        return is_zero(left - right, definitions, assuming, budget)
    except RecursionError:
        raise BudgetError(TOO_DEEP) from None


@lru_cache(maxsize=KEPT)
def _begun(left: Expr, definitions: frozenset[tuple[str, Equation]], budget: int) -> Normalizer:
    """A context that has met the terms of the left side, which come first in a difference."""
    context = Normalizer(dict(definitions), budget)
    for term in left.terms if isinstance(left, Add) else (left,):
        context.normal(term)
    return context


def _is_nothing(poly: Poly, context: Normalizer, assuming: Sequence[Assumption]) -> bool:
    poly = context.apply_deltas(poly)
    return not poly or not reduced(context, poly, assuming) or not cross_multiplied(context, poly)


def reduced(context: Normalizer, poly: Poly, assuming: Sequence[Assumption] = ()) -> Poly:
    """The normal form with assumptions used and the relations of radicals and reciprocals removed."""
    fractions = PartialFractions(context)
    elimination = Elimination(context)
    for assumption in assuming:
        elimination.assume(context.normal(assumption.left), context.normal(assumption.right), assumption.fixed)
    poly = elimination.applied(poly)
    for atom in list(context.powers.bases.values()):
        if poly and fractions.variable(atom) is None:
            elimination.learn(atom, (poly,))
    poly = elimination.applied(poly)
    return context.apply_deltas(cleared(context, fractions.applied(poly), elimination))


def cross_multiplied(context: Normalizer, poly: Poly) -> Poly:
    """The numerator of a rational function: every denominator that stands outside all sums multiplied out."""
    for atom in list(context.powers.bases.values()):
        lowest = min((e for mono in poly.terms for a, e in mono if a == atom), default=0)
        if lowest < 0:
            poly = context.powers.expanded(poly.shifted(((atom, -lowest),)))
    return poly


def cleared(context: Normalizer, poly: Poly, elimination: Elimination) -> Poly:
    """Multiply out the denominators whose relation could not be removed, where they stand outside every sum."""
    for atom in elimination.left_over:
        lowest = min((e for mono in poly.terms for a, e in mono if a == atom), default=0)
        if lowest < 0:
            poly = elimination.applied(poly.shifted(((atom, -lowest),)))
        poly = elimination.applied(context.powers.expanded(poly))
    return poly
