"""Induction proves what holds, and never uses the hypothesis beyond its own k."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from derive.catalogue import load
from derive.engines.derive import derive_problem
from derive.errors import AuthorError, NotProvedError
from derive.language import Induction, Law, Problem, Question, Recurrence, index, scalar, size, tensor
from derive.language.expression import Expr
from derive.language.verdict import Agrees, Proved, Refuted
from derive.verification.report import examine
from derive.verification.simulation import Simulation

n = size("n")
k, time = index("k", n, 0), index("k", n + 1, -1)
alpha, beta, first, f = scalar("alpha"), scalar("beta"), scalar("first"), scalar("f")
g, theta, phi, v = (tensor(name, time) for name in ("g", "theta", "phi", "v"))


def forms(
    claims: tuple[tuple[Expr, Expr], ...],
    step: Expr | None = None,
    memory: Expr | None = None,
    start: Expr | None = None,
) -> Problem:
    """Momentum in two forms, with a law or a start value exchanged."""
    laws = (
        Law(theta[k + 1], theta[k] - alpha * g[k] + beta * (theta[k] - theta[k - 1]) if step is None else step),
        Law(v[k + 1], g[k] + beta * v[k] if memory is None else memory),
        Law(phi[k + 1], phi[k] - alpha * v[k + 1]),
    )
    starts = (Law(theta[0], first), Law(theta[-1], first), Law(phi[0], first), Law(phi[-1], first),
              Law(v[0], 0 if start is None else start))  # fmt: skip
    return Problem("forms", "", "", Recurrence(k, starts, laws, f), (Question("forms", Induction(claims)),))


INVARIANT = ((theta[k], phi[k]), (theta[k - 1], phi[k - 1]), (alpha * v[k], phi[k - 1] - phi[k]))


def test_the_two_forms_are_one() -> None:
    report = examine(derive_problem(forms(INVARIANT)))
    assert report.parts[0].verdict == Proved("all k >= 0")
    assert [type(found.verdict) for found in report.parts[0].evidence] == [Proved, Agrees]


FAULTS = {
    "a hypothesis without its invariant": (forms(INVARIANT[:1]), True),
    "one step of history too few": (forms(INVARIANT[:2]), True),
    "beta squared": (forms(INVARIANT, memory=g[k] + beta**2 * v[k]), False),
    "beta forgotten": (forms(INVARIANT, step=theta[k] - alpha * g[k] + (theta[k] - theta[k - 1])), False),
    "a sign": (forms(INVARIANT, step=theta[k] + alpha * g[k] + beta * (theta[k] - theta[k - 1])), False),
    "another start": (forms(INVARIANT, start=first), False),
    "the gradient of the step before": (forms(INVARIANT, memory=g[k - 1] + beta * v[k]), False),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_not_proved(name: str) -> None:
    with pytest.raises(NotProvedError):
        examine(derive_problem(FAULTS[name][0]), ())


@pytest.mark.parametrize("name", FAULTS)
def test_the_simulation_alone_refutes_what_is_false(name: str) -> None:
    """The first two claims are true, only not provable in this form."""
    problem, true = FAULTS[name]
    claim = derive_problem(problem).parts[0].claim
    assert isinstance(Simulation(problem).check(claim).verdict, Agrees if true else Refuted)


def test_the_problem_of_the_course() -> None:
    problem = load("momentum_forms")
    report = examine(derive_problem(problem))
    assert all(isinstance(checked.verdict, Proved) for checked in report.parts)
    assert all(isinstance(mistake.verdict, Refuted) for mistake in report.mistakes)
    assert report.worked is not None
    assert report.worked.values["theta"] == report.worked.values["phi"]


def test_the_mistakes_at_their_own_numbers() -> None:
    """A rate that falls from 1/10 to 1/100: form I is at -0.119 after two steps, form II at -0.2."""
    found = {one.mistake.id: one.verdict for one in examine(derive_problem(load("momentum_forms"))).mistakes}
    schedule, squared = found["schedule ignored"], found["beta squared"]
    assert isinstance(schedule, Refuted)
    assert isinstance(squared, Refuted)
    assert (schedule.counterexample.left, schedule.counterexample.right) == ("81/1000", "0")
    assert "alpha" not in schedule.counterexample.values  # nothing that the claim does not rest on
    assert (squared.counterexample.left, squared.counterexample.right) == ("-1/10", "-91/1000")


def test_numbers_of_a_mistake_that_are_not_enough() -> None:
    problem = load("momentum_forms")
    (first, *_), few = problem.mistakes, {"alpha": 1, "beta": 1, "first": 0, "g": (1, 1)}
    with pytest.raises(AuthorError, match=r"mistake beta squared, at its own instance: .*eta"):
        examine(derive_problem(replace(problem, mistakes=(replace(first, at=few),))))
