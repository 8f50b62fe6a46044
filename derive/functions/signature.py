"""A function's arguments, found by the names of the problem, or by their order where no name is the problem's."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from derive.errors import UsageError
from derive.functions.asked import Asked, word
from derive.language.near import did_you_mean
from derive.language.tensor import Tensor

Names = Mapping[str, str]  # a parameter of the function -> a name of the problem


class Parameter(Struct, frozen=True):
    """What is handed to one parameter, and whether by its name."""

    name: str
    tensor: Tensor
    keyword: bool = False


class Signature(Struct, frozen=True):
    """How a function is called."""

    function: str
    parameters: tuple[Parameter, ...]

    def __str__(self) -> str:
        shown = [
            word(one.tensor) if one.name in ("", word(one.tensor)) else f"{one.name}={word(one.tensor)}"
            for one in self.parameters
        ]
        return f"{self.function}({', '.join(shown)})"


def signature_of(function: Callable[..., Any], asked: Asked, names: Names | None = None) -> Signature:
    """Raises UsageError where an argument is not the problem's; it then says what the function may take."""
    called = getattr(function, "__name__", type(function).__name__)
    if not callable(function):
        raise UsageError(f"a function is expected, not {called} {function!r:.60}")
    usual = asked.arguments()
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # one that is not written in Python
        return Signature(called, tuple(Parameter("", tensor) for tensor in usual))
    plain = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    for name in names or {}:
        if name not in [p.name for p in plain]:
            raise UsageError(f"names: {called} has no argument '{name}'{did_you_mean(name, [p.name for p in plain])}")
    table = asked.names()
    found = {p.name: _named(p.name, asked, table, names or {}) for p in plain}
    required = [p for p in plain if p.default is p.empty]
    missing = [p.name for p in required if found[p.name] is None]
    if not missing and (plain or not usual):
        return Signature(called, tuple(
            Parameter(p.name, tensor, p.kind is p.KEYWORD_ONLY)
            for p in plain if (tensor := found[p.name]) is not None
        ))  # fmt: skip
    starred = any(p.kind is p.VAR_POSITIONAL for p in parameters) and not plain
    if starred or (len(missing) == len(required) == len(usual) and not names):
        keyword = [p.name for p in required if p.kind is p.KEYWORD_ONLY]
        if not keyword:
            labels = [p.name for p in required] or [""] * len(usual)
            return Signature(called, tuple(map(Parameter, labels, usual)))
    raise UsageError(_unknown(called, missing, asked, table))


def _named(name: str, asked: Asked, table: Mapping[str, Tensor], names: Names) -> Tensor | None:
    said = names.get(name)
    if said is not None and said not in table:
        raise UsageError(
            f"names: '{said}' is nothing of {asked.problem.id}{did_you_mean(said, table, f'; there are {_all(table)}')}"
        )
    return table.get(name if said is None else said)


def _unknown(called: str, missing: list[str], asked: Asked, table: Mapping[str, Tensor]) -> str:
    usual = ", ".join(map(word, asked.arguments()))
    told = ", ".join(f"'{name}'" for name in missing) or "nothing"
    return (
        f"{called} takes {told}, which {asked.problem.id} has no value for. Take the arguments ({usual}), by these"
        f" names or in this order, or any of {_all(table)}; or say what they are with names={{...}}"
    )


def _all(table: Mapping[str, Tensor]) -> str:
    return ", ".join(sorted({word(tensor) for tensor in table.values()}))
