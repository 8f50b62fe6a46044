"""The forward program at one point, and what becomes of it when one node is cut out and set by hand."""

from __future__ import annotations

from collections.abc import Mapping

from derive.errors import UnsupportedError
from derive.language.expression import Direct, Read, walk
from derive.language.notation import PartialName
from derive.language.problem import Problem
from derive.language.program import Equation
from derive.language.tensor import d
from derive.verification.evaluation import Arithmetic, Entry, Evaluator, Scalar, Values, entry_of


class Forward:
    """Every node's entries at one point, computed equation by equation.

    An unspecified loss of the tensor `through` is taken as sum_i g_i y_i with known constants g: its derivative by y
    is then g, which is all that a gradient at one point can know of the loss.
    """

    def __init__(self, problem: Problem, sizes: Mapping[str, int], inputs: Values, arithmetic: Arithmetic) -> None:
        self.program, self.sizes, self.arithmetic = problem.program, sizes, arithmetic
        self.shorthands = {equation.tensor.key: equation for equation in problem.shorthands}
        self.values: Values = dict(inputs)
        self._evaluator = Evaluator(arithmetic, sizes, lambda node, entry: entry_of(self.values, node, entry))
        for equation in self.program.equations:
            self.values[equation.tensor.key] = self.entries(equation, self.values)

    def evaluator(self, values: Values) -> Evaluator:
        return self._evaluator.reading(lambda node, entry: entry_of(values, node, entry))

    def entries(self, equation: Equation, values: Values) -> dict[Entry, Scalar]:
        evaluator = self.evaluator(values)
        return {
            tuple(scope.values()): evaluator.value(equation.value, scope)
            for scope in evaluator.assignments(equation.indices)
        }

    def entry(self, equation: Equation, entry: Entry, values: Values) -> Scalar:
        """The right side of one entry's equation, its reads taken from `values`."""
        return self.evaluator(values).value(equation.value, scope_of(equation, entry))

    def replaced(self, key: str, entry: Entry, value: Scalar) -> Values:
        """The values with one entry set by hand, and nothing recomputed."""
        return {**self.values, key: {**self.values[key], entry: value}}

    def downstream(self, key: str) -> tuple[Equation, ...]:
        """The equations that feel a change of `key`, in order; the one that defines it is cut off."""
        reached, found = {key}, []
        for equation in self.program.equations:
            reads = {node.tensor.key for node in reads_of(equation)}
            if equation.tensor.key not in reached and reads & reached:
                reached.add(equation.tensor.key)
                found.append(equation)
        return tuple(found)

    def rerun(self, values: Values, cut: str) -> Values:
        """The values after everything downstream of `cut` has been computed again."""
        values = dict(values)
        for equation in self.downstream(cut):
            values[equation.tensor.key] = self.entries(equation, values)
        return values

    def loss(self, values: Values) -> Scalar:
        through = self.program.through
        if through is None:
            return values[self.program.loss.key][()]
        known = values[d(self.program.loss, through).key]
        y = values[through.key]
        return self.arithmetic.add([self.arithmetic.mul([known[entry], y[entry]]) for entry in known])

    def at(self, key: str, entry: Entry) -> Scalar:
        """The value of one entry that a derivative is taken by."""
        try:
            return self.values[key][entry]
        except KeyError:
            raise UnsupportedError(f"the program has no {key}{list(entry) or ''} to differentiate by") from None

    def equation(self, node: Direct) -> Equation:
        """The equation whose right side a direct derivative is taken of."""
        found = self.program.definition(node.of.tensor)
        if found is None:
            raise UnsupportedError(f"{node.of.tensor.key} has no equation to differentiate")
        return found

    def target(self, node: Read) -> str:
        """The key of v in d(loss, v)[...]; only the program's own loss has derivatives here."""
        name = node.tensor.name
        assert isinstance(name, PartialName)
        if name.of.key != self.program.loss.key or name.by.key in self.sizes:
            raise UnsupportedError(f"{name.key} is not a derivative of the loss {self.program.loss.key} by a node")
        return name.by.key


def reads_of(equation: Equation) -> list[Read]:
    return [node for node in walk(equation.value) if isinstance(node, Read)]


def scope_of(equation: Equation, entry: Entry) -> dict[str, int]:
    return {index.name: k for index, k in zip(equation.indices, entry, strict=True)}
