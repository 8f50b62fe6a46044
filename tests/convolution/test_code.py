"""The code of S9, run on random instances, gives the gradients that the document states."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from convolution.samples import Table, answers, derivation, point, sizes_1d, sizes_2d

from derive.language.derivation import Report
from derive.rendering.loops import loop_code


def array(table: Table) -> np.ndarray:
    shape = [max(key[axis] for key in table) for axis in range(len(next(iter(table))))]
    return np.array([float(int(table[key])) for key in sorted(table)]).reshape(shape)


@pytest.mark.parametrize("problem", ["conv_jacobian", "conv_jacobian_2d"])
@pytest.mark.parametrize("seed", range(8))
def test_the_printed_code(problem: str, seed: int) -> None:
    random = Random(seed)
    make = sizes_1d if problem == "conv_jacobian" else sizes_2d
    sizes = make(random, random.randint(1, 3), random.randint(0, 2), random.randint(1, 2), (2, 3))
    inputs = point(random, problem, sizes)
    report = Report(derivation(problem), (), (), (), (), None)
    lines = loop_code(report.derivation.problem.program, report)  # type: ignore[arg-type]
    assert 0 < len(lines) <= 14
    space = {"np": np}
    exec("\n".join(lines), space)
    given = {"w": array(inputs["w"]), "x": array(inputs["x"]), "dy": array(inputs["dL/dy"])}
    dw, dx = space["gradients"](**given, **{key: sizes[key] for key in "spq"})  # type: ignore[operator]
    assert np.array_equal(dw, array(answers(problem, "dw", sizes, inputs)))
    assert np.array_equal(dx, array(answers(problem, "dx", sizes, inputs)))
