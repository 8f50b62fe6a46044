"""Products whose order matters: sums of words over letters that do not commute, with transposes."""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction
from itertools import product as combinations
from typing import TypeAlias

from msgspec.structs import replace

from derive.judging.decision import Outcome
from derive.language.judgement import Failure
from derive.reading import surface as s
from derive.reading.references import describe
from derive.reading.trees import nodes_in

Letter: TypeAlias = "tuple[str, bool]"  # a name, and whether it is transposed
Word: TypeAlias = "tuple[Letter, ...]"
Combination: TypeAlias = "dict[Word, Fraction]"
Matrix: TypeAlias = "tuple[tuple[Fraction, ...], ...]"
BOLD = ("mathbf", "boldsymbol")
COMMUTING = frozenset(
    {"alpha", "beta", "gamma", "eta", "lambda", "epsilon", "mu", "rho", "tau", "c", "n", "m", "N", "K", "M"}
)
MAX_WORDS = 200
TRIES = 6


class NotWordsError(Exception):
    """Something else than sums and products of letters and numbers."""


def ordered(gold: s.Node, answer: s.Node) -> Outcome | None:
    """Equal as products whose order matters? None where nothing in the two is a matrix.

    Undecided where it depends on whether the letters commute.
    """
    if not (has_matrices(gold) or has_matrices(answer)):
        return None
    try:
        one, other = words(gold), words(answer)
    except NotWordsError:
        return None if not certainly_matrices(gold, answer) else Outcome(None, why="if the factors may change places")
    if one == other or _scalars(one) == _scalars(other):
        return Outcome(True)
    if certainly_matrices(gold, answer):
        found = counterexample(one, other)
        if found is not None:
            return Outcome(False, "matrices that do not commute", found)
        return Outcome(None, why="if the factors may change places")
    return Outcome(None, why="if the factors commute, as numbers do")


def has_matrices(node: s.Node) -> bool:
    """Transposes, bold letters, or two capitals in one product."""
    found = nodes_in(node)
    if any(map(_is_matrix, found)):
        return True
    for one in found:
        if isinstance(one, s.Product):
            capitals = [
                f for f in one.factors if isinstance(f, s.Word) and f.base.isupper() and f.base not in COMMUTING
            ]
            if len(capitals) > 1:
                return True
    return False


def certainly_matrices(*nodes: s.Node) -> bool:
    return any(_is_matrix(one) for node in nodes for one in nodes_in(node))


def _is_matrix(node: s.Node) -> bool:
    """Bold, or transposed, if it is not written out: then its entries have been multiplied as they should."""
    if isinstance(node, s.Transposed):
        return not isinstance(node.base, s.Grid) and not (isinstance(node.base, s.Listed) and len(node.base.items) > 1)
    return isinstance(node, s.Word) and node.font in BOLD and node.base != "1"


def words(node: s.Node) -> Combination:
    """The node as a linear combination of words."""
    match node:
        case s.Numeral(text=text):
            return {(): Fraction(text)}
        case s.Listed(items=(inside,)):
            return words(inside)
        case s.Word(above=(s.Numeral(text=text),)) if text.isdigit() and int(text) <= 6 and not node.raised:
            return _product([{(_letter(replace(node, above=())),): Fraction(1)}] * int(text))
        case s.Word():
            return {(_letter(node),): Fraction(1)}
        case s.Transposed(base=base):
            return _collected([(tuple((n, not t) for n, t in reversed(word)), c) for word, c in words(base).items()])
        case s.Sums(terms=terms):
            return _collected([(word, sign * c) for sign, term in terms for word, c in words(term).items()])
        case s.Product(factors=factors, operators=operators) if all(
            op in ("", "cdot", "times", "*") for op in operators
        ):
            return _product([words(factor) for factor in factors])
        case s.Fraction(top=top, bottom=s.Numeral(text=text)) if Fraction(text) != 0:
            return {word: c / Fraction(text) for word, c in words(top).items()}
        case s.Raised(base=s.Call(name="norm", arguments=(base,)), exponent=s.Numeral(text="2")):
            return _scalars(words(s.Product(node.at, (s.Transposed(node.at, base), base), ("",))))
        case s.Raised(base=base, exponent=s.Numeral(text=text)) if text.isdigit() and int(text) <= 6:
            return _product([words(base)] * int(text))
    raise NotWordsError


def _scalars(combination: Combination) -> Combination:
    """a^T A b as b^T A^T a, a number for columns a and b: of the two, the first by name."""
    found = []
    for word, c in combination.items():
        names = [letter for letter in word if letter[0].lstrip("\\") not in COMMUTING]
        ends = len(names) > 1 and _shape(names[0][0]) == _shape(names[-1][0]) == (2, 1)
        if ends and names[0][1] and not names[-1][1]:
            numbers = word[: len(word) - len(names)]
            turned = tuple((name, not up) for name, up in reversed(names))
            word = (*numbers, *min(tuple(names), turned))
        found.append((word, c))
    return _collected(found)


def _letter(word: s.Word) -> Letter:
    if word.above:
        raise NotWordsError
    return describe(word), False


def _product(factors: list[Combination]) -> Combination:
    result: Combination = {(): Fraction(1)}
    for factor in factors:
        pairs = [((*a, *b), c * d) for (a, c), (b, d) in combinations(result.items(), factor.items())]
        if len(pairs) > MAX_WORDS:
            raise NotWordsError
        result = _collected(pairs)
    return result


def _collected(pairs: list[tuple[Word, Fraction]]) -> Combination:
    """Numbers first: letters that commute with all others are sorted to the front."""
    found: Combination = {}
    for word, c in pairs:
        numbers = tuple(sorted((n, False) for n, _ in word if n.lstrip("\\") in COMMUTING))
        key = (*numbers, *(letter for letter in word if letter[0].lstrip("\\") not in COMMUTING))
        found[key] = found.get(key, Fraction(0)) + c
    return {word: c for word, c in found.items() if c}


# -- a counterexample with small matrices ------------------------------------------------------------------------


def counterexample(one: Combination, other: Combination) -> Failure | None:
    """Whole numbers in matrices 2 by 2 for capitals, in columns of 2 for small letters."""
    names = sorted({name for word in (*one, *other) for name, _ in word})
    for attempt in range(TRIES):
        rng = random.Random(f"matrices {attempt}")
        values: dict[str, Matrix] = {}
        for name in names:
            rows, columns = _shape(name)
            values[name] = tuple(tuple(Fraction(rng.randint(0, 2)) for _ in range(columns)) for _ in range(rows))
        left, right = _value(one, values), _value(other, values)
        if left is None or right is None:
            return None
        if left != right:
            shown = {name: _shown(value) for name, value in values.items()}
            return Failure({}, shown, str(_shown(left)), str(_shown(right)))
    return None


def _shape(name: str) -> tuple[int, int]:
    if name.lstrip("\\") in COMMUTING:
        return 1, 1
    letters = [c for c in name.split("_")[0] if c.isalpha()]
    return (2, 2) if letters and letters[-1].isupper() else (2, 1)


def _value(combination: Combination, values: Mapping[str, Matrix]) -> Matrix | None:
    total: Matrix | None = None
    for word, c in combination.items():
        term: Matrix = ((Fraction(1),),)
        for name, transposed in word:
            factor = tuple(zip(*values[name], strict=True)) if transposed else values[name]
            made = _times(term, factor)
            if made is None:
                return None
            term = made
        term = tuple(tuple(c * cell for cell in row) for row in term)
        if total is None:
            total = term
        elif [len(row) for row in total] != [len(row) for row in term]:
            return None
        else:
            total = tuple(tuple(a + b for a, b in zip(p, q, strict=True)) for p, q in zip(total, term, strict=True))
    return total if total is not None else ((Fraction(0),),)


def _times(one: Matrix, other: Matrix) -> Matrix | None:
    for scalar, matrix in ((one, other), (other, one)):
        if len(scalar) == len(scalar[0]) == 1:
            return tuple(tuple(scalar[0][0] * cell for cell in row) for row in matrix)
    if len(one[0]) != len(other):
        return None
    columns = list(zip(*other, strict=True))
    return tuple(
        tuple(sum((a * b for a, b in zip(row, column, strict=True)), Fraction(0)) for column in columns) for row in one
    )


def _shown(matrix: Matrix) -> object:
    return tuple(tuple(str(cell) for cell in row) for row in matrix)
