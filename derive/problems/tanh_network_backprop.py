"""Back-propagation by hand through three layers of tanh, the biases in the first rows."""

from typing import Any

from derive.language import (
    Equation, Forward, Gradient, Index, Mistake, Name, Problem, Program, Question, Remark, Sum, d, delta, index,
    scalar, size, tanh, tensor,
)

n, m = size("n", "units of layer 1"), size("m", "units of layer 2")
a, b, c = index("a", 1, 0), index("b", n, 0), index("c", m, 0)
j, k = index("j", n), index("k", m)


def layer(base: str, number: int, axes: Index | tuple[Index, ...], meaning: str) -> Any:
    return tensor(Name(base, sup=(str(number),), text=f"{base}{number}"), axes, meaning)


x, y = scalar("x", "input"), scalar("y", "target")
x0, x1, x2, x3 = (layer("x", 0, a, "1, then the input"), layer("x", 1, b, "1, then $tanh(s1[j])$"),
                  layer("x", 2, c, "1, then $tanh(s2[k])$"), layer("x", 3, (), "output"))
s1, s2, s3 = layer("s", 1, j, "sums of layer 1"), layer("s", 2, k, "sums of layer 2"), layer("s", 3, (), "last sum")
W1, W2, W3 = (layer("W", 1, (a, j), "weights, biases in row 0"), layer("W", 2, (b, k), "weights, biases in row 0"),
              layer("W", 3, c, "weights as a column, the bias first"))
e = scalar("e", "squared error")
e1, e2, e3 = d(e, s1), d(e, s2), d(e, s3)  # delta 1, 2, 3
damp1, damp2 = 1 - x1[j] ** 2, 1 - x2[k] ** 2

PROBLEM = Problem(
    id="tanh_network_backprop",
    title="Back-propagation by hand through three layers of tanh",
    statement=(
        "A network maps one number $x$ to $x3$ in three layers. The vectors $x0$, $x1$, $x2$ start with a 1, so the"
        " first row (row 0) of $W1$, $W2$ and $W3$ holds the biases; the last layer has no tanh. Work out the values"
        " forward, the errors $de/ds3$, $de/ds2[k]$, $de/ds1[j]$ backward, and the gradients by the weights."
    ),
    program=Program((
        Equation(x0[a], delta(a, 0) + delta(a, 1) * x),
        Equation(s1[j], Sum(a, W1[a, j] * x0[a])),
        Equation(x1[b], delta(b, 0) + Sum(j, delta(b, j) * tanh(s1[j]))),
        Equation(s2[k], Sum(b, W2[b, k] * x1[b])),
        Equation(x2[c], delta(c, 0) + Sum(k, delta(c, k) * tanh(s2[k]))),
        Equation(s3, Sum(c, W3[c] * x2[c])),
        Equation(x3, s3),
        Equation(e, (x3 - y) ** 2),
    ), loss=e),
    questions=(
        *(Question(node.key, Forward(node)) for node in (s1, x1, s2, x2, s3, x3)),
        Question("delta3", Gradient(s3), form=2 * (x3 - y)),
        Question("delta2", Gradient(s2), form=damp2 * W3[k] * e3),
        Question("delta1", Gradient(s1), form=damp1 * Sum(k, W2[j, k] * e2[k])),
        Question("dW1", Gradient(W1), form=x0[a] * e1[j]),
        Question("dW2", Gradient(W2), form=x1[b] * e2[k]),
        Question("dW3", Gradient(W3), form=x2[c] * e3),
    ),
    summary="Every gradient by a weight is what goes into it, times the error that comes back to its end.",
    intuition="Row 0 is multiplied by 1 and by nothing that came before, so no error flows back through it.",
    conventions=(
        "The vectors with a 1 in front start at index 0: row 0 of $W1$, $W2$ and $W3$ is the bias.",
        "$de/ds3$, $de/ds2[k]$, $de/ds1[j]$ are what is often called delta of layers 3, 2 and 1.",
    ),
    otherwise={
        "the first row of $W1$, $W2$ and $W3$ belongs to the bias": "with the bias last, the rows are in another order",
        "the last layer has no tanh": "with one, $de/ds3$ gets the factor $1 - x3^2$",
    },
    remarks=(
        Remark("bias of layer 3", d(e, W3)[0], e3, "The gradient by a bias is the error itself."),
        Remark("bias of layer 2", d(e, W2)[0, k], e2[k], "The same for every unit."),
        Remark("damping", damp1, 1 - tanh(s1[j]) ** 2, "The slope of tanh from its value alone."),
    ),
    mistakes=(
        Mistake("slope at the output", "delta3", "The slope of tanh at the last layer", tempting="The other layers have"
                " it.", repair="$x3 = s3$: the last layer is linear.", form=2 * (x3 - y) * (1 - x3**2)),
        Mistake("slope of tanh", "delta2", "The square forgotten: $1 - tanh(s2[k])$",
                tempting="The logistic function has a slope of the form h (1 − h).", repair="Square it.",
                form=(1 - x2[k]) * W3[k] * e3),
        Mistake("wrong slope", "delta1", "The slope taken at the layer behind",
                tempting="The product must come out right by its shapes.",
                repair="The slope belongs to the sum that the error comes back to: $1 - x1[j]^2$ for $s1[j]$.",
                form=Sum(k, W2[j, k] * damp2 * e2[k])),
    ),
    in_numbers=True,
    instance={
        "W1": (("1/10", "1/5"), ("3/10", "2/5")), "W2": (("1/5",), (1,), (-3,)), "W3": (1, 2), "x": 2, "y": 1,
    },
    decimals=True,
    boxed=("delta1", "dW1", "dW2"),
)
