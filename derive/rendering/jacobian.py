"""The Jacobian of the worked instance as a signed table: entries over one denominator, sums in the margin."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import lcm

from derive.algebra.binding import rewrite
from derive.algebra.decimals import DIGITS
from derive.algebra.instance import Instance
from derive.errors import AuthorError
from derive.language.derivation import Claim, WorkedMistake
from derive.language.expression import Direct, Expr, Index, Sum
from derive.language.network import Network
from derive.language.problem import Remark
from derive.language.question import Jacobian
from derive.rendering.context import Context, lowered
from derive.rendering.document import Block, Cell, Figure, Label, Math, Text, Values

SIDE = 10.0  # of a cell, in millimetres
TALL = 7.0
LEFT, TOP = 14.0, 8.0  # room for the names of rows and columns
MOST = 8  # rows or columns that fit

Numbers = list[list[Fraction]]


def jacobians(context: Context) -> list[Block]:
    """One figure for each Jacobian asked for, where the instance is exact and small."""
    instance = _instance(context)
    if instance is None:
        return []
    asked = [part.claim for part in context.parts if isinstance(part.question.wants, Jacobian)]
    tables = [(claim, _entries(instance, claim)) for claim in asked]
    return [_figure(context, claim, numbers) for claim, numbers in tables if numbers]


def wrong_sums(context: Context, remark: Remark) -> list[Text]:
    """An identity that sums the entries of a Jacobian, with a wrong Jacobian's entries in their place."""
    instance = _instance(context)
    if instance is None or not isinstance(remark.left, Sum):
        return []
    answers = {part.question.id: part.claim.right for part in context.parts}
    found: list[Text] = []
    for worked in context.report.mistakes:
        right, wrong = answers[worked.mistake.question], worked.claim.right
        sums = rewrite(remark.left, lambda node, right=right, wrong=wrong: wrong if node == right else None)  # type: ignore[misc]
        if isinstance(worked.claim.left, Direct) and sums != remark.left:
            found.append(_wrong(context, worked, instance.side(sums), instance.side(remark.right)))
    return found


def _wrong(context: Context, worked: WorkedMistake, seen: str, true: str) -> Text:
    row = Values(tuple(seen.strip("()").split(", ")))
    return (row, f" instead of {true}: ", *lowered(context.prose(worked.mistake.title)))


def _instance(context: Context) -> Instance | None:
    problem = context.problem
    definitions = context.report.derivation.definitions
    return (
        Instance(problem, definitions, problem.instance, DIGITS)
        if problem.instance and not isinstance(problem.program, Network)
        else None
    )


def _entries(instance: Instance, claim: Claim) -> Numbers:
    """The claim's values by row and column; empty where they are no fractions, or too many to draw."""
    axes = _axes(claim)
    if axes is None:
        return []
    try:
        cells = list(instance.evaluator.assignments({axis.name: axis for axis in axes}))
        values = [Fraction(str(instance.number(claim.right, cell))) for cell in cells]
    except (AuthorError, ValueError):
        return []
    width = max(cell[axes[1].name] for cell in cells)
    rows = [values[k : k + width] for k in range(0, len(values), width)]
    return rows if max(width, len(rows)) <= MOST else []


def _axes(claim: Claim) -> tuple[Index, Index] | None:
    """Row and column index of d of[k] / d by[j]."""
    left = claim.left
    if not isinstance(left, Direct):
        return None
    indices: tuple[Expr, ...] = (*left.of.indices, *left.by.indices)
    match indices:
        case (Index() as row, Index() as column) if row != column:
            return row, column
    return None


def _figure(context: Context, claim: Claim, numbers: Numbers) -> Figure:
    axes = _axes(claim)
    assert axes is not None
    row, column = axes
    below = lcm(*(number.denominator for line in numbers for number in line))
    height, width = len(numbers), len(numbers[0])
    cells = [_entry(number * below, r, c) for r, line in enumerate(numbers) for c, number in enumerate(line)]
    across, down = map(_sum, numbers), map(_sum, zip(*numbers, strict=True))
    cells += [_margin(total * below, r, width + 0.2) for r, total in enumerate(across)]
    cells += [_margin(total * below, height + 0.2, c) for c, total in enumerate(down)]
    labels = [Label(LEFT + (c + 0.5) * SIDE, TOP - 3, (Math((column,)), f" = {c + 1}")) for c in range(width)]
    labels += [Label(LEFT - 7, TOP + (r + 0.5) * TALL, (Math((row,)), f" = {r + 1}")) for r in range(height)]
    labels.append(Label(LEFT + (width + 0.7) * SIDE, TOP - 3, ("sum",)))
    labels.append(Label(LEFT - 7, TOP + (height + 0.7) * TALL, ("sum",)))
    caption: Text = (
        f"{below} times ", Math((claim.left,)), " on the worked instance, ", Math((row,)), " down and ",
        Math((column,)), " across; negative entries are shaded, sums of rows and columns stand in the margin.",
    )  # fmt: skip
    alt = "; ".join(" ".join(map(str, line)) for line in numbers)
    size = (LEFT + (width + 1.3) * SIDE, TOP + (height + 1.3) * TALL)
    return Figure(*size, (), (), tuple(labels), caption, f"Jacobian by rows: {alt}.", cells=tuple(cells))


def _entry(number: Fraction, row: int, column: int) -> Cell:
    sign = "+" if number > 0 else ""
    fill = "shaded" if number < 0 else "plain"
    return Cell(LEFT + column * SIDE, TOP + row * TALL, SIDE, TALL, _signed(sign, number), fill)  # type: ignore[arg-type]


def _margin(number: Fraction, row: float, column: float) -> Cell:
    """A sum, set off from the entries it adds up."""
    return Cell(LEFT + column * SIDE, TOP + row * TALL, SIDE, TALL, _signed("", number), "none")


def _sum(numbers: Iterable[Fraction]) -> Fraction:
    return sum(numbers, Fraction(0))


def _signed(sign: str, number: Fraction) -> Text:
    return (sign, Values((str(number),), scalar=True))
