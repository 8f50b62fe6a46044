"""A text into a statement: LaTeX or plain, told apart by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise

from msgspec.structs import replace

from derive.errors import AnswerError, MisfitError
from derive.language.statement import Statement
from derive.reading.code import looks_like_code, read_code
from derive.reading.definitions import expanded, is_own_answer
from derive.reading.elaborate import elaborated
from derive.reading.latex.blocks import Reader
from derive.reading.latex.tokens import Token
from derive.reading.latex.typed import typed_tokens
from derive.reading.plain import read_chain
from derive.reading.references import Names
from derive.reading.surface import Slash, Spelled, Word
from derive.reading.trees import has_open_slash, nodes_in
from derive.reading.updates import speaks_of_both, with_updates

_LATEX = re.compile(r"[\\_{]")
_BOX = re.compile(r"\s*\\(?:boxed|fbox)\s*\{")
_FRAMES = (("$$", "$$"), ("$", "$"), (r"\[", r"\]"), (r"\(", r"\)"))


def is_latex(text: str) -> bool:
    """A backslash, an underscore or a brace tells."""
    return _LATEX.search(text) is not None


def read_statement(text: str, names: Names, *, answers: bool = False) -> Statement:
    """The statement that a text makes in a vocabulary. Raises AnswerError with the column where it cannot be read.

    With `answers`, a name of the text's own on the left stands for what is asked.
    """
    inside = unframed(text)
    if looks_like_code(inside):
        return both_ways(names, lambda own: read_code(inside, own, answers=answers))
    if is_latex(inside):
        return meant(inside, names, spelled_in(inside, names).statements(), answers=answers)
    try:
        return Statement(text, (read_chain(inside, names.words),))
    except AnswerError as plain:
        if "=" in inside and (found := assignment(inside, names, answers=answers)) is not None:
            return found
        if unknown_word(inside, names):  # in LaTeX, abc would be a times b times c
            raise
        try:
            return meant(inside, names, spelled_in(inside, names).statements(), answers=answers)
        except AnswerError as error:
            raise (plain if plain.position >= error.position else error) from None


def assignment(text: str, names: Names, *, answers: bool) -> Statement | None:
    """dx = gamma * dy, where whole arrays stand for their entries."""
    try:
        return both_ways(names, lambda own: read_code(text, own, answers=answers))
    except MisfitError:
        raise
    except AnswerError:
        return None


def unknown_word(text: str, names: Names) -> bool:
    """Do letters stand together that are no word?"""
    try:
        tokens = typed_tokens(text, names.words.names)
    except AnswerError:
        return True
    starts = [Token("symbol", "", 0, 0), *tokens]
    return any(
        a.kind == b.kind == "letter" and a.stop == b.position and a.text != "d" and before.text != "^"
        for before, (a, b) in zip(starts, pairwise(tokens), strict=False)
    )


def spelled_in(text: str, names: Names) -> Reader:
    """The reader of a text in LaTeX, or in what is typed for it."""
    reader = Reader(text, typed_tokens(text, names.words.names))
    reader.names = names.letters
    return reader


def meant(
    text: str, names: Names, spelled: tuple[Spelled, ...], *, slash: Slash = "one", answers: bool = False
) -> Statement:
    """What chains say in a vocabulary; where a name may be taken in two ways, each chain has the other one besides."""
    return both_ways(names, lambda own: _meant(text, own, spelled, slash, answers))


def both_ways(names: Names, read: Callable[[Names], Statement]) -> Statement:
    """What is read, with the other way to take a name where there are two; of these the one that can be read."""
    first, other = names.fresh(), None
    found: Statement | AnswerError
    try:
        found = read(first)
    except AnswerError as error:
        found = error
    if first.open is not None:
        with suppress(AnswerError):
            other = read(names.fresh(turn=1))
    if isinstance(found, AnswerError):
        if other is None:
            raise found
        return other
    if other is None or first.open is None or len(found.chains) != len(other.chains):
        return found
    pairs = zip(found.chains, other.chains, strict=True)
    chains = (replace(one, other=two, open=first.open) if one != two else one for one, two in pairs)
    return replace(found, chains=tuple(chains))


def _meant(text: str, names: Names, spelled: tuple[Spelled, ...], slash: Slash, answers: bool) -> Statement:
    """What chains say, with the names that they make for themselves put in."""
    spelled = with_updates(text, spelled, names)
    names.numbered = counts_to_the_last(spelled, names)
    chains, notes = expanded(text, spelled, names)
    given = tuple(
        answers and len(one.sides) > 1 and not one.update and is_own_answer(one.sides[0], chains, names)
        for one in chains
    )
    chains = tuple(
        replace(one, sides=one.sides[1:], links=one.links[1:], spans=one.spans[1:]) if own else one
        for one, own in zip(chains, given, strict=True)
    )
    said = elaborated(text, names, chains, slash=slash)
    told = (
        replace(one, notes=(*one.notes, *notes), answers=own, updates=typed.update)
        for one, own, typed in zip(said.chains, given, chains, strict=True)
    )
    return replace(said, chains=tuple(told))


def counts_to_the_last(spelled: tuple[Spelled, ...], names: Names) -> bool:
    """Does a text name the last layer by its number, and not by its letter?"""
    if not names.depth:
        return False
    words = [node for one in spelled for side in one.sides for node in nodes_in(side) if isinstance(node, Word)]
    scripts = {one.base for word in words for part in word.below for one in nodes_in(part) if isinstance(one, Word)}
    return not scripts & {names.last_letter} and any(names.in_letters(word) is not None for word in words)


def read_otherwise(text: str, names: Names, *, answers: bool = False) -> list[Statement]:
    """The statement with a/bc read as a/(bc), where a slash is open so."""
    inside = unframed(text)
    if "/" not in inside:
        return []
    try:
        spelled = spelled_in(inside, names).statements()
        slashes: tuple[Slash, ...] = ("names", "all") if has_open_slash(spelled) else ()
        return [meant(inside, names, spelled, slash=slash, answers=answers) for slash in slashes]
    except AnswerError:
        return []


def _closing(text: str, start: int) -> int | None:
    """Where the brace that was opened before `start` is closed, if nothing but a stop follows."""
    depth = 1
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return at if text[at + 1 :].strip() in ("", ".", ",") else None
    return None


def read_as_update(text: str, names: Names, *, answers: bool = False) -> Statement | None:
    """The statement with x = x - .. read as the new value of x; None where nothing is written so."""
    inside = unframed(text)
    try:
        spelled = spelled_in(inside, names).statements()
        return meant(inside, names, with_updates(inside, spelled, names, loosely=True), answers=answers) if (
            speaks_of_both(spelled)) else None  # fmt: skip
    except AnswerError:
        return None


def unframed(text: str) -> str:
    """The text with the signs around displayed mathematics blanked out, so that columns stay."""
    text = re.sub(r"(?<=[$)\]])\s*[.,;]\s*\Z", lambda match: " " * len(match[0]), text)
    stripped = text.strip()
    for opening, closing in _FRAMES:
        if stripped.startswith(opening) and stripped.endswith(closing) and len(stripped) > len(opening) + len(closing):
            start = text.index(opening)
            end = text.rindex(closing)
            between = text[start + len(opening) : end]
            return unframed(" " * (start + len(opening)) + between + " " * (len(text) - end))
    if (box := _BOX.match(text)) is not None and (stop := _closing(text, box.end())) is not None:
        return unframed(" " * box.end() + text[box.end() : stop] + " " * (len(text) - stop))
    return re.sub(r"[.,;]\s*$", lambda match: " " * len(match[0]), text)
