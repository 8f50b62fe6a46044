"""The words a problem file is written in."""

from derive.language.domain import NONNEGATIVE, POSITIVE, REAL
from derive.language.expression import Index, Sum, delta, divides, padded, position, sqrt, sums, within
from derive.language.functions import absolute, exp, log, logistic, relu, step, tanh
from derive.language.notation import Name
from derive.language.problem import (
    Assumption,
    Bound,
    Consequence,
    Forward,
    Framework,
    Gradient,
    Identity,
    Induction,
    Jacobian,
    Limit,
    Matrix,
    Mistake,
    Numbers,
    Problem,
    Question,
    Remark,
)
from derive.language.program import Equation, Program
from derive.language.recurrence import Law, Recurrence
from derive.language.tensor import d, index, scalar, size, tensor
from derive.language.window import Window

__all__ = [
    "NONNEGATIVE",
    "POSITIVE",
    "REAL",
    "Assumption",
    "Bound",
    "Consequence",
    "Equation",
    "Forward",
    "Framework",
    "Gradient",
    "Identity",
    "Index",
    "Induction",
    "Jacobian",
    "Law",
    "Limit",
    "Matrix",
    "Mistake",
    "Name",
    "Numbers",
    "Problem",
    "Program",
    "Question",
    "Recurrence",
    "Remark",
    "Sum",
    "Window",
    "absolute",
    "d",
    "delta",
    "divides",
    "exp",
    "index",
    "log",
    "logistic",
    "padded",
    "position",
    "relu",
    "scalar",
    "size",
    "sqrt",
    "step",
    "sums",
    "tanh",
    "tensor",
    "within",
]
