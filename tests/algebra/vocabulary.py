"""A small vocabulary, and strategies for expressions whose value exists at every point of the domain."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from hypothesis import strategies as st

from derive.language import POSITIVE, Sum, delta, exp, index, logistic, scalar, size, tanh, tensor
from derive.language.expression import Add, Expr, Index, Mul, add, expression, mul

m, n = size("m"), size("n")
i, j, k = index("i", m), index("j", m), index("k", m)
r, s = index("r", n), index("s", n)
x, y = tensor("x", i), tensor("y", i)
w = tensor("w", i, domain=POSITIVE)
A = tensor("A", (i, r))
b = tensor("b", r)
a, p = scalar("a"), scalar("p", domain=POSITIVE)

ROWS, COLUMNS = (i, j, k), (r, s)


@st.composite
def leaves(draw: st.DrawFn, rows: tuple[Index, ...], columns: tuple[Index, ...]) -> Expr:
    choices: list[Expr] = [a.as_expression(), p.as_expression(), m.as_expression(), expression(draw(st.integers(1, 3)))]
    for row in rows:
        choices += [x[row], y[row], w[row]]
        choices += [A[row, column] for column in columns]
    choices += [b[column] for column in columns]
    return draw(st.sampled_from(choices))


@st.composite
def expressions(
    draw: st.DrawFn, rows: tuple[Index, ...] = (i,), columns: tuple[Index, ...] = (), depth: int = 3
) -> Expr:
    """Sums, products, powers, safe radicals and exponentials, contractions over both sizes, deltas."""
    if depth == 0:
        return draw(leaves(rows, columns))
    smaller: Callable[[], Expr] = lambda: draw(expressions(rows, columns, depth - 1))  # noqa: E731
    kind = draw(st.integers(0, 9))
    match kind:
        case 0:
            return draw(leaves(rows, columns))
        case 1 | 2:
            return add(smaller(), smaller())
        case 3 | 4:
            return mul(smaller(), smaller())
        case 5:
            return smaller() ** draw(st.integers(1, 2))
        case 6:
            base = draw(leaves(rows, columns)) ** 2 + p
            return base ** Fraction(draw(st.sampled_from((1, -1, -3))), draw(st.sampled_from((1, 2))))
        case 7:
            function = draw(st.sampled_from((exp, logistic, tanh)))
            return function(draw(leaves(rows, columns)))
        case 8:
            free = [row for row in ROWS if row not in rows]
            if free:
                body = draw(expressions((*rows, free[0]), columns, depth - 1))
                if rows and draw(st.booleans()):
                    body = delta(free[0], rows[0]) * body
                return Sum(free[0], body)
        case _:
            free = [column for column in COLUMNS if column not in columns]
            if free:
                return Sum(free[0], draw(expressions(rows, (*columns, free[0]), depth - 1)))
    return draw(leaves(rows, columns))


@st.composite
def shuffled(draw: st.DrawFn, expr: Expr) -> Expr:
    """The same expression with the children of every sum and product in another order."""
    children = tuple(draw(shuffled(child)) for child in expr.children)
    if isinstance(expr, Add | Mul):
        children = tuple(draw(st.permutations(children)))
    return expr.with_children(children) if children else expr
