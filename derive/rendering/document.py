"""The document model: what is on the pages, without saying how any format spells it.

Text is a tuple of spans; a document is a tuple of blocks. Templates choose by a block's `kind`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from derive.language.expression import Expr
from derive.language.tensor import Tensor


@dataclass(frozen=True, slots=True)
class Math:
    """a = b = c. A bracket alone is printed as the relation it states; no side at all starts with the sign."""

    sides: tuple[Expr, ...]
    relation: str = "="
    leading: bool = False  # starts with the relation sign: it continues the line above
    struck: tuple[Expr, ...] = ()
    tensor: Tensor | None = None  # a bare name instead of sides: x, not x_i


@dataclass(frozen=True, slots=True)
class Values:
    """Exact numbers: a scalar ('5/64'), or a row of them over their common denominator."""

    entries: tuple[str, ...]
    scalar: bool = False


@dataclass(frozen=True, slots=True)
class Outer:
    """A matrix that acts on a vector: scale (I - 1 1^T / m - a a^T / m) v. Each term: coefficient, row, column."""

    left: Expr
    scale: Expr
    terms: tuple[tuple[Expr, tuple[Tensor | None, Tensor | None] | None], ...]  # no pair: the identity
    vector: Tensor


@dataclass(frozen=True, slots=True)
class Strong:
    text: str


@dataclass(frozen=True, slots=True)
class Mono:
    text: str


Span: TypeAlias = str | Math | Values | Outer | Strong | Mono
Text: TypeAlias = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A section; `number` is the same in every topic."""

    text: Text
    number: str = ""
    level: int = 1
    kind: ClassVar[str] = "heading"


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: Text
    kind: ClassVar[str] = "paragraph"


@dataclass(frozen=True, slots=True)
class Bullets:
    items: tuple[Text, ...]
    kind: ClassVar[str] = "bullets"


@dataclass(frozen=True, slots=True)
class Display:
    formulas: tuple[Math | Outer, ...]
    kind: ClassVar[str] = "display"


@dataclass(frozen=True, slots=True)
class StepLine:
    """label | statement | reason | shape | verdict mark. A statement may take several lines."""

    label: str
    left: Math | None
    right: tuple[Math, ...]
    reason: Text
    shape: Text
    mark: str


@dataclass(frozen=True, slots=True)
class StepLines:
    rows: tuple[StepLine, ...]
    kind: ClassVar[str] = "steps"


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One boxed formula, the shape of its left side and the line of code that computes it."""

    formula: Math
    shape: Text
    code: str
    given: Text = ()  # what this row alone assumes


@dataclass(frozen=True, slots=True)
class ResultBox:
    title: Text
    rows: tuple[ResultRow, ...]
    hypotheses: Text
    kind: ClassVar[str] = "result"


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` has one letter a column: l(eft), c(entred), r(ight), or p for a paragraph that takes a share."""

    header: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]
    columns: str
    caption: Text = ()
    kind: ClassVar[str] = "table"


@dataclass(frozen=True, slots=True)
class Pill:
    """A node of a figure: lines of text around a centre, in millimetres; `under` is set off by a dashed rule."""

    x: float
    y: float
    width: float
    height: float
    over: tuple[Text, ...]
    under: tuple[Text, ...] = ()
    style: Literal["input", "node", "loss"] = "node"


@dataclass(frozen=True, slots=True)
class Arrow:
    """A cubic curve through four points in millimetres, with its head; a bar crosses it where terms are summed."""

    points: tuple[tuple[float, float], ...]
    head: tuple[tuple[float, float], ...]
    dashed: bool = False
    bar: tuple[tuple[float, float], tuple[float, float]] | None = None


@dataclass(frozen=True, slots=True)
class Label:
    x: float
    y: float
    text: Text


@dataclass(frozen=True, slots=True)
class Figure:
    width: float
    height: float
    pills: tuple[Pill, ...]
    arrows: tuple[Arrow, ...]
    labels: tuple[Label, ...]
    caption: Text
    alt: str
    scale: float = 1.0  # of the lettering
    kind: ClassVar[str] = "figure"


@dataclass(frozen=True, slots=True)
class MistakeCard:
    """A wrong line at the step it belongs to: why it tempts, where it breaks, how to repair it."""

    title: Text
    wrong: Math
    tempting: Text
    breaks: tuple[Text, ...]
    repair: Text
    kind: ClassVar[str] = "mistake"


@dataclass(frozen=True, slots=True)
class Code:
    lines: tuple[str, ...]
    language: str = "python"
    kind: ClassVar[str] = "code"


Block: TypeAlias = Heading | Paragraph | Bullets | Display | StepLines | ResultBox | Table | Figure | MistakeCard | Code


@dataclass(frozen=True, slots=True)
class Document:
    """The first page is `summary`, complete by itself; `body` starts on the next page."""

    id: str
    title: str
    statement: Text
    summary: tuple[Block, ...]
    body: tuple[Block, ...]
    language: str = "en"
    foot: str = ""
