"""Arrays of NumPy and PyTorch: made for a call, taken apart after it. Neither is imported before it is asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from msgspec import Struct

from derive.errors import UsageError
from derive.functions.values import Shape

KINDS = {"numpy": "NumPy", "torch": "PyTorch"}
DTYPES = ("float64", "float32")
ROUNDOFF = {"float64": 2.0**-53, "float32": 2.0**-24}
MOST_ENTRIES = 100_000  # of an array that is looked into; all that is tried is small


class Found(Struct, frozen=True):
    """What a function returned for one part: `fault` says why it is no array of numbers."""

    shape: Shape = ()
    entries: tuple[float, ...] = ()
    dtype: str = ""
    fault: str = ""


class Library:
    """NumPy or PyTorch, with one precision."""

    def __init__(self, kind: str, dtype: str) -> None:
        if kind not in KINDS:
            raise UsageError(f"framework: '{kind}' is unknown; there are {', '.join(KINDS)}")
        if dtype not in ROUNDOFF:
            raise UsageError(f"dtypes: '{dtype}' is unknown; there are {', '.join(ROUNDOFF)}")
        try:
            self.module: Any = import_module(kind)
        except ImportError:
            raise UsageError(f"functions of {KINDS[kind]} need it; install it with: pip install {kind}") from None
        self.kind, self.dtype = kind, dtype

    def array(self, values: object) -> Any:
        """Nested lists as an array of this precision; a number as one without axes."""
        kind = getattr(self.module, self.dtype)
        if self.kind == "torch":
            return self.module.tensor(values, dtype=kind)
        return self.module.array(values, dtype=kind) if isinstance(values, list) else kind(values)


def found_in(value: Any) -> Found:
    """An array of either library, or a plain number."""
    if isinstance(value, bool) or value is None:
        return Found(fault=f"it is {value}, where an array is expected")
    if isinstance(value, int | float):
        return Found((), (float(value),))
    detached = value.detach().cpu() if hasattr(value, "detach") else value
    if not hasattr(detached, "tolist") or not hasattr(detached, "shape"):
        return Found(fault=f"it is a {type(value).__name__}, where an array is expected")
    dtype = str(detached.dtype).removeprefix("torch.")
    shape = tuple(int(length) for length in detached.shape)
    if math.prod(shape) > MOST_ENTRIES:
        return Found(shape, (), dtype, f"its shape is {shape}, far more than was handed in")
    if not dtype.startswith(("float", "int", "uint")):
        return Found(shape, (), dtype, f"its entries are of type {dtype}, where real numbers are expected")
    return Found(shape, tuple(_flat(detached.tolist())), dtype)


def _flat(values: Any) -> list[float]:
    if isinstance(values, list):
        return [number for value in values for number in _flat(value)]
    return [float(values)]


def shown(entries: Sequence[float], shape: Shape, digits: int = 5) -> str:
    """[[1, 2], [0.5, 3]]; of a large one the beginning."""
    if not shape:
        return number(entries[0], digits)
    step = len(entries) // shape[0] if shape[0] else 0
    rows = [shown(entries[k * step : (k + 1) * step], shape[1:], digits) for k in range(min(shape[0], MOST_SHOWN))]
    return f"[{', '.join([*rows, *(['...'] if shape[0] > MOST_SHOWN else [])])}]"


MOST_SHOWN = 6


def number(value: float, digits: int = 5) -> str:
    return f"{value + 0.0:.{digits}g}"  # + 0.0: no minus before a zero
