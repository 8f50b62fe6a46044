"""The true arrays at one point: closed forms evaluated entry by entry, with the rounding that each entry explains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from msgspec import Struct

from derive.algebra.binding import Definitions
from derive.errors import UnsupportedError
from derive.functions.rounding import Rounded, Rounding
from derive.language.expression import Expr, Index, Read
from derive.language.program import show_read
from derive.verification.evaluation import Entry, Evaluator
from derive.verification.points import Logarithm, Point

Shape = tuple[int, ...]


class Array(Struct, frozen=True):
    """Entries in the order of the last index fastest, with the shape that they have."""

    shape: Shape
    entries: tuple[Rounded, ...]

    def at(self, place: Shape) -> Rounded:
        """The entry at a place that counts from 0."""
        offset = 0
        for length, k in zip(self.shape, place, strict=True):
            offset = offset * length + k
        return self.entries[offset]

    @property
    def error(self) -> float:
        """The largest error of an entry: an array is computed as a whole, and entries that cancel share its scale."""
        return max((entry.error for entry in self.entries), default=0.0)

    def nested(self) -> object:
        """Nested lists of floats; a number where there are no axes."""
        return nested([entry.value for entry in self.entries], self.shape)


def nested(flat: list[float], shape: Shape) -> object:
    if not shape:
        return flat[0]
    if len(shape) == 1:
        return list(flat)
    step = len(flat) // shape[0] if shape[0] else 0
    return [nested(flat[k * step : (k + 1) * step], shape[1:]) for k in range(shape[0])]


def places(shape: Shape) -> Iterator[Shape]:
    """Every place of an array, counting from 0, the last axis fastest."""
    return product(*(range(length) for length in shape))


class At:
    """A program at one point. `definitions` say what every name is that the point does not give."""

    def __init__(self, definitions: Definitions, point: Point) -> None:
        self.definitions, self.point = definitions, point
        self.evaluator = Evaluator(Rounding(), point.sizes, self._read)
        self._known: dict[tuple[str, Entry], Rounded] = {}

    def array(self, expr: Expr, axes: Iterable[Index]) -> Array:
        """The expression for every value of its indices."""
        indices = tuple(axes)
        shape = tuple(len(self.evaluator.span(index, {})) for index in indices)
        return Array(shape, tuple(self.evaluator.value(expr, scope) for scope in self.evaluator.assignments(indices)))

    def whole(self, tensor_entry: Read) -> Array:
        """Every entry of a tensor, from its generic one."""
        return self.array(tensor_entry, tensor_entry.tensor.axes)

    def _read(self, node: Read, entry: Entry) -> Rounded:
        key = (node.tensor.key, entry)
        if key not in self._known:
            self._known[key] = self._value(node, entry)
        return self._known[key]

    def _value(self, node: Read, entry: Entry) -> Rounded:
        given = self.point.values.get(node.tensor.key)
        if given is not None:
            if entry not in given:
                raise UnsupportedError(f"{show_read(node)} has no entry {list(entry)}")
            value = given[entry]
            assert not isinstance(value, Logarithm)
            return Rounded(float(value), abs(float(value)))
        equation = self.definitions.get(node.tensor.key)
        if equation is None:
            raise UnsupportedError(f"nothing defines {node.tensor.key}")
        spans = [self.evaluator.span(axis, {}) for axis in equation.indices]
        if not all(k in span for k, span in zip(entry, spans, strict=True)):
            raise UnsupportedError(f"{show_read(node)} has no entry {list(entry)}")
        scope: Mapping[str, int] = {i.name: k for i, k in zip(equation.indices, entry, strict=True)}
        found: Rounded = self.evaluator.value(equation.value, scope)
        return found
