"""S6 the results, S8 the mistakes in one table, S9 code."""

from __future__ import annotations

from msgspec.structs import astuple

from derive.rendering.code import numpy_code, numpy_line
from derive.rendering.context import Context, equation, given, headline, joined, mark, scope, shape_of_left
from derive.rendering.document import (
    Block,
    Code,
    Display,
    Heading,
    Math,
    Paragraph,
    ResultBox,
    ResultRow,
    Strong,
    Table,
    Text,
)
from derive.rendering.matrix import outer_of
from derive.rendering.summary import hypotheses
from derive.rendering.working import exact

PACKING = (
    " The free index is the row, the summed index the column; bold names are columns over all entries, and a product of"
    " two of them is a matrix."
)


def result_section(context: Context) -> list[Block]:
    program = context.problem.program
    rows = tuple(
        ResultRow(
            equation(c), shape_of_left(c.claim.left), numpy_line(program, c.claim), given(context, c.claim.assuming)
        )
        for _, c in headline(context)
    )
    blocks: list[Block] = [Heading(("Result",), "S6"), ResultBox(scope(headline(context)), rows, hypotheses(context))]
    for remark, checked in zip(context.problem.remarks, context.report.remarks, strict=True):
        if outer := outer_of(remark.left, remark.right):
            seal = f" {mark(checked.verdict)} {checked.verdict.kind}."
            blocks.append(Paragraph((Strong("Matrix form. "), *_packing(context, remark.text), seal)))
            blocks.append(Display((Math((remark.left, remark.right)),)))
            blocks.append(Display((outer,)))
    return blocks


def _packing(context: Context, text: str) -> Text:
    return (*context.prose(text), PACKING)


def mistakes_section(context: Context) -> list[Block]:
    """One line each; the full cards stand at the parts."""
    if not context.report.mistakes:
        return []
    number = {part.question.id: f"S5.{k}" for k, part in enumerate(context.parts, 1)}
    rows: list[tuple[Text, ...]] = []
    for worked in context.report.mistakes:
        seen: Text = ("a counterexample",)
        if worked.controls:
            remark, wrong, right = astuple(worked.controls[0])
            seen = (Math((remark.left,)), " = ", exact(wrong), ", should be ", exact(right))
        rows.append((context.prose(worked.mistake.title), (number[worked.mistake.question],), seen,
                     context.prose(worked.mistake.repair)))  # fmt: skip
    header: tuple[Text, ...] = (("mistake",), ("card in",), ("how to catch it",), ("repair",))
    return [Heading(("Mistakes",), "S8"), Table(header, tuple(rows), "pllp")]


def code_section(context: Context) -> list[Block]:
    lines = numpy_code(context.problem.program, context.report)
    blocks: list[Block] = [Heading(("Code",), "S9"), Code(lines)] if lines else []
    sources = context.problem.sources
    listed = joined([context.prose(source) for source in sources], " ")
    return [*blocks, Paragraph((Strong("Sources. "), *listed))] if sources else blocks
