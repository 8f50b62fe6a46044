"""Programs whose letters clash: the gradient must not capture an index, whatever its author called it."""

from __future__ import annotations

import pytest

from derive.engines.derive import derive_problem
from derive.language import (
    Equation,
    Gradient,
    Problem,
    Program,
    Question,
    Sum,
    d,
    index,
    scalar,
    size,
    tanh,
    tensor,
    within,
)
from derive.language.verdict import Agrees, Proved
from derive.verification import differences
from derive.verification.report import examine

m, n, r = size("m"), size("n"), size("r")
i, j, k, ell, t = index("i", m), index("j", n), index("k", r), index("l", m), index("t", n)
f = scalar("f")
A, B, Y = tensor("A", (i, k)), tensor("B", (k, j)), tensor("Y", (i, j))
x, w, y = tensor("x", (i, j)), tensor("w", (i, k)), tensor("y", (k, j))
u, v = tensor("u", i), tensor("v", i)

PROGRAMS = {
    "matrix product": Program((Equation(Y[i, j], Sum(k, A[i, k] * B[k, j])),), f, Y),
    "kernel shared along an axis": Program(
        (Equation(y[k, t], Sum(i, w[i, k] * within(t + 1, n) * x[i, t + 1])),), f, y
    ),
    "a sum inside a sum": Program((Equation(v[i], u[i] * Sum(ell, u[ell] * tanh(u[ell]))),), f, v),
    "softmax rows written with other letters": Program(
        (Equation(Y[i, j], tanh(x[i, j]) / (1 + Sum(t, x[i, t] ** 2)) * Sum(ell, x[ell, j])),), f, Y
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradients_agree_with_differences(name: str) -> None:
    program = PROGRAMS[name]
    inputs = [tensor_ for tensor_ in program.inputs() if tensor_.axes]
    problem = Problem("letters", name, "", program, tuple(Question(one.key, Gradient(one)) for one in inputs))
    derivation = derive_problem(problem)
    session = differences.session(problem)
    for checked in examine(derivation, ()).parts:
        assert isinstance(checked.verdict, Proved)
        assert isinstance(session.check(checked.claim).verdict, Agrees)


def test_the_transpose_of_a_product() -> None:
    program = PROGRAMS["matrix product"]
    dY = d(f, Y)
    problem = Problem(
        "product", "", "", program,
        (Question("A", Gradient(A), form=Sum(j, dY[i, j] * B[k, j])),
         Question("B", Gradient(B), form=Sum(i, A[i, k] * dY[i, j]))),
    )  # fmt: skip
    assert all(isinstance(part.verdict, Proved) for part in examine(derive_problem(problem), ("unrolled",)).parts)
