"""Other ways to read a false formula under which it is true: each is named, none is taken silently."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derive.algebra.binding import Definitions, told_apart
from derive.judging.decision import in_general, looks_true
from derive.judging.pairs import Pair
from derive.judging.subject import Subject
from derive.language.expression import Add, Expr, Index, Mul, Sum, add, free_indices, walk
from derive.language.problem import Assumption


def conventions(subject: Subject, pairs: Sequence[Pair]) -> Iterator[tuple[str, Sequence[Pair], Definitions, tuple[Assumption, ...]]]:
    """What may be taken as given: (how it is said, the claim then, definitions, assumptions)."""
    if subject.zeros:
        said = ", ".join(f"{key} = 0" for key in subject.zeros)
        yield f"{said}, as in the {'given' if subject.explicit else 'worked'} instance", pairs, subject.zeros, ()
    summed = [summed_over_repeated(pair) for pair in pairs]
    if summed != list(pairs):
        yield "indices that stand twice in a term are summed over", summed, {}, ()
    for assumption in assumptions(subject):
        yield f"where {assumption.text.replace('$', '')}", pairs, {}, (assumption,)


def assumptions(subject: Subject) -> list[Assumption]:
    """What some question of the problem takes as given."""
    if subject.part:
        return []
    return list({a.text: a for q in subject.problem.questions for a in q.assuming}.values())


def true_under(subject: Subject, pairs: Sequence[Pair]) -> tuple[str, str] | None:
    """The first convention under which the claim is proved, and its scope."""
    for said, claim, definitions, assuming in conventions(subject, pairs):
        if not assuming and not looks_true(subject, claim, definitions):
            continue
        outcome = in_general(subject, claim, definitions, assuming)
        if outcome.truth:
            return said, outcome.scope
    return None


def summed_over_repeated(pair: Pair) -> Pair:
    """Every index that is free on one side only and stands at least twice in a term of it, summed over there."""
    left, right = set(free_indices(pair.left)), set(free_indices(pair.right))
    return Pair(_summed(pair.left, right), _summed(pair.right, left), pair.place)


def _summed(expr: Expr, kept: set[str]) -> Expr:
    extra = [index for name, index in free_indices(expr).items() if name not in kept]
    if not extra:
        return expr
    terms = expr.terms if isinstance(expr, Add) else (expr,)
    return add(*(_term(term, extra) for term in terms))


def _term(term: Expr, extra: list[Index]) -> Expr:
    for index in extra:
        if index.name in free_indices(term) and _count(term, index.name) >= 2:
            term = Sum(index, term)
    return told_apart(term, frozenset(free_indices(term)))


def _count(expr: Expr, name: str) -> int:
    """How often a free index stands in a product; each term of an inner sum counts for itself."""
    if isinstance(expr, Sum) and expr.index.name == name:
        return 0
    if isinstance(expr, Index):
        return int(expr.name == name)
    counts = [_count(child, name) for child in expr.children]
    return sum(counts) if isinstance(expr, Mul) or not isinstance(expr, Add) else max(counts, default=0)


__all__ = ["summed_over_repeated", "true_under", "walk"]
