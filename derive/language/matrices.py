"""Matrices made of tensors: products whose order matters, transposes, diagonals, and products over layers with dots.

A matrix has a shape, rows x columns, and every product is checked to fit where it is written. What its entries are in
index notation, `derive.algebra.elaborate` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise

from msgspec.structs import replace

from derive.errors import AuthorError
from derive.language.domain import Integers
from derive.language.expression import (
    ONE,
    Add,
    Expr,
    Index,
    Mul,
    Number,
    Operand_,
    Pow,
    Read,
    Sum,
    add,
    delta,
    expression,
    mul,
    power,
)
from derive.language.notation import AnyName, Level, Name, PartialName
from derive.language.plain import plain, spellings
from derive.language.program import Equation
from derive.language.tensor import Tensor, derivative

_LETTERS = {-2: "p", -1: "c", 0: "r", 1: "q", 2: "s"}  # of the index that runs over a layer, seen from layer l


def letter_of(level: Level) -> str:
    """The letter of the index that runs over the units of a layer: r at l, c at l - 1, q at l + 1; k at layer 3."""
    return _LETTERS.get(level.offset, "k") if level.letter else f"k{level.offset}"


Fixed = Mapping[Level, int]  # the widths that are numbers: {L: 1} for a scalar output


class MatrixExpr(Expr, frozen=True, cache_hash=True):
    """A whole matrix of `shape` rows x columns."""

    @property
    def shape(self) -> tuple[Expr, Expr]:
        raise NotImplementedError

    @property
    def T(self) -> MatrixExpr:  # noqa: N802 (as in every matrix library)
        return Transposed(self)

    def __matmul__(self, other: MatrixExpr) -> MatrixExpr:
        return product(self, other)

    def __getitem__(self, indices: tuple[Operand_, Operand_]) -> Component:
        row, column = indices
        return Component(self, expression(row), expression(column))


class Whole(MatrixExpr, frozen=True, cache_hash=True):
    """The tensor T with two axes as a matrix; with one axis as a column, with none as a single number."""

    tensor: Tensor

    def __post_init__(self) -> None:
        if len(self.tensor.axes) > 2:
            raise AuthorError(f"{self.tensor.key} has {len(self.tensor.axes)} axes; a matrix has at most two")

    @property
    def shape(self) -> tuple[Expr, Expr]:
        rows, columns, *_ = (*self.tensor.shape, ONE, ONE)
        return rows, columns


class Diagonal(MatrixExpr, frozen=True, cache_hash=True):
    """diag(v): `entry` at the values of `index` on the diagonal, 0 elsewhere."""

    entry: Expr
    index: Index

    @property
    def shape(self) -> tuple[Expr, Expr]:
        return self.index.extent, self.index.extent

    @property
    def T(self) -> MatrixExpr:  # noqa: N802 (as in every matrix library)
        return self


class Transposed(MatrixExpr, frozen=True, cache_hash=True):
    """(M^T)[r, c] = M[c, r]."""

    of: MatrixExpr

    @property
    def shape(self) -> tuple[Expr, Expr]:
        rows, columns = self.of.shape
        return columns, rows

    @property
    def T(self) -> MatrixExpr:  # noqa: N802 (as in every matrix library)
        return self.of


class Product(MatrixExpr, frozen=True, cache_hash=True):
    """F1 F2 ...: (F1 F2)[r, c] = sum_k F1[r, k] F2[k, c]. Raises AuthorError where neighbours do not fit."""

    factors: tuple[MatrixExpr, ...]

    def __post_init__(self) -> None:
        check_fit(self.factors)

    @property
    def shape(self) -> tuple[Expr, Expr]:
        return self.factors[0].shape[0], self.factors[-1].shape[1]

    @property
    def T(self) -> MatrixExpr:  # noqa: N802 (as in every matrix library)
        """(F1 F2)^T = F2^T F1^T."""
        return Product(tuple(factor.T for factor in reversed(self.factors)))


class Ordered(MatrixExpr, frozen=True, cache_hash=True):
    """The product over layers from `start` to `stop`, in that order: F(start) F(start - 1) ... F(stop).

    `factors` are those of layer `letter`. It runs downwards, or upwards, as in a transpose; over no layers it is the
    identity. The length is symbolic: `start` and `stop` may be L and i + 1.
    """

    letter: str
    factors: tuple[MatrixExpr, ...]
    start: Level
    stop: Level
    upwards: bool = False
    fixed: tuple[tuple[Level, int], ...] = ()

    def __post_init__(self) -> None:
        check_fit(self.at(self.start) + self.at(self.next(self.start)))

    @property
    def shape(self) -> tuple[Expr, Expr]:
        return self.at(self.start)[0].shape[0], self.at(self.stop)[-1].shape[1]

    @property
    def T(self) -> MatrixExpr:  # noqa: N802 (as in every matrix library)
        factors = tuple(factor.T for factor in reversed(self.factors))
        return Ordered(self.letter, factors, self.stop, self.start, not self.upwards, self.fixed)

    def next(self, level: Level) -> Level:
        return level + (1 if self.upwards else -1)

    def at(self, level: Level) -> tuple[MatrixExpr, ...]:
        """The factors of one layer."""
        place = Releveled({self.letter: level}, dict(self.fixed))
        return tuple(place.matrix(factor) for factor in self.factors)

    @property
    def shown(self) -> tuple[tuple[MatrixExpr, ...], tuple[MatrixExpr, ...]]:
        """What stands before and after the dots: A_L D_{L-1} A_{L-1} and A_{i+1} D_i, as a person writes it.

        With a number of layers there are no dots, and all of them stand before.
        """
        if self.length is not None:
            steps = range(self.length) if self.upwards else range(0, -self.length, -1)
            return tuple(factor for step in steps for factor in self.at(self.start + step)), ()
        return (*self.at(self.start), self.at(self.next(self.start))[0]), self.at(self.stop)

    @property
    def length(self) -> int | None:
        """How many layers it runs over, where that is a number."""
        if self.start.letter != self.stop.letter:
            return None
        steps = self.stop.offset - self.start.offset
        return (steps if self.upwards else -steps) + 1


class Component(Expr, frozen=True, cache_hash=True):
    """M[row, column] of a whole matrix; the row of a single row is 1."""

    matrix: MatrixExpr
    row: Expr
    column: Expr

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.row, self.column)

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Component(self.matrix, *children)


def product(*factors: MatrixExpr) -> MatrixExpr:
    """F1 F2 ..., nested products spliced in."""
    flat: list[MatrixExpr] = []
    for factor in factors:
        flat.extend(factor.factors if isinstance(factor, Product) else (factor,))
    return flat[0] if len(flat) == 1 else Product(tuple(flat))


def check_fit(factors: tuple[MatrixExpr, ...]) -> None:
    """Raise AuthorError at the first neighbours whose inner sizes differ. Fitting is necessary, not sufficient."""
    for left, right in pairwise(factors):
        if left.shape[1] != right.shape[0]:
            raise AuthorError(
                f"{plain(left)} is {_told(left)} and {plain(right)} is {_told(right)}, so their product does not exist;"
                " transpose one of them, or change the order"
            )


def whole(entry: Expr, index: Index) -> Expr:
    """The formula of a vector's entries with the vectors themselves in it: sigma'(z) for sigma'(z[r])."""

    def bare(node: Expr) -> Expr:
        if isinstance(node, Read) and node.indices == (index,):
            return Read(node.tensor)
        children = node.children
        return node.with_children(tuple(map(bare, children))) if children else node

    return bare(entry)


def _told(matrix: MatrixExpr) -> str:
    rows, columns = matrix.shape
    return f"{plain(rows)} x {plain(columns)}"


def _entry(matrix: MatrixExpr, row: Expr, column: Expr) -> Expr:
    """The entry; of a product over no layers that of the identity."""
    if isinstance(matrix, Ordered) and matrix.length == 0:
        return ONE if matrix.shape == (ONE, ONE) else delta(row, column)
    if isinstance(matrix, Ordered) and matrix.length == 1:
        matrix = product(*matrix.at(matrix.start))
    if isinstance(matrix, Whole):
        return Read(matrix.tensor, (row, column)[: len(matrix.tensor.axes)])
    return Component(matrix, row, column)


def _simple(node: Expr, children: tuple[Expr, ...]) -> Expr:
    """The node over new children: numbers of layers added up where they stand in an exponent, factors 1 left out."""
    match node:
        case Pow():
            base, exponent = children
            return power(base, _added_up(exponent))
        case Mul() if any(isinstance(child, Number) for child in children):
            return mul(*children)
    return node.with_children(children)


def _added_up(expr: Expr) -> Expr:
    """L - 1 + 1 - L is 0: a linear combination of numbers of layers, with each of them once."""
    found: dict[str, tuple[Expr, Fraction]] = {}

    def collect(part: Expr, factor: Fraction) -> None:
        match part:
            case Number(value):
                part, factor = ONE, factor * value
            case Add(terms):
                for term in terms:
                    collect(term, factor)
                return
            case Mul((Number(value), *rest)):
                collect(mul(*rest), factor * value)
                return
        found[plain(part)] = (part, found.get(plain(part), (part, Fraction(0)))[1] + factor)

    if isinstance(expr, Mul) and isinstance(expr.factors[0], Number) and len(expr.factors) == 2:
        return mul(expr.factors[0], _added_up(expr.factors[1]))  # 2 (i + 1 - L) keeps its factor
    collect(expr, Fraction(1))
    return add(*(mul(value, part) for part, value in found.values()))


class Releveled:
    """Expressions about layer l, said of another: with {l: l + 1}, A_l becomes A_{l+1} and n_{l-1} becomes n_l."""

    def __init__(self, moves: Mapping[str, Level], fixed: Fixed) -> None:
        self.moves, self.fixed = moves, fixed

    def __call__(self, expr: Expr) -> Expr:
        match expr:
            case MatrixExpr():
                return self.matrix(expr)
            case Component(matrix, row, column):
                return _entry(self.matrix(matrix), self(row), self(column))
            case Read(tensor, ()) if tensor.key in self.moves:  # the number of the layer itself
                return self._number(tensor)
            case Read(tensor, ()) if isinstance(tensor.domain, Integers):
                moved = self.tensor(tensor)
                level = moved.name.level if isinstance(moved.name, Name) else None
                return Read(moved) if level not in self.fixed else expression(self.fixed[level])  # type: ignore[index]
            case Read(tensor, indices):
                return Read(self.tensor(tensor), tuple(map(self, indices)))
            case Index():
                return self.index(expr)
            case Sum(index, body):
                return Sum(self.index(index), self(body))
        changed = tuple(map(self, expr.children))
        return expr if changed == expr.children else _simple(expr, changed)

    def matrix(self, matrix: MatrixExpr) -> MatrixExpr:
        match matrix:
            case Whole(tensor):
                return Whole(self.tensor(tensor))
            case Diagonal(entry, index):
                return Diagonal(self(entry), self.index(index))
            case Transposed(of):
                return Transposed(self.matrix(of))
            case Product(factors):
                moved = [self.matrix(factor) for factor in factors]
                kept = [f for f in moved if not (isinstance(f, Ordered) and f.length == 0)]  # the identity
                return product(*(kept or moved[:1]))
            case Ordered():
                ends = {"start": self.level(matrix.start), "stop": self.level(matrix.stop)}
                fixed = tuple((self.level(level), width) for level, width in matrix.fixed)
                return replace(matrix, **ends, fixed=fixed)
        raise AssertionError(type(matrix).__name__)

    def _number(self, tensor: Tensor) -> Expr:
        to = self.moves[tensor.key]
        if not to.letter:
            return expression(to.offset)
        number = Read(Tensor(Name(to.letter), domain=tensor.domain))
        return number + to.offset if to.offset else number

    def index(self, index: Index) -> Index:
        return Index(index.name, self(index.upper), self(index.lower))

    def equation(self, equation: Equation) -> Equation:
        return Equation(self(equation.target), self(equation.value))

    def tensor(self, tensor: Tensor) -> Tensor:
        name, axes = self._name(tensor.name), tuple(map(self._axis, tensor.axes))
        return derivative(name, axes) if isinstance(name, PartialName) else replace(tensor, name=name, axes=axes)

    def _axis(self, axis: Index) -> Index:
        """Of an axis that runs over a layer, the letter of the new layer."""
        name = axis.upper.tensor.name if isinstance(axis.upper, Read) else None
        moved = self.index(axis)
        level = self.level(name.level) if isinstance(name, Name) and name.level is not None else None
        return moved if level is None else moved.renamed(letter_of(level))

    def level(self, level: Level) -> Level:
        return self.moves[level.letter] + level.offset if level.letter in self.moves else level

    def _name(self, name: AnyName) -> AnyName:
        if isinstance(name, PartialName):
            of, by = self._name(name.of), self._name(name.by)
            assert isinstance(of, Name)
            assert isinstance(by, Name)
            return PartialName(of, by)
        return name if name.level is None else replace(name, level=self.level(name.level))


# -- plain text --------------------------------------------------------------------------------------------------------


def _spell(matrix: MatrixExpr) -> str:
    match matrix:
        case Whole(tensor):
            return tensor.key
        case Diagonal(entry, index):
            return f"diag({plain(whole(entry, index))})"
        case Transposed(of):
            return f"{_spell(of)}^T" if isinstance(of, Whole) else f"({_spell(of)})^T"
        case Product(factors):
            return " @ ".join(map(_spell, factors))
        case Ordered():
            before, after = (" @ ".join(map(_spell, factors)) for factors in matrix.shown)
            return f"{before} @ ... @ {after}" if after else before
    raise AssertionError(type(matrix).__name__)


def _component(node: Component) -> str:
    """(A @ B)[r, c], (u @ B)[c] of a row, (A @ v)[r] of a column, and a product of numbers as it is."""
    rows, columns = node.matrix.shape
    if (rows, columns) == (ONE, ONE):
        return f"({_spell(node.matrix)})"
    at = [plain(index) for index, size in ((node.row, rows), (node.column, columns)) if size != ONE]
    return f"({_spell(node.matrix)})[{', '.join(at)}]"


for _kind in (Whole, Diagonal, Transposed, Product, Ordered):
    spellings[_kind] = _spell  # type: ignore[assignment]
spellings[Component] = _component  # type: ignore[assignment]
