"""The shape of an array against the one that a part of a problem has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from derive.errors import UnsupportedError, UsageError
from derive.judging.subject import Subject
from derive.language.answers import Shape
from derive.language.expression import Expr, Number, Read
from derive.language.near import did_you_mean
from derive.language.plain import plain
from derive.language.problem import Problem, axes_of
from derive.verification.evaluation import Entry, Evaluator
from derive.verification.rationals import Rationals


def shape_fault(problem: Problem, part: str, found: Any, sizes: Mapping[str, int]) -> str:
    """Why the shape is wrong; '' where it is right. Raises UsageError where the part has none."""
    derivation = Subject(problem).known.derivation
    claims = {one.question.id: one for one in derivation.parts}
    if part not in claims:
        near = did_you_mean(part, claims, f". Its parts are {', '.join(claims)}.")
        raise UsageError(f"{problem.id} has no part '{part}'{near}")
    said = tuple(found) if isinstance(found, tuple | list) else getattr(found, "shape", None)
    if said is None or not all(isinstance(n, int) for n in said):
        raise UsageError(f"assert_shape takes an array or a tuple of whole numbers, not {type(found).__name__}")
    claim = claims[part].claim
    if isinstance(claim.right, Shape):
        ways: list[tuple[Expr, ...]] = [claim.right.sizes]
        label = part
    else:
        ways = [tuple(axis.extent for axis in axes_of(claim.left, claim.left))]
        label = plain(claim.left)
    others = [(o.convention, o.right.sizes) for o in claims[part].others if isinstance(o.right, Shape)]
    if any(_fits(way, said, sizes) for way in ways):
        return ""
    told = f"{label} has the shape {_shown(ways[0])}{_numbers(ways[0], sizes)}, found {tuple(said)}"
    for convention, way in others:
        if _fits(way, said, sizes):
            return f"{told}, which is right under another convention: {', '.join(convention.values())}"
    if tuple(reversed(said)) != tuple(said) and _fits(ways[0], tuple(reversed(said)), sizes):
        return f"{told}, the axes turned round"
    return told


def _fits(way: tuple[Expr, ...], said: tuple[int, ...], sizes: Mapping[str, int]) -> bool:
    """Every length is what its formula gives; a size that nobody gave is read off the first axis that is just it."""
    if len(way) != len(said):
        return False
    known = dict(sizes)
    for length, n in zip(way, said, strict=True):
        if isinstance(length, Read):
            known.setdefault(length.tensor.key, n)
    try:
        return all(_value(length, known) == n for length, n in zip(way, said, strict=True))
    except UnsupportedError as error:
        raise UsageError(f"say the sizes: {error}") from None


def _value(length: Expr, sizes: Mapping[str, int]) -> object:
    return Evaluator(Rationals(), sizes, _unknown).value(length, {})


def _unknown(node: Read, entry: Entry) -> object:
    raise UnsupportedError(f"{node.tensor.key} is not given")


def _shown(way: tuple[Expr, ...]) -> str:
    return f"({', '.join(map(plain, way))}{',' * (len(way) == 1)})"


def _numbers(way: tuple[Expr, ...], sizes: Mapping[str, int]) -> str:
    """' = (3, 5)' where all sizes are given and are not numbers anyway."""
    if all(isinstance(length, Number) for length in way):
        return ""
    try:
        return f" = {tuple(int(str(_value(length, sizes))) for length in way)}"
    except UnsupportedError:
        return ""
