"""Wrong ways of counting that occur, by name: what each does to the networks, or to the answer."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from derive.algebra.whole import as_expression, exact, total, whole
from derive.engines.costs import SUMMED, counted
from derive.engines.ledger import ledger
from derive.engines.shapes import laid_out, output, product
from derive.errors import AuthorError
from derive.language.counting import Count, Counting
from derive.language.expression import Expr
from derive.language.layer import Convolution, Layer, Linear, Network, Parallel, Pooling, Sequence
from derive.language.near import did_you_mean

Answer = Callable[[Counting], Expr]


def with_fault(fault: str, program: Counting, wants: Count, answer: Answer) -> Expr:
    """The answer that comes out with the fault."""
    if fault in CHANGES:
        here = wants.layer and (wants.what in SUMMED or wants.what == "shape")
        return _locally(program, wants, CHANGES[fault]) if here else answer(_changed(program, CHANGES[fault]))
    if fault not in SLIPS:
        known = [*CHANGES, *SLIPS]
        near = did_you_mean(fault, known, f". There are {', '.join(known)}.")
        raise AuthorError(f"there is no fault '{fault}'{near}")
    return SLIPS[fault](program, wants, answer)


def _stride(layer: Layer) -> Layer:
    return replace(layer, stride=1) if isinstance(layer, Convolution | Pooling) else layer


def _dilation(layer: Layer) -> Layer:
    return replace(layer, dilation=1) if isinstance(layer, Convolution | Pooling) else layer


def _groups(layer: Layer) -> Layer:
    return replace(layer, groups=1) if isinstance(layer, Convolution) else layer


def _padding(layer: Layer) -> Layer:
    return replace(layer, padding=0) if isinstance(layer, Convolution | Pooling) else layer


def _table(layer: Layer) -> Layer:
    return replace(layer, table=()) if isinstance(layer, Convolution) else layer


# a layer that is not what it was
CHANGES: dict[str, Callable[[Layer], Layer]] = {
    "stride forgotten": _stride,
    "dilation ignored": _dilation,
    "groups ignored": _groups,
    "padding forgotten": _padding,
    "table ignored": _table,
}


def _changed(program: Counting, change: Callable[[Layer], Layer]) -> Counting:
    networks = {name: replace(net, layers=tuple(_inside(one, change) for one in net.layers))
                for name, net in program.networks.items()}  # fmt: skip
    return replace(program, networks=networks)


def _locally(program: Counting, wants: Count, change: Callable[[Layer], Layer]) -> Expr:
    """Only the layers asked about are changed; what reaches them stays what it is."""
    network, choices = program.network(wants.network), {**program.choices, **wants.choices}
    rows = [row._replace(layer=change(row.layer)) for row in ledger(network) if row.belongs(wants.layer)]
    if wants.what == "shape":
        return laid_out(network, output(rows[-1].layer, rows[-1].into), choices)
    kinds = (Convolution, Linear, Pooling)
    moved = [row._replace(out=output(row.layer, row.into)) if isinstance(row.layer, kinds) else row for row in rows]
    return as_expression(total(counted(wants.what, row, choices) for row in moved))


def _inside(layer: Layer, change: Callable[[Layer], Layer]) -> Layer:
    if isinstance(layer, Sequence):
        return replace(layer, layers=tuple(_inside(one, change) for one in layer.layers))
    if isinstance(layer, Parallel):
        return replace(layer, branches=tuple(_inside(one, change) for one in layer.branches))
    return change(layer)


def _channels_forgotten(program: Counting, wants: Count, answer: Answer) -> Expr:
    """Every layer counted as if one map arrived."""
    choices = {**program.choices, **wants.choices}
    rows = [row for row in ledger(program.network(wants.network)) if row.belongs(wants.layer)]
    narrow = [row._replace(into=row.into._replace(channels=1), layer=_ungrouped(row.layer)) for row in rows]
    return as_expression(total(counted(wants.what, row, choices) for row in narrow))


def _ungrouped(layer: Layer) -> Layer:
    return replace(layer, groups=1, channels_in=None, table=()) if isinstance(layer, Convolution) else layer


def _bias_everywhere(program: Counting, wants: Count, answer: Answer) -> Expr:
    """A bias for each position instead of one for each map."""
    extra = whole(0)
    for row in ledger(program.network(wants.network)):
        if row.belongs(wants.layer) and isinstance(row.layer, Convolution | Linear) and row.layer.bias:
            extra = extra + row.out.channels * (product(row.out.spatial) - 1)
    return as_expression(whole(answer(program)) + extra)


def _bias_once(program: Counting, wants: Count, answer: Answer) -> Expr:
    """One bias for the whole layer instead of one for each map."""
    less = whole(0)
    for row in ledger(program.network(wants.network)):
        if row.belongs(wants.layer) and isinstance(row.layer, Convolution | Linear) and row.layer.bias:
            less = less + row.out.channels - 1
    return as_expression(whole(answer(program)) - less)


def _halved(program: Counting, wants: Count, answer: Answer) -> Expr:
    """MAC = 2 FLOP: halved where it should be doubled."""
    return as_expression(exact(whole(answer(program)), 2))


# an answer that is not what it was
SLIPS: dict[str, Callable[[Counting, Count, Answer], Expr]] = {
    "input channels forgotten": _channels_forgotten,
    "bias at each position": _bias_everywhere,
    "bias once a layer": _bias_once,
    "MAC = 2 FLOP inverted": _halved,
}


def network_with(fault: str, network: Network) -> Network:
    """The network with one of the changes, for those who count in it themselves."""
    return _changed(Counting({"": network}), CHANGES[fault]).network("")
