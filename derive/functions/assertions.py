"""`assert_gradient` and `assert_shape`: a function or an array against what was derived."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from derive.catalogue import load
from derive.functions.arrays import DTYPES
from derive.functions.examine import Agreed, Options, examined
from derive.functions.limited import within
from derive.functions.message import message
from derive.functions.shapes import shape_fault
from derive.language.problem import Problem


class FunctionError(AssertionError):
    """A function or an array that is not right.

    `verdict` is 'refuted', 'unreadable' where it was not understood, or 'undecided' where its time was over.
    """

    def __init__(self, text: str, verdict: str = "refuted") -> None:
        super().__init__(text)
        self.verdict = verdict


def assert_gradient(
    problem: str | Problem,
    function: Callable[..., Any],
    part: str | Sequence[str] = (),
    *,
    names: Mapping[str, str] | None = None,
    dtypes: Sequence[str] = DTYPES,
    framework: str = "numpy",
    seed: int = 0,
    seconds: float | None = None,
) -> None:
    """Fails unless the function returns the gradients of the problem: shapes, types, and numbers up to rounding.

    It returns one array for each of `part`, in that order or by name; without, the gradients by all that enters the
    program, in the order of the parts. Its arguments are found by the problem's names (`x`, `gamma`, `eps`, `dy` for
    the known derivative by y, any intermediate value), or taken in their order where none is such a name; `names` maps
    others: {"w": "gamma"}. It is called with arrays of NumPy, or with framework="torch" tensors, of each of `dtypes`.
    It may not change its arguments. The message has the smallest input at which it fails, both arrays, and the mistake
    that explains it.

    There is no limit on its time unless `seconds` are given; then it runs in a process that is stopped after them.
    """
    __tracebackhide__ = True
    loaded = load(problem) if isinstance(problem, str) else problem
    parts = (part,) if isinstance(part, str) else tuple(part)
    options = Options(dict(names or {}), tuple(dtypes), framework, seed)

    def told() -> tuple[str, str]:
        found = examined(loaded, function, parts, options)
        if isinstance(found, Agreed):
            return "", ""
        return message(loaded.id, found), "unreadable" if found.unreadable else "refuted"

    text, verdict = told() if seconds is None else within(seconds, told)
    if text:
        raise FunctionError(text, verdict)


def assert_shape(problem: str | Problem, part: str, found: Any, **sizes: int) -> None:
    """Fails unless the array, or the tuple, has the shape of the part; sizes that are not given must fit each other."""
    __tracebackhide__ = True
    loaded = load(problem) if isinstance(problem, str) else problem
    fault = shape_fault(loaded, part, found, sizes)
    if fault:
        raise FunctionError(f"{loaded.id}: {fault}")
