"""Identities that have to be decided, and near misses that have to be refuted."""

from __future__ import annotations

from fractions import Fraction

import pytest

from derive.algebra.decide import decide
from derive.language import (
    POSITIVE,
    Assumption,
    Equation,
    Sum,
    delta,
    exp,
    index,
    log,
    logistic,
    scalar,
    size,
    sqrt,
    tanh,
    tensor,
)
from derive.language.expression import Expr, Operand_, expression
from derive.language.verdict import Proved, Refuted

m, N, C = size("m"), size("N"), size("C")
i, j = index("i", m), index("j", m)
n, c, k = index("n", N), index("c", C), index("k", C)
a, b, eps = scalar("a"), scalar("b"), scalar("eps", domain=POSITIVE)
u, v = scalar("u", domain=POSITIVE), scalar("v", domain=POSITIVE)
x, z = tensor("x", i), tensor("z", i)
X, G, B = tensor("X", (n, c)), tensor("G", (n, c)), tensor("B", n)
t = tensor("t", c)
mu, var, M, V = scalar("mu"), scalar("var"), tensor("M", n), tensor("V", n)

DEFINITIONS = {
    equation.tensor.key: equation
    for equation in (
        Equation(mu, Sum(i, x[i]) / m),
        Equation(var, Sum(i, (x[i] - mu) ** 2) / m),
        Equation(M[n], Sum(c, X[n, c]) / C),
        Equation(V[n], Sum(c, (X[n, c] - M[n]) ** 2) / C),
    )
}
xhat = (x[i] - mu) / sqrt(var + eps)
squares = Sum(c, (X[n, c] - M[n]) ** 2 / sqrt(V[n] + eps) ** 3)
after = C * Sum(n, 1 / sqrt(V[n] + eps) - eps / sqrt(V[n] + eps) ** 3)
row = exp(X[n, c]) / Sum(k, exp(X[n, k]))

TRUE: list[tuple[str, Operand_, Operand_]] = [
    ("deviations sum to zero", Sum(i, x[i] - mu), 0),
    ("variance as second moment", var, Sum(i, x[i] ** 2) / m - mu**2),
    ("normalized second moment", Sum(i, xhat**2), m * var / (var + eps)),
    ("root of a cube", 1 / sqrt((var + eps) ** 3), 1 / ((var + eps) * sqrt(var + eps))),
    ("normalization undone", sqrt(var + eps) * xhat + mu, x[i]),
    ("a family of roots under a sum", Sum(n, squares), after),
    ("the same nested the other way", Sum(c, Sum(n, (X[n, c] - M[n]) ** 2 / sqrt(V[n] + eps) ** 3)), after),
    ("softmax rows sum to one", Sum(n, Sum(c, row)), N),
    ("softmax summed over rows first", Sum(c, Sum(n, row)), N),
    ("double sums commute", Sum(n, Sum(c, X[n, c] * B[n])), Sum(c, Sum(n, B[n] * X[n, c]))),
    ("square of a sum", Sum(i, x[i]) ** 2, Sum(i, Sum(j, x[i] * x[j]))),
    (
        "lagrange",
        Sum(i, x[i] ** 2) * Sum(i, z[i] ** 2) - Sum(i, x[i] * z[i]) ** 2,
        Sum(i, Sum(j, (x[i] * z[j] - x[j] * z[i]) ** 2)) / 2,
    ),
    ("delta under two sums", Sum(i, Sum(j, delta(i, j) * x[i] * z[j])), Sum(i, x[i] * z[i])),
    ("delta with free indices", delta(i, j) * x[i], delta(i, j) * x[j]),
    ("the first m numbers", Sum(i, i), m * (m + 1) / 2),
    ("squares of the first m numbers", Sum(i, i**2), m * (m + 1) * (2 * m + 1) / 6),
    ("an empty body", Sum(i, a), m * a),
    ("logistic", 1 / (1 + exp(-z[i])), logistic(z[i])),
    ("its derivative", logistic(z[i]) * (1 - logistic(z[i])), exp(-z[i]) / (1 + exp(-z[i])) ** 2),
    (
        "its derivative under a sum",
        Sum(i, x[i] * logistic(z[i]) * (1 - logistic(z[i]))),
        Sum(j, x[j] * exp(z[j]) / (1 + exp(z[j])) ** 2),
    ),
    ("its symmetry", logistic(-a), 1 - logistic(a)),
    ("logistic of a sum", logistic(a * x[i] + b), 1 / (1 + exp(-b) * exp(-a * x[i]))),
    ("the same under a sum", Sum(i, logistic(a * x[i] + b) ** 2), Sum(i, 1 / (1 + exp(-b) * exp(-a * x[i])) ** 2)),
    ("tanh by exponentials", tanh(a), (exp(a) - exp(-a)) / (exp(a) + exp(-a))),
    ("tanh by logistic", tanh(a), 2 * logistic(2 * a) - 1),
    ("derivative of tanh", 1 - tanh(a) ** 2, 4 / (exp(a) + exp(-a)) ** 2),
    ("partial fractions", 1 / (a - b) - 1 / (a + b), 2 * b / (a**2 - b**2)),
    ("two exponentials below", exp(a) / (exp(a) + exp(b)), 1 / (1 + exp(b - a))),
    ("log of a product", log(u * v), log(u) + log(v)),
    ("log of a power", log(u**3), 3 * log(u)),
    ("log of a root", log(sqrt(u)), log(u) / 2),
    ("exp of a log", exp(2 * log(u)), u**2),
    ("roots of positive factors", sqrt(u * v), sqrt(u) * sqrt(v)),
    ("a root below", 1 / sqrt(u), sqrt(u) / u),
    ("root of a size", sqrt(1 / m), 1 / sqrt(m)),
    ("roots of numbers", sqrt(expression(8)), 2 * sqrt(expression(2))),
    ("addition theorem of tanh", tanh(a + b), (tanh(a) + tanh(b)) / (1 + tanh(a) * tanh(b))),
    ("softplus", log(1 + exp(a)) - log(1 + exp(-a)), a),
    ("log of the logistic", log(logistic(a)), -log(1 + exp(-a))),
    ("softmax is blind to a shift", exp(x[i] + a) / Sum(j, exp(x[j] + a)), exp(x[i]) / Sum(j, exp(x[j]))),
    ("log-sum-exp shifts", log(Sum(j, exp(x[j] + a))), a + log(Sum(j, exp(x[j])))),
    ("a root of a fourth power", sqrt(a**4), a**2),
    ("two deltas", delta(i, j) * delta(j, 1), delta(i, 1) * delta(j, 1)),
    ("a reciprocal of a delta", 1 / (1 + delta(i, j)), 1 - delta(i, j) / 2),
    ("powers with symbolic exponents", u**a * u**b, u ** (a + b)),
    (
        "matrix products associate",
        Sum(n, Sum(c, G[n, c] * Sum(k, X[n, k] * t[k]))),
        Sum(k, t[k] * Sum(n, X[n, k] * Sum(c, G[n, c]))),
    ),
    ("a denominator rationalized", 1 / (sqrt(u) + sqrt(v)), (sqrt(u) - sqrt(v)) / (u - v)),
]

FALSE: list[tuple[str, Operand_, Operand_]] = [
    ("an index is not its sum", Sum(i, x[i]), m * x[i]),
    ("a factor pulled out of a sum that binds it", Sum(i, x[i] * z[i]), x[i] * Sum(i, z[i])),
    ("mean of squares", Sum(i, x[i] ** 2), Sum(i, x[i]) ** 2 / m),
    ("m - 1 for m", var, Sum(i, (x[i] - mu) ** 2) / (m - 1)),
    ("unit variance although eps > 0", Sum(i, xhat**2), m),
    ("an exponent off by one half", 1 / sqrt((var + eps) ** 3), 1 / (var + eps)),
    ("a root of a square", sqrt(a * a), a),
    ("a root of a square times", sqrt(a**2 * u), a * sqrt(u)),
    ("a reciprocal of a root of a square", 1 / sqrt((a - b) ** 2), 1 / (a - b)),
    ("a three-halves power of a square", (a**2 + 0 * u) ** Fraction(3, 2), a**3),
    ("addition theorem with a sign", tanh(a + b), (tanh(a) + tanh(b)) / (1 - tanh(a) * tanh(b))),
    ("softmax shifted above only", exp(x[i] + a) / Sum(j, exp(x[j])), exp(x[i]) / Sum(j, exp(x[j]))),
    ("a delta summed off its range", Sum(j, delta(i, j + 1)), 1),
    ("an index taken out of a chain of deltas", delta(i, j) * delta(j, 1), delta(i, 1)),
    ("a product of sums", Sum(i, x[i]) * Sum(i, z[i]), Sum(i, x[i] * z[i])),
    ("a transpose forgotten", Sum(n, Sum(c, X[n, c] * B[n] * t[c])), Sum(n, B[n]) * Sum(n, Sum(c, X[n, c] * t[c]))),
    ("a root of a sum", sqrt(u + v), sqrt(u) + sqrt(v)),
    ("a log of a sum", log(u + v), log(u) + log(v)),
    ("an exp of a product", exp(a * b), exp(a) * exp(b)),
    ("tanh without the 2", tanh(a), 2 * logistic(a) - 1),
    ("a sign in an exponent", logistic(a), 1 / (1 + exp(a))),
    ("one off in a range", Sum(i, i), m * (m - 1) / 2),
    ("a far coefficient", (a + 1) ** 5, a**5 + 5 * a**4 + 10 * a**3 + 10 * a**2 + 5 * a + 2),
    ("a transposed index", Sum(n, Sum(c, X[n, c] * G[n, c])), Sum(n, Sum(c, X[n, c]) * Sum(c, G[n, c]))),
]


@pytest.mark.parametrize(("left", "right"), [case[1:] for case in TRUE], ids=[case[0] for case in TRUE])
def test_true_identities_are_proved(left: Expr, right: Expr) -> None:
    assert isinstance(decide(expression(left), expression(right), DEFINITIONS), Proved)


@pytest.mark.parametrize(("left", "right"), [case[1:] for case in FALSE], ids=[case[0] for case in FALSE])
def test_false_identities_are_refuted_with_a_witness(left: Expr, right: Expr) -> None:
    verdict = decide(expression(left), expression(right), DEFINITIONS)
    assert isinstance(verdict, Refuted)
    assert verdict.counterexample.left != verdict.counterexample.right


def test_an_assumption_is_used_and_named() -> None:
    total = Assumption(Sum(c, t[c]), 1, "the targets sum to one")
    left, right = Sum(c, t[c] * (a + t[c])), a + Sum(c, t[c] ** 2)
    assert isinstance(decide(left, right, {}), Refuted)
    assert decide(left, right, {}, (total,)) == Proved(conditions=("the targets sum to one",))


def test_the_witness_is_small_and_exact() -> None:
    verdict = decide(var.as_expression(), Sum(i, (x[i] - mu) ** 2) / (m - 1), DEFINITIONS)
    assert isinstance(verdict, Refuted)
    assert verdict.counterexample.sizes == {"m": 2}
    assert "." not in verdict.counterexample.left + verdict.counterexample.right
