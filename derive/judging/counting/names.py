"""Which part of a counting problem a label names: by its printed name, or by words that leave nothing open."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from derive.engines.ledger import ledger
from derive.errors import AnswerError
from derive.judging.counting.places import program_of
from derive.judging.subject import Subject
from derive.language.counting import Count
from derive.language.derivation import Part
from derive.language.layer import Convolution, Layer, Linear, Pooling, every_layer
from derive.language.plain import plain
from derive.reading.answer_text import Answer, squashed, words_of
from derive.rendering.formula import latex

WORDS: Mapping[str, frozenset[str]] = {
    "params": frozenset({"params", "parameters", "parameter"}),
    "madds": frozenset({"madds", "multiply-adds", "multi-adds", "mult-adds", "macs", "multiply-accumulates"}),
    "muls": frozenset({"muls", "multiplications", "mults"}),
    "adds": frozenset({"adds", "additions"}),
    "conns": frozenset({"conns", "connections"}),
    "comps": frozenset({"comparisons"}),
    "shape": frozenset({"shape"}),
    "mean": frozenset({"mean"}),
    "var": frozenset({"variance", "var"}),
    "field": frozenset({"field", "receptive", "rf"}),
    "jump": frozenset({"jump"}),
    "start": frozenset({"start"}),
}
FILLERS = frozenset({"the", "of", "in", "number", "for", "a", "layer", "matrix", "vector", "dim"})
TOTAL = frozenset({"total", "totals", "all", "altogether", "overall", "sum", "totalling"})
WHOLE = frozenset({"network", "net", "module", "block", "model", "stack"})
MORE: Mapping[str, frozenset[str]] = {
    "params": frozenset({"trainable", "learnable"}),
    "values": frozenset({"size", "memory"}),
    "inputs": frozenset({"size", "memory"}),
    "shape": frozenset({"output", "size"}),
    "field": frozenset({"r"}),
    "bias": frozenset({"entries", "elements", "components"}),
    "mean": frozenset({"shape"}),
    "var": frozenset({"shape"}),
    "jump": frozenset({"j", "stride", "effective"}),
}
KINDS: Mapping[type[Layer], frozenset[str]] = {
    Convolution: frozenset({"conv", "convolution", "convolutional"}),
    Pooling: frozenset({"pool", "pooling", "max", "average", "avg"}),
    Linear: frozenset({"fully", "connected", "fully-connected", "fc", "linear", "dense"}),
}
UNITS = frozenset({"maps", "channels", "filters", "kernels", "units", "neurons"})
AROUND_A_NAME = frozenset({
    "the", "a", "of", "its", "shape", "size", "dimension", "dimensions", "matrix", "vector", "bias", "weight",
    "weights", "input", "output", "hidden", "layer", "layer's", "network", "network's", "for", "so", "then", "thus",
    "therefore",
})  # fmt: skip
SEES = ("sees",)
GREEK = (
    (re.compile(r"\\sigma\s*\^\s*\{?2\}?(?:_\s*\{?B\}?|_\{\\mathcal\{B\}\})?|σ²|σ\^2"), " variance "),
    (re.compile(r"\\mu(?![A-Za-z])(?:_\s*\{?B\}?|_\{\\mathcal\{B\}\})?|μ"), " mean "),
)


def named(subject: Subject, answer: Answer) -> tuple[Part, ...]:
    """The parts whose printed name the label is: `params(conv1)`, `params_conv1`, `W_h`."""
    label = re.sub(r"^(?:dim|shape|size)\((.+)\)$", r"\1", _joined(answer.label.text))
    if not label:
        return ()
    label = _joined(_name_in(subject, answer.label.text)) or label
    found = [part for part in subject.known.derivation.parts if label in names_of(part)]
    mapped = [part for part in found if _what(part) == "map"]
    if mapped:
        formula = answer.equals and re.search("[XW]", answer.values[-1].text)
        return tuple(mapped) if formula else tuple(part for part in found if part not in mapped)
    return tuple(part for part in found if part.question.id == subject.part) or tuple(found)


def _name_in(subject: Subject, text: str) -> str:
    """The one name of a part among words that say what it is: the weight matrix W_h; '' where there is none."""
    bare = re.sub(r"\\(?:text|mathrm|mathbf|textbf|boldsymbol)\s*\{([^{}]*)\}", r" \1 ", text)
    words = [word for word in bare.replace("$", " ").split() if word.lower().strip(",'") not in AROUND_A_NAME]
    called = {_joined(one.called) for part in subject.known.derivation.parts
              if isinstance(one := part.question.wants, Count) and one.called}  # fmt: skip
    return words[0] if len(words) == 1 and len(bare.split()) > 1 and _joined(words[0]) in called else ""


def names_of(part: Part) -> frozenset[str]:
    found = {part.question.id, latex(part.claim.left), plain(part.claim.left)}
    wants = part.question.wants
    if isinstance(wants, Count) and wants.called:
        found.add(wants.called)
    if isinstance(wants, Count) and wants.what in SEES:
        found |= {wants.layer, f"{wants.layer}[{','.join(wants.letters)}]"}
    return frozenset(map(_joined, found))


def _joined(name: str) -> str:
    """A name without its marks: y_3 is y3, conv_1 is conv1."""
    return squashed(name).replace("_", "")


def _what(part: Part) -> str:
    wants = part.question.wants
    return wants.what if isinstance(wants, Count) else "ratio"


def identified(subject: Subject, answer: Answer) -> Part:
    """The one part that is meant. Raises AnswerError where the words and the part that is asked leave it open."""
    parts = named(subject, answer)
    label, behind = answer.label.text, answer.behind
    if len(parts) > 1:
        ids = ", ".join(part.question.id for part in parts)
        raise AnswerError(f"'{label}' is the name of several parts: {ids}; say which one", answer.text, answer.label.at)
    words = _words(answer, behind) if parts else _words(answer, label) + _words(answer, behind)
    if subject.part and not parts:
        parts = tuple(part for part in subject.known.derivation.parts if part.question.id == subject.part)
        if not fits(subject, parts[0], words) and not describes(subject, parts[0], words):
            raise AnswerError(f"'{label or behind}' is no name of {subject.part}", answer.text, answer.label.at)
        return parts[0]
    if not parts:
        parts = tuple(
            p for p in subject.known.derivation.parts if _is_output(p, answer) and describes(subject, p, words)
        )
        if len(parts) != 1:
            said = f"'{label or behind}' does not say what is meant" if label or behind else "it says nothing by itself"
            raise AnswerError(f"{said}; name the part that it answers", answer.text, answer.label.at)
    elif behind and not fits(subject, parts[0], words):
        raise AnswerError(f"'{behind}' does not fit {parts[0].question.id}", answer.text, answer.label.at)
    return parts[0]


def _is_output(part: Part, answer: Answer) -> bool:
    """Behind an arrow, a layer in words gives the shape of its output; one number may be anything."""
    return _what(part) == "shape" and answer.arrow and re.fullmatch(r"\W*[\d,]+\W*", answer.values[-1].text) is None


def worded(label: str) -> str:
    """A label with its Greek letters in words, and its numbers joined: conv_1 is conv1."""
    label = re.sub(r"(?<=[A-Za-z])_(?:\{(\d)\}|(\d))", r"\1\2", label).replace(r"\dim", "dim")
    return in_greek(label)


def in_greek(text: str) -> str:
    """The Greek letters of the statistics in words."""
    for pattern, word in GREEK:
        text = pattern.sub(word, text)
    return text


def _words(answer: Answer, text: str) -> tuple[str, ...]:
    found = words_of(worded(text))
    if found is None:
        raise AnswerError(f"'{text}' names nothing in this problem", answer.text, answer.label.at)
    return found


def fits(subject: Subject, part: Part, words: Iterable[str]) -> bool:
    """Does each of the words belong to the part? Then they are its label, though they may say too little."""
    wants = part.question.wants
    allowed = {*FILLERS, *(words_of(part.question.id) or ())}
    if isinstance(wants, Count):
        allowed |= set(words_of(part.question.text) or ())
        allowed |= WORDS.get(wants.what, frozenset()) | MORE.get(wants.what, frozenset()) | _own(subject, part)
        allowed |= set() if wants.layer else TOTAL
        allowed -= _others(subject, wants)
        if wants.layer and not set(words_of(wants.layer) or ()) & set(words):
            allowed -= WHOLE  # the network is not its layer
    return set(words) <= allowed


def _own(subject: Subject, part: Part) -> set[str]:
    """The words for its layer and its network."""
    wants = part.question.wants
    assert isinstance(wants, Count)
    network = program_of(subject).network(wants.network)
    return {*(words_of(wants.layer) or ()), *(words_of(wants.network) or ()), *(words_of(network.title) or ())}


def _others(subject: Subject, wants: Count) -> set[str]:
    """The names of the other layers: a label with one of them is about that layer."""
    names = {layer.name.lower() for layer in every_layer(program_of(subject).network(wants.network).layers)}
    return names - {wants.layer.lower(), ""}


def describes(subject: Subject, part: Part, words: tuple[str, ...]) -> bool:
    """Are the words the part's layer, as a table of layers has it: 'convolutional 6, 5x5, pad 2'?"""
    wants = part.question.wants
    if not isinstance(wants, Count) or not wants.layer:
        return False
    rows = [r for r in ledger(program_of(subject).network(wants.network)) if r.layer.name == wants.layer]
    return len(rows) == 1 and is_described(rows[0].layer, words)


def is_described(layer: Layer, words: tuple[str, ...]) -> bool:
    """Each number in the words is the layer's own, and its kind is among them."""
    kinds = KINDS.get(type(layer), frozenset())
    if isinstance(layer, Pooling):
        kinds -= {"average", "avg"} if layer.kind == "max" else {"max"}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in ("pad", "padding", "stride"):
            field = "stride" if word == "stride" else "padding"
            if not rest or rest.pop(0) != str(getattr(layer, field, "")):
                return False
        elif sizes := re.fullmatch(r"(\d+)x(\d+)", word):
            if [*sizes.groups()] != [*map(str, _pair(getattr(layer, "kernel", "")))]:
                return False
        elif word.isdigit():
            if word != str(getattr(layer, "channels", getattr(layer, "units", ""))):
                return False
        elif word not in kinds | UNITS | {"layer"}:
            return False
    return bool(kinds & set(words))


def _pair(kernel: object) -> tuple[object, ...]:
    return kernel if isinstance(kernel, tuple) else (kernel, kernel)
