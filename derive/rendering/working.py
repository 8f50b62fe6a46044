"""S4 lemmas and S5 the derivation: numbered lines, with each mistake shown at the part where it happens."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from derive.language.answers import Region
from derive.language.derivation import Checked, Claim, Control, Part, Step, WorkedMistake
from derive.language.expression import ONE, Expr, Index
from derive.language.problem import Remark
from derive.language.question import Forward, Limit
from derive.language.verdict import Counterexample, Refuted
from derive.rendering.context import LETTERS, Context, equals, given, joined, mark, sizes, told
from derive.rendering.document import Block, Heading, Math, MistakeCard, Paragraph, StepLine, StepLines, Text, Values
from derive.rendering.instance import rows_of
from derive.rendering.limits import limit_statement
from derive.rendering.matrix import outer_of

EARLIER = "earlier result"  # the rule of a step that starts from the answer of another part


def lemmas_section(context: Context) -> list[Block]:
    lemmas = context.problem.lemmas
    if not lemmas:
        return []
    rows = tuple(
        _lemma(context, letter, lemma, checked)
        for letter, lemma, checked in zip(LETTERS, lemmas, context.report.lemmas, strict=False)
    )
    return [Heading(("Lemmas",), "S4"), StepLines(rows)]


def _lemma(context: Context, letter: str, lemma: Remark, checked: Checked) -> StepLine:
    return StepLine(letter, Math((lemma.left,)), (Math((lemma.right,), leading=True),), context.prose(lemma.text), (),
                    mark(checked.verdict))  # fmt: skip


def derivation_section(context: Context) -> list[Block]:
    blocks: list[Block] = [Heading(("Derivation",), "S5")]
    numbered = list(enumerate(context.parts, 1))
    while run := _forward_run(context, [part for _, part in numbered]):
        first, last = numbered[0][0], numbered[run - 1][0]
        blocks.append(Heading(("Forward, line by line",), f"S5.{first}–{last}", level=2))
        blocks.append(StepLines(tuple(row for _, part in numbered[:run] for row in step_lines(context, part))))
        numbered = numbered[run:]
    for number, part in numbered:
        blocks.append(Heading(_title(context, part), f"S5.{number}", level=2))
        if part.question.text:
            blocks.append(Paragraph(context.prose(part.question.text), leads=True))
        blocks.append(StepLines(step_lines(context, part)))
        if isinstance(part.question.wants, Limit):
            blocks += limit_statement(context, part)
        if stages := _stages(part):
            blocks.append(Paragraph(stages))
        cards = [m for m in context.report.mistakes if m.mistake.question == part.question.id]
        blocks += [card(context, worked) for worked in cards]
    return blocks


def _forward_run(context: Context, parts: Sequence[Part]) -> int:
    """How many parts from the first on are lines of the program with nothing to add; one alone is no run."""
    carded = {worked.mistake.question for worked in context.report.mistakes}
    plain = [len(p.steps) == 1 and not p.question.text and p.question.id not in carded
             and isinstance(p.question.wants, Forward) for p in parts]  # fmt: skip
    run = [*plain, False].index(False)
    return run if run > 1 else 0


def _title(context: Context, part: Part) -> Text:
    """The quantity, the earlier answers it uses, and what it assumes."""
    left: Text = (_heading(part.claim) if part.scope else Math((part.claim.left,)), *told(context, part))
    by_id = {p.question.id: p for p in context.parts}
    used: list[Text] = [
        (Math((by_id[use].claim.left,)),)
        for use in part.uses
        if use in by_id and by_id[use].claim.left != part.claim.left
    ]
    source: Text = (", from ", *joined(used, ", ", " and ")) if used else ()
    assumed = given(context, part.question.assuming)
    return (*left, *source, ", if ", *assumed) if assumed else (*left, *source)


def _heading(claim: Claim) -> Math:
    """Of a part that follows from its lines: what it claims; of a bound, only what is bounded."""
    return Math((claim.left, claim.right)) if claim.relation == "=" else Math((claim.left,))


def _stages(part: Part) -> Text:
    """Where the staged and the collected answer stand, when the one is put in terms of other parts."""
    if not part.uses:
        return ()
    at = {step.after: step.label for step in part.steps if step.rule != EARLIER}
    if part.staged == part.claim.right or part.staged not in at or part.claim.right not in at:
        return ()
    return (f"Staged answer: line {at[part.staged]}. Collected answer: line {at[part.claim.right]}.",)


def step_lines(context: Context, part: Part) -> tuple[StepLine, ...]:
    rows: list[StepLine] = []
    shown: set[Expr] = set()
    steps, source = _without_restated(context, part)
    for position, step in enumerate(steps):
        chain = None if part.scope else part.claim.left  # base and step state equations of their own
        start = Math((chain,)) if position == 0 and chain is not None else None
        if position == 0 and source:
            shown.add(step.before)
        row = _line(context, step, shown, start, chain)
        if position == 0 and source:  # the line that stands above counts as the first here
            row = replace(row, label=f"{part.steps[0].label}–{step.label.split('.')[1]}",
                          reason=(f"line {source}; ", *row.reason))  # fmt: skip
        rows.append(row)
        shown.add(step.after)
    return tuple(rows)


def _without_restated(context: Context, part: Part) -> tuple[tuple[Step, ...], str]:
    """The steps after one that only repeats the answer of an earlier part, and the line where that stands."""
    first, *rest = part.steps or (None,)
    if first is None or first.rule != EARLIER or not rest:
        return part.steps, ""
    lines = {step.after: step.label for other in context.parts for step in other.steps if step.rule != EARLIER}
    return (tuple(rest), lines[first.after]) if first.after in lines else (part.steps, "")


def _line(context: Context, step: Step, shown: set[Expr], start: Math | None, main: Expr | None) -> StepLine:
    """What is already printed above is not repeated, unless a term of it is struck out here.

    An aside, such as one direct derivative, carries its own left side, set in from the chain it serves.
    """
    right: list[Math] = []
    struck = tuple(item.term for item in step.struck)
    if struck or (step.before != step.left and step.before not in shown):
        right.append(Math((step.before,), leading=True, struck=struck))
    if step.left is None or step.left == main:
        right.append(Math((step.after,), step.relation, leading=True))
    else:
        right.append(Math((step.left, step.after), step.relation))
    return StepLine(step.label, start, tuple(right), _reason(context, step), sizes(i.extent for i in step.indices),
                    mark(context.report.lines.get(step.label)))  # fmt: skip


def _reason(context: Context, step: Step) -> Text:
    """The rule; reasons of struck terms that say something else; the condition the line needs."""
    texts = [step.reason, *(item.reason for item in step.struck)]
    reasons: list[Text] = [context.prose(text) for text in dict.fromkeys(texts)]
    needs: list[Text] = [("needs ", *context.prose(c)) for c in step.conditions if all(c not in text for text in texts)]
    return joined([*reasons, *needs], "; ")


def card(context: Context, worked: WorkedMistake) -> MistakeCard:
    mistake = worked.mistake
    found = worked.verdict
    breaks = [breaking(context, found.counterexample, worked.claim)] if isinstance(found, Refuted) else []
    if controls := telling(worked, 2):
        breaks.append(("On the worked instance ", *joined([control(c) for c in controls], "; "), "."))
    return MistakeCard(
        context.prose(mistake.title), Math((worked.claim.left, worked.claim.right), worked.claim.relation),
        context.prose(mistake.tempting),
        tuple(breaks), context.prose(mistake.repair),
    )  # fmt: skip


def breaking(context: Context, counterexample: Counterexample, claim: Claim) -> Text:
    """Sizes, values, and what the two sides come to there."""
    says = "gives" if claim.relation == "=" else "allows at most"
    given = [
        value_of(context, key, value) for key, value in (*counterexample.sizes.items(), *counterexample.values.items())
    ]
    given += [(Math((Index(key, ONE),)), f" = {number}") for key, number in counterexample.where.items()]
    true = "values are" if counterexample.left.startswith("(") else "value is"
    show = shower(claim)
    said: Text = (show(counterexample.left), f", this line {says} ", show(counterexample.right), ".")
    return ("At ", *joined(given), f": the true {true} ", *said) if given else (f"The true {true} ", *said)


def shower(claim: Claim) -> Callable[[object], Values | str]:
    """How its values print: of a box of entries, the interval of each axis."""
    return _intervals if isinstance(claim.right, Region) else exact


def _intervals(value: object) -> str:
    """((0, 4), (0, 4)) as (0 : 4), (0 : 4)."""
    return re.sub(r"\((-?\d+), (-?\d+)\)", r"(\1 : \2)", str(value)[1:-1]).replace("-", "−")


def value_of(context: Context, key: str, value: object) -> Text:
    """name = value, with the name printed as everywhere else; of an array, each row by the name of its entries."""
    tensor = context.tensors.get(key)
    if tensor is not None and len(tensor.axes) > 1:
        return joined([(*label, *equals(exact(numbers))) for label, numbers in rows_of(tensor, value)])
    shown: Text = (Math((), tensor=tensor),) if tensor else (key,)
    return (*shown, *equals(exact(value)))


def _nested(value: object) -> str:
    return f"({', '.join(map(_nested, value))})" if isinstance(value, list | tuple) else str(value)


def exact(value: object) -> Values | str:
    """A number or a row of numbers, also where the row came as the text '(1/2, 3)'; anything deeper in plain text."""
    if isinstance(value, str) and value.startswith("("):
        return Values(tuple(value[1:-1].split(", ")))
    if isinstance(value, list | tuple):
        if any(isinstance(item, list | tuple) for item in value):
            return f"({', '.join(_nested(item) for item in value)})"
        return Values(tuple(map(str, value)))
    return Values((str(value),), scalar=True)


def telling(worked: WorkedMistake, most: int) -> tuple[Control, ...]:
    """The controls to show: the author's own first, then the shortest, each left side once."""
    ranked = sorted(worked.controls, key=lambda c: (c.remark.id != worked.mistake.breaks, len(c.wrong)))
    by_left = {c.remark.left: c for c in reversed(ranked)}
    chosen = [c for c in ranked if by_left[c.remark.left] is c and not outer_of(c.remark.left, c.remark.right)]
    return tuple(chosen[:most] or ranked[:1])


def control(shown: Control) -> Text:
    """What the left side of an identity becomes on the worked instance, and what it should be."""
    return (Math((shown.remark.left,)), *equals(exact(shown.wrong)), ", should be ", exact(shown.right))
