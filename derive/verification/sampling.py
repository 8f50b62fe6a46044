"""Concrete sizes at which the networks of a problem are counted: enough of each to fix a formula."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice, product
from math import prod

from derive.errors import UnsupportedError
from derive.language import layer as nouns
from derive.language.counting import Counting
from derive.language.expression import Expr, tensors_in
from derive.language.problem import Problem
from derive.verification.arithmetic import number
from derive.verification.recount import each, numbered, walk

MOST = 6000  # points of one claim
LONGEST = 400  # places of an axis that is traced
Sizes = Mapping[str, int]


class Sampling:
    """The networks of one problem at concrete sizes."""

    def __init__(self, problem: Problem) -> None:
        assert isinstance(problem.program, Counting)
        self.problem, self.program = problem, problem.program

    def network(self, name: str, sizes: Sizes) -> nouns.Network:
        return numbered(self.program.network(name), sizes, lambda expr, at: int(number(expr, at)))

    def symbols(self, name: str) -> tuple[str, ...]:
        return tuple(_symbols(self.program.network(name)))

    def spatial(self, name: str) -> tuple[str, ...]:
        found: dict[str, object] = {}
        for size in self.program.network(name).input.spatial:
            if isinstance(size, Expr):
                found.update(tensors_in(size))
        return tuple(found)

    def instance(self, name: str) -> Sizes:
        """The sizes of the worked instance, or the first ones at which the network works."""
        first = next(iter(self.grid(name)))
        given = {key: size for key, size in self.problem.instance.items() if key in first and isinstance(size, int)}
        return {**{key: size for key, size in self.problem.instance.items() if isinstance(size, int)}, **first, **given}

    def grid(self, name: str) -> Iterator[Sizes]:
        """So many values of each symbol that they fix the formula; one point without any."""
        network = self.program.network(name)
        symbols = _symbols(network)
        if not symbols:
            yield {}
            return
        base, period = self._base(name), _period(network)
        spatial = self.spatial(name)
        ranges = [
            range(base[s], base[s] + (degree + 1) * (period if s in spatial else 1)) for s, degree in symbols.items()
        ]
        if prod(map(len, ranges)) > MOST:
            raise UnsupportedError(f"it has too many symbolic sizes to be recounted: {', '.join(symbols)}")
        yield from (dict(zip(symbols, values, strict=True)) for values in islice(product(*ranges), MOST))

    def _base(self, name: str) -> dict[str, int]:
        """The least sizes at which the network works; all symbols of the image grow together."""
        lowest = dict.fromkeys(_symbols(self.program.network(name)), 2)
        for n in range(1, LONGEST):
            sizes = {**lowest, **dict.fromkeys(self.spatial(name), n)}
            found = walk_or_none(self.network(name, sizes))
            if found is not None:
                return sizes
        raise UnsupportedError("no image is large enough for its windows")


def walk_or_none(network: nouns.Network) -> object | None:
    """The lists of a network that works at these sizes."""
    found = walk(network)
    return found if all(n > 0 for seen in found for n in seen.spatial) else None


def _symbols(network: nouns.Network) -> dict[str, int]:
    """Each symbolic size with the highest power in which it can occur: once for each place where it stands."""
    found: dict[str, int] = {}

    def visit(item: object, times: int) -> None:
        if isinstance(item, Expr):
            for key in tensors_in(item):
                found[key] = found.get(key, 0) + times
        elif isinstance(item, tuple):
            for one in item:
                visit(one, times)
        elif isinstance(item, nouns.Layer | nouns.Features):
            dims = max(1, len(network.input.spatial))
            for field in item.__struct_fields__:
                one = getattr(item, field)
                if field in ("stride", "groups") and isinstance(one, Expr):
                    raise UnsupportedError(f"a {field} that is a symbol cannot be recounted for all its values")
                visit(one, 2 * dims if field in ("kernel", "dilation", "padding") else times)

    visit(network.batch, 1)
    visit(network.input, 1)
    visit(network.layers, 1)
    return found


def _period(network: nouns.Network) -> int:
    """After so many more inputs along an axis, every layer has as many more outputs as it must."""
    period = 1
    for layer in nouns.every_layer(network.layers):
        if isinstance(layer, nouns.Convolution | nouns.Pooling):
            strides = each(layer.kernel if layer.stride is None else layer.stride, 1)
            period *= max(strides) if max(strides) == min(strides) else prod(strides)
    return period
