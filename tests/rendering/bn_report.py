"""A report for batch normalization, put together by hand: what the pipeline will hand to the renderer."""

from __future__ import annotations

from fractions import Fraction

from msgspec.structs import replace

from derive.language import Mistake, Remark, Sum, d, delta
from derive.language.derivation import (
    Checked,
    Claim,
    Control,
    Derivation,
    Part,
    Report,
    Step,
    Struck,
    Worked,
    WorkedMistake,
)
from derive.language.expression import Direct, Expr, expression, mul
from derive.language.question import Question
from derive.language.verdict import Counterexample, Evidence, Proved, Refuted, Verdict
from derive.problems import bn_backward as bn
from derive.problems.bn_backward import beta, dmu, dvar, dx, dxhat, dy, eps, f, gamma, i, j, m, mu, s, var, x, xhat, y
from derive.reading.prose import prose_reader

ROOT = "$var + eps > 0$"
half = Fraction(1, 2)
centred = x[i] - mu
ROOT3 = (var + eps) ** Fraction(-3, 2)
dgamma, dbeta = d(f, gamma), d(f, beta)


def _direct(of: object, by: object, *held: object) -> Expr:
    return Direct(expression(of), expression(by), held)  # type: ignore[arg-type]


STEPS: dict[str, tuple[Step, ...]] = {}


Line = tuple[object, str, str, tuple[str, ...], tuple[Struck, ...]]


def _chain(part: str, number: int, left: object, *lines: Line) -> None:
    start = expression(left)  # type: ignore[arg-type]
    free = (i,) if part in ("xhat", "x") else ()
    steps: list[Step] = []
    before = start
    for k, (after, rule, reason, conditions, struck) in enumerate(lines, 1):
        now = expression(after)  # type: ignore[arg-type]
        opening = start if k == 1 else None
        steps.append(Step(f"{number}.{k}", opening, before, now, rule, reason, free, conditions, struck))
        before = now
    STEPS[part] = tuple(steps)


_chain(
    "gamma",
    1,
    dgamma,
    (Sum(i, dy[i] * _direct(y[i], gamma, xhat)), "chain", "Chain rule through every $y[i]$", (), ()),
    (Sum(i, dy[i] * xhat[i]), "differentiate", "Derivative of $y[i]$ by $gamma$", (), ()),
)
_chain(
    "beta",
    2,
    dbeta,
    (Sum(i, dy[i] * _direct(y[i], beta, xhat)), "chain", "Chain rule through every $y[i]$", (), ()),
    (Sum(i, dy[i]), "differentiate", "Derivative of $y[i]$ by $beta$ is 1", (), ()),
)
_chain(
    "xhat",
    3,
    dxhat[i],
    (dy[i] * _direct(y[i], xhat[i]), "chain", "Chain rule; only $y[i]$ reads $xhat[i]$", (), ()),
    (dy[i] * gamma, "differentiate", "Derivative of $y[i]$ by $xhat[i]$", (), ()),
)
_chain(
    "var",
    4,
    dvar,
    (Sum(i, dxhat[i] * _direct(xhat[i], var, mu)), "chain", "Chain rule through every $xhat[i]$", (), ()),
    (Sum(i, dxhat[i] * centred * mul(-half, ROOT3)), "differentiate", "Power rule, exponent -1/2", (ROOT,), ()),
    (mul(-half, ROOT3) * Sum(i, dxhat[i] * centred), "factor", "Factors without $i$ leave the sum", (), ()),
)
_dead = dvar * (mul(-2, 1 / m) * Sum(i, centred))
_chain(
    "mu",
    5,
    dmu,
    (
        Sum(i, dxhat[i] * _direct(xhat[i], mu, var)) + dvar * _direct(var, mu),
        "chain",
        "Chain rule; $mu$ feeds $xhat[i]$ and $var$",
        (),
        (),
    ),
    (Sum(i, dxhat[i] * mul(-1, 1 / s)) + _dead, "differentiate", "Derivatives along both edges", (ROOT,), ()),
    (
        mul(-1, 1 / s) * Sum(i, dxhat[i]),
        "vanish",
        "Deviations sum to zero (Lemma A)",
        (),
        (Struck(_dead, "Deviations sum to zero (Lemma A)"),),
    ),
)
_collected = bn.PROBLEM.question("x").form
assert _collected is not None
_staged = dxhat[i] / s + dvar * (2 * centred / m) + dmu / m
_chain(
    "x",
    6,
    dx[i],
    (
        dxhat[i] * _direct(xhat[i], x[i], mu, var) + dvar * _direct(var, x[i], mu) + dmu * _direct(mu, x[i]),
        "chain",
        "Chain rule; $x[i]$ feeds three nodes",
        (),
        (),
    ),
    (_staged, "differentiate", "Derivatives along the three edges", (ROOT,), ()),
    (
        dxhat[i] / s
        - centred / (m * (var + eps) ** Fraction(3, 2)) * Sum(j, dxhat[j] * (x[j] - mu))
        - 1 / (m * s) * Sum(j, dxhat[j]),
        "insert",
        "Insert $dvar$ (4.3) and $dmu$ (5.3)",
        (),
        (),
    ),
    (
        dxhat[i] / s - xhat[i] / (m * s) * Sum(j, dxhat[j] * xhat[j]) - 1 / (m * s) * Sum(j, dxhat[j]),
        "fold",
        "Definition of $xhat[i]$, read backwards",
        (),
        (),
    ),
    (_collected, "collect", "Insert $dxhat[i]$ (3.2); common factor", (), ()),
)

LEMMAS = (
    Remark("deviations", Sum(i, centred), expression(0), "Deviations from the mean sum to zero."),
    Remark(
        "variance",
        _direct(var, x[i], mu),
        2 / m * centred,
        "Holding $mu$ fixed loses nothing: what the mean would add is a multiple of Lemma A.",
    ),
)
REMARKS = (
    Remark("shift", Sum(i, dx[i]), expression(0), "Shifting every input by the same amount changes nothing."),
    Remark(
        "scale",
        Sum(i, xhat[i] * dx[i]),
        expression(0),
        "At $eps = 0$, stretching the inputs changes nothing.",
        at=(eps, 0),
    ),
    Remark(
        "matrix",
        dx[i],
        gamma / s * Sum(j, (delta(i, j) - 1 / m - xhat[i] * xhat[j] / m) * dy[j]),
        "The same as one matrix acting on the vector of $dy[j]$; a projection only when $eps = 0$.",
    ),
)
MISTAKES = (
    Mistake(
        "mu_constant",
        "x",
        "The mean treated as a constant",
        "$mu$ looks like a number once it is computed.",
        "Add the route through the mean, $dmu / m$.",
        frozen=(mu,),
        breaks="shift",
    ),
    Mistake(
        "var_constant",
        "x",
        "The variance treated as a constant",
        "$xhat[i]$ looks linear in $x[i]$.",
        "Add the route through $var$.",
        frozen=(var,),
        breaks="scale",
    ),
    Mistake(
        "gamma_forgotten",
        "xhat",
        "The scale forgotten",
        "At $gamma = 1$ it is invisible.",
        "Multiply by $gamma$.",
        form=expression(dy[i]),
    ),
)
PROBLEM = replace(
    bn.PROBLEM,
    summary="$dx[i]$ is $dy[i]$ with its mean and its $xhat$ part taken out, then rescaled.",
    intuition="The layer ignores a shift of all inputs, so the gradient must sum to zero; at $eps = 0$ it ignores a"
              " stretch too, so the gradient is also orthogonal to $xhat$. Removing these two parts is all that the two"
              " extra routes do.",
    conventions=("The variance divides by $m$, not by $m - 1$.", "Mean and variance are of this batch (training mode).",
                 "One feature at a time: the columns of a batch do not interact."),
    conditions=(ROOT,),
    otherwise={
        ROOT: "all inputs equal and $eps = 0$: $xhat[i]$ would be 0/0",
        "$mu$ is the mean of this batch": "frozen statistics leave one route",
    },
    lemmas=LEMMAS, remarks=REMARKS, mistakes=MISTAKES,
    instance={"m": 5, "x": (0, 2, 4, 8, 11), "gamma": 2, "beta": 1, "eps": 0, "df/dy": (1, 0, 0, 0, 0)},
    sources=("S. Ioffe, C. Szegedy: Batch Normalization, ICML 2015.",),
)  # fmt: skip

prose = prose_reader(PROBLEM)

SIZES = tuple({"m": k} for k in (1, 2, 3, 4, 5))
EVIDENCE = (
    Evidence("normal form", Proved(), points=1, error="exact"),
    Evidence("unrolled", Proved(), SIZES, 15, "exact"),
    Evidence("differences", Proved(), SIZES[:4], 20, "3e-31"),
    Evidence("pytorch", Proved(), ({"m": 5},), 10, "2e-16"),
)


def _checked(claim: Claim, evidence: tuple[Evidence, ...] = EVIDENCE) -> Checked:
    return Checked(claim, Proved("all sizes", (ROOT,)), evidence)


def _part(question: Question) -> Part:
    steps = STEPS[question.id]
    answer = question.form if question.form is not None else steps[-1].after
    claim = Claim(question.id, PROBLEM.asked(question), answer)
    staged = _staged if question.id == "x" else answer
    return Part(question, steps, staged, claim, ("xhat", "var", "mu") if question.id == "x" else ())


def _remark(remark: Remark) -> Checked:
    return _checked(Claim(remark.id, remark.left, remark.right), EVIDENCE[:2])


def _wrong(mistake: Mistake, wrong: Expr, left: str, right: str, control: tuple[int, str, str] | None) -> WorkedMistake:
    values = {"x": ("1", "-1"), "gamma": "1" if left == "3/16" else "2", "df/dy": ("1", "0"), "eps": "3"}
    question = PROBLEM.question(mistake.question)
    verdict = Refuted(Counterexample({"m": 2}, values, left, right, {"i": 1}))
    return WorkedMistake(
        mistake,
        Claim(mistake.id, PROBLEM.asked(question), wrong),
        verdict,
        (Control(REMARKS[control[0]], *control[1:]),) if control else (),
    )


def report() -> Report:
    parts = tuple(_part(question) for question in PROBLEM.questions)
    lines: dict[str, Verdict] = {step.label: Proved() for part in parts for step in part.steps}
    return Report(
        Derivation(PROBLEM, parts, {e.tensor.key: e for e in PROBLEM.program.equations}),
        tuple(_checked(part.claim) for part in parts),
        tuple(_remark(remark) for remark in REMARKS),
        tuple(_remark(remark) for remark in LEMMAS),
        (
            _wrong(MISTAKES[0], dxhat[i] / s + dvar * (2 * centred / m), "3/16", "7/16", (0, "1/2", "0")),
            _wrong(MISTAKES[1], dxhat[i] / s + dmu / m, "3/16", "1/4", (1, "-5/8", "0")),
            _wrong(MISTAKES[2], expression(dy[i]), "2", "1", None),
        ),
        Worked(worked()),
        lines=lines,
    )


def worked() -> dict[str, object]:
    """The instance in exact numbers, from the printed formulas."""
    xs, g, b, dys, n = [0, 2, 4, 8, 11], 2, 1, [1, 0, 0, 0, 0], 5
    mean = Fraction(sum(xs), n)
    variance = sum((v - mean) ** 2 for v in xs) / n
    root = Fraction(4)
    hats = [(v - mean) / root for v in xs]
    dhats = [Fraction(g * v) for v in dys]
    d_var = -half / root**3 * sum((a * (v - mean) for a, v in zip(dhats, xs, strict=True)), Fraction(0))
    d_mu = -sum(dhats) / root
    grads = [a / root + d_var * 2 * (v - mean) / n + d_mu / n for a, v in zip(dhats, xs, strict=True)]
    values: dict[str, object] = {
        "m": n, "x": xs, "gamma": g, "beta": b, "eps": 0, "df/dy": dys, "mu": mean, "var": variance, "xhat": hats,
        "y": [g * h + b for h in hats], "df/dxhat": dhats, "df/dvar": d_var, "df/dmu": d_mu, "df/dx": grads,
        "df/dgamma": sum(a * h for a, h in zip(dys, hats, strict=True)), "df/dbeta": sum(dys),
    }  # fmt: skip
    return {key: tuple(map(str, v)) if isinstance(v, list) else str(v) for key, v in values.items()}
