"""A formula in letters, checked on small layers: a few values of each letter, in every combination, recounted."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from itertools import product
from math import prod
from typing import Any

from msgspec.structs import force_setattr

from derive.errors import UnsupportedError
from derive.language import layer as nouns
from derive.language.counting import Choices
from derive.language.derivation import Step
from derive.language.expression import tensors_in
from derive.language.verdict import Counterexample, Proved, Refuted, Undecided, Verdict
from derive.verification.arithmetic import number, shown
from derive.verification.recount import Seen, look, tally

# A count is a polynomial of degree at most two in each of these letters and one in each length of a side, so three
# values of each letter and two of each length, in every combination, fix it. For one kernel, stride, padding and
# dilation, a number of places grows by one with every s inputs, so 2 s lengths in a row fix that.
VALUES: Mapping[str, tuple[int, ...]] = {
    "k": (1, 2, 3), "s": (1, 2, 3), "p": (0, 1, 2), "d": (1, 2, 3), "g": (1, 2, 3), "C": (1, 2, 3), "n": (1, 2, 3),
}  # fmt: skip
FIELDS = {"k": "kernel", "s": "stride", "p": "padding", "d": "dilation", "g": "groups"}
LENGTHS = ((7, 8), (7, 9), (8, 8), (8, 9))
IN_A_ROW = tuple((n, n) for n in range(7, 14))
SPATIAL = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}


def holds_for_small_layers(step: Step, what: str, seen: Seen, choices: Choices) -> Verdict:
    """Proved for as many small layers as were tried, of the kind of the one that was seen."""
    letters = [next(iter(tensors_in(letter))) for letter, _ in step.letters]
    # where the axes differ, each has a letter of its own, and these keep their values
    kept = {key: meaning for key, (_, meaning) in zip(letters, step.letters, strict=True) if _own_axis(key)}
    numbers = {key: int(number(meaning, {})) for key, meaning in kept.items()}
    tried = 0
    shapes_only = what in ("values", "inputs")
    for values, small in _shapes_alone(seen) if shapes_only else _small(letters, seen, what == "shape"):
        true = _counted(step, what, small, choices)
        said = number(step.after, {**values, **numbers, **_shapes(small)})
        if said != true:
            return Refuted(Counterexample({}, dict(values), shown(true), shown(said)))
        tried += 1
    return Proved(f"{tried} small layers") if tried else Undecided("no small layer of its kind could be tried")


def _own_axis(key: str) -> bool:
    return key.partition("_")[0] in FIELDS and "_" in key


def _counted(step: Step, what: str, small: Seen, choices: Choices) -> Any:
    if what == "shape":
        assert step.left is not None
        return _shapes(small)[next(iter(tensors_in(step.left)))]
    if what in ("values", "inputs"):
        return small.values if what == "values" else small.channels_in * prod(small.spatial_in)
    return tally(what, small, choices)


def _shapes(seen: Seen) -> dict[str, int]:
    """The letters of what goes in and of what comes out; C and n, where a layer keeps its channels."""
    names = SPATIAL.get(len(seen.spatial_in), ())
    found = dict(zip(names, seen.spatial_in, strict=False)) | {"C_in": seen.channels_in, "n_in": seen.channels_in}
    found |= {f"{name}prime": n for name, n in zip(SPATIAL.get(len(seen.spatial), ()), seen.spatial, strict=False)}
    return found | {"C_out": seen.channels, "n_out": seen.channels}


def _shapes_alone(seen: Seen) -> Iterator[tuple[dict[str, int], Seen]]:
    """For what depends on shapes only; a layer that keeps its channels or its places keeps them here too."""
    chooses = isinstance(seen.layer, nouns.Convolution | nouns.Linear)
    same_channels = not chooses and seen.channels == seen.channels_in
    same_places = not chooses and seen.spatial == seen.spatial_in
    for c_in, c_out, into, out in product(VALUES["C"], VALUES["C"], LENGTHS, LENGTHS):
        before, after = ((*into, 6)[: len(seen.spatial_in)], (*out, 6)[: len(seen.spatial)])
        if (c_in == c_out or not same_channels) and (before == after or not same_places):
            yield {}, Seen(seen.layer, c_in, before, c_out, after)


def _small(letters: list[str], seen: Seen, places: bool) -> Iterator[tuple[dict[str, int], Seen]]:
    """Layers of the same kind in which each letter takes a few values; those that cannot be are left out."""
    free = [letter for letter in letters if letter in FIELDS]
    table = isinstance(seen.layer, nouns.Convolution) and bool(seen.layer.table)
    widths = [(seen.channels_in, seen.channels)] if table else list(product(VALUES["C"], VALUES["C"]))
    widths = widths[:1] if places else widths
    for values in product(*(VALUES[letter] for letter in free)):
        fixed = dict(zip(free, values, strict=True))
        groups = fixed.get("g", 1)
        for (c_in, c_out), lengths in product(widths, IN_A_ROW if places else LENGTHS):
            spatial = tuple((*lengths, lengths[0])[: len(seen.spatial_in)])
            layer = _with(seen.layer, fixed, c_out * (1 if table else groups))
            try:
                small = look(layer, c_in * (1 if table else groups), spatial)
            except UnsupportedError:
                continue
            if all(n > 0 for n in small.spatial):
                yield fixed, small


def _with(layer: nouns.Layer, fixed: Mapping[str, int], channels: int) -> nouns.Layer:
    twin = copy.copy(layer)
    for letter, value in fixed.items():
        if hasattr(twin, FIELDS[letter]):
            force_setattr(twin, FIELDS[letter], value)
    for field in ("channels", "units"):
        if hasattr(twin, field):
            force_setattr(twin, field, channels)
    if isinstance(twin, nouns.Convolution):
        force_setattr(twin, "channels_in", None)
    return twin
