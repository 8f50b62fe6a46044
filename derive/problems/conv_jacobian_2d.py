"""A convolution of images is a matrix: its gradients by the input and the kernels, as convolutions again."""

from derive.language import (
    Equation, Forward, Framework, Gradient, Jacobian, Matrix, Mistake, Name, Problem, Program, Question, Remark,
    d, delta, divides, index, position, scalar, size, sums, tensor, within,
)

C, N, M = size("C", "input channels"), size("N", "input height"), size("M", "input width")
D, T, U = size("D", "output channels"), size("T", "output height"), size("U", "output width")
K, R = size("K", "kernel height"), size("R", "kernel width")
s, p, q = size("s", "stride"), size("p", "zeros added on every side", least=0), size("q", "dilation")
high, wide = s * (T - 1) + 1, s * (U - 1) + 1  # the outputs once s - 1 zeros stand between neighbours
i, n, m, j, t, u = index("i", C), index("n", N), index("m", M), index("j", D), index("t", T), index("u", U)
k, r, a, b = index("k", K), index("r", R), index("a", high), index("b", wide)

x, y = tensor("x", (i, n, m), "input"), tensor("y", (j, t, u), "output")
w = tensor(Name("w", above=2), (i, j, k, r), "kernels, from channel $i$ to channel $j$")
L = scalar("L", "the loss, any function of the outputs")
dy, dx = d(L, y), d(L, x)
A = tensor(Name("A", rows=3), (j, t, u, i, n, m), "the matrix of the convolution")
B = tensor(Name("B", rows=3), (i, n, m, j, t, u), "the matrix of the gradient")
v = tensor(Name("v", above=2), (j, i, k, r), "kernels reversed both ways, channels exchanged")
z = tensor("z", (j, a, b), "$dL/dy$ with $s - 1$ zeros between neighbours")

down, right = s * (t - 1) + q * (k - 1) + 1 - p, s * (u - 1) + q * (r - 1) + 1 - p  # where tap k, r of output t, u lies
up, left = n + p - 1 - q * (k - 1), m + p - 1 - q * (r - 1)  # s (t - 1) and s (u - 1), where that is n, m
row, column = n + q * (k - 1) - (q * (K - 1) - p), m + q * (r - 1) - (q * (R - 1) - p)  # padding q (K - 1) - p
divisible = divides(s, up) * divides(s, left)
inside, around = within(down, N) * within(right, M), within(row, high) * within(column, wide)
FITS = "$q*(K - 1) + 1 <= N + 2*p$", "$q*(R - 1) + 1 <= M + 2*p$"
OUTSIDE = "$s*(T - 1) + q*(K - 1) + 1 <= N + 2*p$", "$s*(U - 1) + q*(R - 1) + 1 <= M + 2*p$"
LEFT = "$N + 2*p <= s*T + q*(K - 1)$", "$M + 2*p <= s*U + q*(R - 1)$"

PROBLEM = Problem(
    id="conv_jacobian_2d",
    title="A convolution of images is a matrix",
    statement=(
        "A two-dimensional convolution (cross-correlation) takes $C$ channels of $N$ rows and $M$ columns to $D$"
        " channels of $T$ rows and $U$ columns by kernels of $K$ rows and $R$ columns, with stride $s$, padding $p$ and"
        " dilation $q$. Write it as a matrix, and find the gradients of a loss $L$ as convolutions again."
    ),
    program=Program(
        (Equation(y[j, t, u], sums(w[i, j, k, r] * inside * x[i, down, right], i, k, r)),), loss=L, through=y),
    shorthands=(
        Equation(A[j, t, u, i, n, m], sums(w[i, j, k, r] * delta(n, down) * delta(m, right), k, r)),
        Equation(B[i, n, m, j, t, u],
                 sums(w[i, j, k, r] * divisible * delta(t, up / s + 1) * delta(u, left / s + 1), k, r)),
        Equation(v[j, i, k, r], w[i, j, K + 1 - k, R + 1 - r]),
        Equation(z[j, a, b], sums(dy[j, t, u] * delta(a, s * (t - 1) + 1) * delta(b, s * (u - 1) + 1), t, u)),
    ),
    questions=(
        Question("y", Forward(y)),
        Question("A", Forward(y), form=sums(A[j, t, u, i, n, m] * x[i, n, m], i, n, m)),
        Question("partials", Jacobian(y[j, t, u], x[i, n, m]),
                 form=sums(w[i, j, k, r] * delta(n, down) * delta(m, right), k, r)),
        Question("dx", Gradient(x), form=sums(
            divisible * within(up / s + 1, T) * within(left / s + 1, U) * w[i, j, k, r]
            * dy[j, up / s + 1, left / s + 1], j, k, r)),
        Question("B", Gradient(x), form=sums(B[i, n, m, j, t, u] * dy[j, t, u], j, t, u)),
        Question("flip", Gradient(x), form=sums(v[j, i, k, r] * around * z[j, row, column], j, k, r)),
        Question("dw", Gradient(w), form=sums(dy[j, t, u] * inside * x[i, down, right], t, u)),
    ),
    boxed=("flip", "dw"),
    written_out=("y", "dx", "dw"),
    matrices=(
        Matrix(A, y, x), Matrix(B, dx, dy),
        Matrix(A, y, x, "pattern",
               {"C": 1, "N": 5, "M": 6, "K": 3, "R": 2, "D": 1, "T": 3, "U": 5, "s": 1, "p": 0, "q": 1}),
    ),
    summary="The same matrix, now of blocks: a band of bands. Its transpose reverses the kernels in both directions.",
    intuition="Rows and columns do not mix, so each direction brings its own condition, and they multiply.",
    conventions=(
        "Cross-correlation: the kernel is not reversed in $y[j, t, u]$. In $w[i, j, k, r]$ superscripts are no powers.",
        "A bracket is 1 where its condition holds and 0 elsewhere, also where what stands beside it lies outside.",
        "Stride, padding and dilation are the same in both directions.",
    ),
    conditions=(*FITS, *OUTSIDE, *LEFT),
    otherwise={
        **dict.fromkeys(FITS, "the kernel is longer than the padded input, and there is no output"),
        **dict.fromkeys(OUTSIDE, "outputs stand on more padding than there is; every line still holds as printed"),
        **dict.fromkeys(LEFT, "outputs are left out; every line still holds as printed"),
        "$L$ is differentiable": "there is no $dL/dy[j, t, u]$ to start from, and nothing is claimed",
    },
    remarks=(
        Remark("transpose", B[i, n, m, j, t, u], A[j, t, u, i, n, m], "$B$ is the transpose of $A$, for all sizes."),
        Remark("duality", sums(x[i, n, m] * dx[i, n, m], i, n, m), sums(y[j, t, u] * dy[j, t, u], j, t, u),
               "What makes a transpose: it moves to the other side of an inner product."),
    ),
    mistakes=(
        Mistake("one direction", "flip", "The kernel reversed in one direction only",
                tempting="Transposing a kernel looks like reversing it.",
                repair="Both taps run backwards: $w[i, j, K + 1 - k, R + 1 - r]$.", breaks="duality",
                form=sums(w[i, j, K + 1 - k, r] * around * z[j, row, column], j, k, r)),
        Mistake("channels", "flip", "The channels not exchanged",
                tempting="With as many output as input channels the shapes fit either way.",
                repair="$w[i, j, k, r]$ leads from $i$ to $j$; the gradient travels from $j$ to $i$.",
                form=sums(within(position(j), C) * within(position(i), D)
                          * w[position(j), position(i), K + 1 - k, R + 1 - r] * around * z[j, row, column], j, k, r)),
    ),
    instance={
        "C": 1, "N": 3, "M": 3, "K": 2, "R": 2, "D": 1, "T": 2, "U": 2, "s": 1, "p": 0, "q": 1,
        "x": (((1, 0, 2), (3, 1, 0), (0, 2, 4)),), "w": ((((1, 2), (3, 5)),),), "dL/dy": (((1, 0), (2, 3)),),
    },
    oracle_sizes=(
        {"C": 2, "N": 2, "M": 1, "K": 2, "R": 1, "D": 2, "T": 1, "U": 1, "s": 1, "p": 0, "q": 1},
        {"C": 1, "N": 2, "M": 3, "K": 2, "R": 2, "D": 1, "T": 2, "U": 2, "s": 2, "p": 1, "q": 1},
    ),
    framework=Framework("conv2d", y, {"input": x, "weight": w, "stride": s, "padding": p, "dilation": q}),
    sources=("Dumoulin and Visin 2016, A guide to convolution arithmetic for deep learning.",),
)
