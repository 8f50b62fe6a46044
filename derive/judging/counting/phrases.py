"""Answers whose label is words: which counts they leave, and the verdict over all of these."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import product

from msgspec.structs import replace

from derive.algebra.whole import as_expression, whole
from derive.engines.costs import SUMMED
from derive.engines.counting import counted_part
from derive.errors import AnswerError, DeriveError
from derive.judging.counting.answers import Answered
from derive.judging.counting.faults import BY_LOOKS
from derive.judging.counting.names import worded
from derive.judging.counting.on_the_way import is_on_the_way
from derive.judging.counting.outcomes import Outcome, outcome_of, together
from derive.judging.counting.places import choices_of, is_unnamed, program_of, wanted
from derive.judging.counting.sides import WINDOW, is_worked_out
from derive.judging.counting.values import same, told
from derive.judging.counting.words import FIELDS, WEIGHTS, Phrase, counts_of, phrase_of, picks, unknown_word
from derive.judging.subject import Subject
from derive.language.answers import Shape
from derive.language.counting import CONVENTIONS, QUANTITIES, Count
from derive.language.derivation import Claim, Part
from derive.language.judgement import Judgement
from derive.language.layer import every_layer
from derive.reading.answer_text import Answer, Piece, words_of
from derive.reading.answers import Values

ONE = CONVENTIONS["operations"]["multiply-adds"]
_AHEAD = re.compile(r"\s*\\text\s*\{([^{}]*?)[\s:,]*\}\s*(?=\S)")
_BRACKETED = re.compile(r"^\s*(?:\\text\s*\{)?\s*(?:\\left)?[(\[][^()]*,")
_CROSSED = re.compile(r"\d\s*x|@|\\times|×|[A-Za-z]\s*x\s*\d|R\}?\s*\^")


def judge_words(subject: Subject, answer: Answer) -> Judgement:
    """Raises AnswerError where a word is not understood, or where the words leave open what is counted."""
    answer = _unpacked(answer)
    label, where = answer.label.text or answer.behind, answer.label.at
    if answer.label.text and answer.behind:
        label = f"{answer.label.text} {answer.behind}"
    phrase = phrase_of(subject, _spelled(label)) if label else None
    if phrase is None:
        message, word = _not_understood(subject, label)
        raise AnswerError(message, answer.text, max(where, answer.text.lower().find(word)))
    if (called := _of_layer_called(subject, phrase, answer, label)) is not None:
        return called
    what = _what(phrase, answer)
    if not what:
        return _of_layer(subject, phrase, answer, label)
    counts = [one for one in counts_of(subject, phrase, what if what != "ops" else "madds")
              if _answers(subject, one)]  # fmt: skip
    parts = [part for one in counts for part in _parts(subject, one, what)]
    if (
        not parts
        and not (picks(phrase) or phrase.where)
        and what in (*SUMMED, *FIELDS, "ops")
        and is_worked_out(answer)
    ):
        return _anywhere(subject, phrase, what, answer, label)
    if not parts:
        meant = "of which layer, or 'total'" if not phrase.layer else "of what"
        raise AnswerError(f"'{label}' does not say what is meant: {meant}", answer.text, where)
    bare = Answer(answer.text, Piece(label, where), answer.values, "", answer.rounded)
    found = [(part, _judged(subject, part, bare, what)) for part in parts]
    if what == "params" and set(words_of(worded(label)) or ()) & {*WEIGHTS}:
        found = [(part, _without_biases(one)) for part, one in found]
    if "size" in label.lower() and what == "values":
        found = [(part, _along(subject, part, one, bare)) for part, one in found]
    return over(subject, found, phrase, bare)


def _without_biases(found: Judgement) -> Judgement:
    """Weights may be the parameters that are no biases."""
    if found.verdict != "depends" or found.convention != told({"bias": "without"}):
        return found
    return replace(found, verdict="proved", reading="the weights alone, without the biases", convention="")


def _of_layer_called(subject: Subject, phrase: Phrase, answer: Answer, label: str) -> Judgement | None:
    """What is called output may be a layer of that name: it is that one, where the value is right for it."""
    names = {layer.name for network in program_of(subject).networks.values() for layer in every_layer(network.layers)}
    if phrase.where not in names or phrase.layer or phrase.what:
        return None
    with suppress(AnswerError):
        found = _of_layer(subject, replace(phrase, layer=phrase.where, where=""), answer, label)
        return found if found.verdict in ("proved", "depends") else None
    return None


def _anywhere(subject: Subject, phrase: Phrase, what: str, answer: Answer, label: str) -> Judgement:
    """What is counted is said and not where: a value that is worked out may be that of one layer, or of all of them."""
    bare = Answer(answer.text, Piece("", 0), answer.values, "", answer.rounded)
    counts = [Count(what if what != "ops" else "madds", layer, name, {**choices_of(subject), **phrase.choices})
              for name, network in program_of(subject).networks.items() if phrase.network in ("", name)
              for layer in ("", *(one.name for one in every_layer(network.layers) if one.name))]  # fmt: skip
    for count in counts if wanted(subject) is None else ():
        with suppress(AnswerError, DeriveError):
            for part in _parts(subject, count, what):
                found = _judged(subject, part, bare, what)
                if found.link or (found.verdict in ("proved", "depends") and found.scope != "numbers alone"):
                    return found
    raise AnswerError(f"'{label}' does not say what is meant: of which layer, or 'total'", answer.text, answer.label.at)


def _not_understood(subject: Subject, label: str) -> tuple[str, str]:
    """How to say it, and the word that is not known; '' where the words do not fit each other."""
    word = unknown_word(subject, _spelled(label))
    if not word:
        return f"'{label}' says more than one thing; make one statement of each", ""
    one = next((q.wants for q in subject.problem.questions if isinstance(q.wants, Count) and q.wants.layer), None)
    like = f"; say what is counted and where, as in '{QUANTITIES[one.what][0]} of {one.layer}'" if one else ""
    return f"'{word}' is no word that is known here{like}", word


def _answers(subject: Subject, wants: Count) -> bool:
    """Is it about the part that is asked?"""
    asked = wanted(subject)
    return asked is None or (asked.what, asked.layer) == (wants.what, wants.layer)


def _of_layer(subject: Subject, phrase: Phrase, answer: Answer, label: str) -> Judgement:
    """A layer and a number: one of the counts that the problem asks for, where it is right for one of them."""
    alone = not subject.part or wanted(subject) is not None
    if alone and (phrase.network or phrase.choices) and not picks(phrase):
        phrase.total = True
    asked = {q.wants.what for q in subject.problem.questions if isinstance(q.wants, Count)}
    asked = asked if asked == {"shape"} else asked & {*SUMMED}
    counts = [count for what in sorted(asked) for count in counts_of(subject, phrase, what)
              if _answers(subject, count)]  # fmt: skip
    bare = Answer(answer.text, answer.label, answer.values, "", answer.rounded)
    answers = [Answered(subject, part, bare) for one in counts for part in _parts(subject, one, "")]
    found = [(one.part, one.judgement()) for one in answers]
    if false_links := [one for _, one in found if one.link]:
        return false_links[0]
    meant = _counted(found, several=len(asked) > 1) or _miscounted(subject, answers, found)
    if meant:
        return over(subject, meant, phrase, bare)
    counted = " or ".join(QUANTITIES[what][0] for what in sorted(asked)) or "name the part that it answers"
    raise AnswerError(f"'{label}' does not say what is counted: {counted}", answer.text, answer.label.at)


def _counted(found: list[tuple[Part, Judgement]], *, several: bool) -> list[tuple[Part, Judgement]]:
    """The candidates of the quantities that have the value; none where none has."""
    if not several:
        return found
    for kind in ("proved", "depends"):
        whats = {_what_of(part) for part, one in found if one.verdict == kind}
        if whats:
            return [(part, one) for part, one in found if _what_of(part) in whats]
    return []


def _miscounted(
    subject: Subject, answers: list[Answered], found: list[tuple[Part, Judgement]]
) -> list[tuple[Part, Judgement]]:
    """The candidates that have the value by a known mistake, unless it is met on the way to one of them."""
    for one in answers:
        wants = one.part.question.wants
        if not isinstance(wants, Count) or is_on_the_way(subject, wants, one.values()[-1]):
            return []
    return [(part, one) for part, one in found if {finding.kind for finding in one.diagnosis} - BY_LOOKS]


def _what_of(part: Part) -> str:
    wants = part.question.wants
    return wants.what if isinstance(wants, Count) else ""


def _along(subject: Subject, part: Part, found: Judgement, answer: Answer) -> Judgement:
    """The size of a feature map may be how many values it has, or how many there are along each axis."""
    wants = part.question.wants
    assert isinstance(wants, Count)
    what = "input" if wants.what == "inputs" else "shape"
    shape = counted_part(subject.problem, program_of(subject), replace(wants, what=what)).claim.right
    said = Values(answer.values[-1], answer.text, {}).number()
    if found.link:
        return found
    along = isinstance(shape, Shape) and sum(same(said, size) for size in shape.sizes) > 1
    if along and found.verdict == "refuted" and WINDOW.search(answer.values[0].text):
        return replace(found, verdict="proved", reading="along each axis", counterexample=None, diagnosis=())
    if along and found.verdict == "refuted":
        return replace(found, verdict="depends", convention="the size is that along each axis", counterexample=None,
                       diagnosis=())  # fmt: skip
    return found


def over(subject: Subject, found: list[tuple[Part, Judgement]], phrase: Phrase, answer: Answer) -> Judgement:
    """The judgement over the parts that may be meant; over those of the network without a name, where it is true.

    A value that is worked out shows its sizes, and so which part it is of.
    """
    unnamed = [(part, one) for part, one in found if isinstance(wants := part.question.wants, Count)
               and not phrase.network and is_unnamed(subject, wants)]  # fmt: skip
    if unnamed and all(one.verdict == "proved" for _, one in unnamed):
        found = unnamed
    if all(one.verdict == "refuted" for _, one in unnamed):
        unnamed = []
    if phrase.every:
        if false := _false_of_one(found):
            return false
        found = [(part, one) for part, one in found if one.verdict != "refuted"]
    right = [(part, one) for part, one in found if one.verdict == "proved" and (part, one) in (unnamed or found)]
    if right and len(right) < len(found) and is_worked_out(answer):
        where = ", ".join(dict.fromkeys(_where(part) for part, _ in right))
        one = right[0][1]
        return replace(one, reading="; ".join(filter(None, (one.reading, f"worked out for {where}"))))
    if len(found) == 1:
        return found[0][1]
    outcomes: list[Outcome] = [outcome_of(_where(part), one) for part, one in found]
    held = [one for _, one in found if one.verdict != "refuted"]
    best = held[0] if held else next((one for _, one in found if one.diagnosis), found[0][1])
    return together(outcomes, found[0][1].scope, best.read_as)


def _false_of_one(found: list[tuple[Part, Judgement]]) -> Judgement | None:
    """What is said of every layer is false where it is so of one of them, whatever the convention."""
    layers: dict[object, list[Judgement]] = {}
    for part, one in found:
        wants = part.question.wants
        assert isinstance(wants, Count)
        layers.setdefault((wants.network, wants.layer), []).append(one)
    return next((each[0] for each in layers.values() if all(one.verdict == "refuted" for one in each)), None)


def _where(part: Part) -> str:
    wants = part.question.wants
    assert isinstance(wants, Count)
    more = ", ".join(filter(None, (wants.network, told(wants.choices))))
    return f"{QUANTITIES[wants.what][0]} of {wants.layer or 'all'}{f' ({more})' if more else ''}"


def _unpacked(answer: Answer) -> Answer:
    r"""\text{hidden result }(m, 50): words before the first value are its label."""
    if answer.label.text or not answer.values:
        return answer
    first = answer.values[0]
    match = _AHEAD.match(first.text)
    if match is None:
        return answer
    rest = first.text[match.end() :]
    values = (Piece(rest, first.at + match.end()), *answer.values[1:])
    return replace(answer, label=Piece(match[1].strip(), first.at), values=values)


def _spelled(label: str) -> str:
    return re.sub(r"[:,.]\s*(?=$|\})", " ", worded(label))


def _what(phrase: Phrase, answer: Answer) -> str:
    """What is counted: as the words say, else a shape where one is given, else how many values there are."""
    last = answer.values[-1].text
    listed = bool(_BRACKETED.match(last) or _CROSSED.search(last))
    if phrase.what in ("", "values") and listed and (len(answer.values) == 1 or answer.arrow):
        return "shape"
    if phrase.what == "params" and _BRACKETED.match(last):
        return "weight"
    if not phrase.what:
        return "shape" if answer.arrow else "values" if phrase.where else ""
    return phrase.what


def _parts(subject: Subject, wants: Count, what: str) -> list[Part]:
    """The parts that ask for it; where they fix a convention that the words do not name, also the count without it."""
    program, asked = program_of(subject), wanted(subject)
    told_ = bool(set(wants.choices) - set(asked.choices if asked else {}))  # a convention, by the words
    same_ = [part for part in subject.known.derivation.parts if isinstance(one := part.question.wants, Count)
             and (one.what, one.layer) == (wants.what, wants.layer)
             and program.network(one.network) is program.network(wants.network)
             and (asked is None or one.choices == asked.choices) and not told_]  # fmt: skip
    fixed = any(part.question.wants.choices for part in same_ if isinstance(part.question.wants, Count))
    if not same_ or (fixed and asked is None):
        with suppress(DeriveError):  # a layer may have none of it
            same_.append(counted_part(subject.problem, program, wants))
    if what == "ops":
        same_ = [replace(part, others=(*part.others, *_separately(subject, wants))) for part in same_]
    return same_


def _separately(subject: Subject, wants: Count) -> list[Claim]:
    """Multiplications and additions together, under each way to count the additions."""
    program = program_of(subject)
    muls, adds = (counted_part(subject.problem, program, replace(wants, what=what)) for what in ("muls", "adds"))
    found = []
    for one, other in product((muls.claim, *muls.others), (adds.claim, *adds.others)):
        try:
            both = as_expression(whole(one.right) + whole(other.right))
        except DeriveError:
            continue
        convention = {**one.convention, **other.convention, "operations": "separate"}
        found.append(Claim(muls.question.id, muls.claim.left, both, convention=convention))
    return found


def _judged(subject: Subject, part: Part, answer: Answer, what: str) -> Judgement:
    found = Answered(subject, part, answer).judgement()
    if what == "ops" and found.verdict == "proved":
        return replace(found, verdict="depends", convention=ONE)
    return found
