"""Every part by hand on the worked instance: formula, numbers put in, value; then all of it, with its layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from derive.algebra.binding import rewrite, substitute
from derive.algebra.decimals import DIGITS, Rounded, significant, terminating
from derive.algebra.instance import Instance
from derive.algebra.logs import LogNumber
from derive.algebra.unroll import Unroll
from derive.errors import UnsupportedError
from derive.language.derivation import Claim, Part, Worked
from derive.language.expression import Add, Decimal, Expr, Index, Mul, Number, Read, add, expression, mul, walk
from derive.language.functions import exp, log
from derive.language.problem import axes_of
from derive.language.question import Jacobian
from derive.rendering.context import Context
from derive.rendering.document import Block, Display, Heading, Math, Paragraph, Strong, Table, Text, Values
from derive.rendering.instance import numbers_of
from derive.rendering.jacobian import jacobians

ENTRIES = 4  # so many entries of a part are worked in full; of more, the first two
READS = 16  # entries read by a formula that is written out
MOST, TERMS = 48, 12  # entries of a part, and terms of an entry, that are written out in symbols
FEW = 1  # so many letters of a sum that is written out stand before their numbers
SHORT = 14  # numbers that fit one line
ACROSS = 12  # columns that fit

HOW = "The numbers of S7.1 are put into the formula of each part."
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
    blocks: list[Block] = []
    done: list[tuple[Expr, object]] = []
    for part in context.parts:
        question = (part.claim.left, part.claim.assuming)  # other parts may answer it in other ways
        if part.question.id in worked.parts and question not in done:
            done.append(question)
            blocks += _part(context, instance, part, worked)
    if not blocks:
        return []
    said = Paragraph((f"{HOW}{ROUNDED if _rounds(blocks) else ''}",), leads=True)
    return [Heading(("By hand: formula, numbers, value",), "S7.2", level=2), said, *blocks]


def _rounds(blocks: list[Block]) -> bool:
    """Whether a rounded number is shown."""
    formulas = [formula for block in blocks if isinstance(block, Display) for formula in block.formulas]
    return any(isinstance(formula, Math) and "~" in formula.signs for formula in formulas)


def _part(context: Context, instance: Instance, part: Part, worked: Worked) -> list[Block]:
    """The formula and its first entries, or all of them in symbols where the author wants that; then the rest."""
    claim, values = part.claim, worked.parts[part.question.id]
    wants = part.question.wants
    if isinstance(wants, Jacobian) and any(m.picture == "entries" for m in context.problem.matrices):
        return []  # every entry stands in the figure of the matrix
    label: Text = (Strong(part.question.id),)
    if isinstance(values, dict):
        return [Display(_inequality(instance, claim), label)]
    left = claim.left
    known = isinstance(left, Read) and worked.values.get(left.tensor.key) == values  # all of it stands in S7.1
    cells = list(instance.evaluator.assignments({axis.name: axis for axis in axes_of(claim.left, claim.right)}))
    every = part.question.id in context.problem.written_out and _is_short(instance, claim, cells)
    shown = cells if every or len(cells) <= ENTRIES else cells[:2]
    chains = [_entry(context, instance, claim, cell, every, known) for cell in shown]
    entries = tuple(chain for chain in chains if chain is not None)
    if not entries:
        return []
    formula = () if every else (Math((claim.left, claim.right)),)
    blocks: list[Block] = [Display((*formula, *entries), label)]
    drawn = isinstance(part.question.wants, Jacobian) and bool(jacobians(context))
    return blocks if known or drawn or len(shown) == len(cells) else [*blocks, *_layout(claim, values)]


def _is_short(instance: Instance, claim: Claim, cells: Sequence[Mapping[str, int]]) -> bool:
    """Whether every entry can be written out in symbols."""
    if len(cells) > MOST:
        return False
    try:
        sides = [Unroll(instance.sizes)(claim.right, cell) for cell in cells]
    except UnsupportedError:
        return False
    return all(len(side.terms) <= TERMS for side in sides if isinstance(side, Add))


def _entry(
    context: Context, instance: Instance, claim: Claim, cell: Mapping[str, int], every: bool, known: bool
) -> Math | None:
    """One entry: the formula written out where that is short, the numbers, the value, a decimal.

    None where only a value that stands in S7.1 would be left.
    """
    at: dict[str, Expr] = {index: expression(k) for index, k in cell.items()}
    value = instance.number(claim.right, cell)
    chain: list[Expr] = []
    written = _written(instance, claim, cell)
    if written is not None:
        if every or (written != claim.right and (not instance.sizes or _letters(written) <= FEW)):
            chain.append(written)
        numbers = rewrite(written, lambda node: _number(instance, node))
        if numbers not in (written, _shown(value)):
            chain.append(_spread(numbers))
    if not chain and known:
        return None
    if not chain or chain[-1] != _shown(value):
        chain.append(_shown(value))
    if context.problem.decimals and (decimal := _decimal(value)) is not None:
        chain.append(decimal)
    return Math((substitute(claim.left, at), *chain), signs=_signs(chain))


def _signs(chain: Sequence[Expr]) -> tuple[str, ...]:
    """≈ in front of what holds a rounded number, but = where a decimal is all of an exact value."""
    return tuple("~" if any(isinstance(n, Decimal) and not _ends(chain, n) for n in walk(side)) else "="
                 for side in chain)  # fmt: skip


def _ends(chain: Sequence[Expr], decimal: Decimal) -> bool:
    """Whether it is the whole expansion of the fraction that stands before it."""
    before = chain[-2] if len(chain) > 1 else None
    return decimal is chain[-1] and isinstance(before, Number) and terminating(before.value) == decimal.text


def _spread(side: Expr) -> Expr:
    """c (a + b) as c a + c b where it is long: a sum may break before a term, a product may not."""
    match side:
        case Mul((Number() as scale, Add(terms))) if _length(side) > SHORT:
            return Add(tuple(Mul((scale, *(t.factors if isinstance(t, Mul) else (t,)))) for t in terms))
    return side


def _inequality(instance: Instance, claim: Claim) -> tuple[Math, ...]:
    """Both sides on the worked instance, entry by entry, in decimals where they are fractions."""
    found = []
    for cell in list(instance.evaluator.assignments({axis.name: axis for axis in axes_of(claim.left, claim.right)})):
        at: dict[str, Expr] = {index: expression(k) for index, k in cell.items()}
        low, high = (instance.number(side, cell) for side in (claim.left, claim.right))
        sides = [_decimal(side) or _shown(side) for side in (low, high)]
        signs = ("~" if isinstance(sides[0], Decimal) else "=", claim.relation)
        found.append(Math((substitute(claim.left, at), *sides), signs=signs))
    return tuple(found[:ENTRIES])


def _written(instance: Instance, claim: Claim, cell: Mapping[str, int]) -> Expr | None:
    """The formula with every sum written out, where that is short enough to be read."""
    try:
        written = Unroll(instance.sizes)(claim.right, cell)
    except UnsupportedError:
        return None
    return written if _letters(written) <= READS else None


def _letters(side: Expr) -> int:
    return sum(isinstance(node, Read) for node in walk(side))


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
        return mul(whole, exp(expression(value.power)))
    if not value.logs:
        return whole
    scale, inside = value.logarithm()
    return add(whole, mul(scale, log(inside)))


def _decimal(value: LogNumber | Rounded) -> Decimal | None:
    """The decimal of a fraction; a logarithm stays as it is."""
    if isinstance(value, Rounded) or value.logs or value.power:
        return None
    number = Fraction(int(value.whole.p), int(value.whole.q))
    return None if number.denominator == 1 else Decimal(terminating(number) or significant(number))


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
