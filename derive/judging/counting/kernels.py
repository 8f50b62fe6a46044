r"""Two numbers in one sentence: 3\times3\times3 parameters in each of the 100 kernels.

The number of kernels says which layer is meant, where there is one with so many.
"""

from __future__ import annotations

import re

from msgspec import Struct

from derive.algebra.whole import as_expression
from derive.engines.parameters import has_bias, share, taps
from derive.errors import AnswerError
from derive.judging.counting.names import WORDS
from derive.judging.counting.outcomes import Outcome, together
from derive.judging.counting.places import Place, choices_of, places
from derive.judging.counting.values import same
from derive.judging.counting.variants import variants
from derive.judging.counting.words import phrase_of
from derive.judging.subject import Subject
from derive.language.expression import Expr
from derive.language.judgement import Failure, Finding, Judgement
from derive.language.layer import Convolution
from derive.reading.answer_text import Answer, Piece, words_of
from derive.reading.answers import Values
from derive.rendering.formula import latex

KERNELS = frozenset({"kernel", "kernels", "filter", "filters"})
EACH = frozenset({"each", "per", "every"})
PARAMETERS = WORDS["params"] | {"weights", "weight"}
AROUND = frozenset({"in", "of", "the", "for", "with", "has", "have", "a", "number", "trainable", "learnable", "are",
                    "there", "and"})  # fmt: skip
APART = frozenset({"plus", "one", "bias", "1"})  # the bias, counted beside its kernel
_EACH_OF = re.compile(r"(?:[Ee]ach|[Ee]very|[Oo]ne)(?: of the)?(?: (?P<n>\d+))? (?:kernels?|filters?)"
                      r"(?: (?:of|in) (?P<layer>.+))?")  # fmt: skip
_WORDS = re.compile(r"\\text\s*\{([^{}]*)\}")


class Sentence(Struct):
    """Parameters in each kernel, and how many kernels there are."""

    per: Piece | None = None
    kernels: Piece | None = None
    layer: str = ""


def judge_kernels(subject: Subject, answer: Answer) -> Judgement | None:
    """None where the text does not speak of what is in one kernel."""
    sentence = _sentence(answer)
    if sentence is None or sentence.per is None:
        return None
    per = Values(sentence.per, answer.text, {}).number()
    count = Values(sentence.kernels, answer.text, {}).number() if sentence.kernels is not None else None
    found = [place for place in places(subject) if isinstance(place.layer, Convolution)]
    found = _meant(subject, found, sentence.layer, answer)
    chosen = [
        place for place in found if count is not None and same(as_expression(place.row.out.channels), count)
    ] or found
    if not chosen:
        raise AnswerError("there is no layer with kernels", answer.text, 0)
    read_as = rf"{latex(per)} \text{{ in each kernel}}" + (f", {latex(count)} \\text{{ kernels}}" if count else "")
    outcomes = [_outcome(subject, place, per, count, found) for place in chosen]
    return together(outcomes, "the sizes of the problem", read_as, f"of {', '.join(p.title for p in chosen)}")


def _sentence(answer: Answer) -> Sentence | None:
    """Values and words in turn: `27 parameters in each of the 100 kernels`, `parameters per kernel = 27`.

    Or the kernels first: `each of the 100 kernels has 3*3*3 = 27 weights`.
    """
    if answer.label.text and answer.behind and (each := _EACH_OF.fullmatch(" ".join(answer.label.text.split()))):
        told = set(words_of(answer.behind) or ())
        chain = [Values(piece, answer.text, {}).number() for piece in answer.values]
        if not told & PARAMETERS or told - PARAMETERS - AROUND - APART or not all(same(one, chain[0]) for one in chain):
            return None
        return Sentence(
            answer.values[-1], Piece(each["n"], answer.label.at) if each["n"] else None, each["layer"] or ""
        )
    if answer.label.text:
        said = set(words_of(answer.label.text) or ())
        if not (said & EACH and said & KERNELS and said & PARAMETERS and answer.equals) or answer.behind:
            return None
        rest = said - EACH - KERNELS - PARAMETERS - AROUND
        return Sentence(answer.values[-1], layer=" ".join(w for w in words_of(answer.label.text) or () if w in rest))
    if len(answer.values) != 1:
        return None
    piece, found, seen = answer.values[0], Sentence(), set[str]()
    parts = _WORDS.split(piece.text) + ([answer.behind] if answer.behind else [])
    at = piece.at
    for value, words in zip(parts[::2], parts[1::2], strict=False):
        told = set(words_of(words) or ())
        if not told or told - EACH - KERNELS - PARAMETERS - AROUND:
            return None
        at = answer.text.find(value, at)
        typed = Piece(value.strip(), at + len(value) - len(value.lstrip()))
        at += len(value)
        if told & PARAMETERS and found.per is None:
            found.per = typed
        elif told & KERNELS and found.kernels is None:
            found.kernels = typed
        else:
            return None
        seen |= told
    if len(parts) % 2 and parts[-1].strip():
        return None
    return found if seen & EACH and seen & KERNELS and seen & PARAMETERS else None


def _meant(subject: Subject, found: list[Place], words: str, answer: Answer) -> list[Place]:
    if not words:
        return found
    phrase = phrase_of(subject, words)
    if phrase is None or phrase.what or phrase.where:
        raise AnswerError(f"'{words}' names no layer of this problem", answer.text, answer.label.at)
    kept = [place for place in found if not phrase.layer or place.row.belongs(phrase.layer)]
    return kept[phrase.ordinal - 1 : phrase.ordinal] if phrase.ordinal else kept


def _inside(place: Place) -> Expr:
    """The weights of one kernel."""
    layer = place.layer
    assert isinstance(layer, Convolution)
    return as_expression(share(place.row.into.channels, layer.groups) * taps(layer, place.row.into))


def _outcome(subject: Subject, place: Place, per: Expr, count: Expr | None, every: list[Place]) -> Outcome:
    layer, inside = place.layer, _inside(place)
    assert isinstance(layer, Convolution)
    kernels = as_expression(place.row.out.channels)
    if count is None or same(count, kernels):
        if same(per, inside):
            return Outcome(place.title, "true", reading="a bias is counted apart")
        if same(per, inside + 1) and has_bias(layer, choices_of(subject)):
            return Outcome(place.title, "needs", "the bias is counted with its kernel")
    left = f"{latex(inside)} in each of {latex(kernels)}"
    right = f"{latex(per)}" + (f" in each of {latex(count)}" if count is not None else "")
    failure = Failure({}, {"layer": place.title}, left, right)
    return Outcome(place.title, "false", failure=failure, findings=(_finding(place, per, count, every),))


def _finding(place: Place, per: Expr, count: Expr | None, every: list[Place]) -> Finding:
    """Kernels of another layer, else a known way to miscount those of this one."""
    if count is not None:
        for other in every:
            kernels = as_expression(other.row.out.channels)
            if same(per, _inside(other)) and not same(count, kernels):
                return Finding("number of kernels", f"{other.title} has {latex(kernels)} kernels", latex(kernels))
    for variant in variants(place, None):
        layer = variant.row.layer
        if isinstance(layer, Convolution) and same(
            per, as_expression(variant.row.into.channels * taps(layer, variant.row.into))
        ):
            return Finding(variant.kind, f"{variant.kind} in {place.title}", latex(_inside(place)))
    return Finding("value", f"a kernel of {place.title} has {latex(_inside(place))} weights", latex(_inside(place)))
