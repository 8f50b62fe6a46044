"""The other end of `remote`: a program that runs a student's module and hands back numbers, nothing else.

It is started on its own and imports nothing of derive, which it cannot reach either: what is asked for is not to be
found in it. It answers one line of JSON for each it reads; whatever the module prints goes nowhere.
"""

from __future__ import annotations

import inspect
import json
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

MOST_ENTRIES = 100_000
MOST_ITEMS = 64  # of a tuple or a dictionary
MAX_WORDS = 300
NAME = "answers.py"


def serve() -> None:
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for end in (0, 1, 2):
        os.dup2(nowhere, end)
    _bounded(int(sys.argv[1]))
    module: dict[str, Any] = {"__name__": "answers", "__file__": NAME}
    function: Any = None
    for line in requests:
        request = json.loads(line)
        try:
            if function is None:
                exec(compile(request["source"], NAME, "exec"), module)
                function = module[request["function"]]
                said: object = [[p.name, p.kind.name, p.default is not p.empty] for p in _parameters(function)]
            else:
                said = _called(function, request)
            reply: dict[str, object] = {"said": said}
        except BaseException as error:
            reply = {"error": _told(error)}
        replies.write(f"{json.dumps({**reply, 'number': request['number']})}\n")
        replies.flush()


def _bounded(seconds: int) -> None:
    """So many seconds of the processor, no files, and an end with the process that started it."""
    sys.dont_write_bytecode = True
    sys.modules["derive"] = None  # type: ignore[assignment]
    if sys.platform == "linux":
        import ctypes
        import signal

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def _parameters(function: Any) -> Iterator[inspect.Parameter]:
    yield from inspect.signature(function).parameters.values()


def _called(function: Any, request: Mapping[str, Any]) -> object:
    """What it returns, and what is in its arguments afterwards."""
    plain = [_array(one) for one in request["plain"]]
    named = {name: _array(one) for name, one in request["named"].items()}
    value = function(*plain, **named)
    after = [one.tolist() if hasattr(one, "tolist") else one for one in (*plain, *named.values())]
    return [_sorted(value), after]


def _array(one: Any) -> Any:
    if not isinstance(one, list):
        return one
    kind, dtype, values = one
    library: Any = import_module(kind)
    made = getattr(library, dtype)
    if kind == "torch":
        return library.tensor(values, dtype=made)
    return library.array(values, dtype=made) if isinstance(values, list) else made(values)


def _sorted(value: Any) -> list[Any]:
    """A kind and what it holds: numbers, arrays, or a few of these by order or by name."""
    if isinstance(value, bool) or value is None:
        return ["other", str(value)]
    if isinstance(value, int | float):
        return ["number", float(value)]
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping) and len(value) <= MOST_ITEMS:
        return ["dict", {str(key)[:80]: _sorted(one) for key, one in value.items()}]
    if isinstance(value, tuple | list) and len(value) <= MOST_ITEMS:
        return [type(value).__name__ if type(value) in (tuple, list) else "tuple", [_sorted(one) for one in value]]
    made = value.detach().cpu() if hasattr(value, "detach") else value
    if not hasattr(made, "tolist") or not hasattr(made, "shape"):
        return ["other", type(value).__name__[:80]]
    shape, dtype = [int(n) for n in made.shape], str(made.dtype).removeprefix("torch.")
    count = 1
    for length in shape:
        count *= length
    readable = dtype.startswith(("float", "int", "uint")) and count <= MOST_ENTRIES
    return ["array", dtype, shape, made.reshape(-1).tolist() if readable else None]


def _told(error: BaseException) -> str:
    """The line of the module that stopped, and what was said."""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == NAME]
    number = error.lineno if isinstance(error, SyntaxError) else own[-1].lineno if own else None
    try:
        words = " ".join(str(error)[: 10 * MAX_WORDS].split())[:MAX_WORDS]
    except Exception:  # an error of the module's own may fail to say anything
        words = ""
    return f"{f'line {number}: ' if number else ''}{type(error).__name__[:80]}{f': {words}' if words else ''}"


if __name__ == "__main__":
    serve()
