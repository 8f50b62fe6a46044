"""The network unit by unit: its arrows are the terms of its equations, counted here by hand."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from derive.catalogue import load
from derive.engines.derive import derive_problem
from derive.reading.prose import prose_reader
from derive.rendering.context import Context
from derive.rendering.document import Figure
from derive.rendering.units import units_picture
from derive.verification.report import examine


@pytest.fixture(scope="module")
def context() -> Context:
    problem = load("shared_weight_cnn")
    return Context(examine(derive_problem(problem), oracles=()), prose_reader(problem))


def test_every_way_has_an_arrow(context: Context) -> None:
    (figure,) = units_picture(context)
    assert isinstance(figure, Figure)
    assert len(figure.pills) == 3 + 2 + 2 + 2 + 2 + 1
    assert len(figure.arrows) == 4 + 2 + 4 + 4 + 1  # into q, h, z, y and J
    assert len(figure.labels) == 4 + 4  # weights stand on the ways into q and z
    assert (
        "x[1] to q[1] with w[1]; x[2] to q[1] with w[2]; x[2] to q[2] with w[1]; x[3] to q[2] with w[2]" in figure.alt
    )
    assert "relu" not in figure.alt


def test_sharing_is_counted(context: Context) -> None:
    (figure,) = units_picture(context)
    assert isinstance(figure, Figure)
    said = "".join(span for span in figure.caption if isinstance(span, str))
    assert said.count(" on 2 arrows") == 2


def test_nothing_is_drawn_unasked(context: Context) -> None:
    derivation = context.report.derivation
    silent = replace(derivation, problem=replace(derivation.problem, units=()))
    assert units_picture(Context(replace(context.report, derivation=silent), context.reader)) == []
