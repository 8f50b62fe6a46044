"""A function called at one point, and what it returned sorted by part."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from derive.errors import BudgetError
from derive.functions.arrays import Found, Library, found_in
from derive.functions.asked import Asked, Wanted, word
from derive.functions.signature import Signature
from derive.functions.values import At
from derive.language.domain import Integers
from derive.language.tensor import Tensor

MAX_WORDS = 300  # characters of an error of the function


class Unusable(Struct, frozen=True):
    """Nothing came back that can be compared, and why. `unreadable`: it may be right, but not what is which."""

    why: str
    unreadable: bool = False


class Stopped(Exception):  # noqa: N818 (no fault of ours)
    """A function of another process that stopped; the message says where."""


Outcome = tuple[Found, ...] | Unusable


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
        """With fresh arrays, so that a function that changes its arguments changes nothing here, and is told."""
        plain: list[Any] = []
        named: dict[str, Any] = {}
        handed: list[tuple[str, Any, object]] = []
        for one, (tensor, value) in zip(self.signature.parameters, self.arguments(at).values(), strict=True):
            made = value if isinstance(tensor.domain, Integers) else library.array(value)
            if not isinstance(tensor.domain, Integers):
                handed.append((one.name or word(tensor), made, value))
            if one.keyword:
                named[one.name] = made
            else:
                plain.append(made)
        try:  # an object of the function's own may raise when it is looked at, too
            found = sorted_by_part(self.function(*plain, **named), self.asked.wanted)
            changed = [name for name, made, value in handed if made.tolist() != library.array(value).tolist()]
        except Stopped as error:
            return Unusable(f"it stops with an error, {error}")
        except BudgetError:
            raise
        except (Exception, SystemExit) as error:
            return Unusable(f"it stops with an error, {self._told(error)}")
        if changed and not isinstance(found, Unusable):
            return Unusable(f"it changes what it is called with: {', '.join(changed)}; work on a copy")
        return found

    def _told(self, error: BaseException) -> str:
        """The line of the function, or the last one that it called in its own file, that stopped."""
        frames = traceback.extract_tb(error.__traceback__)[1:]
        code = getattr(self.function, "__code__", None)
        own = [frame for frame in frames if code is not None and frame.filename == code.co_filename]
        last = (own or frames or [None])[-1]  # type: ignore[list-item]
        place = f"line {last.lineno}: {last.line}: " if last is not None and last.line else ""
        return f"{place}{type(error).__name__}{f': {_words(error)}' if _words(error) else ''}"


def _words(error: BaseException) -> str:
    """What an error says, in characters that a terminal can show."""
    try:
        text = " ".join(str(error)[: 10 * MAX_WORDS].split())[:MAX_WORDS]
    except Exception:  # an error of the function's own may fail to say anything
        return ""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def sorted_by_part(value: Any, wanted: Sequence[Wanted]) -> Outcome:
    """A dictionary or a named tuple by names; a tuple by its order; for one part the array itself."""
    if value is None:
        return Unusable("it returns nothing (None); a function gives back what stands after return")
    named: Mapping[str, Any] | None = value if isinstance(value, Mapping) else None
    if hasattr(value, "_fields"):
        named = value._asdict()
    if named is not None:
        keys = [next((name for name in one.names if name in named), None) for one in wanted]
        if None not in keys:
            return tuple(found_in(named[key]) for key in keys if key is not None)
        if isinstance(value, Mapping):
            missing = ", ".join(one.label for one, key in zip(wanted, keys, strict=True) if key is None)
            keys_told = ", ".join(map(str, named))[:MAX_WORDS]
            return Unusable(f"nothing is returned for {missing}; the keys are {keys_told}", True)
    if isinstance(value, tuple | list) and len(value) == len(wanted) and not (len(wanted) == 1 and _is_array(value)):
        return tuple(map(found_in, value))
    if len(wanted) == 1 and not isinstance(value, tuple):
        return (found_in(value),)
    count = len(value) if isinstance(value, tuple | list) else 1
    labels = ", ".join(one.label for one in wanted)
    are = "s are" if len(wanted) > 1 else " is"
    returned = "1 is returned" if count == 1 else f"{count} are returned"
    told = f"{len(wanted)} array{are} expected ({labels}) and {returned}; part= says which ones it returns"
    return Unusable(told, True)


def _is_array(value: Any) -> bool:
    return bool(value) and isinstance(value[0], int | float)
