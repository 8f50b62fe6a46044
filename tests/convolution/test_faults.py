"""Planted faults of a convolution: every oracle on its own refutes each of them, and so does the normal form."""

from __future__ import annotations

import pytest
from convolution.samples import derivation

from derive.language import Sum, divides, padded, sums, within
from derive.language.derivation import Claim
from derive.language.expression import Expr, position
from derive.language.verdict import Refuted
from derive.problems import conv_jacobian as one
from derive.problems import conv_jacobian_2d as two
from derive.verification import ORACLES
from derive.verification.normal_form import NormalForm

# a stride, a padding and a dilation that matter, and as many input as output channels, so that all shapes fit
SIZES = ({"C": 2, "N": 4, "K": 3, "D": 2, "T": 2, "s": 2, "p": 1, "q": 1},)
SIZES_2D = ({"C": 2, "N": 3, "M": 3, "K": 2, "R": 2, "D": 2, "T": 2, "U": 2, "s": 2, "p": 1, "q": 1},)

i, n, j, t, k = one.i, one.n, one.j, one.t, one.k
slide, v, z, w, x, y, A, B, dx, dy = one.slide, one.v, one.z, one.w, one.x, one.y, one.A, one.B, one.dx, one.dy
back = n + one.p - 1 - one.q * (k - 1)  # s (t - 1), where tap k of output t lies on n
crossed = within(position(j), one.C) * within(position(i), one.D)


def flip(kernel: Expr, place: Expr = slide.turned) -> Expr:
    return Sum(j, Sum(k, kernel * padded(z[j, place])))


def solved(back: Expr) -> Expr:
    at = back / one.s + 1
    return Sum(j, Sum(k, divides(one.s, back) * within(at, one.T) * w[i, j, k] * dy[j, at]))


FAULTS: dict[str, tuple[Expr, Expr]] = {
    "kernel not reversed": (dx[i, n], flip(w[i, j, k])),
    "channels not exchanged": (dx[i, n], crossed * flip(w[position(j), position(i), one.K + 1 - k])),
    "padding K instead of K - 1": (dx[i, n], flip(v[j, i, k], slide.turned - one.q)),
    "stride ignored": (dx[i, n], Sum(j, Sum(k, w[i, j, k] * padded(dy[j, slide.aligned])))),
    "padding off by one": (dx[i, n], solved(back + 1)),
    "dilation off by one": (dx[i, n], solved(back - (k - 1))),
    "transpose forgotten": (B[i, n, j, t], within(position(n), one.T) * within(position(t), one.N)
                            * A[j, position(n), i, position(t)]),
    "transpose as inverse": (Sum(j, Sum(t, B[i, n, j, t] * y[j, t])), x[i, n].as_expression()),
    "kernel gradient at the wrong tap": (
        one.d(one.L, w)[i, j, k], Sum(t, dy[j, t] * padded(x[i, slide.place + 1]))),
    "a term of the sum over channels lost": (dx[i, n], Sum(k, v[1, i, k] * padded(z[1, slide.turned]))),
}  # fmt: skip

right = two.dx[two.i, two.n, two.m]
flat = sums(two.v[two.j, two.i, two.k, two.r] * two.turned, two.j, two.k, two.r)
back_2d = [direction.aligned - 1 for direction in (two.down, two.right)]


def solved_2d(down: Expr, across: Expr) -> Expr:
    whole = divides(two.s, down) * divides(two.s, across)
    read = padded(two.dy[two.j, down / two.s + 1, across / two.s + 1])
    return sums(whole * two.weight * read, two.j, two.k, two.r)


FAULTS_2D: dict[str, tuple[Expr, Expr]] = {
    mistake.id: (mistake.left or right, mistake.form) for mistake in two.PROBLEM.mistakes if mistake.form
} | {
    "kernel not reversed": (right, sums(two.weight * two.turned, two.j, two.k, two.r)),
    "reversed by rows only": (right, sums(
        two.w[two.i, two.j, two.k, two.R + 1 - two.r] * two.turned, two.j, two.k, two.r)),
    "padding off by one": (right, solved_2d(back_2d[0] + 1, back_2d[1])),
    "rows and columns crossed": (right, solved_2d(
        two.n + two.p - 1 - two.q * (two.r - 1), two.m + two.p - 1 - two.q * (two.k - 1))),
    "transpose forgotten": (
        two.B[two.i, two.n, two.m, two.j, two.t, two.u],
        within(position(two.n), two.T) * within(position(two.m), two.U) * within(position(two.t), two.N)
        * within(position(two.u), two.M)
        * two.A[two.j, position(two.n), position(two.m), two.i, position(two.t), position(two.u)]),
    "kernel gradient at the wrong tap": (two.d(two.L, two.w)[two.i, two.j, two.k, two.r], sums(
        two.dy[two.j, two.t, two.u] * padded(two.x[two.i, two.down.place, two.right.place + 1]), two.t, two.u)),
    "sign": (right, -flat),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("oracle", ["unrolled", "differences", pytest.param("pytorch", marks=pytest.mark.torch)])
def test_every_oracle_refutes_it(oracle: str, fault: str) -> None:
    claim = Claim(fault, *FAULTS[fault])
    assert isinstance(ORACLES[oracle].check(one.PROBLEM, claim, SIZES).verdict, Refuted)


@pytest.mark.parametrize("fault", FAULTS_2D)
@pytest.mark.parametrize("oracle", ["unrolled", "differences", pytest.param("pytorch", marks=pytest.mark.torch)])
def test_every_oracle_refutes_it_in_two_dimensions(oracle: str, fault: str) -> None:
    claim = Claim(fault, *FAULTS_2D[fault])
    assert isinstance(ORACLES[oracle].check(two.PROBLEM, claim, SIZES_2D).verdict, Refuted)


@pytest.mark.parametrize(("problem", "fault"), [("conv_jacobian", f) for f in FAULTS]
                         + [("conv_jacobian_2d", f) for f in FAULTS_2D])  # fmt: skip
def test_the_normal_form_refutes_it_with_a_counterexample(problem: str, fault: str) -> None:
    left, right = (FAULTS if problem == "conv_jacobian" else FAULTS_2D)[fault]
    assert isinstance(NormalForm(derivation(problem)).claim(Claim(fault, left, right)), Refuted)


@pytest.mark.parametrize("oracle", ["unrolled", "differences", pytest.param("pytorch", marks=pytest.mark.torch)])
def test_no_oracle_refutes_the_right_answers(oracle: str) -> None:
    session = ORACLES[oracle].session(one.PROBLEM, SIZES)
    for part in derivation("conv_jacobian").parts:
        assert session.check(part.claim).verdict.kind == "agrees", part.claim.id
