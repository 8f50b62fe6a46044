"""Batch normalization forward: normalize every row, scale, shift; and what is used after training."""

from derive.language import (
    NONNEGATIVE, POSITIVE, Equation, Forward, Framework, Mistake, Name, Problem, Program, Question, Remark, Sum,
    index, scalar, size, sqrt, tensor,
)

d, m = size("d", "features"), size("m", "examples in the batch")
j, i = index("j", d), index("i", m)

Z = tensor("Z", (j, i), "inputs: row $j$ is a feature, column $i$ an example")
gamma, beta = tensor("gamma", j, "learned scales"), tensor("beta", j, "learned shifts")
eps = scalar(Name("epsilon", text="eps"), "a small constant", NONNEGATIVE)
M = tensor("M", j, "running mean")
V = tensor("V", j, "running variance", POSITIVE)
rho = scalar("rho", "momentum, the weight of the new batch")
mu = tensor("mu", j, "mean of a row")
var = tensor(Name("sigma", sup=("2",), text="var", spellings=("sigma2",)), j, "variance of a row, divided by $m$")
zhat = tensor(Name("z", "hat"), (j, i), "normalized")
ztilde = tensor(Name("z", "tilde"), (j, i), "scaled and shifted")
M_new, V_new = tensor(Name("M", primes=1), j, "running mean, updated"), tensor(Name("V", primes=1), j, "the same")
u = tensor("u", (j, i), "output after training, by running statistics")
slope = gamma[j] / sqrt(V[j] + eps)

PROBLEM = Problem(
    id="bn_forward",
    title="Batch normalization, forward",
    statement=(
        "The rows of $Z$ are features, its columns the examples of a batch. Normalize every row, then scale and shift"
        " it; give the inference form with running statistics, and say why the batch size does not enter there."
    ),
    program=Program((
        Equation(mu[j], 1 / m * Sum(i, Z[j, i])),
        Equation(var[j], 1 / m * Sum(i, (Z[j, i] - mu[j]) ** 2)),
        Equation(M_new[j], (1 - rho) * M[j] + rho * mu[j]),
        Equation(V_new[j], (1 - rho) * V[j] + rho * var[j]),
        Equation(u[j, i], gamma[j] * (Z[j, i] - M[j]) / sqrt(V[j] + eps) + beta[j]),
        Equation(zhat[j, i], (Z[j, i] - mu[j]) / sqrt(var[j] + eps)),
        Equation(ztilde[j, i], gamma[j] * zhat[j, i] + beta[j]),
    )),
    questions=(
        Question("mu", Forward(mu)),
        Question("var", Forward(var)),
        Question("zhat", Forward(zhat)),
        Question("ztilde", Forward(ztilde)),
    ),
    summary="Each row is brought to mean 0 and variance 1; the scale and shift that it then gets are learned.",
    intuition=(
        "Within a batch every example changes the mean and the variance that all others are measured by. After training"
        " these are numbers kept from before, so an example is mapped on its own, by a straight line."
    ),
    conventions=(
        "$var[j]$ is the biased variance: it divides by $m$. (PyTorch keeps $V$ with $m - 1$ in place of $m$.)",
        "Momentum: $rho$ is the weight of the new batch, as in PyTorch; where a book's momentum is 0.9, $rho = 1/10$.",
    ),
    conditions=("$var[j] + eps > 0$",),
    otherwise={
        "$var[j] + eps > 0$": "the row $j$ is constant and $eps = 0$: $zhat[j, i]$ is 0/0 in that row",
        "$mu$, $var$ over the examples of one row":
            "over the features of one column it would be layer normalization",
    },
    lemmas=(
        Remark("centred", Sum(i, Z[j, i] - mu[j]), 0, "Deviations from a row's mean sum to zero."),
    ),
    remarks=(
        Remark("mean zero", Sum(i, zhat[j, i]), 0, "Every normalized row has mean 0."),
        Remark("variance one", 1 / m * Sum(i, zhat[j, i] ** 2), var[j] / (var[j] + eps), "1 only when $eps = 0$."),
        Remark("shifted mean", 1 / m * Sum(i, ztilde[j, i]), beta[j], "The new mean is $beta[j]$, whatever it was."),
        Remark("inference", u[j, i], slope * Z[j, i] + (beta[j] - slope * M[j]),
               "A straight line in $Z[j, i]$: no sum over $i$, no $m$, so any batch size gives the same, even 1."),
    ),
    mistakes=(
        Mistake("m minus 1", "var", "The variance divided by $m - 1$",
                tempting="That is the unbiased estimate of statistics, and the default of many libraries.",
                repair="Batch normalization divides by $m$.",
                form=1 / (m - 1) * Sum(i, (Z[j, i] - mu[j]) ** 2)),
        Mistake("not a root", "zhat", "Divided by the variance",
                tempting="Both are called the spread of the row.",
                repair="Divide by its square root.",
                form=(Z[j, i] - mu[j]) / (var[j] + eps), breaks="variance one"),
        Mistake("shift first", "ztilde", "Shifted before it is scaled",
                tempting="At $gamma[j] = 1$ nothing shows, as on the worked instance.",
                repair="Scale first, then add $beta[j]$.",
                form=gamma[j] * (zhat[j, i] + beta[j])),
    ),
    boxed=("zhat", "ztilde"),
    in_numbers=True,
    instance={
        "Z": ((12, 14, 14, 12), (0, 10, 10, 0), (-5, 5, 5, -5)), "eps": 0, "gamma": (1, 1, 1), "beta": (0, -10, 10),
        "M": (10, 2, 1), "V": (4, 16, 9), "rho": "1/10",
    },
    framework=Framework("batch_norm_rows", ztilde, {"input": Z, "weight": gamma, "bias": beta, "eps": eps}),
    sources=("Ioffe and Szegedy 2015, Batch Normalization, section 3",),
)
