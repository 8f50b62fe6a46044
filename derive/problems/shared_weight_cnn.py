"""A small convolutional network by hand: one shared kernel, ReLU, softmax."""

from derive.language import (
    Equation, Forward, Gradient, Identity, Jacobian, Mistake, Name, Problem, Program, Question, Remark, Sum, d,
    delta, exp, index, log, relu, scalar, step, tensor,
)

i, k, c, b = index("i", 2), index("k", 2), index("c", 2), index("b", 2)

x = tensor("x", index("t", 3), "inputs")
w = tensor("w", k, "the shared kernel")
w3, w4, w5, w6 = (scalar(Name("w", sub=(number,)), "output weight") for number in "3456")
q = tensor("q", i, "convolution")
h = tensor("h", i, "hidden units, $relu(q[i])$")
z = tensor("z", c, "scores")
y = tensor("y", c, "softmax of the scores")
J = scalar("J", "loss, for the first class")
eta = scalar("eta", "learning rate")

dy, dz, dh, dq, dw = d(J, y), d(J, z), d(J, h), d(J, q), d(J, w)

PROBLEM = Problem(
    id="shared_weight_cnn",
    title="One shared kernel, ReLU and softmax, by hand",
    statement=(
        "Three inputs pass one kernel of two weights, used twice; then ReLU, two scores $z[c]$ and their softmax. The"
        " loss is $J = -log(y[1])$. Work out the forward values, every gradient on the way back, and the change of"
        " $w[1]$."
    ),
    program=Program((
        Equation(q[i], Sum(k, w[k] * x[i + k - 1])),
        Equation(h[i], relu(q[i])),
        Equation(z[c], delta(c, 1) * (w3 * h[1] + w4 * h[2]) + delta(c, 2) * (w5 * h[1] + w6 * h[2])),
        Equation(y[c], exp(z[c]) / Sum(b, exp(z[b]))),
        Equation(J, -log(y[1])),
    ), loss=J, parameters=(eta,)),
    questions=(
        Question("q", Forward(q)),
        Question("h", Forward(h)),
        Question("z", Forward(z)),
        Question("y", Forward(y)),
        Question("J", Forward(J)),
        Question("dJdy", Gradient(y), form=-delta(c, 1) / y[1], text="$dJ/dy[2] = 0$: the loss does not read $y[2]$."),
        Question("dydz", Jacobian(y[c], z[b]), form=y[c] * (delta(c, b) - y[b])),
        Question("dJdz", Gradient(z), form=y[c] - delta(c, 1)),
        Question("dJdh", Gradient(h), form=(delta(i, 1) * w3 + delta(i, 2) * w4) * dz[1]
                 + (delta(i, 1) * w5 + delta(i, 2) * w6) * dz[2]),
        Question("dJdq", Gradient(q), form=step(q[i]) * dh[i]),
        Question("dw1", Identity(eta * dw[1]), form=eta * (dq[1] * x[1] + dq[2] * x[2]),
                 text="The size of the change of $w[1]$; the step itself goes against the gradient."),
    ),
    summary="A shared weight collects from every place where it is used: $dJ/dw[1]$ is a sum over both windows.",
    intuition="Prediction minus target starts it, ReLU lets it pass where a unit is on, the two windows share $w[k]$.",
    conventions=("ReLU has the slope 0 at 0, as in PyTorch.",),
    otherwise={"$q[1]$, $q[2]$ are not 0": "ReLU has a kink there, and its slope is a convention"},
    remarks=(
        Remark("softmax", Sum(c, y[c]), 1, "Probabilities sum to one."),
        Remark("no net push", Sum(c, dz[c]), 0, "What one score gains the other loses."),
    ),
    mistakes=(
        Mistake("first window", "dw1", "Only the first window", tempting="$w[1]$ stands first in it.",
                repair="The kernel is shared: add the second window.", form=eta * dq[1] * x[1]),
        Mistake("no relu", "dJdq", "ReLU ignored", tempting="On the worked instance both units are on.",
                repair="Where $q[i] < 0$ nothing passes: multiply by $step(q[i])$.", form=dh[i]),
        Mistake("plus target", "dJdz", "Prediction alone", tempting="It is right for the second class.",
                repair="Subtract 1 for the class that is right.", form=y[c], breaks="no net push"),
    ),
    in_numbers=True,
    instance={"x": ("1/2", 1, "-1/2"), "w": (1, 1), "w3": 1, "w4": 1, "w5": 1, "w6": 1, "eta": "1/10"},
    decimals=True,
    oracle_sizes=({},) * 8,  # so many points: ReLU hides a unit in half of them
    boxed=("dJdz", "dJdq", "dw1"),
    units=(x,),
)
