"""What a text says before names are looked up: nodes with their columns, nothing evaluated."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

Operator: TypeAlias = Literal["", "*", "times", "cdot", "odot", "/"]
Slash: TypeAlias = Literal["one", "names", "all"]  # of what stands beside a divisor, how much is divided by
Relation: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">=", "~", ":", "|"]


class Node(Struct, frozen=True, gc=False):
    """`at` is the column where it starts."""

    at: int


class Numeral(Node, frozen=True):
    """Digits as typed, with at most one point and an exponent of ten."""

    text: str


class Percent(Node, frozen=True):
    """value %."""

    value: Node


class Word(Node, frozen=True):
    """A name as it stands: base, accents, primes, and the contents of its scripts; what these mean is open."""

    base: str
    accent: str = ""
    font: str = ""
    primes: int = 0
    below: tuple[Node, ...] = ()
    above: tuple[Node, ...] = ()
    raised: bool = False  # the script above stands in parentheses
    stop: int = 0


class Entry(Node, frozen=True):
    """(base)_{below}: an entry of what stands in the parentheses."""

    base: Node
    below: tuple[Node, ...]


class Sums(Node, frozen=True):
    terms: tuple[tuple[int, Node], ...]  # sign and term


class Product(Node, frozen=True):
    """factors[0] op[0] factors[1] ...; '' is juxtaposition."""

    factors: tuple[Node, ...]
    operators: tuple[Operator, ...]


class Fraction(Node, frozen=True):
    top: Node
    bottom: Node


class Raised(Node, frozen=True):
    base: Node
    exponent: Node


class Transposed(Node, frozen=True):
    base: Node


class Root(Node, frozen=True):
    inside: Node
    degree: int


class Call(Node, frozen=True):
    """A function of the table, or one of max, floor, ceil, diag, norm, abs."""

    name: str
    arguments: tuple[Node, ...]
    primes: int = 0


class Big(Node, frozen=True):
    """A sum or product sign over `letters`; none where the sign has no letter."""

    kind: Literal["sum", "prod"]
    letters: tuple[str, ...]
    lower: Node | None
    upper: Node | None
    but: tuple[tuple[str, Node], ...]  # j != i
    body: Node


class Derivative(Node, frozen=True):
    """d of / d by, with round or straight d; `of` is absent in a gradient without its function."""

    of: Node
    by: Node
    straight: bool


class Nabla(Node, frozen=True):
    of: Node
    by: Node | None


class Listed(Node, frozen=True):
    """(a, b, c) or [a, b, c]; `fence` are the brackets of several items."""

    items: tuple[Node, ...]
    square: bool = False
    fence: str = ""


class Grid(Node, frozen=True):
    rows: tuple[tuple[Node, ...], ...]


class Cases(Node, frozen=True):
    """Values with the conditions they stand under; None is otherwise."""

    arms: tuple[tuple[Node, Condition | None], ...]


class Condition(Node, frozen=True):
    relation: Relation
    left: Node
    right: Node


class Range(Node, frozen=True):
    """The letters run from `lower` to `upper`; an end that is not said is that of what they read."""

    letters: tuple[str, ...]
    lower: Node | None
    upper: Node | None


Where: TypeAlias = Condition | Range


class Indicator(Node, frozen=True):
    condition: Condition


class Dots(Node, frozen=True):
    """Left out, to be filled by the pattern around it."""


class Colon(Node, frozen=True):
    """All of an axis, as in Z_{1,:}; or a span, as in i-1:i+1."""

    lower: Node | None = None
    upper: Node | None = None


class Link(Struct, frozen=True):
    """What relates one side of a chain to the one before it."""

    relation: Relation
    at: int


class Spelled(Struct, frozen=True):
    """One chain of sides a = b = c, before its names are looked up."""

    sides: tuple[Node, ...]
    links: tuple[Link, ...]
    spans: tuple[tuple[int, int], ...]  # columns of each side
    where: tuple[Where, ...] = ()  # which values of its indices it is about
    term: bool = False  # said to be one term of an answer
    update: bool = False  # the new value of something


def is_endless(node: Node) -> int:
    """1 for infinity, -1 for minus infinity, else 0."""
    if isinstance(node, Word):
        return int(node.base == "infty" and not (node.above or node.below or node.primes or node.accent))
    if isinstance(node, Sums) and len(node.terms) == 1:
        return node.terms[0][0] * is_endless(node.terms[0][1])
    return 0
