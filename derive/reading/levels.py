"""Names of a network as LaTeX writes them: which layer a script is, and what of a product its dots leave out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from msgspec import Struct
from msgspec.structs import replace

from derive.algebra.binding import rewrite, substitute
from derive.errors import AuthorError
from derive.language.deep import DeepNetwork
from derive.language.expression import ONE, Bracket, Expr, Index, Mul, Read, mul, tensors_in, walk
from derive.language.matrices import Component, Diagonal, MatrixExpr, Ordered, Releveled, Transposed, Whole
from derive.language.notation import Level, Name, PartialName
from derive.language.statement import Open, Side
from derive.language.tensor import Tensor
from derive.reading.surface import Node, Numeral, Sums, Word

PLACE = "\N{MIDDLE DOT}"  # the letter of the layer in a product with dots
LETTERS = "lijk"


def level_of(node: Node, network: DeepNetwork) -> Level | None:
    """l, l + 1, L - 1 or 3. Another letter than the problem's own, such as k, is the number of a layer too."""
    if isinstance(node, Numeral):
        return Level("", int(node.text)) if node.text.isdigit() else None
    if isinstance(node, Word) and not (node.below or node.above or node.accent or node.primes):
        if node.base == network.last_layer.letter:
            return network.last_layer
        return network.layer if node.base in (network.layer.letter, *LETTERS) else None
    if isinstance(node, Sums) and len(node.terms) == 2:
        (_, first), (sign, second) = node.terms
        start = level_of(first, network)
        if start is not None and start.letter and isinstance(second, Numeral) and second.text.isdigit():
            return start + sign * int(second.text)
    return None


def at_level(tensor: Tensor, level: Level, network: DeepNetwork) -> Tensor:
    """The tensor of that family at another layer."""
    own = (tensor.name if isinstance(tensor.name, Name) else tensor.name.by).level
    assert own is not None
    moved = Releveled({own.letter: level - own.offset}, network.fixed)
    return moved.tensor(tensor)


def as_matrix(side: Side) -> MatrixExpr | None:
    """A tensor as it stands, turned round, or on a diagonal; None for anything else."""
    if isinstance(side, Expr):
        return Whole(side.tensor) if isinstance(side, Read) and not side.indices else None
    if not isinstance(side, Open):
        return None
    if isinstance(side.entry, Read):
        read, axes = side.entry, side.axes
        if read.indices == axes and (len(side.rows), len(side.columns)) in ((1, 1), (1, 0)):
            return Whole(read.tensor)
        if read.indices == (*side.columns, *side.rows):
            return Transposed(Whole(read.tensor))
        if len(read.indices) == 2 and read.indices == (ONE, *side.axes):  # the one row of a matrix
            return Whole(read.tensor) if side.columns else Transposed(Whole(read.tensor))
    return _diagonal(side)


def _diagonal(side: Open) -> MatrixExpr | None:
    """[r = c] v[r]."""
    if len(side.rows) != 1 or len(side.columns) != 1 or not isinstance(side.entry, Mul):
        return None
    tie = Bracket("=", side.rows[0], side.columns[0])
    rest = [factor for factor in side.entry.factors if factor != tie]
    if len(rest) == len(side.entry.factors):
        return None
    index = side.rows[0].renamed("k")  # one letter for all of them, so that they can be compared
    return Diagonal(substitute(mul(*rest), {side.rows[0].name: index}), index)


def opened(matrix: MatrixExpr, taken: set[str]) -> Side:
    """The matrix by its general entry, with letters of its own."""
    letters = (name for name in (f"r{k}" for k in count(1)) if name not in taken)
    rows, columns = matrix.shape
    row = None if rows == ONE else Index(next(letters), rows)
    column = None if columns == ONE else Index(next(letters), columns)
    entry = Component(matrix, row or ONE, column or ONE)
    taken |= {index.name for index in (row, column) if index is not None}
    return Open((row,) if row else (), (column,) if column else (), entry, implied=False)


class Found(Struct, frozen=True):
    """A product over layers: it begins after `lead` of the factors before the dots, and takes `used` of those after."""

    lead: int
    run: Ordered
    used: int


def products(before: Sequence[MatrixExpr], after: Sequence[MatrixExpr], network: DeepNetwork) -> list[Found]:
    """What the dots may leave out, the longest pattern that the factors around them share."""
    for lead in range(len(before)):
        found = [
            one for length in range(1, len(before) - lead + 1) if (one := _run(before, after, lead, length, network))
        ]
        if found:
            return [one for k, one in enumerate(found) if one.run not in [other.run for other in found[:k]]]
    return []


def _run(
    before: Sequence[MatrixExpr], after: Sequence[MatrixExpr], lead: int, length: int, network: DeepNetwork
) -> Found | None:
    shown = before[lead:]
    start = next(_levels(shown[0]), None)
    if start is None:
        return None
    start = Level(start.letter)
    generic = [_generic(factor, start, network) for factor in shown[:length]]
    template = tuple(factor for factor in generic if factor is not None)
    if len(template) < length:
        return None
    for used in range(len(after), 0, -1):
        stop = _stop(template[-1], after[used - 1])
        if stop is None:
            continue
        upwards = _is_below(start, stop, network)
        try:
            run = Ordered(PLACE, template, start, stop, upwards, tuple(network.fixed.items()))
        except AuthorError:
            continue
        if _fits(run, shown, after[:used]):
            return Found(lead, run, used)
    return None


def _generic(matrix: MatrixExpr, start: Level, network: DeepNetwork) -> MatrixExpr | None:
    """The factor at the layer that stands for all: the last layer may have a width of its own, the others have not."""
    match matrix:
        case Whole(tensor):
            moved = _member(tensor, start, network)
            return None if moved is None else Whole(moved)
        case Transposed(of):
            inside = _generic(of, start, network)
            return None if inside is None else Transposed(inside)
        case Diagonal(entry, _):
            names = {t.key: _member(t, start, network) for t in tensors_in(entry).values()}
            found = next(iter(names.values()), None)
            if found is None or None in names.values() or len(found.axes) != 1:
                return None
            index = found.axes[0].renamed("k")
            return Diagonal(rewrite(entry, lambda node: _put_in(node, names, index)), index)
    return None


def _put_in(node: Expr, names: Mapping[str, Tensor | None], index: Index) -> Expr | None:
    if isinstance(node, Read) and (tensor := names.get(node.tensor.key)) is not None:
        return Read(tensor, (index,))
    return None


def _member(tensor: Tensor, start: Level, network: DeepNetwork) -> Tensor | None:
    """Of the family of `tensor`, the one that stands as far from the layer of all as `tensor` does from `start`."""
    name = tensor.name
    if not isinstance(name, Name) or name.level is None or name.level.letter != start.letter:
        return None
    for equation in network.hidden:
        for own in (equation.tensor, *tensors_in(equation.value).values()):
            if isinstance(own.name, Name) and own.name.level and replace(own.name, level=name.level) == name:
                return at_level(own, Level(PLACE, name.level.offset - start.offset), network)
    return None


def _stop(pattern: MatrixExpr, last: MatrixExpr) -> Level | None:
    """The layer at which the pattern is the last factor."""
    own, reached = next(_levels(pattern), None), next(_levels(last), None)
    return None if own is None or reached is None else reached - own.offset


def _is_below(start: Level, stop: Level, network: DeepNetwork) -> bool:
    """Does a product from one layer to the other go upwards?"""
    if start.letter == stop.letter:
        return start.offset < stop.offset
    return start.letter == network.layer.letter or (not start.letter and stop.letter == network.last_layer.letter)


def _fits(run: Ordered, shown: Sequence[MatrixExpr], after: Sequence[MatrixExpr]) -> bool:
    """Every factor that is shown stands where the pattern says."""
    length, step = len(run.factors), 1 if run.upwards else -1
    for place, factor in enumerate(shown):
        if run.at(run.start + step * (place // length))[place % length] != factor:
            return False
    for place, factor in enumerate(reversed(after)):
        if run.at(run.stop - step * (place // length))[length - 1 - place % length] != factor:
            return False
    return True


def _levels(matrix: MatrixExpr) -> Iterator[Level]:
    match matrix:
        case Whole(tensor):
            yield from _of(tensor)
        case Transposed(of):
            yield from _levels(of)
        case Diagonal(entry):
            for node in walk(entry):
                if isinstance(node, Read):
                    yield from _of(node.tensor)


def _of(tensor: Tensor) -> Iterator[Level]:
    name = tensor.name.by if isinstance(tensor.name, PartialName) else tensor.name
    if name.level is not None:
        yield name.level
