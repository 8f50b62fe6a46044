"""What a question comes to on a network whose sizes are numbers, from lists alone."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from derive.errors import UnsupportedError
from derive.language import layer as nouns
from derive.language.counting import Choices, Count, chosen
from derive.verification.arithmetic import Value
from derive.verification.recount import Seen, each, tally, walk, windows

ADDED_UP = ("params", "madds", "muls", "adds", "acts", "comps", "conns")


def expected(network: nouns.Network, wants: Count, choices: Choices) -> Value:
    """Raises UnsupportedError where nothing can be listed."""
    found = walk(network)
    own = [seen for seen in found if belongs(seen, wants.layer)]
    what = wants.what
    if what in ADDED_UP:
        return Fraction(sum(tally(what, seen, choices) for seen in own))
    if what == "input":
        start = own[0] if wants.layer else found[0]
        return _shape(network, start.channels_in, start.spatial_in, choices)
    if what in ("weight", "bias"):
        return _learned(own[-1], what)
    if what in ("mean", "var"):
        return _statistics(network, own[-1], choices)
    if what == "inputs":
        return Fraction(own[0].channels_in * prod(own[0].spatial_in))
    end = own[-1]
    if wants.layer and any(seen.layer.name == wants.layer for seen in own):
        end = next(seen for seen in own if seen.layer.name == wants.layer)
    if what == "values":
        return Fraction(end.values)
    if what == "shape":
        return _shape(network, end.channels, end.spatial, choices)
    raise UnsupportedError(f"nothing lists {what}")


def belongs(seen: Seen, name: str) -> bool:
    return not name or seen.layer.name == name or name in seen.inside


def _exact(sizes: tuple[int, ...]) -> Value:
    return tuple(Fraction(size) for size in sizes)


def _shape(network: nouns.Network, channels: int, spatial: tuple[int, ...], choices: Choices) -> Value:
    first = (int(network.batch),) if network.batch != 1 else ()  # type: ignore[arg-type]
    rest = (*spatial, channels) if chosen(choices, "layout") == "channels last" else (channels, *spatial)
    return _exact((*first, *rest))


def _learned(seen: Seen, what: str) -> Value:
    layer = seen.layer
    if what == "bias":
        return _exact((seen.channels,))
    if isinstance(layer, nouns.Linear):
        return _exact((seen.channels_in, seen.channels))
    assert isinstance(layer, nouns.Convolution)
    share = len(range(0, seen.channels_in, int(layer.groups)))  # type: ignore[arg-type]
    return _exact((seen.channels, share, *each(layer.kernel, len(seen.spatial_in))))


def _statistics(network: nouns.Network, seen: Seen, choices: Choices) -> Value:
    """An axis stays where moving along it leads to an entry that is normalized with another mean."""
    layer = seen.layer
    assert isinstance(layer, nouns.Normalization)
    sizes = {"n": int(network.batch), "c": seen.channels_in}  # type: ignore[arg-type]
    sizes |= {f"x{a}": n for a, n in enumerate(seen.spatial_in)}
    places = [name for name in sizes if name[0] == "x"]
    order = ["n", *places, "c"] if chosen(choices, "layout") == "channels last" else ["n", "c", *places]

    def owner(entry: dict[str, int]) -> int:
        return entry["c"] if layer.over == "batch" else entry["n"]

    zero = dict.fromkeys(sizes, 0)
    kept = [name for name in order if owner({**zero, name: 1}) != owner(zero)]
    if chosen(choices, "statistics") == "squeezed":
        return _exact(tuple(sizes[name] for name in kept))
    return _exact(tuple(sizes[name] if name in kept else 1 for name in order))


# -- what an output sees -----------------------------------------------------------------------------------------------


class Traced:
    """For every place of the output along one axis, the places that it depends on of the input, or of another array."""

    def __init__(self, network: nouns.Network, wants: Count, axis: int, array: str = "X") -> None:
        found = until(network, wants.layer)
        after = next((n for n, seen in enumerate(found, 1) if seen.layer.name == array), 0)
        self.n = found[after - 1].spatial[axis] if after else found[0].spatial_in[axis]
        sets = [frozenset((place,)) for place in range(1, self.n + 1)]
        for seen in found[after:]:
            if isinstance(seen.layer, nouns.Convolution | nouns.Pooling):
                sets = [frozenset().union(*(sets[r - 1] for r in touch.reads if r is not None))
                        for touch in seen.axes[axis]]  # fmt: skip
        self.sets = sets


def until(network: nouns.Network, name: str) -> list[Seen]:
    """The chain up to the layer of that name."""
    found = walk(network)
    if any(isinstance(seen.layer, nouns.Parallel | nouns.Linear | nouns.Flatten) for seen in found):
        raise UnsupportedError("only chains of convolutions and pooling are traced")
    last = max((n for n, seen in enumerate(found) if belongs(seen, name)), default=len(found) - 1)
    exact = [n for n, seen in enumerate(found) if name and seen.layer.name == name]
    return found[: (exact[0] if exact else last) + 1]


def channels_seen(network: nouns.Network, wants: Count, channel: int) -> frozenset[int]:
    """The channels of the input that one output channel depends on."""
    wanted = frozenset((channel,))
    for seen in reversed(until(network, wants.layer)):
        layer = seen.layer
        if isinstance(layer, nouns.Convolution):
            wanted = frozenset().union(*(_read(layer, seen, one) for one in wanted))
    return wanted


def _read(layer: nouns.Convolution, seen: Seen, channel: int) -> frozenset[int]:
    if layer.table:
        return frozenset(layer.table[channel - 1])
    groups = int(layer.groups)  # type: ignore[arg-type]
    width = seen.channels_in // groups
    blocks = [range(1 + g * width, 1 + (g + 1) * width) for g in range(groups)]
    outputs = [block for block in blocks for _ in range(seen.channels // groups)]
    return frozenset(outputs[channel - 1])


def interior(network: nouns.Network, wants: Count) -> list[tuple[int, int, int]]:
    """Size, jump and start along each axis, read off outputs whose windows touch no padding in a large enough input."""
    found = until(network, wants.layer)
    reach = 1
    for seen in found:
        if seen.axes:
            layer = seen.layer
            assert isinstance(layer, nouns.Convolution | nouns.Pooling)
            dims = len(seen.spatial_in)
            widths = [k * d for k, d in zip(each(layer.kernel, dims), each(layer.dilation, dims), strict=True)]
            strides = each(layer.kernel if layer.stride is None else layer.stride, dims)
            reach = reach * max(1, *strides) + max(widths) * 4
    return [_measured(found, axis, 6 * reach + 20) for axis in range(len(found[0].spatial_in))]


def _measured(found: list[Seen], axis: int, n: int) -> tuple[int, int, int]:
    """Follows the first and last tap of two neighbours in the middle of a long axis."""
    touches: list[list[tuple[int | None, ...]]] = []
    length = n
    for seen in found:
        layer = seen.layer
        if isinstance(layer, nouns.Convolution | nouns.Pooling):
            dims = len(seen.spatial_in)
            k, d = (each(field, dims)[axis] for field in (layer.kernel, layer.dilation))
            s = each(layer.kernel if layer.stride is None else layer.stride, dims)[axis]
            if isinstance(layer.padding, str):
                if layer.padding == "same" and s != 1:
                    raise UnsupportedError('the zeros of "same" depend on the input when the stride is not 1')
                zeros = (k - 1) * d if layer.padding == "same" else 0
                before, after = zeros // 2, zeros - zeros // 2
            else:
                before = after = each(layer.padding, dims)[axis]
            laid = [touch.reads for touch in windows(length, k, s, d, before, after)]
            touches.append(laid)
            length = len(laid)
    middle = length // 2
    spans = []
    for place in (middle, middle + 1):
        ends = {place}
        for laid in reversed(touches):
            ends = {read for end in (min(ends), max(ends)) for read in laid[end - 1] if read is not None}
        spans.append((min(ends), max(ends)))
    (low, high), (next_low, _) = spans
    jump = next_low - low
    return high - low + 1, jump, low - (middle - 1) * jump


def small_numbers(key: str, at: tuple[int, ...]) -> Fraction:
    """Entries for a network that is worked out: small whole numbers of both signs, different for each place."""
    return Fraction((7 * sum(map(ord, key)) + sum((5 * n + 3) * k for n, k in enumerate(at, 1))) % 11 - 5)


def worked_out(network: nouns.Network, row: int) -> list[Fraction]:
    """One row of the output, layer by layer, with these numbers."""
    now = [small_numbers("X", (row, j)) for j in range(1, int(network.input.channels) + 1)]  # type: ignore[arg-type]
    for layer in network.layers:
        if isinstance(layer, nouns.Linear):
            weight, bias = f"W_{layer.name}", f"b_{layer.name}"
            following = []
            for unit in range(1, int(layer.units) + 1):  # type: ignore[arg-type]
                met = sum((x * small_numbers(weight, (j, unit)) for j, x in enumerate(now, 1)), Fraction(0))
                following.append(met + (small_numbers(bias, (unit,)) if layer.bias else 0))
            now = following
        elif isinstance(layer, nouns.Activation) and layer.function == "relu":
            now = [x if x > 0 else Fraction(0) for x in now]
        else:
            raise UnsupportedError(f"layer {layer.name} is not worked out")
    return now
