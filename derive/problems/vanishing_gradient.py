"""Why deep sigmoids stop learning: the gradient as an ordered product over the layers, its bound, and two ways to 0."""

from fractions import Fraction

from derive.language import (
    Bound, Chain, Diagonal, Equation, Expr, Layered, Level, Line, MatrixExpr, Mistake, Name, Problem, Question, Sum,
    Whole, Widths, absolute, d, exp, logistic, network, scalar, size, slope, sqrt,
)  # fmt: skip

depth, layer = size("L", "layers"), size("i", "number of a layer, below $L$")
i, j, L = Level("i"), Level("j"), Level("L")
n = Widths("n", "units of a layer; the last has one", fixed={L: 1})
A = Layered("A", n, (0, -1), "weights of a layer")
b = Layered("b", n, (0,), "its biases")
s = Layered(Name("y", accent="tilde", text="s"), n, (0,), "what it sums up")
h = Layered(Name("y", text="h"), n, (0,), "its outputs; $h_0$ is the input")
N = Layered(Name("A", accent="norm", text="normA"), n, (), "Frobenius norm of its weights")
y = scalar("y", "output of the last layer")
r, c, q, p = n.axis(i), n.axis(i - 1), n.axis(i + 1), n.axis(i + 1).renamed("p")
below = n.axis(L - 1).renamed("r")
QUARTER, HALF = Fraction(1, 4), Fraction(1, 2)


def sums(at: Level) -> Equation:
    row, column = n.axis(at), n.axis(at - 1)
    return Equation(s(at)[row], Sum(column, A(at)[row, column] * h(at - 1)[column]) + b(at)[row])


def steep(at: Level) -> Diagonal:
    return Diagonal(slope(logistic(s(at)[n.axis(at)])), n.axis(at))


def ways(stop: Level) -> MatrixExpr:
    """A_L D_{L-1} A_{L-1} ... A_stop D_{stop-1}, a row."""
    return n.ordered("j", Whole(A(j)), steep(j - 1), start=L, stop=stop)


def upper(stop: int) -> Expr:
    """(4^{-(L - i - stop + 1)} |A_L| ... |A_{i + stop}|)^2."""
    return 4 ** (2 * (layer + (stop - 1) - depth)) * n.ordered("j", Whole(N(j)), start=L, stop=i + stop)[1, 1] ** 2


def thirds(rows: int, columns: int, start: int) -> tuple[tuple[str, ...], ...]:
    """Small thirds that no two rows share."""
    return tuple(tuple(f"{(4 * k * k + 3 * m + 5 * start) % 11 - 4}/3" for m in range(columns)) for k in range(rows))


WIDTHS = (4, 4, 4, 4, 4, 4, 1)
g, above = d(y, b(i)), d(y, b(i + 1))
damping, last = slope(logistic(s(i)[r])), slope(logistic(s(L - 1)[below]))  # in layer i, in the last hidden one
pulled, heard = Sum(q, above[q] * A(i + 1)[q, r]), Sum(q, above[q] ** 2)
column, weight = Sum(q, A(i + 1)[q, r] ** 2), A(L)[1, below]
fading, faded = exp(-absolute(s(i)[r])), exp(-absolute(s(L - 1)[below]))
outer = (ways(i + 1).T @ Whole(h(i - 1)).T)[r, c]
small = fading**2 * (upper(2) * column)
lagrange = HALF * Sum(q, Sum(p, (above[p] * A(i + 1)[q, r] - above[q] * A(i + 1)[p, r]) ** 2))

PROBLEM = Problem(
    id="vanishing_gradient",
    title="Why deep sigmoid networks stop learning",
    statement=(
        "A network of $L$ layers of sigmoid units ends in one linear output $y$. How does $y$ depend on the biases and"
        " weights of layer $i$, how large can that be, and what makes it small?"
    ),
    program=network(
        depth,
        hidden=(sums(i), Equation(h(i)[r], logistic(s(i)[r]))),
        last=(sums(L), Equation(y, s(L)[1])),
        widths=n,
        layer=i,
    ),
    questions=(
        Question("b", Chain(g[r], base=(Line(weight * last, "chain rule through the output"),), lines=(
            Line(damping * pulled, "chain rule through layer $i + 1$"),
            Line(damping * Sum(q, ways(i + 2)[1, q] * A(i + 1)[q, r]), "the claim at layer $i + 1$", "hypothesis"),
            Line(ways(i + 1)[1, r], "the last two factors of the product"),
        )), form=ways(i + 1)[1, r]),
        Question("A", Chain(d(y, A(i))[r, c], (
            Line(g[r] * h(i - 1)[c], "chain rule; $ds_i$ is $db_i$"),
            Line(ways(i + 1)[1, r] * h(i - 1)[c], "result of part b", "b"),
            Line(outer, "packed: row of one, column of the other"),
        )), form=outer),
        Question("bound", Chain(Sum(r, g[r] ** 2), relation="<=", base=(
            Line(Sum(below, weight**2 * last**2), "chain rule through the output"),
            Line(Sum(below, weight**2 * QUARTER**2), "bound slope", "slope"),
            Line(Fraction(1, 16) * N(L).entry() ** 2, "definition of the norm"),
        ), lines=(
            Line(Sum(r, pulled**2 * damping**2), "chain rule through layer $i + 1$"),
            Line(Sum(r, pulled**2 * QUARTER**2), "bound slope", "slope"),
            Line(QUARTER**2 * Sum(r, pulled**2), "the constant taken out"),
            Line(QUARTER**2 * (N(i + 1).entry() ** 2 * heard), "bound norm", "norm"),
            Line(QUARTER**2 * (N(i + 1).entry() ** 2 * upper(2)), "the claim at layer $i + 1$", "hypothesis"),
            Line(upper(1), "one norm and one quarter more"),
        )), form=upper(1)),
        Question("small", Chain(g[r] ** 2, relation="<=", base=(
            Line(weight**2 * last**2, "chain rule through the output"),
            Line(weight**2 * faded**2, "bound saturation", "saturation"),
        ), lines=(
            Line(pulled**2 * damping**2, "chain rule through layer $i + 1$"),
            Line(fading**2 * pulled**2, "bound saturation", "saturation"),
            Line(fading**2 * (heard * column), "bound column", "column"),
            Line(small, "part bound, at layer $i + 1$", "bound", above=True),
        )), form=small, text=(
            "So $dy/db_i[r]$ tends to 0 in two ways, all else staying bounded. Either one of the matrices above layer"
            " $i$ tends to 0: any single one of $A_{i+1}$ to $A_L$ will do, but not $A_i$ itself. Or $abs(s_i[r])$"
            " grows beyond all bounds. For the whole row that must happen for every $r$: a single unit that stays awake"
            " keeps its entry. Since what lies below layer $i$ is heard through it (part b), the saturation of all"
            " units of any one of the layers $i$ to $L - 1$ silences layer $i$. The last layer, being linear, cannot."
        )),
    ),
    shorthands=(Equation(N(i).entry(), sqrt(Sum(r, Sum(c, A(i)[r, c] ** 2)))),),
    bounds=(
        Bound("slope", damping, QUARTER, (h(i)[r] - HALF) ** 2, "a square, by $h_i[r] = logistic(s_i[r])$"),
        Bound("norm", Sum(r, pulled**2), N(i + 1).entry() ** 2 * heard, Sum(r, lagrange), "Lagrange's identity"),
        Bound("saturation", damping, fading, fading**2 * (2 + fading) / (1 + fading) ** 2),
        Bound("column", pulled**2, heard * column, lagrange, "Lagrange's identity"),
    ),
    summary=(
        "Each layer between costs a factor $logistic'(s_i[r])$, at most $1/4$, and a matrix: with norms below 4 the"
        " gradient dies with the depth."
    ),
    intuition=(
        "What layer $i$ does is heard at the output only through every layer above it. Each passes it through a"
        " sigmoid, which is nowhere steeper than $1/4$, and through its weights, which alone can make up for it."
    ),
    conventions=(
        "$dy/db_i$ is a row of $n_i$ entries, $dy/dA_i$ is $n_i$ by $n_{i-1}$, like $A_i$ itself.",
        "$normA_i$ is the Frobenius norm. Used is only that no row times $A_i$ is longer than $normA_i$ times the row.",
        "The operator norm is the least number with that property, so all bounds hold for it too.",
    ),
    mistakes=(
        Mistake("always", "bound", "A sigmoid always makes the gradient vanish", tempting="Every slope is at most 1/4.",
                repair="The weights count too: with one unit a layer, all at rest, weights of 8 make it grow like"
                       " $2^(L - i)$.",
                form=4 ** (2 * (layer - depth))),
        Mistake("one more", "bound", "One quarter too many: $L - i + 1$ slopes", tempting="There are so many layers.",
                repair="The last layer is linear: layers $i$ to $L - 1$ have a slope, $L - i$ of them.",
                form=upper(1) / 16),
        Mistake("own slope", "b", "The slope of the layer itself left out",
                tempting="The matrices above layer $i$ are $A_{i+1}$ to $A_L$, with a slope between any two.",
                repair="The bias is added before the sigmoid of its own layer: that slope stands last.",
                form=(ways(i + 2) @ Whole(A(i + 1)))[1, r]),
    ),
    decimals=True,
    instance={
        "L": 6,
        **{f"A_{k}": thirds(WIDTHS[k], WIDTHS[k - 1], k) for k in range(1, 7)},
        **{f"b_{k}": thirds(1, WIDTHS[k], k)[0] for k in range(1, 7)},
        "h_0": (1, -1, "1/2", 2),
    },
    boxed=("b", "A", "bound"),
    sources=("Hochreiter 1991; Bengio, Simard and Frasconi 1994",),
)
