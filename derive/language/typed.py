"""What an author puts where: the declared types of a noun's fields, checked where the noun is written."""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from derive.errors import AuthorError

_WORDS = {"str": "a text", "Expr": "an expression", "Tensor": "a tensor", "Read": "an entry such as x[i]",
          "NoneType": "None", "int": "a whole number", "bool": "True or False"}  # fmt: skip


def check_types(noun: object, skip: tuple[str, ...] = ()) -> None:
    """Raise AuthorError at the first field that holds something else than its class declares."""
    for field, wanted in _hints(type(noun)).items():
        value = getattr(noun, field)
        if field not in skip and not _fits(value, wanted):
            raise AuthorError(f"{_named(noun)}: {field} is {_shown(value)}; it must be {_told(wanted)}")


_HINTS: dict[type, Mapping[str, Any]] = {}


def _hints(kind: type) -> Mapping[str, Any]:
    if kind not in _HINTS:
        _HINTS[kind] = get_type_hints(kind)
    return _HINTS[kind]


def _fits(value: object, wanted: Any) -> bool:
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin in (Union, UnionType):
        return any(_fits(value, one) for one in arguments)
    if origin is Literal:
        return value in arguments
    if origin is tuple and arguments[-1] is Ellipsis:
        return isinstance(value, tuple) and all(_fits(item, arguments[0]) for item in value)
    if origin is tuple:
        return isinstance(value, tuple) and len(value) == len(arguments) and all(map(_fits, value, arguments))
    if origin is Mapping:
        return isinstance(value, Mapping) and all(
            _fits(key, arguments[0]) and _fits(item, arguments[1]) for key, item in value.items()
        )
    if isinstance(value, str):
        return wanted is str and not any("\ud800" <= letter <= "\udfff" for letter in value)  # half a character
    return isinstance(value, wanted)


def _told(wanted: Any) -> str:
    """'a tuple of Question, such as (one,) or (one, another)'."""
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin in (Union, UnionType):
        return " or ".join(map(_told, arguments))
    if origin is Literal:
        return " or ".join(map(repr, arguments))
    if origin is tuple and arguments[-1] is Ellipsis:
        return f"a tuple of {_plural(arguments[0])}, such as (one,) or (one, another)"
    if origin is tuple:
        return f"a tuple of {' and '.join(map(_told, arguments))}"
    if origin is Mapping:
        return f"a dict from {_plural(arguments[0])} to {_plural(arguments[1])}"
    name: str = wanted.__name__
    return _WORDS.get(name, f"a {name}(...)")


def _plural(wanted: Any) -> str:
    name: str = wanted.__name__
    return {"str": "texts", "Tensor": "tensors"}.get(name, name)


def _named(noun: object) -> str:
    """'Question x', from the id where there is a usable one."""
    name = getattr(noun, "id", "")
    return f"{type(noun).__name__} {name}".rstrip() if isinstance(name, str) else type(noun).__name__


def _shown(value: object) -> str:
    kind = type(value).__name__
    if isinstance(value, type):
        return f"the class {value.__name__} itself"
    if isinstance(value, str | int | float | None):
        text = repr(value)
        return text if len(text) <= 60 else text[:57] + "..."
    if isinstance(value, tuple | list):
        return f"a {kind} of {', '.join(dict.fromkeys(type(item).__name__ for item in value)) or 'nothing'}"
    return f"a {kind}"
