"""The NumPy that documents print, tried as a student's function: it is right, and with any one slip in it, it is not.

The printer and the examiner share the derived formulas but not how they are evaluated.
"""

from __future__ import annotations

import ast
import copy
import functools
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

import derive
from derive.engines.derive import derive_problem
from derive.functions.asked import Asked
from derive.functions.examine import Agreed, Options, examined
from derive.language.program import Program
from derive.language.question import Gradient
from derive.rendering.code import numpy_code
from derive.verification.report import examine

PRINTED = ("bn_backward", "layer_norm", "rms_norm", "softmax_cross_entropy", "tanh_mse")
DOUBLE = Options(dtypes=("float64",))
SWAPPED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}


@cache
def printed(name: str) -> tuple[str, tuple[str, ...]]:
    problem = derive.load(name)
    assert isinstance(problem.program, Program)
    text = "\n".join(numpy_code(problem.program, examine(derive_problem(problem), ["unrolled"])))
    returned = text.splitlines()[-1].removeprefix("    return ").split(", ")
    asked = [one for one in problem.questions if isinstance(one.wants, Gradient) and not one.assuming]
    by = {f"d{one.wants.by.key}": one.id for one in asked if isinstance(one.wants, Gradient)}
    return text, tuple(by[word] for word in returned)


def function(name: str, text: str) -> Any:
    """The code keeps an axis of length 1 where it has summed over one; here that is dropped."""
    space: dict[str, Any] = {"np": np}
    exec(text, space)
    axes = [len(one.axes) for one in Asked(derive.load(name), printed(name)[1]).wanted]

    @functools.wraps(space["gradients"])
    def gradients(*arguments: Any) -> Any:
        found = space["gradients"](*arguments)
        several = found if isinstance(found, tuple) else (found,)
        return tuple(one[0] if np.ndim(one) > k else one for one, k in zip(several, axes, strict=True))

    return gradients


@pytest.mark.parametrize("name", PRINTED)
def test_it_is_right(name: str) -> None:
    text, parts = printed(name)
    derive.assert_gradient(name, function(name, text), parts)


def slipped(text: str) -> Iterator[str]:
    """One operator, sign or number of the code changed at a time."""
    tree = ast.parse(text)
    for place, node in enumerate(ast.walk(tree)):
        if isinstance(node, ast.BinOp | ast.UnaryOp) or (isinstance(node, ast.Constant) and type(node.value) is int):
            changed = copy.deepcopy(tree)
            other = list(ast.walk(changed))[place]
            if isinstance(other, ast.BinOp):
                if type(other.op) not in SWAPPED:
                    continue
                other.op = SWAPPED[type(other.op)]()
            elif isinstance(other, ast.UnaryOp):
                other.op = ast.UAdd()
            elif isinstance(other, ast.Constant):
                other.value = other.value + 1  # type: ignore[operator]
            yield ast.unparse(ast.fix_missing_locations(changed))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", PRINTED)
def test_any_slip_is_seen(name: str) -> None:
    text, parts = printed(name)
    problem = derive.load(name)
    wrong = list(slipped(text))
    assert len(wrong) >= 3
    passed = [one for one in wrong if isinstance(examined(problem, function(name, one), parts, DOUBLE), Agreed)]
    assert passed == []
