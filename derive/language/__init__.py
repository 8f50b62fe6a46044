"""The words a problem file is written in."""

from derive.language.domain import NONNEGATIVE, POSITIVE, REAL
from derive.language.expression import Sum, delta, divides, sqrt, within
from derive.language.functions import exp, log, logistic, tanh
from derive.language.notation import Name
from derive.language.problem import (
    Assumption,
    Forward,
    Framework,
    Gradient,
    Identity,
    Jacobian,
    Mistake,
    Problem,
    Question,
    Remark,
)
from derive.language.program import Equation, Program
from derive.language.tensor import d, index, scalar, size, tensor

__all__ = [
    "NONNEGATIVE",
    "POSITIVE",
    "REAL",
    "Assumption",
    "Equation",
    "Forward",
    "Framework",
    "Gradient",
    "Identity",
    "Jacobian",
    "Mistake",
    "Name",
    "Problem",
    "Program",
    "Question",
    "Remark",
    "Sum",
    "d",
    "delta",
    "divides",
    "exp",
    "index",
    "log",
    "logistic",
    "scalar",
    "size",
    "sqrt",
    "tanh",
    "tensor",
    "within",
]
