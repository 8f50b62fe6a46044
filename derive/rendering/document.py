"""The document model: what is on the pages, without saying how any format spells it.

Text is a tuple of spans; a document is a tuple of blocks. Templates choose by a block's `kind`.
"""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

from msgspec import Struct

from derive.language.expression import Expr
from derive.language.tensor import Tensor


class Math(Struct, frozen=True):
    """a = b = c. A bracket alone is printed as the relation it states; no side at all starts with the sign."""

    sides: tuple[Expr, ...]
    relation: str = "="
    leading: bool = False  # starts with the relation sign: it continues the line above
    struck: tuple[Expr, ...] = ()
    tensor: Tensor | None = None  # a bare name instead of sides: x, not x_i
    full: bool = False  # at full size in a table cell, as in a display
    signs: tuple[str, ...] = ()  # of a chain that changes it: a = b ~ c


class Values(Struct, frozen=True):
    """Exact numbers: a scalar ('5/64'), or a row of them over their common denominator."""

    entries: tuple[str, ...]
    scalar: bool = False


class Outer(Struct, frozen=True):
    """A matrix that acts on a vector: scale (I - 1 1^T / m - a a^T / m) v. Each term: coefficient, row, column."""

    left: Expr
    scale: Expr
    terms: tuple[tuple[Expr, tuple[Tensor | None, Tensor | None] | None], ...]  # no pair: the identity
    vector: Tensor


class Strong(Struct, frozen=True):
    text: str


class Mono(Struct, frozen=True):
    text: str


Span: TypeAlias = str | Math | Values | Outer | Strong | Mono
Text: TypeAlias = tuple[Span, ...]


class Heading(Struct, frozen=True):
    """A section; `number` is the same in every topic."""

    text: Text
    number: str = ""
    level: int = 1
    kind: ClassVar[str] = "heading"


class Paragraph(Struct, frozen=True):
    """`leads`: it introduces the block after it and stays on its page."""

    text: Text
    leads: bool = False
    kind: ClassVar[str] = "paragraph"


class Bullets(Struct, frozen=True):
    items: tuple[Text, ...]
    kind: ClassVar[str] = "bullets"


class Display(Struct, frozen=True):
    """Formulas that follow one another; centred, or beside a label."""

    formulas: tuple[Math | Outer, ...]
    label: Text = ()
    kind: ClassVar[str] = "display"


class StepLine(Struct, frozen=True):
    """label | statement | reason | shape | verdict mark. A statement may take several lines."""

    label: str
    left: Math | None
    right: tuple[Math, ...]
    reason: Text
    shape: Text
    mark: str


class StepLines(Struct, frozen=True):
    rows: tuple[StepLine, ...]
    kind: ClassVar[str] = "steps"


class ResultRow(Struct, frozen=True):
    """One boxed formula, the shape of its left side and the line of code that computes it."""

    formula: Math
    shape: Text
    code: str
    given: Text = ()  # what this row alone assumes
    at: Text = ()  # the sizes that a caller fixed: m = 4
    sized: Math | None = None  # the formula at these


class ResultBox(Struct, frozen=True):
    title: Text
    rows: tuple[ResultRow, ...]
    hypotheses: Text
    beside: str = "shape"  # what stands beside a formula
    kind: ClassVar[str] = "result"


class Table(Struct, frozen=True):
    """`columns` has one letter a column: l(eft), c(entred), r(ight), or p for a paragraph that takes a share, w for one
    that takes a wide share, in which a formula may break.
    """

    header: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]
    columns: str
    kind: ClassVar[str] = "table"


class Tables(Struct, frozen=True):
    """Narrow tables, beside one another as far as they fit."""

    tables: tuple[Table, ...]
    kind: ClassVar[str] = "tables"


class Pill(Struct, frozen=True):
    """A node of a figure: lines of text around a centre, in millimetres; `under` is set off by a dashed rule."""

    x: float
    y: float
    width: float
    height: float
    over: tuple[Text, ...]
    under: tuple[Text, ...] = ()
    style: Literal["input", "node", "loss"] = "node"


class Arrow(Struct, frozen=True):
    """A cubic curve through four points in millimetres, with its head; a bar crosses it where terms are summed."""

    points: tuple[tuple[float, float], ...]
    head: tuple[tuple[float, float], ...]  # of a line without one, nothing
    dashed: bool = False
    bar: tuple[tuple[float, float], tuple[float, float]] | None = None


Fill: TypeAlias = Literal[
    "plain", "black", "hatched", "shaded", "none", "rising", "falling", "level", "upright", "crossed"
]


class Cell(Struct, frozen=True):
    """A rectangle of a drawn array, its upper left corner in millimetres; light hatches leave its text legible."""

    x: float
    y: float
    width: float
    height: float
    text: Text = ()
    fill: Fill = "plain"
    border: float = 0.5  # in points


class Label(Struct, frozen=True):
    """Text around a point."""

    x: float
    y: float
    text: Text


class Figure(Struct, frozen=True):
    width: float
    height: float
    pills: tuple[Pill, ...]
    arrows: tuple[Arrow, ...]
    labels: tuple[Label, ...]
    caption: Text
    alt: str
    scale: float = 1.0  # of the lettering
    cells: tuple[Cell, ...] = ()
    kind: ClassVar[str] = "figure"


class MistakeCard(Struct, frozen=True):
    """A wrong line at the step it belongs to: why it tempts, where it breaks, how to repair it."""

    title: Text
    wrong: Math
    tempting: Text
    breaks: tuple[Text, ...]
    repair: Text
    kind: ClassVar[str] = "mistake"


class Code(Struct, frozen=True):
    lines: tuple[str, ...]
    kind: ClassVar[str] = "code"


Block: TypeAlias = (
    Heading | Paragraph | Bullets | Display | StepLines | ResultBox | Table | Tables | Figure | MistakeCard | Code
)


class Document(Struct, frozen=True):
    """The first page is `summary`, complete by itself; `body` starts on the next page."""

    id: str
    title: str
    statement: Text
    summary: tuple[Block, ...]
    body: tuple[Block, ...]
    language: str = "en"
    foot: str = ""  # on every page
