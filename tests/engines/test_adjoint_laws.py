"""Laws that adjoints obey whatever the program: pairing with forward mode, linearity, agreement with differences."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.algebra.binding import inline
from derive.algebra.decide import decide
from derive.catalogue import load
from derive.engines.adjoint import Adjoints
from derive.engines.derive import derive_problem
from derive.language import Equation, Gradient, Problem, Program, Question, Sum, d, exp, logistic, scalar, tanh, tensor
from derive.language.derivation import Claim
from derive.language.domain import Integers
from derive.language.expression import ZERO, Expr, Read, add, expression, mul, sqrt
from derive.language.tensor import Tensor
from derive.language.verdict import Agrees, Proved
from derive.verification import differences
from tests.algebra.vocabulary import a, i, j, m, p, w, x, y
from tests.engines.forward_mode import dotted, rates

PROBLEMS = ("bn_backward", "layer_norm", "rms_norm", "softmax_cross_entropy")


def total(expr: Expr, tensor: Tensor) -> Expr:
    for axis in reversed(tensor.axes):
        expr = Sum(axis, expr)
    return expr


@pytest.mark.parametrize("name", PROBLEMS)
def test_reverse_mode_is_the_transpose_of_forward_mode(name: str) -> None:
    """<ybar, J v> = <J^T ybar, v>, proved for all sizes."""
    program = load(name).program
    adjoints = Adjoints(program)
    inputs = tuple(t for t in program.inputs() if not isinstance(t.domain, Integers))
    definitions = {**adjoints.definitions, **rates(program, inputs)}
    end = program.through if program.through is not None else program.loss
    pushed = total(mul(d(program.loss, end).entry(), dotted(end).entry()), end)
    pulled = add(*(total(mul(d(program.loss, t).entry(), dotted(t).entry()), t) for t in inputs))
    assert isinstance(decide(pushed, pulled, definitions), Proved)


@pytest.mark.parametrize("name", ["bn_backward", "layer_norm", "rms_norm"])
def test_adjoints_are_linear_in_the_seed(name: str) -> None:
    """d f/d x for the seed a g + h is a times that for g plus that for h."""
    problem = load(name)
    program = problem.program
    assert program.through is not None
    adjoints = {k: e for k, e in Adjoints(program).definitions.items() if k.startswith("d")}
    seed = d(program.loss, program.through)
    g, h, c = tensor("g", seed.axes), tensor("h", seed.axes), scalar("c")

    def with_seed(value: Expr) -> Expr:
        return inline(gradient, {seed.key: Equation(seed.entry(), value)})

    for part in derive_problem(problem).parts:
        gradient = inline(part.claim.left, adjoints)
        both = with_seed(c * g.entry() + h.entry())
        apart = c * with_seed(g.entry()) + with_seed(h.entry())
        definitions = {e.tensor.key: e for e in program.equations}
        assert isinstance(decide(both, apart, definitions), Proved)


@st.composite
def programs(draw: st.DrawFn) -> Problem:
    """A scalar from x, a vector from both, a loss: three equations of random shape."""
    u, v, loss = scalar("u"), tensor("v", i), scalar("E")
    smooth = (tanh, logistic, exp, lambda z: sqrt(z**2 + p), lambda z: z / (z**2 + p), lambda z: z**2)
    inner = draw(st.sampled_from(smooth))
    outer = draw(st.sampled_from(smooth))
    first = draw(st.sampled_from([x[i] * w[i], x[i] + a * y[i], a * x[i], x[i] * Sum(j, x[j] * w[j])]))
    second = draw(st.sampled_from([x[i] - u, u * x[i] + y[i], y[i] * x[i] + a * u, x[i] * Sum(j, y[j] * x[j]) - u]))
    last = draw(st.sampled_from([v[i] * y[i], v[i] ** 2 * x[i], v[i] * Sum(j, w[j] * v[j]), u * v[i]]))
    program = Program(
        equations=(
            Equation(u, draw(st.sampled_from([1 / m, expression(1)])) * Sum(i, inner(first / 2))),
            Equation(v[i], outer(second / 3)),
            Equation(loss, Sum(i, last)),
        ),
        loss=loss,
    )
    return Problem(
        "random",
        "A random program",
        "",
        program,
        tuple(Question(t.key, Gradient(t)) for t in (x, y, w, a, p) if t in program.inputs()),
    )


@settings(max_examples=40, deadline=None, derandomize=True)
@given(programs())
def test_random_programs_agree_with_differences(problem: Problem) -> None:
    claims = [part.claim for part in derive_problem(problem).parts]
    session = differences.session(problem, sizes=({"m": 1}, {"m": 3}))
    for claim in claims:
        assert isinstance(session.check(claim).verdict, Agrees), claim


@settings(max_examples=10, deadline=None, derandomize=True)
@given(programs())
def test_every_line_of_a_random_derivation_is_proved(problem: Problem) -> None:
    from derive.verification.report import examine

    report = examine(derive_problem(problem), ())
    assert all(isinstance(verdict, Proved) for verdict in report.lines.values())
    assert all(isinstance(checked.verdict, Proved) for checked in report.parts)


def test_a_wrong_claim_does_not_agree() -> None:
    problem = load("bn_backward")
    claim = derive_problem(problem).parts[0].claim
    assert not isinstance(differences.check(problem, Claim(claim.id, claim.left, mul(2, claim.right))).verdict, Agrees)


def test_a_tensor_that_nothing_reads_has_gradient_zero() -> None:
    v, loss = tensor("v", i), scalar("E")
    program = Program((Equation(v[i], x[i] ** 2), Equation(loss, Sum(i, y[i]))), loss)
    adjoints = Adjoints(program)
    assert adjoints.raw(v) == ZERO
    assert isinstance(adjoints.target(x), Read)
