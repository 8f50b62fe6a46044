"""Layer normalization: the same engine along another axis."""

from derive.language import (
    NONNEGATIVE, Equation, Framework, Gradient, Mistake, Name, Problem, Program, Question, Remark, Sum, d, index,
    scalar, size, sqrt, tensor,
)

N, C = size("N", "rows (examples)"), size("C", "features in a row")
n, c, k = index("n", N), index("c", C), index("k", C)

x = tensor("x", (n, c), "inputs")
gamma, beta = tensor("gamma", c, "learned scales"), tensor("beta", c, "learned shifts")
eps = scalar(Name("epsilon", text="eps"), "a small constant", NONNEGATIVE)
mu = tensor("mu", n, "mean of a row")
var = tensor(Name("sigma", sup=("2",), text="var", spellings=("sigma2",)), n, "variance of a row, divided by $C$")
xhat = tensor(Name("x", "hat"), (n, c), "normalized inputs")
y = tensor("y", (n, c), "outputs")
f = scalar("f", "the loss, any function of the outputs")

PROGRAM = Program(
    equations=(
        Equation(mu[n], 1 / C * Sum(c, x[n, c])),
        Equation(var[n], 1 / C * Sum(c, (x[n, c] - mu[n]) ** 2)),
        Equation(xhat[n, c], (x[n, c] - mu[n]) / sqrt(var[n] + eps)),
        Equation(y[n, c], gamma[c] * xhat[n, c] + beta[c]),
    ),
    loss=f,
    through=y,
)

dy, dxhat, dx = d(f, y), d(f, xhat), d(f, x)
s = sqrt(var[n] + eps)

PROBLEM = Problem(
    id="layer_norm",
    title="Gradients of layer normalization",
    statement=(
        "Each of $N$ rows of $C$ features is normalized on its own, then scaled and shifted feature by feature. A loss"
        " $f$ depends on the outputs, and $df/dy[n, c]$ is known. Find the gradients, for every $N$ and every $C$."
    ),
    program=PROGRAM,
    questions=(
        Question("gamma", Gradient(gamma)),
        Question("beta", Gradient(beta)),
        Question("xhat", Gradient(xhat)),
        Question("x", Gradient(x), form=1 / (C * s) * (
            C * dxhat[n, c] - Sum(k, dxhat[n, k]) - xhat[n, c] * Sum(k, dxhat[n, k] * xhat[n, k]))),
    ),
    summary=(
        "The algebra of batch normalization along the other axis; what is new is that $gamma[c]$ varies along the sum,"
        " so it stays inside."
    ),
    intuition=(
        "A row forgets its own mean and, when $eps = 0$, its own scale. The gradient of a row therefore has no mean,"
        " and almost no part along $xhat$ of that row; rows do not see each other at all."
    ),
    conventions=("Rows do not interact; training and use compute the same thing.",),
    conditions=("$var[n] + eps > 0$",),
    otherwise={
        "$var[n] + eps > 0$": "a row of equal inputs and $eps = 0$: $xhat[n, c]$ is 0/0 in that row",
        "$mu$, $var$ over the features of one row":
            "taken over the rows they give batch normalization, where $gamma[c]$ leaves the sums",
        "$var$ divides by $C$": "with $C - 1$ the last sum in $df/dx[n, c]$ is divided by $C - 1$, not $C$",
        "$f$ is differentiable": "at a kink of $f$ there is no $df/dy[n, c]$ to start from, and nothing is claimed",
        "$var[n] > 0$": "a row of equal inputs: at $eps = 0$ the limit is about 0/0",
    },
    lemmas=(Remark("centred", Sum(c, x[n, c] - mu[n]), 0, "Deviations from a row's mean sum to zero."),),
    remarks=(
        Remark("sum zero", Sum(c, dx[n, c]), 0, "The gradient of each row has no mean, for every $eps$."),
        Remark("stretch limit", Sum(c, xhat[n, c] * dx[n, c]), 0, "Its part along $xhat$ vanishes as $eps -> 0$.",
               at=(eps, 0), conditions=("$var[n] > 0$",)),
    ),
    mistakes=(
        Mistake("gamma outside", "x", "$gamma[c]$ pulled out of the sums",
                tempting="In batch normalization $gamma$ is a common factor.",
                repair="Here $gamma[k]$ varies along the normalized axis: keep it inside the sums.",
                form=gamma[c] / (C * s) * (
                    C * dy[n, c] - Sum(k, dy[n, k]) - xhat[n, c] * Sum(k, dy[n, k] * xhat[n, k])),
                breaks="sum zero"),
        Mistake("mu frozen", "x", "The mean treated as a constant",
                tempting="$xhat[n, c]$ looks linear in $x[n, c]$.",
                repair="Every entry of a row moves the row's mean: add that route.",
                frozen=(mu,), breaks="sum zero"),
        Mistake("eps outside", "x", "$eps$ outside the root, with the formula for inside",
                tempting="Some code computes $sqrt(var[n]) + eps$.",
                repair="The gradient belongs to the forward pass that ran: keep $sqrt(var[n] + eps)$.",
                form=1 / (C * (sqrt(var[n]) + eps)) * (
                    C * dxhat[n, c] - Sum(k, dxhat[n, k]) - xhat[n, c] * Sum(k, dxhat[n, k] * xhat[n, k]))),
    ),
    instance={
        "x": ((0, 2, 4, 8, 11), (1, 23, 5, 17, 9)), "gamma": (2, 1, 3, -1, 2), "beta": (0, 1, 0, 1, 0), "eps": 0,
        "df/dy": ((1, 0, 0, 0, 0), (0, 2, 0, 1, 0)),
    },
    framework=Framework("layer_norm", y, {"input": x, "weight": gamma, "bias": beta, "eps": eps}),
    sources=("Ba, Kiros and Hinton 2016, Layer Normalization",),
)
