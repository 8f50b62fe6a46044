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
    displays = written_out(context)
    if not displays:
        return []
    claims = {part.claim.id: part.claim for part in context.parts}
    blocks: list[Block] = []
    for part, formulas in displays.items():
        lead: Text = (Math((claims[part].left,)), ", every entry:")
        blocks += [Paragraph(lead, leads=True), Display(formulas)]
    sizes, inputs = instance_sizes(context), context.problem.program.inputs()
    at = joined([(name(tensor), f" = {sizes[tensor.key]}") for tensor in inputs if tensor.key in sizes])
    return [Heading(("Every entry at ", *at), "S6.1", level=2), *blocks]


def written_out(context: Context) -> dict[str, tuple[Math, ...]]:
    """The entries of each part that S6.1 holds, by the part's id."""
    if context.report.worked is None:
        return {}
    sizes = instance_sizes(context)
    asked = [part.claim for part in context.parts if part.claim.id in context.problem.written_out]
    found = {claim.id: _entries(claim, sizes) for claim in asked}
    return {part: formulas for part, formulas in found.items() if formulas}


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
