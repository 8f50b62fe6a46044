"""The sequences of the recurrence are those that PyTorch's own optimizer computes; wrong ones are not."""

from __future__ import annotations

from fractions import Fraction

import pytest
from msgspec.structs import replace

from derive.catalogue import load
from derive.engines.derive import derive_problem
from derive.errors import NotProvedError
from derive.language import Law, Recurrence
from derive.language.derivation import Claim
from derive.language.verdict import Refuted
from derive.problems import momentum_forms as forms
from derive.verification.report import examine
from derive.verification.simulation import Simulation, run

pytestmark = pytest.mark.torch

ALPHA, BETA, FIRST = Fraction(1, 8), Fraction(3, 4), Fraction(2)
GRADIENTS = [Fraction(g, 4) for g in (3, -5, 8, 1, -2, 7, -9)]


def optimized(nesterov: bool) -> list[float]:
    import torch

    parameter = torch.nn.Parameter(torch.tensor(float(FIRST), dtype=torch.float64))
    optimizer = torch.optim.SGD([parameter], lr=float(ALPHA), momentum=float(BETA), nesterov=nesterov)
    path = [parameter.item()]
    for gradient in GRADIENTS:
        parameter.grad = torch.tensor(float(gradient), dtype=torch.float64)
        optimizer.step()
        path.append(parameter.item())
    return path


@pytest.mark.parametrize(("sequence", "nesterov"), [("theta", False), ("phi", False), ("y", True)])
def test_the_optimizer_takes_the_same_steps(sequence: str, nesterov: bool) -> None:
    assert steps(momentum(), sequence) == pytest.approx(optimized(nesterov), rel=1e-14)


def momentum() -> Recurrence:
    program = load("momentum_forms").program
    assert isinstance(program, Recurrence)
    return program


v, phi, theta, y, s, x = forms.v, forms.phi, forms.theta, forms.y, forms.s, forms.x
alpha, beta, g, k = forms.alpha, forms.beta, forms.g, forms.k
FAULTS: dict[str, tuple[str, bool, Law]] = {
    "beta squared for beta": ("phi", False, Law(v[k + 1], g[k] + beta**2 * v[k])),
    "beta squared, form I": (
        "theta", False, Law(theta[k + 1], theta[k] - alpha * g[k] + beta**2 * (theta[k] - theta[k - 1]))),
    "beta forgotten": ("theta", False, Law(theta[k + 1], theta[k] - alpha * g[k] + (theta[k] - theta[k - 1]))),
    "the velocity before this step": ("phi", False, Law(phi[k + 1], phi[k] - alpha * v[k])),
    "the gradient damped": ("phi", False, Law(v[k + 1], (1 - beta) * g[k] + beta * v[k])),
    "Nesterov without its correction": ("y", True, Law(y[k + 1], y[k] - alpha * s[k + 1])),
    "Nesterov's own parameter": ("x", True, Law(x[k + 1], x[k] + forms.w[k + 1])),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_the_optimizer_refutes_a_planted_fault(fault: str) -> None:
    sequence, nesterov, law = FAULTS[fault]
    program = momentum()
    laws = tuple(law if law.read == own.read else own for own in program.laws)
    assert steps(replace(program, laws=laws), sequence) != pytest.approx(optimized(nesterov), rel=1e-3)


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "Nesterov's own parameter"])
def test_the_simulation_and_the_induction_refute_it_too(fault: str) -> None:
    """One form alone is wrong then, so the two are no longer one."""
    sequence, _, law = FAULTS[fault]
    problem = load("momentum_forms")
    program = momentum()
    laws = tuple(law if law.read == own.read else own for own in program.laws)
    wrong = replace(problem, program=replace(program, laws=laws), mistakes=())
    claim = Claim("nesterov", y[k], x[k] + beta * forms.w[k]) if sequence == "y" else Claim("forms", theta[k], phi[k])
    assert isinstance(Simulation(wrong).check(claim).verdict, Refuted)
    with pytest.raises(NotProvedError):
        examine(derive_problem(wrong), ())


def steps(program: Recurrence, sequence: str) -> list[float]:
    given = dict(enumerate(GRADIENTS))
    values = run(
        program,
        {
            "alpha": {(): ALPHA}, "beta": {(): BETA}, "first": {(): FIRST},
            "g": {(at,): value for at, value in given.items()}, "eta": {(at,): ALPHA for at in given},
        },
        len(GRADIENTS),
    )  # fmt: skip
    return [float(values[sequence][at,]) for at in range(len(GRADIENTS) + 1)]
