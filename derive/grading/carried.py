"""Error carried forward: does the student's own earlier value explain the later one?

The earlier part's definition is replaced by what the student wrote, and the later part is worked out again from it. The
later value earns points only if it is proved, for all sizes, to be just that, and only if the part's own work is still
in it: everything that the right answer takes from elsewhere than the earlier part must be in the carried value too. So
an earlier answer that makes the later part vanish or collapse earns nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from derive.algebra.atoms import Atom
from derive.algebra.binding import Definitions, substitute
from derive.algebra.decide import reduced
from derive.algebra.normal import Normalizer
from derive.algebra.polynomial import Poly
from derive.errors import AnswerError, BudgetError, UnsupportedError
from derive.grading.answering import Said, reached_from, said_in, value_in
from derive.judging.decision import PROOF_BUDGET, provable
from derive.judging.derivatives import along_edges
from derive.judging.pairs import Pair
from derive.judging.subject import Subject
from derive.language.expression import Expr, Index, Read, free_indices, tensors_in
from derive.language.program import Equation
from derive.language.question import Forward, Gradient
from derive.language.statement import Side, Table, expressions_of
from derive.reading.pending import exactly
from derive.reading.statement import read_statement

MOST = 4  # earlier parts that are tried together


def explained_by(
    subject: Subject, text: str, earlier: Mapping[str, str], subject_of: Mapping[str, Subject]
) -> tuple[tuple[str, ...], bool]:
    """The earlier parts whose own values explain a false answer, and whether the part's own work is still in it.

    No parts where none explain it.
    """
    pairs = _pairs(subject, text)
    asked = _asked(subject)
    if not pairs or asked is None:
        return (), False
    needed = reached_from(subject, {asked.tensor.key})
    own = {part: equation for part, equation in _own(earlier, subject_of).items() if equation.tensor.key in needed}
    own = {part: one for part, one in own.items() if asked.tensor.key not in reached_from(subject, _names(one))}
    collapsed: tuple[str, ...] = ()
    for count in range(1, min(len(own), MOST) + 1):
        for parts in combinations(own, count):
            extra = {own[part].tensor.key: own[part] for part in parts}
            known = {**subject.definitions, **extra}
            if all(provable(pair.left, pair.right, known) for pair in pairs):
                if keeps_own_work(subject, pairs[0].left, extra):
                    return parts, True
                collapsed = collapsed or parts
    return collapsed, False


def keeps_own_work(subject: Subject, left: Expr, extra: Definitions) -> bool:
    """Is all that the part itself brings in still there, and what was carried no mere number?

    Looked at twice: with only that put in which leads from the earlier part to this one, so that every other name is
    seen to be there; and with all put in, so that what vanishes by the definitions is seen to.
    """
    between = {
        key: one for key, one in subject.definitions.items()
        if key not in extra and reached_from(subject, {key}) & set(extra)
    }  # fmt: skip
    try:
        for known in (between, {key: one for key, one in subject.definitions.items() if key not in extra}):
            if not names_in(left, known) - set(extra) <= names_in(left, {**known, **extra}):
                return False
        values = [names_in(one.value, subject.definitions) for one in extra.values()]
        true = [names_in(subject.definitions[key].value, subject.definitions) for key in extra]
    except (BudgetError, UnsupportedError, ArithmeticError):
        return False
    return all(said or not meant for said, meant in zip(values, true, strict=True))


def names_in(expr: Expr, definitions: Definitions) -> set[str]:
    """The names that the normal form reads: what an expression really depends on, by definitions."""
    context = Normalizer(definitions, PROOF_BUDGET)
    return set(_of_poly(reduced(context, context.apply_deltas(context.normal(expr)))))


def _of_poly(poly: Poly) -> Iterator[str]:
    for mono in poly.terms:
        for atom, _ in mono:
            yield from _of_atom(atom)


def _of_atom(atom: Atom) -> Iterator[str]:
    if atom.kind == "read":
        yield atom.name
    for poly in atom.polys:
        yield from _of_poly(poly)
    for inner, _ in atom.body:
        yield from _of_atom(inner)


def _own(earlier: Mapping[str, str], subject_of: Mapping[str, Subject]) -> dict[str, Equation]:
    """What the student wrote for the earlier parts, as definitions; those that cannot be put in are left out."""
    found = {}
    for part, text in earlier.items():
        subject = subject_of[part]
        said, asked = _said(subject, text), _asked(subject)
        if said is None or asked is None:
            continue
        left, value = said
        target = subject.definitions[asked.tensor.key].target
        renamed = _renamed(left, value, target)
        if renamed is not None:
            found[part] = Equation(target, renamed)
    return found


def _renamed(left: Expr, value: Expr, target: Read) -> Expr | None:
    """The value in the letters of the definition, if it has no others."""
    if not isinstance(left, Read) or len(left.indices) != len(target.indices):
        return None
    letters = {
        mine.name: theirs for mine, theirs in zip(left.indices, target.indices, strict=True) if isinstance(mine, Index)
    }
    if len(letters) != len(target.indices) or not set(free_indices(value)) <= set(letters):
        return None
    return substitute(value, letters)


def _pairs(subject: Subject, text: str) -> list[Pair]:
    """Everything that a text says the part is, all of which has to follow; nothing where some of it cannot be tried."""
    try:
        chains = read_statement(text, subject.known.names).chains
    except AnswerError:
        return []
    found = []
    for said in (said_in(subject, chain) for chain in chains):
        if said.extent == "none":
            continue
        values = [_expression(subject, said, side) for side in said.others]
        if said.extent != "whole" or said.left is None or not values:
            return []
        for value in values:
            if value is None:
                return []
            found.append(Pair(said.left, value))
    return found


def _said(subject: Subject, text: str) -> tuple[Expr, Expr] | None:
    """left = value, of all entries: the last one; None where the text says something else."""
    try:
        found = value_in(subject, read_statement(text, subject.known.names))
    except AnswerError:
        return None
    if found.left is None or found.value is None:
        return None
    value = _expression(subject, found, found.value)
    return None if value is None else (found.left, value)


def _expression(subject: Subject, said: Said, side: Side) -> Expr | None:
    """A side as an expression in the letters of the left one, derivatives along an edge worked out."""
    if isinstance(side, Table) or said.left is None:
        return None
    (value,) = expressions_of(along_edges(subject.known, side))
    return exactly(value) if set(free_indices(value)) <= set(free_indices(said.left)) else None


def _asked(subject: Subject) -> Read | None:
    question = subject.problem.question(subject.part)
    asked = subject.problem.asked(question)
    fits = isinstance(question.wants, Gradient | Forward) and isinstance(asked, Read)
    return asked if fits and isinstance(asked, Read) and asked.tensor.key in subject.definitions else None


def _names(equation: Equation) -> set[str]:
    return set(tensors_in(equation.value))
