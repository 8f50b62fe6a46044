"""A normal form that goes on from a left side met before is the one made from nothing, at the same cost."""

from __future__ import annotations

from hypothesis import given, settings

from derive.algebra.decide import are_equal, is_zero
from derive.algebra.normal import BUDGET, Normalizer
from derive.language.expression import Expr
from tests.algebra.vocabulary import expressions


@settings(max_examples=60, deadline=None)
@given(expressions(), expressions())
def test_a_copy_goes_on_as_a_fresh_context_does(left: Expr, right: Expr) -> None:
    begun, fresh = Normalizer(), Normalizer()
    begun.normal(left)
    fresh.normal(left)
    state = (len(begun.ranges), begun.budget, begun.sums.count)
    copies = [begun.copy(), begun.copy()]
    forms = [context.normal(left - right) for context in (*copies, fresh)]
    assert forms[0].key == forms[1].key == forms[2].key
    assert copies[0].budget == copies[1].budget == fresh.budget < BUDGET
    assert [*copies[0].powers.bases] == [*fresh.powers.bases]
    assert (len(begun.ranges), begun.budget, begun.sums.count) == state


@settings(max_examples=40, deadline=None)
@given(expressions(), expressions())
def test_equality_with_a_kept_side_is_that_of_the_difference(left: Expr, right: Expr) -> None:
    for other in (right, left, 2 * left - left):
        assert are_equal(left, other, {}) == is_zero(left - other, {})
