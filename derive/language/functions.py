"""The table of named functions: what each one means and how it prints."""

from __future__ import annotations

from msgspec import Struct

from derive.errors import AuthorError
from derive.language.expression import Expr, Function, Operand_, expression


class FunctionInfo(Struct, frozen=True):
    """`latex` and `typst` are the operator's name in each format; `meaning` is its definition."""

    name: str
    arity: int
    latex: str
    typst: str
    meaning: str


FUNCTIONS: dict[str, FunctionInfo] = {
    info.name: info
    for info in (
        FunctionInfo("logistic'", 1, r"\sigma'", "sigma'", "logistic(z) (1 - logistic(z)), the slope of logistic"),
        FunctionInfo("tanh'", 1, r"\tanh'", "tanh'", "1 - tanh(z)^2, the slope of tanh"),
        FunctionInfo("exp", 1, r"\exp", "exp", "e to the power z"),
        FunctionInfo("log", 1, r"\log", "log", "natural logarithm, z > 0"),
        FunctionInfo("tanh", 1, r"\tanh", "tanh", "(exp z - exp(-z)) / (exp z + exp(-z))"),
        FunctionInfo("logistic", 1, r"\sigma", "sigma", "1 / (1 + exp(-z))"),
        FunctionInfo("cosh", 1, r"\cosh", "cosh", "(exp z + exp(-z)) / 2"),
        FunctionInfo("sinh", 1, r"\sinh", "sinh", "(exp z - exp(-z)) / 2"),
        FunctionInfo("relu", 1, r"\operatorname{ReLU}", 'op("ReLU")', "z where z > 0, else 0"),
        FunctionInfo("step", 1, r"\operatorname{step}", 'op("step")', "1 where z > 0, else 0; the derivative of relu"),
        FunctionInfo("abs", 1, r"\operatorname{abs}", 'op("abs")', "z where z > 0, else -z"),
        FunctionInfo("floor", 1, r"\operatorname{floor}", 'op("floor")', "the greatest whole number <= z"),
        FunctionInfo("ceil", 1, r"\operatorname{ceil}", 'op("ceil")', "the least whole number >= z"),
        FunctionInfo("max", 2, r"\max", "max", "the greater of two numbers"),
        FunctionInfo("min", 2, r"\min", "min", "the smaller of two numbers"),
        FunctionInfo("sin", 1, r"\sin", "sin", "the sine of an angle in radians"),
        FunctionInfo("cos", 1, r"\cos", "cos", "the cosine of an angle in radians"),
        FunctionInfo("arcsin", 1, r"\arcsin", "arcsin", "the angle between -pi/2 and pi/2 whose sine is z"),
        FunctionInfo("arctan", 1, r"\arctan", "arctan", "the angle between -pi/2 and pi/2 whose tangent is z"),
        FunctionInfo("factorial", 1, r"\operatorname{factorial}", 'op("factorial")', "1 * 2 * ... * n"),
        FunctionInfo("binomial", 2, r"\operatorname{binomial}", 'op("binomial")', "n! / (k! (n - k)!)"),
    )
}


def apply(name: str, *arguments: Operand_) -> Expr:
    info = FUNCTIONS.get(name)
    if info is None:
        raise AuthorError(f"'{name}' is not a known function; known are {', '.join(FUNCTIONS)}")
    if len(arguments) != info.arity:
        raise AuthorError(f"{name} takes {info.arity} argument{'s' * (info.arity > 1)}, not {len(arguments)}")
    return Function(name, tuple(map(expression, arguments)))


def exp(value: Operand_) -> Expr:
    return apply("exp", value)


def log(value: Operand_) -> Expr:
    return apply("log", value)


def tanh(value: Operand_) -> Expr:
    return apply("tanh", value)


def logistic(value: Operand_) -> Expr:
    return apply("logistic", value)


def relu(value: Operand_) -> Expr:
    return apply("relu", value)


def step(value: Operand_) -> Expr:
    """The derivative of relu, with step(0) = 0, as frameworks have it."""
    return apply("step", value)


def absolute(value: Operand_) -> Expr:
    return apply("abs", value)


def slope(value: Operand_) -> Expr:
    """The derivative of a named function where it is applied: sigma'(z) of sigma(z)."""
    called = expression(value)
    if not isinstance(called, Function):
        raise AuthorError(f"{value!r} is no named function of something; its slope has no name")
    return apply(f"{called.name}'", *called.arguments)


def sinh(value: Operand_) -> Expr:
    return apply("sinh", value)


def cosh(value: Operand_) -> Expr:
    return apply("cosh", value)


def floor(value: Operand_) -> Expr:
    return apply("floor", value)


def ceil(value: Operand_) -> Expr:
    return apply("ceil", value)


def largest(one: Operand_, other: Operand_) -> Expr:
    return apply("max", one, other)


def smallest(one: Operand_, other: Operand_) -> Expr:
    return apply("min", one, other)
