"""Learning the scale and the shift of batch normalization, for three kinds of output."""

from typing import Any

from derive.language import (
    NONNEGATIVE, POSITIVE, Equation, Gradient, Identity, Index, Mistake, Name, Problem, Program, Question, Remark,
    Sum, d, index, logistic, scalar, size, sqrt, tensor,
)

N, K, J, M = size("N", "samples"), size("K", "inputs"), size("J", "hidden units"), size("M", "outputs")
i, k, j, l = index("i", N), index("k", K), index("j", J), index("l", M)  # noqa: E741


def sample(base: str, axis: Index, meaning: str, accent: str = "", text: str = "") -> Any:
    return tensor(Name(base, accent, text=text, above=1, enclosed=True), (i, axis), meaning)


x, z = sample("x", k, "inputs"), sample("z", j, "what the hidden units sum up")
w, eta = tensor("w", (j, k), "weights into the hidden units"), scalar("eta", "learning rate", POSITIVE)
mu = tensor("mu", j, "mean of $z$ over the samples")
var = tensor(Name("sigma", sup=("2",), text="var"), j, "variance of $z$ over the samples, divided by $N$")
eps = scalar(Name("epsilon", text="eps"), "a small constant", NONNEGATIVE)
xhat, zhat = sample("x", j, "normalized", "hat"), sample("z", j, "scaled and shifted", "hat")
gamma, beta = tensor("gamma", j, "learned scales"), tensor("beta", j, "learned shifts")
h = sample("h", j, "outputs of the hidden units, by the logistic function")
E = scalar("E", "error")
slope = h[i, j] * (1 - h[i, j])

u, v = tensor(Name("w", text="wout"), j, "output weights"), tensor("v", (l, j), "output weights")
yj, yl = sample("y", j, "outputs"), sample("y", l, "outputs")
tj, tl = sample("d", j, "targets", text="t"), sample("d", l, "targets", text="t")
HIDDEN: dict[str, Any] = {
    "x": ((6, 6), (7, 7), (12, 2), (11, 1)), "w": ((1, 1), (1, -1)), "eps": 0, "eta": "1/10",
    "gamma": ("log(2)", "log(3)"), "beta": (0, "log(2)"), "t": ((1, 0), (0, 1), (1, 1), (0, 0)),
}


def built(variant: str, kind: str, y: Any, t: Any, axis: Index, output: Any, back: Any, more: Any) -> dict[str, Any]:
    """The problem with one kind of output: y[i, axis] = output, and dE/dh[i, j] = back."""
    g_gamma, g_beta = Sum(i, back * slope * xhat[i, j]), Sum(i, back * slope)
    return {
        "id": "bn_update_rule", "variant": variant,
        "statement": (
            "Hidden units sum up $z[i, j]$, which is normalized over the samples, scaled by $gamma[j]$, shifted by"
            f" $beta[j]$, and passed through the logistic function. Output ({variant}): {kind}. Find the gradients of"
            " the error by the scale and the shift, and the rule by which gradient descent updates them."
        ),
        "program": Program((
            Equation(z[i, j], Sum(k, w[j, k] * x[i, k])),
            Equation(mu[j], 1 / N * Sum(i, z[i, j])),
            Equation(var[j], 1 / N * Sum(i, (z[i, j] - mu[j]) ** 2)),
            Equation(xhat[i, j], (z[i, j] - mu[j]) / sqrt(var[j] + eps)),
            Equation(zhat[i, j], gamma[j] * xhat[i, j] + beta[j]),
            Equation(h[i, j], logistic(zhat[i, j])),
            Equation(y[i, axis], output),
            Equation(E, Sum(i, Sum(axis, (y[i, axis] - t[i, axis]) ** 2)) / 2),
        ), loss=E, parameters=(eta,)),
        "questions": (
            Question("gamma", Gradient(gamma), form=g_gamma), Question("beta", Gradient(beta), form=g_beta),
            Question("update", Identity(gamma[j] - eta * d(E, gamma)[j]), form=gamma[j] - eta * g_gamma,
                     text="The new $gamma[j]$; that of $beta[j]$ is the same with $dE/dbeta[j]$, see S7."),
        ),
        "summary": "The scale hears what the shift hears, weighted by the normalized input $xhat[i, j]$.",
        "intuition": "$gamma$ and $beta$ stand after the normalization, so neither mean nor variance moves with them.",
        "conventions": ("A superscript $i$ in parentheses counts samples; it is never a power.",),
        "conditions": ("$var[j] + eps > 0$",),
        "otherwise": {"$var[j] + eps > 0$": "all samples agree in unit $j$ and $eps = 0$: $xhat[i, j]$ is 0/0"},
        "remarks": (Remark("update beta", beta[j] - eta * d(E, beta)[j], beta[j] - eta * g_beta, "The new $beta[j]$"),),
        "mistakes": (
            Mistake("wrong sign", "update", "Added instead of subtracted",
                    tempting="The gradient is the direction asked for.", repair="It points uphill: subtract it.",
                    form=gamma[j] + eta * g_gamma),
            Mistake("no slope", "gamma", "The slope of the logistic function left out", tempting="It is right where"
                    " nothing is squashed.", repair="Multiply by $h[i, j]*(1 - h[i, j])$.",
                    form=Sum(i, back * xhat[i, j])),
            Mistake("one sample", "beta", "One sample only", tempting="$beta[j]$ is read once in the equation.",
                    repair="It is read for every sample: sum over $i$.", form=Sum(i, back * slope) / N),
        ),
        "decimals": True, "instance": {**HIDDEN, **more},
        "sources": ("Ioffe and Szegedy 2015, Batch Normalization, section 3",),
    }  # fmt: skip


def error(y: Any, t: Any, axis: Index) -> Any:
    return y[i, axis] - t[i, axis]


PROBLEM = Problem(
    title="Learning the scale and the shift: one weight for each output",
    **built("A", "$y[i, j] = wout[j]*h[i, j]$", yj, tj, j, u[j] * h[i, j], error(yj, tj, j) * u[j], {"wout": (1, 2)}),
    variants={
        "B": Problem(title="Learning the scale and the shift: a logistic layer of outputs", **built(
            "B", "a logistic layer", yl, tl, l, logistic(Sum(j, v[l, j] * h[i, j])),
            Sum(l, error(yl, tl, l) * yl[i, l] * (1 - yl[i, l]) * v[l, j]), {"v": ((1, -1), (2, 1))})),
        "C": Problem(title="Learning the scale and the shift: the hidden units are the outputs", **built(
            "C", "$y[i, j] = h[i, j]$", yj, tj, j, h[i, j], error(yj, tj, j), {})),
    },
)
