"""A convolution is a matrix: its gradients by the input and the kernels, as convolutions again."""

from derive.language import (
    Equation, Forward, Framework, Gradient, Jacobian, Matrix, Mistake, Name, Problem, Program, Question, Remark, Sum,
    d, delta, divides, index, position, scalar, size, tensor, within,
)

C, N, K = size("C", "input channels"), size("N", "input length"), size("K", "kernel length")
D, T = size("D", "output channels"), size("T", "output length")
s, p, q = size("s", "stride"), size("p", "zeros added at either end", least=0), size("q", "dilation")
last = s * (T - 1) + 1  # of the outputs once s - 1 zeros stand between neighbours
i, n, j, t, k, m = index("i", C), index("n", N), index("j", D), index("t", T), index("k", K), index("m", last)

x, y = tensor("x", (i, n), "input"), tensor("y", (j, t), "output")
w = tensor(Name("w", above=2), (i, j, k), "kernels, from channel $i$ to channel $j$")
L = scalar("L", "the loss, any function of the outputs")
dy, dx = d(L, y), d(L, x)
A = tensor(Name("A", rows=2), (j, t, i, n), "the matrix of the convolution")
B = tensor(Name("B", rows=2), (i, n, j, t), "the matrix of the gradient")
v = tensor(Name("v", above=2), (j, i, k), "kernels reversed, channels exchanged")
z = tensor("z", (j, m), "$dL/dy$ with $s - 1$ zeros between neighbours")

at = s * (t - 1) + q * (k - 1) + 1 - p  # the input position under tap k of output t
back = n + p - 1 - q * (k - 1)  # s (t - 1), where tap k of output t lies on n
reach = n + p - q * (k - 1)  # the same with zeros inserted
there = n + q * (k - 1) - (q * (K - 1) - p)  # stride 1, padding q (K - 1) - p
FITS, NONE_OUTSIDE, NONE_LEFT = (
    "$q*(K - 1) + 1 <= N + 2*p$", "$s*(T - 1) + q*(K - 1) + 1 <= N + 2*p$", "$N + 2*p <= s*T + q*(K - 1)$")

PROBLEM = Problem(
    id="conv_jacobian",
    title="A convolution is a matrix",
    statement=(
        "A one-dimensional convolution (cross-correlation, as in deep learning) takes $C$ channels of length $N$ to $D$"
        " channels of length $T$ by kernels of length $K$, with stride $s$, padding $p$ and dilation $q$. Write it as a"
        " matrix, and find the gradients of a loss $L$ by the input and by the kernels, as convolutions again."
    ),
    program=Program((Equation(y[j, t], Sum(i, Sum(k, w[i, j, k] * within(at, N) * x[i, at]))),), loss=L, through=y),
    shorthands=(
        Equation(A[j, t, i, n], Sum(k, w[i, j, k] * delta(n, at))),
        Equation(B[i, n, j, t], Sum(k, w[i, j, k] * divides(s, back) * delta(t, back / s + 1))),
        Equation(v[j, i, k], w[i, j, K + 1 - k]),
        Equation(z[j, m], Sum(t, dy[j, t] * delta(m, s * (t - 1) + 1))),
    ),
    questions=(
        Question("y", Forward(y)),
        Question("A", Forward(y), form=Sum(i, Sum(n, A[j, t, i, n] * x[i, n]))),
        Question("partials", Jacobian(y[j, t], x[i, n]), form=Sum(k, w[i, j, k] * delta(n, at))),
        Question("dx", Gradient(x), form=Sum(j, Sum(k, divides(s, back) * within(back / s + 1, T) * w[i, j, k]
                                                      * dy[j, back / s + 1]))),
        Question("B", Gradient(x), form=Sum(j, Sum(t, B[i, n, j, t] * dy[j, t]))),
        Question("flip", Gradient(x), form=Sum(j, Sum(k, v[j, i, k] * within(there, last) * z[j, there]))),
        Question("dw", Gradient(w), form=Sum(t, dy[j, t] * within(at, N) * x[i, at])),
    ),
    boxed=("A", "flip", "dw"),
    written_out=("y", "dx", "dw"),
    matrices=(
        Matrix(A, y, x), Matrix(B, dx, dy),
        Matrix(B, dx, dy, "stamps", {"C": 1, "N": 5, "K": 3, "D": 1, "T": 3, "s": 1, "p": 0, "q": 1}),
        Matrix(A, y, x, "pattern", {"C": 2, "N": 24, "K": 5, "D": 2, "T": 12, "s": 2, "p": 2, "q": 1}),
    ),
    summary=(
        "Each row of the matrix is the kernel, shifted by the stride; its transpose sends a gradient back through the"
        " same weights, which is a convolution with padding $q*(K - 1) - p$, the kernels reversed and the channels"
        " exchanged."
    ),
    intuition=(
        "Forward, output $t$ collects what lies under its kernel; backward, it hands its gradient to the same places,"
        " by the same weights. Seen from input $n$, the taps that reach it come in the opposite order."
    ),
    conventions=(
        "Cross-correlation: the kernel is not reversed in $y[j, t]$. In $w[i, j, k]$ superscripts are never powers.",
        "A bracket is 1 where its condition holds and 0 elsewhere, also where what stands beside it lies outside.",
    ),
    conditions=(FITS, NONE_OUTSIDE, NONE_LEFT),
    otherwise={
        FITS: "the kernel is longer than the padded input, and there is no output",
        NONE_OUTSIDE: "the last outputs stand on more padding than there is; every line still holds as printed",
        NONE_LEFT: "outputs are left out. Several $N$ share one $T$ when $s > 1$, so $T$ does not tell $N$",
        "$L$ is differentiable": "there is no $dL/dy[j, t]$ to start from, and nothing is claimed",
    },
    remarks=(
        Remark("transpose", B[i, n, j, t], A[j, t, i, n], "$B$ is the transpose of $A$, for all sizes."),
        Remark("zeros", dx[i, n], Sum(j, Sum(k, w[i, j, k] * within(reach, last) * z[j, reach])),
               "Inserting $s - 1$ zeros is the same as asking whether $s$ divides."),
        Remark("duality", Sum(i, Sum(n, x[i, n] * dx[i, n])), Sum(j, Sum(t, y[j, t] * dy[j, t])),
               "What makes a transpose: it moves to the other side of an inner product."),
    ),
    mistakes=(
        Mistake("unreversed", "flip", "The kernel not reversed",
                tempting="The forward pass does not reverse it. With one channel, $w$ = (1, 2, 3) and $dL/dy$ ="
                         " (1, 0, 0), this line gives (3, 2, 1, 0, 0); (1, 2, 3, 0, 0) is right.",
                repair="Tap $k$ of $v$ is tap $K + 1 - k$ of $w$.", breaks="duality",
                form=Sum(j, Sum(k, w[i, j, k] * within(there, last) * z[j, there]))),
        Mistake("channels", "flip", "The channels not exchanged",
                tempting="With as many output as input channels the shapes fit either way.",
                repair="$w[i, j, k]$ leads from $i$ to $j$; the gradient travels from $j$ to $i$.", breaks="duality",
                form=Sum(j, Sum(k, within(position(j), C) * within(position(i), D)
                                * w[position(j), position(i), K + 1 - k] * within(there, last) * z[j, there]))),
        Mistake("stride", "dx", "The stride left out on the way back", tempting="With $s = 1$ it is right.",
                repair="Keep the condition that $s$ divides, or insert $s - 1$ zeros.",
                form=Sum(j, Sum(k, within(reach, T) * w[i, j, k] * dy[j, reach]))),
        Mistake("inverse", "B", "The transpose taken for the inverse",
                tempting="A transposed convolution is also called a deconvolution.",
                repair="It restores the shape of $x$, not its values.", left=Sum(j, Sum(t, B[i, n, j, t] * y[j, t])),
                form=x[i, n]),
    ),
    instance={
        "C": 2, "N": 4, "K": 3, "D": 2, "T": 2, "s": 1, "p": 0, "q": 1, "dL/dy": ((1, 0), (2, 3)),
        "x": ((2, 0, 3, 1), (1, 4, 0, 2)), "w": (((1, 2, 3), (0, 1, 4)), ((2, 0, 1), (5, 1, 2))),
    },
    oracle_sizes=(
        {"C": 2, "N": 3, "K": 2, "D": 2, "T": 1, "s": 2, "p": 0, "q": 2},
        {"C": 1, "N": 4, "K": 3, "D": 2, "T": 2, "s": 2, "p": 1, "q": 1},
    ),
    framework=Framework("conv1d", y, {"input": x, "weight": w, "stride": s, "padding": p, "dilation": q}),
    sources=("Dumoulin and Visin 2016, A guide to convolution arithmetic for deep learning.",),
)
