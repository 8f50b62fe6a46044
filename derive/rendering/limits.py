"""A limit as a statement with its quantifier, and what becomes of it when the quantifier is weakened."""

from __future__ import annotations

from derive.algebra.binding import rewrite
from derive.language.derivation import Part
from derive.language.expression import ONE, ZERO, Expr, Function, Mul, mul
from derive.language.functions import absolute, exp
from derive.language.question import Limit
from derive.language.tensor import Tensor, scalar
from derive.rendering.context import Context, joined, name
from derive.rendering.document import Block, Math, Paragraph, Strong, Text, Values

R, DELTA = scalar("R").as_expression(), scalar("delta").as_expression()


def limit_statement(context: Context, part: Part) -> list[Block]:
    limit = part.question.wants
    assert isinstance(limit, Limit)
    end = part.claim.right
    rate, rest = _taken_apart(end, limit.far)
    far = Math((absolute(limit.far),))
    every: Text = joined([(Math((index,)),) for index in limit.far.indices], last=" and ")
    fixed: Text = joined([(name(tensor),) for tensor in _fixed(context, limit)], last=" and ")
    bounded = mul(exp(mul(-rate, R)), rest)
    beyond = Math((absolute(limit.far), R), ">=")
    statement: Text = (
        Strong("The limit, with its quantifier. "), "Where ", beyond, " for ", Strong("every "), *every, ", ",
        Math((exp(mul(-rate, absolute(limit.far))), exp(mul(-rate, R))), "<="), ", so line ", part.steps[-1].label,
        " gives ", Math((limit.square, bounded), "<="), ", and ", Math((rest,)), " does not hold ", name(limit.moving),
        ". So for every ", Math((DELTA,)), " > 0 there is an ", Math((R,)), " (any with ",
        Math((bounded, DELTA**2), "<="), ") such that ", Math((absolute(limit.of), DELTA), "<="), " wherever ", beyond,
        " for every ", *every, ": ", Math((limit.of, ZERO), "->"), " as ", far, " → ∞ for every ", *every, ", with ",
        *fixed, " held fixed.",
    )  # fmt: skip
    return [Paragraph(statement), Paragraph(_weakened(context, part, limit))]


def _weakened(context: Context, part: Part, limit: Limit) -> Text:
    found = context.report.unmoved[part.question.id]
    given = joined([(name(_tensor(context, key)), " = ", _nested(value)) for key, value in found.values.items()])
    far = joined([(Math((entry,)),) for entry in found.far])
    return (
        Strong("“Every” cannot be dropped. "), "With ", *given, ": ", name(limit.far.tensor), " = (", *far, ") and ",
        Math((found.of,)), " = ", Values((found.value,), scalar=True), " for every ", Math((R,)),
        " (proved): one example that stays where it is keeps the gradient away from 0.",
    )  # fmt: skip


def _taken_apart(end: Expr, far: Expr) -> tuple[Expr, Expr]:
    """k and the rest of an expression that holds exp(-k |far|) once."""
    rates: list[Expr] = []

    def without(node: Expr) -> Expr | None:
        if isinstance(node, Function) and node.name == "exp":
            inside = node.arguments[0]
            assert isinstance(inside, Mul)
            rates.append(mul(-1, *(factor for factor in inside.factors if factor != absolute(far))))
            return ONE
        return mul(*(rewrite(factor, without) for factor in node.factors)) if isinstance(node, Mul) else None

    rest = rewrite(end, without)
    return rates[0], rest


def _fixed(context: Context, limit: Limit) -> list[Tensor]:
    return [_tensor(context, key) for key in limit.unless if key != limit.moving.key]


def _tensor(context: Context, key: str) -> Tensor:
    return context.tensors[key]


def _nested(value: object) -> str:
    return f"({', '.join(map(_nested, value))})" if isinstance(value, list | tuple) else str(value)
