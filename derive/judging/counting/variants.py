"""A layer as it would be with a mistake: what its letters and its counts come to then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import combinations
from itertools import product as each
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from derive.algebra.whole import Amount, as_expression, total, whole
from derive.engines.costs import SUMMED, counted, values
from derive.engines.faults import CHANGES, network_with
from derive.engines.ledger import Row, ledger, settled
from derive.engines.parameters import has_bias
from derive.engines.shapes import Flow, axes, laid_out, output, product
from derive.errors import DeriveError
from derive.judging.counting.letters import OUT, SYMBOLS, Role
from derive.judging.counting.places import Place, values_at
from derive.language.counting import CONVENTIONS, QUANTITIES, Choices, Count, Counting, chosen
from derive.language.expression import Expr
from derive.language.functions import ceil, floor
from derive.language.layer import Convolution, Layer, Linear, Network, Pooling

ENDS: tuple[tuple[Role, Role], ...] = (("width out", "width in"), ("height out", "height in"), ("size out", "size in"))
COUNTED = (*SUMMED, "values", "inputs", "ops")


class Variant(Struct, frozen=True):
    """`row` is the layer with the mistake in it, `values` what the letters stand for there."""

    kind: str
    row: Row
    values: Mapping[Role, Expr]
    counts: Mapping[str, Expr] = {}


def generic(*, linear: bool = False, square: bool = False) -> Place:
    """Any layer with one letter for each of its numbers: what is true of it is true for all sizes."""
    spatial: tuple[Role, ...] = () if linear else ("size in", "size in") if square else ("height in", "width in")
    into = Flow(whole(SYMBOLS["channels in"]), tuple(whole(SYMBOLS[role]) for role in spatial))
    layer: Convolution | Linear = Convolution(name="", channels=SYMBOLS["channels out"], kernel=SYMBOLS["kernel"],
                                              stride=SYMBOLS["stride"], padding=SYMBOLS["padding"])  # fmt: skip
    if linear:
        layer = Linear(name="", units=SYMBOLS["channels out"])
    one = settled(layer)
    return Place("", 0, Row(one, into, output(one, into)), "", layer)


def quantity(what: str, row: Row, choices: Choices) -> Expr:
    """One count of one layer."""
    if what == "values":
        return as_expression(values(row.out))
    if what == "inputs":
        return as_expression(values(row.into))
    if what == "ops":
        if chosen(choices, "operations") == "separate":
            return as_expression(counted("muls", row, choices) + counted("adds", row, choices))
        return as_expression(counted("madds", row, choices))
    return as_expression(counted(what, row, choices))


def conventions(what: str, row: Row, choices: Choices) -> Iterator[tuple[Choices, Expr]]:
    """What the count comes to under the conventions in force, then under all others that can be counted by."""
    fields = ("operations", "additions", "bias") if what == "ops" else QUANTITIES[what][1]
    options = [dict(zip(fields, some, strict=True)) for some in each(*(CONVENTIONS[f] for f in fields))]
    changes = [{f: o for f, o in one.items() if o != chosen(choices, f)} for one in options]
    for change in sorted(changes, key=lambda change: (len(change), "as given" in change.values())):
        with suppress(DeriveError):
            yield change, quantity(what, row, {**choices, **change})
    if what == "ops":
        with suppress(DeriveError):
            yield {"operations": "separate"}, as_expression(2 * counted("muls", row, choices))


def of_any_size(place: Place) -> Place | None:
    """The same layer for an image of any size; None where it has a row of features before it."""
    if not place.row.into.spatial:
        return None
    square = len(set(map(str, place.row.into.spatial))) == 1
    roles: tuple[Role, ...] = ("size in",) if square else ("height in", "width in")
    spatial = tuple(
        whole(SYMBOLS[role]) for role in (roles * len(place.row.into.spatial))[-len(place.row.into.spatial) :]
    )
    into = place.row.into._replace(spatial=spatial)
    try:
        return Place("", 0, place.row._replace(into=into, out=output(place.layer, into)), "", place.raw)
    except DeriveError:
        return None


def variants(
    place: Place, network: Network | None, what: str = "", choices: Choices = MappingProxyType({})
) -> Iterator[Variant]:
    """The layer with each mistake, then the network with it in every layer, then slips in the rule itself.

    `what` is counted there, and may be counted wrongly too.
    """
    row = place.row
    for fault, change in CHANGES.items():
        with suppress(DeriveError):
            layer = settled(change(place.raw))
            yield _variant(fault, row._replace(layer=layer, out=output(layer, row.into)))
    for words, rows in _changed_everywhere(_Held(network)) if network is not None else ():
        yield _variant(words, rows[place.number])
    yield from _slips(row)
    if what:
        with suppress(DeriveError):
            for kind, value in miscounts([row], what, choices):
                yield Variant(kind, row, values_at(row), {what: value})


def miscounts(rows: Sequence[Row], what: str, choices: Choices) -> Iterator[tuple[str, Expr]]:
    """The right layers, counted by a wrong rule."""

    def counted_(over: Sequence[Row], **other: str) -> Amount:
        return total(whole(quantity(what, row, {**choices, **other})) for row in over)

    weighted = [row for row in rows if isinstance(row.layer, Convolution | Linear)]
    right = counted_(rows)
    if what in ("params", "conns"):
        bare = counted_(rows, bias="without")
        yield "bias forgotten", as_expression(bare)
        yield "bias counted", as_expression(counted_(rows, bias="with"))
        for row in _biased(rows, choices) if len(rows) > 1 else ():
            yield "bias forgotten in one layer", as_expression(right - _biases(row, what))
        yield "bias once a layer", as_expression(right - total(row.out.channels - 1 for row in _biased(rows, choices)))
        yield "bias for each input", as_expression(bare + total(_inputs(row, what) for row in weighted))
    if what == "params":
        places = total(row.out.channels * (product(row.out.spatial) - 1) for row in _biased(rows, choices))
        yield "bias at each position", as_expression(right + places)
        taps = total(_taps(row) * row.out.channels for row in _convolutions(rows))
        yield "bias for each tap", as_expression(bare + taps)
    if what == "madds":
        yield "MAC = 2 FLOP", as_expression(2 * right)
    if what in ("madds", "muls", "conns", "adds", "ops"):
        yield "MAC = 2 FLOP inverted", as_expression(right) / 2
    if what in SUMMED and (convolutions := _convolutions(rows)):
        for kind, moved in (("places forgotten", lambda row: (1,) * len(row.out.spatial)),
                            ("size of the input for that of the output", lambda row: row.into.spatial)):  # fmt: skip
            yield kind, as_expression(counted_([row._replace(out=Flow(row.out.channels, moved(row)))
                                                if row in convolutions else row for row in rows]))  # fmt: skip
        kernel = values_at(rows[0]).get("kernel") if len(rows) == 1 else None
        if kernel is not None and len(rows[0].into.spatial) == 2:
            yield "kernel along one axis", as_expression(right) / kernel
    if pools := [row for row in rows if isinstance(row.layer, Pooling)]:
        yield "pooling counted", as_expression(right + total(_pooled(row, what) for row in pools))


def _convolutions(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if isinstance(row.layer, Convolution) and row.out.spatial]


def _biased(rows: Sequence[Row], choices: Choices) -> list[Row]:
    return [row for row in rows if isinstance(row.layer, Convolution | Linear) and has_bias(row.layer, choices)]


def _biases(row: Row, what: str) -> Amount:
    """One for each output channel, of a connection at each place."""
    return whole(row.out.channels) * (product(row.out.spatial) if what == "conns" else 1)


def _inputs(row: Row, what: str) -> Amount:
    """One for each input channel, of a connection at each place."""
    return whole(row.into.channels) * (product(row.out.spatial) if what == "conns" else 1)


def _taps(row: Row) -> Amount:
    assert isinstance(row.layer, Convolution | Pooling)
    return whole(product(tuple(axis.kernel for axis in axes(row.layer, row.into))))


def _pooled(row: Row, what: str) -> Amount:
    """A pooling window counted like the window of a convolution; its outputs, like those of an activation."""
    taps = 1 if what == "acts" else _taps(row)
    return whole(row.out.channels) * taps * (1 if what == "params" else product(row.out.spatial))


def miscounted(program: Counting, wants: Count, choices: Choices, right: Expr) -> Iterator[tuple[str, Expr]]:
    """What a part comes to when it is counted by a wrong rule, or when its windows are placed by one."""
    network = program.network(wants.network)
    rows = [row for row in ledger(network) if row.belongs(wants.layer)]
    if wants.what in SUMMED:
        with suppress(DeriveError):
            yield from ((kind, value) for kind, value in miscounts(rows, wants.what, choices) if value != right)
        if wants.layer and len(rows) == 1:
            for channels in dict.fromkeys(row.into.channels for row in ledger(network) if row is not rows[0]):
                with suppress(DeriveError):
                    moved = rows[0]._replace(into=rows[0].into._replace(channels=channels))
                    yield "input channels of another layer", quantity(wants.what, moved, choices)
    if wants.what == "shape" and len(rows) == 1 and rows[0].into.spatial:
        for variant in _windows(rows[0]):
            spatial = [variant.values[role] for role in OUT[:2][-len(rows[0].out.spatial) :] if role in variant.values]
            if len(spatial) == len(rows[0].out.spatial):
                yield variant.kind, laid_out(network, Flow(rows[0].out.channels, tuple(map(whole, spatial))), choices)


def everywhere(program: Counting) -> Iterator[tuple[str, Counting]]:
    """The networks with a mistake, or with two, in every layer."""
    for faults in (*combinations(CHANGES, 1), *combinations(CHANGES, 2)):
        networks = dict(program.networks)
        with suppress(DeriveError):
            for fault in faults:
                networks = {name: network_with(fault, network) for name, network in networks.items()}
            yield f"{' and '.join(faults)} in every layer", replace(program, networks=networks)


@lru_cache(maxsize=64)
def _changed_everywhere(held: _Held) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    found = []
    for words, program in everywhere(Counting({"": held.network})):
        with suppress(DeriveError):
            found.append((words, ledger(program.network(""))))
    return tuple(found)


class _Held:
    """A network by identity."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def __hash__(self) -> int:
        return id(self.network)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.network is self.network


def _variant(kind: str, row: Row) -> Variant:
    return Variant(kind, row, values_at(row))


def _slips(row: Row) -> Iterator[Variant]:
    """The window's rule with one thing wrong, and counts with a factor left out."""
    if isinstance(row.layer, Convolution) and row.into.spatial:
        yield from _windows(row)
    one = row._replace(into=row.into._replace(channels=1), layer=_alone(row))
    yield _variant("input channels forgotten", one)
    if isinstance(row.layer, Convolution | Linear):
        with suppress(DeriveError):
            yield _variant("output channels forgotten", row._replace(out=row.out._replace(channels=1)))


def _alone(row: Row) -> Layer:
    layer = row.layer
    if isinstance(layer, Convolution) and (layer.table or layer.groups != 1):
        return replace(layer, groups=1, channels_in=None, table=())
    return layer


def _windows(row: Row) -> Iterator[Variant]:
    found = values_at(row)
    if not {"kernel", "stride", "padding"} <= set(found):
        return
    kernel, stride, padding = found["kernel"], found["stride"], found["padding"]
    sizes = {out: found[into] for out, into in ENDS if into in found}
    ways: dict[str, Callable[[Expr], Expr]] = {
        "not rounded down": lambda n: (n + 2 * padding - kernel) / stride + 1,
        "padding counted once": lambda n: (n + padding - kernel) / stride + 1,
        "one forgotten": lambda n: (n + 2 * padding - kernel) / stride,
        "one too many": lambda n: (n + 2 * padding - kernel) / stride + 2,
        "kernel forgotten": lambda n: (n + 2 * padding) / stride + 1,
        "rounded up": lambda n: ceil((n + 2 * padding - kernel) / stride) + 1,
        "padded": lambda n: (n - 1) / stride + 1,
        "sign of the padding": lambda n: (n - 2 * padding - kernel) / stride + 1,
    }
    for kind, rule in ways.items():
        outs = {out: rule(n) for out, n in sizes.items()}
        yield Variant(kind, row, {**found, **outs})
        yield Variant(kind, row, {**found, **{out: floor(value) for out, value in outs.items()}})
