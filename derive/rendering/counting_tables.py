"""Tables of counting documents: layers, comparisons, what other conventions give."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from derive.algebra.decimals import significant
from derive.language.answers import Shape
from derive.language.counting import CONVENTIONS, QUANTITIES, Count, Counting, Ratio, chosen
from derive.language.derivation import Entry
from derive.language.expression import ONE, Expr, Number
from derive.rendering.context import Context, joined
from derive.rendering.document import (
    Block,
    Heading,
    Math,
    Paragraph,
    Strong,
    Table,
    Tables,
    Text,
)

ALONG = ("field", "jump", "start")  # what every layer passes on to the next
WIDE = 3  # so many other conventions need the whole width
NAMES = {"params": "parameters", "madds": "multiply-adds", "muls": "multiplications", "adds": "additions",
         "acts": "activations", "comps": "comparisons", "conns": "connections"}  # fmt: skip


def program_of(context: Context) -> Counting:
    program = context.problem.program
    assert isinstance(program, Counting)
    return program


def named(field: str, option: str) -> str:
    """'bias as given', 'K − 1 additions', 'channels last'."""
    words = {
        "operations": "two operations a multiply-add" if option == "separate" else option,
        "bias": f"bias {option}" if option == "as given" else f"{option} bias",
        "additions": f"{option.replace('-', '−')} additions",
        "padding": f"padding zeros {option}",
        "pooling": "pooling free" if option == "free" else "pooling costs its inputs",
        "borders": f"borders {option}",
    }
    return words.get(field, option)


def layer_tables(context: Context) -> list[Block]:
    """The table a student would hand in, for each network."""
    blocks: list[Block] = []
    for key, network in program_of(context).networks.items():
        entries = [entry for entry in context.report.derivation.entries if entry.network == key]
        title: Text = (network.title[:1].upper() + network.title[1:] if network.title else "The network",)
        blocks.append(Heading((*title, *_in_force(context, key)), f"S6.{len(blocks) // 2 + 1}", level=2))
        blocks.append(_layer_table(context, entries))
    return [Heading(("Table of layers",), "S6"), *blocks]


def _in_force(context: Context, network: str) -> Text:
    """Under which conventions the numbers of its table stand, of those that could change them."""
    wants = [p.question.wants for p in context.parts if isinstance(p.question.wants, Count)]
    whats = {one.what for one in wants if one.network == network} & set(NAMES)
    fields = [f for f in CONVENTIONS if any(f in QUANTITIES[what][1] for what in whats)]
    moved = {field for part in context.parts for claim in (part.claim, *part.others) for field in claim.convention}
    choices = program_of(context).choices
    said = [named(field, chosen(choices, field)) for field in fields if field in moved]
    return (f" ({', '.join(said)})",) if said else ()


def _layer_table(context: Context, entries: Sequence[Entry]) -> Table:
    asked = {part.question.wants.what for part in context.parts if isinstance(part.question.wants, Count)}
    whats = [what for what in entries[0].counts if what in asked]
    along = {(p.question.wants.layer, p.question.wants.what): p.claim.right for p in context.parts
             if isinstance(p.question.wants, Count) and p.question.wants.what in ALONG}  # fmt: skip
    paths = [what for what in ALONG if what in asked]
    rows: list[tuple[Text, ...]] = [
        (_called(entry), (entry.what,), _shape(context, entry.out),
         *((Math((entry.counts[what],)),) for what in whats),
         *((Math((along[entry.name, what],)),) if (entry.name, what) in along else ("",) for what in paths))
        for entry in entries
    ]  # fmt: skip
    nothing: tuple[Text, ...] = (("",),) * len(whats)
    itself: tuple[Text, ...] = ((Math((ONE,)),),) * len(paths)
    start: tuple[Text, ...] = (("input",), ("",), _shape(context, entries[0].into), *nothing, *itself)
    totals = [_total([entry.counts[what] for entry in entries]) for what in whats]
    last: list[tuple[Text, ...]] = [((Strong("total"),), ("",), ("",), *totals)] if whats and all(totals) else []
    header: tuple[Text, ...] = (("layer",), ("what it does",), ("output",), *((NAMES[what],) for what in whats),
                                *((what,) for what in paths))  # fmt: skip
    return Table(header, (start, *rows, *last), "lpl" + "r" * (len(whats) + len(paths)))


def _called(entry: Entry) -> Text:
    """Its name, or that of the branch it stands in."""
    return (Strong(entry.name),) if entry.name else (entry.inside[-1] if entry.inside else "",)


def _total(counts: Sequence[Expr]) -> Text:
    if all(isinstance(count, Number) for count in counts):
        return (Math((Number(sum((c.value for c in counts if isinstance(c, Number)), Fraction(0))),)),)
    return ()


def _shape(context: Context, shape: Expr) -> Text:
    """Without the batch, in the layout of the problem."""
    assert isinstance(shape, Shape)
    first, *rest = shape.sizes
    last = chosen(program_of(context).choices, "layout") == "channels last"
    sizes = (*rest, first) if last else (first, *rest)
    return joined([(Math((size,)),) for size in sizes], " × ")


def comparison(context: Context) -> list[Block]:
    """What the ratios compare, side by side."""
    rows: list[tuple[Text, ...]] = []
    by_id = {part.question.id: part for part in context.parts}
    for part in context.parts:
        if isinstance(part.question.wants, Ratio) and isinstance(part.claim.right, Shape):
            of = [by_id[name].claim for name in part.question.wants.parts]
            sides = joined([(Math((claim.left,)),) for claim in of], " : ")
            values = joined([(Math((claim.right,)),) for claim in of], " : ")
            ratio = joined([(Math((size,)),) for size in part.claim.right.sizes], " : ")
            quotient: Text = (_quotient([claim.right for claim in of]),)
            rows.append((sides, context.prose(part.question.text), values, ratio, quotient))
    if not rows:
        return []
    header: tuple[Text, ...] = (("what",), ("",), ("values",), ("in lowest terms",), ("first by last",))
    number = f"S6.{len(program_of(context).networks) + 1}"
    return [Heading(("Comparison",), number, level=2), Table(header, tuple(rows), "lpllr")]


def _quotient(values: Sequence[Expr]) -> str:
    """The first by the last, in three digits."""
    first, last = values[0], values[-1]
    if not (isinstance(first, Number) and isinstance(last, Number)) or last.value == 0:
        return "–"
    return significant(first.value / last.value, 3)


def under_others(context: Context) -> list[Block]:
    """What every part comes to under the conventions that are not in force, a column for each."""
    tables: dict[tuple[str, ...], list[tuple[Text, ...]]] = {}
    for part in context.parts:
        columns = tuple(", ".join(named(field, o) for field, o in claim.convention.items()) for claim in part.others)
        row: tuple[Text, ...] = (Math((part.claim.left,)),), (Math((part.claim.right,)),)
        if columns:
            tables.setdefault(columns, []).append((*row, *((Math((claim.right,)),) for claim in part.others)))
    if not tables:
        return []
    lead: Text = ("An answer that is right under another convention is right there; only the convention must be said.",)
    compared = any(isinstance(part.question.wants, Ratio) for part in context.parts)
    number = len(program_of(context).networks) + 1 + compared
    made = {}
    for columns, rows in tables.items():
        header: tuple[Text, ...] = (("quantity",), ("here",), *((column,) for column in columns))
        made[columns] = Table(header, tuple(rows), "ll" + ("l" if len(columns) < WIDE else "p") * len(columns))
    narrow = tuple(table for columns, table in made.items() if len(columns) < WIDE)
    blocks: list[Block] = [*([Tables(narrow)] if narrow else []), *(t for t in made.values() if t not in narrow)]
    return [Heading(("Under other conventions",), f"S6.{number}", level=2), Paragraph(lead, leads=True), *blocks]
