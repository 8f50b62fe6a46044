"""Directional derivatives by forward mode, as a second differentiator: it shares no code with the engine."""

from __future__ import annotations

from fractions import Fraction

from derive.language.expression import Add, Expr, Function, Index, Mul, Number, Pow, Read, Sum, add, mul, power
from derive.language.functions import exp, logistic, tanh
from derive.language.notation import Name
from derive.language.program import Equation, Program
from derive.language.tensor import Tensor


def dotted(tensor: Tensor) -> Tensor:
    """The rate of change of a tensor, a tensor of the same shape."""
    return Tensor(Name(tensor.key + "dot"), tensor.axes)


def rate(expr: Expr, moving: frozenset[str]) -> Expr:
    """d expr / dt when the tensors named in `moving` change."""
    match expr:
        case Number() | Index():
            return Number(Fraction(0))
        case Read(tensor, indices):
            return Read(dotted(tensor), indices) if tensor.key in moving else Number(Fraction(0))
        case Add(terms):
            return add(*(rate(term, moving) for term in terms))
        case Mul(factors):
            first, rest = factors[0], mul(*factors[1:])
            return add(mul(rate(first, moving), rest), mul(first, rate(rest, moving)))
        case Pow(base, Number(n)):
            return mul(Number(n), power(base, Number(n - 1)), rate(base, moving))
        case Sum(index, body):
            return Sum(index, rate(body, moving))
        case Function("exp", (z,)):
            return mul(exp(z), rate(z, moving))
        case Function("log", (z,)):
            return rate(z, moving) / z
        case Function("tanh", (z,)):
            return (1 - tanh(z) ** 2) * rate(z, moving)
        case Function("logistic", (z,)):
            return logistic(z) * logistic(-z) * rate(z, moving)
    raise AssertionError(f"no rate for {expr!r}")


def rates(program: Program, inputs: tuple[Tensor, ...]) -> dict[str, Equation]:
    """An equation for the rate of every defined tensor when the inputs move."""
    moving = frozenset(t.key for t in (*inputs, *program.defined()))
    return {
        dotted(e.tensor).key: Equation(Read(dotted(e.tensor), e.target.indices), rate(e.value, moving))
        for e in program.equations
    }
