"""Every oracle on its own refutes every planted fault of the problems worked by hand."""

from __future__ import annotations

import pytest

from derive.engines.derive import derive_problem
from derive.language import Sum, absolute, d, delta, exp, index, tanh
from derive.language.derivation import Claim
from derive.language.expression import Expr, Read
from derive.language.problem import Problem
from derive.language.question import Bound
from derive.language.verdict import Proved, Refuted
from derive.problems import bn_forward as forward
from derive.problems import bn_update_rule as update
from derive.problems import shared_weight_cnn as cnn
from derive.problems import tanh_mse as mse
from derive.problems import tanh_network_backprop as network
from derive.verification import ORACLES
from derive.verification.bounds import Bounds
from derive.verification.normal_form import NormalForm


def damp(x: Expr) -> Expr:
    return 1 - x**2


n, f, c, u, m = network, forward, cnn, update, mse
e, j, k, b = n.e, n.j, n.k, n.b
g = d(u.E, u.gamma)[u.j]
pull = u.error(u.yj, u.tj, u.j) * u.u[u.j] * u.slope

FAULTS: dict[str, tuple[Problem, Expr, Expr]] = {
    "slope at the wrong layer": (
        n.PROBLEM, n.e1[j], Sum(k, damp(n.x2[k]) * n.W2[j, k] * n.e2[k])),
    "slope at the linear layer": (n.PROBLEM, Read(n.e3), 2 * (n.x3 - n.y) * (1 - tanh(n.s3) ** 2)),
    "1 - tanh for 1 - tanh^2": (n.PROBLEM, n.e2[k], (1 - n.x2[k]) * n.W3[k] * n.e3),
    "bias row last instead of first": (n.PROBLEM, d(e, n.W1)[n.a, j], n.x0[1 - n.a] * n.e1[j]),
    "error sent through the bias row": (n.PROBLEM, n.e1[j], damp(n.x1[j]) * Sum(k, n.W2[0, k] * n.e2[k])),
    "bias without its error": (n.PROBLEM, d(e, n.W2)[b, k], (n.x1[b] - delta(b, 0)) * n.e2[k]),
    "factor 2 dropped": (n.PROBLEM, Read(n.e3), n.x3 - n.y),
    "learning-rate sign": (
        u.PROBLEM, u.gamma[u.j] - u.eta * g, u.gamma[u.j] + u.eta * Sum(u.i, pull * u.xhat[u.i, u.j])),
    "beta sign": (u.PROBLEM, d(u.E, u.beta)[u.j], -Sum(u.i, pull)),
    "output weight forgotten": (
        u.PROBLEM, g, Sum(u.i, u.error(u.yj, u.tj, u.j) * u.slope * u.xhat[u.i, u.j])),
    "slope of the outer unit forgotten": (
        u.PROBLEM.called("B"), g,
        Sum(u.i, Sum(u.l, u.error(u.yl, u.tl, u.l) * u.v[u.l, u.j]) * u.slope * u.xhat[u.i, u.j])),
    "samples not summed": (u.PROBLEM.called("C"), d(u.E, u.beta)[u.j],
                           Sum(u.i, u.error(u.yj, u.tj, u.j) * u.slope) / u.N),
    "beta subtracted": (f.PROBLEM, f.ztilde[f.j, f.i], f.gamma[f.j] * f.zhat[f.j, f.i] - f.beta[f.j]),
    "m - 1 in the variance": (f.PROBLEM, f.var[f.j] * (f.m + 1), Sum(f.i, (f.Z[f.j, f.i] - f.mu[f.j]) ** 2)),
    "statistics of the wrong kind": (f.PROBLEM, f.u[f.j, f.i], f.ztilde[f.j, f.i]),
    "momentum the other way round": (f.PROBLEM, f.M_new[f.j], f.rho * f.M[f.j] + (1 - f.rho) * f.mu[f.j]),
    "only the first window": (c.PROBLEM, Read(d(c.J, c.w), (index("k", 2).lower,)), c.dq[1] * c.x[1]),
    "second window shifted": (
        c.PROBLEM, Read(d(c.J, c.w), (index("k", 2).lower,)), c.dq[1] * c.x[1] + c.dq[2] * c.x[3]),
    "ReLU ignored": (c.PROBLEM, c.dq[c.i], c.dh[c.i]),
    "target of the wrong class": (c.PROBLEM, c.dz[c.c], c.y[c.c] - delta(c.c, 2)),
    "output weights transposed": (
        c.PROBLEM, c.dh[1], c.w3 * c.dz[1] + c.w4 * c.dz[2]),
    "undamped": (m.PROBLEM, m.dw[m.c], 2 / m.N * Sum(m.n, (m.a[m.n] - m.y[m.n]) * m.x[m.n, m.c])),
    "1/N forgotten": (m.PROBLEM, m.dw[m.c], 2 * Sum(m.n, m.pull)),
}  # fmt: skip
ALONE = ["unrolled", "differences", pytest.param("pytorch", marks=pytest.mark.torch)]


@pytest.mark.parametrize("oracle", ALONE)
@pytest.mark.parametrize("fault", FAULTS)
def test_is_refuted(oracle: str, fault: str) -> None:
    problem, left, right = FAULTS[fault]
    evidence = ORACLES[oracle].check(problem, Claim(fault, left, right))
    assert isinstance(evidence.verdict, Refuted), evidence


@pytest.mark.parametrize("fault", FAULTS)
def test_is_refuted_by_the_normal_form(fault: str) -> None:
    problem, left, right = FAULTS[fault]
    assert isinstance(NormalForm(derive_problem(problem)).wrong(Claim(fault, left, right)), Refuted)


def bounds(*more: Bound) -> tuple[Bounds, tuple[Bound, ...]]:
    """With these in place of the problem's own bounds of the same name."""
    names = {bound.id for bound in more}
    kept = tuple(bound for bound in m.PROBLEM.bounds if bound.id not in names) + more
    return Bounds(kept, NormalForm(derive_problem(m.PROBLEM)).bounds.equal), more


z, q, damping = m.z[m.n], m.q, m.damping


def test_the_bounds_hold() -> None:
    prover = NormalForm(derive_problem(m.PROBLEM)).bounds
    assert all(isinstance(prover.bound(bound), Proved) for bound in m.PROBLEM.bounds)


@pytest.mark.parametrize(
    "wrong",
    [
        Bound("damping", damping, 2 * q, 4 * q**2 * (2 + q) / (1 + q) ** 2),  # the constant too small
        Bound("damping", damping, 4 * exp(-3 * absolute(z)), 4 * q**2),  # the rate too large
        Bound("damping", damping, 4 * exp(-2 * z), 4 * q**2 * (2 + q) / (1 + q) ** 2),  # the slack of another bound
        Bound(
            "error", (m.a[m.n] - m.y[m.n]) ** 2, 1 + m.y[m.n] ** 2, 2 * m.a[m.n] * m.y[m.n] + damping
        ),  # a sign is open
        Bound(
            "error", 2 * (1 + m.y[m.n] ** 2), (m.a[m.n] - m.y[m.n]) ** 2, -((m.a[m.n] + m.y[m.n]) ** 2) - 2 * damping
        ),
    ],
)
def test_a_wrong_bound_is_not_proved(wrong: Bound) -> None:
    prover, _ = bounds(wrong)
    assert not isinstance(prover.bound(wrong), Proved)
