"""How expressions print: one table of cases for both markups."""

from __future__ import annotations

from fractions import Fraction

import pytest

from derive.language import Name, Sum, d, delta, exp, index, logistic, scalar, size, sqrt, tensor, within
from derive.language.expression import Bracket, Direct, Expr, Mul, Number, expression
from derive.rendering.formula import Formula, latex, typst
from derive.rendering.markup import LATEX, TYPST

m, n = size("m"), size("n")
i, j, k = index("i", m), index("j", m), index("k", n)
x, y, a, b = tensor("x", i), tensor("y", i), scalar("a"), scalar("b")
w, mu, eps, f = tensor("w", (i, k)), scalar("mu"), scalar("epsilon"), scalar("f")
xhat = tensor(Name("x", "hat"), i)
kernel, matrix = tensor(Name("v", above=2), (i, j, k)), tensor(Name("A", rows=2), (i, k, j, k))
var = scalar(Name("sigma", sup=("2",), text="var"))
var_n = tensor(Name("sigma", sup=("2",), text="var_n"), k)
dx, dvar = d(f, x), d(f, var)
s = sqrt(var + eps)
half = Fraction(1, 2)

SUM_X = (r"\sum_{i=1}^{m} x_{i}", "sum_(i = 1)^(m) x_(i)")
CASES: list[tuple[object, str, str]] = [
    (a + b - 2 * mu, r"a + b - 2 \mu", "a + b - 2 mu"),
    (-a - b, "-a - b", "-a - b"),
    (a * (b - 1), "a (b - 1)", "a (b - 1)"),
    (a * -1 * b, "-a b", "-a b"),
    (-(a + b), "-(a + b)", "-(a + b)"),
    (a - (b - mu) * 2, r"a - 2 (b - \mu)", "a - 2 (b - mu)"),
    (1 / m * Sum(i, x[i]), rf"\frac{{1}}{{m}} {SUM_X[0]}", f"frac(1, m) {SUM_X[1]}"),
    ((x[i] - mu) / s, r"\frac{x_{i} - \mu}{\sqrt{\sigma^{2} + \epsilon}}",
     "frac(x_(i) - mu, sqrt(sigma^(2) + epsilon.alt))"),
    (a / (m * s) * (b + 1), r"\frac{a}{m \sqrt{\sigma^{2} + \epsilon}} (b + 1)",
     "frac(a, m sqrt(sigma^(2) + epsilon.alt)) (b + 1)"),
    (-half * a, r"-\frac{1}{2} a", "-frac(1, 2) a"),
    (half / m * a, r"\frac{1}{2 m} a", "frac(1, 2 m) a"),
    (Fraction(2, 3) * a, r"\frac{2}{3} a", "frac(2, 3) a"),
    (a ** -half, r"\frac{1}{\sqrt{a}}", "frac(1, sqrt(a))"),
    ((a + b) ** Fraction(-3, 2), r"\frac{1}{(a + b)^{3/2}}", r"frac(1, (a + b)^(3\/2))"),
    (dx[i] / s, r"\frac{\partial f}{\partial x_{i}} \, \frac{1}{\sqrt{\sigma^{2} + \epsilon}}",
     "frac(partial f, partial x_(i)) thin frac(1, sqrt(sigma^(2) + epsilon.alt))"),
    (dvar * 2 * a / m, r"\frac{\partial f}{\partial \sigma^{2}} \, \frac{2 a}{m}",
     "frac(partial f, partial sigma^(2)) thin frac(2 a, m)"),
    (Sum(i, x[i]) * a, rf"\left({SUM_X[0]}\right) a", f"({SUM_X[1]}) a"),
    (a * Sum(i, x[i]) + b, rf"a {SUM_X[0]} + b", f"a {SUM_X[1]} + b"),
    (Sum(i, x[i] + 1), r"\sum_{i=1}^{m} (x_{i} + 1)", "sum_(i = 1)^(m) (x_(i) + 1)"),
    (Sum(i, -x[i]), r"\sum_{i=1}^{m} (-x_{i})", "sum_(i = 1)^(m) (-x_(i))"),
    (Sum(i, x[i]) ** 2, rf"\left({SUM_X[0]}\right)^{{2}}", f"({SUM_X[1]})^(2)"),
    (Sum(i, Sum(k, w[i, k])), r"\sum_{i=1}^{m} \sum_{k=1}^{n} w_{i k}", "sum_(i = 1)^(m) sum_(k = 1)^(n) w_(i k)"),
    (var**2, r"(\sigma^{2})^{2}", "(sigma^(2))^(2)"),
    (x[i] ** 2, "x_{i}^{2}", "x_(i)^(2)"),
    ((a**2) ** b, "(a^{2})^{b}", "(a^(2))^(b)"),
    ((-1 * expression(a)) ** b, "(-a)^{b}", "(-a)^(b)"),
    (var_n[k], r"\sigma_{k}^{2}", "sigma_(k)^(2)"),
    (xhat[i], r"\hat{x}_{i}", "hat(x)_(i)"),
    (w[i + 1, k], "w_{i + 1, k}", "w_(i + 1, k)"),
    (x[index("n1", m)], "x_{n_{1}}", "x_(n_(1))"),
    (scalar(Name("z", primes=1)) + scalar(Name("net", sub=("1",))), r"z' + \mathrm{net}_{1}", 'z\' + "net"_(1)'),
    (Direct(xhat[i], x[i], (mu, var)), r"\left.\frac{\partial \hat{x}_{i}}{\partial x_{i}}\right|_{\mu, \sigma^{2}}",
     "lr(frac(partial hat(x)_(i), partial x_(i)) |)_(mu, sigma^(2))"),
    (Direct(y[i], x[i]), r"\left.\frac{\partial y_{i}}{\partial x_{i}}\right|_{\mathrm{direct}}",
     'lr(frac(partial y_(i), partial x_(i)) |)_("direct")'),
    (delta(i, j), r"\delta_{i j}", "delta_(i j)"),
    (Bracket("divides", expression(2), expression(a)), r"\left[2 \mid a\right]", "[2 divides a]"),
    (within(i + 1, m), r"\left[1 \le i + 1 \le m\right]", "[1 <= i + 1 <= m]"),
    (kernel[i, j, k], "v_{k}^{i j}", "v_(k)^(i j)"),
    (kernel[1, 2, 3] ** 2, "(v_{3}^{1 2})^{2}", "(v_(3)^(1 2))^(2)"),
    (d(f, kernel)[i, j, k], r"\frac{\partial f}{\partial v_{k}^{i j}}", "frac(partial f, partial v_(k)^(i j))"),
    (matrix[i, k, j, k], "A_{i k, j k}", "A_(i k, j k)"),
    (exp(x[i]) / Sum(j, exp(x[j])), r"\frac{\exp(x_{i})}{\sum_{j=1}^{m} \exp(x_{j})}",
     "frac(exp (x_(i)), sum_(j = 1)^(m) exp (x_(j)))"),
    (logistic(a) ** 2, r"(\sigma(a))^{2}", "(sigma (a))^(2)"),
    (Mul((Number(Fraction(2)), Number(Fraction(3)))), r"2 \cdot 3", "2 dot 3"),
]  # fmt: skip


@pytest.mark.parametrize(("expr", "tex", "typ"), CASES)
def test_prints(expr: Expr, tex: str, typ: str) -> None:
    assert latex(expression(expr)) == tex
    assert typst(expression(expr)) == typ


def test_direct_and_total_derivatives_never_look_alike() -> None:
    total, direct = dx[i], Direct(f.entry(), x[i])
    assert latex(total) != latex(direct)
    in_text = Formula(LATEX, slashed=True)
    assert in_text(total) != in_text(direct)


IN_TEXT = [
    (a * dx[i], r"a \, \partial f/\partial x_{i}"),
    (dx[i] * a, r"(\partial f/\partial x_{i}) a"),  # else the denominator would seem to go on
    (dx[i] / m, r"(\partial f/\partial x_{i}) \frac{1}{m}"),
    (a - dx[i], r"a - \partial f/\partial x_{i}"),
    (Fraction(-1, 2), "-1/2"),
]


@pytest.mark.parametrize(("expr", "tex"), IN_TEXT)
def test_derivatives_in_a_line_of_text_are_slashed(expr: Expr, tex: str) -> None:
    assert Formula(LATEX, slashed=True)(expression(expr)) == tex


def test_a_struck_term_keeps_its_sign_legible() -> None:
    assert Formula(LATEX, (-1 * expression(b),))(a - b) == r"a - \struck{b}"
    assert Formula(TYPST, (expression(b),))(a + b) == "a + cancel(b)"


def test_typst_compiles_every_case(tmp_path: object) -> None:
    import typst as engine

    lines = "\n\n".join(f"$ {typ} $" for _, _, typ in CASES)
    assert engine.compile(lines.encode(), ignore_system_fonts=True).startswith(b"%PDF")
