"""Functions that do what no function should: each is told in a few lines, and none stops or fools the examiner."""

from __future__ import annotations

import itertools
import sys
import time
from typing import Any

import numpy as np
import pytest

import derive
from derive.errors import BudgetError
from derive.functions.assertions import FunctionError
from derive.functions.calling import Stopped
from derive.functions.examine import Agreed, examined
from derive.functions.message import message
from derive.functions.remote import Remote
from tests.functions.backward import bn_closed


class Deaf:
    dtype = "float64"

    @property
    def shape(self) -> tuple[int, ...]:
        raise RuntimeError("nobody looks at me")

    def tolist(self) -> list[float]:
        return [1.0]


class MuteError(Exception):
    def __str__(self) -> str:
        raise ValueError("it says nothing")


count = itertools.count()


def changes_dy(x: Any, gamma: Any, eps: Any, dy: Any) -> Any:
    found = bn_closed(x, eps, gamma, dy)
    dy -= 1
    return found


def varies(x: Any, gamma: Any, eps: Any, dy: Any) -> Any:
    return *bn_closed(x, eps, gamma, dy)[:2], x + next(count)


def other_order(x: Any, gamma: Any, eps: Any, dy: Any) -> Any:
    dgamma, dbeta, dx = bn_closed(x, eps, gamma, dy)
    return dx, dgamma, dbeta


def nan_alone(x: Any, gamma: Any, eps: Any, dy: Any) -> Any:
    return tuple(one * (np.nan if len(x) == 1 else 1) for one in bn_closed(x, eps, gamma, dy))


def stops(error: BaseException) -> Any:
    def function(x: Any, gamma: Any, eps: Any, dy: Any) -> Any:
        raise error

    return function


BAD = {
    "changes its argument": (changes_dy, "it changes what it is called with: dy; work on a copy"),
    "varies": (varies, "called again with the same input, it returns something else"),
    "other order": (other_order, "matches df/dx[i], not df/dgamma; the order is df/dgamma, df/dbeta, df/dx[i]"),
    "exits": (stops(SystemExit(0)), "SystemExit: 0"),
    "cannot say why": (stops(MuteError()), "MuteError"),
    "colours": (stops(ValueError("\x1b[31m" + "a" * 10**6)), "ValueError: \N{REPLACEMENT CHARACTER}[31maaa"),
    "cannot be looked at": (lambda x, gamma, eps, dy: (Deaf(),) * 3, "RuntimeError: nobody looks at me"),
    "nothing": (lambda x, gamma, eps, dy: None, "it returns nothing (None)"),
    "two": (lambda x, gamma, eps, dy: (1.0, 2.0), "3 arrays are expected"),
    "a generator": (lambda x, gamma, eps, dy: (one for one in (1.0, 2.0, 3.0)), "and 1 is returned"),
    "huge": (lambda x, gamma, eps, dy: (np.zeros(10**8),) * 3, "far more than was handed in"),
    "text": (lambda x, gamma, eps, dy: ("a", "b", "c"), "it is a str"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_no_function_should_do(name: str) -> None:
    function, said = BAD[name]
    begin = time.monotonic()
    with pytest.raises(FunctionError) as found:
        derive.assert_gradient("bn_backward", function)
    assert said in str(found.value)
    assert len(str(found.value)) < 1500
    assert "\x1b" not in str(found.value)
    assert time.monotonic() - begin < 10


def test_not_a_number_is_not_explained_by_what_is_right_elsewhere() -> None:
    with pytest.raises(FunctionError) as found:
        derive.assert_gradient("bn_backward", nan_alone)
    assert "  it is nan" in str(found.value).splitlines()
    assert "matches" not in str(found.value)


def test_what_is_no_function() -> None:
    with pytest.raises(derive.UsageError, match="a function is expected, not int 3"):
        derive.assert_gradient("bn_backward", 3)  # type: ignore[arg-type]


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be copied there")
def test_a_limit_on_time() -> None:
    def endless(dy: Any) -> Any:
        while True:
            dy = dy + 0

    begin = time.monotonic()
    with pytest.raises(FunctionError, match=r"it did not end within 0\.5 seconds") as found:
        derive.assert_gradient("bn_backward", endless, "beta", seconds=0.5)
    assert found.value.verdict == "undecided"
    assert time.monotonic() - begin < 10
    derive.assert_gradient("bn_backward", bn_closed, seconds=60)
    with pytest.raises(FunctionError, match="matches"):
        derive.assert_gradient("bn_backward", lambda dy: 2 * dy.sum(), "beta", seconds=60)
    with pytest.raises(derive.UsageError, match="has no value for"):
        derive.assert_gradient("bn_backward", lambda a, b: a, "beta", seconds=60)


MODULE = """
import numpy as np, os
print("noise")

def f(x, gamma, eps, dy):
    m, s = len(x), np.sqrt(x.var() + eps)
    h = (x - x.mean()) / s
    {}
    dx = gamma / (m * s) * (m * dy - dy.sum() - h * (dy * h).sum())
    return (dy * h).sum(), dy.sum(), dx
"""
REMOTE = {
    "right": ("print('more noise')", None),
    "two processes": ("os.fork()", None),
    "wrong": ("h = h * 2", "df/dgamma is wrong"),
    "changes its argument": ("dy += 1", "it changes what it is called with: dy"),
    "looks up the answer": ("import derive", "import of derive halted"),
    "an error": ("h[99]", "it stops with an error, line 8: IndexError: index 99"),
    "ends its process": ("os._exit(0)", "it ends its process"),
    "answers itself": ("[os.write(k, b'{}' * 10**7) for k in range(3, 9)]", "it stops with an error"),
    "eats memory": ("np.ones(10**13)", "MemoryError"),
    "writes a file": ("open('a', 'w').write('a' * 10**5)", "OSError"),
}


def tried(source: str, seconds: int = 30) -> str:
    problem = derive.load("bn_backward")
    with Remote(source, "f", seconds) as function:
        found = examined(problem, function)
    return "" if isinstance(found, Agreed) else message(problem.id, found)


@pytest.mark.skipif(sys.platform == "win32", reason="the module copies itself, and has limits")
@pytest.mark.parametrize("name", REMOTE)
def test_a_module_in_a_process_of_its_own(name: str) -> None:
    body, said = REMOTE[name]
    found = tried(MODULE.format(body))
    assert (found == "") if said is None else (said in found)


def test_a_module_that_does_not_run() -> None:
    for source, said in (
        ("def f(:", "line 1: SyntaxError"), ("import nothing_of_that_name", "line 1: ModuleNotFoundError"),
        ("f = 3", "TypeError: 3 is not a callable object"), ("x = 3", "KeyError"),
        ("import sys\nsys.exit()", "line 2: SystemExit"),
    ):  # fmt: skip
        with pytest.raises(Stopped, match=said):
            tried(source)


def test_a_module_that_never_ends() -> None:
    for source in ("while True: pass", MODULE.format("while True: pass")):
        with pytest.raises(BudgetError, match="it takes more than 1 seconds"):
            tried(source, 1)
    with pytest.raises(BudgetError, match="it did not end within 6 seconds"):
        tried("import time; time.sleep(1000)", 1)
