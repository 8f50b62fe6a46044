r"""Quotients of two counts: output/input = 100\%, 17.87\% less memory, 50\% of the input storage is required.

Where the words leave open which two counts are compared, every pair is that the problem compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import combinations, permutations, product

from msgspec import Struct

from derive.algebra.whole import amount_at
from derive.engines.answers import Counter
from derive.errors import AnswerError, DeriveError
from derive.judging.counting.outcomes import Outcome, together
from derive.judging.counting.places import choices_of, program_of
from derive.judging.counting.variants import everywhere
from derive.judging.counting.words import Phrase, counts_of, phrase_of
from derive.judging.digits import misprint, text_of
from derive.judging.subject import Subject
from derive.language.counting import Count, Counting, Ratio
from derive.language.expression import Number
from derive.language.judgement import Failure, Finding, Judgement
from derive.reading.answer_text import Answer, Piece
from derive.reading.answers import Values

ROUNDED = "rounded to the digits that are written"
LESS = ("less", "fewer", "smaller", "lower", "cheaper")
MORE = ("more", "larger", "bigger", "higher", "greater")
SAVED = ("reduction", "saving", "savings", "decrease", "reduced")
_TEXT = re.compile(r"\\(?:text|mathrm|operatorname)\s*\{([^{}]*)\}")
_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_RATIO = re.compile(r"(?:the )?ratio (?:of |between )?(.+) (?:to|and) (.+)")
_NEEDED = re.compile(r"\s*(?:is|are)?\s*(?:required|needed|used)?\s*$")
MAX_TERMS = 8
ENDS = {"in": "input", "out": "output", "mid": "intermediate", "middle": "intermediate"}
_LITERAL = re.compile(r"[\d,]+(?:\.(\d+))?\s*(\\?%)?")


class Pair(Struct, frozen=True):
    """One count over another, as a number; `told` names them."""

    over: Count
    under: Count
    told: str
    ordered: bool = False  # which one is divided by which is said


class Said(Struct, frozen=True):
    """What a text says of a quotient: it is `value`, or differs from 1 by it, to the digits that are written."""

    value: Fraction
    unit: Fraction | None = None  # of the last digit; None where the number is exact
    how: str = "is"  # "is", "less", "more", or only "below" or "above" 1

    @property
    def quotient(self) -> Fraction:
        return {"less": 1 - self.value, "more": 1 + self.value}.get(self.how, self.value)

    @property
    def shown(self) -> str:
        return {"below": "less than 1", "above": "more than 1"}.get(self.how, text_of(self.quotient))

    def holds(self, quotient: Fraction) -> str | None:
        """'' where it is exact, the reading where it is right to its digits, else None."""
        if self.how in ("below", "above"):
            return "" if quotient != 1 and (quotient < 1) == (self.how == "below") else None
        if self.quotient == quotient:
            return ""
        near = self.unit is not None and 2 * abs(self.quotient - quotient) <= self.unit
        return ROUNDED if near else None


def in_terms(subject: Subject, text: str) -> tuple[str, str] | None:
    """The part and the value of "in : between : out = 2 : 1 : 2"; None where the terms are not those of one part."""
    left, _, right = text.partition("=")
    terms = [one.strip() for one in left.split(":")]
    if subject.part or not 2 <= len(terms) <= MAX_TERMS or not all(one[:1].isalpha() for one in terms):
        return None
    if ":" not in right or set(right) - set("0123456789.,: "):
        return None
    phrases = [phrase_of(subject, ENDS.get(one.lower(), one)) for one in terms]
    found = []
    for question in subject.problem.questions:
        if isinstance(question.wants, Ratio) and len(question.wants.parts) == len(phrases):
            counts = [subject.problem.question(part).wants for part in question.wants.parts]
            if all(_is_term(subject, phrase, one) for phrase, one in zip(phrases, counts, strict=True)):
                found.append(question.id)
    return (found[0], right.strip()) if len(found) == 1 else None


def _is_term(subject: Subject, phrase: Phrase | None, wants: object) -> bool:
    if phrase is None or not isinstance(wants, Count):
        return False
    if phrase.network and not (phrase.where or phrase.layer):
        phrase.total = True
    what = wants.what if phrase.what in ("", "values") else phrase.what
    own = counts_of(subject, phrase, "values" if what == "inputs" else what)
    return any((one.what, one.layer, one.network) == (wants.what, wants.layer, wants.network) for one in own)


def judge_quotient(subject: Subject, answer: Answer) -> Judgement | None:
    """None where the text speaks of no quotient. Raises AnswerError where it does and cannot be read."""
    label, behind = _words(answer.label.text), _words(answer.behind).lower()
    if answer.label.text and answer.equals and not behind:
        if (operands := _operands(answer.label.text, label)) is not None:
            return judged_pairs(subject, answer, "is", _of_words(subject, answer, *operands))
        words = label.lower().split()
        if set(words) & set(SAVED):
            rest = " ".join(word for word in words if word not in (*SAVED, "in", "of"))
            return judged_pairs(subject, answer, "less", _compared(subject, answer, rest))
        return None
    if answer.label.text or not behind:
        return None
    words = behind.split()
    if words[0] in (*LESS, *MORE) and _percent(answer):
        rest = " ".join(words[1:]).partition(" than ")[0]
        return judged_pairs(subject, answer, "less" if words[0] in LESS else "more", _compared(subject, answer, rest))
    if words[0] in SAVED and _percent(answer):
        rest = " ".join(word for word in words[1:] if word not in ("in", "of", "the"))
        return judged_pairs(subject, answer, "less", _compared(subject, answer, rest))
    if words[0] == "times" and len(words) > 2 and words[1] in (*LESS, *MORE):
        pairs = _compared(subject, answer, " ".join(words[2:]).partition(" than ")[0])
        return judged_pairs(subject, answer, "times", pairs)
    if words[0] == "of" and _percent(answer):
        return judged_pairs(subject, answer, "is", _shares(subject, answer, _NEEDED.sub("", " ".join(words[1:]))))
    return None


def _words(text: str) -> str:
    return _TEXT.sub(r" \1 ", text).strip()


def _percent(answer: Answer) -> bool:
    return len(answer.values) == 1 and answer.values[0].text.rstrip().endswith("%")


def _operands(label: str, words: str) -> tuple[str, str] | None:
    match = _FRACTION.fullmatch(_TEXT.sub(r"\1", label).strip())
    if match and re.search("[A-Za-z]", match[0].removeprefix(r"\frac")):
        return match[1], match[2]
    if words.count("/") == 1 and re.fullmatch(r"[A-Za-z0-9 ()\-/]+", words) and re.search(r"[A-Za-z]{3}", words):
        one, other = words.split("/")
        return one, other
    match = _RATIO.fullmatch(words.lower())
    return (match[1], match[2]) if match else None


# -- which counts ----------------------------------------------------------------------------------------------------


def _of_words(subject: Subject, answer: Answer, over: str, under: str) -> list[Pair]:
    one, other = (read_phrase(subject, answer, words) for words in (over, under))
    for phrase, words in ((one, over), (other, under)):
        if phrase.what == "shape" and "output" in words.lower():  # the output size is a number of values here
            phrase.what, phrase.where = "values", "output"
    what = one.what or other.what or _compared_here(subject)
    tops, bottoms = (counts_of(subject, phrase, phrase.what or what) if what else [] for phrase in (one, other))
    pairs = [Pair(a, b, f"{named(a)} : {named(b)}") for a, b in product(tops, bottoms)
             if _same_network(subject, a, b, one, other)]  # fmt: skip
    if not pairs:
        raise AnswerError("it is open which two numbers are divided; name both", answer.text, answer.label.at)
    return pairs


def _same_network(subject: Subject, a: Count, b: Count, one: Phrase, other: Phrase) -> bool:
    """Two counts of one network, unless the words name two."""
    return bool(one.network or other.network) or a.network == b.network


def read_phrase(subject: Subject, answer: Answer, words: str) -> Phrase:
    found = phrase_of(subject, words)
    if found is None:
        raise AnswerError(f"'{words.strip()}' names nothing in this problem", answer.text, answer.label.at)
    if found.network and not found.where and not found.layer:
        found.total = True
    return found


def _ratios(subject: Subject, what: str) -> list[list[Count]]:
    """The counts that the problem compares with each other, of one quantity; '' is any."""
    found = []
    for question in subject.problem.questions:
        if isinstance(question.wants, Ratio) and subject.part in ("", question.id, *question.wants.parts):
            counts = [subject.problem.question(part).wants for part in question.wants.parts]
            some = [one for one in counts if isinstance(one, Count)]
            if len(some) == len(counts) and (not what or all(_is(one.what, what) for one in some)):
                found.append(some)
    return found


def _is(one: str, what: str) -> bool:
    memory = ("values", "inputs")
    return one == what or (one in memory and what in memory)


def _compared_here(subject: Subject) -> str:
    """The one quantity that the problem compares, '' where there are several."""
    whats = {"values" if one.what == "inputs" else one.what for ratio in _ratios(subject, "") for one in ratio}
    return whats.pop() if len(whats) == 1 else ""


def _compared(subject: Subject, answer: Answer, words: str) -> list[Pair]:
    """Every two counts of a quantity that the problem compares, the smaller one over the larger one or as they come."""
    phrase = read_phrase(subject, answer, words) if words else Phrase()
    if phrase.where or phrase.layer or phrase.ordinal:
        raise AnswerError("it is open what is compared with it", answer.text, answer.label.at)
    what = phrase.what or _compared_here(subject)
    groups = _ratios(subject, what) if what else []
    pairs = [Pair(b, a, f"{named(b)} : {named(a)}") for group in groups for a, b in combinations(group, 2)]
    if not pairs:
        raise AnswerError("it is open which two numbers are compared", answer.text, answer.values[0].at)
    return pairs


def _shares(subject: Subject, answer: Answer, words: str) -> list[Pair]:
    """Every count that the problem compares with the one that the words name."""
    phrase = read_phrase(subject, answer, words)
    what = phrase.what or _compared_here(subject)
    bases = counts_of(subject, phrase, what) if what else []
    both = [pair for group in _ratios(subject, what) for pair in permutations(group, 2)]
    pairs = [Pair(a, b, f"{named(a)} : {named(b)}") for a, b in both
             if any((b.what, b.layer) == (base.what, base.layer) and _network(subject, b) is _network(subject, base)
                    for base in bases)]  # fmt: skip
    if not pairs:
        raise AnswerError("it is open which number is compared with it", answer.text, answer.values[0].at)
    return pairs


def _network(subject: Subject, wants: Count) -> object:
    return program_of(subject).network(wants.network)


def named(wants: Count) -> str:
    words = " ".join(filter(None, (wants.network, "input" if wants.what == "inputs" else "", wants.layer)))
    return words or wants.what


# -- judging ---------------------------------------------------------------------------------------------------------


def judged_pairs(subject: Subject, answer: Answer, how: str, pairs: list[Pair]) -> Judgement:
    """The judgement over all pairs that may be meant; `how` is what is said of their quotient."""
    said = [_said(piece, answer, how) for piece in answer.values] or [Said(Fraction(1), how=how)]
    outcomes = [_outcome(subject, pair, said, how) for pair in pairs]
    words = "; ".join(filter(None, (answer.label.text, answer.behind)))
    shown = " = ".join(piece.text for piece in answer.values)
    read_as = f"{words}: {shown}" if shown else words
    names = ", ".join(pair.told for pair in pairs)
    return together(outcomes, "the sizes of the problem", read_as, f"compared are {names}")


def _said(piece: Piece, answer: Answer, how: str) -> Said:
    whole = answer.text
    reader = Values(piece, whole, {})
    terms = reader.ratio()
    numbers = [amount_at(term, {}) for term in terms]
    if len(terms) > 2 or not all(numbers[1:]):
        raise AnswerError("a number, a percentage or a ratio is expected", whole, piece.at)
    value = numbers[0] / numbers[1] if len(numbers) == 2 else numbers[0]
    literal = _LITERAL.fullmatch(piece.text.strip())
    unit = None
    if literal and (literal[1] or literal[2] or answer.rounded):
        unit = Fraction(1, 10 ** len(literal[1] or "")) / (100 if literal[2] else 1)
    return Said(value, unit, how if how in ("less", "more") else "is")


def _outcome(subject: Subject, pair: Pair, said: list[Said], how: str) -> Outcome:
    quotient = _quotient(program_of(subject), pair, choices_of(subject))
    if quotient is None:
        return Outcome(pair.told, "open", "these two numbers could not be divided")
    pair_, quotient = _turned(pair, quotient, how)
    held = [one.holds(quotient) for one in said]
    if None not in held:
        return Outcome(pair_.told, "true", reading="; ".join(dict.fromkeys(filter(None, held))))
    wrong = said[held.index(None)]
    failure = Failure({}, {}, text_of(quotient), wrong.shown)
    return Outcome(pair_.told, "false", failure=failure,
                   findings=tuple(_findings(subject, pair_, wrong, quotient, how)))  # fmt: skip


def _turned(pair: Pair, quotient: Fraction, how: str) -> tuple[Pair, Fraction]:
    """Less compares the smaller one with the larger one, more and times the larger one with the smaller one."""
    if pair.ordered:
        return pair, quotient
    if (how == "less" and quotient > 1) or (how in ("more", "times") and quotient < 1):
        return Pair(pair.under, pair.over, " : ".join(reversed(pair.told.split(" : ")))), 1 / quotient
    return pair, quotient


def _quotient(program: Counting, pair: Pair, choices: dict[str, str]) -> Fraction | None:
    counter = Counter(program)
    values = [counter.answer(one, {**choices, **one.choices}) for one in (pair.over, pair.under)]
    numbers = [one.value for one in values if isinstance(one, Number) and one.value > 0]
    return numbers[0] / numbers[1] if len(numbers) == 2 else None


def _findings(subject: Subject, pair: Pair, said: Said, quotient: Fraction, how: str) -> Iterator[Finding]:
    program, right = program_of(subject), text_of(quotient)
    if said.how in ("below", "above"):
        yield Finding("inverse", "it is the other way round", right)
        return
    for kind, changed in everywhere(program):
        with suppress(DeriveError):
            found = _quotient(changed, pair, choices_of(subject))
            if found is not None and said.holds(_turned(pair, found, how)[1]) is not None:
                yield Finding(kind, f"{kind}: that gives {text_of(found)}", right)
                return
    if said.holds(1 / quotient) is not None:
        yield Finding("inverse", "the quotient is the other way round", right)
    elif said.holds(1 - quotient) is not None:
        yield Finding("complement", "that is what is left, not what is saved, or the other way round", right)
    elif misprinted := misprint(abs(quotient - (said.how in ("less", "more"))), said.value):
        yield misprinted
    else:
        yield Finding("value", f"the quotient is {right}", right)
