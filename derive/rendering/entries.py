"""Answers written out: every entry of a part at the instance's sizes, in symbols."""

from __future__ import annotations

from itertools import product

from derive.algebra.unroll import Unroll
from derive.errors import UnsupportedError
from derive.language.derivation import Claim
from derive.language.expression import Add, Expr
from derive.language.problem import free_of
from derive.rendering.context import Context, joined, name
from derive.rendering.document import Block, Display, Heading, Math, Paragraph, Text
from derive.rendering.sparsity import instance_sizes

MOST = 48  # entries of a part, and
TERMS = 12  # terms of an entry, that are printed


def entries_section(context: Context) -> list[Block]:
    """One display for each part that is to be written out; empty without an instance or where it is too large."""
    problem = context.problem
    if context.report.worked is None or not problem.written_out:
        return []
    sizes = instance_sizes(context)
    claims = {part.claim.id: part.claim for part in context.parts}
    blocks: list[Block] = []
    for part in problem.written_out:
        formulas = _entries(claims[part], sizes)
        if formulas:
            lead: Text = (Math((claims[part].left,)), ", every entry:")
            blocks += [Paragraph(lead, leads=True), Display(formulas)]
    if not blocks:
        return []
    at = joined(
        [(name(tensor), f" = {sizes[tensor.key]}") for tensor in problem.program.inputs() if tensor.key in sizes]
    )
    return [Heading(("Every entry at ", *at), "S6.1", level=2), *blocks]


def _entries(claim: Claim, sizes: dict[str, int]) -> tuple[Math, ...]:
    unroll = Unroll(sizes)
    free = free_of(claim.left, claim.right)
    ranges = [unroll.evaluator.range(index, {}) for index in free.values()]
    found: list[Math] = []
    for values in product(*ranges):
        env = dict(zip(free, values, strict=True))
        try:
            right = unroll(claim.right, env)
        except UnsupportedError:
            return ()
        found.append(Math((unroll(claim.left, env), right)))
        if len(found) > MOST or _terms(right) > TERMS:
            return ()
    return tuple(found)


def _terms(expr: Expr) -> int:
    return len(expr.terms) if isinstance(expr, Add) else 1
