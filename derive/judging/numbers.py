"""Is a typed number right? Exactly, to the digits printed, or as worked from rounded intermediate values."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import islice, product

from derive.algebra.binding import rewrite
from derive.algebra.values import Numbers, Value, with_values
from derive.errors import BudgetError, UnsupportedError
from derive.judging.pairs import Pair
from derive.judging.subject import Subject
from derive.language.expression import Decimal, Direct, Expr, Index, Mul, Number, Read, Sum, mul, walk
from derive.language.tensor import Tensor, scalar
from derive.reading.pending import exactly

MAX_CHOICES = 256
MOST = 5  # quantities that one decimal may stand for
MAX_DECIMALS = 8
ENTRIES = 200
ALONE = Numbers({}, {}, {})
ROUNDED, CUT, UNIT = "to the digits printed", "to the digits printed, cut off", "within one unit of the last digit"
WORKED = "as worked from rounded intermediate values"
MODES = ("", "exact", ROUNDED, CUT, UNIT)  # from the strongest to the weakest


def is_numeric(expr: Expr) -> bool:
    """Made of numbers alone."""
    return not any(isinstance(node, Read | Index | Sum | Direct) for node in walk(expr))


def value_of(expr: Expr, subject: Subject | None, env: Mapping[str, int]) -> Value:
    """The value at the instance. Raises UnsupportedError where an input has none, ZeroDivisionError at a pole."""
    return _numbers(subject).value(exactly(expr), env)


def is_same(one: Value, other: Value, pair: Pair, subject: Subject | None, env: Mapping[str, int]) -> bool | None:
    """Are the values of both sides the same number? None where they lie close together, and no proof is found."""
    same = one.same(other)
    return _numbers(subject).same(exactly(pair.left), exactly(pair.right), env) if same is None else same


def _numbers(subject: Subject | None) -> Numbers:
    return ALONE if subject is None or subject.numbers is None else subject.numbers


def agreement(true: Value, typed: Expr, rounded: bool) -> str | None:
    """How a typed number agrees with the true value: 'exact', or to how many digits; None where it does not."""
    said = value_of(typed, None, {})
    if true.same(said):
        return "exact"
    unit = last_digit(typed)
    if unit is None:
        return None
    if said.near(true, unit / 2):
        return ROUNDED
    if _significant(typed) < 2:
        return None
    if said.smaller(true) and said.near(true, unit, strictly=True):
        return CUT
    terminates = true.fraction is not None and (true.fraction / unit).denominator == 1
    if (rounded or not terminates) and said.near(true, unit, strictly=True):
        return UNIT
    return None


def percent_agreement(true: Value, typed: Expr) -> str | None:
    """82.13 % for 82.13, where a factor 100 has been written besides."""
    if isinstance(typed, Mul) and typed.factors[0] == Number(Fraction(1, 100)):
        mode = agreement(true, mul(100, typed), False)
        return None if mode is None else f"{mode}, % taken as a unit"
    return None


def last_digit(typed: Expr) -> Fraction | None:
    """The unit of the last printed digit of a single decimal, with its sign and percent; None for anything else."""
    scale = Fraction(1)
    if isinstance(typed, Mul):
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


def _significant(typed: Expr) -> int:
    text = next((node.text for node in walk(typed) if isinstance(node, Decimal)), "")
    return len(text.partition("e")[0].replace(".", "").lstrip("0"))


def from_rounded(true: Value, typed: Expr, subject: Subject) -> bool:
    """Is the typed expression the true value once each decimal in it stands for the value that it was rounded from?

    The values that a decimal may stand for are those of the problem's own quantities at the instance.
    """
    decimals = list(dict.fromkeys(node for node in walk(typed) if isinstance(node, Decimal)))
    if not decimals or len(decimals) > MAX_DECIMALS or last_digit(typed) is not None:
        return False
    names = {decimal: scalar(f"n{k}") for k, decimal in enumerate(decimals)}

    def named(node: Expr) -> Expr | None:
        return Read(names[node]) if isinstance(node, Decimal) else None

    expr = rewrite(typed, named)
    choices = [_sources(decimal, subject) for decimal in decimals]
    return any(_equal(true, expr, names, choice) for choice in islice(product(*choices), MAX_CHOICES))


def _equal(true: Value, expr: Expr, names: Mapping[Decimal, Tensor], choice: tuple[Value, ...]) -> bool:
    table = {names[decimal].key: value for decimal, value in zip(names, choice, strict=True)}
    try:
        found = with_values(expr, table)
    except (ZeroDivisionError, UnsupportedError, BudgetError):
        return False
    return found is not None and found.alike(Value(None, true.ball))


def _sources(decimal: Decimal, subject: Subject) -> list[Value]:
    """The decimal itself, then the quantities of the problem that are rounded to it, then those cut off to it."""
    value = value_of(decimal, None, {})
    unit = last_digit(decimal)
    assert unit is not None
    both = [one for other in quantities(subject) for one in (other, other.negated()) if value.differs(one)]
    rounded = [one for one in both if value.near(one, unit / 2)]
    cut = [one for one in both if value.smaller(one) and value.near(one, unit, strictly=True) and one not in rounded]
    return [value, *rounded[:MOST], *cut[:MOST]]


def quantities(subject: Subject) -> list[Value]:
    """The values of every entry of every node and derivative at the instance."""
    if subject.quantities is None:
        subject.quantities = []
        for equation in subject.definitions.values():
            subject.quantities += _entries(subject, equation.target)
    return subject.quantities


def _entries(subject: Subject, target: Read) -> list[Value]:
    if subject.numbers is None:
        return []
    try:
        axes = {index.name: index for index in target.indices if isinstance(index, Index)}
        cells = islice(subject.numbers.exact.assignments(axes), ENTRIES)
        return [subject.numbers.value(target, cell) for cell in cells]
    except (ArithmeticError, UnsupportedError, BudgetError, KeyError):
        return []
