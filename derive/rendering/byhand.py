"""Every part by hand on the worked instance: formula, numbers put in, value; then all of it, with its layout."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from msgspec.structs import replace

from derive.algebra.binding import rewrite, substitute
from derive.algebra.decimals import DIGITS, SIGN, Rounded, significant, terminating
from derive.algebra.instance import Instance
from derive.algebra.logs import LogNumber
from derive.algebra.unroll import Unroll
from derive.errors import UnsupportedError
from derive.language.derivation import Claim, Part, Worked
from derive.language.expression import Add, Decimal, Expr, Index, Mul, Number, Read, add, expression, mul, walk
from derive.language.functions import exp, log
from derive.language.problem import axes_of
from derive.rendering.context import Context
from derive.rendering.document import Block, Heading, Math, Paragraph, StepLine, StepLines, Strong, Table, Text, Values
from derive.rendering.entries import written_out
from derive.rendering.instance import numbers_of

ENTRIES = 4  # so many entries of a part are worked in full; of more, the first two
READS = 16  # entries read by a formula that is written out
FEW = 1  # so many letters of a sum that is written out stand before their numbers
SHORT = 14  # numbers that fit one line
ACROSS = 12  # columns that fit

HOW = "Each line puts the numbers of S7.1 into the formula above it."
WRITTEN = "Each line puts the numbers of S7.1 into the formula above it, or into that of the same entry in S6.1."
ROUNDED = (
    f" Whole numbers and fractions are exact; ≈ marks a number rounded to {DIGITS} digits, always from the unrounded"
    " value: rounding on the way may change the last of them."
)


def by_hand(context: Context) -> list[Block]:
    """Empty without a worked instance, and where no part has a value on it."""
    worked, problem = context.report.worked, context.problem
    if worked is None or not worked.parts:
        return []
    instance = Instance(problem, context.report.derivation.definitions, problem.instance, DIGITS)
    written = written_out(context)
    blocks: list[Block] = []
    done: list[tuple[Expr, object]] = []
    for part in context.parts:
        question = (part.claim.left, part.claim.assuming)  # other parts may answer it in other ways
        if part.question.id in worked.parts and question not in done:
            done.append(question)
            values, named = worked.parts[part.question.id], part.question.id not in written
            blocks += _part(instance, part, values, named, _is_tabled(part, worked))
    how = WRITTEN if written else HOW
    said = Paragraph((f"{how}{ROUNDED if any(map(_rounds, blocks)) else ''}",), leads=True)
    return [Heading(("By hand: formula, numbers, value",), "S7.2", level=2), said, *blocks]


def _rounds(block: Block) -> bool:
    """Whether it shows a rounded number."""
    if not isinstance(block, StepLines):
        return SIGN in str(block)
    reasons = (piece for row in block.rows for piece in row.reason)
    return any(SIGN in str(r) or "digits" in str(r) for r in reasons)


def _is_tabled(part: Part, worked: Worked) -> bool:
    """Whether all its entries stand in S7.1."""
    left = part.claim.left
    return isinstance(left, Read) and worked.values.get(left.tensor.key) == worked.parts[part.question.id]


def _part(instance: Instance, part: Part, values: object, named: bool, known: bool) -> list[Block]:
    """The formula, unless that of each entry stands in S6.1; its first entries; then all of them with their layout,
    unless they are known from S7.1.
    """
    claim = part.claim
    if isinstance(values, dict):
        return _inequality(instance, claim)
    label = Strong(part.question.id)
    rows = [StepLine("", Math((claim.left,)), (Math((claim.right,), leading=True),), (label,), (), "")]
    cells = list(instance.evaluator.assignments({axis.name: axis for axis in axes_of(claim.left, claim.right)}))
    shown = cells if len(cells) <= ENTRIES else cells[:2]
    rows += [row for cell in shown if (row := _entry(instance, claim, cell))]
    if not named:
        rows = [replace(rows[1], reason=(label, *rows[1].reason)), *rows[2:]]
    blocks: list[Block] = [StepLines(tuple(rows))]
    if len(cells) > 1 and not known:
        blocks += _layout(claim, values)
    return blocks


def _entry(instance: Instance, claim: Claim, cell: Mapping[str, int]) -> StepLine | None:
    """One entry: the formula written out where that is short, the numbers, the value."""
    at: dict[str, Expr] = {index: expression(k) for index, k in cell.items()}
    value = instance.number(claim.right, cell)
    chain: list[Expr] = []
    written = _written(instance, claim, cell)
    if written is not None:
        if written != claim.right and (not instance.sizes or _letters(written) <= FEW):
            chain.append(written)
        numbers = rewrite(written, lambda node: _number(instance, node))
        if numbers not in (written, _shown(value)):
            chain.append(_spread(numbers))
    if not chain or chain[-1] != _shown(value):
        chain.append(_shown(value))
    return StepLine("", Math((substitute(claim.left, at),)), _lines(chain), _decimal(value), (), "")


def _spread(side: Expr) -> Expr:
    """c (a + b) as c a + c b where it is long: a sum may break before a term, a product may not."""
    match side:
        case Mul((Number() as scale, Add(terms))) if _length(side) > SHORT:
            return Add(tuple(Mul((scale, *(t.factors if isinstance(t, Mul) else (t,)))) for t in terms))
    return side


def _inequality(instance: Instance, claim: Claim) -> list[Block]:
    """Both sides on the worked instance, entry by entry."""
    rows = []
    for cell in list(instance.evaluator.assignments({axis.name: axis for axis in axes_of(claim.left, claim.right)})):
        at: dict[str, Expr] = {index: expression(k) for index, k in cell.items()}
        low, high = (instance.number(side, cell) for side in (claim.left, claim.right))
        lines = (_lines([_shown(low)])[0], Math((_shown(high),), claim.relation, leading=True))
        plain = isinstance(high, LogNumber) and not high.logs and not high.power
        reason = (f"the bound: {significant(_rational(high))}" if plain else "the bound",)
        rows.append(StepLine("", Math((substitute(claim.left, at),)), lines, reason, (), ""))
    return [StepLines(tuple(rows[:ENTRIES]))]


def _rational(value: LogNumber | Rounded) -> Fraction:
    assert isinstance(value, LogNumber)
    return Fraction(int(value.whole.p), int(value.whole.q))


def _written(instance: Instance, claim: Claim, cell: Mapping[str, int]) -> Expr | None:
    """The formula with every sum written out, where that is short enough to be read."""
    try:
        written = Unroll(instance.sizes)(claim.right, cell)
    except UnsupportedError:
        return None
    return written if _letters(written) <= READS else None


def _letters(side: Expr) -> int:
    return sum(isinstance(node, Read) for node in walk(side))


def _lines(chain: list[Expr]) -> tuple[Math, ...]:
    """= a = b on one line while both are exact and short, else a line each."""
    lines: list[Math] = []
    for side in chain:
        relation = "~" if any(isinstance(node, Decimal) for node in walk(side)) else "="
        last = lines[-1] if lines else None
        if last is not None and relation == last.relation and sum(map(_length, (*last.sides, side))) <= SHORT:
            lines[-1] = Math((*last.sides, side), relation, leading=True)
        else:
            lines.append(Math((side,), relation, leading=True))
    return tuple(lines)


def _length(side: Expr) -> int:
    wide = sum(isinstance(node, Number) and node.value.denominator != 1 for node in walk(side))
    return wide + sum(isinstance(node, Read | Number | Decimal) for node in walk(side))


def _number(instance: Instance, node: Expr) -> Expr | None:
    return _shown(instance.number(node, {})) if isinstance(node, Read) else None


def _shown(value: LogNumber | Rounded) -> Expr:
    """The value as it prints: 2/3, log(6), 0.604368."""
    if isinstance(value, Rounded):
        return Decimal(value.text)
    whole = Number(Fraction(int(value.whole.p), int(value.whole.q)))
    if value.power:
        return mul(whole, exp(Number(value.power)))
    if not value.logs:
        return whole
    scale, inside = value.logarithm()
    return add(whole, mul(scale, log(inside)))


def _decimal(value: LogNumber | Rounded) -> Text:
    """The decimal beside an exact value that is no whole number."""
    if isinstance(value, Rounded):
        return (f"{value.digits} digits",)
    if value.logs or value.power:
        return ()
    number = Fraction(int(value.whole.p), int(value.whole.q))
    if number.denominator == 1:
        return ()
    exact = terminating(number)
    return (f"= {exact}" if exact else f"≈ {significant(number)}",)


def _layout(claim: Claim, values: object) -> list[Block]:
    """All entries of a vector in a line, of a matrix in a table, with what runs along rows and columns."""
    axes = axes_of(claim.left, claim.right)
    assert isinstance(values, tuple)
    what: Text = (Math((claim.left,)),)
    if len(axes) == 1:
        return [
            Paragraph(
                (*what, ", ", *_range(axes[0], len(values)), ", in order: ", Values(tuple(map(str, values))), ".")
            )
        ]
    if len(axes) != 2 or len(values[0]) > ACROSS:
        return []
    row, column = axes
    lead: Text = (
        "All of ", *what, ": ", *_range(row, len(values)), " down (rows), ", *_range(column, len(values[0])),
        " across (columns).",
    )  # fmt: skip
    header: tuple[Text, ...] = (("",), *((Math((column,)), f" = {k}") for k in numbers_of(column, len(values[0]))))
    rows = [
        ((Math((row,)), f" = {k}"), *((Values((str(value),), scalar=True),) for value in line))
        for k, line in zip(numbers_of(row, len(values)), values, strict=True)
    ]
    return [Paragraph(lead, leads=True), Table(header, tuple(rows), "l" + "r" * len(values[0]))]


def _range(index: Index, count: int) -> Text:
    numbers = numbers_of(index, count)
    return (Math((index,)), f" = {numbers[0]} to {numbers[-1]}")
