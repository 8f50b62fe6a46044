"""A layer as it would be with a mistake: what its letters and its counts come to then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from itertools import combinations
from itertools import product as each
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from derive.algebra.whole import as_expression, whole
from derive.engines.costs import SUMMED, counted, values
from derive.engines.faults import CHANGES, network_with
from derive.engines.ledger import Row, ledger, settled
from derive.engines.shapes import Flow, output, product
from derive.errors import DeriveError
from derive.judging.count_letters import SYMBOLS, Role
from derive.judging.count_places import Place, values_at
from derive.language.counting import CONVENTIONS, QUANTITIES, Choices, chosen
from derive.language.expression import Expr
from derive.language.functions import ceil, floor
from derive.language.layer import Convolution, Layer, Linear, Network

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
    if network is not None:
        for count in (1, 2):
            for faults in combinations(CHANGES, count):
                with suppress(DeriveError):
                    rows = _everywhere(network, faults)
                    yield _variant(f"{' and '.join(faults)} in every layer", rows[place.number])
    yield from _slips(row)
    if what:
        yield from _miscounts(row, what, choices)


def _miscounts(row: Row, what: str, choices: Choices) -> Iterator[Variant]:
    """The right layer, counted by a wrong rule."""
    with suppress(DeriveError):
        right = quantity(what, row, choices)
        ways: dict[str, Expr] = {}
        if what == "params" and isinstance(row.layer, Convolution | Linear):
            channels = as_expression(row.out.channels)
            places = as_expression(product(row.out.spatial))
            ways["bias once a layer"] = right - channels + 1
            ways["bias at each position"] = right + channels * (places - 1)
        if what in ("madds", "muls", "conns", "adds", "ops"):
            ways["MAC = 2 FLOP inverted"] = right / 2
        if row.out.spatial and what in SUMMED and isinstance(row.layer, Convolution):
            ways["places forgotten"] = quantity(
                what, row._replace(out=Flow(row.out.channels, (1,) * len(row.out.spatial))), choices
            )
            ways["size of the input for that of the output"] = quantity(
                what, row._replace(out=Flow(row.out.channels, row.into.spatial)), choices
            )
            kernel = values_at(row).get("kernel")
            if kernel is not None and len(row.into.spatial) == 2:
                ways["kernel along one axis"] = right / kernel
        for kind, value in ways.items():
            yield Variant(kind, row, values_at(row), {what: value})


@lru_cache(maxsize=512)
def _faulty(network: _Held, faults: tuple[str, ...]) -> tuple[Row, ...]:
    found = network.network
    for fault in faults:
        found = network_with(fault, found)
    return ledger(found)


class _Held:
    """A network by identity."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def __hash__(self) -> int:
        return id(self.network)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.network is self.network


def _everywhere(network: Network, faults: tuple[str, ...]) -> tuple[Row, ...]:
    return _faulty(_Held(network), faults)


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
        "padding counted once": lambda n: (n + padding - kernel) / stride + 1,
        "one forgotten": lambda n: (n + 2 * padding - kernel) / stride,
        "one too many": lambda n: (n + 2 * padding - kernel) / stride + 2,
        "kernel forgotten": lambda n: (n + 2 * padding) / stride + 1,
        "rounded up": lambda n: ceil((n + 2 * padding - kernel) / stride) + 1,
        "sign of the padding": lambda n: (n - 2 * padding - kernel) / stride + 1,
    }
    for kind, rule in ways.items():
        outs = {out: rule(n) for out, n in sizes.items()}
        yield Variant(kind, row, {**found, **outs})
        yield Variant(kind, row, {**found, **{out: floor(value) for out, value in outs.items()}})
