"""Derivatives as one-variable functions: cut the program at an entry, set it, recompute what follows."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias

from derive.language.expression import Direct
from derive.verification.evaluation import Entry, Scalar
from derive.verification.forward import Forward

OneVariable: TypeAlias = Callable[[Scalar], Scalar]
Derivative: TypeAlias = Callable[[OneVariable, Scalar], Scalar]  # (function, place) -> its derivative there


class Perturbed:
    """d loss / d v[e] = F'(v[e]), where F(s) is the loss of the program with v cut out and v[e] set to s."""

    def __init__(self, forward: Forward, derivative: Derivative) -> None:
        self.forward, self.derivative = forward, derivative

    def total(self, key: str, entry: Entry) -> Scalar:
        forward = self.forward
        if key == forward.program.loss.key and forward.program.through is not None:
            return forward.arithmetic.number(Fraction(1))
        return self.derivative(
            lambda value: forward.loss(forward.rerun(forward.replaced(key, entry, value), key)), forward.at(key, entry)
        )

    def direct(self, node: Direct, of: Entry, by: Entry) -> Scalar:
        forward, key = self.forward, node.by.tensor.key
        equation = forward.equation(node)
        return self.derivative(
            lambda value: forward.entry(equation, of, forward.replaced(key, by, value)), forward.at(key, by)
        )
