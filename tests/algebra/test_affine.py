"""Affine subscripts: convolutions with padding, stride and dilation, solved for another index, for all sizes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.algebra.decide import decide, is_zero
from derive.algebra.evaluate import Evaluator
from derive.algebra.lift import Lift
from derive.algebra.logs import LogNumbers
from derive.algebra.normal import Normalizer
from derive.algebra.points import SmallPoints
from derive.language import Sum, delta, index, size, tensor
from derive.language.expression import Bracket, Expr, Mul, Operand_, expression
from derive.language.verdict import Proved, Refuted

N, K, T, C, M = size("N"), size("K"), size("T"), size("C"), size("M")
p, s, dil = size("p"), size("s"), size("dil")
n, k, t, c, o = index("n", N), index("k", K), index("t", T), index("c", C), index("o", M)
q = index("q", N)
w, g, z = tensor("w", (o, c, k)), tensor("g", (o, t)), tensor("z", n)
w1, g1 = tensor("w1", k), tensor("g1", t)


def within(value: Operand_, upper: Operand_) -> Expr:
    """[1 <= value <= upper]."""
    one, e, last = expression(1), expression(value), expression(upper)
    return Mul((Bracket("<=", one, e), Bracket("<=", e, last)))


def divides(divisor: Operand_, value: Operand_) -> Expr:
    return Bracket("divides", expression(divisor), expression(value))


# d L / d x[c, n] of y[o, t] = sum_c sum_k w[o, c, k] x[c, t + k - 1 - p], then with stride and dilation
adjoint = Sum(o, Sum(t, Sum(k, g[o, t] * w[o, c, k] * delta(n, t + k - 1 - p))))
strided = Sum(o, Sum(t, Sum(k, g[o, t] * w[o, c, k] * delta(n, s * (t - 1) + dil * (k - 1) + 1 - p))))

e = n + p - k + 1
flipped = Sum(o, Sum(k, within(e, T) * g[o, e] * w[o, c, k]))
f = n + p - t + 1
stamped = Sum(o, Sum(t, within(f, K) * g[o, t] * w[o, c, f]))
h = n + p - 1 - dil * (k - 1)
divided = Sum(o, Sum(k, divides(s, h) * within(h / s + 1, T) * g[o, h / s + 1] * w[o, c, k]))
v = n + p - dil * (k - 1)
e2 = n + p - K + k  # e with K + 1 - k for k
inserted = Sum(o, Sum(k, within(v, s * (T - 1) + 1) * Sum(t, g[o, t] * delta(v, s * (t - 1) + 1)) * w[o, c, k]))

TRUE = [
    ("solved for the output position", adjoint, flipped),
    ("solved for the tap", adjoint, stamped),
    ("one solution is the other", flipped, stamped),
    ("stride with its divisibility", strided, divided),
    ("stride as inserted zeros", strided, inserted),
    ("inserted zeros against divisibility", inserted, divided),
    ("counted backwards", Sum(k, w1[K + 1 - k] * k), Sum(k, w1[k] * (K + 1 - k))),
    ("the kernel reversed", flipped, Sum(o, Sum(k, within(e2, T) * g[o, e2] * w[o, c, K + 1 - k]))),
    ("one entry", Sum(n, z[n] * delta(n, 1)), z[1]),
    ("an entry squared", Sum(q, z[q] ** 2 * delta(q, n + 1)), z[n + 1] ** 2),
]
FALSE = [
    ("kernel not flipped", adjoint, Sum(o, Sum(k, within(n - p + k - 1, T) * g[o, n - p + k - 1] * w[o, c, k]))),
    ("one off", adjoint, Sum(o, Sum(k, within(e + 1, T) * g[o, e + 1] * w[o, c, k]))),
    ("reversed one off", Sum(k, within(K - k, K) * w1[K - k] * k), Sum(k, w1[k] * (K + 1 - k))),
    ("range forgotten below", Sum(k, within(k - 1, K) * z[1]), K * z[1]),
]


@pytest.mark.parametrize(("left", "right"), [case[1:] for case in TRUE], ids=[case[0] for case in TRUE])
def test_true_identities_are_proved(left: Expr, right: Expr) -> None:
    assert isinstance(decide(left, right, {}), Proved)


@pytest.mark.parametrize(("left", "right"), [case[1:] for case in FALSE], ids=[case[0] for case in FALSE])
def test_false_identities_are_refuted(left: Expr, right: Expr) -> None:
    assert isinstance(decide(left, right, {}), Refuted)


@st.composite
def sums(draw: st.DrawFn) -> Expr:
    """A sum over taps and positions with affine subscripts, equations and ranges drawn at random."""
    shift, sign, stride = draw(st.integers(-1, 2)), draw(st.sampled_from((1, -1))), draw(st.sampled_from((1, 2)))
    place = stride * t + sign * k + shift
    body: Expr = draw(st.sampled_from((g1[t] * w1[k], g1[t] * w1[k] ** 2, w1[k] * k, g1[t] * w1[k] * t)))
    kind = draw(st.integers(0, 3))
    if kind == 0:
        body = body * delta(n, place)
    elif kind == 1:
        body = body * within(place, N) * z[place]
    elif kind == 2:
        body = body * within(place, N) * z[place] ** 2 * within(t, N)
    else:
        body = body * Sum(q, z[q] * delta(q, place)) * z[n]
    indices = draw(st.permutations((t, k)))
    for one in indices:
        body = Sum(one, body)
    return body


@settings(max_examples=80, deadline=None, derandomize=True)
@given(sums(), sums())
def test_what_is_proved_of_affine_sums_holds_at_points(left: Expr, right: Expr) -> None:
    proved = is_zero(left - right, {})
    for attempt in range(3):
        sizes = {"N": 1 + attempt, "T": 3 - attempt, "K": 1 + attempt % 2}
        values = SmallPoints((left, right, n), {}).at(sizes, attempt)
        evaluator = Evaluator(LogNumbers(), {}, sizes, values)
        for env in evaluator.assignments({"n": n}):
            if proved:
                assert evaluator.value(left, env) == evaluator.value(right, env)
    assert is_zero(left - left, {})


@settings(max_examples=60, deadline=None, derandomize=True)
@given(sums())
def test_an_affine_sum_keeps_its_value_in_normal_form(expr: Expr) -> None:
    context = Normalizer()
    after = Lift(context, frozenset("n")).expression(context.apply_deltas(context.normal(expr)))
    for attempt in range(3):
        sizes = {"N": 1 + attempt, "T": 3 - attempt, "K": 1 + attempt % 2}
        values = SmallPoints((expr, n), {}).at(sizes, attempt)
        evaluator = Evaluator(LogNumbers(), {}, sizes, values)
        for env in evaluator.assignments({"n": n}):
            assert evaluator.value(expr, env) == evaluator.value(after, env)
