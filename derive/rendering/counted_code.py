"""S9: the numbers as lines of Python, each worked out from what its step puts in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from derive.language.counting import Count
from derive.language.derivation import Part, Step
from derive.language.expression import Add, Expr, Function, Mul, Number, Pow
from derive.rendering.context import Context
from derive.rendering.document import Block, Code, Heading

LINES = 12
LOOSE, TIGHT, CLOSED = range(3)


def code_section(context: Context) -> list[Block]:
    """At most a dozen lines, the boxed numbers last; empty where nothing is a number."""
    lines = counted_code(context)
    return [Heading(("Code",), "S9"), Code(lines)] if lines else []


def counted_code(context: Context) -> tuple[str, ...]:
    boxed = set(context.problem.boxed)
    made = {part.question.id: line for part in context.parts if (line := _line(part))}
    last = [name for name in made if name in boxed]
    first = [name for name in made if name not in boxed][: LINES - len(last)]
    whole = {part.question.id: part for part in context.parts}
    lines = [_named(whole[name], [whole[one] for one in first]) or made[name] for name in first + last]
    return tuple(lines) if last else ()


def _named(part: Part, before: Sequence[Part]) -> str:
    """A total as the sum of the names of its terms, where each of these is a line of its own."""
    step, wants = _worked(part), part.question.wants
    if step is None or step.rule != "total" or not isinstance(step.before, Add) or not isinstance(wants, Count):
        return ""
    own = [p for p in before if isinstance(p.question.wants, Count) and p != part
           and (p.question.wants.what, p.question.wants.network, p.question.wants.choices)
           == (wants.what, wants.network, wants.choices)]  # fmt: skip
    if [p.claim.right for p in own] != list(step.before.terms):
        return ""
    return f"{part.question.id} = {' + '.join(p.question.id for p in own)}"


def _line(part: Part) -> str:
    """name = what was put in; nothing where that is no arithmetic of numbers."""
    step = _worked(part)
    text = _python(step.before, LOOSE) if step is not None else None
    name = re.sub(r"\W", "_", part.question.id)
    return f"{name} = {text}" if text and name.isidentifier() and len(text) < 90 else ""


def _worked(part: Part) -> Step | None:
    """The step that ends in the answer."""
    return next((step for step in reversed(part.steps) if step.after == part.claim.right != step.before), None)


def _python(expr: Expr, wanted: int) -> str | None:
    match expr:
        case Number(value) if value.denominator == 1:
            return str(value) if value >= 0 else f"({value})"
        case Add(terms):
            return _joined(terms, " + ", TIGHT, wanted > LOOSE)
        case Mul(factors):
            return _joined(factors, " * ", TIGHT, wanted > TIGHT)
        case Pow(base, Number(exponent)) if exponent.denominator == 1 and exponent > 0:
            inside = _python(base, CLOSED)
            return inside and f"{inside} ** {exponent}"
        case Function(
            "floor",
            (
                Mul(
                    (top, Pow(below, Number(Fraction(numerator=-1)))),
                ),
            ),
        ):
            parts = _python(top, CLOSED), _python(below, CLOSED)
            return f"({parts[0]} // {parts[1]})" if all(parts) else None
    return None


def _joined(items: tuple[Expr, ...], sign: str, wanted: int, enclosed: bool) -> str | None:
    texts = [_python(item, wanted) for item in items]
    if any(text is None for text in texts):
        return None
    text = sign.join(text for text in texts if text is not None)
    return f"({text})" if enclosed else text
