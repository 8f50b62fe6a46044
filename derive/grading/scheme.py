"""What is given for what: points by part and by line, and what a convention or a carried error is worth.

points:  {gamma: 2, x: {points: 3, depends: 0.5, lines: {a: 1, b: 2}}}     1 each where nothing is said
         {mu: {value: 2, reasoning: 1}}             what it is, and the lines that lead to it
depends: 0.5        share for an answer that is right under another convention: full, none or person, too; else a person
carried: 1          share for an answer that the student's own earlier error explains
given:   {m: 4}     the numbers that the answers are about
problems: {ID: {points: ..., ...}}                 the same for one problem
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction

from msgspec import Struct

from derive.errors import UsageError
from derive.language.near import did_you_mean

KEYS = ("points", "depends", "carried", "given", "problems")
PART_KEYS = ("points", "depends", "lines", "any_true_line", "value", "reasoning")
SHARES: Mapping[str, Fraction | None] = {"full": Fraction(1), "none": Fraction(0), "person": None}
MOST = 100_000


class PartScheme(Struct, frozen=True):
    """Points for one part; with `lines`, by label. `any_true_line`: the label alone says what a line is about.

    `reasoning` is what of the points is for the reasoning, where that is marked apart.
    """

    points: Fraction = Fraction(1)
    depends: Fraction | None = None
    reasoning: Fraction | None = None
    lines: Mapping[str, Fraction] = {}
    any_true_line: bool = False


class Scheme(Struct, frozen=True):
    """Points for one problem. `depends` is None where a person decides."""

    parts: Mapping[str, PartScheme] = {}
    depends: Fraction | None = None
    carried: Fraction = Fraction(1)
    given: str = ""
    named: str = ""  # where it comes from, where that has to be said

    def part(self, name: str) -> PartScheme:
        return self.parts.get(name, PartScheme(depends=self.depends))


def scheme_for(data: object, problem: str, parts: tuple[str, ...], place: str) -> Scheme:
    """The scheme for one problem out of what a file says. Raises UsageError with the place."""
    found = _object(data, place, KEYS)
    several = _object(found.get("problems") or {}, f"{place}: 'problems'")
    own = _object(several.get(problem) or {}, f"{place}, {problem}", KEYS[:-1])
    both = {**{key: value for key, value in found.items() if key != "problems"}, **own}
    depends = _depends(both.get("depends"), f"{place}: 'depends'")
    carried = _share(both.get("carried"), f"{place}: 'carried'")
    points = _object(both.get("points") or {}, f"{place}: 'points'")
    if "points" in own or not several:
        for name in points:
            if name not in parts:
                near = did_you_mean(str(name), parts, f". Its parts are {', '.join(parts)}.")
                raise UsageError(f"{place}: {problem} has no part '{name}'{near}")
    given = _object(both.get("given") or {}, f"{place}: 'given'")
    return Scheme(
        {part: _part(points[part], depends, f"{place}: part '{part}'") for part in parts if part in points},
        depends,
        Fraction(1) if carried is None else carried,
        json.dumps(given, sort_keys=True) if given else "",
    )


def _part(data: object, depends: Fraction | None, place: str) -> PartScheme:
    if not isinstance(data, Mapping):
        return PartScheme(_points(data, place), depends)
    found = _object(data, place, PART_KEYS)
    own = _depends(found["depends"], f"{place}: 'depends'") if "depends" in found else depends
    if "value" in found or "reasoning" in found:
        return _in_two(found, own, place)
    lines = {str(k): _points(v, f"{place}, line '{k}'") for k, v in _object(found.get("lines") or {}, place).items()}
    total = sum(lines.values(), Fraction(0))
    points = _points(found["points"], place) if "points" in found else total if lines else Fraction(1)
    if lines and points != total:
        raise UsageError(f"{place}: its lines have {number(total)} points together, but it has {number(points)}")
    any_true_line = found.get("any_true_line", False)
    if not isinstance(any_true_line, bool):
        raise UsageError(f"{place}: 'any_true_line' is true or false")
    return PartScheme(points, own, None, lines, any_true_line)


def _in_two(found: Mapping[str, object], depends: Fraction | None, place: str) -> PartScheme:
    for name in ("value", "reasoning"):
        if name not in found:
            raise UsageError(f"{place}: it has no '{name}'; value and reasoning are marked together, as in 2 and 1")
    for name in ("lines", "any_true_line"):
        if name in found:
            raise UsageError(f"{place}: give points by line, or for value and reasoning; it has '{name}' and both")
    value, reasoning = (_points(found[name], f"{place}, {name}") for name in ("value", "reasoning"))
    if "points" in found and _points(found["points"], place) != value + reasoning:
        both = number(value + reasoning)
        raise UsageError(f"{place}: its value and reasoning have {both} points together; leave 'points' out")
    return PartScheme(value + reasoning, depends, reasoning)


def _depends(value: object, place: str) -> Fraction | None:
    """A share, or in words: full, none, person."""
    if isinstance(value, str):
        if value not in SHARES:
            raise UsageError(f"{place} is a number from 0 to 1, or {', '.join(SHARES)}{did_you_mean(value, SHARES)}")
        return SHARES[value]
    return _share(value, place)


def _object(data: object, place: str, known: tuple[str, ...] = ()) -> Mapping[str, object]:
    if not isinstance(data, Mapping):
        raise UsageError(f"{place}: this should be an object of names and values, such as {{gamma: 2}}")
    for key in data:
        if known and key not in known:
            raise UsageError(f"{place}: '{str(key)[:60]}' is not known{did_you_mean(str(key), known)}")
    return data


def _points(value: object, place: str) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST:
        raise UsageError(f"{place}: points are a number from 0 to {MOST}, such as 2 or 0.5")
    return Fraction(str(value))


def _share(value: object, place: str) -> Fraction | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise UsageError(f"{place}: a share is a number from 0 to 1, such as 0.5")
    return Fraction(str(value))


def number(value: Fraction) -> int | float:
    """As it is written in a report: 2, 0.5."""
    return int(value) if value.denominator == 1 else round(float(value), 6)
