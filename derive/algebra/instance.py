"""A problem at one point: every node and every gradient, exact where it is rational, else in correct decimals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from derive.algebra.binding import Definitions
from derive.algebra.decimals import Rounded, rounded
from derive.algebra.evaluate import Balls, Entries, Evaluator, NotExactError
from derive.algebra.logs import LogNumber, LogNumbers
from derive.algebra.witness import enclosed, nested
from derive.errors import AuthorError
from derive.language.domain import Integers
from derive.language.expression import Expr, Index, Number, Read, free_indices
from derive.language.problem import Problem
from derive.language.program import show_read
from derive.language.question import Value
from derive.language.tensor import Tensor, d

_LOG = re.compile(r"log\(([0-9]+(?:/[0-9]+)?)\)")


def exact(value: int | str) -> LogNumber:
    """2, '1/3' or 'log(3/2)' as an exact number."""
    arithmetic = LogNumbers()
    if isinstance(value, str) and (found := _LOG.fullmatch(value.strip())):
        return arithmetic.function("log", [arithmetic.number(Fraction(found[1]))])
    return arithmetic.number(Fraction(value))


class Instance:
    """The point that `values` describe: tensor key -> number or nested tuples. Sizes are read off the arrays.

    With `digits`, what is irrational is rounded to so many of them; without, it is an error. A `partial` one may leave
    inputs without values.
    """

    def __init__(
        self,
        problem: Problem,
        definitions: Definitions,
        values: Mapping[str, Value],
        digits: int = 0,
        *,
        partial: bool = False,
    ) -> None:
        self.problem = problem
        self.digits = digits
        self.definitions = definitions
        self.sizes: dict[str, int] = {}
        self.inputs: dict[str, Entries] = {}
        for tensor in givable(problem):
            if tensor.key in values and isinstance(tensor.domain, Integers):
                self.sizes[tensor.key] = int(values[tensor.key])  # type: ignore[arg-type]
            elif tensor.key in values:
                self._fill(tensor, values[tensor.key])
        missing = [t.key for t in givable(problem) if t.key not in self.inputs and t.key not in self.sizes]
        if missing and not partial:
            raise AuthorError(f"{problem.id}: the worked instance gives no value for {', '.join(missing)}")
        self.evaluator = Evaluator(LogNumbers(), definitions, self.sizes, self.inputs)
        self._enclosing: dict[int, Evaluator] = {}

    def _fill(self, tensor: Tensor, value: Value) -> None:
        table: Entries = {}
        self._walk(tensor, value, (), table)
        self.inputs[tensor.key] = table

    def _walk(self, tensor: Tensor, value: Value, where: tuple[int, ...], table: Entries) -> None:
        depth = len(where)
        if depth == len(tensor.axes):
            if isinstance(value, tuple | list):
                raise AuthorError(f"{self.problem.id}: the instance nests {tensor.key} deeper than its axes")
            table[where] = exact(value)
            return
        if not isinstance(value, tuple | list):
            raise AuthorError(f"{self.problem.id}: the instance gives {tensor.key} fewer axes than it has")
        axis = tensor.axes[depth]
        lower = int(axis.lower.value) if isinstance(axis.lower, Number) else 1
        last = len(value) + lower - 1
        if isinstance(axis.upper, Read):
            known = self.sizes.setdefault(axis.upper.tensor.key, last)
            if known != last:
                raise AuthorError(
                    f"{self.problem.id}: the instance gives {tensor.key} {len(value)} entries along"
                    f" {axis.upper.tensor.key}, elsewhere it is {known}"
                )
        elif isinstance(axis.upper, Number) and axis.upper.value != last:
            raise AuthorError(
                f"{self.problem.id}: the instance gives {tensor.key} {len(value)} entries where its axis"
                f" {axis.name} has {axis.upper.value - lower + 1}"
            )
        for k, item in enumerate(value, start=lower):
            self._walk(tensor, item, (*where, k), table)

    def entries(self, tensor: Tensor) -> object:
        """Every entry as text, nested by axes. Raises AuthorError where a value does not exist or is not exact."""
        return self.all_of(tensor.entry(), tensor.axes, tensor)

    def all_of(self, expr: Expr, axes: tuple[Index, ...], what: Tensor | None = None) -> object:
        """The value of an expression for every value of the indices, as text, nested in their order."""
        table: Entries = {}
        for cell in self.evaluator.assignments({axis.name: axis for axis in axes}):
            table[tuple(cell.values())] = self.number(expr, cell, what)
        return nested(table)

    def number(self, expr: Expr, env: Mapping[str, int], what: Tensor | None = None) -> LogNumber | Rounded:
        """The exact value, or a rounded one where there is none and digits were asked for."""
        if self.digits:
            try:
                return self._exact(expr, env)
            except NotExactError:
                try:
                    return rounded(lambda bits: self._ball(expr, env, bits), self.digits)
                except NotExactError as error:
                    raise self._unknown(env, what, str(error)) from error
            except ZeroDivisionError as error:
                raise self._unknown(env, what, str(error)) from error
        return self.value(expr, env, what)

    def _ball(self, expr: Expr, env: Mapping[str, int], bits: int) -> Any:
        if bits not in self._enclosing:
            balls = {k: {w: enclosed(v) for w, v in table.items()} for k, table in self.inputs.items()}
            self._enclosing[bits] = Evaluator(Balls(), self.definitions, self.sizes, balls)
        return self._enclosing[bits].value(expr, env)

    def _exact(self, expr: Expr, env: Mapping[str, int]) -> LogNumber:
        result = self.evaluator.value(expr, env)
        assert isinstance(result, LogNumber)
        return result

    def _unknown(self, env: Mapping[str, int], what: Tensor | None, why: str) -> AuthorError:
        place = show_read(what.entry()) if what is not None else "a value"
        at = ", ".join(f"{name} = {value}" for name, value in env.items())
        where = f"{place}{' at ' + at if at else ''}"
        return AuthorError(f"{self.problem.id}: {where} has no value ({why}); change the instance")

    def value(self, expr: Expr, env: Mapping[str, int], what: Tensor | None = None) -> LogNumber:
        """The exact value; AuthorError where there is none."""
        try:
            found = self._exact(expr, env)
            if found.power:
                raise NotExactError("a power of e")
            return found
        except (ZeroDivisionError, NotExactError) as error:
            place = show_read(what.entry()) if what is not None else "a value"
            at = ", ".join(f"{name} = {value}" for name, value in env.items())
            raise AuthorError(
                f"{self.problem.id}: {place}{' at ' + at if at else ''} cannot be worked out in exact"
                f" numbers ({error}); change the instance"
            ) from error

    def side(self, expr: Expr, free: Mapping[str, Index] | None = None) -> str:
        """The value of an expression: one text, or one for each value of its free indices."""
        cells = list(self.evaluator.assignments(free_indices(expr) if free is None else free))
        values = [str(self.number(expr, cell)) for cell in cells]
        return values[0] if len(values) == 1 else f"({', '.join(values)})"


def givable(problem: Problem) -> list[Tensor]:
    """What an instance may give: the inputs, and the known derivative of an unspecified loss."""
    through = problem.program.through
    return [*problem.program.inputs(), *([d(problem.program.loss, through)] if through is not None else [])]


def worked(instance: Instance) -> dict[str, object]:
    """Every tensor of the problem, and every derivative that is asked for."""
    problem, definitions = instance.problem, instance.definitions
    shown = [t for t in problem.program.tensors() if t.key in definitions or t.key in instance.inputs]
    asked = [
        d(problem.program.loss, t)
        for t in problem.program.tensors()
        if problem.program.differentiated and d(problem.program.loss, t).key in {**definitions, **instance.inputs}
    ]
    values: dict[str, object] = dict(instance.sizes)
    values.update((tensor.key, instance.entries(tensor)) for tensor in shown)
    gradients = {tensor.key: instance.entries(tensor) for tensor in reversed(asked)}  # each is made of later ones
    return values | {tensor.key: gradients[tensor.key] for tensor in asked}
