"""What every oracle does alike: right claims agree, wrong inputs are refused, nothing passes unseen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from verification.samples import (
    BATCH_NORM,
    BATCH_NORM_RIGHT,
    HALF,
    RIGHT,
    SOFTMAX,
    SUM_T,
    claim,
    d,
    dx,
    dy,
    f,
    gamma,
    i,
    m,
    mu,
    x,
    y,
    z,
)

import derive
from derive.errors import UsageError
from derive.language import (
    POSITIVE,
    Assumption,
    Equation,
    Problem,
    Program,
    Sum,
    exp,
    index,
    log,
    logistic,
    scalar,
    size,
    sqrt,
    tanh,
    tensor,
)
from derive.language.derivation import Claim
from derive.language.expression import Bracket, Expr, Function, expression
from derive.language.verdict import Agrees, Evidence, Refuted, Undecided
from derive.verification import ORACLES, verify

ROOT = str(Path(derive.__file__).parents[1])
LIGHT = ["unrolled", "differences"]
ALL = [*LIGHT, pytest.param("pytorch", marks=pytest.mark.torch)]
each_oracle = pytest.mark.parametrize("oracle", ALL)


def check(oracle: str, problem: Problem, one: Claim, **options: object) -> Evidence:
    evidence = ORACLES[oracle].check(problem, one, **options)
    assert isinstance(evidence, Evidence)
    return evidence


def problem_of(*equations: Equation, loss: object = f, through: object = None) -> Problem:
    return Problem("sample", "", "", Program(equations, loss, through), ())  # type: ignore[arg-type]


@each_oracle
@pytest.mark.parametrize(("problem", "right"), RIGHT, ids=[f"{problem.id}: {one.id}" for problem, one in RIGHT])
def test_right_claims_agree(oracle: str, problem: Problem, right: Claim) -> None:
    evidence = check(oracle, problem, right)
    assert isinstance(evidence.verdict, Agrees), evidence
    assert evidence.points == evidence.verdict.points >= len(evidence.sizes)
    assert any(set(sizes.values()) == {1} for sizes in evidence.sizes)
    assert any(len(set(sizes.values())) == len(sizes) and max(sizes.values()) > 1 for sizes in evidence.sizes)


def test_unrolled_is_exact_and_differences_say_their_error() -> None:
    right = BATCH_NORM_RIGHT[0]
    assert check("unrolled", BATCH_NORM, right).error == "exact"
    assert 0 < float(check("differences", BATCH_NORM, right).error) < 1e-30


@each_oracle
def test_the_same_seed_gives_the_same_evidence(oracle: str) -> None:
    wrong = claim("wrong", dx[i], dy[i])
    assert check(oracle, BATCH_NORM, wrong) == check(oracle, BATCH_NORM, wrong)
    assert check(oracle, BATCH_NORM, wrong) != check(oracle, BATCH_NORM, wrong, seed=1)


@each_oracle
def test_sizes_can_be_chosen(oracle: str) -> None:
    evidence = check(oracle, BATCH_NORM, BATCH_NORM_RIGHT[0], sizes=({"m": 4},))
    assert (evidence.sizes, evidence.points >= 1) == (({"m": 4},), True)


def test_verify_asks_every_oracle_about_every_claim() -> None:
    found = verify(BATCH_NORM, BATCH_NORM_RIGHT[:2])
    assert [[evidence.oracle for evidence in row] for row in found] == [LIGHT, LIGHT]


def test_an_unknown_oracle_is_named() -> None:
    with pytest.raises(UsageError, match="there is no oracle 'coin'"):
        verify(BATCH_NORM, BATCH_NORM_RIGHT, ("coin",))


def test_nothing_heavy_is_imported_before_an_oracle_is_used() -> None:
    code = (
        "import sys, derive.verification as v; v.ORACLES.keys();"
        " print([name for name in ('sympy', 'mpmath', 'torch') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": ROOT}
    )
    assert done.stdout.strip() == "[]"


# --- never a silent pass -------------------------------------------------------------------------------------------

unknown: Expr = Function("mystery", (expression(gamma),))
BLIND = {
    "an unknown function": (claim("c", unknown, unknown), "mystery"),
    "the value of an unspecified loss": (claim("c", f, f), "no entry"),
    "a read outside its tensor": (claim("c", x[i + m], x[i + m]), "no entry"),
    "a derivative by a size": (claim("c", d(f, m), 0), "not a derivative of the loss"),
    "a derivative of something else": (claim("c", d(mu, x)[i], 1 / m), "not a derivative of the loss"),
    "a root that is never real": (claim("c", sqrt(-(gamma**2)), sqrt(-(gamma**2))), "root of a negative"),
    "a logarithm that is never real": (claim("c", log(-(gamma**2)), log(-(gamma**2))), "logarithm"),
    "a division by zero": (claim("c", 1 / (gamma - gamma), 1 / (gamma - gamma)), "division by zero"),
    "an assumption about a computed tensor": (
        claim("c", 1, 1, Assumption(Sum(i, y[i]), 1, "sum y = 1")), "no plain input"),
    "an assumption that contradicts itself": (
        claim("c", 1, 1, Assumption(gamma, 1, "gamma = 1"), Assumption(gamma, 2, "gamma = 2")), "do not hold together"),
}  # fmt: skip


@each_oracle
@pytest.mark.parametrize("case", BLIND)
def test_what_cannot_be_evaluated_is_undecided(oracle: str, case: str) -> None:
    one, why = BLIND[case]
    evidence = check(oracle, BATCH_NORM, one)
    assert isinstance(evidence.verdict, Undecided), evidence
    assert why in evidence.verdict.why


@each_oracle
def test_a_refutation_counts_even_where_other_sizes_are_undefined(oracle: str) -> None:
    evidence = check(oracle, BATCH_NORM, claim("c", d(f, gamma), 1 / (m - 1) * Sum(i, dy[i])))
    assert isinstance(evidence.verdict, Refuted)
    assert evidence.sizes == ({"m": 2},)


# --- assumptions ---------------------------------------------------------------------------------------------------


@each_oracle
def test_an_assumption_holds_exactly_at_the_points(oracle: str) -> None:
    given = claim("c", SUM_T.left, SUM_T.right, SUM_T)
    assert isinstance(check(oracle, SOFTMAX, given).verdict, Agrees)


@each_oracle
def test_an_assumption_about_positive_numbers_keeps_them_positive(oracle: str) -> None:
    n = size("n")
    k, l = index("k", n), index("l", n)  # noqa: E741
    w, loss = tensor("w", k, domain=POSITIVE), scalar("loss")
    problem = problem_of(Equation(loss, Sum(k, w[k] * log(w[k]))), loss=loss)
    total = Assumption(Sum(k, w[k]), 1, "sum w = 1")
    right = claim("right", d(loss, w)[k], log(w[k]) + Sum(l, w[l]), total)
    wrong = claim("wrong", d(loss, w)[k], log(w[k]), total)
    assert isinstance(check(oracle, problem, right).verdict, Agrees)
    assert isinstance(check(oracle, problem, wrong).verdict, Refuted)


# --- other programs ------------------------------------------------------------------------------------------------

N, D = size("N"), size("D")
n, a, b = index("n", N), index("a", D), index("b", D)
w, u, target, loss = tensor("w", a), tensor("u", (n, a)), tensor("t", n), scalar("loss")
s, h = tensor("s", n), tensor("h", n)


@each_oracle
@pytest.mark.parametrize(("function", "slope"), [
    (tanh, lambda v: 1 - v**2),
    (logistic, lambda v: v * (1 - v)),
    (exp, lambda v: v),
])  # fmt: skip
def test_a_neuron(oracle: str, function: object, slope: object) -> None:
    problem = problem_of(
        Equation(s[n], Sum(a, w[a] * u[n, a])),
        Equation(h[n], function(s[n])),  # type: ignore[operator]
        Equation(loss, 1 / N * Sum(n, (h[n] - target[n]) ** 2)),
        loss=loss,
    )
    right = 2 / N * Sum(n, (h[n] - target[n]) * slope(h[n]) * u[n, a])  # type: ignore[operator]
    assert isinstance(check(oracle, problem, claim("c", d(loss, w)[a], right)).verdict, Agrees)
    without = 2 / N * Sum(n, (h[n] - target[n]) * u[n, a])
    assert isinstance(check(oracle, problem, claim("c", d(loss, w)[a], without)).verdict, Refuted)


@each_oracle
def test_irrational_roots_are_compared_exactly_too(oracle: str) -> None:
    """No eps to choose: |w| stays irrational, and d|w|/dw = w/|w|."""
    problem = problem_of(Equation(loss, sqrt(Sum(a, w[a] ** 2))), loss=loss)
    assert isinstance(check(oracle, problem, claim("c", d(loss, w)[a], w[a] / loss)).verdict, Agrees)
    assert isinstance(check(oracle, problem, claim("c", d(loss, w)[a], w[a] / loss * HALF)).verdict, Refuted)


@each_oracle
def test_a_bracket_guards_a_read_outside_the_tensor(oracle: str) -> None:
    """y_a = w_a + w_(a-1), padded with zero: dw_a = dy_a + dy_(a+1)."""
    out = tensor("out", a)
    inside = Bracket("<=", expression(2), a)
    problem = problem_of(Equation(out[a], w[a] + inside * w[a - 1]), through=out)
    g = d(f, out)
    right = g[a] + Bracket("<", a, expression(D)) * g[a + 1]
    assert isinstance(check(oracle, problem, claim("c", d(f, w)[a], right)).verdict, Agrees)
    assert isinstance(check(oracle, problem, claim("c", d(f, w)[a], g[a])).verdict, Refuted)


@each_oracle
def test_a_rectifier(oracle: str) -> None:
    out = tensor("out", a)
    on = Bracket("<", expression(0), w[a])
    problem = problem_of(Equation(out[a], on * w[a]), through=out)
    assert isinstance(check(oracle, problem, claim("c", d(f, w)[a], on * d(f, out)[a])).verdict, Agrees)
    assert isinstance(check(oracle, problem, claim("c", d(f, w)[a], d(f, out)[a])).verdict, Refuted)


@each_oracle
def test_a_program_without_sizes(oracle: str) -> None:
    v = scalar("v", domain=POSITIVE)
    problem = problem_of(Equation(loss, v**v), loss=loss)
    assert isinstance(check(oracle, problem, claim("c", d(loss, v), loss * (log(v) + 1))).verdict, Agrees)
    assert isinstance(check(oracle, problem, claim("c", d(loss, v), loss * log(v))).verdict, Refuted)


@each_oracle
def test_softmax_by_the_loss_of_one_class(oracle: str) -> None:
    assert isinstance(check(oracle, SOFTMAX, claim("c", d(SOFTMAX.program.loss, z)[1], 0)).verdict, Refuted)
