"""A convolution is a matrix: its gradients by the input and the kernels, as convolutions again."""

from derive.language import (
    Equation, Forward, Framework, Gradient, Jacobian, Matrix, Mistake, Name, Numbers, Problem, Program, Question,
    Remark, Window, d, delta, index, padded, position, scalar, size, sums, tensor, within,
)

C, N, K = size("C", "input channels"), size("N", "input length"), size("K", "kernel length")
D, T = size("D", "output channels"), size("T", "output length")
s, p, q = size("s", "stride"), size("p", "zeros added at either end", least=0), size("q", "dilation")
i, n, j, t, k = index("i", C), index("n", N), index("j", D), index("t", T), index("k", K)
slide = Window(n, t, k, s, p, q)  # tap k of output t lies on input s (t - 1) + q (k - 1) + 1 - p
m = index("m", slide.spread)

x, y = tensor("x", (i, n), "input"), tensor("y", (j, t), "output")
w = tensor(Name("w", above=2), (i, j, k), "kernels, from channel $i$ to channel $j$")
L = scalar("L", "the loss, any function of the outputs")
dy, dx = d(L, y), d(L, x)
A = tensor(Name("A", rows=2), (j, t, i, n), "the matrix of the convolution")
B = tensor(Name("B", rows=2), (i, n, j, t), "the matrix of the gradient")
v = tensor(Name("v", above=2), (j, i, k), "kernels reversed, channels exchanged")
z = tensor("z", (j, m), "$dL/dy$ with $s - 1$ zeros between neighbours")

lies = padded(x[i, slide.place])  # what tap k of output t lies on, 0 in the padding
turned = padded(z[j, slide.turned])  # the same of z for reversed kernels
swapped = within(position(j), C) * within(position(i), D) * w[position(j), position(i), K + 1 - k]
ONE: Numbers = {"s": 1, "p": 0, "q": 1, "w": (((1, 2, 3),),), "x": ((1, 0, 0, 0, 0),), "dL/dy": ((1, 0, 0),)}
TWO: Numbers = {"s": 2, "p": 0, "q": 1, "w": (((1, 2, 3),),), "x": ((1, 0, 0, 0, 0, 0, 0),), "dL/dy": ((0, 1, 0),)}

PROBLEM = Problem(
    id="conv_jacobian",
    title="A convolution is a matrix",
    statement=(
        "A one-dimensional convolution (cross-correlation, as in deep learning) takes $C$ channels of length $N$ to $D$"
        " channels of length $T$ by kernels of length $K$, with stride $s$, padding $p$ and dilation $q$. Write it as a"
        " matrix, and find the gradients of a loss $L$ by the input and by the kernels, as convolutions again."
    ),
    program=Program((Equation(y[j, t], sums(w[i, j, k] * lies, i, k)),), L, through=y),
    shorthands=(
        Equation(A[j, t, i, n], sums(w[i, j, k] * slide.hits, k)),
        Equation(B[i, n, j, t], sums(w[i, j, k] * slide.whole * delta(t, slide.source), k)),
        Equation(v[j, i, k], w[i, j, K + 1 - k]),
        Equation(z[j, m], sums(dy[j, t] * delta(m, slide.starts), t)),
    ),
    questions=(
        Question("y", Forward(y)),
        Question("A", Forward(y), form=sums(A[j, t, i, n] * x[i, n], i, n)),
        Question("partials", Jacobian(y[j, t], x[i, n]), form=sums(w[i, j, k] * slide.hits, k)),
        Question("dx", Gradient(x), form=sums(slide.whole * w[i, j, k] * padded(dy[j, slide.source]), j, k)),
        Question("B", Gradient(x), form=sums(B[i, n, j, t] * dy[j, t], j, t)),
        Question("flip", Gradient(x), form=sums(v[j, i, k] * turned, j, k)),
        Question("dw", Gradient(w), form=sums(dy[j, t] * lies, t)),
    ),
    boxed=("A", "flip", "dw"), written_out=("y", "dx", "dw"),
    matrices=(
        Matrix(A, y, x), Matrix(B, dx, dy),
        Matrix(B, dx, dy, "stamps", {"C": 1, "N": 5, "K": 3, "D": 1, "T": 3, "s": 1, "p": 0, "q": 1}),
        Matrix(A, y, x, "pattern", {"C": 2, "N": 24, "K": 5, "D": 2, "T": 12, "s": 2, "p": 2, "q": 1}),
    ),
    summary="Each row of the matrix is the kernel, shifted by the stride. Its transpose is a convolution with padding"
            " $q*(K - 1) - p$, the kernels reversed and the channels exchanged.",
    intuition="Forward, output $t$ collects what lies under its kernel; backward, it hands its gradient to the same"
              " places, by the same weights. Seen from input $n$, the taps that reach it come in the opposite order.",
    conventions=(
        "Cross-correlation: the kernel is not reversed in $y[j, t]$. In $w[i, j, k]$ superscripts are never powers.",
    ),
    conditions=tuple(slide.conditions),
    otherwise={**slide.conditions, "$L$ is differentiable": "there is no $dL/dy[j, t]$ to start from"},
    remarks=(
        Remark("transpose", B[i, n, j, t], A[j, t, i, n], "$B$ is the transpose of $A$, for all sizes."),
        Remark("zeros", dx[i, n], sums(w[i, j, k] * padded(z[j, slide.aligned]), j, k),
               "A window of stride 1 over $z$: with its zeros put in, nothing is left to divide."),
        Remark("duality", sums(x[i, n] * dx[i, n], i, n), sums(y[j, t] * dy[j, t], j, t),
               "What makes a transpose: it moves to the other side of an inner product."),
    ),
    mistakes=(
        Mistake("unreversed", "flip", "The kernel not reversed", "The forward pass does not reverse it.",
                "Tap $k$ of $v$ is tap $K + 1 - k$ of $w$.", sums(w[i, j, k] * turned, j, k), breaks="duality", at=ONE),
        Mistake("channels", "flip", "The channels not exchanged", "With $C = D$ the shapes fit either way.",
                "$w[i, j, k]$ leads from $i$ to $j$; the gradient travels from $j$ to $i$.",
                sums(swapped * turned, j, k), breaks="duality"),
        Mistake("stride", "dx", "The stride left out on the way back", "With $s = 1$ it is right.",
                "Keep the condition that $s$ divides, or insert $s - 1$ zeros.",
                sums(w[i, j, k] * padded(dy[j, slide.aligned]), j, k), at=TWO),
        Mistake("inverse", "B", "The transpose taken for the inverse", "It is also called a deconvolution.",
                "It restores the shape of $x$, not its values.", x[i, n], left=sums(B[i, n, j, t] * y[j, t], j, t),
                at=ONE),
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
