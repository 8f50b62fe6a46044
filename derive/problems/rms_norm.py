"""RMS normalization: layer normalization without the mean."""

from derive.language import (
    NONNEGATIVE, Equation, Framework, Gradient, Mistake, Name, Problem, Program, Question, Remark, Sum, d, index,
    scalar, size, sqrt, tensor,
)

N, C = size("N", "rows (examples)"), size("C", "features in a row")
n, c = index("n", N), index("c", C)

x = tensor("x", (n, c), "inputs")
gamma = tensor("gamma", c, "learned scales")
eps = scalar(Name("epsilon", text="eps"), "a small constant", NONNEGATIVE)
r = tensor("r", n, "mean square of a row")
xhat = tensor(Name("x", "hat"), (n, c), "normalized inputs")
y = tensor("y", (n, c), "outputs")
f = scalar("f", "the loss, any function of the outputs")

PROGRAM = Program(
    equations=(
        Equation(r[n], 1 / C * Sum(c, x[n, c] ** 2)),
        Equation(xhat[n, c], x[n, c] / sqrt(r[n] + eps)),
        Equation(y[n, c], gamma[c] * xhat[n, c]),
    ),
    loss=f,
    through=y,
)

dxhat, dx = d(f, xhat), d(f, x)

PROBLEM = Problem(
    id="rms_norm",
    title="Gradients of RMS normalization",
    statement=(
        "Each of $N$ rows of $C$ features is divided by its root mean square, then scaled feature by feature. A loss"
        " $f$ depends on the outputs, and $df/dy[n, c]$ is known. Find the gradients, for every $N$ and every $C$."
    ),
    program=PROGRAM,
    questions=(
        Question("gamma", Gradient(gamma)),
        Question("xhat", Gradient(xhat)),
        Question("x", Gradient(x), collect=(xhat, dxhat)),
    ),
    summary="One correction instead of two: without a mean, only the part of the gradient along $xhat$ is removed.",
    intuition="When $eps = 0$ stretching a row changes no output, so the gradient has no part along the row.",
    conventions=("Rows do not interact; no mean is taken out.",),
    conditions=("$r[n] + eps > 0$",),
    otherwise={
        "$r[n] + eps > 0$": "a row of zeros and $eps = 0$: $xhat[n, c]$ is 0/0 in that row",
        "$r$ runs over the features of one row and divides by $C$":
            "with the sum of squares in place of the mean, the correction in $df/dx[n, c]$ loses its factor $1/C$",
        "$f$ is differentiable": "at a kink of $f$ there is no $df/dy[n, c]$ to start from, and nothing is claimed",
        "$r[n] > 0$": "a row of zeros: at $eps = 0$ the limit is about 0/0",
    },
    remarks=(
        Remark("stretch limit", Sum(c, xhat[n, c] * dx[n, c]), 0, "Its part along $xhat$ vanishes as $eps -> 0$.",
               at=(eps, 0), conditions=("$r[n] > 0$",)),
    ),
    mistakes=(
        Mistake("r frozen", "x", "The root mean square treated as a constant",
                tempting="$xhat[n, c]$ looks linear in $x[n, c]$.",
                repair="Every entry of a row moves $r[n]$: add that route.",
                frozen=(r,), breaks="stretch limit"),
    ),
    instance={
        "x": ((1, 5, 7, 11), (8, -4, 12, 10)), "gamma": (2, 1, 3, -1), "eps": 0,
        "df/dy": ((1, 0, 0, 0), (0, 2, 0, 1)),
    },
    framework=Framework("rms_norm", y, {"input": x, "weight": gamma, "eps": eps}),
    sources=("Zhang and Sennrich 2019, Root Mean Square Layer Normalization",),
)
