"""Programs with the right answers about them, as the oracles' tests use them."""

from __future__ import annotations

from fractions import Fraction

from derive.language import (
    NONNEGATIVE,
    Assumption,
    Equation,
    Framework,
    Gradient,
    Name,
    Problem,
    Program,
    Question,
    Sum,
    d,
    delta,
    exp,
    index,
    log,
    scalar,
    size,
    sqrt,
    tensor,
)
from derive.language.derivation import Claim
from derive.language.expression import Direct, Operand_, Read, expression

HALF = Fraction(1, 2)
MINUS_THREE_HALVES = Fraction(-3, 2)


def claim(id: str, left: Operand_, right: Operand_, *assuming: Assumption) -> Claim:
    return Claim(id, expression(left), expression(right), assuming)


def by_id(claims: tuple[Claim, ...]) -> dict[str, Claim]:
    return {one.id: one for one in claims}


# --- batch normalization -------------------------------------------------------------------------------------------

m = size("m")
i, j = index("i", m), index("j", m)
x, xhat, y = tensor("x", i), tensor(Name("x", "hat"), i), tensor("y", i)
gamma, beta, mu = scalar("gamma"), scalar("beta"), scalar("mu")
eps, var = scalar(Name("epsilon", text="eps"), domain=NONNEGATIVE), scalar(Name("sigma", sup=("2",), text="var"))
f = scalar("f")
s = sqrt(var + eps)

BATCH_NORM = Problem(
    id="batch_norm",
    title="batch norm",
    statement="",
    program=Program(
        (
            Equation(mu, 1 / m * Sum(i, x[i])),
            Equation(var, 1 / m * Sum(i, (x[i] - mu) ** 2)),
            Equation(xhat[i], (x[i] - mu) / s),
            Equation(y[i], gamma * xhat[i] + beta),
        ),
        loss=f,
        through=y,
    ),
    questions=(Question("x", Gradient(x)),),
    framework=Framework("batch_norm", y, {"input": x, "weight": gamma, "bias": beta, "eps": eps}),
)

dy, dxhat, dvar, dmu, dx = d(f, y), d(f, xhat), d(f, var), d(f, mu), d(f, x)

BATCH_NORM_RIGHT = (
    claim("gamma", d(f, gamma), Sum(i, dy[i] * xhat[i])),
    claim("beta", d(f, beta), Sum(i, dy[i])),
    claim("xhat", dxhat[i], gamma * dy[i]),
    claim("var", dvar, -HALF * Sum(i, dxhat[i] * (x[i] - mu)) * (var + eps) ** MINUS_THREE_HALVES),
    claim("mu", dmu, -Sum(i, dxhat[i]) / s - 2 * dvar / m * Sum(i, x[i] - mu)),
    claim("mu collected", dmu, -gamma / s * Sum(i, dy[i])),
    claim("x", dx[i], dxhat[i] / s + dvar * 2 * (x[i] - mu) / m + dmu / m),
    claim("x collected", dx[i], gamma / (m * s) * (m * dy[i] - Sum(j, dy[j]) - xhat[i] * Sum(j, dy[j] * xhat[j]))),
    claim("edge of xhat", Direct(xhat[i], x[i], (mu, var)), 1 / s),
    claim("edges of xhat", Direct(xhat[i], x[j], (mu, var)), delta(i, j) / s),
    claim("edge of var", Direct(Read(var), x[i], (mu,)), 2 / m * (x[i] - mu)),
    claim("sum of dx", Sum(i, dx[i]), 0),
)

# --- layer normalization and RMS normalization: two sizes ----------------------------------------------------------

N, C = size("N"), size("C")
n, c, k = index("n", N), index("c", C), index("k", C)
X, Xhat, Y = tensor("x", (n, c)), tensor(Name("x", "hat"), (n, c)), tensor("y", (n, c))
Gamma, Beta, Mu = tensor("gamma", c), tensor("beta", c), tensor("mu", n)
Var = tensor(Name("sigma", sup=("2",), text="var"), n)
DY, DX, DXhat = d(f, Y), d(f, X), d(f, Xhat)
S = sqrt(Var[n] + eps)

LAYER_NORM = Problem(
    id="layer_norm",
    title="layer norm",
    statement="",
    program=Program(
        (
            Equation(Mu[n], 1 / C * Sum(c, X[n, c])),
            Equation(Var[n], 1 / C * Sum(c, (X[n, c] - Mu[n]) ** 2)),
            Equation(Xhat[n, c], (X[n, c] - Mu[n]) / S),
            Equation(Y[n, c], Gamma[c] * Xhat[n, c] + Beta[c]),
        ),
        loss=f,
        through=Y,
    ),
    questions=(Question("x", Gradient(X)),),
    framework=Framework("layer_norm", Y, {"input": X, "weight": Gamma, "bias": Beta, "eps": eps}),
)

LAYER_NORM_RIGHT = (
    claim("gamma", d(f, Gamma)[c], Sum(n, DY[n, c] * Xhat[n, c])),
    claim("beta", d(f, Beta)[c], Sum(n, DY[n, c])),
    claim("xhat", DXhat[n, c], DY[n, c] * Gamma[c]),
    claim("var", d(f, Var)[n], -HALF * Sum(c, DXhat[n, c] * Xhat[n, c]) / (Var[n] + eps)),
    claim("x", DX[n, c], 1 / (C * S) * (
        C * Gamma[c] * DY[n, c]
        - Sum(k, Gamma[k] * DY[n, k])
        - Xhat[n, c] * Sum(k, Gamma[k] * DY[n, k] * Xhat[n, k])
    )),
)  # fmt: skip

R = tensor("r", n)
RMS_NORM = Problem(
    id="rms_norm",
    title="RMS norm",
    statement="",
    program=Program(
        (
            Equation(R[n], sqrt(1 / C * Sum(c, X[n, c] ** 2) + eps)),
            Equation(Y[n, c], Gamma[c] * X[n, c] / R[n]),
        ),
        loss=f,
        through=Y,
    ),
    questions=(Question("x", Gradient(X)),),
    framework=Framework("rms_norm", Y, {"input": X, "weight": Gamma, "eps": eps}),
)

RMS_NORM_RIGHT = (
    claim("gamma", d(f, Gamma)[c], Sum(n, DY[n, c] * X[n, c] / R[n])),
    claim("r", d(f, R)[n], -Sum(c, Gamma[c] * DY[n, c] * X[n, c]) / R[n] ** 2),
    claim("x", DX[n, c],
          Gamma[c] * DY[n, c] / R[n] - X[n, c] / (C * R[n] ** 3) * Sum(k, Gamma[k] * DY[n, k] * X[n, k])),
)  # fmt: skip

# --- softmax and cross-entropy -------------------------------------------------------------------------------------

K = size("K")
a, b = index("k", K), index("j", K)
z, t, p, L = tensor("z", a), tensor("t", a), tensor("p", a), scalar("L")
SUM_T = Assumption(Sum(a, t[a]), 1, "sum_k t_k = 1")

SOFTMAX = Problem(
    id="softmax",
    title="softmax and cross-entropy",
    statement="",
    program=Program(
        (
            Equation(p[a], exp(z[a]) / Sum(b, exp(z[b]))),
            Equation(L, -Sum(a, t[a] * log(p[a]))),
        ),
        loss=L,
    ),
    questions=(Question("z", Gradient(z)),),
    framework=Framework("cross_entropy", L, {"input": z, "target": t}),
)

SOFTMAX_RIGHT = (
    claim("jacobian", Direct(p[a], z[b]), p[a] * (delta(a, b) - p[b])),
    claim("p", d(L, p)[a], -t[a] / p[a]),
    claim("gradient", d(L, z)[a], p[a] * Sum(b, t[b]) - t[a]),
    claim("gradient, sum t = 1", d(L, z)[a], p[a] - t[a], SUM_T),
    claim("loss", L, -Sum(a, t[a] * z[a]) + log(Sum(a, exp(z[a]))), SUM_T),
    claim("loss by itself", d(L, L), 1),
)

RIGHT = tuple(
    (problem, one)
    for problem, claims in (
        (BATCH_NORM, BATCH_NORM_RIGHT),
        (LAYER_NORM, LAYER_NORM_RIGHT),
        (RMS_NORM, RMS_NORM_RIGHT),
        (SOFTMAX, SOFTMAX_RIGHT),
    )
    for one in claims
)
