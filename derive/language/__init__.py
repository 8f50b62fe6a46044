"""The words a problem file is written in."""

from derive.language.domain import NONNEGATIVE, POSITIVE, REAL
from derive.language.expression import Expr, Index, Sum, delta, divides, padded, position, sqrt, sums, within
from derive.language.functions import absolute, exp, log, logistic, relu, slope, step, tanh
from derive.language.matrices import Diagonal, MatrixExpr, Whole
from derive.language.network import Layered, Network, Widths, network
from derive.language.notation import Level, Name
from derive.language.problem import Framework, Matrix, Mistake, Problem, Remark
from derive.language.program import Equation, Program
from derive.language.question import (
    Assumption,
    Bound,
    Chain,
    Consequence,
    Forward,
    Gradient,
    Identity,
    Induction,
    Jacobian,
    Limit,
    Line,
    Numbers,
    Question,
)
from derive.language.recurrence import Law, Recurrence
from derive.language.tensor import d, index, scalar, size, tensor
from derive.language.window import Window

__all__ = [
    "NONNEGATIVE",
    "POSITIVE",
    "REAL",
    "Assumption",
    "Bound",
    "Chain",
    "Consequence",
    "Diagonal",
    "Equation",
    "Expr",
    "Forward",
    "Framework",
    "Gradient",
    "Identity",
    "Index",
    "Induction",
    "Jacobian",
    "Law",
    "Layered",
    "Level",
    "Limit",
    "Line",
    "Matrix",
    "MatrixExpr",
    "Mistake",
    "Name",
    "Network",
    "Numbers",
    "Problem",
    "Program",
    "Question",
    "Recurrence",
    "Remark",
    "Sum",
    "Whole",
    "Widths",
    "Window",
    "absolute",
    "d",
    "delta",
    "divides",
    "exp",
    "index",
    "log",
    "logistic",
    "network",
    "padded",
    "position",
    "relu",
    "scalar",
    "size",
    "slope",
    "sqrt",
    "step",
    "sums",
    "tanh",
    "tensor",
    "within",
]
