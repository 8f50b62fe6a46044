"""Two answers without a problem: the same expression, the same relation, or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from derive.algebra.analytic import is_analytic
from derive.algebra.decide import is_zero
from derive.algebra.piecewise import cases
from derive.algebra.probe import Points, Probe
from derive.algebra.unroll import written_out
from derive.errors import AnswerError, BudgetError, UnsupportedError
from derive.judging.check import too_deep, unreadable
from derive.judging.collections import is_collection, same_collection
from derive.judging.decision import (
    AGREED,
    ALL,
    PROOF_BUDGET,
    Outcome,
    failure_of,
    find_witness,
    tried_at_points,
)
from derive.judging.fixed import FixedSizes
from derive.judging.links import exact_pairs, is_arithmetic, of_numbers
from derive.judging.matching import together
from derive.judging.noncommuting import has_matrices, ordered
from derive.judging.pairs import MismatchError, Pair, paired
from derive.judging.relations import NO_VALUE, same_relations
from derive.judging.show import shown_chain
from derive.language.domain import POSITIVE, REAL
from derive.language.expression import Expr, mul
from derive.language.judgement import Failure, Judgement
from derive.language.statement import Chain, Open, Side, Statement, Table, expressions_of
from derive.reading.beside import spelled_beside
from derive.reading.free import FreeNames, elaborated_freely
from derive.reading.habits import SAID, chained, open_habits
from derive.reading.latex.table import FUNCTIONS
from derive.reading.pending import exactly
from derive.reading.plain import read_chain
from derive.reading.statement import is_latex, unframed
from derive.reading.surface import Slash, Spelled
from derive.reading.trees import has_open_slash
from derive.reading.typed_names import typed_vocabulary

_MATRICES = re.compile(r"\^T\b|\^\{?T|[A-Z]{2}")  # typed as in LaTeX
TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "~": "~", "!=": "!="}
RATIOS = tuple(sign * Fraction(n) ** e for n in (2, 3, 4, 5, 6, 8, 10) for e in (1, -1) for sign in (1, -1))
SIDE_BY_SIDE = "if letters side by side are multiplied"
_NUMBERED = re.compile(r"([A-Za-z])_(?:([0-9])|\{([0-9]+)\})")
_RUN = re.compile(r"(?<![A-Za-z\\])([A-Za-z])([0-9]+)(?![0-9.])")
_OPEN = re.compile(r"(?<![A-Za-z])(?:[A-Za-z]{2,4}|[eIij])(?![A-Za-z(])")
_SIDE_BY_SIDE = re.compile(r"(?<![A-Za-z])[A-Za-z]{2,4}(?![A-Za-z(])")
POSITIVE_NAMES = "where every name is positive"


def compared(gold: str, answer: str) -> Judgement:
    """Is the answer the gold one, whatever its names stand for?"""
    try:
        one, two = unframed(gold), unframed(answer)
        if not is_latex(one) and not is_latex(two) and not _MATRICES.search(one + " " + two):
            found = _typed((one, two))
            if found is not None:
                return _letter_by_letter(found, one, two)
        lowered = _lowered(two, one), _lowered(one, two)
        return _spelled(one, two) if lowered == (one, two) else _as_lowered((one, two), lowered)
    except AnswerError as error:
        return unreadable(error)
    except RecursionError:
        return too_deep(answer)
    except (BudgetError, UnsupportedError, ArithmeticError) as error:
        return Judgement("undecided", str(error))


def _lowered(other: str, text: str) -> str:
    """x_1 for every x1 in a plain text, where the other one has x_1."""
    if is_latex(text):
        return text
    known = {letter + (digit or braced) for letter, digit, braced in _NUMBERED.findall(other)}
    return _RUN.sub(lambda run: f"{run[1]}_{{{run[2]}}}" if run[0] in known else run[0], text)


def _as_lowered(typed: tuple[str, str], lowered: tuple[str, str]) -> Judgement:
    """An error is told at its column in what was typed."""
    try:
        return _spelled(*lowered)
    except AnswerError:
        return _spelled(*typed)


def _letter_by_letter(found: Judgement, one: str, two: str) -> Judgement:
    """ab is a name in plain text, where someone may mean a times b; and I may be the identity, as in LaTeX."""
    if found.verdict != "refuted" or not _OPEN.search(f"{one} {two}"):
        return found
    try:
        again = _spelled(one, two)
    except (AnswerError, *NO_VALUE):
        return found
    if again.verdict == "refuted":
        return found
    beside = any(word not in FUNCTIONS for word in _SIDE_BY_SIDE.findall(f"{one} {two}"))
    if again.verdict != "proved" or not beside:
        return again
    return Judgement("depends", ALL, again.read_as, again.reading, SIDE_BY_SIDE)


def _spelled(one: str, two: str) -> Judgement:
    """Two texts in LaTeX, where every letter is a name."""
    spelled = spelled_beside((one, two))
    names = FreeNames(spelled)
    read = elaborated_freely((one, two), spelled, names)
    found = _same(read, spelled)
    if found.verdict == "agrees" or (found.verdict == "refuted" and not _hold_for_all_signs(read)):
        again = _compared((one, two), spelled, FreeNames(spelled, POSITIVE))
        if again.verdict == "proved":
            return Judgement("depends", again.scope, again.read_as, again.reading, POSITIVE_NAMES)
    if found.verdict != "proved" and any(map(has_open_slash, spelled)):
        slashes: tuple[Slash, ...] = ("names", "all")
        for slash in slashes:
            again = _compared((one, two), spelled, FreeNames(spelled), slash)
            if again.verdict == "proved":
                return Judgement("depends", ALL, again.read_as, again.reading, "a/bc is read as a/(bc)")
    found = _other_habits(_other_superscripts(found, (one, two), spelled, names), (one, two), spelled, names)
    if found.verdict == "refuted" and (said := chained(spelled)):
        return Judgement("undecided", said, found.read_as, found.reading)
    return found


def _hold_for_all_signs(read: tuple[Statement, ...]) -> bool:
    """Two expressions that are different, if they are so for some numbers, for some positive ones too."""
    chains = [chain for statement in read for chain in statement.chains]
    return len(chains) == 2 and all(
        len(chain.sides) == 1 and all(map(is_analytic, expressions_of(chain.sides[0]))) for chain in chains
    )


def _typed(texts: tuple[str, str]) -> Judgement | None:
    """Two plain texts; None where they are not such."""
    try:
        chains = []
        for domain in (REAL, POSITIVE):
            words = typed_vocabulary(texts, domain)
            chains.append(tuple(read_chain(text, words) for text in texts))
    except AnswerError:
        return None
    (gold, answer), (positive_gold, positive_answer) = chains
    read_as = shown_chain(answer.sides, answer.relations)
    found = _chain(gold, answer)
    if not found.truth and _chain(positive_gold, positive_answer).truth:
        return Judgement("depends", ALL, read_as, convention=POSITIVE_NAMES)
    return _said(found, read_as, "")


def _said(found: Outcome, read_as: str, notes: str) -> Judgement:
    if found.truth is False:
        return Judgement("refuted", found.scope, read_as, notes, counterexample=found.failure)
    if found.truth:
        return Judgement("proved", found.scope or ALL, read_as, notes)
    return Judgement("agrees" if found.why == AGREED else "undecided", found.why, read_as, notes)


def _other_superscripts(
    found: Judgement, texts: tuple[str, str], spelled: tuple[tuple[Spelled, ...], ...], names: FreeNames
) -> Judgement:
    """A superscript such as n + 1 may count or be a power: where the verdicts differ, both readings are told."""
    if not names.counting:
        return found
    other = _compared(texts, spelled, FreeNames(spelled, counts=False))
    if {found.verdict, other.verdict} == {"proved", "refuted"}:
        said = "superscripts that count" if found.verdict == "proved" else "superscripts that are powers"
        return Judgement("depends", ALL, found.read_as, found.reading, said)
    if found.verdict == "refuted" and other.verdict != "refuted":
        return Judgement("undecided", "a superscript may count or be a power", found.read_as, found.reading)
    return found


def _other_habits(
    found: Judgement, texts: tuple[str, str], spelled: tuple[tuple[Spelled, ...], ...], names: FreeNames
) -> Judgement:
    """False, unless e is Euler's number, I the identity matrix, x all of the x_i: that is not said to be false."""
    if found.verdict != "refuted":
        return found
    for habit in open_habits(spelled, names.index_scripts):
        again = found
        if habit == "i":
            return Judgement("undecided", SAID[habit], found.read_as, found.reading)
        try:
            again = _compared(texts, spelled, FreeNames(spelled, habits=(habit,)))
        except (AnswerError, *NO_VALUE):
            continue
        if again.verdict in ("proved", "depends"):
            convention = "; ".join(filter(None, (SAID[habit], again.convention)))
            return Judgement("depends", ALL, again.read_as, again.reading, convention)
        if again.verdict != "refuted" and habit in ("e", "I"):
            return Judgement("undecided", SAID[habit], again.read_as, again.reading)
    return found


def _compared(
    texts: tuple[str, str], spelled: tuple[tuple[Spelled, ...], ...], names: FreeNames, slash: Slash = "one"
) -> Judgement:
    return _same(elaborated_freely(texts, spelled, names, slash), spelled)


def _same(read: tuple[Statement, ...], spelled: tuple[tuple[Spelled, ...], ...]) -> Judgement:
    gold, answer = read
    if len(gold.chains) != len(answer.chains):
        return Judgement("undecided", "the two answers are not the same number of statements")
    read_as = " ; ".join(shown_chain(chain.sides, chain.relations) for chain in answer.chains)
    if any(has_matrices(side) for one in spelled[1] for side in one.sides):  # whose order and transposes count too
        read_as = " ".join(answer.text.split())
    notes = "; ".join(dict.fromkeys(note for chain in answer.chains for note in chain.notes))
    outcome = together(gold.chains, answer.chains, _chain)
    if not outcome.truth:
        return _said(outcome, read_as, notes)
    return _if_ordered(Judgement("proved", ALL, read_as, notes), spelled)


def _if_ordered(found: Judgement, spelled: tuple[tuple[Spelled, ...], ...]) -> Judgement:
    """What is equal for numbers may not be for matrices: the order of products is looked at too."""
    order = ordered(*(one[-1].sides[-1] for one in spelled))
    if order is None or order.truth or (order.truth is None and FreeNames(spelled).has_axes):
        return found
    if order.truth is False:
        return Judgement("refuted", order.scope, found.read_as, found.reading, counterexample=order.failure)
    return Judgement("depends", found.scope, found.read_as, found.reading, order.why)


def _chain(gold: Chain, answer: Chain) -> Outcome:
    if gold.assumed or answer.assumed:
        return Outcome(None, why=gold.assumed or answer.assumed)
    if gold.relations and answer.relations and {*gold.relations, *answer.relations} - {"=", "~"}:
        return same_relations(gold, answer)
    if len(gold.sides) == 1 or len(answer.sides) == 1:
        if {*gold.relations, *answer.relations} - {"=", "~"}:
            return Outcome(None, why="an inequality and an expression are not compared")
        return _sides(gold.sides[-1], answer.sides[-1])
    for chain in (gold, answer):  # what stands between is claimed, too
        for left, right in pairwise(chain.sides[1:]):
            between = _sides(left, right)
            if not between.truth and chain is gold:  # a system of equations rather than one that is worked out
                same = same_relations(gold, answer)
                return same if same.truth else Outcome(None, why="not all sides of the gold answer are the same")
            if not between.truth:
                return between
    relation, flipped = "=", "="
    first, last = _sides(gold.sides[0], answer.sides[0]), _sides(gold.sides[-1], answer.sides[-1])
    if relation == flipped and first.truth and last.truth:
        return last
    return _as_relations(gold, answer, relation, flipped, first, last)


def _as_relations(gold: Chain, answer: Chain, relation: str, other: str, first: Outcome, last: Outcome) -> Outcome:
    """left - right of the one is a constant times that of the other."""
    sides = [*(side for chain in (gold, answer) for side in (chain.sides[0], chain.sides[-1]))]
    if any(isinstance(side, Table | Open) for side in sides):
        return last if first.truth else Outcome(None, why="equations between arrays are compared side by side")
    one, two, three, four = (expr for expr in sides if isinstance(expr, Expr))
    difference, wanted = three - four, one - two
    for ratio in _ratios(difference, wanted):
        kept = relation == other if ratio > 0 else relation == TURNED[other]
        if kept and is_proved(mul(ratio, difference), wanted):
            return Outcome(True, ALL)
    if first.truth and relation == other:
        return last
    return same_relations(gold, answer)


def _ratios(one: Expr, other: Expr) -> Iterator[Fraction]:
    yield from (Fraction(1), Fraction(-1))
    probe = Probe(Points((one, other), {}), (one, other))
    wanted = probe.values(other)
    for ratio in RATIOS:
        if wanted is not None and probe.values(mul(ratio, one)) == wanted:
            yield ratio


def _sides(gold: Side, answer: Side) -> Outcome:
    if isinstance(gold, Table) and isinstance(answer, Table) and is_collection(gold, answer):
        return same_collection(gold, answer)
    fixed = FixedSizes({}, {})
    try:
        ways = paired(gold, answer, fixed)
    except MismatchError as error:
        if error.certain:
            return Outcome(False, failure=Failure({}, {}, error.left, error.right))
        return Outcome(None, why=str(error))
    pairs = ways[0]
    if is_arithmetic(pairs):
        outcomes = [of_numbers(pair, "=", None, {}) for pair in pairs]
        if any(one.mode not in ("exact", "") for one in outcomes if one.truth):
            return Outcome(None, why=f"the numbers agree {next(o.mode for o in outcomes if o.mode != 'exact')}")
        if all(one.truth is not False for one in outcomes) and all(
            one.truth or is_proved(exactly(pair.left), exactly(pair.right))
            for one, pair in zip(outcomes, pairs, strict=True)
        ):
            return Outcome(True, "numbers alone")
        return next(one for one in outcomes if not one.truth)
    outcomes = [_equal(pair) for pair in exact_pairs(pairs)]
    return next((one for one in outcomes if not one.truth), Outcome(True, ALL))


def _equal(pair: Pair) -> Outcome:
    points = Points((pair.left, pair.right), {})
    if Probe(points, (pair.left, pair.right)).tells_apart(pair.left, pair.right):
        found = points.difference(pair.left, pair.right) or find_witness(pair.left, pair.right, {})
        if found is not None:
            return Outcome(False, ALL, failure_of(found))
    if is_proved(pair.left, pair.right):
        return Outcome(True, ALL)
    return tried_at_points(pair, {})


def is_proved(left: Expr, right: Expr) -> bool:
    """By normal forms, if need be case by case."""
    try:
        if is_zero(left - right, {}, (), PROOF_BUDGET):
            return True
        longer = written_out(left - right)
        if longer != left - right and is_zero(longer, {}, (), PROOF_BUDGET):
            return True
        branches = cases(left - right)
        return bool(branches) and all(is_zero(case, {}, (), PROOF_BUDGET) for case in branches)
    except (BudgetError, UnsupportedError, ArithmeticError):
        return False
