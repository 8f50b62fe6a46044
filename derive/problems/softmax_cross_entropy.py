"""Softmax with cross-entropy: the gradient everyone uses, and what it needs."""

from derive.language import (
    Assumption, Equation, Framework, Gradient, Jacobian, Mistake, Problem, Program, Question, Remark, Sum, d, delta,
    exp, index, log, scalar, size, tensor,
)

K = size("K", "number of classes")
k, j = index("k", K), index("j", K)

z = tensor("z", k, "logits")
t = tensor("t", k, "target weights")
p = tensor("p", k, "predicted probabilities")
L = scalar("L", "cross-entropy loss")

PROGRAM = Program(
    equations=(
        Equation(p[k], exp(z[k]) / Sum(j, exp(z[j]))),
        Equation(L, -Sum(k, t[k] * log(p[k]))),
    ),
    loss=L,
)

SUM_TO_ONE = Assumption(Sum(k, t[k]), 1, "$sum(t[k], k) = 1$")
dz = d(L, z)

PROBLEM = Problem(
    id="softmax_cross_entropy",
    title="Softmax and cross-entropy",
    statement=(
        "A vector of $K$ logits is turned into probabilities $p[k]$ and compared with targets $t[k]$ by the"
        " cross-entropy $L$. Find the Jacobian of the softmax and the gradient of $L$ with respect to the logits, for"
        " every number of classes, and say what the usual form needs of the targets."
    ),
    program=PROGRAM,
    questions=(
        Question("jacobian", Jacobian(p[k], z[j]), form=p[k] * (delta(k, j) - p[j])),
        Question("general", Gradient(z), form=p[k] * Sum(j, t[j]) - t[k]),
        Question("gradient", Gradient(z), form=p[k] - t[k], assuming=(SUM_TO_ONE,)),
    ),
    summary="The gradient by the logits is prediction minus target, provided that the targets sum to one.",
    intuition=(
        "Adding a constant to every logit changes no probability, so the gradient must sum to zero over the classes:"
        " what one class gains the others lose. Subtracting $t$ from $p$ does this only when both sum to one."
    ),
    conditions=("$p[k] > 0$",),
    otherwise={
        "$p[k] > 0$": "$dL/dp[k] = -t[k]/p[k]$ is undefined; finite logits always give $p[k] > 0$",
        "$L$ is the loss of one example": "for the mean over a batch every gradient is divided by the batch size",
        "the logarithm is natural": "with base 2 the gradient is divided by $log(2)$",
        "$sum(t[k], k) = 1$":
            "the gradient is $p[k]*sum(t[j], j) - t[k]$: on the instance of S7.1"
            " (−2/3, −1/3, 1), where prediction minus target is (−5/6, −2/3, 1/2)",
    },
    lemmas=(Remark("normalized", Sum(k, p[k]), 1, "Probabilities sum to one."),),
    remarks=(
        Remark("log-sum-exp", L, Sum(k, t[k]) * log(Sum(j, exp(z[j]))) - Sum(k, t[k] * z[k]),
               "The loss without a quotient inside a logarithm: the form that code should use."),
        Remark("rows", Sum(j, p[k] * (delta(k, j) - p[j])), 0, "Every row of the Jacobian sums to zero."),
        Remark("sum zero", Sum(k, dz[k]), 0, "The gradient sums to zero over the classes, whatever the targets."),
    ),
    mistakes=(
        Mistake("p minus t", "general", "Prediction minus target for targets that do not sum to one",
                tempting="It is the formula everyone remembers.",
                repair="Multiply $p[k]$ by the sum of the targets, or make them sum to one.",
                form=p[k] - t[k], breaks="sum zero"),
        Mistake("diagonal", "jacobian", "Only the diagonal of the Jacobian",
                tempting="$p[k]*(1 - p[k])$ is the derivative of the logistic function.",
                repair="The denominator holds every logit: for other classes the entry is $-p[k]*p[j]$.",
                form=delta(k, j) * p[k] * (1 - p[k])),
    ),
    instance={"z": ("log(1)", "log(2)", "log(3)"), "t": (1, 1, 0)},
    framework=Framework("cross_entropy", L, {"input": z, "target": t}),
    sources=("Bishop 2006, Pattern Recognition and Machine Learning, section 4.3.4",),
)
