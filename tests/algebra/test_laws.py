"""Laws of the normal form, on generated expressions."""

from __future__ import annotations

from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.algebra.binding import alpha
from derive.algebra.decide import decide, is_zero
from derive.algebra.evaluate import Balls, Evaluator
from derive.algebra.fingerprint import fingerprint
from derive.algebra.lift import Lift
from derive.algebra.normal import Normalizer
from derive.algebra.points import SmallPoints, sizes_of
from derive.algebra.witness import enclosed
from derive.language.expression import Expr, Sum, free_indices
from derive.language.verdict import Proved, Refuted
from tests.algebra.vocabulary import a, expressions, i, k, shuffled, x

LAW = settings(max_examples=60, deadline=None, derandomize=True)


def canonical(expr: Expr) -> str:
    context = Normalizer()
    return context.apply_deltas(context.normal(expr)).key


def rewritten(expr: Expr) -> Expr:
    """The expression that the normal form stands for."""
    context = Normalizer()
    return Lift(context, frozenset(free_indices(expr))).expression(context.apply_deltas(context.normal(expr)))


def values(expr: Expr, like: Expr, attempt: int) -> list[arb]:
    """Enclosures at a small point drawn for `like`, for every value of its free indices."""
    sizes = {name: 1 + (attempt + position) % 3 for position, name in enumerate(sizes_of((like, i), {}))}
    point = SmallPoints((like, i), {}).at(sizes, attempt)
    balls = {key: {cell: enclosed(v) for cell, v in table.items()} for key, table in point.items()}
    evaluator = Evaluator(Balls(), {}, sizes, balls)
    return [evaluator.value(expr, env) for env in evaluator.assignments({"i": i})]


@LAW
@given(expressions())
def test_the_normal_form_is_idempotent(expr: Expr) -> None:
    assert canonical(rewritten(expr)) == canonical(expr)


@LAW
@given(st.data())
def test_the_normal_form_ignores_the_order_of_terms_and_factors(data: st.DataObject) -> None:
    expr = data.draw(expressions())
    assert canonical(data.draw(shuffled(expr))) == canonical(expr)


@LAW
@given(expressions())
def test_the_normal_form_ignores_bound_names(expr: Expr) -> None:
    assert canonical(alpha(expr)) == canonical(expr)


@LAW
@given(expressions(), st.integers(0, 5))
def test_the_normal_form_keeps_the_value(expr: Expr, attempt: int) -> None:
    after = rewritten(expr)
    for before, now in zip(values(expr, expr, attempt), values(after, expr, attempt), strict=True):
        assert before.overlaps(now)
        assert (before - now).abs_upper() <= 1e-6 * (1 + before.abs_upper())


@LAW
@given(expressions())
def test_the_fingerprint_does_not_tell_an_expression_from_its_normal_form(expr: Expr) -> None:
    assert fingerprint(expr - rewritten(expr), {}, 7, indices=expr + x[i]) in (None, *_zeros())


def _zeros() -> list[tuple[int, ...]]:
    return [(0,) * length for length in range(1, 5)]


@LAW
@given(expressions(), expressions())
def test_what_is_proved_holds_at_points(left: Expr, right: Expr) -> None:
    verdict = decide(left, right, {})
    both = left + right
    for attempt in range(3):
        for one, other in zip(values(left, both, attempt), values(right, both, attempt), strict=True):
            if isinstance(verdict, Proved):
                assert one.overlaps(other)
    if isinstance(verdict, Refuted):
        assert verdict.counterexample.left != verdict.counterexample.right


@LAW
@given(expressions(), st.sampled_from([x[i], a * 1, Sum(k, x[k] ** 2), x[i] - x[i] * a]))
def test_an_added_term_is_never_proved_away(expr: Expr, extra: Expr) -> None:
    assert not is_zero(expr + extra - expr + extra, {})
    assert isinstance(decide(expr + extra, expr, {}), Refuted)


@LAW
@given(expressions())
def test_a_difference_with_itself_is_zero_in_any_context(expr: Expr) -> None:
    assert is_zero(rewritten(expr) - expr, {})
