"""A convolution of images is a matrix: its gradients by the input and the kernels, as convolutions again."""

from derive.language import (
    Equation, Forward, Framework, Gradient, Jacobian, Matrix, Mistake, Name, Numbers, Problem, Program, Question,
    Remark, Window, d, delta, index, padded, position, scalar, size, sums, tensor, within,
)

C, N, M = size("C", "input channels"), size("N", "input height"), size("M", "input width")
D, T, U = size("D", "output channels"), size("T", "output height"), size("U", "output width")
K, R = size("K", "kernel height"), size("R", "kernel width")
s, p, q = size("s", "stride"), size("p", "zeros added on every side", least=0), size("q", "dilation")
i, n, m, j, t, u = index("i", C), index("n", N), index("m", M), index("j", D), index("t", T), index("u", U)
k, r = index("k", K), index("r", R)
down, right = Window(n, t, k, s, p, q), Window(m, u, r, s, p, q)  # tap (k, r) of output (t, u), row and column
a, b = index("a", down.spread), index("b", right.spread)

x, y = tensor("x", (i, n, m), "input"), tensor("y", (j, t, u), "output")
w = tensor(Name("w", above=2), (i, j, k, r), "kernels, from channel $i$ to channel $j$")
L = scalar("L", "the loss, any function of the outputs")
dy, dx = d(L, y), d(L, x)
A = tensor(Name("A", rows=3), (j, t, u, i, n, m), "the matrix of the convolution")
B = tensor(Name("B", rows=3), (i, n, m, j, t, u), "the matrix of the gradient")
v = tensor(Name("v", above=2), (j, i, k, r), "kernels reversed both ways, channels exchanged")
z = tensor("z", (j, a, b), "$dL/dy$ with $s - 1$ zeros between neighbours")

weight, whole = w[i, j, k, r], down.whole * right.whole
lies = padded(x[i, down.place, right.place])  # what the tap lies on, 0 in the padding
turned = padded(z[j, down.turned, right.turned])  # the same of z for reversed kernels
swapped = within(position(j), C) * within(position(i), D) * w[position(j), position(i), K + 1 - k, R + 1 - r]
ONE: Numbers = {"s": 1, "p": 0, "q": 1, "x": (((1, 0, 0),),), "w": ((((1, 2),),),), "dL/dy": (((0, 1),),)}
TWO: Numbers = {"s": 2, "p": 0, "q": 1, "x": (((1, 0, 0, 0),),), "w": ((((1, 2),),),), "dL/dy": (((0, 1),),)}

PROBLEM = Problem(
    id="conv_jacobian_2d",
    title="A convolution of images is a matrix",
    statement=(
        "A two-dimensional convolution (cross-correlation) takes $C$ channels of $N$ rows and $M$ columns to $D$"
        " channels of $T$ rows and $U$ columns by kernels of $K$ rows and $R$ columns, with stride $s$, padding $p$ and"
        " dilation $q$. Write it as a matrix, and find the gradients of a loss $L$ as convolutions again."
    ),
    program=Program((Equation(y[j, t, u], sums(weight * lies, i, k, r)),), L, through=y),
    shorthands=(
        Equation(A[j, t, u, i, n, m], sums(weight * down.hits * right.hits, k, r)),
        Equation(B[i, n, m, j, t, u], sums(weight * whole * delta(t, down.source) * delta(u, right.source), k, r)),
        Equation(v[j, i, k, r], w[i, j, K + 1 - k, R + 1 - r]),
        Equation(z[j, a, b], sums(dy[j, t, u] * delta(a, down.starts) * delta(b, right.starts), t, u)),
    ),
    questions=(
        Question("y", Forward(y)),
        Question("A", Forward(y), form=sums(A[j, t, u, i, n, m] * x[i, n, m], i, n, m)),
        Question("partials", Jacobian(y[j, t, u], x[i, n, m]), form=sums(weight * down.hits * right.hits, k, r)),
        Question("dx", Gradient(x), form=sums(whole * weight * padded(dy[j, down.source, right.source]), j, k, r)),
        Question("B", Gradient(x), form=sums(B[i, n, m, j, t, u] * dy[j, t, u], j, t, u)),
        Question("flip", Gradient(x), form=sums(v[j, i, k, r] * turned, j, k, r)),
        Question("dw", Gradient(w), form=sums(dy[j, t, u] * lies, t, u)),
    ),
    boxed=("flip", "dw"), written_out=("y", "dx", "dw"),
    matrices=(Matrix(A, y, x), Matrix(B, dx, dy), Matrix(A, y, x, "pattern", {
        "C": 1, "N": 5, "M": 6, "K": 3, "R": 2, "D": 1, "T": 3, "U": 5, "s": 1, "p": 0, "q": 1})),
    summary="The same matrix, now of blocks: a band of bands. Its transpose reverses the kernels in both directions.",
    intuition="Rows and columns do not mix, so each direction brings its own condition, and they multiply.",
    conventions=(
        "Cross-correlation: the kernel is not reversed in $y[j, t, u]$. In $w[i, j, k, r]$ superscripts are no powers.",
        "Stride, padding and dilation are the same in both directions.",
    ),
    conditions=(*down.conditions, *right.conditions),
    otherwise={**down.conditions, **right.conditions, "$L$ is differentiable": "there is no $dL/dy$ to start from"},
    remarks=(
        Remark("transpose", B[i, n, m, j, t, u], A[j, t, u, i, n, m], "$B$ is the transpose of $A$, for all sizes."),
        Remark("zeros", dx[i, n, m], sums(weight * padded(z[j, down.aligned, right.aligned]), j, k, r),
               "A window of stride 1 over $z$: with its zeros put in, nothing is left to divide."),
        Remark("duality", sums(x[i, n, m] * dx[i, n, m], i, n, m), sums(y[j, t, u] * dy[j, t, u], j, t, u),
               "What makes a transpose: it moves to the other side of an inner product."),
    ),
    mistakes=(
        Mistake("one direction", "flip", "The kernel reversed in one direction only", "Transposing looks like it.",
                "Both taps run backwards: $w[i, j, K + 1 - k, R + 1 - r]$.",
                sums(w[i, j, K + 1 - k, r] * turned, j, k, r), breaks="duality", at=ONE),
        Mistake("channels", "flip", "The channels not exchanged", "With $C = D$ the shapes fit either way.",
                "$w[i, j, k, r]$ leads from $i$ to $j$; the gradient travels from $j$ to $i$.",
                sums(swapped * turned, j, k, r)),
        Mistake("stride", "dx", "The stride left out on the way back", "With $s = 1$ it is right.",
                "Keep the condition that $s$ divides, in each direction, or insert $s - 1$ zeros.",
                sums(weight * padded(dy[j, down.aligned, right.aligned]), j, k, r), at=TWO),
        Mistake("inverse", "B", "The transpose taken for the inverse", "It is also called a deconvolution.",
                "It restores the shape of $x$, not its values.", x[i, n, m],
                left=sums(B[i, n, m, j, t, u] * y[j, t, u], j, t, u), at=ONE),
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
