"""Questions about every layer of a network at once, and about the whole of it."""

from __future__ import annotations

from derive.language.counting import QUANTITIES, Choices, Count
from derive.language.layer import (
    Activation,
    Convolution,
    Layer,
    Linear,
    Network,
    Normalization,
    Parallel,
    Pooling,
    Sequence,
    every_layer,
)
from derive.language.question import Question

WEIGHTED: tuple[type[Layer], ...] = (Convolution, Linear)
# what -> the layers that have it; of the others, every layer is asked about
HAVING: dict[str, tuple[type[Layer], ...]] = {
    "params": (*WEIGHTED, Normalization),
    "madds": WEIGHTED,
    "muls": WEIGHTED,
    "adds": WEIGHTED,
    "conns": WEIGHTED,
    "acts": (Activation,),
    "comps": (Pooling,),
}


def ask(
    what: str, network: Network, key: str = "", *, choices: Choices | None = None, whole: bool = True, prefix: str = ""
) -> tuple[Question, ...]:
    """One question for each named layer or branch, called params_conv1, and one for the whole, called params.

    `key` is the name of the network in its problem, where that has several; `prefix` begins every id.
    """
    start = prefix or (f"{key}_" if key else "")
    word = QUANTITIES[what][0]
    found = [
        Question(f"{start}{what}_{layer.name}", Count(what, layer.name, key, choices or {}),
                 text=f"{word} of {layer.name}")
        for layer in every_layer(network.layers)
        if layer.name and _has(layer, what)
    ]  # fmt: skip
    if whole:
        title = network.title or "the network"
        found.append(Question(f"{start}{what}", Count(what, "", key, choices or {}), text=f"{word} of {title}"))
    return tuple(found)


def _has(layer: Layer, what: str) -> bool:
    if isinstance(layer, Pooling) and layer.trainable and what in ("params", "conns"):
        return True
    if isinstance(layer, Sequence):
        return bool(layer.layers)  # a branch is asked about, also where nothing in it is counted
    if isinstance(layer, Parallel):
        return any(_has(inner, what) for inner in every_layer(layer.branches))
    return isinstance(layer, HAVING.get(what, Layer))
