"""What a caller gives in place of the networks of a counting problem: numbers, a convention, or a network of one's own.

{"conv1.stride": 1, "input": [3, 32, 32], "H": 64, "padding": "skipped"}
{"network": {"input": [3, 32, 32], "layers": [{"conv": 8, "kernel": 3, "padding": 1}, "relu", {"maxpool": 2},
                                              "flatten", {"linear": 10}]}}
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import force_setattr, replace

from derive.errors import AuthorError, UsageError
from derive.language.asking import HAVING, WEIGHTED, ask
from derive.language.counting import CONVENTIONS, Count, Counting
from derive.language.domain import Integers
from derive.language.expression import tensors_in
from derive.language.layer import (
    Activation,
    Convolution,
    Features,
    Flatten,
    Layer,
    Linear,
    Network,
    Normalization,
    Parallel,
    Pooling,
    every_layer,
)
from derive.language.layer import Sequence as Chain
from derive.language.near import did_you_mean
from derive.language.problem import Problem
from derive.language.question import Question

MAX_NUMBER = 1_000_000
MAX_LAYERS = 2000
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.+()-]{0,59}")
ACTIVATIONS = ("relu", "sigmoid", "tanh", "gelu", "silu", "elu", "leaky_relu", "softmax")
NOT_GIVEN = ("name", "layers", "branches", "join", "table")


def with_network(problem: Problem, program: Counting, entries: Mapping[object, object]) -> Problem:
    """The problem about what is given. Raises UsageError, naming the entry and what it should be."""
    rest = {str(name): entry for name, entry in entries.items()}
    if "network" in rest:
        problem, program = _own(problem, program, rest.pop("network"))
    networks, choices = dict(program.networks), dict(program.choices)
    sizes = {tensor.key: tensor for tensor in program.inputs()}
    numbers: dict[str, int] = {}
    for name, entry in rest.items():
        if name in sizes:
            domain = sizes[name].domain
            numbers[name] = _whole(name, entry, domain.lower if isinstance(domain, Integers) else 1)
        elif name in CONVENTIONS:
            choices[name] = _option(name, entry)
        elif name == "input":
            networks = {key: replace(net, input=_features(entry)) for key, net in networks.items()}
        elif name == "batch":
            networks = {key: replace(net, batch=_whole(name, entry, 1)) for key, net in networks.items()}
        else:
            networks = _changed(problem, networks, name, entry)
    if numbers:
        networks = {key: _numbered(net, numbers) for key, net in networks.items()}
    changed = replace(program, networks=networks, choices=choices)
    kept = {key: value for key, value in problem.instance.items() if key not in numbers}
    asked = replace(problem, program=changed, instance=kept)
    return asked if networks == program.networks else _retold(asked, entries)


def _retold(problem: Problem, entries: Mapping[object, object]) -> Problem:
    """What the author wrote about his own numbers is left out."""
    if "network" in entries:
        return problem
    told = ", ".join(f"{name} = {entry}" for name, entry in entries.items())
    return replace(problem, statement=f"{problem.title}, with {told.replace('$', '')}.", summary="", intuition="",
                   mistakes=())  # fmt: skip


def _own(problem: Problem, program: Counting, spec: object) -> tuple[Problem, Counting]:
    """The same questions about another network."""
    network = network_from(spec, "--given: network")
    own = Counting({"network": network}, {f: o for f, o in program.choices.items() if f != "bias"})
    whats = dict.fromkeys(q.wants.what for q in problem.questions if isinstance(q.wants, Count))
    questions = tuple(question for what in whats for question in _about(what, network))
    if not questions:
        raise UsageError(f"--given: network has nothing of what {problem.id} asks about: {', '.join(whats)}")
    totals = tuple(q.id for q in questions if isinstance(q.wants, Count) and not q.wants.layer)
    told = f"{problem.title}, for a network of one's own: S6 lists its layers."
    boxed = (totals or tuple(q.id for q in questions))[-3:]
    asked = replace(problem, program=own, questions=questions, statement=told, summary="", intuition="",
                    conventions=(), mistakes=(), instance={}, boxed=boxed)  # fmt: skip
    return asked, own


def _about(what: str, network: Network) -> tuple[Question, ...]:
    """The questions of one kind that make sense for the layers of this network."""
    if what in HAVING:
        return ask(what, network)
    if what in ("shape", "values"):
        return ask(what, network, whole=False)
    if what in ("sees", "field", "jump", "start"):
        letters = ("k", "i", "j", "l")[: 1 + len(network.input.spatial)]
        ends = [layer.name for layer in network.layers if isinstance(layer, Convolution | Pooling)]
        return tuple(Question(f"{what}_{name}", Count(what, name, letters=letters)) for name in ends)
    kinds: dict[str, tuple[type[Layer], ...]] = {
        "weight": WEIGHTED,
        "bias": WEIGHTED,
        "mean": (Normalization,),
        "var": (Normalization,),
    }
    if what in kinds:
        found = [layer for layer in every_layer(network.layers) if isinstance(layer, kinds[what])]
        return tuple(Question(f"{what}_{layer.name}", Count(what, layer.name)) for layer in found
                     if what != "bias" or getattr(layer, "bias", False))  # fmt: skip
    return (Question(what, Count(what)),) if what in ("input", "inputs") else ()


# -- numbers -----------------------------------------------------------------------------------------------------------


def _whole(place: str, entry: object, least: int) -> int:
    if isinstance(entry, bool) or not isinstance(entry, int):
        raise UsageError(f"--given: '{place}' is {str(entry)[:40]!r}; a whole number is expected")
    if not least <= entry <= MAX_NUMBER:
        raise UsageError(f"--given: '{place}' is {entry}; it must be from {least} to {MAX_NUMBER}")
    return entry


def _option(name: str, entry: object) -> str:
    if entry not in CONVENTIONS[name]:
        near = did_you_mean(str(entry), CONVENTIONS[name], f". There are {', '.join(CONVENTIONS[name])}.")
        raise UsageError(f"--given: the convention '{name}' has no option {str(entry)[:40]!r}{near}")
    return str(entry)


def _features(entry: object) -> Features:
    if not isinstance(entry, list | tuple) or not 1 <= len(entry) <= 4:
        raise UsageError("--given: 'input' must be [channels, height, width], [channels, length] or [features]")
    numbers = [_whole("input", number, 1) for number in entry]
    return Features(numbers[0], tuple(numbers[1:]))


def _changed(problem: Problem, networks: Mapping[str, Network], name: str, entry: object) -> dict[str, Network]:
    """conv1.stride = 2, in every network that has a conv1."""
    layer, _, field = name.rpartition(".")
    layers = {one.name: one for net in networks.values() for one in every_layer(net.layers) if one.name}
    if not layer or layer not in layers:
        known = [*(f"{one}.FIELD" for one in layers), "input", "batch", "network", *CONVENTIONS]
        near = did_you_mean(name, known, f". It takes {', '.join(known[:12])}, ...")
        raise UsageError(f"--given: '{name}' is not something {problem.id} takes{near}")
    fields = [one for one in layers[layer].__struct_fields__ if one not in NOT_GIVEN]
    if field not in fields:
        near = did_you_mean(field, fields, f". It has {', '.join(fields) or 'none'}.")
        raise UsageError(f"--given: the layer '{layer}' has no '{field}'{near}")

    def change(one: Layer) -> Layer:
        return _made(f"'{name}'", lambda: replace(one, **{field: _tuples(entry)})) if one.name == layer else one

    return {
        key: replace(net, layers=tuple(_through(one, change) for one in net.layers)) for key, net in networks.items()
    }


def _through(layer: Layer, change: Callable[[Layer], Layer]) -> Layer:
    if isinstance(layer, Chain):
        return replace(layer, layers=tuple(_through(one, change) for one in layer.layers))
    if isinstance(layer, Parallel):
        return replace(layer, branches=tuple(_through(one, change) for one in layer.branches))
    return change(layer)


def _numbered(network: Network, numbers: Mapping[str, int]) -> Network:
    """Each size that is given by its number; one that stands inside of a formula stays."""

    def number(value: Any) -> Any:
        if isinstance(value, Layer | Features):
            twin = copy.copy(value)
            for field in twin.__struct_fields__:
                force_setattr(twin, field, number(getattr(twin, field)))
            return twin
        if isinstance(value, tuple):
            return tuple(map(number, value))
        keys = list(tensors_in(value)) if hasattr(value, "children") else []
        return numbers[keys[0]] if len(keys) == 1 and keys[0] in numbers and not value.children else value

    return Network(number(network.input), number(network.layers), number(network.batch), network.title)


def _tuples(entry: object) -> Any:
    return tuple(map(_tuples, entry)) if isinstance(entry, list) else entry


def _made(place: str, make: Callable[[], Any]) -> Any:
    """What is made, or the reason why not, with its place."""
    try:
        return make()
    except AuthorError as error:
        raise UsageError(f"--given: {place}: {error}") from error
    except TypeError:
        raise UsageError(f"--given: {place} is not what this layer takes") from None


# -- a network of one's own --------------------------------------------------------------------------------------------


def network_from(spec: object, place: str = "network") -> Network:
    """{"input": [3, 32, 32], "layers": [...]} as a network."""
    if not isinstance(spec, Mapping) or "input" not in spec or "layers" not in spec:
        raise UsageError(f'{place} must be an object such as {{"input": [3, 32, 32], "layers": ["relu"]}}')
    unknown = set(map(str, spec)) - {"input", "layers", "batch", "title"}
    if unknown:
        raise UsageError(f"{place} has '{min(unknown)}'; it takes input, layers, batch and title")
    names: dict[str, int] = {}
    layers = _layers(spec["layers"], place, names)
    if not layers:
        raise UsageError(f"{place} has no layers; give at least one")
    batch = _whole("batch", spec.get("batch", 1), 1)
    title = _text(spec.get("title", "the network"), f"{place}: title")
    return _made(place, lambda: Network(_features(spec["input"]), layers, batch, title))  # type: ignore[no-any-return]


def _text(value: object, place: str) -> str:
    """A short name that every format can print."""
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise UsageError(
            f"{place} is {str(value)[:40]!r}; it may have up to 60 letters, digits, spaces and _ . - + ( )"
        )
    return value


def _layers(entries: object, place: str, names: dict[str, int], depth: int = 0) -> tuple[Layer, ...]:
    if not isinstance(entries, list) or depth > 20:
        raise UsageError(f"{place}: layers must be a list of layers")
    found = []
    for entry in entries:
        if sum(names.values()) > MAX_LAYERS:
            raise UsageError(f"{place} has more than {MAX_LAYERS} layers")
        found.append(_layer(entry, place, names, depth))
    return tuple(found)


# kind -> the noun, the field that its value fills, what else is set
KINDS: dict[str, tuple[type[Layer], str, Mapping[str, Any]]] = {
    "conv": (Convolution, "channels", {}),
    "deconv": (Convolution, "channels", {"transposed": True}),
    "linear": (Linear, "units", {}),
    "maxpool": (Pooling, "kernel", {"kind": "max"}),
    "avgpool": (Pooling, "kernel", {"kind": "average"}),
    "batchnorm": (Normalization, "", {"over": "batch"}),
    "layernorm": (Normalization, "", {"over": "features"}),
    "flatten": (Flatten, "", {}),
    **{name: (Activation, "", {"function": name}) for name in ACTIVATIONS},
}
JOINS = {"concat": "concatenate", "add": "add"}


def _layer(entry: object, place: str, names: dict[str, int], depth: int) -> Layer:
    fields = {entry: True} if isinstance(entry, str) else dict(entry) if isinstance(entry, Mapping) else {}
    known = [*KINDS, *JOINS]
    kind = next((str(name) for name in fields if name in known), None)
    if kind is None:
        said = str(next(iter(fields), entry))[:40]
        near = did_you_mean(said, known, f". There are {', '.join(known)}.")
        raise UsageError(f"{place}: '{said}' is no kind of layer{near}")
    value = fields.pop(kind)
    names[kind] = names.get(kind, 0) + 1
    name = _text(fields.pop("name", f"{kind}{names[kind]}"), f"{place}: the name of a layer")
    if kind in JOINS:
        if not isinstance(value, list) or fields:
            raise UsageError(f"{place}: '{kind}' takes a list of branches, each a list of layers")
        branches = tuple(Chain(name=f"{name}.{n}", layers=_layers(branch, place, names, depth + 1))
                         for n, branch in enumerate(value, 1))  # fmt: skip
        return Parallel(name=name, branches=branches, join=JOINS[kind])  # type: ignore[arg-type]
    noun, main, set_ = KINDS[kind]
    allowed = [field for field in noun.__struct_fields__ if field not in (*NOT_GIVEN, main, *set_)]
    for field in fields:
        if field not in allowed:
            near = did_you_mean(str(field), allowed, f". It has {', '.join(allowed) or 'none'}.")
            raise UsageError(f"{place}: the layer {name} has no '{field}'{near}")
    given = {str(field): _tuples(one) for field, one in fields.items()} | ({main: _tuples(value)} if main else {})
    if noun is Convolution and "kernel" not in given:
        raise UsageError(f"{place}: the layer {name} needs a kernel")
    return _made(f"layer {name}", lambda: noun(name=name, **given, **set_))  # type: ignore[no-any-return]
