"""Products whose order matters: what is equal for numbers may not be for matrices."""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction
from typing import TypeAlias

from derive.judging.decision import Outcome
from derive.judging.products import (
    COMMUTING,
    INVERSE,
    Combination,
    NotWordsError,
    commutes,
    is_matrix,
    scalars,
    shape,
    words,
)
from derive.language.judgement import Failure
from derive.reading import surface as s
from derive.reading.trees import nodes_in

Matrix: TypeAlias = "tuple[tuple[Fraction, ...], ...]"
TRIES = 6
COMMUTE = "if the factors commute, as numbers do"
NUMBERS = "for numbers, which commute and are their own transposes"
SCALARS = "if the names stand for numbers, not for arrays"


def ordered(gold: s.Node, answer: s.Node) -> Outcome | None:
    """Equal as products whose order matters? None where nothing in the two is a matrix.

    Undecided where it depends on whether the letters commute.
    """
    if not (has_matrices(gold) or has_matrices(answer)):
        return None
    certain = certainly_matrices(gold, answer)
    arrays = any(map(_is_of_arrays, (*nodes_in(gold), *nodes_in(answer))))
    why = NUMBERS if certain else SCALARS if arrays else COMMUTE
    try:
        one, other = words(gold), words(answer)
    except NotWordsError:
        return Outcome(None, why=why)
    if one == other or scalars(one) == scalars(other):
        return Outcome(True)
    found = counterexample(one, other) if certain else None
    if found is not None:
        return Outcome(False, "matrices that do not commute", found)
    return Outcome(None, why=why)


def has_matrices(node: s.Node) -> bool:
    """Transposes, bold letters, norms, products of entries, or two capitals in one product."""
    found = nodes_in(node)
    if any(is_matrix(one) or _is_of_arrays(one) for one in found):
        return True
    for one in found:
        if isinstance(one, s.Product):
            capitals = [
                f for f in one.factors if isinstance(f, s.Word) and f.base.isupper() and f.base not in COMMUTING
            ]
            if len(capitals) > 1:
                return True
    return False


def _is_of_arrays(node: s.Node) -> bool:
    """A norm of a name, or a product entry by entry of names, without indices."""
    if isinstance(node, s.Product) and "odot" in node.operators:
        return any(isinstance(one, s.Word) and not one.below for one in node.factors)
    if not (isinstance(node, s.Call) and node.name in ("norm", "norm1")):
        return False
    return any(isinstance(one, s.Word) and not one.below for one in nodes_in(node.arguments))


def certainly_matrices(*nodes: s.Node) -> bool:
    return any(is_matrix(one) for node in nodes for one in nodes_in(node))


# -- a counterexample with small matrices ------------------------------------------------------------------------


def counterexample(one: Combination, other: Combination) -> Failure | None:
    """Whole numbers in matrices 2 by 2 for capitals, in columns of 2 for small letters."""
    names = sorted({name for word in (*one, *other) for name, _ in word})
    if any("[" in name or (name.endswith(INVERSE) and not commutes(name)) for name in names):
        return None  # functions and inverses of matrices, which are not evaluated here
    for attempt in range(TRIES):
        rng = random.Random(f"matrices {attempt}")
        values: dict[str, Matrix] = {}
        for name in sorted({name.removesuffix(INVERSE) for name in names}):
            rows, columns = shape(name)
            least = int(name + INVERSE in names)
            values[name] = tuple(tuple(Fraction(rng.randint(least, 2)) for _ in range(columns)) for _ in range(rows))
        shown = {name: _shown(value) for name, value in values.items()}
        values |= {name: ((1 / values[name.removesuffix(INVERSE)][0][0],),) for name in names if name not in values}
        left, right = _value(one, values), _value(other, values)
        if left is None or right is None:
            return None
        if left != right:
            return Failure({}, shown, str(_shown(left)), str(_shown(right)))
    return None


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
