"""Documents about recurrences: the two forms side by side in time, the invariant, base and step, a table of steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from derive.language.domain import Integers
from derive.language.expression import Expr, Read
from derive.language.question import Induction
from derive.language.recurrence import Law, Recurrence
from derive.language.tensor import Tensor
from derive.rendering.context import Context, entry, joined, name
from derive.rendering.document import (
    Arrow,
    Block,
    Bullets,
    Display,
    Figure,
    Heading,
    Label,
    Math,
    Paragraph,
    Pill,
    Strong,
    Table,
    Text,
    Values,
)
from derive.rendering.evidence import check_table
from derive.rendering.ledger import ledger
from derive.rendering.summary import HOW_TO_READ, claim_box
from derive.rendering.working import derivation_section, lemmas_section

SHOWN = 3  # steps in the timeline
ACROSS = 76  # letters of the numbers that stand beside one another in a table


def recurrence_of(context: Context) -> Recurrence:
    program = context.problem.program
    assert isinstance(program, Recurrence)
    return program


def summary(context: Context) -> list[Block]:
    problem, recurrence = context.problem, recurrence_of(context)
    blocks: list[Block] = [Display(tuple(map(_law, recurrence.laws))), Heading(("Claim",), "S1"), claim_box(context)]
    if problem.summary:
        blocks.append(Paragraph((Strong("To remember. "), *context.prose(problem.summary))))
    if problem.intuition:
        blocks.append(Paragraph((Strong("Why it must look so. "), *context.prose(problem.intuition))))
    return [*blocks, Bullets(HOW_TO_READ), *timeline(context), check_table(context)]


def body(context: Context) -> list[Block]:
    return [
        *names(context), *lemmas_section(context), *invariants(context), *derivation_section(context), *table(context)
    ]  # fmt: skip


def _law(law: Law) -> Math:
    return Math((law.read, law.right))


def names(context: Context) -> list[Block]:
    recurrence = recurrence_of(context)
    rows: list[tuple[Text, ...]] = []
    for tensor in (*recurrence.inputs(), *recurrence.defined()):
        kind = "size" if isinstance(tensor.domain, Integers) else "sequence" if tensor.axes else "number"
        starts = [_start(law) for law in recurrence.starts if law.read.tensor.key == tensor.key]
        rows.append(((name(tensor),), context.prose(tensor.meaning), (kind,), joined(starts) or ("given",)))
    header: tuple[Text, ...] = (("symbol",), ("meaning",), ("kind",), ("starts from",))
    items = [context.prose(text) for text in context.problem.conventions]
    blocks: list[Block] = [Heading(("Names and conventions",), "S2"), Table(header, tuple(rows), "lplp")]
    blocks += [Bullets(tuple(items))] if items else []
    hypotheses = ledger(context)
    return [*blocks, hypotheses] if hypotheses else blocks


def _start(law: Law) -> Text:
    return (Math((law.read, law.right)),)


def invariants(context: Context) -> list[Block]:
    """What is carried along: all claims of each induction, for one k."""
    blocks: list[Block] = []
    for part in context.parts:
        wants = part.question.wants
        if isinstance(wants, Induction):
            if not blocks:
                blocks.append(Heading(("Invariants",), "S4"))
            said: Text = (Strong("P(k)"), f" of part {part.question.id}, for every k ≥ 0:")
            blocks.append(Paragraph(said, leads=True))
            blocks.append(Display(tuple(Math(claim) for claim in wants.claims)))
    return blocks


# -- the picture -------------------------------------------------------------------------------------------------------


def timeline(context: Context) -> list[Block]:
    """Two rows of states in time, the values of the instance in them, and an equality mark between the rows."""
    induction = next((p.question.wants for p in context.parts if isinstance(p.question.wants, Induction)), None)
    values = context.report.worked.values if context.report.worked else {}
    if induction is None or not values:
        return []
    one, other = (_sequence(side) for side in induction.claims[0])
    if one is None or other is None:
        return []
    figure = _two_rows(one, other, values)
    return [figure] if figure is not None else []


def _sequence(side: Expr) -> Tensor | None:
    return side.tensor if isinstance(side, Read) else None


def _two_rows(one: Tensor, other: Tensor, values: Mapping[str, object]) -> Figure | None:
    rows = [values.get(one.key), values.get(other.key)]
    if not all(isinstance(row, tuple) and len(row) > SHOWN for row in rows):
        return None
    width, gap, heights = 24.0, 14.0, (8.0, 30.0)
    pills, arrows, labels = [], [], []
    for k in range(SHOWN + 1):
        x = 14 + k * (width + gap)
        for tensor, row, y in zip((one, other), rows, heights, strict=True):
            assert isinstance(row, tuple)
            at: Text = (Math((tensor[k],)), " = ", Values((str(row[k]),), scalar=True))
            pills.append(Pill(x, y, width, 8.0, (at,)))
            if k:
                arrows.append(_arrow(x - width / 2 - gap, x - width / 2, y))
        labels.append(Label(x, sum(heights) / 2, ("=",)))
    caption: Text = ("Both forms step by step on the worked instance: the upper row is ", name(one), ", the lower one ",
                     name(other), "; each pair of states is equal.")  # fmt: skip
    return Figure(28 + SHOWN * (width + gap), 38.0, tuple(pills), tuple(arrows), tuple(labels), caption,
                  f"two rows of {SHOWN + 1} states, {one.key} above {other.key}, joined by equality marks")  # fmt: skip


def _arrow(start: float, end: float, y: float) -> Arrow:
    third = (end - start) / 3
    points = ((start, y), (start + third, y), (end - third, y), (end - 1.6, y))
    return Arrow(points, ((end, y), (end - 2.0, y - 0.9), (end - 2.0, y + 0.9)))


# -- numbers -----------------------------------------------------------------------------------------------------------


def table(context: Context) -> list[Block]:
    """The worked instance: every sequence at every k, a few steps a table."""
    if context.report.worked is None:
        return []
    values = context.report.worked.values
    recurrence = recurrence_of(context)
    sequences = [t for t in (*recurrence.inputs(), *recurrence.defined()) if isinstance(values.get(t.key), tuple)]
    numbers = [t for t in recurrence.inputs() if isinstance(values.get(t.key), str)]
    length = max((len(v) for v in values.values() if isinstance(v, tuple)), default=0)
    given = joined([(name(t), " = ", Values((str(values[t.key]),), scalar=True)) for t in numbers])
    blocks: list[Block] = [Heading(("The worked instance, in exact numbers",), "S7"), Paragraph(given, leads=True)]
    rows = [entries for t in sequences if isinstance(entries := values[t.key], tuple)]
    widths = [max(6, *(len(str(row[k])) for row in rows if k < len(row))) for k in range(length)]
    for steps in _chunks(widths):
        header: tuple[Text, ...] = (("",), *((f"k = {k}",) for k in steps))
        blocks.append(Table(header, tuple(_row(t, values[t.key], steps) for t in sequences), "l" + "r" * len(steps)))
    return blocks


def _chunks(widths: Sequence[int]) -> Iterator[range]:
    """Steps that fit beside one another, by the longest number of each."""
    first = 0
    for k in range(1, len(widths) + 1):
        if k == len(widths) or sum(widths[first : k + 1]) > ACROSS:
            yield range(first, k)
            first = k


def _row(tensor: Tensor, values: object, steps: range) -> tuple[Text, ...]:
    assert isinstance(values, tuple)
    cells: list[Text] = [(Values((str(values[k]),), scalar=True),) if k < len(values) else ("",) for k in steps]
    return ((entry(tensor),), *cells)
