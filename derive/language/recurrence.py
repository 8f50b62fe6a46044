"""Sequences defined step by step: values to start from, and laws that hold for every k."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import force_setattr

from derive.errors import AuthorError
from derive.language.expression import Expr, Index, Operand_, Read, expression, free_indices, tensors_in
from derive.language.program import Equation, show_read
from derive.language.tensor import Tensor


class Law(Struct, frozen=True):
    """target = value: theta[k + 1] = theta[k] - alpha*v[k + 1] for every k, or theta[0] = theta0 to start from."""

    target: Operand_
    value: Operand_

    def __post_init__(self) -> None:
        target = expression(self.target)
        if not isinstance(target, Read) or len(target.indices) != 1:
            raise AuthorError("a law defines one entry of a sequence such as theta[k + 1]; its left side does not")
        force_setattr(self, "target", target)
        force_setattr(self, "value", expression(self.value))

    @property
    def read(self) -> Read:
        assert isinstance(self.target, Read)
        return self.target

    @property
    def right(self) -> Expr:
        assert isinstance(self.value, Expr)
        return self.value


class Recurrence(Struct, frozen=True):
    """Sequences over the counter k = 0, 1, ...: start values, laws for the next value, and given sequences.

    `loss` is the function that is minimized; it only names what the given gradients are gradients of.
    """

    counter: Index
    starts: tuple[Law, ...]
    laws: tuple[Law, ...]
    loss: Tensor
    through: None = None
    equations: tuple[Equation, ...] = ()

    def __post_init__(self) -> None:
        started = {law.read.tensor.key for law in self.starts}
        for law in self.laws:
            place = f"the law for {show_read(law.read)}"
            for name in {*free_indices(law.read), *free_indices(law.right)} - {self.counter.name}:
                raise AuthorError(f"{place}: {name} is not bound; only {self.counter.name} may stay free in a law")
            if law.read.tensor.key not in started:
                raise AuthorError(f"{law.read.tensor.key} has a law but nothing to start from; add a start value")

    def defined(self) -> tuple[Tensor, ...]:
        """The sequences that have a law, in order."""
        return tuple({law.read.tensor.key: law.read.tensor for law in self.laws}.values())

    def inputs(self) -> tuple[Tensor, ...]:
        """What the laws and start values read but do not define: given sequences, numbers, the number of steps."""
        known = {tensor.key for tensor in self.defined()}
        found: dict[str, Tensor] = dict(tensors_in(self.counter.upper))
        for law in (*self.starts, *self.laws):
            found.update(tensors_in(law.right))
        return tuple(tensor for key, tensor in found.items() if key not in known)

    @property
    def stated(self) -> tuple[Equation, ...]:
        return self.equations

    def glossary(self) -> tuple[Tensor, ...]:
        return self.tensors()

    def mentioned(self) -> tuple[Tensor, ...]:
        return ()

    @property
    def counts(self) -> tuple[str, ...]:
        return ()

    def written(self, instance: Mapping[str, object]) -> Recurrence:
        return self

    def tensors(self) -> tuple[Tensor, ...]:
        return (*self.inputs(), *self.defined(), self.loss)

    @property
    def differentiated(self) -> bool:
        return True

    def definition(self, tensor: Tensor) -> None:
        """No sequence has one equation for all its entries."""
        return
