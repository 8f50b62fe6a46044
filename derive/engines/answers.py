"""Question about a network -> its answer under given conventions, as an expression."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from derive.algebra.whole import Amount, as_expression, exact, total, whole
from derive.engines.costs import SUMMED, counted, values
from derive.engines.fields import Reach, chain, fields, seen_from
from derive.engines.forward import as_formula
from derive.engines.ledger import Row, ledger
from derive.engines.shapes import Flow, laid_out
from derive.errors import AuthorError, UnsupportedError
from derive.language.answers import Region, Shape, Span
from derive.language.counting import QUANTITIES, Choices, Count, Counting, chosen
from derive.language.expression import Expr, Index
from derive.language.layer import Convolution, Linear, Network, Normalization, Stated


class Counter:
    """The networks of one problem, each walked once for every way of counting."""

    def __init__(self, program: Counting) -> None:
        self.program = program
        self.rows = cache(lambda name: ledger(program.network(name)))

    def answer(self, wants: Count, choices: Choices) -> Expr:
        """What is asked, under these choices."""
        network = self.program.network(wants.network)
        for one in network.stated:
            if (one.what, one.layer, dict(one.choices)) == (wants.what, wants.layer, dict(wants.choices)):
                return _as_stated(network, one, choices)
        rows = [row for row in self.rows(wants.network) if row.belongs(wants.layer)]
        if not rows and wants.what not in SUMMED:
            raise AuthorError(f"{wants.layer} has no layers, so there is no {QUANTITIES[wants.what][0]}")
        match wants.what:
            case "params" | "madds" | "muls" | "adds" | "acts" | "comps" | "conns":
                return as_expression(total(self.amounts(rows, wants, choices)))
            case "values":
                return as_expression(values(self.end(rows, wants)))
            case "inputs":
                return as_expression(values(rows[0].into))
            case "shape":
                return laid_out(network, self.end(rows, wants), choices)
            case "input":
                return laid_out(network, rows[0].into if wants.layer else self.rows(wants.network)[0].into, choices)
            case "weight" | "bias":
                return _learned(rows[-1], wants.what)
            case "mean" | "var":
                return statistics(network, rows[-1], choices)
            case "map":
                return as_formula(network, wants.called)[1]
            case "sees":
                return region(chain(network, wants.layer), wants, choices)
            case "field" | "jump" | "start":
                found = fields(chain(network, wants.layer), network.stated)
                sizes = [as_expression(getattr(f, {"field": "size"}.get(wants.what, wants.what))) for f in found]
                return sizes[0] if len(set(sizes)) == 1 else Shape(tuple(sizes))
        raise UnsupportedError(f"no rule counts {wants.what}")

    def amounts(self, rows: list[Row], wants: Count, choices: Choices) -> Iterator[Amount]:
        """The amounts that add up to a count: of each layer, or as it is stated of it or of what it is part of."""
        stated = {one.layer: one for one in self.program.network(wants.network).stated
                  if one.layer and one.what == wants.what and dict(one.choices) == dict(wants.choices)}  # fmt: skip
        told: set[str] = set()
        for row in rows:
            owner = next((name for name in (*row.inside, row.layer.name) if name in stated), None)
            if owner is None:
                yield counted(wants.what, row, choices)
            elif owner not in told:
                told.add(owner)
                yield whole(stated[owner].sizes[0])

    def end(self, rows: list[Row], wants: Count) -> Flow:
        """What comes out of the layer or branch that is asked about."""
        if not wants.layer or rows[-1].layer.name == wants.layer:
            return rows[-1].out
        own = [row for row in rows if row.inside and row.inside[-1] == wants.layer]
        return (own or rows)[-1].out


def _as_stated(network: Network, one: Stated, choices: Choices) -> Expr:
    if one.what == "shape":
        channels, *spatial = map(whole, one.sizes)
        return laid_out(network, Flow(channels, tuple(spatial)), choices)
    return one.sizes[0] if len(one.sizes) == 1 else Shape(one.sizes)


def _learned(row: Row, what: str) -> Shape:
    """The weight of a linear layer is inputs × units, since examples are rows; of a convolution C_out × C_in/g × k."""
    layer: Any = row.layer
    if isinstance(row.layer, Linear):
        sizes: tuple[Amount, ...] = (row.into.channels, layer.units) if what == "weight" else (layer.units,)
    elif isinstance(row.layer, Convolution):
        kernel = layer.kernel if isinstance(layer.kernel, tuple) else (layer.kernel,) * len(row.into.spatial)
        inner = exact(row.into.channels, layer.groups)
        sizes = (layer.channels, inner, *kernel) if what == "weight" else (layer.channels,)
    else:
        raise AuthorError(f"layer {layer.name} has no {what}")
    if what == "bias" and not layer.bias:
        raise AuthorError(f"layer {layer.name} has no bias")
    return Shape(tuple(map(as_expression, sizes)))


def statistics(network: Network, row: Row, choices: Choices) -> Shape:
    """What is averaged over becomes 1, or is left out; what each statistic belongs to stays."""
    if not isinstance(row.layer, Normalization):
        raise AuthorError(f"layer {row.layer.name} normalizes nothing; ask for the mean of a Normalization")
    over_batch = row.layer.over == "batch"
    batch = [(whole(network.batch), not over_batch)]
    channels = [(row.into.channels, over_batch)]
    places = [(n, False) for n in row.into.spatial]
    order = (
        [*batch, *places, *channels] if chosen(choices, "layout") == "channels last" else [*batch, *channels, *places]
    )
    if chosen(choices, "statistics") == "keepdims":
        return Shape(tuple(as_expression(size if kept else 1) for size, kept in order))
    return Shape(tuple(as_expression(size) for size, kept in order if kept))


def region(rows: tuple[Row, ...], wants: Count, choices: Choices, array: str = "X") -> Region:
    """The closed intervals of the array before these rows that the output at [k, i, j] depends on."""
    out, into = rows[-1].out, rows[0].into
    ends = (out.channels, *out.spatial)
    if len(wants.letters) != len(ends):
        raise AuthorError(f"{len(wants.letters)} letters are given for the {len(ends)} axes of {wants.layer}")
    letters = [whole(Index(name, as_expression(end))) for name, end in zip(wants.letters, ends, strict=True)]
    of = Reach((letters[0], letters[0]), tuple((letter, letter) for letter in letters[1:]))
    seen = seen_from(rows, of, chosen(choices, "borders") == "clipped")
    everything = seen.channels == (1, into.channels)
    spans = seen.places if everything else (seen.channels, *seen.places)
    return Region(array, tuple(Span(as_expression(a), as_expression(b)) for a, b in spans), whole=int(everything))
