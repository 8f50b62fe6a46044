"""NumPy code in which a statistic of the rows kept its axis, or did not."""

from __future__ import annotations

import pytest

import derive

COLLECTED = (
    "dx = (1/C) / np.sqrt(var + eps) * (C*dxhat - np.sum(dxhat, axis=%d, keepdims=True)"
    " - xhat*np.sum(dxhat*xhat, axis=%d, keepdims=True))"
)


@pytest.mark.parametrize(
    ("problem", "true", "false"),
    [
        ("layer_norm", COLLECTED % (1, 1), COLLECTED % (0, 0)),
        (
            "rms_norm",
            "dx = (dxhat - xhat * np.mean(dxhat*xhat, axis=1, keepdims=True)) / np.sqrt(r + eps)",
            "dx = (dxhat - xhat * np.sum(dxhat*xhat, axis=1, keepdims=True)) / np.sqrt(r + eps)",
        ),
    ],
)
def test_code_that_keeps_axes_keeps_them_in_its_statistics(problem: str, true: str, false: str) -> None:
    found = derive.check(problem, true)
    assert found.verdict == "proved"
    assert "axis of length 1" in found.reading
    assert derive.check(problem, false).verdict == "refuted"


@pytest.mark.parametrize(
    ("problem", "true", "false"),
    [
        ("layer_norm", "xhat = (x - mu) / np.sqrt(var + eps)", "xhat = (x - mu) / (var + eps)"),
        ("bn_forward", "zhat = (Z - mu) / np.sqrt(var + eps)", "zhat = (Z + mu) / np.sqrt(var + eps)"),
        ("rms_norm", "xhat = x / np.sqrt(r + eps)", "xhat = x / np.sqrt(r - eps)"),
    ],
)
def test_code_that_fits_if_an_axis_was_kept(problem: str, true: str, false: str) -> None:
    found = derive.check(problem, true)
    assert found.verdict == "depends"
    assert "kept an axis of length 1" in found.convention
    assert derive.check(problem, false).verdict == "refuted"
