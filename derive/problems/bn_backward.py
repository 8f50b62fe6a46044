"""Gradients of batch normalization, for every batch size."""

from fractions import Fraction

from derive.language import (
    NONNEGATIVE,
    Equation,
    Framework,
    Gradient,
    Mistake,
    Name,
    Problem,
    Program,
    Question,
    Remark,
    Sum,
    d,
    delta,
    index,
    scalar,
    size,
    sqrt,
    tensor,
)

m = size("m", "examples in the batch")
i, j = index("i", m), index("j", m)

x = tensor("x", i, "inputs of one feature")
gamma, beta = scalar("gamma", "learned scale"), scalar("beta", "learned shift")
eps = scalar(Name("epsilon", text="eps"), "a small constant", NONNEGATIVE)
mu = scalar("mu", "batch mean")
var = scalar(Name("sigma", sup=("2",), text="var", spellings=("sigma2",)), "batch variance, divided by $m$")
xhat = tensor(Name("x", "hat"), i, "normalized inputs")
y = tensor("y", i, "outputs")
f = scalar("f", "the loss, any function of the outputs")

PROGRAM = Program(
    equations=(
        Equation(mu, 1 / m * Sum(i, x[i])),
        Equation(var, 1 / m * Sum(i, (x[i] - mu) ** 2)),
        Equation(xhat[i], (x[i] - mu) / sqrt(var + eps)),
        Equation(y[i], gamma * xhat[i] + beta),
    ),
    loss=f,
    through=y,
)

dy, dxhat, dvar, dmu, dx = d(f, y), d(f, xhat), d(f, var), d(f, mu), d(f, x)
s = sqrt(var + eps)

PROBLEM = Problem(
    id="bn_backward",
    title="Gradients of batch normalization",
    statement=(
        "One feature of a mini-batch of $m$ examples is normalized, scaled and shifted. A loss $f$ depends on the"
        " outputs, and $dy[i]$ is known for every $i$. Find the gradient of $f$ with respect to every quantity in the"
        " layer, for every batch size."
    ),
    program=PROGRAM,
    questions=(
        Question("gamma", Gradient(gamma)),
        Question("beta", Gradient(beta)),
        Question("xhat", Gradient(xhat)),
        Question("var", Gradient(var)),
        Question("mu", Gradient(mu)),
        Question("x", Gradient(x),
                 form=gamma / (m * s) * (m * dy[i] - Sum(j, dy[j]) - xhat[i] * Sum(j, dy[j] * xhat[j]))),
    ),
)
