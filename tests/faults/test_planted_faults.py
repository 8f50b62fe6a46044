"""Every oracle on its own refutes every planted fault."""

from __future__ import annotations

from fractions import Fraction

import pytest
from verification.samples import (
    BATCH_NORM,
    DX,
    DY,
    HALF,
    LAYER_NORM,
    MINUS_THREE_HALVES,
    RMS_NORM,
    SOFTMAX,
    SUM_T,
    C,
    DXhat,
    Gamma,
    K,
    L,
    N,
    R,
    S,
    Var,
    X,
    Xhat,
    a,
    b,
    beta,
    c,
    claim,
    d,
    dmu,
    dvar,
    dx,
    dxhat,
    dy,
    eps,
    f,
    gamma,
    i,
    j,
    k,
    m,
    mu,
    n,
    p,
    s,
    t,
    var,
    x,
    xhat,
    z,
)

from derive.engines.derive import derive_problem
from derive.language import Problem, Sum, delta, index, sqrt
from derive.language.derivation import Claim
from derive.language.expression import Direct, Read
from derive.language.verdict import Refuted
from derive.verification import ORACLES
from derive.verification.normal_form import NormalForm

l = index("l", N)  # noqa: E741 - another row
q = index("q", K)

FAULTS: dict[str, tuple[Problem, Claim]] = {
    one.id: (problem, one)
    for problem, claims in (
        (BATCH_NORM, (
            claim("flipped sign of the whole", d(f, gamma), -Sum(i, dy[i] * xhat[i])),
            claim("flipped sign of one path", dx[i], dxhat[i] / s - dvar * 2 * (x[i] - mu) / m + dmu / m),
            claim("path through mu dropped", dx[i], dxhat[i] / s + dvar * 2 * (x[i] - mu) / m),
            claim("path through var dropped", dx[i], dxhat[i] / s + dmu / m),
            claim("path through var dropped, collected", dx[i], gamma / (m * s) * (m * dy[i] - Sum(j, dy[j]))),
            claim("both paths dropped", dx[i], gamma * dy[i] / s),
            claim("m - 1 for m in the variance", dx[i], dxhat[i] / s + dvar * 2 * (x[i] - mu) / (m - 1) + dmu / m),
            claim("m - 1 for m in the mean", dx[i], dxhat[i] / s + dvar * 2 * (x[i] - mu) / m + dmu / (m - 1)),
            claim("exponent -1/2 for -3/2", dvar, -HALF * Sum(i, dxhat[i] * (x[i] - mu)) * (var + eps) ** -HALF),
            claim("factor 1/2 dropped", dvar, -Sum(i, dxhat[i] * (x[i] - mu)) * (var + eps) ** MINUS_THREE_HALVES),
            claim("missing sum", d(f, gamma), dy[i] * xhat[i]),
            claim("missing sum, constant", d(f, beta), dy[i]),
            claim("sum where there is none", dxhat[i], gamma * Sum(j, dy[j])),
            claim("swapped index inside the sum", dx[i],
                  gamma / (m * s) * (m * dy[i] - Sum(j, dy[j]) - xhat[i] * Sum(j, dy[i] * xhat[j]))),
            claim("swapped index outside the sum", dx[i],
                  gamma / (m * s) * (m * dy[i] - Sum(j, dy[j]) - Sum(j, xhat[j] * dy[j] * xhat[j]))),
            claim("eps forgotten", dmu, -Sum(i, dxhat[i]) / sqrt(var + 2 * eps)),
            claim("gamma forgotten", dxhat[i], dy[i]),
            claim("beta for gamma", dxhat[i], beta * dy[i]),
            claim("edge without delta", Direct(xhat[i], x[j], (mu, var)), 1 / s),
            claim("edge with the node not held", Direct(Read(var), x[i], (mu,)), 2 / m * (1 - 1 / m) * (x[i] - mu)),
            claim("total for an edge", Direct(xhat[i], x[i], (mu, var)), (1 - 1 / m - xhat[i] ** 2 / m) / s),
        )),
        (LAYER_NORM, (
            claim("gamma out of the sum", DX[n, c], Gamma[c] / (C * S) * (
                C * DY[n, c] - Sum(k, DY[n, k]) - Xhat[n, c] * Sum(k, DY[n, k] * Xhat[n, k]))),
            claim("mean over the wrong axis", DX[n, c], DXhat[n, c] / S - 1 / (N * S) * (
                Sum(l, DXhat[l, c]) + Xhat[n, c] * Sum(l, DXhat[l, c] * Xhat[l, c]))),
            claim("divided by the wrong size", DX[n, c], DXhat[n, c] / S - 1 / (N * S) * (
                Sum(k, DXhat[n, k]) + Xhat[n, c] * Sum(k, DXhat[n, k] * Xhat[n, k]))),
            claim("variance of all rows", DXhat[n, c] / S, DXhat[n, c] * Sum(l, 1 / sqrt(Var[l] + eps)) / N),
            claim("sum over rows missing", d(f, Gamma)[c], DY[n, c] * Xhat[n, c]),
            claim("sum over features for rows", d(f, Gamma)[c], Sum(k, DY[1, k] * Xhat[1, k])),
            claim("exponent of the row", d(f, Var)[n], -HALF * Sum(c, DXhat[n, c] * Xhat[n, c]) / S),
        )),
        (RMS_NORM, (
            claim("square for cube", DX[n, c], Gamma[c] * DY[n, c] / R[n]
                  - X[n, c] / (C * R[n] ** 2) * Sum(k, Gamma[k] * DY[n, k] * X[n, k])),
            claim("size dropped", DX[n, c], Gamma[c] * DY[n, c] / R[n]
                  - X[n, c] / R[n] ** 3 * Sum(k, Gamma[k] * DY[n, k] * X[n, k])),
            claim("norm taken as constant", DX[n, c], Gamma[c] * DY[n, c] / R[n]),
        )),
        (SOFTMAX, (
            claim("diagonal Jacobian only", Direct(p[a], z[b]), delta(a, b) * p[a] * (1 - p[a])),
            claim("Jacobian without delta", Direct(p[a], z[b]), -p[a] * p[b]),
            claim("flipped sign of the Jacobian", Direct(p[a], z[b]), p[a] * (p[b] - delta(a, b))),
            claim("gradient by the diagonal only", d(L, z)[a], -t[a] * (1 - p[a])),
            claim("sum t dropped", d(L, z)[a], p[a] - t[a]),
            claim("flipped sign of the gradient", d(L, z)[a], t[a] - p[a], SUM_T),
            claim("swapped index of the gradient", d(L, z)[a], p[a] - Sum(q, t[q] * p[q]), SUM_T),
        )),
    )
    for one in claims
}  # fmt: skip

ALONE = ["unrolled", "differences", pytest.param("pytorch", marks=pytest.mark.torch)]


@pytest.mark.parametrize("oracle", ALONE)
@pytest.mark.parametrize("fault", FAULTS)
def test_is_refuted(oracle: str, fault: str) -> None:
    problem, wrong = FAULTS[fault]
    evidence = ORACLES[oracle].check(problem, wrong)
    assert isinstance(evidence.verdict, Refuted), evidence
    counterexample = evidence.verdict.counterexample
    assert counterexample.left != counterexample.right


@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("fault", FAULTS)
def test_is_refuted_whatever_the_seed(fault: str, seed: int) -> None:
    problem, wrong = FAULTS[fault]
    assert isinstance(ORACLES["unrolled"].check(problem, wrong, seed=seed).verdict, Refuted)


def test_values_are_exact_fractions_that_show_the_fault() -> None:
    """d beta = sum_i dy_i, so the counterexample to d beta = dy_i can be added up by hand."""
    problem, wrong = FAULTS["missing sum, constant"]
    verdict = ORACLES["unrolled"].check(problem, wrong).verdict
    assert isinstance(verdict, Refuted)
    shown = verdict.counterexample
    known = [Fraction(value) for value in shown.values["df/dy"]]  # type: ignore[attr-defined]
    assert shown.sizes == {"m": 2}
    assert Fraction(shown.left) == sum(known)
    assert Fraction(shown.right) == known[shown.where["i"] - 1]


@pytest.mark.parametrize("fault", FAULTS)
def test_is_refuted_by_the_normal_form(fault: str) -> None:
    """For all sizes: never proved, and refuted with exact values or an enclosure that excludes equality."""
    problem, wrong = FAULTS[fault]
    verdict = NormalForm(derive_problem(problem)).claim(wrong)
    assert isinstance(verdict, Refuted), verdict
    assert verdict.counterexample.left != verdict.counterexample.right
