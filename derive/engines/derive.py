"""Problem -> derivation: every question answered, with its steps, by the adjoint engine."""

from __future__ import annotations

from derive.engines.adjoint import Adjoints
from derive.engines.mistakes import wrong_answer
from derive.engines.steps import Stepper
from derive.language.derivation import Derivation, Edge
from derive.language.problem import Jacobian, Problem


def derive_problem(problem: Problem) -> Derivation:
    """The derivation of every question. Nothing in it has been checked yet."""
    adjoints = Adjoints(problem.program, preferred=_preferred(problem))
    stepper = Stepper(problem, adjoints)
    parts = tuple(stepper.part(number, question) for number, question in enumerate(problem.questions, start=1))
    wrong = tuple(wrong_answer(problem, mistake) for mistake in problem.mistakes)
    return Derivation(problem, parts, adjoints.definitions, adjoints.edges, wrong)


def _preferred(problem: Problem) -> tuple[Edge, ...]:
    """Edges whose derivative the author wants in a form of his own."""
    return tuple(
        Edge(q.wants.of, q.wants.by, q.form)
        for q in problem.questions
        if isinstance(q.wants, Jacobian) and q.form is not None
    )
