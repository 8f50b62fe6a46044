"""S7: what was checked, by whom, where; the identities with their negative controls; the worked instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from derive.language.derivation import Checked
from derive.language.notation import Name
from derive.language.tensor import Tensor
from derive.language.verdict import Evidence, Proved
from derive.rendering.context import Context, given, joined, mark
from derive.rendering.document import Block, Bullets, Heading, Math, Paragraph, Strong, Table, Text
from derive.rendering.instance import worked_instance
from derive.rendering.matrix import outer_of
from derive.rendering.working import exact

# oracle -> (column title, what it establishes)
ORACLES: dict[str, tuple[str, str]] = {
    "normal form": ("all sizes", "proved for every size: both sides have the same normal form"),
    "unrolled": (
        "exact at",
        "exact on these sizes: the program written out in scalars and differentiated independently",
    ),
    "differences": ("differences", "sampled numerically: central differences at high precision, largest error"),
    "pytorch": ("autograd", "sampled numerically: a deep-learning framework's own gradient, largest error"),
}


def check_table(context: Context) -> Table:
    """Claim x oracle, on page one."""
    rows = tuple(
        (
            (Math((c.claim.left,)), *_if(context, c)),
            *(_cell(_by(c, oracle)) for oracle in _asked(context)),
            (mark(c.verdict),),
        )
        for c in context.report.parts
    )
    header: tuple[Text, ...] = (("claim",), *((ORACLES[o][0],) for o in _asked(context)), ("",))
    return Table(header, rows, "l" + "l" * len(_asked(context)) + "c")


def _if(context: Context, checked: Checked) -> Text:
    assumed = given(context, checked.claim.assuming)
    return (", if ", *assumed) if assumed else ()


def _asked(context: Context) -> tuple[str, ...]:
    seen = {e.oracle for c in (*context.report.parts, *context.report.remarks) for e in c.evidence}
    return tuple(oracle for oracle in ORACLES if oracle in seen)


def _by(checked: Checked, oracle: str) -> Evidence | None:
    return next((e for e in checked.evidence if e.oracle == oracle), None)


def _cell(evidence: Evidence | None) -> Text:
    if evidence is None:
        return ("–",)
    if evidence.oracle == "normal form":
        return ("proved",) if isinstance(evidence.verdict, Proved) else (evidence.verdict.kind,)
    if not isinstance(evidence.verdict, Proved) and evidence.verdict.kind != "agrees":
        return (evidence.verdict.kind,)
    error = "" if evidence.error in ("", "exact") else f": {evidence.error}"
    return (*sizes_of(evidence.sizes), error)


def sizes_of(sizes: Sequence[Mapping[str, int]]) -> Text:
    """m = 1 to 5, or the sizes one by one."""
    if not sizes:
        return ("",)
    keys = list(sizes[0])
    if len(keys) == 1:
        numbers = [size[keys[0]] for size in sizes]
        run = len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1))
        shown = f"{numbers[0]} to {numbers[-1]}" if run else ", ".join(map(str, numbers))
        return (_letter(keys[0]), f" = {shown}")
    several = [" × ".join(str(size[key]) for key in keys) for size in sizes[:4]]
    names = joined([(_letter(key),) for key in keys], " × ")
    return (*names, f" = {', '.join(several)}{', …' if len(sizes) > 4 else ''}")


def _letter(key: str) -> Math:
    return Math((), tensor=Tensor(Name(key)))


def checks_section(context: Context) -> list[Block]:
    blocks: list[Block] = [Heading(("Checks",), "S7")]
    meanings: tuple[Text, ...] = tuple((Strong(f"{ORACLES[o][0]}: "), ORACLES[o][1], ".") for o in _asked(context))
    if meanings:
        blocks += [Paragraph(("What the columns of the table in S1 establish, strongest first:",)), Bullets(meanings)]
    if context.report.remarks:
        blocks += [Paragraph(("Identities that the answer must satisfy, each with what a wrong answer makes of it:",)),
                   identities(context)]  # fmt: skip
    return [*blocks, *worked_instance(context)]


def identities(context: Context) -> Table:
    rows = []
    for remark, checked in zip(context.problem.remarks, context.report.remarks, strict=True):
        if outer_of(remark.left, remark.right):
            continue  # it stands in S6
        where: Text = (", at ", Math((remark.at[0].as_expression(),)), f" = {remark.at[1]}") if remark.at else ()
        wrong: list[Text] = [
            (
                exact(m.controls[0].wrong),
                f" instead of {m.controls[0].right}: ",
                *_lower(context.prose(m.mistake.title)),
            )
            for m in context.report.mistakes
            if m.controls and m.controls[0].remark.id == remark.id
        ]
        rows.append(((Math((remark.left, remark.right)), *where), context.prose(remark.text),
                     joined(wrong, "; ") or ("–",), (mark(checked.verdict),)))  # fmt: skip
    header: tuple[Text, ...] = (("identity",), ("why",), ("negative control",), ("",))
    return Table(header, tuple(rows), "lppc")


def _lower(text: Text) -> Text:
    first = text[0] if text else ""
    return (first[:1].lower() + first[1:], *text[1:]) if isinstance(first, str) else text
