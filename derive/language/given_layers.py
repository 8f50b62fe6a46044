"""What a caller gives of a network: how many layers, how wide, and any of their numbers; the rest is filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import cycle

from derive.errors import UsageError
from derive.language.domain import Integers
from derive.language.expression import Expr, Number, Read
from derive.language.network import MAX_DEPTH, Network
from derive.language.notation import Level, Name
from derive.language.problem import Problem
from derive.language.question import Value
from derive.language.tensor import Tensor

WIDTHS = "widths"
MAX_WIDTH = 16
MAX_NUMBERS = 300  # the instance is printed in full


def written_instance(
    problem: Problem, entries: Mapping[object, object], check: Callable[[Problem, object], Mapping[str, Value]]
) -> dict[str, Value]:
    """A complete instance of the network: {L: 2, A_1: ..., b_1: ..., ...}.

    `check` reads what is given of a network written out. Raises UsageError for depths and widths that cannot be.
    """
    network = problem.program
    assert isinstance(network, Network)
    depth, widths = _sizes(problem, network, entries)
    counted = (network.depth.key, WIDTHS)
    whole = problem.composed(depth)
    rest = {key: value for key, value in entries.items() if key not in counted}
    said = WIDTHS in entries  # otherwise the arrays may say how wide a layer is
    sized: dict[object, object] = {key: width for key, width in widths.items() if said and key in _keys(whole)}
    given = check(whole, sized | rest)
    found: dict[str, Value] = {network.depth.key: depth}
    for tensor in whole.program.inputs():
        if not isinstance(tensor.domain, Integers):
            shape = tuple(_extent(size, {**widths, **_lengths(given)}) for size in tensor.shape)
            found[tensor.key] = given.get(tensor.key) or _filled(problem, tensor, shape)
    numbers = sum(len(_leaves(value)) for value in found.values())
    if numbers > MAX_NUMBERS:
        raise UsageError(
            f"--given: a network of {depth} layers with the widths {', '.join(map(str, widths.values()))} has {numbers}"
            f" numbers, and they are printed in full; choose a smaller one, of at most {MAX_NUMBERS}"
        )
    return found


def _keys(whole: Problem) -> set[str]:
    return {tensor.key for tensor in whole.program.inputs()}


def _lengths(given: Mapping[str, Value]) -> dict[str, int]:
    return {key: value for key, value in given.items() if isinstance(value, int)}


def _sizes(problem: Problem, network: Network, entries: Mapping[object, object]) -> tuple[int, dict[str, int]]:
    """The number of layers, and the width of each, the input's first."""
    key, default = network.depth.key, _default_widths(problem, network)
    given = entries.get(WIDTHS)
    if given is None:
        depth = _whole(key, entries.get(key, len(default) - 1), MAX_DEPTH)
        inner = [width for _, width in zip(range(depth), cycle(default[:-1]), strict=False)]
        widths = [*inner, default[-1]]
    else:
        if not isinstance(given, list | tuple) or len(given) < 2:
            raise UsageError(
                f'--given: "{WIDTHS}" must list the width of the input and of every layer, as in [3, 2, 1]'
            )
        widths = [_whole(WIDTHS, width, MAX_WIDTH) for width in given]
        depth = _whole(f"the number of layers in {WIDTHS}", len(widths) - 1, MAX_DEPTH)
        if entries.get(key, depth) != depth:
            raise UsageError(f"--given: '{key}' is {entries[key]}, but \"{WIDTHS}\" has {depth} layers after the input")
    last = network.fixed.get(network.last_layer)
    if last is not None and widths[-1] != last:
        raise UsageError(f"--given: the last layer of {problem.id} has width {last}, not {widths[-1]}")
    size = next(t.name for t in network.inputs() if isinstance(t.domain, Integers) and _is_width(t))
    assert isinstance(size, Name)
    return depth, {_numbered(size, number): width for number, width in enumerate(widths)}


def _is_width(tensor: Tensor) -> bool:
    return isinstance(tensor.name, Name) and tensor.name.level is not None


def _numbered(name: Name, number: int) -> str:
    return Name(name.base, name.accent, name.sub, name.sup, name.primes, name.text, level=Level("", number)).key


def _whole(place: str, entry: object, most: int) -> int:
    if isinstance(entry, bool) or not isinstance(entry, int) or not 1 <= entry <= most:
        raise UsageError(f"--given: '{place}' is {entry}; it must be a whole number from 1 to {most}")
    return entry


def _default_widths(problem: Problem, network: Network) -> list[int]:
    """Read off the default instance: the columns of the first matrix, then the entries of every layer's vector."""
    depth = problem.instance.get(network.depth.key, 2)
    assert isinstance(depth, int)
    whole = problem.composed(depth)
    found: dict[str, int] = {}
    for tensor in whole.program.inputs():
        value: object = problem.instance.get(tensor.key)
        for size in tensor.shape:
            if isinstance(value, tuple):
                key = size.tensor.key if isinstance(size, Read) else ""
                found.setdefault(key, len(value))
                value = value[0]
    widths = [found.get(t.key, 2) for t in sorted(_sized(whole), key=lambda t: t.name.level.offset)]  # type: ignore[union-attr]
    last = network.fixed.get(network.last_layer)
    return widths if last is None else [*widths, last]


def _sized(whole: Problem) -> Iterator[Tensor]:
    yield from (t for t in whole.program.inputs() if isinstance(t.domain, Integers) and _is_width(t))


def _extent(size: Expr, widths: Mapping[str, int]) -> int:
    if isinstance(size, Number):
        return int(size.value)
    assert isinstance(size, Read)
    return widths[size.tensor.key]


def _filled(problem: Problem, tensor: Tensor, shape: tuple[int, ...]) -> Value:
    """Numbers of the default instance: those of the same family, this layer's first."""
    own = _leaves(problem.instance.get(tensor.key))
    family = [key for key in problem.instance if key.rpartition("_")[0] == tensor.key.rpartition("_")[0]]
    pool = own + [leaf for key in family for leaf in _leaves(problem.instance[key])]
    numbers: Iterator[Value] = cycle(pool or [1, -1, "1/2"])

    def nested(lengths: tuple[int, ...]) -> Value:
        return tuple(nested(lengths[1:]) for _ in range(lengths[0])) if lengths else next(numbers)

    return nested(shape)


def _leaves(value: Value | None) -> list[int | str]:
    if isinstance(value, tuple):
        return [leaf for item in value for leaf in _leaves(item)]
    return [] if value is None else [value]
