"""The statistics of batch normalization have the shapes that PyTorch's own have."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from derive.catalogue import load
from derive.engines.derive import derive_problem
from derive.errors import NotProvedError
from derive.language import shape, size
from derive.language.plain import plain
from derive.verification.report import examine

PARTS = ("fc_mean", "fc_var", "conv_mean", "conv_var")


def answers(part: str) -> dict[str, str]:
    """convention -> answer, the default under ''."""
    found = next(p for p in derive_problem(load("bn_shapes")).parts if p.question.id == part)
    return {"": plain(found.claim.right)} | {", ".join(o.convention.values()): plain(o.right) for o in found.others}


@pytest.mark.parametrize("part", PARTS)
def test_every_form(part: str) -> None:
    if part.startswith("fc"):
        assert answers(part) == {"": "(1, C)", "squeezed": "(C,)"}
    else:
        assert answers(part) == {"": "(1, 1, 1, C)", "channels first": "(1, C, 1, 1)", "squeezed": "(C,)"}


@pytest.mark.torch
@pytest.mark.parametrize("sizes", [(2, 3, 4, 5), (1, 1, 1, 1), (3, 2, 2, 7)])
def test_the_framework_has_these_shapes(sizes: tuple[int, int, int, int]) -> None:
    import torch

    n, h, w, c = sizes
    last, first = torch.zeros(n, h, w, c), torch.zeros(n, c, h, w)
    assert tuple(last.mean(dim=(0, 1, 2), keepdim=True).shape) == (1, 1, 1, c)
    assert tuple(first.var(dim=(0, 2, 3), keepdim=True, correction=0).shape) == (1, c, 1, 1)
    assert tuple(torch.nn.BatchNorm2d(c).running_mean.shape) == (c,)
    assert tuple(torch.nn.BatchNorm1d(c).running_var.shape) == (c,)


def test_a_wrong_shape_is_refused() -> None:
    problem = load("bn_shapes")
    derivation = derive_problem(problem)
    part = derivation.parts[2]
    n, c = size("N"), size("C")
    for wrong in (shape(1, c, 1, 1), shape(n, 1, 1, c), shape(c), shape(1, 1, c)):
        bad = replace(part, claim=replace(part.claim, right=wrong))
        with pytest.raises(NotProvedError, match="conv_mean"):
            examine(replace(derivation, parts=(bad,), wrong=()), ["unrolled"])
