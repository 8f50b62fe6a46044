"""The program of a counting problem: networks, the conventions under which they are counted, and what is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from msgspec import Struct

from derive.errors import AuthorError
from derive.language.expression import Expr, Operand, tensors_in
from derive.language.layer import Features, Layer, Network, every_layer
from derive.language.near import did_you_mean
from derive.language.program import NO_LOSS, Equation, Subject
from derive.language.tensor import Tensor
from derive.language.typed import check_types

# field -> option -> what it says. The first option of each is the default of a problem that says nothing else.
CONVENTIONS: Mapping[str, Mapping[str, str]] = {
    "bias": {
        "as given": "each layer has the bias it is given",
        "with": "every convolution and every linear layer has a bias",
        "without": "no layer has a bias",
    },
    "additions": {
        "K - 1": "K products are added with K − 1 additions, and a bias is one more",
        "K": "each of K products is added to a sum that starts from zero, and a bias is one more",
    },
    "operations": {
        "multiply-adds": "a multiplication with its addition is one operation",
        "separate": "multiplications and additions are counted one by one, so a multiply-add is two",
    },
    "padding": {
        "counted": "products with the zeros of the padding are counted",
        "skipped": "products with the zeros of the padding are left out",
    },
    "pooling": {
        "free": "a pooling window costs nothing",
        "inputs": "a pooling window costs as much as it has inputs",
    },
    "layout": {"channels last": "N × H × W × C", "channels first": "N × C × H × W"},
    "statistics": {
        "keepdims": "an axis that is averaged over stays, with size 1",
        "squeezed": "an axis that is averaged over is left out",
    },
    "borders": {
        "dropped": "the window from its first to its last tap; indices outside the array are padding and drop out",
        "clipped": "from the first to the last entry that counts, with max and min at the borders",
    },
}
Choices: TypeAlias = Mapping[str, str]  # field -> option


def chosen(choices: Choices, field: str) -> str:
    """The option in force: the one chosen, else the default."""
    return choices.get(field, next(iter(CONVENTIONS[field])))


# what can be counted -> the words for it, and the conventions on which it may depend
QUANTITIES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "params": ("parameters", ("bias",)),
    "madds": ("multiply-adds", ("operations", "padding")),
    "muls": ("multiplications", ("padding",)),
    "adds": ("additions", ("additions", "bias", "padding")),
    "acts": ("evaluations of an activation function", ()),
    "comps": ("comparisons", ()),
    "conns": ("connections", ("bias", "pooling")),
    "values": ("values in the output", ()),
    "inputs": ("values in the input", ()),
    "shape": ("shape of the output", ("layout",)),
    "input": ("shape of the input", ("layout",)),
    "weight": ("shape of the weight", ()),
    "bias": ("shape of the bias", ()),
    "mean": ("shape of the mean", ("statistics", "layout")),
    "var": ("shape of the variance", ("statistics", "layout")),
    "sees": ("what one output depends on", ("borders",)),
    "field": ("size of the receptive field", ()),
    "jump": ("steps in the input per step in the output", ()),
    "start": ("first input that the first output looks at", ()),
    "map": ("the whole network as one formula", ()),
}


class Count(Struct, frozen=True):
    """One quantity of a layer, or of everything in it; without a layer, of the whole network.

    `choices` are the conventions that this question fixes; they override those of the problem. `letters` are the names
    of the output's indices, for what it sees; `called` is the printed name of what is asked about.
    """

    what: str
    layer: str = ""
    network: str = ""
    choices: Choices = {}
    letters: tuple[str, ...] = ("k", "i", "j")
    called: str = ""

    def __post_init__(self) -> None:
        check_types(self)
        if self.what not in QUANTITIES:
            near = did_you_mean(self.what, QUANTITIES, f". There are {', '.join(QUANTITIES)}.")
            raise AuthorError(f"'{self.what}' is nothing that can be counted{near}")


class Ratio(Struct, frozen=True):
    """a : b : ... of the answers to other parts, in lowest terms."""

    parts: tuple[str, ...]

    def __post_init__(self) -> None:
        check_types(self)


class Counting(Struct, Subject, frozen=True):
    """Networks by a short name, and the conventions in force where a question does not say otherwise.

    `names` are what a problem calls its sizes; they are printed as they are.
    """

    networks: Mapping[str, Network]
    choices: Choices = {}
    loss: Tensor = NO_LOSS
    through: None = None
    equations: tuple[Equation, ...] = ()

    def __post_init__(self) -> None:
        check_types(self)
        if not self.networks:
            raise AuthorError("a counting problem needs at least one network")
        check_choices(self.choices)

    def network(self, name: str) -> Network:
        """The one of that name; '' is the first."""
        if name and name not in self.networks:
            near = did_you_mean(name, self.networks, f". There are {', '.join(self.networks)}.")
            raise AuthorError(f"there is no network '{name}'{near}")
        return self.networks[name or next(iter(self.networks))]

    def inputs(self) -> tuple[Tensor, ...]:
        """The sizes that are symbols."""
        found: dict[str, Tensor] = {}
        for network in self.networks.values():
            for value in (network.batch, network.input, *every_layer(network.layers)):
                for expr in _expressions(value):
                    found.update(tensors_in(expr))
        return tuple(found.values())

    def defined(self) -> tuple[Tensor, ...]:
        return ()

    def tensors(self) -> tuple[Tensor, ...]:
        return self.inputs()

    @property
    def differentiated(self) -> bool:
        return False

    def definition(self, tensor: Tensor) -> None:
        """Nothing in a network of layers is defined by an equation."""
        return


def check_choices(choices: Choices) -> None:
    for field, option in choices.items():
        if field not in CONVENTIONS:
            near = did_you_mean(field, CONVENTIONS, f". There are {', '.join(CONVENTIONS)}.")
            raise AuthorError(f"there is no convention '{field}'{near}")
        if option not in CONVENTIONS[field]:
            raise AuthorError(f"convention {field} is '{option}'; its options are {', '.join(CONVENTIONS[field])}")


def check_count(place: str, program: object, wants: Count) -> None:
    """The network, the layer and the conventions of a question are there."""
    if not isinstance(program, Counting):
        raise AuthorError(f"{place} counts something, but the problem has no networks")
    check_choices(wants.choices)
    network = program.network(wants.network)
    if wants.layer:
        layer_named(network, wants.layer)


def _expressions(value: object) -> Iterator[Expr]:
    """The symbolic sizes in a layer; its parts are layers of their own."""
    if isinstance(value, Operand):
        yield value.as_expression()
    elif isinstance(value, tuple):
        for item in value:
            if not isinstance(item, Layer):
                yield from _expressions(item)
    elif isinstance(value, Layer | Features):
        for field in value.__struct_fields__:
            yield from _expressions(getattr(value, field))


def layer_named(network: Network, name: str) -> Layer:
    """Raises AuthorError, with the names there are, when there is none."""
    names = {layer.name: layer for layer in every_layer(network.layers) if layer.name}
    if name not in names:
        near = did_you_mean(name, names, f". There are {', '.join(names)}.")
        raise AuthorError(f"there is no layer '{name}' in {network.title or 'the network'}{near}")
    return names[name]
