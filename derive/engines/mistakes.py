"""What a mistake's author would have answered: the wrong form, or the gradient with some paths left out."""

from __future__ import annotations

from derive.algebra.binding import inline, told_apart
from derive.engines.adjoint import Adjoints
from derive.engines.arrange import arranged
from derive.language.derivation import Claim, Wrong
from derive.language.expression import Add, free_indices
from derive.language.notation import PartialName
from derive.language.problem import Mistake, Problem
from derive.language.program import Program
from derive.language.question import Chain, Gradient


def wrong_answer(problem: Problem, mistake: Mistake) -> Wrong:
    """The claim that the mistake amounts to; it is false, which remains to be checked."""
    question = problem.question(mistake.question)
    left = problem.asked(question) if mistake.left is None else mistake.left
    if mistake.form is not None:
        relation = question.wants.relation if isinstance(question.wants, Chain) else "="
        return Wrong(mistake, Claim(mistake.id, left, mistake.form, question.assuming, relation))
    assert isinstance(question.wants, Gradient)
    assert isinstance(problem.program, Program)
    partial = Adjoints(problem.program, frozen=mistake.frozen)
    adjoint = {k: e for k, e in partial.definitions.items() if isinstance(e.tensor.name, PartialName)}
    value = inline(partial.raw(question.wants.by), adjoint)
    names = frozenset(free_indices(left))
    terms = value.terms if isinstance(value, Add) else (value,)
    tidy = Add(tuple(map(arranged, terms))) if len(terms) > 1 else arranged(value)
    return Wrong(mistake, Claim(mistake.id, left, told_apart(tidy, names), question.assuming))
