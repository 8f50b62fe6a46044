"""Documents about counting: claim, conventions, picture, formulas with their numbers, tables of layers, checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from derive.language.answers import Quantity
from derive.language.counting import CONVENTIONS, QUANTITIES, Count, chosen
from derive.language.derivation import Claim, Part, Step
from derive.language.domain import Integers
from derive.language.expression import ONE, Expr, Index
from derive.language.plain import plain
from derive.language.verdict import Evidence
from derive.rendering.averaging import averaging_figure
from derive.rendering.bars import bars_figure
from derive.rendering.chain import chain_figure, matrix_form
from derive.rendering.cone import cone_figure
from derive.rendering.context import Context, headline, joined, mark, name, scope
from derive.rendering.counted_code import code_section
from derive.rendering.counting_tables import NAMES, comparison, layer_tables, named, program_of, under_others
from derive.rendering.document import (
    Block,
    Bullets,
    Heading,
    Math,
    Paragraph,
    ResultBox,
    ResultRow,
    StepLine,
    StepLines,
    Strong,
    Table,
    Text,
)
from derive.rendering.summary import HOW_TO_READ, hypotheses
from derive.rendering.working import card, shower

RECOUNTED = (
    "Every number of this document, under every convention it names, was counted a second time: windows moved along"
    " their padded axes place by place, weights and products listed and counted. The recount shares no formula with the"
    " derivation."
)
LETTERS = (
    ("C", "is a number of channels"), ("HW", "are sizes of the image"), ("n", "is a number of units"),
    ("k", "is the kernel"), ("s", "the stride"), ("p", "the padding"), ("d", "the dilation"), ("g", "the groups"),
)  # fmt: skip


def summary(context: Context) -> list[Block]:
    problem = context.problem
    blocks: list[Block] = [Heading(("Claim",), "S1"), _box(context)]
    if problem.summary:
        blocks.append(Paragraph((Strong("To remember. "), *context.prose(problem.summary))))
    if problem.intuition:
        blocks.append(Paragraph((Strong("Why it must look so. "), *context.prose(problem.intuition))))
    return [*blocks, Bullets((*HOW_TO_READ[:3], (Strong("✓ "), "marks what was recounted from lists; S7 says how."))),
            *_figures(context)]  # fmt: skip


def body(context: Context) -> list[Block]:
    return [
        *_conventions(context), *_formulas(context), *_derivations(context), *layer_tables(context),
        *comparison(context), *under_others(context), *_checks(context), *_mistakes(context),
        *code_section(context), *_sources(context),
    ]  # fmt: skip


def _box(context: Context) -> ResultBox:
    rows = tuple(ResultRow(Math((c.claim.left, c.claim.right)), _convention(c.claim), "") for _, c in headline(context))
    return ResultBox(scope(headline(context)), rows, hypotheses(context), "convention")


def _convention(claim: Claim) -> Text:
    """The options in force that could change this answer."""
    return (", ".join(named(field, option) for field, option in claim.convention.items()) or "none needed",)


def _figures(context: Context) -> list[Block]:
    """The field where one is asked for, averages where statistics are, else bars."""
    whats = {part.question.wants.what for part in context.parts if isinstance(part.question.wants, Count)}
    if whats & {"sees", "field"}:
        return cone_figure(context)
    if whats & {"mean", "var"}:
        return averaging_figure(context)
    return chain_figure(context) or bars_figure(context)


# -- S2 ----------------------------------------------------------------------------------------------------------------


def _conventions(context: Context) -> list[Block]:
    program = program_of(context)
    whats = [part.question.wants.what for part in context.parts if isinstance(part.question.wants, Count)]
    relevant = dict.fromkeys(field for what in whats for field in QUANTITIES[what][1])
    moved = {field for part in context.parts for claim in (part.claim, *part.others) for field in claim.convention}
    rows: list[tuple[Text, ...]] = []
    for field in relevant:
        if field in moved:
            mine = chosen(program.choices, field)
            others = [f"{named(field, o)}: {text}" for o, text in CONVENTIONS[field].items() if o != mine]
            rows.append(((named(field, mine),), (CONVENTIONS[field][mine],), ("; ".join(others),)))
    blocks: list[Block] = [Heading(("Names and conventions",), "S2")]
    if rows:
        header: tuple[Text, ...] = (("in force",), ("which means",), ("instead",))
        blocks.append(Table(header, tuple(rows), "lpp"))
    symbols = [t for t in program.inputs() if isinstance(t.domain, Integers)]
    if symbols:
        listed = joined([(name(t), ": ", *context.prose(t.meaning or "a size")) for t in symbols], "; ")
        blocks.append(Paragraph((Strong("Sizes. "), *listed, ". Each is a whole number, and stays a symbol.")))
    items = [context.prose(text) for text in context.problem.conventions]
    items += [("Counts are for one example, not for a batch.",)] if set(whats) & set(NAMES) else []
    return [*blocks, Bullets(tuple(items))] if items else blocks


# -- S4 and S5 ---------------------------------------------------------------------------------------------------------

MEANING = {
    "params": "one weight for each input that an output looks at through its window; a 1 beside them is the bias",
    "madds": "each output value meets each of its weights once",
    "muls": "one product for each output value and each weight it uses",
    "adds": "the products of each output value are added up",
    "acts": "one evaluation for each value",
    "comps": "the greatest of n values takes n − 1 comparisons",
    "conns": "one line for each output value and each weight it uses; a 1 beside them is the bias",
    "values": "one number for each channel and place",
    "inputs": "one number for each channel and place",
    "shape": "the last window must end inside the padded input; floor drops what is left over",
}


def _formulas(context: Context) -> list[Block]:
    """Each formula in letters once, beside what it counts."""
    seen: dict[tuple[str, Expr], Step] = {}
    for part in context.parts:
        for step in part.steps:
            wants = part.question.wants
            across = isinstance(wants, Count) and wants.what == "shape" and step.label.split(".")[1] != "1"
            if step.letters and isinstance(wants, Count) and not across:
                seen.setdefault((wants.what, step.after), step)
    if not seen:
        return []
    groups: dict[str, list[Step]] = {}
    for (what, _), step in seen.items():
        groups.setdefault(what, []).append(step)
    rows = tuple(_formula_row(context, what, steps) for what, steps in groups.items())

    letters = {plain(letter)[0] for step in seen.values() for letter, _ in step.letters}
    told: list[Text] = []
    for names, text in LETTERS:
        used = [(Math((Index(letter, ONE),)),) for letter in names if letter in letters]
        told += [(*joined(used, ", ", " and "), f" {text}")] if used else []
    many = max(map(len, groups.values())) > 2
    lead: Text = (*joined(told), "; a prime marks the output.")
    table = Table((("what it counts",), ("formula",), ("recounted for",), ("",)), rows, "pwlc" if many else "pllc")
    return [Heading(("The formulas, in letters",), "S4"), Paragraph(lead, leads=True), table]


def _formula_row(context: Context, what: str, steps: Sequence[Step]) -> tuple[Text, ...]:
    """All formulas of one quantity, as layers differ in them."""
    left = steps[0].left if what == "shape" and steps[0].left is not None else Quantity(what, "")
    verdicts = [context.report.lines[step.label] for step in steps]
    tried = list(dict.fromkeys(getattr(verdict, "scope", "") for verdict in verdicts))
    counts = [scope.partition(" ")[0] for scope in tried]
    scope = f"{', '.join(counts)} {tried[0].partition(' ')[2]}"
    shown = joined([(Math((step.after,), full=True),) for step in steps], " or ")
    marks = "".join(dict.fromkeys(map(mark, verdicts)))
    return ((MEANING.get(what, ""),), (Math((left,)), " = ", *shown), (scope,), (marks,))


def _derivations(context: Context) -> list[Block]:
    """One row for each count, under a heading for each quantity of a network under one convention."""
    blocks: list[Block] = [Heading(("Formula, numbers, value",), "S5")]
    rows: list[StepLine] = []
    groups = groupby(context.parts, key=lambda part: _topic(context, part))
    for number, (topic, parts) in enumerate(groups, 1):
        blocks.append(Heading(topic, f"S5.{number}", level=2))
        rows = []
        for part in parts:
            rows += _lines(context, part)
            cards = [m for m in context.report.mistakes if m.mistake.question == part.question.id]
            if cards:
                blocks += [StepLines(tuple(rows)), *(card(context, one) for one in cards)]
                rows = []
        blocks += [StepLines(tuple(rows))] if rows else []
    return [*blocks, *matrix_form(context)]


def _topic(context: Context, part: Part) -> Text:
    """Parameters of today's network, with bias."""
    wants = part.question.wants
    if not isinstance(wants, Count):
        return ("Comparison",)
    network = program_of(context).networks[wants.network] if wants.network else None
    several = len(program_of(context).networks) > 1
    title = TOPICS.get(wants.what, NAMES.get(wants.what, "shapes"))
    if several and network is not None and network.title:
        title += f" of {network.title}" if network.title.startswith("the ") else f", {network.title}"
    under = ", ".join(named(field, option) for field, option in wants.choices.items())
    return (title[:1].upper() + title[1:] + (f", {under}" if under else ""),)


TOPICS = {
    "sees": "what an output sees", "field": "sizes, jumps and starts", "jump": "sizes, jumps and starts",
    "start": "sizes, jumps and starts", "values": "sizes of the feature maps", "inputs": "sizes of the feature maps",
    "map": "as one equation",
}  # fmt: skip

MERGED = ("formula", "substitution", "value", "total", "ratio")  # rules whose lines stand in one row
SAID = ("the numbers put in", "worked out")  # of lines that need no reason beside the formula's


def _lines(context: Context, part: Part) -> list[StepLine]:
    """Formula = numbers = value in one row, for each quantity on the left."""
    lines: list[StepLine] = []
    runs: list[list[Step]] = []
    for step in part.steps:
        goes_on = bool(runs) and step.rule in MERGED and step.left in (None, runs[-1][0].left)
        if goes_on and runs[-1][-1].rule in MERGED:
            runs[-1].append(step)
        else:
            runs.append([step])
    for run in runs:
        sides = list(dict.fromkeys(side for step in run for side in (step.before, step.after) if side != step.left))
        if run[0].left is None:
            sides = [run[-1].after]
        left = Math((run[0].left,)) if run[0].left is not None else None
        marks = "".join(dict.fromkeys(mark(context.report.lines[step.label]) for step in run))
        last = f"–{run[-1].label.split('.')[1]}" if len(run) > 1 else ""
        lines.append(StepLine(f"{run[0].label}{last}", left, (Math(tuple(sides), leading=True),),
                              _reason(context, run), (), marks))  # fmt: skip
    return lines


def _reason(context: Context, run: Sequence[Step]) -> Text:
    """What the letters of its formula stand for, or its rules."""
    letters = [(Math((letter, value)),) for step in run for letter, value in step.letters]
    if letters:
        return joined(letters)
    texts = list(dict.fromkeys(step.reason for step in run if step.reason not in SAID))
    return joined([context.prose(text) for text in texts], "; ")


# -- S7 to S9 ----------------------------------------------------------------------------------------------------------


def _checks(context: Context) -> list[Block]:
    """Claims with the same evidence stand in one row."""
    oracles = list(dict.fromkeys(e.oracle for checked in context.report.parts for e in checked.evidence))
    groups: dict[tuple[Text, ...], list[Claim]] = {}
    for checked in context.report.parts:
        seen = tuple(_evidence(checked.evidence, oracle) for oracle in oracles)
        key: tuple[Text, ...] = (*seen, (getattr(checked.verdict, "scope", ""),), (mark(checked.verdict),))
        groups.setdefault(key, []).append(checked.claim)
    rows: list[tuple[Text, ...]] = []
    for key, claims in groups.items():
        few = joined([(Math((claim.left,)),) for claim in claims]) if len(claims) <= LISTED else None
        said: Text = few or (f"{'all' if len(groups) == 1 else 'the other'} {len(claims)} claims",)
        rows.append((said, *key))
    rows.sort(key=lambda row: "claims" in str(row[0][0]))
    header: tuple[Text, ...] = (("claim",), *((TITLES[oracle],) for oracle in oracles), ("holds for",), ("",))
    table = Table(header, tuple(rows), "p" + "l" * (1 + len(oracles)) + "c")
    return [Heading(("Checks",), "S7"), Paragraph((Strong("Recounted. "), RECOUNTED, _why(context)), leads=True), table]


LISTED = 6  # claims that are named one by one


def _why(context: Context) -> str:
    """For symbolic sizes, why so many points are a proof."""
    if not program_of(context).inputs():
        return ""
    return (
        " Where sizes are symbols, it was done at so many values of each that no other formula of the same degree fits"
        " them all, which proves the formula for every size."
    )


TITLES: Mapping[str, str] = {"recounted": "recounted", "pytorch": "PyTorch"}


def _evidence(evidence: Sequence[Evidence], oracle: str) -> Text:
    found = next((e for e in evidence if e.oracle == oracle), None)
    if found is None:
        return ("–",)
    return (f"equal at {found.points} point{'s' * (found.points != 1)}",)


def _mistakes(context: Context) -> list[Block]:
    """One line each; the full cards stand at the lines."""
    lines = {part.question.id: part.steps[0].label for part in context.parts}
    rows: list[tuple[Text, ...]] = []
    for worked in context.report.mistakes:
        found = worked.verdict.counterexample  # type: ignore[union-attr]
        show = shower(worked.claim)
        gives: Text = (show(found.right), " instead of ", show(found.left))
        title = context.prose(worked.mistake.title)
        rows.append((title, (Math((worked.claim.left,)),), (lines[worked.mistake.question],), gives))
    if not rows:
        return []
    header: tuple[Text, ...] = (("mistake",), ("at",), ("line",), ("it gives",))
    return [Heading(("Mistakes",), "S8"), Table(header, tuple(rows), "plll")]


def _sources(context: Context) -> list[Block]:
    listed = joined([context.prose(source) for source in context.problem.sources], " ")
    return [Paragraph((Strong("Sources. "), *listed))] if listed else []
