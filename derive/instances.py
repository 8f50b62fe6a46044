"""A worked instance for what a caller gives: the rest is kept where it fits, else found so that all is exact."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from random import Random

from msgspec.structs import replace

from derive.algebra.instance import Instance, givable
from derive.errors import AuthorError, UsageError
from derive.language.domain import Integers, NonNegative, Positive
from derive.language.expression import Expr, Read
from derive.language.given import Given, with_instance
from derive.language.plain import plain
from derive.language.problem import Problem, Value, free_of
from derive.language.program import Equation
from derive.language.prose import Formula, Prose
from derive.language.tensor import Tensor

HOLDS = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
ATTEMPTS = 600
SCALARS_KEPT = 100  # so many attempts change arrays only
DEFAULT_SIZE = 4


def with_given(problem: Problem, given: Given, prose: Callable[[str], Prose]) -> Problem:
    """The problem with a complete instance that holds what is given.

    Roots must come out rational, so numbers nobody gave are tried in a fixed order. Raises UsageError when none fit,
    or when what is given breaks a condition of the problem.
    """
    if not given:
        return problem
    start = with_instance(problem, given)
    tensors = [tensor for tensor in givable(problem) if not isinstance(tensor.domain, Integers)]
    sizes = _sizes(problem, start.instance, tensors)
    missing = [tensor for tensor in tensors if tensor.key not in start.instance]
    first = _completed(problem, start, sizes, missing, 0)
    if not {tensor.key for tensor in missing} & {tensor.key for tensor in problem.program.inputs()}:
        _check_conditions(first, prose)
    if _is_exact(first):
        return first
    open_ = [tensor for tensor in tensors if tensor.key not in given.values]
    arrays = missing or [tensor for tensor in open_ if tensor.axes]
    for attempt in range(1, ATTEMPTS):
        candidate = _completed(problem, start, sizes, arrays if attempt < SCALARS_KEPT else open_, attempt)
        if _is_exact(candidate):
            return candidate
    give = f"; give {', '.join(tensor.key for tensor in open_)} too" if open_ else ""
    raise UsageError(f"--given: {problem.id} cannot be worked out in exact numbers with it: a root is irrational{give}")


def _completed(
    problem: Problem, start: Problem, sizes: Mapping[str, int], tensors: Iterable[Tensor], attempt: int
) -> Problem:
    random = Random(f"{problem.id} {attempt}")
    drawn = {tensor.key: _draw(random, tensor, problem.instance.get(tensor.key), sizes, attempt) for tensor in tensors}
    return replace(start, instance={**start.instance, **sizes, **drawn})


def _check_conditions(problem: Problem, prose: Callable[[str], Prose]) -> None:
    """The conditions that are formulas, such as var + eps > 0, for every value of their indices."""
    instance = Instance(problem, _forward(problem), problem.instance)
    for text in problem.conditions:
        for formula in prose(text):
            if not isinstance(formula, Formula) or formula.relation not in HOLDS:
                continue
            for cell in instance.evaluator.assignments(free_of(formula.left, formula.right)):
                left, right = (instance.value(side, cell) for side in (formula.left, formula.right))
                if left.logs or right.logs or HOLDS[formula.relation](left.whole, right.whole):
                    continue
                at = "".join(f" at {name} = {value}" for name, value in cell.items())
                raise UsageError(f"--given: {problem.id} needs {formula}, but {plain(formula.left)} is {left}{at}")


def _sizes(problem: Problem, fitting: Mapping[str, Value], tensors: list[Tensor]) -> dict[str, int]:
    """Every size: as given, as the fitting arrays have it, as the default instance has it, or a few."""
    found: dict[str, int] = {}
    for instance in (fitting, problem.instance):
        for tensor in givable(problem):
            value = instance.get(tensor.key)
            if isinstance(tensor.domain, Integers) and isinstance(value, int):
                found.setdefault(tensor.key, value)
        for tensor in tensors:
            value = instance.get(tensor.key)
            for axis in tensor.axes:
                if isinstance(axis.upper, Read) and isinstance(value, tuple):
                    found.setdefault(axis.upper.tensor.key, len(value))
                value = value[0] if isinstance(value, tuple) and value else None
    for tensor in givable(problem):
        if isinstance(tensor.domain, Integers):
            found.setdefault(tensor.key, DEFAULT_SIZE)
    return found


def _draw(random: Random, tensor: Tensor, default: Value | None, sizes: Mapping[str, int], attempt: int) -> Value:
    pool = _leaves(default)
    logs = any(str(value).startswith("log") for value in pool)

    def entry(where: int) -> int | str:
        if attempt == 0 and pool:
            return pool[where % len(pool)]
        if logs:
            return f"log({random.randint(1, 6)})"
        if not tensor.axes and isinstance(tensor.domain, NonNegative | Positive):
            value = Fraction(
                random.randint(isinstance(tensor.domain, Positive), 40), max(sizes.values(), default=1) ** 2
            )
            return int(value) if value.denominator == 1 else str(value)
        return random.randint(1, 9) if isinstance(tensor.domain, Positive) else random.randint(0, 12)

    def nest(shape: tuple[Expr, ...], where: int) -> Value:
        if not shape:
            return entry(where)
        length = sizes[shape[0].tensor.key] if isinstance(shape[0], Read) else DEFAULT_SIZE
        return tuple(nest(shape[1:], where * length + k) for k in range(length))

    return nest(tensor.shape, 0)


def _leaves(value: Value | None) -> list[int | str]:
    if isinstance(value, tuple):
        return [leaf for item in value for leaf in _leaves(item)]
    return [] if value is None else [value]


def _is_exact(problem: Problem) -> bool:
    instance = Instance(problem, _forward(problem), problem.instance)
    try:
        for tensor in problem.program.defined():
            instance.entries(tensor)
    except AuthorError:
        return False
    return True


def _forward(problem: Problem) -> dict[str, Equation]:
    return {equation.tensor.key: equation for equation in problem.program.equations}
