"""Words for what is counted and where: "operations of the second layer", "hidden result", "input size of conv2".

A phrase is understood when every word of it is; then it may still leave open which layer is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import force_setattr, replace

from derive.judging.counting.abbreviations import expanded
from derive.judging.counting.names import TOTAL, WHOLE, WORDS
from derive.judging.counting.places import program_of, wanted
from derive.judging.subject import Known, Subject
from derive.language.counting import Count, Counting
from derive.language.layer import Convolution, Flatten, Layer, Linear, Network, Normalization, Pooling, every_layer
from derive.reading.answer_text import words_of

Kinds: TypeAlias = tuple[type[Layer], ...]
PLACES: Mapping[str, str] = {
    **dict.fromkeys(("input", "inputs", "image"), "input"),
    **dict.fromkeys(("output", "outputs", "final", "last", "out"), "output"),
    **dict.fromkeys(("intermediate", "between", "hidden", "middle"), "between"),
}  # fmt: skip
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
SHORT = ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "10th")
KINDS: Mapping[str, Kinds] = {
    **dict.fromkeys(("conv", "convolution", "convolutional", "convolutions"), (Convolution,)),
    **dict.fromkeys(("pool", "pooling", "maxpool", "maxpooling", "max-pool", "max-pooling", "subsampling"), (Pooling,)),
    **dict.fromkeys(("fc", "linear", "dense", "fully-connected", "fully connected"), (Linear,)),
    **dict.fromkeys(("flatten", "flattening", "flattened"), (Flatten,)),
}
OPERATIONS = ("ops", "operations", "operation", "flops", "computations", "computational cost")
MEMORY = ("feature map", "feature maps", "size", "memory", "storage", "values", "elements", "entries", "numbers",
          "space", "activations", "features", "requirement", "feature map size", "feature maps size")  # fmt: skip
SHAPES = ("shape", "dimension", "dimensions", "dim", "dims", "output shape", "output size", "output dimension")
FILLERS = frozenset({
    "the", "of", "in", "number", "for", "a", "an", "is", "are", "has", "have", "required", "needed", "needs", "used",
    "after", "at", "by", "to", "total", "trainable", "learnable", "feature", "map", "maps", "result", "layer", "layers",
    "vector", "matrix", "tensor", "volume", "we", "get", "only", "there", "with", "and", "requires", "block", "branch",
    "module", "network", "net", "model", "size", "its", "compared", "count", "will",
    "be", "which", "then", "so", "this", "that", "therefore", "thus", "hence", "about", "approximately", "roughly",
    "our", "us", "it", "from", "on", "as", "now", "here", "again", "finally", "when", "plus", "performs", "perform",
    "contains", "contain", "uses", "use", "gives", "give", "computes", "compute", "costs", "cost", "makes",
    "make", "produces", "needing", "using", "gets", "obtain", "obtains", "find", "calculate", "was", "were", "would",
    "altogether", "projection", "step", "unit", "units", "neurons", "whole", "entire", "one", "ones", "full",
    "exactly", "comes",
})  # fmt: skip
SHAPED = {"mean": "mean", "var": "var", "bias": "bias", "params": "weight"}  # what has a shape of its own
_NUMBERED = re.compile(r"([a-z]+)-?([1-9])")  # pool2, the second pooling
WEIGHTS = ("weights", "weight")
FIELDS = ("field", "jump", "start")  # what grows with every window, a pooling's too
_THE_BIAS = r"(?: the| any| a| all)? bias(?:es)?(?![A-Za-z])"
BIAS = {option: re.compile(rf"(?<![A-Za-z])(?:{words}){_THE_BIAS}", re.IGNORECASE) for option, words in (
    ("without", "without|excluding|ignoring|neglecting|no|not counting"), ("with", "with|including|counting|incl\\.?"),
)}  # fmt: skip
LAYOUT = {
    "channels first": re.compile(r"(?<![A-Za-z])(?:NCHW|channels?[- ]first)(?![A-Za-z])", re.IGNORECASE),
    "channels last": re.compile(r"(?<![A-Za-z])(?:NHWC|channels?[- ]last)(?![A-Za-z])", re.IGNORECASE),
}


class Phrase(Struct):
    """What the words say. `layers` are the names, of any network, that they leave; None where they name none."""

    what: str = ""
    where: str = ""
    layer: str = ""
    kind: Kinds = ()
    ordinal: int = 0
    total: bool = False
    network: str = ""
    speaks_of_layer: bool = False
    choices: Mapping[str, str] = {}  # the conventions that the words name
    kernel: str = ""  # 3x3
    every: bool = False  # said of each of several layers


def phrase_of(subject: Subject, text: str) -> Phrase | None:
    """The words of a label understood; None where one of them is not, or two of them do not fit each other."""
    choices: dict[str, str] = {}
    for option, pattern in BIAS.items():
        text, found = pattern.subn(" ", text)
        choices |= {"bias": option} if found else {}
    for option, pattern in LAYOUT.items():
        text, found = pattern.subn(" ", text)
        choices |= {"layout": option} if found else {}
    words = words_of(text)
    phrase = None if words is None else _read(subject, list(words))
    return phrase and replace(phrase, choices=choices)


def _read(subject: Subject, words: list[str]) -> Phrase | None:
    lexicon = _lexicon(subject.known)
    found, at = Phrase(), 0
    while at < len(words):
        for length in (3, 2, 1):
            key = " ".join(words[at : at + length])
            if at + length <= len(words) and key in lexicon:
                if not _take(found, *lexicon[key]):
                    return None
                at += length
                break
        else:
            word = words[at]
            numbered = _NUMBERED.fullmatch(word)
            if numbered and numbered[1] in KINDS and not found.ordinal and _take(found, "kind", KINDS[numbered[1]]):
                found.ordinal = int(numbered[2])
            elif (full := expanded(word, lexicon)) and word not in FILLERS:
                if not _take(found, *lexicon[full]):
                    return None
            elif word.isdecimal() and not found.ordinal and 0 < int(word) <= 64:
                found.ordinal = int(word)
            elif word not in FILLERS | TOTAL | {named_by(subject)}:
                return None
            at += 1
        found.speaks_of_layer = found.speaks_of_layer or words[at - 1] in ("layer", "block")
    found.total = found.total or bool(TOTAL & set(words))
    whole = (found.network and found.what) or (WHOLE | {named_by(subject)}) & set(words)
    found.total = found.total or bool(whole and not picks(found) and not found.where)
    return found


def named_by(subject: Subject) -> str:
    """The network as the problem is called by it: lenet, of lenet_cost."""
    return subject.problem.id.partition("_")[0]


def unknown_word(subject: Subject, text: str) -> str:
    """The first word that alone means nothing here; '' where each is known."""
    for pattern in (*BIAS.values(), *LAYOUT.values()):
        text = pattern.sub(" ", text)
    lexicon = _lexicon(subject.known)
    known = {word for key in lexicon for word in key.split()} | FILLERS | TOTAL | {named_by(subject)}
    said = words_of(text) or (text,)
    return next(
        (w for w in said if w not in known and not w.isdigit() and not expanded(w, lexicon) and not _is_numbered(w)), ""
    )


def _is_numbered(word: str) -> bool:
    match = _NUMBERED.fullmatch(word)
    return match is not None and match[1] in KINDS


def _take(found: Phrase, field: str, value: object) -> bool:
    """One thing said; False where another one was said before."""
    before = getattr(found, field)
    if field == "where" and {before, value} == {"between", "output"}:  # the output of what is in between
        value = "between"
    elif before and before != value:
        if field == "what" and "shape" in (before, value) and (other := SHAPED.get(_other_of("shape", before, value))):
            found.what = other
            return True
        if field == "what" and "values" in (before, value):  # "memory size", "size of the receptive field"
            found.what = str(value) if before == "values" else before
            return True
        return False
    force_setattr(found, field, value)
    return True


def _other_of(one: str, *pair: object) -> str:
    return next((str(each) for each in pair if each != one), one)


@lru_cache(maxsize=32)
def _lexicon(known: Known) -> Mapping[str, tuple[str, object]]:
    """What each word of a problem means; made once for each."""
    program = known.problem.program
    assert isinstance(program, Counting)
    found: dict[str, tuple[str, object]] = {word: ("where", place) for word, place in PLACES.items()}
    for what, words in WORDS.items():
        found |= {word: ("what", what) for word in words if word not in ("total",)}
    found |= dict.fromkeys(MEMORY, ("what", "values")) | dict.fromkeys(SHAPES, ("what", "shape"))
    found |= dict.fromkeys(OPERATIONS, ("what", "ops")) | dict.fromkeys(WEIGHTS, ("what", "params"))
    found |= dict.fromkeys(("bias", "biases", "bias vector"), ("what", "bias"))
    if any(isinstance(q.wants, Count) and q.wants.what == "acts" for q in known.problem.questions):
        found |= dict.fromkeys(("activations", "activation function evaluations", "activation evaluations",
                                "evaluations", "activation functions", "relu evaluations", "relu", "relus",
                                "sigmoid evaluations"), ("what", "acts"))  # fmt: skip
    found |= dict.fromkeys(("each", "every", "both"), ("every", True))
    found |= {word: ("ordinal", n) for words_ in (ORDINALS, SHORT) for n, word in enumerate(words_, 1)}
    found |= {word: ("kind", kinds) for word, kinds in KINDS.items()}
    if len(program.networks) > 1:
        titles = [set(words_of(network.title) or ()) for network in program.networks.values()]
        shared = set.intersection(*titles)
        for name, title in zip(program.networks, titles, strict=True):
            own = (title - shared) | {name.lower()}
            found |= {
                word: ("network", name)
                for word in own - FILLERS
                if word == name.lower() or word not in found or not _occurs(found[word], program.networks)
            }
            found |= {word: ("network", name) for kinds in KINDS.values() for word in _alike(kinds)
                      if own & {part for each in _alike(kinds) for part in each.split()}
                      and not _occurs(("kind", kinds), program.networks)}  # fmt: skip
    for network in program.networks.values():
        for layer in every_layer(network.layers):
            if isinstance(layer, Convolution) and isinstance(layer.kernel, int):
                found[f"{layer.kernel}x{layer.kernel}"] = ("kernel", f"{layer.kernel}x{layer.kernel}")
    for network in program.networks.values():
        for layer in every_layer(network.layers):
            name = " ".join(words_of(layer.name) or ())
            if name:
                alike = _alike(KINDS[name]) if name in KINDS else []
                found |= {word: ("layer", layer.name) for word in (name, *alike) if word not in PLACES}
    return found


def _alike(kinds: Kinds) -> list[str]:
    """All words for one kind of layer."""
    return [word for word, others in KINDS.items() if others == kinds]


def _occurs(entry: tuple[str, object], networks: Mapping[str, Network]) -> bool:
    """Is there a layer of the kind that a word means?"""
    field, kinds = entry
    layers = [layer for network in networks.values() for layer in every_layer(network.layers)]
    return field != "kind" or any(isinstance(layer, kinds) for layer in layers)  # type: ignore[arg-type]


def counts_of(subject: Subject, phrase: Phrase, what: str) -> list[Count]:
    """The counts that the words leave, of the part's own network where one is asked; none where they say too little."""
    asked, program = wanted(subject), program_of(subject)
    if phrase.every and subject.part:
        return []
    choices = {**(asked.choices if asked else {}), **phrase.choices}
    if asked and any(choices[field] != option for field, option in asked.choices.items()):
        return []
    found: list[Count] = []
    for name, network in program.networks.items():
        if "layout" in phrase.choices and not network.input.spatial:
            continue  # without places there is one layout
        own = asked is None or program.network(asked.network) is network
        if own and phrase.network in ("", name):
            counts = _in_network(network, name if len(program.networks) > 1 else "", phrase, what)
            if not counts and asked and not (picks(phrase) or phrase.where or phrase.total):  # the layer is not said
                counts = [Count(what, asked.layer, asked.network)]
            found += [Count(c.what, c.layer, c.network, choices) for c in counts]
    return list({(one.what, one.layer, one.network): one for one in found}.values())


def _in_network(network: Network, name: str, phrase: Phrase, what: str) -> list[Count]:
    named = [layer.name for layer in layers_named(network, phrase, every=what in FIELDS)]
    if not named and picks(phrase):
        return []
    if phrase.every and not named and not phrase.where:
        named = [one.name for one in every_layer(network.layers) if one.name and isinstance(one, Convolution | Linear)]
    if what in ("mean", "var"):
        named = [one.name for one in every_layer(network.layers) if isinstance(one, Normalization)]
    if what in ("values", "shape"):
        return _flows(network, name, phrase, what, named)
    if phrase.where == "between":
        named = named or between(network)
    if phrase.where == "output" and not named and phrase.speaks_of_layer:
        named = [layer.name for layer in network.layers if isinstance(layer, Convolution | Linear)][-1:]
    elif phrase.where and phrase.where != "between" and not named:
        return []
    if named:
        return [Count(what, layer, name) for layer in named]
    return [Count(what, "", name)] if phrase.total else []


def _flows(network: Network, name: str, phrase: Phrase, what: str, named: list[str]) -> list[Count]:
    """Sizes of feature maps: before a layer or behind it, before the network, behind it, or in between."""
    before = "inputs" if what == "values" else "input"
    if named:
        return [Count(before if phrase.where == "input" else what, layer, name) for layer in named]
    match phrase.where:
        case "input":
            return [Count(before, "", name)]
        case "output":
            return [Count("shape", "", name)] if what == "shape" else [Count("values", _last(network), name)]
        case "between":
            return [Count(what, layer, name) for layer in between(network)]
    return []


def _last(network: Network) -> str:
    names = [layer.name for layer in network.layers if layer.name]
    return names[-1] if names else ""


def between(network: Network) -> list[str]:
    """The named layers with weights or windows, without the last one."""
    kinds = (Convolution, Linear, Pooling)
    return [layer.name for layer in network.layers if layer.name and isinstance(layer, kinds)][:-1]


def picks(phrase: Phrase) -> bool:
    return bool(phrase.layer or phrase.kind or phrase.kernel or phrase.ordinal)


def _is_of(layer: Layer, phrase: Phrase) -> bool:
    """Is it of the kind, and has it the kernel, that the words say?"""
    kernel = getattr(layer, "kernel", None)
    fits = not phrase.kernel or (isinstance(layer, Convolution) and f"{kernel}x{kernel}" == phrase.kernel)
    return fits and (not phrase.kind or isinstance(layer, phrase.kind))


def layers_named(network: Network, phrase: Phrase, *, every: bool = False) -> Iterable[Layer]:
    """The layers that a name, a kind or a number picks; a number counts those with weights, and all of them."""
    if not picks(phrase):
        return []
    there = [layer for layer in every_layer(network.layers) if layer.name]
    if phrase.layer:
        return [layer for layer in there if layer.name == phrase.layer] if not phrase.ordinal else []
    if phrase.kind or phrase.kernel:
        there = [layer for layer in there if _is_of(layer, phrase)]
        return there[phrase.ordinal - 1 : phrase.ordinal] if phrase.ordinal else there
    counted = [layer for layer in there if not isinstance(layer, Flatten | Normalization)]
    weighted = [layer for layer in there if isinstance(layer, Convolution | Linear)]
    numbered = (counted,) if every else (weighted, counted)
    picked = [rows[phrase.ordinal - 1] for rows in numbered if phrase.ordinal <= len(rows)]
    return list({layer.name: layer for layer in picked}.values())
