"""Is a typed number right? Exactly, to the digits printed, or as worked from rounded intermediate values."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice, product
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from flint import arb, ctx

from derive.algebra.binding import rewrite
from derive.algebra.evaluate import Balls, Evaluator, NotExactError
from derive.algebra.logs import LogNumber, LogNumbers
from derive.algebra.witness import enclosed
from derive.errors import BudgetError, UnsupportedError
from derive.language.expression import Decimal, Expr, Mul, Number, walk
from derive.reading.elaborate import exactly

if TYPE_CHECKING:
    from derive.judging.subject import Subject

BITS = 160
MAX_CHOICES = 64

Mode: TypeAlias = Literal["exact", "rounded", "truncated", "within one unit of the last digit", "percent"]


def is_numeric(expr: Expr) -> bool:
    """Made of numbers alone."""
    from derive.language.expression import Direct, Index, Read, Sum

    return not any(isinstance(node, Read | Index | Sum | Direct) for node in walk(expr))


class Value:
    """A real number: exact where it is rational or a logarithm, and always enclosed."""

    def __init__(self, exact: LogNumber | None, ball: Any) -> None:
        self.exact, self.ball = exact, ball

    @property
    def fraction(self) -> Fraction | None:
        if self.exact is None or self.exact.logs or self.exact.power:
            return None
        return Fraction(int(self.exact.whole.p), int(self.exact.whole.q))

    def __str__(self) -> str:
        if self.exact is not None:
            return str(self.exact)
        return str(self.ball.str(8, radius=False))


def value_of(expr: Expr, subject: Subject | None, env: dict[str, int]) -> Value:
    """The value at the instance. Raises UnsupportedError where an input has none, ZeroDivisionError at a pole."""
    inputs = subject.instance.inputs if subject is not None and subject.instance is not None else {}
    definitions = subject.definitions if subject is not None else {}
    sizes = subject.sizes if subject is not None else {}
    expr = exactly(expr)
    try:
        evaluator = _exact_evaluator(subject, definitions, sizes, inputs)
        exact = evaluator.value(expr, env)
        assert isinstance(exact, LogNumber)
        with ctx.workprec(BITS):
            return Value(exact, _enclose(exact))
    except NotExactError:
        pass
    with ctx.workprec(BITS):
        balls = {k: {w: enclosed(v) for w, v in table.items()} for k, table in inputs.items()}
        ball = Evaluator(Balls(), definitions, sizes, balls).value(expr, env)
        if not ball.is_finite():
            raise ZeroDivisionError("it has no value")
        return Value(None, ball)


def _exact_evaluator(subject: Subject | None, definitions: Any, sizes: Any, inputs: Any) -> Evaluator:
    if subject is not None and subject.instance is not None:
        subject.instance.evaluator.budget = 500_000
        return subject.instance.evaluator
    return Evaluator(LogNumbers(), definitions, sizes, inputs)


def _enclose(exact: LogNumber) -> Any:
    if exact.power:
        power = exact.power
        return (arb(power.numerator) / power.denominator).exp() * arb(exact.whole.p) / arb(exact.whole.q)
    return enclosed(exact)


def agree(true: Value, typed: Expr, rounded: bool) -> Mode | None:
    """How a typed number agrees with the true value; None where it does not."""
    said = value_of(typed, None, {})
    if true.exact is not None and said.exact is not None and true.exact == said.exact:
        return "exact"
    if true.exact is None and said.exact is None and true.ball.overlaps(said.ball) and true.ball.rad() < 1e-30:
        return "exact"
    unit = last_digit(typed)
    if unit is None or not (rounded or "." in _digits(typed)):
        return None
    with ctx.workprec(BITS):
        step = arb(unit.numerator) / unit.denominator
        difference = said.ball - true.ball
        if abs(difference) <= step / 2:
            return "rounded"
        if abs(said.ball) <= abs(true.ball) and abs(difference) < step:
            return "truncated"
        terminates = true.fraction is not None and (true.fraction / unit).denominator == 1
        if not terminates and _significant(typed) >= 2 and abs(difference) < step:
            return "within one unit of the last digit"
    return None


def last_digit(typed: Expr) -> Fraction | None:
    """The unit of the last printed digit of a single decimal, with its sign and percent; None for anything else."""
    scale = Fraction(1)
    while isinstance(typed, Mul):
        rest = [factor for factor in typed.factors if not isinstance(factor, Number)]
        for factor in typed.factors:
            if isinstance(factor, Number):
                scale *= abs(factor.value)
        if len(rest) != 1 or scale not in (Fraction(1), Fraction(1, 100)):
            return None
        typed = rest[0]
    if not isinstance(typed, Decimal):
        return None
    digits, _, exponent = typed.text.partition("e")
    places = len(digits.partition(".")[2])
    return scale * Fraction(10) ** (int(exponent or 0) - places)


def _digits(typed: Expr) -> str:
    return next((node.text for node in walk(typed) if isinstance(node, Decimal)), "")


def _significant(typed: Expr) -> int:
    return len(_digits(typed).partition("e")[0].replace(".", "").lstrip("0"))


def from_rounded(true: Value, typed: Expr, subject: Subject) -> bool:
    """Is the typed expression the true value once each decimal in it stands for the value that it was rounded from?

    The values that a decimal may stand for are those of the problem's own quantities at the instance.
    """
    decimals = list(dict.fromkeys(node for node in walk(typed) if isinstance(node, Decimal)))
    if not decimals or len(decimals) > 8 or isinstance(typed, Decimal):
        return False
    choices = [list(islice(_sources(decimal, subject), 4)) for decimal in decimals]
    for choice in islice(product(*choices), MAX_CHOICES):
        table = dict(zip(decimals, choice, strict=True))
        try:
            with ctx.workprec(BITS):
                found = _with_balls(typed, table)
                if found.is_finite() and found.overlaps(true.ball) and found.rad() < 1e-20:
                    return True
        except (ZeroDivisionError, UnsupportedError, BudgetError):
            continue
    return False


def _with_balls(typed: Expr, table: dict[Decimal, Any]) -> Any:
    """The value of an expression of numbers, each decimal replaced."""
    from derive.language.expression import Read
    from derive.language.tensor import scalar

    names = {decimal: scalar(f"n{k}") for k, decimal in enumerate(table)}
    named = rewrite(typed, lambda node: Read(names[node]) if isinstance(node, Decimal) else None)
    inputs = {names[decimal].key: {(): ball} for decimal, ball in table.items()}
    return Evaluator(Balls(), {}, {}, inputs).value(named, {})


def _sources(decimal: Decimal, subject: Subject) -> Iterator[Any]:
    """The decimal itself, then every quantity of the problem that is rounded or cut off to it."""
    value = value_of(decimal, None, {})
    yield value.ball
    unit = last_digit(decimal)
    assert unit is not None
    for other in quantities(subject):
        with ctx.workprec(BITS):
            step = arb(unit.numerator) / unit.denominator
            for sign in (1, -1):
                difference = abs(other * sign - value.ball)
                if difference < step and not difference.contains(0):
                    yield other * sign


def quantities(subject: Subject) -> list[Any]:
    """The values of every entry of every node and derivative at the instance."""
    found: list[Any] = getattr(subject, "_quantities", [])
    if found or subject.instance is None:
        return found
    for equation in subject.definitions.values():
        try:
            cells = list(subject.instance.evaluator.assignments({i.name: i for i in equation.indices}))
            found += [value_of(equation.target, subject, cell).ball for cell in cells[:200]]
        except (ArithmeticError, UnsupportedError, BudgetError, KeyError):
            continue
    subject._quantities = found  # type: ignore[attr-defined]
    return found
