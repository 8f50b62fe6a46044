"""The sides of a statement about a layer: formulas in its letters, and words for a count or for one of its numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from derive.errors import AnswerError
from derive.judging.counting.letters import Role
from derive.judging.counting.names import named
from derive.judging.counting.places import Place, numbered
from derive.judging.counting.variants import COUNTED
from derive.judging.counting.words import Phrase, phrase_of
from derive.judging.subject import Subject
from derive.language.counting import Count
from derive.language.expression import Expr, Number
from derive.reading.answer_text import Answer, Piece, words_of
from derive.reading.answers import Values
from derive.reading.letters import letters_in

OF_LAYERS: Mapping[str, Role] = {
    **dict.fromkeys(("kernel size", "filter size", "kernel", "filter", "kernel sizes"), "kernel"),
    **dict.fromkeys(("output width", "out width"), "width out"), **dict.fromkeys(("output height",), "height out"),
    **dict.fromkeys(("input width",), "width in"), **dict.fromkeys(("input height",), "height in"),
    **dict.fromkeys(("stride", "strides"), "stride"), **dict.fromkeys(("padding", "pad", "zero-padding"), "padding"),
    **dict.fromkeys(("input channels", "channels in", "in channels"), "channels in"),
    **dict.fromkeys(("output channels", "out channels", "filters", "kernels", "feature maps"), "channels out"),
}  # fmt: skip
WINDOW = re.compile(r"\d\s*-\s*\d|\\lfloor|⌊|\d\s*/\s*\d|\\frac")
_WORKING = re.compile(r"[\d)}]\s*(?:\\(?:times|cdot|ast)(?![A-Za-z])|[*×·⋅+]|x(?=\s*\d))\s*(?=(10\^|))[\d(\\]")
_CROSSED = re.compile(r"\d+(?:\s*(?:x|×|\\times)\s*\d+)+")
_SUFFIX = re.compile(r"[\d.,\s]+(?:\\[,;: ])?\s*([kKMGB])")


class Side(Struct, frozen=True):
    """One side as typed: a formula, also with its quotients rounded down; or a count, by its name."""

    piece: Piece
    exact: Expr | None = None
    floored: Expr | None = None
    what: str = ""
    sizes: tuple[Expr, ...] = ()  # 3 x 3, for a number that holds along each axis


class Spoken(Struct, frozen=True):
    """What the words of a label say: a count or one number of a layer, and which layer."""

    what: str = ""
    role: Role | None = None
    phrase: Phrase | None = None
    wants: Count | None = None


def spoken_of(subject: Subject, answer: Answer) -> Spoken | None:
    """The label in words; None where it is none, or is a formula in letters."""
    label = answer.label.text
    if not label or answer.arrow or (not answer.equals and not any(WINDOW.search(one.text) for one in answer.values)):
        return None
    parts = named(subject, answer)
    if len(parts) == 1 and isinstance(wants := parts[0].question.wants, Count) and wants.what in COUNTED:
        return Spoken(wants.what, wants=wants)
    bare = re.sub(r"\\(?:text|mathrm|operatorname)\s*", "", label)
    if not re.search(r"[A-Za-z]{3}", bare):
        return None
    words = words_of(label)
    if words is None:
        return None
    crossed = len(answer.values) == 1 and _CROSSED.fullmatch(answer.values[0].text)  # 32x32 is no number of channels
    for role_words, role in OF_LAYERS.items():
        if crossed and role in ("channels in", "channels out"):
            continue
        wanted_ = role_words.split()
        for at in range(len(words) - len(wanted_) + 1):
            if list(words[at : at + len(wanted_)]) == wanted_:
                rest = phrase_of(subject, " ".join((*words[:at], *words[at + len(wanted_) :])))
                if rest is not None and not rest.what:
                    return Spoken(role=role, phrase=rest)
    phrase = phrase_of(subject, label)
    if phrase is not None and is_size_of(phrase, answer):
        return Spoken(role="size out", phrase=phrase)
    if phrase is None or phrase.what not in COUNTED:
        return None
    return Spoken(phrase.what, phrase=phrase)


def is_worked_out(answer: Answer) -> bool:
    """Does it show a sum or a product before its value?"""
    worked = answer.equals or len(answer.values) > 1
    return worked and not answer.arrow and any(match[1] != "10^" for match in _WORKING.finditer(answer.values[0].text))


def is_size_of(phrase: Phrase, answer: Answer) -> bool:
    """Is it a layer alone, and a window worked out, as in pool2: (10 - 2)/2 + 1 = 5?"""
    layer = bool(phrase.layer or phrase.kind or phrase.ordinal) and not (phrase.what or phrase.where or phrase.total)
    output = phrase.where == "output" and phrase.what in ("", "values", "shape")
    return (layer or output) and any(WINDOW.search(piece.text) for piece in answer.values)


def formulas_of(answer: Answer, spoken: Spoken | None) -> tuple[Piece, ...]:
    """The sides that are no words."""
    return answer.values if spoken is not None or not answer.label.text else (answer.label, *answer.values)


def formula_side(piece: Piece, answer: Answer, letters: Mapping[str, Expr], spoken: Spoken | None) -> Side:
    """A side in letters and numbers, exact and rounded down. Raises AnswerError where it is none."""
    whole = answer.text
    shaped = spoken is not None and spoken.role in ("kernel", "stride", "padding")
    if shaped and re.search(r"x|\\times|×|,", piece.text) and not letters_in(piece.text):
        sizes = Values(piece, whole, letters, grouped=False).shape()
        if len(sizes) > 1:
            return Side(piece, sizes=sizes)
    if suffix := _SUFFIX.fullmatch(piece.text):
        raise AnswerError(f"'{suffix[1]}' may be a letter or a unit here; write the number out", whole, piece.at)
    readers = [Values(piece, whole, letters, joined=True, floors=floors) for floors in (False, True)]
    exact, floored = (reader.number() for reader in readers)
    part = isinstance(exact, Number) and exact.value.denominator != 1 and letters_in(answer.label.text)
    if readers[0].percent or (readers[0].decimal and not part) or answer.rounded:
        raise AnswerError("whole numbers are expected with letters", whole, piece.at)
    return Side(piece, exact, floored)


def allowed(found: tuple[Place, ...], phrase: Phrase, answer: Answer) -> tuple[Place, ...]:
    """The layers that the words leave."""
    kept = tuple(place for place in found if phrase.network in ("", place.network)
                 and (not phrase.layer or place.row.belongs(phrase.layer))
                 and (not phrase.kind or isinstance(place.layer, phrase.kind)))  # fmt: skip
    if phrase.ordinal:
        kept = kept[phrase.ordinal - 1 : phrase.ordinal] if phrase.kind else numbered(kept, phrase.ordinal)
    if not kept:
        raise AnswerError("there is no such layer", answer.text, answer.label.at)
    return kept
