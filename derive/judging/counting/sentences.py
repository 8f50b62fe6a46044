"""Sentences about a count: "The first layer has 156 parameters" is a label, a value and the words behind it."""

from __future__ import annotations

import re

from msgspec.structs import replace

from derive.errors import AnswerError
from derive.reading.answer_text import Answer, Piece, pieces_of

_FONT = re.compile(r"\\(?:text|mathrm|textrm|mbox)\s*\{([^{}]*)\}")
_VERB = re.compile(
    r"(?<![\w\\])(?:has|have|needs?|requires?|uses?|contains?|contributes?|consists? of|gives?|produces?|yields?|costs?"
    r"|takes?|(?P<saves>saves?)|(?<![Tt]he )outputs|is|are|equals?|holds?|stores?|accounts? for|makes? up"
    r"|(?P<sees>sees?|depends? on))"
    r"(?!\w)"
)
_ABOUT = re.compile(r"(?:about|approximately|approx\.?|roughly|around|circa|ca\.)\s+")
_HEDGE = re.compile(
    r"(?:only|just|exactly|precisely|a total of|in total|an?|the|of size|equal to"
    r"|(?:(?:row |column )?vector |matrix |tensor )?(?:of |with )?(?:length|shape|dimensions?))\s+"
)
_WORD = re.compile(r"(?<![\\A-Za-z_{])(?!(?:max|min|floor|ceil)(?![a-z]))[A-Za-z]{2,}")
_TABLE = re.compile(r"(\S+) rows? and (\S+) columns?")
_NAMED = re.compile(r"([A-Za-z][A-Za-z ]*?) of (?:size )?((?:\d|\().*)")  # a receptive field of 16
_SHARE = re.compile(r"([\d.]+\s*\\?%) of (.+?) (?:is|are|lies?|sits?|comes?)(?: in| from| at| of)? (.+)")
_PATCH = re.compile(
    r"(?:patch|patches|window|region|area|square|neighbou?rhood|pixels?)"
    r"(?: (?:per|of each|in each|for each) channel| (?:of|in) (?:the )?(?:input|image|x|X))?"
)
_DEFINED = re.compile(r"([A-Z])\s*=([^=]*X[^=]*W[^=]*)")
MAX_STATEMENTS, MAX_DEFINED = 12, 400
TIMES = {"twice": "2 times", "double": "2 times", "half": "1/2 times", "third": "1/3 times", "quarter": "1/4 times",
         "two times": "2 times", "three times": "3 times", "four times": "4 times", "five times": "5 times",
         "no": "0"}  # fmt: skip
_TIMES = re.compile(rf"({'|'.join(TIMES)})(?: of)?(?=\s)(?!\s+bias)")
_COMPARED = re.compile(r"(?:more|fewer|less|as many|as much)\b")
_BETWEEN = re.compile(
    r"[,;](?:\s|\\[ ,;!]|\\q?quad(?![A-Za-z]))+(?=[A-Za-z\\])|\s+and\s+(?=[A-Za-z\\])|\\q?quad(?![A-Za-z])[,;]?"
)
_SYMBOL = r"\\?[A-Za-z](?:[a-z]*\^2|(?<=\\[A-Za-z])[a-z]+|_(?:\{\w{1,4}\}|\w))?"
_SHARED = re.compile(rf"(?P<head>[^:=\d]*:)?\s*(?P<one>{_SYMBOL})\s*(?:,|\band\b)\s*(?P<other>{_SYMBOL})\s*"
                     r"(?P<rest>(?:\\in(?![a-z])|∈|:(?!.*:)).*)")  # fmt: skip
_LABELLED = re.compile(r"[^:=]*[A-Za-z][^:=]*:\s*")
_VALUED = re.compile(r"^\s*\\?[A-Za-z][^=]*?(?:=|[\s}][(\d])")
_NEXT = re.compile(r"[,;](?:\s|\\[ ,;!]|\\q?quad(?![A-Za-z]))+(?=[\d(])")
_STATES = re.compile(r"(?:\\#?)?[A-Za-z].*?(?:=|≈|∈|→|:|\\in(?![a-z])|\\approx|\\to(?![a-z]))")


def statements_of(text: str) -> list[str]:
    """Several statements beside each other, each at its own columns; the whole text where one of them says nothing."""
    depth, start, found = 0, 0, list[str]()
    for at, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0 and at >= start and (between := _BETWEEN.match(text, at)):
            found.append(" " * start + text[start:at])
            start = between.end()
    found.append(" " * start + text[start:])
    if len(found) == 1 and (chains := _chains(text)):
        return chains
    if shared := _SHARED.fullmatch(text.strip()):
        return [f"{shared['head'] or ''} {name} {shared['rest']}" for name in (shared["one"], shared["other"])]
    found = _under_one_head(found)
    states = all(_STATES.match(one.strip()) or sentence_of(one) for one in found)
    return found if states and len(found) <= MAX_STATEMENTS else [text]


def _under_one_head(parts: list[str]) -> list[str]:
    """C1: weights 150, connections 117,600: what has no label of its own is about the first one's."""
    head = _LABELLED.match(parts[0])
    if head is None or len(parts) < 2 or any(":" in part or not _VALUED.search(part) for part in parts[1:]):
        return parts
    return [parts[0], *(f"{head[0].strip()} {part.strip()}" for part in parts[1:])]


def _chains(text: str) -> list[str]:
    """C1: 6 * 26 = 156, 156 * 784 = 122,304: several equations between numbers under one label."""
    head = _LABELLED.match(text)
    start = head.end() if head else 0
    parts = _NEXT.split(text[start:])
    if len(parts) < 2 or not all("=" in part for part in parts):
        return []
    return [f"{head[0] if head else ''}{part}" for part in parts]


def with_definitions(statements: list[str]) -> list[str]:
    """H = relu(X W_h + b_h), Y = relu(H W_o + b_o): in the second, H is what the first one says."""
    found: list[str] = []
    for text in statements:
        for before in found[:]:
            if (defined := _DEFINED.fullmatch(before.strip())) and max(len(text), len(before)) < MAX_DEFINED:
                said = defined[2].strip().replace("\\", r"\\")
                text = re.sub(rf"(?<![A-Za-z\\_]){defined[1]}(?![a-z_])", f"({said})", text)
        found.append(text)
    return found


def sentence_of(text: str) -> Answer | None:
    """None where it is no sentence: no verb, no words before it, or a relation among them."""
    bare = _FONT.sub(r" \1 ", text).strip().rstrip(".").rstrip()
    if share := _SHARE.fullmatch(bare):
        bare = f"{share[3]} has {share[1]} of {share[2]}"
    verb = _VERB.search(bare)
    if verb is None or not re.fullmatch(r"[^=:≈\\]*[A-Za-z][^=:≈\\]*", _brackets_out(bare[: verb.start()])):
        return None
    label, rest = bare[: verb.start()].strip().rstrip(","), bare[verb.end() :].strip()
    rounded = bool(_ABOUT.match(rest))
    while hedge := _ABOUT.match(rest) or _HEDGE.match(rest):
        rest = rest[hedge.end() :]
    if times := _TIMES.match(rest):
        rest = f"{TIMES[times[1]]}{rest[times.end() :]}"
    if table := _TABLE.fullmatch(rest):
        rest = f"({table[1]}, {table[2]})"
    if named := _NAMED.fullmatch(rest):
        label, rest = f"{label} {named[1]}", named[2]
    if _COMPARED.match(rest):
        return Answer(text, Piece(label, 0), (), rest, equals=True)
    found = _with_value(text, label, rest, rounded=rounded, sees=bool(verb["sees"]))
    if verb["saves"] and found is not None:
        return replace(found, behind=f"fewer {found.behind}") if found.behind else None
    return found


def _with_value(text: str, label: str, rest: str, *, rounded: bool, sees: bool) -> Answer | None:
    word = _WORD.search(rest)
    value, behind = (rest[: word.start()], rest[word.start() :].strip()) if word else (rest, "")
    if not value.strip():
        return None
    try:
        found = pieces_of(value.strip())
    except AnswerError:
        return None
    if sees and not value.lstrip().startswith("X"):
        if behind and not _PATCH.fullmatch(behind):
            return None
        label, behind = f"receptive field of {label}", ""
    values = (found.label, *found.values) if found.label.text else found.values
    values = tuple(replace(piece, at=max(0, text.find(piece.text))) for piece in values)
    return Answer(text, Piece(label, 0), values, behind, rounded or found.rounded, equals=True)


def _brackets_out(text: str) -> str:
    """What stands in brackets is no relation: y1[k,i,j], params(1998, C1)."""
    return re.sub(r"\[[^\]]*\]|\([^)]*\)", "", text)
