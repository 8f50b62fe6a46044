"""A multilayer perceptron of any depth: the adjoints layer by layer, and the gradients of weights and biases."""

from derive.language import (
    Diagonal, Equation, Gradient, Layered, Level, Mistake, Name, Problem, Question, Remark, Sum, Whole, Widths, d,
    logistic, network, scalar, size, slope, tensor,
)  # fmt: skip

depth, L = size("L", "layers"), Level("L")
l = Level("l")  # noqa: E741 (what everybody calls a layer)
n = Widths("n", "units of a layer")
A = Layered("A", n, (0, -1), "weights of a layer")
b = Layered("b", n, (0,), "its biases")
s = Layered(Name("y", accent="tilde", text="s"), n, (0,), "what it sums up")
y = Layered("y", n, (0,), "its outputs; $y_0$ is the input")
r, c, q, R, C = n.axis(l), n.axis(l - 1), n.axis(l + 1), n.axis(L), n.axis(L - 1)
Y = tensor("Y", R, "targets")
f = scalar("f", "loss")


def sums(at: Level) -> Equation:
    row, column = n.axis(at), n.axis(at - 1)
    return Equation(s(at)[row], Sum(column, A(at)[row, column] * y(at - 1)[column]) + b(at)[row])


def quarters(rows: int, columns: int, start: int) -> tuple[tuple[str, ...], ...]:
    """Small quarters that no two rows share."""
    return tuple(tuple(f"{(3 * i * i + 5 * j + 2 * start) % 11 - 5}/4" for j in range(columns)) for i in range(rows))


WIDTHS = (4, 4, 4, 4, 4, 4, 1)
error = y(L)[R] - Y[R]
steep = Diagonal(slope(logistic(s(l)[r])), r)
back = Sum(q, A(l + 1)[q, r] * d(f, s(l + 1))[q])

PROBLEM = Problem(
    id="mlp_backward",
    title="Back-propagation through a multilayer perceptron",
    statement=(
        "Each of $L$ layers sums up what the layer below puts out, $s_l[r] = sum(A_l[r, c]*y_{l-1}[c], c) + b_l[r]$,"
        " and all but the last apply the sigmoid. Find the derivative of the loss by what each layer sums up, from the"
        " last layer down, and from it the gradients of all weights and biases."
    ),
    program=network(
        depth,
        hidden=(sums(l), Equation(y(l)[r], logistic(s(l)[r]))),
        last=(sums(L), Equation(y(L)[R], s(L)[R]), Equation(f, Sum(R, (y(L)[R] - Y[R]) ** 2) / 2)),
        widths=n,
    ),
    questions=(
        Question("delta_last", Gradient(s(L)), form=error, text="The last layer, which applies no sigmoid."),
        Question("delta", Gradient(s(l)), form=y(l)[r] * (1 - y(l)[r]) * back, text="Every layer below it."),
        Question("dA", Gradient(A(l)), form=d(f, s(l))[r] * y(l - 1)[c]),
        Question("db", Gradient(b(l)), form=d(f, s(l))[r]),
        Question("dA_last", Gradient(A(L)), form=d(f, s(L))[R] * y(L - 1)[C]),
        Question("db_last", Gradient(b(L)), form=d(f, s(L))[R]),
    ),
    summary=(
        "Down through $A_l$ turned round, across the sigmoid by its slope $y_l[r]*(1 - y_l[r])$; then row times column."
    ),
    intuition=(
        "What a unit sums up is heard only by the layer above, through the weights that lead there. So the derivative"
        " by it is what those units hear, weighed by the same weights, and damped by the unit's own slope."
    ),
    conventions=(
        "$df/ds_l$ and $df/db_l$ are columns of $n_l$ entries, $df/dA_l$ is $n_l$ by $n_{l-1}$, like $A_l$ itself.",
    ),
    remarks=(
        Remark("packed delta", d(f, s(l))[r], (steep @ Whole(A(l + 1)).T @ Whole(d(f, s(l + 1))))[r, 1],
               "the summed index stands first in $A_{l+1}$, so it is turned round"),
        Remark("packed dA", d(f, A(l))[r, c], (Whole(d(f, s(l))) @ Whole(y(l - 1)).T)[r, c],
               "row index from $ds_l$, column index from $y_{l-1}$: a column times a row"),
    ),
    mistakes=(
        Mistake("last slope", "delta_last", "The slope of the sigmoid at the last layer",
                tempting="Every other layer has it.", repair="The last layer is linear: its slope is 1.",
                form=y(L)[R] * (1 - y(L)[R]) * error),
        Mistake("slope of the output", "delta", "The slope taken at the output instead of the sum",
                tempting="The output is what the code has kept.",
                repair="$logistic'(s_l[r]) = y_l[r]*(1 - y_l[r])$: at the sum, which the output already knows.",
                form=logistic(y(l)[r]) * (1 - logistic(y(l)[r])) * back),
        Mistake("slope forgotten", "delta", "The way through the sigmoid left out", tempting="Shapes fit without it.",
                repair="Every entry passes the sigmoid of its own unit: multiply by its slope.", form=back),
    ),
    decimals=True,
    instance={
        "L": 6,
        **{f"A_{k}": quarters(WIDTHS[k], WIDTHS[k - 1], k) for k in range(1, 7)},
        **{f"b_{k}": quarters(1, WIDTHS[k], k)[0] for k in range(1, 7)},
        "y_0": (1, -1, "1/2", 2), "Y": (1,),
    },
    boxed=("delta_last", "delta", "dA"),
    sources=("Rumelhart, Hinton and Williams 1986",),
)
