"""Sizes that follow from others by the problem's conditions: the length of an output from that of the input."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from msgspec.structs import replace

from derive.algebra.evaluate import Evaluator, Rationals
from derive.errors import UsageError
from derive.language.domain import Integers
from derive.language.expression import Index, Read, tensors_in, walk
from derive.language.given import MAX_SIZE, Given
from derive.language.problem import Problem
from derive.language.prose import Formula

Holds = Mapping[str, Callable[[Fraction, Fraction], bool]]


def with_fitting_sizes(problem: Problem, given: Given, formulas: Sequence[Formula], holds: Holds) -> Given:
    """`given` with the sizes of outputs that nobody gave and that fit the rest.

    Raises UsageError, naming the condition and both of its sides, where no size fits.
    """
    sizes = {key: size for key, size in problem.instance.items() if isinstance(size, int)}
    known = {tensor.key for tensor in problem.program.inputs() if isinstance(tensor.domain, Integers)}
    sizes = {key: size for key, size in {**sizes, **given.sizes}.items() if key in known}
    about = [formula for formula in formulas if _names(formula) and _names(formula) <= set(sizes)]
    open_ = [key for key in _of_outputs(problem) if key in sizes and key not in given.sizes]
    for key in open_:
        own = [formula for formula in about if key in _names(formula) and not _names(formula) & set(open_) - {key}]
        fitting = (size for size in range(1, MAX_SIZE + 1) if _all_hold(own, {**sizes, key: size}, holds))
        if own and not _all_hold(own, sizes, holds):
            sizes[key] = next(fitting, sizes[key])
    for formula in about:
        if not _all_hold([formula], sizes, holds):
            raise UsageError(_message(problem, formula, sizes, open_))
    return replace(given, sizes={**given.sizes, **{key: sizes[key] for key in open_}})


def _names(formula: Formula) -> set[str]:
    """The sizes of a condition on sizes alone; empty for any other."""
    nodes = [node for side in (formula.left, formula.right) for node in walk(side)]
    reads = [node for node in nodes if isinstance(node, Read)]
    if any(isinstance(node, Index) for node in nodes) or any(not isinstance(r.tensor.domain, Integers) for r in reads):
        return set()
    return {read.tensor.key for read in reads}


def _of_outputs(problem: Problem) -> list[str]:
    """The sizes of what the program computes that are no sizes of what it takes."""
    taken = {key for tensor in problem.program.inputs() for upper in tensor.shape for key in tensors_in(upper)}
    made = {key: None for tensor in problem.program.defined() for upper in tensor.shape for key in tensors_in(upper)}
    return [key for key in made if key not in taken]


def _sides(formula: Formula, sizes: Mapping[str, int]) -> tuple[Fraction, Fraction]:
    evaluator = Evaluator(Rationals(), {}, sizes, {})
    left, right = (evaluator.value(side, {}) for side in (formula.left, formula.right))
    return Fraction(int(left.p), int(left.q)), Fraction(int(right.p), int(right.q))


def _all_hold(formulas: Sequence[Formula], sizes: Mapping[str, int], holds: Holds) -> bool:
    return all(holds[formula.relation](*_sides(formula, sizes)) for formula in formulas)


def _message(problem: Problem, formula: Formula, sizes: Mapping[str, int], open_: Sequence[str]) -> str:
    left, right = _sides(formula, sizes)
    names = [key for key in sizes if key in _names(formula) and key not in open_]
    at = ", ".join(f"{key} = {sizes[key]}" for key in names)
    outputs = [key for key in names if key in _of_outputs(problem)]
    remedy = f"; leave {' and '.join(outputs)} out, or change another of them" if outputs else "; change one of them"
    return f"--given: {problem.id} needs {formula}, but with {at} that is {left} against {right}{remedy}"
