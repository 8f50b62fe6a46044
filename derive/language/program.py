"""A forward program: equations in order, each defining one tensor entry by entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from msgspec import Struct

from derive.errors import AuthorError
from derive.language.expression import (
    ZERO,
    Expr,
    Index,
    Number,
    Operand_,
    Pow,
    Read,
    Sum,
    expression,
    free_indices,
    walk,
)
from derive.language.notation import Name, PartialName
from derive.language.tensor import Tensor
from derive.language.typed import check_types

NO_LOSS = Tensor(Name("loss", text="(no loss)"), meaning="the loss of a program that has none")


@dataclass(frozen=True, slots=True)
class Equation:
    """target = value, for every value of the target's indices: xhat[i] = (x[i] - mu) / sqrt(var + eps).

    Raises AuthorError when an index is unbound, shadowed or captured, or does not fit the axis it reads.
    """

    target: Read
    value: Expr

    def __init__(self, target: Operand_, value: Operand_) -> None:
        left = expression(target)
        if not isinstance(left, Read):
            raise AuthorError("an equation defines a tensor entry such as xhat[i]; its left side is something else")
        object.__setattr__(self, "target", left)
        object.__setattr__(self, "value", expression(value))
        check_scope(f"the equation for {self.tensor.key}", self.value, self.indices, left)

    @property
    def tensor(self) -> Tensor:
        return self.target.tensor

    @property
    def indices(self) -> tuple[Index, ...]:
        """The target's indices; each must be a plain index, and they must differ."""
        found = [index for index in self.target.indices if isinstance(index, Index)]
        if len({index.name for index in found}) != len(self.target.indices):
            raise AuthorError(f"the equation for {self.tensor.key}: its left side needs different plain indices")
        return tuple(found)


class Subject:
    """What a problem may be about: a program, a recurrence, networks to be counted. The defaults say: as it is."""

    __slots__ = ()
    equations: tuple[Equation, ...]
    loss: Tensor
    through: Tensor | None

    def inputs(self) -> tuple[Tensor, ...]:
        raise NotImplementedError

    def tensors(self) -> tuple[Tensor, ...]:
        raise NotImplementedError

    @property
    def stated(self) -> tuple[Equation, ...]:
        """The equations as the problem states them."""
        return self.equations

    @property
    def counts(self) -> tuple[str, ...]:
        """What an instance gives besides the inputs: the number of layers of a network."""
        return ()

    def written(self, instance: Mapping[str, object]) -> Subject:
        """The program whose inputs an instance gives: this one, or a network with the instance's number of layers."""
        return self

    def glossary(self) -> tuple[Tensor, ...]:
        """The names to explain to a reader."""
        return self.tensors()

    def mentioned(self) -> tuple[Tensor, ...]:
        """Names that no equation reads, but a text may: the input of a network."""
        return ()


class Program(Struct, Subject, frozen=True):
    """Equations in order of computation, and the loss that is differentiated.

    The loss is either defined by the last equation, or an unspecified function of the tensor `through`, whose
    total derivative d(loss, through) is then taken as known. Without a loss, only forward values can be asked for.
    """

    equations: tuple[Equation, ...]
    loss: Tensor = NO_LOSS
    through: Tensor | None = None
    parameters: tuple[Tensor, ...] = ()  # given numbers that no equation reads but a question does: a learning rate
    gap: Tensor | None = None  # a node whose way to the loss is not written out: its derivative stays as it is

    def __post_init__(self) -> None:
        check_types(self)
        table: dict[str, Equation] = {}
        for equation in self.equations:
            key = equation.tensor.key
            if key in table:
                raise AuthorError(f"{key} is defined twice; give the second definition a name of its own")
            for node in walk(equation.value):
                if isinstance(node, Read):
                    if isinstance(node.tensor.name, PartialName):
                        raise AuthorError(
                            f"the equation for {key} reads the derivative {node.tensor.key}; a forward"
                            " program holds values only"
                        )
                    if node.tensor.key == key:
                        raise AuthorError(f"{key} is defined by itself")
            table[key] = equation
        seen: set[str] = set()
        for equation in self.equations:
            for node in walk(equation.value):
                if isinstance(node, Read) and node.tensor.key in table and node.tensor.key not in seen:
                    raise AuthorError(
                        f"{equation.tensor.key} reads {node.tensor.key} before it is defined; move that equation up"
                    )
            seen.add(equation.tensor.key)
        if self.through is None and self.differentiated and self.loss.key not in table:
            raise AuthorError(f"no equation defines the loss {self.loss.key}; add one, or say through= which tensor")
        if self.through is not None and self.loss.key in table:
            raise AuthorError(f"the loss {self.loss.key} has an equation, so through= must be left out")
        if self.through is not None and self.through.key not in table:
            raise AuthorError(f"the loss is taken through {self.through.key}, which no equation defines; add one")

    @property
    def differentiated(self) -> bool:
        return self.loss != NO_LOSS

    def definition(self, tensor: Tensor) -> Equation | None:
        return next((e for e in self.equations if e.tensor.key == tensor.key), None)

    def inputs(self) -> tuple[Tensor, ...]:
        """Tensors that are read but not defined, in order of first appearance; sizes included."""
        return _inputs(self.equations, self.parameters)

    def defined(self) -> tuple[Tensor, ...]:
        return tuple(equation.tensor for equation in self.equations)

    def tensors(self) -> tuple[Tensor, ...]:
        """Every tensor of the program: inputs, then defined ones, then the loss when it is unspecified."""
        extra = () if self.through is None else (self.loss,)
        return (*self.inputs(), *self.defined(), *extra)


@lru_cache(maxsize=256)
def _inputs(equations: tuple[Equation, ...], parameters: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    found: dict[str, Tensor] = {}
    for equation in equations:
        for index in equation.indices:
            _collect(index.upper, found)
        _collect(equation.value, found)
    for tensor in parameters:
        _collect(tensor.entry(), found)
    defined = {equation.tensor.key for equation in equations}
    return tuple(tensor for key, tensor in found.items() if key not in defined)


def _collect(expr: Expr, found: dict[str, Tensor]) -> None:
    for node in walk(expr):
        if isinstance(node, Sum):
            _collect(node.index.upper, found)
        if isinstance(node, Read):
            for axis in node.tensor.axes:
                _collect(axis.upper, found)
            found.setdefault(node.tensor.key, node.tensor)


def check_scope(place: str, value: Expr, free: tuple[Index, ...], target: Read | None = None) -> None:
    """Every index of `value` is bound once, or is one of `free`; every read fits its tensor's axes."""
    _check(place, value, {index.name: index for index in free}, frozenset(), target)


def _check(place: str, node: Expr, scope: dict[str, Index], bound: frozenset[str], target: Read | None) -> None:
    if isinstance(node, Sum):
        name = node.index.name
        if name in bound:
            raise AuthorError(
                f"{place}: a sum over {name} stands inside another sum over {name}, which it would"
                " shadow; rename the inner index"
            )
        if name in scope:
            raise AuthorError(
                f"{place}: the sum over {name} captures {name} of the left side; rename the index of the sum"
            )
        for edge in (node.index.lower, node.index.upper):
            _check(place, edge, scope, bound, target)
        _check(place, node.body, {**scope, name: node.index}, bound | {name}, target)
        return
    if isinstance(node, Pow) and node.base == ZERO and isinstance(node.exponent, Number) and node.exponent.value < 0:
        raise AuthorError(f"{place}: it divides by zero; change the denominator")
    if isinstance(node, Read):
        for axis, index in zip(node.tensor.axes, node.indices, strict=True):
            _check_read(place, node, axis, index, scope, target)
    for child in node.children:
        _check(place, child, scope, bound, target)


def _check_read(place: str, node: Read, axis: Index, index: Expr, scope: dict[str, Index], target: Read | None) -> None:
    for name in free_indices(index):
        if name not in scope:
            give = f", or give {target.tensor.key} the axis {name}" if target is not None else ""
            raise AuthorError(f"{place}: {show_read(node)} is read, but {name} is not bound. Sum over {name}{give}.")
    if isinstance(index, Number) and isinstance(axis.lower, Number) and index.value < axis.lower.value:
        key, lower = node.tensor.key, axis.lower.value
        raise AuthorError(f"{place}: {key}[{index.value}] lies outside {key}, whose entries begin at {lower}")
    if isinstance(index, Index):
        actual = scope[index.name]
        if not lies_inside(actual, axis):
            raise AuthorError(
                f"{place}: {show_read(node)} is read with {index.name}, whose range is not that of the"
                f" axis {axis.name} of {node.tensor.key}; use an index with that range"
            )


def lies_inside(index: Index, axis: Index) -> bool:
    """The range of the index is the axis's, or begins later: j = 1..n may read an axis 0..n."""
    if isinstance(index.lower, Number) and isinstance(axis.lower, Number):
        return index.lower.value >= axis.lower.value and index.upper == axis.upper
    return (index.lower, index.upper) == (axis.lower, axis.upper)


def show_read(node: Read) -> str:
    """x[i, j] in plain text; an index that is not plain shows as a dot."""
    if not node.indices:
        return node.tensor.key
    inside = ", ".join(i.name if isinstance(i, Index) else "." for i in node.indices)
    return f"{node.tensor.key}[{inside}]"
