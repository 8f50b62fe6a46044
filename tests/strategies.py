"""Hypothesis strategies: well-scoped expressions in the names of one small problem."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from hypothesis import strategies as st

from derive.language import Equation, Gradient, Name, Problem, Program, Question, Sum, d, index, scalar, size, tensor
from derive.language.expression import Bracket, Direct, Expr, Function, Index, Read, add, div, expression, mul, power
from derive.language.functions import FUNCTIONS

m, n = size("m"), size("n")
i, k = index("i", m), index("k", m)
j, l = index("j", n), index("l", n)  # noqa: E741

x = tensor("x", i)
A = tensor("A", (i, j))
b = tensor("b", j)
c = scalar("c")
var = scalar(Name("sigma", sup=("2",), text="var"))
h = tensor(Name("h", "hat"), i)
f = scalar("f")

SMALL = Problem(
    id="small",
    title="A program with two sizes",
    statement="",
    program=Program(
        equations=(
            Equation(var, Sum(k, x[k] ** 2) + c),
            Equation(h[i], x[i] / var + Sum(l, A[i, l] * b[l])),
        ),
        loss=f,
        through=h,
    ),
    questions=(Question("x", Gradient(x)), Question("b", Gradient(b))),
)

TENSORS = (x, A, b, c, var, h, d(f, x), d(f, A), d(f, c), d(f, h))
SIZES = (m, n)


def numbers() -> st.SearchStrategy[Expr]:
    return st.fractions(min_value=-9, max_value=9, max_denominator=5).map(lambda value: expression(Fraction(value)))


@st.composite
def entries(draw: st.DrawFn, scope: tuple[Index, ...]) -> Read:
    """An entry of a tensor, read mostly with letters that fit, sometimes with an affine subscript."""
    chosen = draw(st.sampled_from(TENSORS))
    subscripts: list[Expr] = []
    for axis in chosen.axes:
        fitting = [letter for letter in scope if letter.upper == axis.upper and letter.lower == axis.lower]
        letter: Expr = draw(st.sampled_from(fitting))
        shift = draw(st.sampled_from((0, 0, 0, 1, -2)))
        subscripts.append(add(letter, shift) if shift else letter)
    return Read(chosen, tuple(subscripts))


def _in_scope(scope: tuple[Index, ...], new: Index) -> tuple[Index, ...]:
    return (*(letter for letter in scope if letter.name != new.name), new)


@st.composite
def expressions(draw: st.DrawFn, scope: tuple[Index, ...] = (i, j, k, l), depth: int = 4) -> Expr:
    """Trees as the operators of the language build them."""
    kind = draw(st.integers(0, 11 if depth else 3))
    smaller: Callable[[], Expr] = lambda: draw(expressions(scope, depth - 1))  # noqa: E731
    match kind:
        case 0:
            return draw(numbers())
        case 1:
            return draw(st.sampled_from((m, n, c))).as_expression()
        case 2:
            return draw(st.one_of(entries(scope), st.sampled_from(scope)))
        case 3:
            return draw(entries(scope))
        case 4 | 5:
            return add(*(smaller() for _ in range(draw(st.integers(2, 3)))))
        case 6 | 7:
            return mul(*(smaller() for _ in range(draw(st.integers(2, 4)))))
        case 8:
            below = smaller()
            return div(smaller(), below if below != expression(0) else c)
        case 9:
            base = smaller()
            exponent = draw(st.one_of(numbers(), st.just(expression(Fraction(1, 2))), expressions(scope, 0)))
            return power(base if base != expression(0) else c, exponent)
        case 10:
            letter = draw(st.sampled_from((i, j, k, l, index("q", m), index("k", m, 2), index("r", n, m))))
            inner = _in_scope(scope, letter)
            whole = {axis.upper for axis in inner if axis.lower == expression(1)}
            if not {expression(m), expression(n)} <= whole:  # keep a letter that fits each axis
                letter = index("q", m)
                inner = _in_scope(scope, letter)
            return Sum(letter, draw(expressions(inner, depth - 1)))
        case _:
            if draw(st.booleans()):
                function = FUNCTIONS[draw(st.sampled_from(sorted(FUNCTIONS)))]
                return Function(function.name, tuple(smaller() for _ in range(function.arity)))
            if draw(st.booleans()):
                relation = draw(st.sampled_from(("=", "!=", "<", "<=", "divides")))
                return Bracket(relation, smaller(), smaller())
            return Direct(Read(h, (i,)), Read(x, (k,)), (var,)) if {i, k} <= set(scope) else c.as_expression()
