"""A problem at one point in exact numbers: every node, every gradient."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from derive.algebra.binding import Definitions
from derive.algebra.evaluate import Entries, Evaluator, NotExactError
from derive.algebra.logs import LogNumber, LogNumbers
from derive.algebra.witness import nested
from derive.errors import AuthorError
from derive.language.domain import Integers
from derive.language.expression import Expr, Read, free_indices
from derive.language.problem import Problem, Value
from derive.language.program import show_read
from derive.language.tensor import Tensor, d

_LOG = re.compile(r"log\(([0-9]+(?:/[0-9]+)?)\)")


def exact(value: int | str) -> LogNumber:
    """2, '1/3' or 'log(3/2)' as an exact number."""
    arithmetic = LogNumbers()
    if isinstance(value, str) and (found := _LOG.fullmatch(value.strip())):
        return arithmetic.function("log", [arithmetic.number(Fraction(found[1]))])
    return arithmetic.number(Fraction(value))


class Instance:
    """The point that `values` describe: tensor key -> number or nested tuples. Sizes are read off the arrays."""

    def __init__(self, problem: Problem, definitions: Definitions, values: Mapping[str, Value]) -> None:
        self.problem = problem
        self.definitions = definitions
        self.sizes: dict[str, int] = {}
        self.inputs: dict[str, Entries] = {}
        for tensor in givable(problem):
            if tensor.key in values and isinstance(tensor.domain, Integers):
                self.sizes[tensor.key] = int(values[tensor.key])  # type: ignore[arg-type]
            elif tensor.key in values:
                self._fill(tensor, values[tensor.key])
        missing = [t.key for t in givable(problem) if t.key not in self.inputs and t.key not in self.sizes]
        if missing:
            raise AuthorError(f"{problem.id}: the worked instance gives no value for {', '.join(missing)}")
        self.evaluator = Evaluator(LogNumbers(), definitions, self.sizes, self.inputs)

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
        upper = tensor.axes[depth].upper
        if isinstance(upper, Read):
            known = self.sizes.setdefault(upper.tensor.key, len(value))
            if known != len(value):
                raise AuthorError(
                    f"{self.problem.id}: the instance gives {tensor.key} {len(value)} entries along"
                    f" {upper.tensor.key}, elsewhere it is {known}"
                )
        for k, item in enumerate(value, start=1):
            self._walk(tensor, item, (*where, k), table)

    def entries(self, tensor: Tensor) -> object:
        """Every entry as text, nested by axes. Raises AuthorError where a value does not exist or is not exact."""
        table: Entries = {}
        for cell in self.evaluator.assignments({axis.name: axis for axis in tensor.axes}):
            table[tuple(cell.values())] = self.value(tensor.entry(), cell, tensor)
        return nested(table)

    def value(self, expr: Expr, env: Mapping[str, int], what: Tensor | None = None) -> LogNumber:
        try:
            result = self.evaluator.value(expr, env)
        except (ZeroDivisionError, NotExactError) as error:
            place = show_read(what.entry()) if what is not None else "a value"
            at = ", ".join(f"{name} = {value}" for name, value in env.items())
            raise AuthorError(
                f"{self.problem.id}: {place}{' at ' + at if at else ''} cannot be worked out in exact"
                f" numbers ({error}); change the instance"
            ) from error
        assert isinstance(result, LogNumber)
        return result

    def side(self, expr: Expr) -> str:
        """The value of an expression: one text, or one for each value of its free indices."""
        cells = list(self.evaluator.assignments(free_indices(expr)))
        values = [str(self.value(expr, cell)) for cell in cells]
        return values[0] if len(values) == 1 else f"({', '.join(values)})"


def givable(problem: Problem) -> list[Tensor]:
    """What an instance may give: the inputs, and the known derivative of an unspecified loss."""
    through = problem.program.through
    return [*problem.program.inputs(), *([d(problem.program.loss, through)] if through is not None else [])]


def worked(problem: Problem, definitions: Definitions) -> dict[str, object]:
    """Every tensor of the problem, and every derivative that is asked for, at the problem's own instance."""
    instance = Instance(problem, definitions, problem.instance)
    shown = [t for t in problem.program.tensors() if t.key in definitions or t.key in instance.inputs]
    asked = [
        d(problem.program.loss, t)
        for t in problem.program.tensors()
        if d(problem.program.loss, t).key in {**definitions, **instance.inputs}
    ]
    values: dict[str, object] = dict(instance.sizes)
    values.update((tensor.key, instance.entries(tensor)) for tensor in [*shown, *asked])
    return values
