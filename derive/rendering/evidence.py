"""S7: what was checked, by whom, where; the identities with their negative controls; the worked instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from derive.language.deep import DeepNetwork
from derive.language.derivation import Checked, Control, WorkedMistake
from derive.language.expression import Bracket, Read, walk
from derive.language.notation import Name
from derive.language.problem import Remark
from derive.language.tensor import Tensor
from derive.language.verdict import Evidence
from derive.rendering.byhand import by_hand
from derive.rendering.context import Context, given, joined, lowered, mark, told
from derive.rendering.document import Block, Bullets, Heading, Math, Mono, Paragraph, Strong, Table, Text, Values
from derive.rendering.instance import worked_instance
from derive.rendering.jacobian import jacobians, wrong_sums
from derive.rendering.layers import layer_tables
from derive.rendering.matrix import outer_of
from derive.rendering.working import exact

WIDE = 12  # names and sizes in a formula that may break in its cell
NEGATIVE = (
    "the procedure that proves the claims refutes every wrong line of S8, with the counterexample printed in its card."
)
# oracle -> (column title, what it establishes)
ORACLES: dict[str, tuple[str, str]] = {
    "normal form": ("normal form", "proved for every size: both sides have the same normal form"),
    "unrolled": ("exact", "exact on the sizes tried: the program written out in scalars, differentiated on its own"),
    "differences": ("differences", "sampled: central differences at high precision; the largest error is printed"),
    "pytorch": ("PyTorch", "sampled: the framework's own gradient in double precision; the largest error is printed"),
}


def check_table(context: Context) -> Table:
    """Claim x oracle, on page one; the first row has the sizes where all claims share them."""
    oracles = _asked(context)
    shared = {oracle: _shared_sizes(context, oracle) for oracle in oracles}
    groups: dict[tuple[Text, ...], list[Text]] = {}  # claims with the same evidence stand in one row
    for part, c in zip(context.parts, context.report.parts, strict=True):
        seen = (*(_cell(_by(c, oracle), not shared[oracle]) for oracle in oracles), (mark(c.verdict),))
        groups.setdefault(seen, []).append((Math((c.claim.left,)), *told(context, part), *_if(context, c)))
    rows = tuple((joined(claims), *seen) for seen, claims in groups.items())
    header: tuple[Text, ...] = (("claim",), *((ORACLES[oracle][0],) for oracle in oracles), ("",))
    where = ((("sizes",), *(_short(shared[oracle]) or ("all",) for oracle in oracles), ("",)),)
    return Table(header, where + rows, "l" + "l" * len(oracles) + "c")


def framework_line(context: Context) -> list[Block]:
    """The forward values against the framework's own operator, where they were compared."""
    found, framework = context.report.framework, context.problem.framework
    if found is None or framework is None:
        return []
    operator = Mono(f"torch.nn.functional.{framework.operator}")
    error: Text = ("largest error ", *_error(found))
    return [Paragraph(("Forward values equal ", operator, " at sizes ", *sizes_of(found.sizes), ", ", *error, "."))]


def _if(context: Context, checked: Checked) -> Text:
    assumed = given(context, checked.claim.assuming)
    return (", if ", *assumed) if assumed else ()


def _asked(context: Context) -> tuple[str, ...]:
    seen = {e.oracle for c in (*context.report.parts, *context.report.remarks) for e in c.evidence}
    return tuple(oracle for oracle in ORACLES if oracle in seen)


def _by(checked: Checked, oracle: str) -> Evidence | None:
    return next((e for e in checked.evidence if e.oracle == oracle), None)


def _shared_sizes(context: Context, oracle: str) -> Sequence[Mapping[str, int]]:
    found = [evidence.sizes for c in context.report.parts if (evidence := _by(c, oracle))]
    return found[0] if found and all(sizes == found[0] for sizes in found) else ()


def _cell(evidence: Evidence | None, with_sizes: bool) -> Text:
    if evidence is None:
        return ("–",)
    if evidence.oracle == "normal form" or evidence.verdict.kind not in ("proved", "agrees"):
        return (evidence.verdict.kind,)
    result: Text = ("equal",) if evidence.error in ("", "exact") else _error(evidence)
    return (*sizes_of(evidence.sizes), ": ", *result) if with_sizes and evidence.sizes else result


def _error(evidence: Evidence) -> Text:
    return (Values((evidence.error or "0",), scalar=True),)


def sizes_of(sizes: Sequence[Mapping[str, int]]) -> Text:
    """m = 1 to 5, or the sizes one by one."""
    if not sizes:
        return ()
    keys = list(sizes[0])
    if not keys:
        return (f"{len(sizes)} points",)
    if len(keys) == 1:
        numbers = [size[keys[0]] for size in sizes]
        run = len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1))
        shown = f"{numbers[0]} to {numbers[-1]}" if run else ", ".join(map(str, numbers))
        return (_letter(keys[0]), f" = {shown}")
    several = [f"({', '.join(str(size[key]) for key in keys)})" for size in sizes]
    return (*_listed(keys), f" = {', '.join(several)}")


def _short(sizes: Sequence[Mapping[str, int]]) -> Text:
    """For the head of a column: several sizes at once are only counted, and listed in S7."""
    if sizes and len(sizes[0]) > 3:
        return (f"{len(sizes)} sizes",)
    if sizes and len(sizes[0]) > 1:
        return (f"{len(sizes)} sizes ", *_listed(list(sizes[0])))
    return sizes_of(sizes)


def _listed(keys: list[str]) -> Text:
    return ("(", *joined([(_letter(key),) for key in keys]), ")")


def _letter(key: str) -> Math:
    return Math((), tensor=Tensor(Name(key)))


def checks_section(context: Context) -> list[Block]:
    blocks: list[Block] = [Heading(("Checks",), "S7")]
    meanings = [_meaning(context, oracle) for oracle in _asked(context)]
    if context.report.mistakes:
        meanings.append((Strong("Negative control: "), NEGATIVE))
    if meanings:
        lead = ("What the columns of the table in S1 establish, strongest first:",)
        blocks += [Paragraph(lead, leads=True), Bullets(tuple(meanings))]
    if context.report.remarks:
        lead = ("Identities that the answer must satisfy, each with what a wrong answer makes of it:",)
        blocks += [Paragraph(lead, leads=True), identities(context)]
    if isinstance(context.problem.program, DeepNetwork):
        return [*blocks, *layer_tables(context)]
    return [*blocks, *worked_instance(context), *by_hand(context), *jacobians(context)]


def _meaning(context: Context, oracle: str) -> Text:
    title, meaning = ORACLES[oracle]
    tried = sizes_of(_shared_sizes(context, oracle))
    return (Strong(f"{title}: "), meaning, *((" (", *tried, ")") if tried else ()), ".")


def identities(context: Context) -> Table:
    rows, remarks = [], context.problem.remarks
    for remark, checked in zip(remarks, context.report.remarks, strict=True):
        if outer_of(remark.left, remark.right):
            continue  # it stands in S6
        where: Text = (", at ", Math((remark.at[0].as_expression(),)), f" = {remark.at[1]}") if remark.at else ()
        wrong = _controls(context, remark) or wrong_sums(context, remark)
        formula = Math((remark.left, remark.right), full=True)
        rows.append(((formula, *where), context.prose(remark.text), joined(wrong, "; ") or ("–",),
                     (mark(checked.verdict),)))  # fmt: skip
    header: tuple[Text, ...] = (("identity",), ("why",), ("negative control",), ("",))
    wide = any(sum(isinstance(n, Read | Bracket) for s in (r.left, r.right) for n in walk(s)) > WIDE for r in remarks)
    return Table(header, tuple(rows), "wppc" if wide else "lppc")


def _controls(context: Context, remark: Remark) -> list[Text]:
    """What each mistake makes of an identity; of rows of numbers only the first."""
    found = [(w, c) for w in context.report.mistakes for c in w.controls if c.remark.id == remark.id]
    rows = any(c.wrong.startswith("(") for _, c in found)
    return [_control(context, worked, c) for worked, c in (found[:1] if rows else found)]


def _control(context: Context, worked: WorkedMistake, control: Control) -> Text:
    seen: Text = (exact(control.wrong), " instead of ", exact(control.right), ": ")
    return (*seen, *lowered(context.prose(worked.mistake.title)))
