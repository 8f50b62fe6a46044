"""A worked instance for what a caller gives: the rest is kept where it fits, else found so that all is exact."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import chain, product
from math import prod
from random import Random
from typing import TypeGuard

from msgspec.structs import replace

from derive.algebra.decimals import DIGITS, NEAR_ZERO, Rounded
from derive.algebra.evaluate import Evaluator, Rationals
from derive.algebra.fitting import with_fitting_sizes
from derive.algebra.instance import Instance, givable
from derive.algebra.logs import LogNumber
from derive.errors import AuthorError, UsageError
from derive.language.domain import Integers, NonNegative, Positive
from derive.language.expression import Expr, Number, Pow, Read, tensors_in, walk
from derive.language.given import Given, with_instance
from derive.language.network import Network
from derive.language.plain import plain
from derive.language.problem import Problem, free_of
from derive.language.program import Equation
from derive.language.prose import Formula, Prose
from derive.language.question import Value
from derive.language.recurrence import Recurrence
from derive.language.tensor import Tensor

HOLDS = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
ATTEMPTS = 600
SCALARS_KEPT = 100  # so many attempts change arrays only
SCALES = tuple(Fraction(*pair) for pair in ((1, 1), (2, 1), (1, 2), (1, 10), (1, 100), (1, 1000), (1, 10_000)))
PARTS = (1, 2, 3, 4, 5, 7, 9)
DEFAULT_SIZE = 4
MAX_STEPS = 16  # of a recurrence: its exact numbers grow longer with each
MAX_NUMBERS = 300  # the instance is printed in full


def with_given(problem: Problem, given: Given, prose: Callable[[str], Prose]) -> Problem:
    """The problem with a complete instance that holds what is given.

    Roots must come out rational, so numbers nobody gave are tried in a fixed order. Raises UsageError when none fit,
    or when what is given breaks a condition of the problem.
    """
    if not given:
        return problem
    if isinstance(problem.program, Network):  # complete as it is; what is irrational is rounded
        return replace(problem, instance=given.values)
    if isinstance(problem.program, Recurrence):
        return _recurrent(problem, problem.program, given)
    given = with_fitting_sizes(problem, given, list(_formulas(problem, prose)), HOLDS)
    start = with_instance(problem, given)
    tensors = [tensor for tensor in givable(problem) if not isinstance(tensor.domain, Integers)]
    sizes = _sizes(problem, start.instance, tensors)
    _check_extent(problem, tensors, sizes)
    missing = [tensor for tensor in tensors if tensor.key not in start.instance]
    first = _completed(problem, start, sizes, missing, 0)
    if problem.decimals:
        return _in_decimals(first, prose)
    why = _inexact(first)
    if not why or not {tensor.key for tensor in missing} & {tensor.key for tensor in problem.program.inputs()}:
        _check_conditions(first, prose)
    if not why:
        return first
    open_ = [tensor for tensor in tensors if tensor.key not in given.values]
    arrays = missing or [tensor for tensor in open_ if tensor.axes]
    for candidate in chain(
        _scaled(first, [tensor for tensor in _under_roots(problem).values() if tensor in open_]),
        (
            _completed(problem, start, sizes, arrays if attempt < SCALARS_KEPT else open_, attempt)
            for attempt in range(1, ATTEMPTS)
        ),
    ):
        if not _inexact(candidate):
            return candidate
    _check_conditions(first, prose)
    raise UsageError(
        f"--given: {problem.id} cannot be worked out in exact numbers with it: {why}{_remedy(problem, why)}"
    )


def _recurrent(problem: Problem, recurrence: Recurrence, given: Given) -> Problem:
    """Every given sequence has an entry a step; those of the default instance go on with their last entry."""
    instance: dict[str, Value] = {**problem.instance, **given.values}
    lengths = {key: len(value) for key, value in given.values.items() if isinstance(value, tuple)}
    lengths.update(given.sizes)
    defaults = [len(value) for value in problem.instance.values() if isinstance(value, tuple)]
    place, steps = next(iter(lengths.items()), ("", min(defaults, default=DEFAULT_SIZE)))
    said = {key: f"'{key}' {'is' if key in given.sizes else 'has length'} {count}" for key, count in lengths.items()}
    for key, length in lengths.items():
        if length != steps:
            raise UsageError(f"--given: {said[key]}, but {said[place]}; give both for as many steps")
    if not 1 <= steps <= MAX_STEPS:
        raise UsageError(f"--given: {said[place]}, and every step is printed; give from 1 to {MAX_STEPS} steps")
    for key in (tensor.key for tensor in recurrence.inputs() if tensor.axes):
        value = instance[key]
        assert isinstance(value, tuple)
        instance[key] = (*value, *(value[-1:] * (steps - len(value))))[:steps]
    return replace(problem, instance={key: value for key, value in instance.items() if key not in given.sizes})


def _formulas(problem: Problem, prose: Callable[[str], Prose]) -> Iterator[Formula]:
    """The conditions that are formulas."""
    for text in problem.conditions:
        yield from (part for part in prose(text) if isinstance(part, Formula) and part.relation in HOLDS)


def _remedy(problem: Problem, why: str) -> str:
    if "no logarithm" in why or "powers of e" in why:
        return '; write its argument as "log(2)"'
    under = _under_roots(problem)
    return f"; choose {' and '.join(under)} so that it is rational" if under else ""


def _under_roots(problem: Problem) -> dict[str, Tensor]:
    """The inputs that stand under a root, sizes left out."""
    forward, found = _forward(problem), dict[str, Tensor]()
    todo = [node.base for equation in forward.values() for node in walk(equation.value) if _is_root(node)]
    while todo:
        for key, tensor in tensors_in(todo.pop()).items():
            if key in forward:
                todo.append(forward[key].value)
            elif not isinstance(tensor.domain, Integers):
                found[key] = tensor
    return found


def _is_root(node: Expr) -> TypeGuard[Pow]:
    return isinstance(node, Pow) and isinstance(node.exponent, Number) and node.exponent.value.denominator > 1


def _check_extent(problem: Problem, tensors: Iterable[Tensor], sizes: Mapping[str, int]) -> None:
    numbers = sum(prod(_extent(length, sizes) for length in tensor.shape) for tensor in tensors)
    if numbers > MAX_NUMBERS:
        at = ", ".join(f"{key} = {size}" for key, size in sizes.items())
        raise UsageError(
            f"--given: with {at} the worked instance of {problem.id} has {numbers} numbers, and it is printed in full;"
            f" choose sizes with at most {MAX_NUMBERS}"
        )


def _scaled(start: Problem, free: list[Tensor]) -> Iterator[Problem]:
    """The arrays r times as long, with r = (e/a - a)/2 for a scalar e of the instance: then r^2 + e is a square.

    So sqrt(var + eps) is rational for any eps where the rows have a variance that is a square.
    """
    arrays = [tensor for tensor in free if tensor.axes]
    scalars = [start.instance[key] for key, tensor in _under_roots(start).items() if not tensor.axes]
    numbers = {Fraction(e) for e in scalars if isinstance(e, int | str) and not str(e).startswith("log")}
    ratios = {Fraction(1)} | {(e / a - a) / 2 / part for e, a, part in product(numbers, SCALES, PARTS)}
    for rows, ratio in product((_same, _alike, _alternating), sorted(ratios, key=lambda r: (r.denominator, r))):
        if ratio > 0:
            longer = {tensor.key: _times(ratio, rows(start.instance[tensor.key])) for tensor in arrays}
            yield replace(start, instance={**start.instance, **longer})


def _same(value: Value) -> Value:
    return value


def _alike(value: Value) -> Value:
    """Every row a rotation of the first, so that all have one variance."""
    if not isinstance(value, tuple) or not isinstance(value[0], tuple):
        return value
    row = value[0]
    return tuple(row[k % len(row) :] + row[: k % len(row)] for k in range(len(value)))


def _alternating(value: Value, sign: int = 1) -> Value:
    """1, -1, 1, ...: of variance 1 where there is an even number of them."""
    if not isinstance(value, tuple):
        return sign
    return tuple(_alternating(item, sign * (-1) ** k) for k, item in enumerate(value))


def _times(ratio: Fraction, value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(_times(ratio, item) for item in value)
    if str(value).startswith("log"):
        return value
    longer = ratio * Fraction(value)
    return int(longer) if longer.denominator == 1 else str(longer)


def _completed(
    problem: Problem, start: Problem, sizes: Mapping[str, int], tensors: Iterable[Tensor], attempt: int
) -> Problem:
    random = Random(f"{problem.id} {attempt}")
    rows = _alike if attempt % 2 or attempt >= SCALARS_KEPT else _same
    last = [tensor.shape[-1] for tensor in givable(problem) if tensor.axes]
    lengths = sorted({sizes[length.tensor.key] for length in last if isinstance(length, Read)}) or [1]
    drawn = {t.key: rows(_draw(random, t, problem.instance.get(t.key), sizes, lengths, attempt)) for t in tensors}
    return replace(start, instance={**start.instance, **sizes, **drawn})


def _check_conditions(problem: Problem, prose: Callable[[str], Prose]) -> None:
    """The conditions that are formulas, such as var + eps > 0, for every value of their indices."""
    instance = Instance(problem, _forward(problem), problem.instance)
    for text in problem.conditions:
        for formula in prose(text):
            if not isinstance(formula, Formula) or formula.relation not in HOLDS:
                continue
            for cell in instance.evaluator.assignments(free_of(formula.left, formula.right)):
                try:
                    left, right = (instance.value(side, cell) for side in (formula.left, formula.right))
                except AuthorError as error:
                    why = str(error.__cause__ or error)
                    raise UsageError(
                        f"--given: {formula} cannot be checked in exact numbers: {why}{_remedy(problem, why)}"
                    ) from error
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
                    first = int(axis.lower.value) if isinstance(axis.lower, Number) else 1
                    found.setdefault(axis.upper.tensor.key, len(value) + first - 1)
                value = value[0] if isinstance(value, tuple) and value else None
    for tensor in givable(problem):
        if isinstance(tensor.domain, Integers):
            found.setdefault(tensor.key, DEFAULT_SIZE)
    return found


def _draw(
    random: Random, tensor: Tensor, default: Value | None, sizes: Mapping[str, int], lengths: list[int], attempt: int
) -> Value:
    pool = _leaves(default)
    logs = any(str(value).startswith("log") for value in pool)

    def entry(where: int) -> int | str:
        if attempt == 0 and pool:
            return pool[where % len(pool)]
        if logs:
            return f"log({random.randint(1, 6)})"
        if not tensor.axes and isinstance(tensor.domain, NonNegative | Positive):
            length = random.choice(lengths)  # of a row: its variance is a multiple of 1/length^2
            value = Fraction(random.randint(isinstance(tensor.domain, Positive), 40 + 2 * length), length**2)
            return int(value) if value.denominator == 1 else str(value)
        return random.randint(1, 9) if isinstance(tensor.domain, Positive) else random.randint(0, 12)

    def nest(shape: tuple[Expr, ...], where: int) -> Value:
        if not shape:
            return entry(where)
        length = _extent(shape[0], sizes)
        return tuple(nest(shape[1:], where * length + k) for k in range(length))

    return nest(tensor.shape, 0)


def _extent(length: Expr, sizes: Mapping[str, int]) -> int:
    return Evaluator(Rationals(), {}, sizes, {}).integer(length, {})


def _leaves(value: Value | None) -> list[int | str]:
    if isinstance(value, tuple):
        return [leaf for item in value for leaf in _leaves(item)]
    return [] if value is None else [value]


def _in_decimals(problem: Problem, prose: Callable[[str], Prose]) -> Problem:
    """The problem itself, where every value exists and the conditions hold; irrational values are rounded later."""
    instance = Instance(problem, _forward(problem), problem.instance, DIGITS)
    for formula in _formulas(problem, prose):
        for cell in instance.evaluator.assignments(free_of(formula.left, formula.right)):
            try:
                difference = instance.number(formula.left - formula.right, cell)
            except AuthorError:
                continue  # it rests on a value that does not exist, which is told below
            if not HOLDS[formula.relation](_sign(difference), 0):
                at = "".join(f" at {name} = {value}" for name, value in cell.items())
                left = instance.number(formula.left, cell)
                raise UsageError(f"--given: {problem.id} needs {formula}, but {plain(formula.left)} is {left}{at}")
    try:
        for tensor in problem.program.defined():
            instance.entries(tensor)
    except AuthorError as error:
        raise UsageError(f"--given: {error}") from error
    return problem


def _sign(value: LogNumber | Rounded) -> int:
    if isinstance(value, LogNumber):
        return value.sign()
    return 0 if value.text == NEAR_ZERO else -1 if value.text.startswith("-") else 1


def _inexact(problem: Problem) -> str:
    """Why some value of the forward program is no exact number at the instance; nothing where all are."""
    instance = Instance(problem, _forward(problem), problem.instance)
    try:
        for tensor in problem.program.defined():
            instance.entries(tensor)
    except AuthorError as error:
        return str(error.__cause__ or error)
    return ""


def _forward(problem: Problem) -> dict[str, Equation]:
    return {equation.tensor.key: equation for equation in problem.program.equations}
