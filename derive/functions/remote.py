"""A function of a module that nobody trusts: run by a process of its own, from which only numbers come back.

That keeps what it does apart from what is said of it. It does not keep it from reading files or the network: it is
for a place where a student's program may run.
"""

from __future__ import annotations

import inspect
import json
import math
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from derive.errors import BudgetError
from derive.functions.calling import Stopped

CHILD = Path(__file__).with_name("child.py")
SECONDS = 10  # of the processor, for all calls of one function
LONGER = 6  # times as long by the clock, on a busy machine or for one that sleeps
MAX_REPLY = 4_000_000  # bytes
STOPPED = tuple(-getattr(signal, name, 0) for name in ("SIGXCPU", "SIGKILL"))  # by its limit, or by the system
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Returned:
    """An array that came back, as `found_in` takes one."""

    def __init__(self, dtype: str, shape: tuple[int, ...], entries: list[float]) -> None:
        self.dtype, self.shape, self.entries = dtype, shape, entries

    def tolist(self) -> list[float]:
        return self.entries


class Other:
    """What came back and is no array; its class is named after what it was."""


class Remote:
    """A function by its name and the text of its module; to be left, so that its process ends.

    Raises BudgetError where its calls take more than `seconds` together.
    """

    def __init__(self, source: str, name: str, seconds: int = SECONDS) -> None:
        self.__name__ = name
        self.source, self.seconds = source, seconds
        self.until = time.monotonic() + LONGER * seconds
        self._folder = tempfile.TemporaryDirectory(prefix="derive-")
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(CHILD), str(seconds)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
            stderr=subprocess.DEVNULL, cwd=self._folder.name, env={"PATH": os.defpath, **ONE_THREAD},
        )  # fmt: skip
        self._left = b""
        self._asking = 0

    def __enter__(self) -> Remote:
        """Raises Stopped where the module or the function is not there."""
        try:
            self.__signature__ = _signature(self._asked({"source": self.source, "function": self.__name__}))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()

    def __call__(self, *plain: Any, **named: Any) -> Any:
        made = {name: _handed(value) for name, value in named.items()}
        said = self._asked({"plain": [_handed(one) for one in plain], "named": made})
        try:
            value, after = said
            for one, now in zip((*plain, *named.values()), after, strict=True):
                if hasattr(one, "tolist") and one.tolist() != now:
                    _put(now, one)
            return _value(value)
        except (TypeError, ValueError, KeyError, IndexError, RecursionError):
            raise Stopped("what it returns cannot be read") from None

    def _asked(self, request: Mapping[str, object]) -> Any:
        """One line there and one back."""
        self._asking += 1
        line = json.dumps({**request, "number": self._asking})
        try:
            self._process.stdin.write(f"{line}\n".encode())  # type: ignore[union-attr]
            reply = json.loads(self._line())
            while isinstance(reply, dict) and reply.get("number") != self._asking:  # a copy of it may answer twice
                reply = json.loads(self._line())
        except (OSError, ValueError, RecursionError):
            raise Stopped("it ends its process, or what it returns cannot be read") from None
        if not isinstance(reply, dict) or "said" not in reply:
            words = str(reply.get("error", "")) if isinstance(reply, dict) else ""
            raise Stopped("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in words[:500]))
        return reply["said"]

    def _line(self) -> bytes:
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._process.stdout, selectors.EVENT_READ)  # type: ignore[arg-type]
            while b"\n" not in self._left:
                if not waiting.select(max(0.0, self.until - time.monotonic())):
                    raise BudgetError(f"it did not end within {LONGER * self.seconds} seconds")
                piece = self._process.stdout.read(1 << 16)  # type: ignore[union-attr]
                if not piece and self._process.wait() in STOPPED:
                    raise BudgetError(f"it takes more than {self.seconds} seconds, or too much memory")
                if not piece or len(self._left) > MAX_REPLY:
                    raise OSError("nothing more comes")
                self._left += piece
        line, _, self._left = self._left.partition(b"\n")
        return line


def _handed(value: Any) -> object:
    if not hasattr(value, "tolist"):
        return value
    return ["torch" if hasattr(value, "detach") else "numpy", str(value.dtype).removeprefix("torch."), value.tolist()]


def _put(now: Any, array: Any) -> None:
    """What the function left in its argument, so that it shows here."""
    if hasattr(array, "copy_"):
        array.copy_(array.new_tensor(now))
    else:
        array[...] = now


def _signature(said: Any) -> inspect.Signature:
    kinds = {kind.name: kind for kind in inspect._ParameterKind}
    try:
        return inspect.Signature([
            inspect.Parameter(name, kinds[kind], default=None if has_default else inspect.Parameter.empty)
            for name, kind, has_default in said
        ])  # fmt: skip
    except (TypeError, ValueError, KeyError):
        raise Stopped("its arguments cannot be read") from None


def _value(said: Any) -> Any:
    kind, *rest = said
    if kind == "number":
        return float(rest[0])
    if kind == "dict":
        return {str(key): _value(one) for key, one in rest[0].items()}
    if kind in ("tuple", "list"):
        return (tuple if kind == "tuple" else list)(map(_value, rest[0]))
    if kind == "array":
        dtype, lengths, entries = rest
        shape = tuple(int(n) for n in lengths)
        values = [float(one) for one in entries or ()]
        if entries is not None and len(values) != math.prod(shape):
            raise ValueError("not as many entries as its shape says")
        return Returned(str(dtype)[:40], shape, values)
    return None if rest[0] == "None" else type(str(rest[0])[:80], (Other,), {})()
