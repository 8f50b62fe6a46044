"""Two forms of momentum SGD are one method, Nesterov's two forms likewise; a schedule parts them."""

from derive.language import (
    Consequence, Induction, Law, Mistake, Name, Numbers, Problem, Question, Recurrence, index, scalar, size, tensor,
)

n = size("n", "steps")
k, time = index("k", n, 0), index("k", n + 1, -1)

alpha, beta = scalar("alpha", "learning rate"), scalar("beta", "momentum")
first = scalar(Name("theta", sub=("0",), text="first"), "parameter to start from")
g = tensor(Name("g", above=1), time, "gradients, any sequence")
a = tensor(Name("eta", above=1), time, "learning rates of a schedule, in place of $alpha$")
theta = tensor(Name("theta", above=1), time, "parameter in form I")
phi = tensor(Name("phi", above=1), time, "parameter in form II")
v = tensor(Name("v", above=1), time, "velocity of form II")
psi = tensor(Name("psi", above=1), time, "parameter in form II under the schedule")
u = tensor(Name("u", above=1), time, "its velocity")
x = tensor(Name("x", above=1), time, "Nesterov: parameter")
w = tensor(Name("w", above=1), time, "Nesterov: step")
y = tensor(Name("y", above=1), time, "Nesterov, as in code: the point where the gradient is taken")
s = tensor(Name("s", above=1), time, "Nesterov, as in code: buffer")
f = scalar("f", "the function that is minimized")
SLOWER: Numbers = {"alpha": "1/10", "beta": "9/10", "first": 0, "g": (1, 1), "eta": ("1/10", "1/100")}

PROBLEM = Problem(
    id="momentum_forms",
    title="Two forms of momentum, by induction",
    statement=(
        "Momentum is written in two ways: with the last step, $theta[k + 1] = theta[k] - alpha*g[k]"
        " + beta*(theta[k] - theta[k - 1])$, and with a velocity, $v[k + 1] = g[k] + beta*v[k]$ and $phi[k + 1] ="
        " phi[k] - alpha*v[k + 1]$. Show that both give the same parameters for every sequence of gradients, that the"
        " two forms of Nesterov's method do so too, and where the equivalence ends. Superscripts count iterations."
    ),
    program=Recurrence(
        counter=k,
        starts=(
            Law(theta[0], first), Law(theta[-1], first), Law(phi[0], first), Law(phi[-1], first), Law(v[0], 0),
            Law(x[0], first), Law(w[0], 0), Law(y[0], first), Law(s[0], 0),
            Law(psi[0], first), Law(psi[-1], first), Law(u[0], 0),
        ),
        laws=(
            Law(theta[k + 1], theta[k] - alpha * g[k] + beta * (theta[k] - theta[k - 1])),
            Law(v[k + 1], g[k] + beta * v[k]),
            Law(phi[k + 1], phi[k] - alpha * v[k + 1]),
            Law(w[k + 1], beta * w[k] - alpha * g[k]),
            Law(x[k + 1], x[k] + w[k + 1]),
            Law(s[k + 1], beta * s[k] + g[k]),
            Law(y[k + 1], y[k] - alpha * (g[k] + beta * s[k + 1])),
            Law(u[k + 1], g[k] + beta * u[k]),
            Law(psi[k + 1], psi[k] - a[k] * u[k + 1]),
        ),
        loss=f,
    ),
    questions=(
        Question("forms", Induction((
            (theta[k], phi[k]), (theta[k - 1], phi[k - 1]), (alpha * v[k], phi[k - 1] - phi[k])))),
        Question("invariant", Induction((
            (theta[k] - theta[k - 1], -alpha * v[k]),))),
        Question("nesterov", Induction(((y[k], x[k] + beta * w[k]), (w[k], -alpha * s[k])))),
        Question("schedule", Consequence(
            psi[k + 1] - (psi[k] - a[k] * g[k] + beta * (psi[k] - psi[k - 1])), shifts=(0, -1)),
            form=beta * (a[k - 1] - a[k]) * u[k]),
    ),
    summary="The velocity is the last step divided by $-alpha$, so both forms carry the same memory.",
    intuition=(
        "Form I remembers the last step, form II a velocity. As long as $alpha$ never changes the two differ by the"
        " constant factor $-alpha$; once it changes, form II goes on with velocities that were scaled by the old rate."
    ),
    conventions=(
        "A superscript counts iterations; $beta^2$ would be a power.",
        "The invariant is multiplied by $alpha$ rather than divided, so no line divides by $alpha$ or $beta$.",
    ),
    otherwise={
        "$alpha$ and $beta$ are the same at every step": "the last claim says by how much the forms differ then",
        "$theta[-1] = theta[0]$ and $v[0] = 0$": "the first steps differ: form I starts with a step that form II lacks",
        "$g[k]$ is one sequence for both forms": "nothing is claimed. Gradients taken at equal parameters are equal",
    },
    mistakes=(
        Mistake("beta squared", "forms", "The momentum applied twice",
                tempting="The velocity already holds $beta*v[k]$, and the step multiplies by $beta$ again.",
                repair="One factor $beta$ a step: the velocity is the memory, the step only scales it.",
                form=phi[k] + beta * alpha * v[k] - beta**2 * alpha * v[k], at=SLOWER),
        Mistake("schedule ignored", "schedule", "The same claim for a learning rate that changes",
                tempting="Every line of the proof seems to use one step only.",
                repair="The invariant uses the rate of the step before: with $eta[k - 1]$ and $eta[k]$ different, form"
                       " II differs from form I by the residual.",
                form=beta * 0, at=SLOWER),
    ),
    boxed=("forms", "nesterov", "schedule"),
    instance={
        "alpha": "1/10", "beta": "9/10", "first": 1, "g": (1, 2, -1, 3),
        "eta": ("1/10", "1/100", "1/100", "1/100"),
    },
    sources=("Polyak 1964; Nesterov 1983; Sutskever, Martens, Dahl and Hinton 2013",),
)
