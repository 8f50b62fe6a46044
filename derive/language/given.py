"""What a caller gives in place of the default instance: sizes and numbers, checked against the problem."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from derive.errors import UsageError
from derive.language.domain import Integers, NonNegative, Positive, Real
from derive.language.expression import Add, Expr, Number, Read
from derive.language.given_layers import written_instance
from derive.language.near import did_you_mean
from derive.language.network import Network
from derive.language.problem import Problem
from derive.language.question import Value
from derive.language.tensor import Tensor, d

MAX_SIZE = 10_000
MAX_DIGITS = 100
_LOGARITHM = re.compile(r"log\(0*[1-9]\d{0,9}(/0*[1-9]\d{0,9})?\)", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d+(/\d+|(\.\d+)?([eE][+-]?\d+)?)", re.ASCII)


class Decimal(str):
    """A JSON number kept as it is written, so that 0.1 is exact."""


class Given(Struct, frozen=True):
    """Concrete sizes by key, and exact numbers by key: nested tuples of 2, '1/3' and 'log(2)'.

    The sizes of every array in `values` are among `sizes`.
    """

    sizes: Mapping[str, int] = {}
    values: Mapping[str, Value] = {}
    variant: str = ""

    def __bool__(self) -> bool:
        return bool(self.sizes or self.values)


NOTHING = Given()


def check_given(problem: Problem, entries: object) -> Given:
    """The entries of a JSON object as a Given. Raises UsageError, naming the entry and what it should be."""
    if not isinstance(entries, Mapping):
        raise UsageError('--given: an object such as {"m": 4} is expected')
    variant = _variant(problem, entries) if problem.variants and "variant" in entries else ""
    if variant:
        problem = problem.called(variant)
        entries = {name: entry for name, entry in entries.items() if name != "variant"}
    if isinstance(problem.program, Network):
        return Given(values=written_instance(problem, entries, _of_layers), variant=variant)
    known = _givable(problem)
    sizes: dict[str, int] = {}
    said: dict[str, str] = {}
    values: dict[str, Value] = {}
    for name, entry in entries.items():
        tensor = known.get(str(name))
        if tensor is None:
            raise UsageError(f"--given: {_unknown(problem, str(name), known)}")
        if isinstance(tensor.domain, Integers):
            sizes[tensor.key] = _size(tensor, entry)
            said[tensor.key] = f"given as {sizes[tensor.key]}"
    for name, entry in entries.items():
        tensor = known[str(name)]
        if not isinstance(tensor.domain, Integers):
            if tensor.key in values:
                raise UsageError(f"--given: '{tensor.key}' is given twice, once as '{name}'")
            values[tensor.key] = _array(tensor, tensor.shape, entry, str(name), sizes, said)
    return Given(sizes, values, variant)


def _of_layers(whole: Problem, entries: object) -> Mapping[str, Value]:
    given = check_given(whole, entries)
    return {**given.sizes, **given.values}


def _variant(problem: Problem, entries: Mapping[object, object]) -> str:
    names = [problem.variant, *problem.variants]
    chosen = entries["variant"]
    if chosen not in names:
        raise UsageError(f"--given: 'variant' is {_show(chosen)}; {problem.id} has {', '.join(names)}")
    return str(chosen)


def with_instance(problem: Problem, given: Given) -> Problem:
    """The problem with its worked instance replaced where `given` says so; what no longer fits is left out."""
    if not given:
        return problem
    known = _givable(problem)
    changed = {key for key, size in given.sizes.items() if problem.instance.get(key, size) != size}
    changed |= _implied(problem, known, given)
    kept = {
        key: value
        for key, value in problem.instance.items()
        if key not in changed and not (key in known and changed & _size_keys(known[key]))
    }
    return replace(problem, instance={**kept, **given.sizes, **given.values})


def _implied(problem: Problem, known: Mapping[str, Tensor], given: Given) -> set[str]:
    """Sizes that only the arrays of the default instance show, and that differ from the given ones."""
    found: set[str] = set()
    for key, value in problem.instance.items():
        lengths = value
        for axis in known[key].axes if key in known else ():
            if not isinstance(lengths, tuple):
                break
            size, more = _counted(axis.extent)
            count = len(lengths) - more
            if isinstance(size, Read) and given.sizes.get(size.tensor.key, count) != count:
                found.add(size.tensor.key)
            lengths = lengths[0] if lengths else ()
    return found


def _size_keys(tensor: Tensor) -> set[str]:
    return {axis.upper.tensor.key for axis in tensor.axes if isinstance(axis.upper, Read)}


def _givable(problem: Problem) -> dict[str, Tensor]:
    """What may be given, by each spelling: sizes, inputs, and the known derivative of the loss."""
    program = problem.program
    tensors = [*program.inputs()]
    found: dict[str, Tensor] = {}
    if program.through is not None:
        known = d(program.loss, program.through)
        tensors.append(known)
        found[f"d{program.through.key}"] = known
    for tensor in tensors:
        for spelling in (tensor.key, *tensor.name.spellings):
            found[spelling] = tensor
    return found


def _unknown(problem: Problem, name: str, known: Mapping[str, Tensor]) -> str:
    if any(tensor.key == name for tensor in problem.program.defined()):
        return f"'{name}' is computed by {problem.id}; give what it is computed from"
    keys = dict.fromkeys(tensor.key for tensor in known.values())
    near = did_you_mean(name, known, f". It takes {', '.join(keys)}.")
    return f"'{name}' is not something {problem.id} takes{near}"


def _size(tensor: Tensor, entry: object) -> int:
    lower = tensor.domain.lower if isinstance(tensor.domain, Integers) else 1
    if isinstance(entry, bool) or not isinstance(entry, int):
        raise UsageError(f"--given: '{tensor.key}' is a size, so a whole number is expected, not {_show(entry)}")
    if not lower <= entry <= MAX_SIZE:
        raise UsageError(f"--given: '{tensor.key}' is {_show(entry)}; it must be from {lower} to {MAX_SIZE}")
    return entry


def _array(
    tensor: Tensor, shape: tuple[Expr, ...], entry: object, place: str, sizes: dict[str, int], said: dict[str, str]
) -> Value:
    """A nested list checked against the shape; a length fixes a size that nothing fixed before."""
    if not shape:
        return _number(tensor, entry, place)
    if not isinstance(entry, list | tuple):
        kind = "list" if len(shape) == 1 else f"{len(shape)}-fold nested list"
        raise UsageError(f"--given: '{place}' is {_show(entry)}, but a {kind} of numbers is expected")
    length, more = _counted(shape[0])
    if isinstance(length, Read):
        key, least = length.tensor.key, f"{length.tensor.key}{f' + {more}' if more else ''}"
        if not entry:
            raise UsageError(f"--given: '{place}' is empty; {least} must be at least {1 + more}")
        if len(entry) <= more:
            raise UsageError(f"--given: '{place}' has length {len(entry)}; {least} must be at least {1 + more}")
        if sizes.setdefault(key, len(entry) - more) != len(entry) - more:
            expected = f"{least} is {sizes[key] + more}" if more else f"{key} is {said[key]}"
            raise UsageError(f"--given: '{place}' has length {len(entry)}, but {expected}")
        said.setdefault(key, f"{len(entry) - more}, the length of '{place}'{f' less {more}' if more else ''}")
    elif isinstance(length, Number) and length.value != len(entry):
        raise UsageError(f"--given: '{place}' has length {len(entry)}, but {length.value} is expected")
    return tuple(
        _array(tensor, shape[1:], item, f"{place}[{at}]", sizes, said) for at, item in enumerate(entry, start=1)
    )


def _counted(length: Expr) -> tuple[Expr, int]:
    """n + 1 as n and 1; anything else as it is, and 0."""
    match length:
        case Add((Read() as size, Number(more))) if more.denominator == 1:
            return size, int(more)
    return length, 0


def _number(tensor: Tensor, entry: object, place: str) -> Value:
    if isinstance(tensor.domain, Real) and isinstance(entry, str) and _LOGARITHM.fullmatch(entry):
        return entry
    value = _fraction(entry, place)
    if isinstance(tensor.domain, Positive) and value <= 0:
        raise UsageError(f"--given: '{place}' is {_show(entry)}; it must be positive")
    if isinstance(tensor.domain, NonNegative) and value < 0:
        raise UsageError(f"--given: '{place}' is {_show(entry)}; it must not be negative")
    return int(value) if value.denominator == 1 else str(value)


def _fraction(entry: object, place: str) -> Fraction:
    """An exact number; a float is taken as the decimal it prints as."""
    text = "" if isinstance(entry, bool) or not isinstance(entry, int | float | str | Fraction) else str(entry)
    if not _NUMBER.fullmatch(text) or re.search("/0+$", text):
        raise UsageError(f"--given: '{place}' is {_show(entry)}, but a number such as 2, 0.5 or \"1/3\" is expected")
    if len(text) > MAX_DIGITS or abs(int(text.lower().partition("e")[2] or 0)) > MAX_DIGITS:
        raise UsageError(f"--given: '{place}' is {_show(entry)}, a number of more than {MAX_DIGITS} digits")
    return Fraction(text)


def _show(entry: object) -> str:
    """As JSON spells it, shortened."""
    try:
        text = str(entry) if isinstance(entry, Decimal) else json.dumps(entry, default=str)
    except (ValueError, RecursionError):
        text = "nested too deeply"
    return text if len(text) <= 40 else text[:37] + "..."
