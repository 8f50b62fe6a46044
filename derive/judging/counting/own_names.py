r"""Names of an author's own with a layer below: P_1 and w_{C1} are parameters, r_4 the field and j_6 the jump there.

Such a name is put in words before it is judged; among the values, each is the number that the problem has for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec.structs import replace

from derive.engines.answers import Counter
from derive.judging.counting.names import named
from derive.judging.counting.places import choices_of, program_of
from derive.judging.counting.sides import is_worked_out
from derive.judging.counting.words import counts_of, phrase_of
from derive.judging.subject import Subject
from derive.language.expression import Number
from derive.reading.answer_text import Answer, Piece

LETTERS: Mapping[str, str] = {
    "P": "parameters", "p": "parameters", "w": "weights", "W": "weights", "r": "receptive field",
    "R": "receptive field", "RF": "receptive field", "j": "jump", "J": "jump",
}  # fmt: skip
MAX_NAMES = 12  # in one value
_FONT = r"\\(?:text|mathrm|textrm|mbox|operatorname|mathit)\s*"
_NAME = re.compile(
    rf"(?:\\?\#\s*)?(?:{_FONT}\{{(?P<words>[A-Za-z #\-]+)\}}|(?P<letter>RF|[A-Za-z]))"
    rf"\s*_\s*(?:\{{\s*(?:{_FONT}\{{)?(?P<sub>[A-Za-z]*\d*)\}}*\s*\}}|(?P<short>\d|[A-Z]\d|[a-z](?![a-z])))"
)
_SUM = re.compile(r"\\sum(?![A-Za-z_])\s*")
_INDEX = re.compile(r"(?P<base>[A-Za-z])_(?:\{\s*(?P<before>[li])\s*-\s*1\s*\}|\{?(?P<here>[li])\}?(?![A-Za-z]))")


def in_words(subject: Subject, answer: Answer) -> Answer | None:
    """The same with its own names in words and numbers; None where it has none that mean something here."""
    if named(subject, answer):
        return None
    label = _of_label(answer)
    values = tuple(_with_numbers(subject, piece) for piece in answer.values)
    known = [value for value in values if value is not None]
    if values[-1] != answer.values[-1]:
        return None  # a name is said to be another one, and no number
    if len(known) < len(values) or not label or (label == answer.label.text and values == answer.values):
        return None
    return replace(answer, label=Piece(label, answer.label.at), values=tuple(known))


def _of_label(answer: Answer) -> str:
    text = answer.label.text
    total = bool(_SUM.match(text))
    bare = _SUM.sub("", text).strip()
    if match := _NAME.fullmatch(bare):
        usual = match["words"] or match["letter"] in LETTERS
        return (_worded(match) or text) if usual or is_worked_out(answer) else text
    letters = {match["letter"] for piece in answer.values for match in _NAME.finditer(piece.text)}
    if bare in LETTERS and (total or letters == {bare}):
        return f"total {LETTERS[bare]}"
    return f"total {re.sub(_FONT, '', bare)}" if total else text


def _worded(match: re.Match[str]) -> str:
    """params_1 and P_{conv1} alike; of a letter that is not usual, the layer alone."""
    below = match["sub"] or match["short"] or ""
    below = {"out": "output layer", "output": "output layer", "tot": "total", "in": "input", "mid": "intermediate"}.get(
        below, below
    )
    what = match["words"] or LETTERS.get(match["letter"] or "", "")
    return f"{what.strip(' #')} of {'layer ' if below.isdigit() else ''}{below}" if below else ""


def _with_numbers(subject: Subject, piece: Piece) -> Piece | None:
    """None where one of its names has no one number here."""
    found, names = piece.text, list(_NAME.finditer(piece.text))
    if len(names) > MAX_NAMES:
        return None
    for match in reversed(names):
        number = _number(subject, _worded(match))
        if not number:
            return None
        found = f"{found[: match.start()]}{number}{found[match.end() :]}"
    return Piece(found, piece.at)


def _number(subject: Subject, words: str) -> str:
    phrase = phrase_of(subject, words) if words else None
    if phrase is None or not phrase.what:
        return ""
    counter = Counter(program_of(subject))
    values = {
        counter.answer(one, {**choices_of(subject), **one.choices}) for one in counts_of(subject, phrase, phrase.what)
    }
    value = values.pop() if len(values) == 1 else None
    return str(value.value) if isinstance(value, Number) else ""


def of_any_layer(text: str) -> str:
    """P_l = (k^2 c_{l-1} + 1) c_l in the letters of a layer; the text as it is where no index is moved."""
    indexed = list(_INDEX.finditer(text))
    if not any(match["before"] and match["base"] in "cCnN" for match in indexed):
        return text

    def put(match: re.Match[str]) -> str:
        base = match["base"]
        if base in "cCnN":
            return f"{base}_{{in}}" if match["before"] else f"{base}_{{out}}"
        if match["before"]:
            return match[0]
        return rf"\text{{{LETTERS[base]}}}" if match.start() == 0 and base in LETTERS else base

    return _INDEX.sub(put, text)
