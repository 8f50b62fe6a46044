"""A failure in the few lines that a student should read."""

from __future__ import annotations

from math import isfinite

from derive.functions.arrays import ROUNDOFF, number, shown
from derive.functions.examine import Failure, allowed
from derive.functions.values import Shape

FEW = 3  # sizes that are said beside the arrays that show them
BROADCAST = ("broadcast", "must match the size", "size of tensor")


def message(problem: str, failure: Failure) -> str:
    """What is wrong, how it was called, the smallest input, both arrays, and what the wrong one looks like."""
    wanted, found, expected = failure.wanted, failure.found, failure.expected
    what = f"{problem}: {wanted.label}" if wanted is not None else problem
    head = f"{what} is wrong" if wanted is not None and not failure.why else f"{what}: {failure.why}"
    lines = [head, f"  called as {failure.signature} with {failure.dtype}"]
    lines.append(f"  smallest input that fails: {_inputs(failure)}")
    if wanted is None and any(word in failure.why for word in BROADCAST):
        lines.append("  an axis that was summed over is gone; keepdims=True keeps it, so that arrays fit each other")
    if expected is not None:
        lines.append(f"  expected: {shown([entry.value for entry in expected.entries], expected.shape)}")
    if found is not None and found.entries:
        lines.append(f"  found:    {shown(found.entries, found.shape)}")
    if wanted is not None and not failure.why:
        lines.append(f"  {_missed(failure)}")
    if failure.like:
        lines.append(f"  {failure.like}")
    return "\n".join(lines)


def _inputs(failure: Failure) -> str:
    sizes = [f"{key} = {size}" for key, size in failure.sizes.items()] if len(failure.sizes) <= FEW else []
    values = []
    for name, value in failure.at.items():
        shape = _shape(value)
        if name not in failure.sizes or not sizes:
            values.append(f"{name} = {shown(_flat(value), shape)}")
    return ", ".join([*sizes, *values])


def _shape(value: object) -> Shape:
    return (len(value), *(_shape(value[0]) if value else ())) if isinstance(value, list) else ()


def _flat(value: object) -> list[float]:
    if isinstance(value, list):
        return [one for item in value for one in _flat(item)]
    assert isinstance(value, int | float)
    return [float(value)]


def _missed(failure: Failure) -> str:
    assert failure.expected is not None
    assert failure.found is not None
    entry = failure.expected.at(failure.place)
    offset = 0
    for length, k in zip(failure.expected.shape, failure.place, strict=True):
        offset = offset * length + k
    value = failure.found.entries[offset]
    error = abs(value - entry.value)
    most = allowed(failure.expected, ROUNDOFF[failure.dtype])
    place = f" at [{', '.join(map(str, failure.place))}]" if failure.place else ""
    if not isfinite(value):
        return f"it is {value}{place}"
    return f"it misses by {number(error, 2)}{place}; rounding in {failure.dtype} explains {number(most, 2)}"
