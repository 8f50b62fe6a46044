"""What a program needs to have a value: radicands, denominators and logarithms that are not known to be positive."""

from __future__ import annotations

from collections.abc import Iterator

from derive.algebra.normal import Normalizer
from derive.algebra.powers import is_positive_sum
from derive.errors import DeriveError
from derive.language.expression import Expr, Function, Number, Pow, walk
from derive.language.plain import plain
from derive.language.problem import Problem


def needed(problem: Problem) -> tuple[str, ...]:
    """The author's conditions, then those that the equations need and nobody stated, in the plain notation."""
    stated = {text.replace(" ", "") for text in problem.conditions}
    found: dict[str, None] = {}
    for equation in problem.program.equations:
        for base, relation in _needs(equation.value):
            text = f"${plain(base)} {relation} 0$"
            if not _stated(plain(base), stated) and not _known(base):
                found.setdefault(text)
    return (*problem.conditions, *found)


def _needs(expr: Expr) -> Iterator[tuple[Expr, str]]:
    for node in walk(expr):
        match node:
            case Pow(base, Number(e)) if e.denominator % 2 == 0:
                yield base, ">"  # at 0 the root has a value but no derivative
            case Pow(base, Number(e)) if e < 0:
                yield base, "!="
            case Function("log", (argument,)):
                yield argument, ">"


def _stated(base: str, stated: set[str]) -> bool:
    """Is there a condition on this very expression already? `> 0` covers `!= 0` and `>= 0`."""
    squeezed = base.replace(" ", "")
    return any(f"{squeezed}{relation}0" in text for relation in (">", "!=", ">=") for text in stated)


def _known(base: Expr) -> bool:
    """Sizes, sums of exponentials and squares plus something positive never vanish."""
    try:
        return is_positive_sum(Normalizer().normal(base))
    except (DeriveError, ZeroDivisionError):
        return False
