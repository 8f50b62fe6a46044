"""Tensors: named arrays with axes of symbolic size. A scalar is a tensor without axes."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import force_setattr

from derive.errors import AuthorError
from derive.language.domain import REAL, Domain, Integers
from derive.language.expression import Expr, Index, Operand, Operand_, Read, expression
from derive.language.notation import AnyName, Name, PartialName


class Tensor(Struct, Operand, frozen=True, cache_hash=True, gc=False):
    """A named array T over `axes`; reading an entry is T[i, j].

    `axes` are indices whose ranges are the tensor's ranges. `meaning` is one phrase for the table of symbols.
    """

    name: AnyName
    axes: tuple[Index, ...] = ()
    meaning: str = ""
    domain: Domain = REAL
    key: str = ""  # the plain spelling of the name; filled in, since it is asked for at every step

    def __post_init__(self) -> None:
        force_setattr(self, "key", self.name.key)

    @property
    def shape(self) -> tuple[Expr, ...]:
        """How many entries along each axis: m, or n + 1 for an index from 0 to n."""
        return tuple(axis.extent for axis in self.axes)

    def as_expression(self) -> Expr:
        if self.axes:
            wanted = ", ".join(axis.name for axis in self.axes)
            raise AuthorError(f"{self.key} stands without its indices; write {self.key}[{wanted}]")
        return Read(self)

    def __getitem__(self, indices: Operand_ | tuple[Operand_, ...]) -> Read:
        given = indices if isinstance(indices, tuple) else (indices,)
        if len(given) != len(self.axes):
            wanted = f"[{', '.join(axis.name for axis in self.axes)}]" if self.axes else ""
            raise AuthorError(
                f"{self.key} has {len(self.axes)} axes but is read with {len(given)} indices; write {self.key}{wanted}"
            )
        return Read(self, tuple(expression(index) for index in given))

    def entry(self) -> Read:
        """The generic entry, read at the tensor's own axes."""
        return Read(self, self.axes)


def size(base: str, meaning: str = "", least: int = 1) -> Tensor:
    """A symbolic size: an integer >= `least`."""
    return Tensor(Name(base), meaning=meaning, domain=Integers(least))


def index(name: str, upper: Operand_, lower: Operand_ = 1) -> Index:
    """An index with lower <= index <= upper."""
    return Index(name, expression(upper), expression(lower))


def scalar(name: str | Name, meaning: str = "", domain: Domain = REAL) -> Tensor:
    return Tensor(name if isinstance(name, Name) else Name(name), (), meaning, domain)


def tensor(name: str | Name, axes: Index | tuple[Index, ...], meaning: str = "", domain: Domain = REAL) -> Tensor:
    return Tensor(
        name if isinstance(name, Name) else Name(name), axes if isinstance(axes, tuple) else (axes,), meaning, domain
    )


def d(of: Tensor, by: Tensor) -> Tensor:
    """The total derivative of the scalar `of` by `by`: a tensor with the axes of `by`."""
    if isinstance(of.name, PartialName) or isinstance(by.name, PartialName):
        raise AuthorError(f"d({of.key}, {by.key}): derivatives of derivatives are not named; write out the first one")
    if of.axes:
        raise AuthorError(f"d({of.key}, {by.key}): {of.key} is not a scalar")
    return derivative(PartialName(of.name, by.name), by.axes)


def derivative(name: PartialName, axes: tuple[Index, ...]) -> Tensor:
    """The tensor of that name."""
    return Tensor(name, axes, f"total derivative of {name.of.key} by {name.by.key}")
