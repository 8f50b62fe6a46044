"""S6 the results, S8 the mistakes in one table, S9 code."""

from __future__ import annotations

from derive.language.deep import DeepNetwork
from derive.language.derivation import Checked
from derive.language.problem import Remark
from derive.language.program import Program
from derive.language.recurrence import Recurrence
from derive.rendering.code import arrays_of, numpy_code, numpy_line, reads_shorthand
from derive.rendering.context import Context, headline, joined, mark
from derive.rendering.document import Block, Code, Display, Heading, Math, Outer, Paragraph, Strong, Table, Text
from derive.rendering.iteration import iteration_code
from derive.rendering.layer_code import layer_code, layer_line
from derive.rendering.loops import loop_code
from derive.rendering.matrix import outer_of
from derive.rendering.summary import claim_box
from derive.rendering.working import control, telling

PACKING = (
    " The free index is the row, the summed index the column; bold names are columns over all entries, and a product of"
    " two of them is a matrix."
)


def result_section(context: Context) -> list[Block]:
    program = context.problem.program
    assert isinstance(program, Program)
    claims = [checked.claim for _, checked in headline(context)]
    if isinstance(program, DeepNetwork):
        return [Heading(("Result",), "S6"), claim_box(context, tuple(map(layer_line, claims)))]
    arrays = arrays_of(program, context.report) if numpy_code(program, context.report) else None  # those of S9
    codes = tuple("" if reads_shorthand(context.report, c) else numpy_line(program, c, arrays) for c in claims)
    box = claim_box(context, codes) if any(codes) or context.report.sizes else _where_proved(context)
    blocks: list[Block] = [Heading(("Result",), "S6"), box]
    for remark, checked in zip(context.problem.remarks, context.report.remarks, strict=True):
        if outer := outer_of(remark.left, remark.right):
            blocks += _matrix_form(context, remark, checked, outer)
    return blocks


def _where_proved(context: Context) -> Paragraph:
    """Where nothing is to be added to the box of page one."""
    lines = [(part.steps[-1].label,) for part, _ in headline(context) if part.steps]
    return Paragraph(("The box of S1 holds what is now proved, in ", "lines " if len(lines) > 1 else "line ",
                      *joined(lines, ", ", " and "), "."))  # fmt: skip


def _matrix_form(context: Context, remark: Remark, checked: Checked, outer: Outer) -> list[Block]:
    """The same result entry by entry, packed into a matrix, and the step between the two in words."""
    seal = f" {mark(checked.verdict)} {checked.verdict.kind}."
    text: Text = (Strong("Matrix form. "), *context.prose(remark.text), PACKING, seal)
    return [Paragraph(text, leads=True), Display((Math((remark.left, remark.right)), outer))]


def mistakes_section(context: Context) -> list[Block]:
    """One line each; the full cards stand at the parts."""
    if not context.report.mistakes:
        return []
    number = {part.question.id: f"S5.{k}" for k, part in enumerate(context.parts, 1)}
    rows: list[tuple[Text, ...]] = []
    for worked in context.report.mistakes:
        shown = [control(c) for c in telling(worked, 1)]
        rows.append((context.prose(worked.mistake.title), (number[worked.mistake.question],),
                     shown[0] if shown else ("its counterexample",)))  # fmt: skip
    header: tuple[Text, ...] = (("mistake",), ("card in",), ("caught by",))
    return [Heading(("Mistakes",), "S8"), Table(header, tuple(rows), "plp")]


def code_section(context: Context) -> list[Block]:
    program = context.problem.program
    lines: tuple[str, ...] = ()
    if isinstance(program, DeepNetwork):
        lines = layer_code(program, context.report)
    elif isinstance(program, Program):
        lines = numpy_code(program, context.report) or loop_code(program, context.report)
    elif isinstance(program, Recurrence):
        lines = iteration_code(program, context.report)
    blocks: list[Block] = [Heading(("Code",), "S9"), Code(lines)] if lines else []
    sources = context.problem.sources
    listed = joined([context.prose(source) for source in sources], " ")
    return [*blocks, Paragraph((Strong("Sources. "), *listed))] if sources else blocks
