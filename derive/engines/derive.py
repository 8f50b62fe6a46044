"""Problem -> derivation: every question answered, with its steps, by the adjoint engine."""

from __future__ import annotations

from msgspec.structs import replace

from derive.engines.adjoint import Adjoints
from derive.engines.chains import Chains
from derive.engines.conditions import needed
from derive.engines.induction import Inductor
from derive.engines.limits import Limits
from derive.engines.mistakes import wrong_answer
from derive.engines.ranges import check_subscripts
from derive.engines.steps import Stepper
from derive.language.derivation import Claim, Derivation, Edge, Wrong
from derive.language.network import Network
from derive.language.problem import Problem
from derive.language.question import Chain, Jacobian, Limit
from derive.language.recurrence import Recurrence


def derive_problem(problem: Problem) -> Derivation:
    """The derivation of every question. Nothing in it has been checked yet."""
    program = problem.program
    if isinstance(program, Recurrence):
        return _by_induction(problem, program)
    check_subscripts(problem)
    problem = replace(problem, conditions=needed(problem))
    adjoints = Adjoints(program, preferred=_preferred(problem))
    stepper = Stepper(problem, adjoints)
    writers: dict[type, Limits | Chains | Stepper] = {Limit: Limits(problem), Chain: Chains(problem)}
    parts = tuple(
        writers.get(type(question.wants), stepper).part(number, question)
        for number, question in enumerate(problem.questions, start=1)
    )
    wrong = tuple(wrong_answer(problem, mistake) for mistake in problem.mistakes)
    named = problem.shorthands
    if isinstance(program, Network):
        named = tuple(equation for shorthand in named for equation in program.in_sight(shorthand))
    shorthands = {equation.tensor.key: equation for equation in named}
    return Derivation(problem, parts, {**adjoints.definitions, **shorthands}, adjoints.edges, wrong)


def _by_induction(problem: Problem, recurrence: Recurrence) -> Derivation:
    inductors = [Inductor(problem, recurrence, n, question) for n, question in enumerate(problem.questions, start=1)]
    wrong = [
        Wrong(mistake, Claim(mistake.id, problem.asked(problem.question(mistake.question)), mistake.form))
        for mistake in problem.mistakes
        if mistake.form is not None
    ]
    return Derivation(problem, tuple(inductor.part() for inductor in inductors), {}, wrong=tuple(wrong))


def _preferred(problem: Problem) -> tuple[Edge, ...]:
    """Edges whose derivative the author wants in a form of his own."""
    return tuple(
        Edge(q.wants.of, q.wants.by, q.form)
        for q in problem.questions
        if isinstance(q.wants, Jacobian) and q.form is not None
    )
