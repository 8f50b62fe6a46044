"""Gradients of batch normalization, for every batch size."""

from derive.language import (
    NONNEGATIVE, Equation, Framework, Gradient, Mistake, Name, Problem, Program, Question, Remark, Sum, d, delta,
    index, scalar, size, sqrt, tensor,
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
        " outputs; $df/dy[i]$ is known. Find the gradient of $f$ by every quantity in the layer, for every batch size."
    ),
    program=PROGRAM,
    questions=(
        Question("gamma", Gradient(gamma)),
        Question("beta", Gradient(beta)),
        Question("xhat", Gradient(xhat)),
        Question("var", Gradient(var)),
        Question("mu", Gradient(mu)),
        Question(
            "x", Gradient(x), form=gamma / (m * s) * (m * dy[i] - Sum(j, dy[j]) - xhat[i] * Sum(j, dy[j] * xhat[j]))
        ),
    ),
    summary=(
        "$df/dx$ is $gamma*df/dy$ with its mean and its $xhat$ part taken out, divided by the standard deviation that"
        " the layer used."
    ),
    intuition=(
        "The layer forgets two things about its inputs: adding a constant to every $x[i]$ changes no output, and when"
        " $eps = 0$ neither does stretching them. A gradient cannot point along a direction that the loss does not see,"
        " so the two corrections in $df/dx[i]$ remove just these directions: the mean of $df/dy$ and its part along"
        " $xhat$."
    ),
    conventions=("Features do not interact, so one feature is treated and its index is left out.",),
    conditions=("$var + eps > 0$",),
    otherwise={
        "$var + eps > 0$": "all inputs equal and $eps = 0$: every $xhat[i]$ is 0/0",
        "$mu$, $var$ of this batch (training mode)":
            "frozen statistics leave route (1) alone: $df/dx[i] = gamma/sqrt(var + eps)*df/dy[i]$",
        "$var$ divides by $m$":
            "with $m - 1$ the last sum in $df/dx[i]$ is divided by $m - 1$, not $m$, and $m = 1$ is lost",
        "$f$ is differentiable": "at a kink of $f$ there is no $df/dy[i]$ to start from, and nothing is claimed",
        "$var > 0$": "equal inputs: at $eps = 0$ the limit is about 0/0, so only $eps > 0$ is covered",
    },
    lemmas=(
        Remark("centred", Sum(i, x[i] - mu), 0, "Deviations from the mean sum to zero."),
        Remark("second moment", Sum(i, xhat[i] ** 2), m * var / (var + eps), "It is $m$ only when $eps = 0$."),
    ),
    remarks=(
        Remark("sum zero", Sum(i, dx[i]), 0, "The gradient has no mean, for every $eps$."),
        Remark("stretch", Sum(i, xhat[i] * dx[i]), gamma / s * (eps / (var + eps)) * Sum(i, dy[i] * xhat[i]),
               "The part along $xhat$ is proportional to $eps$."),
        Remark("stretch limit", Sum(i, xhat[i] * dx[i]), 0, "So it vanishes as $eps -> 0$.", at=(eps, 0),
               conditions=("$var > 0$",)),
        Remark("matrix", dx[i], gamma / s * Sum(j, (delta(i, j) - 1 / m - xhat[i] * xhat[j] / m) * dy[j]),
               "The whole layer as one symmetric matrix; it is a projection only when $eps = 0$."),
    ),
    mistakes=(
        Mistake("mu frozen", "x", "The mean treated as a constant",
                tempting="$xhat[i]$ looks linear in $x[i]$, and $df/dmu$ is a result of its own.",
                repair="Every $x[j]$ moves $mu$, and $mu$ moves every $xhat[i]$: add that route.",
                frozen=(mu,), breaks="sum zero"),
        Mistake("var frozen", "x", "The variance treated as a constant",
                tempting="The derivative of $var$ by $mu$ is zero, so the variance seems not to matter.",
                repair="$var$ still depends on $x[i]$ itself: add the route through it.",
                frozen=(var,), breaks="stretch limit"),
        Mistake("gamma lost", "x", "$df/dy$ used where $gamma*df/dy$ is meant",
                tempting="At the usual start $gamma = 1$ nothing shows.",
                repair="What reaches $xhat[i]$ is $gamma*df/dy[i]$.",
                form=1 / (m * s) * (m * dy[i] - Sum(j, dy[j]) - xhat[i] * Sum(j, dy[j] * xhat[j]))),
    ),
    instance={
        "x": (0, 2, 4, 8, 11), "gamma": 2, "beta": 1, "eps": 0, "df/dy": (1, 0, 0, 0, 0),
    },
    framework=Framework("batch_norm", y, {"input": x, "weight": gamma, "bias": beta, "eps": eps}),
    sources=("Ioffe and Szegedy 2015, Batch Normalization, section 3",),
)
