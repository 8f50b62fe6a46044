"""A function called at one point, and what it returned sorted by part."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from derive.functions.arrays import Found, Library, found_in
from derive.functions.asked import Asked, Wanted
from derive.functions.signature import Signature
from derive.functions.values import At
from derive.language.domain import Integers
from derive.language.tensor import Tensor

MAX_WORDS = 300  # characters of an error of the function


class Raised(Struct, frozen=True):
    """The function stopped: the kind of its error, and a line that says where."""

    kind: str
    text: str


class Unlike(Struct, frozen=True):
    """What came back cannot be sorted by part."""

    text: str


Outcome = tuple[Found, ...] | Raised | Unlike


class Caller:
    """A function with its signature and what it is asked for."""

    def __init__(self, function: Callable[..., Any], signature: Signature, asked: Asked) -> None:
        self.function, self.signature, self.asked = function, signature, asked

    def arguments(self, at: At) -> dict[str, tuple[Tensor, object]]:
        """What each parameter stands for, as numbers and nested lists."""
        return {
            one.name or f"argument {k}": (one.tensor, self._value(one.tensor, at))
            for k, one in enumerate(self.signature.parameters, start=1)
        }

    def _value(self, tensor: Tensor, at: At) -> object:
        if isinstance(tensor.domain, Integers):
            return at.point.sizes[tensor.key]
        return at.whole(tensor.entry()).nested()

    def __call__(self, at: At, library: Library) -> Outcome:
        """Fresh arrays for each call, so that a function that changes its arguments changes nothing here."""
        plain: list[Any] = []
        named: dict[str, Any] = {}
        for one, (tensor, value) in zip(self.signature.parameters, self.arguments(at).values(), strict=True):
            made = value if isinstance(tensor.domain, Integers) else library.array(value)
            if one.keyword:
                named[one.name] = made
            else:
                plain.append(made)
        try:
            value = self.function(*plain, **named)
        except Exception as error:
            return Raised(type(error).__name__, self._told(error))
        return sorted_by_part(value, self.asked.wanted)

    def _told(self, error: Exception) -> str:
        """The line of the function, or the last one that it called in its own file, that stopped."""
        frames = traceback.extract_tb(error.__traceback__)[1:]
        code = getattr(self.function, "__code__", None)
        own = [frame for frame in frames if code is not None and frame.filename == code.co_filename]
        last = (own or frames or [None])[-1]  # type: ignore[list-item]
        place = f"line {last.lineno}: {last.line}: " if last is not None and last.line else ""
        words = " ".join(str(error).split())[:MAX_WORDS]
        return f"{place}{type(error).__name__}{f': {words}' if words else ''}"


def sorted_by_part(value: Any, wanted: Sequence[Wanted]) -> tuple[Found, ...] | Unlike:
    """A dictionary or a named tuple by names; a tuple by its order; for one part the array itself."""
    named: Mapping[str, Any] | None = value if isinstance(value, Mapping) else None
    if hasattr(value, "_fields"):
        named = value._asdict()
    if named is not None:
        keys = [next((name for name in one.names if name in named), None) for one in wanted]
        if None not in keys:
            return tuple(found_in(named[key]) for key in keys if key is not None)
        if isinstance(value, Mapping):
            missing = ", ".join(one.label for one, key in zip(wanted, keys, strict=True) if key is None)
            return Unlike(f"nothing is returned for {missing}; the keys are {', '.join(map(str, named))[:MAX_WORDS]}")
    if isinstance(value, tuple | list) and len(value) == len(wanted) and not (len(wanted) == 1 and _is_array(value)):
        return tuple(map(found_in, value))
    if len(wanted) == 1 and not isinstance(value, tuple):
        return (found_in(value),)
    count = len(value) if isinstance(value, tuple | list) else 1
    labels = ", ".join(one.label for one in wanted)
    are = "s are" if len(wanted) > 1 else " is"
    returned = "1 is returned" if count == 1 else f"{count} are returned"
    return Unlike(f"{len(wanted)} array{are} expected ({labels}) and {returned}; part= says which ones it returns")


def _is_array(value: Any) -> bool:
    return bool(value) and isinstance(value[0], int | float)
