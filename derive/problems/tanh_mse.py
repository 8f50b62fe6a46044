"""One tanh neuron under the mean squared error: its gradient, and why saturation silences it."""

from derive.language import (
    Bound, Equation, Gradient, Jacobian, Limit, Mistake, Problem, Program, Question, Remark, Sum, absolute, d, exp,
    index, scalar, size, tanh, tensor,
)

N, D = size("N", "examples"), size("D", "inputs of the neuron")
n, m, c = index("n", N), index("m", N), index("c", D)

x = tensor("x", (n, c), "inputs")
y = tensor("y", n, "targets")
w = tensor("w", c, "weights")
z = tensor("z", n, "what the neuron sums up")
a = tensor("a", n, "its outputs, $tanh(z[n])$ by the definition of tanh")
E = scalar("E", "mean squared error")

dw = d(E, w)
damping = 1 - a[n] ** 2
pull = (a[n] - y[n]) * damping * x[n, c]  # what example n contributes
pull_m = (a[m] - y[m]) * (1 - a[m] ** 2) * x[m, c]
cosh2 = (exp(z[n]) + exp(-z[n])) ** 2
q = exp(-2 * absolute(z[n]))

PROBLEM = Problem(
    id="tanh_mse",
    title="One tanh neuron under the mean squared error",
    statement=(
        "A neuron with outputs $a[n] = tanh(z[n])$ is fitted to targets $y[n]$. Find the derivative of tanh from its"
        " definition, the gradient of the error by the weights, and what becomes of it when the neuron saturates."
    ),
    program=Program(
        equations=(
            Equation(z[n], Sum(c, w[c] * x[n, c])),
            Equation(a[n], (exp(z[n]) - exp(-z[n])) / (exp(z[n]) + exp(-z[n]))),
            Equation(E, 1 / N * Sum(n, (a[n] - y[n]) ** 2)),
        ),
        loss=E,
    ),
    questions=(
        Question("dtanh", Jacobian(a[n], z[n]), form=1 - a[n] ** 2),
        Question("gradient", Gradient(w), form=2 / N * Sum(n, pull)),
        Question("limit", Limit(dw[c], far=z[n], moving=w, chain=(
            (4 / N**2 * Sum(n, pull) ** 2, ""),
            (4 / N * Sum(n, pull**2), "mean"),
            (4 / N * Sum(n, (2 * (1 + y[n] ** 2)) * damping**2 * x[n, c] ** 2), "error"),
            (4 / N * Sum(n, (2 * (1 + y[n] ** 2)) * (4 * q) ** 2 * x[n, c] ** 2), "damping"),
            (128 / N * Sum(n, (1 + y[n] ** 2) * exp(-4 * absolute(z[n])) * x[n, c] ** 2), ""),
        ), unless={"x": ((1, 0), (0, 1)), "y": (1, 1), "w": (0, "R")}, at={"c": 1})),
    ),
    bounds=(
        Bound("positive", 0, damping, 4 / cosh2),
        Bound("damping", damping, 4 * q, 4 * q**2 * (2 + q) / (1 + q) ** 2),
        Bound("error", (a[n] - y[n]) ** 2, 2 * (1 + y[n] ** 2), (a[n] + y[n]) ** 2 + 2 * damping),
        Bound("mean", Sum(n, pull) ** 2, N * Sum(n, pull**2), N * Sum(n, (pull - 1 / N * Sum(m, pull_m)) ** 2)),
    ),
    summary="Every example pulls with its error, damped by $1 - a[n]^2$, which dies like $exp(-2*abs(z[n]))$.",
    intuition=(
        "tanh is flat far from 0: moving $z[n]$ hardly moves $a[n]$, so the error, however large, is not heard. The"
        " gradient is a mean over the examples, so it is silent only when every one of them is saturated."
    ),
    otherwise={
        "the mean of the squares is taken, without 1/2": "with a factor 1/2 in $E$ the gradient is half as large",
        "$x$ and $y$ are fixed while $w$ moves": "an $x[n, c]$ that grows like $exp(2*abs(z[n]))$ undoes the damping",
    },
    lemmas=(
        Remark("tanh", a[n], tanh(z[n]), "The definition, in exponentials."),
        Remark("damping", damping, 4 / cosh2, "Common denominator: a difference of two squares."),
    ),
    mistakes=(
        Mistake("not squared", "dtanh", "$1 - tanh(z[n])$", tempting="The logistic function has $a[n]*(1 - a[n])$.",
                repair="$1 - a[n]$ is not even in $z[n]$, the slope of tanh is.", form=1 - a[n]),
        Mistake("undamped", "gradient", "The slope of tanh forgotten", tempting="It is right for a linear neuron.",
                repair="The chain rule passes $a[n]$: multiply by $1 - a[n]^2$.",
                form=2 / N * Sum(n, (a[n] - y[n]) * x[n, c])),
    ),
    decimals=True,
    boxed=("dtanh", "gradient", "limit"),
    instance={"x": ((1, 0), (0, 1), (1, 1)), "w": ("log(2)", "log(3)"), "y": (0, 1, 1)},
)
