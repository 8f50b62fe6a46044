"""S1: the page to read if only one is read."""

from __future__ import annotations

from collections.abc import Sequence

from derive.algebra.binding import at_sizes
from derive.language.deep import DeepNetwork
from derive.language.derivation import Checked
from derive.language.domain import Integers
from derive.language.expression import ONE, Index
from derive.language.notation import Level, Name
from derive.language.program import Equation
from derive.language.recurrence import Recurrence
from derive.language.tensor import Tensor
from derive.rendering.context import (
    Context,
    equation,
    given,
    headline,
    joined,
    name,
    named_in_box,
    scope,
    shape_of_left,
)
from derive.rendering.document import (
    Block,
    Bullets,
    Display,
    Heading,
    Math,
    Paragraph,
    ResultBox,
    ResultRow,
    Strong,
    Text,
)
from derive.rendering.evidence import check_table, framework_line
from derive.rendering.ledger import in_words
from derive.rendering.padding import ZEROS, has_ranges
from derive.rendering.picture import dependencies

HOW_TO_READ: tuple[Text, ...] = (
    (Strong("In a hurry: "), "this page only; the box and the picture are complete."),
    (Strong("Revising: "), "the boxes and the reasons to the right of each line; every line uses one rule."),
    (Strong("Marking: "), "everything; line numbers such as 1.2 stay the same in every edition."),
    (Strong("✓ "), "marks a line that was recomputed from the program; the table below says how."),
)


def summary_page(context: Context) -> list[Block]:
    problem = context.problem
    equations = (*problem.program.stated, *named_in_box(context))
    blocks: list[Block] = [*_stated(context, equations), Heading(("Claim",), "S1"), claim_box(context)]
    if problem.summary:
        blocks.append(Paragraph((Strong("To remember. "), *context.prose(problem.summary))))
    if problem.intuition:
        blocks.append(Paragraph((Strong("Why it must look so. "), *context.prose(problem.intuition))))
    return [*blocks, Bullets(HOW_TO_READ), dependencies(context), check_table(context), *framework_line(context)]


def _stated(context: Context, equations: Sequence[Equation]) -> list[Block]:
    """The program; of a network, its hidden layers and the last one apart."""
    shown = [Math((one.target, one.value)) for one in equations]
    network = context.problem.program
    if not isinstance(network, DeepNetwork):
        zeros = [Paragraph((ZEROS,))] if has_ranges(one.value for one in equations) else []
        return [Display(tuple(shown)), *zeros]
    count = len(network.hidden)
    last: Text = ("The last layer, ", letter(network.last_layer), ":")
    return [
        Paragraph(("Every layer with ", *below_last(network), ":"), leads=True), Display(tuple(shown[:count])),
        Paragraph(last, leads=True), Display(tuple(shown[count:])),
    ]  # fmt: skip


def letter(level: Level) -> Math:
    return Math((Index(level.letter, ONE),))


def below_last(network: DeepNetwork) -> Text:
    """1 <= l < L."""
    return ("1 ≤ ", letter(network.layer), " < ", letter(network.last_layer))


def claim_box(context: Context, codes: Sequence[str] = ()) -> ResultBox:
    """The boxed results with what they need; in S6 with a line of code each, and at the sizes asked for."""
    chosen = headline(context)
    shown = codes or [""] * len(chosen)
    rows = tuple(_row(context, checked, code, bool(codes)) for (_, checked), code in zip(chosen, shown, strict=True))
    return ResultBox((*scope(chosen), *_sized_in(context, codes)), rows, hypotheses(context))


def _fixed(context: Context) -> Text:
    """The sizes that a caller fixed: m = 4."""
    return joined([(name(Tensor(Name(key))), f" = {number}") for key, number in context.report.sizes.items()])


def _sized_in(context: Context, codes: Sequence[str]) -> Text:
    """On page one, where the formulas at the sizes asked for stand."""
    return ("; at ", *_fixed(context), " in S6") if context.report.sizes and not codes else ()


def _row(context: Context, checked: Checked, code: str, full: bool) -> ResultRow:
    claim, fixed = checked.claim, context.report.sizes
    sized = Math((at_sizes(claim.left, fixed), at_sizes(claim.right, fixed))) if fixed and full else None
    each: Text = ("one number for each k",)
    shape = each if isinstance(context.problem.program, Recurrence) else shape_of_left(claim.left)
    return ResultRow(equation(checked), shape, code, given(context, claim.assuming), _fixed(context), sized)


def _lower(tensor: Tensor) -> int:
    return int(tensor.domain.lower) if isinstance(tensor.domain, Integers) else 0


def _at_least(lower: int, counts: Sequence[Tensor]) -> Text:
    """C, T ≥ 1."""
    return (*joined([(name(t),) for t in counts if _lower(t) == lower]), f" ≥ {lower}")


def hypotheses(context: Context) -> Text:
    """Every size is at least one; the conditions that every part needs; and those that only words can say."""
    if isinstance(context.problem.program, DeepNetwork):
        layers: Text = (*below_last(context.problem.program), ", every width ≥ 1")
        return joined([layers, *map(context.prose, context.problem.conditions)])
    counts = [t for t in context.problem.program.inputs() if isinstance(t.domain, Integers)]
    texts: list[Text] = [_at_least(lower, counts) for lower in sorted({_lower(t) for t in counts}, reverse=True)]
    texts += [context.prose(condition) for condition in context.problem.conditions]
    formulas, words = joined(list(dict.fromkeys(texts))), [context.prose(text) for text in in_words(context.problem)]
    return joined([formulas, *words], "; ") if formulas else joined(words, "; ")
