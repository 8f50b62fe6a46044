"""The oracle of PyTorch: reverse-mode autograd in double precision, |left - right| within 1e-9.

Where a problem names an operator of the framework that computes the same thing, its forward values are compared with
the program's (`framework`), and a claim about the operator's arguments is checked a second time with autograd through
the operator itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

from derive.errors import UnsupportedError, UsageError
from derive.language.derivation import Claim
from derive.language.expression import Read, walk
from derive.language.notation import PartialName
from derive.language.problem import Problem
from derive.language.verdict import Evidence
from derive.verification.evaluation import Scalar, Scope, UndefinedError, free_of_claim
from derive.verification.forward import Forward
from derive.verification.operators import ThroughOperator
from derive.verification.perturbed import OneVariable, Perturbed
from derive.verification.points import Sizes
from derive.verification.session import Comparison, Run, Session

# Double precision carries 16 digits; sums of a few dozen terms of order one lose two or three. A wrong claim misses by
# about one, so the threshold stands seven digits from either.
THRESHOLD = 1e-9


def load_torch() -> Any:
    try:
        import torch
    except ImportError:
        raise UsageError("the PyTorch oracle needs PyTorch; install it with: pip install 'derive[torch]'") from None
    return torch


def flop_counter() -> Any:
    """The framework's own counter of operations."""
    load_torch()
    from torch.utils.flop_counter import FlopCounterMode

    return FlopCounterMode


class Doubles:
    """Real numbers as float64 tensors without axes, so that autograd sees every operation."""

    def __init__(self) -> None:
        self.torch = load_torch()
        t = self.torch
        self._functions = {
            "exp": t.exp, "log": t.log, "tanh": t.tanh, "logistic": t.sigmoid, "cosh": t.cosh, "sinh": t.sinh,
            "relu": t.relu, "abs": t.abs, "step": lambda z: t.heaviside(z.detach(), t.zeros_like(z)),
        }  # fmt: skip

    def number(self, value: Fraction) -> Scalar:
        return self.torch.tensor(float(value), dtype=self.torch.float64)

    def add(self, terms: Sequence[Scalar]) -> Scalar:
        return sum(terms, self.number(Fraction(0)))

    def mul(self, factors: Sequence[Scalar]) -> Scalar:
        return math.prod(factors, start=self.number(Fraction(1)))

    def power(self, base: Scalar, exponent: Fraction) -> Scalar:
        if base == 0 and exponent < 0:
            raise UndefinedError("a division by zero")
        if base < 0 and exponent.denominator > 1:
            raise UndefinedError("the root of a negative number")
        return base ** float(exponent)

    def function(self, name: str, argument: Scalar) -> Scalar:
        if name not in self._functions:
            raise UnsupportedError(f"the PyTorch oracle knows no function {name}")
        if name == "log" and argument <= 0:
            raise UndefinedError("the logarithm of a number that is not positive")
        if name in ("relu", "step", "abs") and argument == 0:
            raise UndefinedError(f"{name} stands on its kink")
        return self._functions[name](argument)

    def sign(self, value: Scalar) -> int:
        return int(value > 0) - int(value < 0)

    def gradient(self, result: Scalar, leaf: Scalar) -> Scalar:
        """Zero where the result does not depend on the leaf."""
        if not result.requires_grad:
            return self.torch.zeros_like(leaf)
        (found,) = self.torch.autograd.grad(result, leaf, allow_unused=True)
        return self.torch.zeros_like(leaf) if found is None else found

    def derivative(self, function: OneVariable, at: Scalar) -> Scalar:
        leaf = at.detach().clone().requires_grad_(True)
        return self.gradient(function(leaf), leaf)


class PyTorch(Session):
    oracle: ClassVar[str] = "pytorch"
    grid: ClassVar[tuple[int, ...]] = (1, 2, 3, 5)

    @cached_property
    def arithmetic(self) -> Doubles:
        return Doubles()

    def differentiator(self, forward: Forward) -> Perturbed:
        return Perturbed(forward, self.arithmetic.derivative)

    def compare(self, left: Scalar, right: Scalar) -> Comparison:
        """The error is relative to the larger side, absolute where both are below one."""
        a, b = float(left), float(right)
        if not (math.isfinite(a) and math.isfinite(b)):
            raise UndefinedError("a result beyond double precision")
        error = abs(a - b) / max(abs(a), abs(b), 1.0)
        return Comparison(error <= THRESHOLD, error)

    def show(self, value: Scalar) -> str:
        return f"{float(value):.12g} ± {max(1.0, abs(float(value))) * 1e-12:.0e}"

    def sides(self, claim: Claim, run: Run) -> Iterator[tuple[Scope, Scalar, Scalar]]:
        """By the program, and once more with derivatives through the framework's operator where the claim has some."""
        yield from super().sides(claim, run)
        operator = self.operator(run) if self._arguments() & _derived(claim) else None
        if operator is not None:
            yield from super().sides(claim, Run(run.point, run.forward, operator))

    def operator(self, run: Run) -> ThroughOperator | None:
        """The framework's operator at this point; None when the problem names none, or it refuses the size."""
        if self.problem.framework is None:
            return None
        program = Perturbed(run.forward, self.arithmetic.derivative)
        operator = ThroughOperator(self.arithmetic.torch, run.forward, self.problem.framework, program)
        return operator if operator.accepts() else None

    def _arguments(self) -> set[str]:
        framework = self.problem.framework
        return set() if framework is None else {tensor.key for tensor in framework.arguments.values()}


class ForwardValues(PyTorch):
    """Compares the operator's output with the program's, in place of the two sides of a claim."""

    def sides(self, claim: Claim, run: Run) -> Iterator[tuple[Scope, Scalar, Scalar]]:
        operator = self.operator(run)
        if operator is None:
            return
        for where in run.evaluator.assignments(free_of_claim(claim)):
            yield where, operator.output[tuple(where.values())].detach(), run.evaluator.value(claim.right, where)


def _derived(claim: Claim) -> set[str]:
    """The keys of the nodes by which the claim holds total derivatives."""
    nodes = (*walk(claim.left), *walk(claim.right))
    names = (node.tensor.name for node in nodes if isinstance(node, Read))
    return {name.by.key for name in names if isinstance(name, PartialName)}


def session(problem: Problem, sizes: Sequence[Sizes] | None = None, seed: int = 0) -> PyTorch:
    return PyTorch(problem, sizes, seed)


def check(problem: Problem, claim: Claim, sizes: Sequence[Sizes] | None = None, seed: int = 0) -> Evidence:
    return session(problem, sizes, seed).check(claim)


def framework(problem: Problem, sizes: Sequence[Sizes] | None = None, seed: int = 0) -> Evidence:
    """operator(arguments) = the program's output, entry by entry; sizes that the operator refuses give no points."""
    if problem.framework is None:
        raise UsageError(f"{problem.id} names no operator of a framework to compare with")
    output = problem.framework.output.entry()
    return ForwardValues(problem, sizes, seed).check(Claim("framework", output, output))
