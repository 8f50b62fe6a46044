"""Other ways to read a false formula under which it is true: each is named, none is taken silently."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from derive.algebra.binding import Definitions, told_apart
from derive.errors import BudgetError, UnsupportedError
from derive.judging.decision import ALL, in_general, looks_true, provable
from derive.judging.numbers import value_of
from derive.judging.pairs import Pair
from derive.judging.subject import Subject
from derive.language.expression import Add, Expr, Function, Index, Mul, Pow, Sum, add, free_indices, tensors_in
from derive.language.question import Assumption
from derive.language.statement import Side, expressions_of


class Convention(Struct, frozen=True):
    """How it is said, the claim then, and what is taken as given for it.

    What a question of the problem takes as given is no convention: it belongs to the scope.
    """

    said: str
    pairs: Sequence[Pair]
    definitions: Definitions = {}
    assuming: tuple[Assumption, ...] = ()


def conventions(
    subject: Subject, pairs: Sequence[Pair], repeated: frozenset[str], named: frozenset[str]
) -> Iterator[Convention]:
    """What may be taken as given, one after the other. What is zero may be left out, not be put in another place."""
    zeros = {key: e for key, e in subject.zeros.items() if key not in named}
    if zeros:
        said = ", ".join(f"{key} = 0" for key in zeros)
        yield Convention(f"{said}, as in the {'given' if subject.explicit else 'worked'} instance", pairs, zeros)
    summed = [summed_over(pair, repeated) for pair in pairs]
    if summed != list(pairs):
        yield Convention("indices that stand twice in a term are summed over", summed)
    for assumption in assumptions(subject):
        yield Convention(f"where {assumption.text.replace('$', '')}", pairs, assuming=(assumption,))


def assumptions(subject: Subject) -> list[Assumption]:
    """What some question of the problem takes as given, where numbers that are given do not say otherwise."""
    if subject.part:
        return []
    found = {a.text: a for q in subject.problem.questions for a in q.assuming}.values()
    return [one for one in found if not subject.explicit or _holds(subject, one)]


def _holds(subject: Subject, one: Assumption) -> bool:
    """At the given numbers."""
    try:
        return not value_of(one.left, subject, {}).differs(value_of(one.right, subject, {}))
    except (UnsupportedError, BudgetError, KeyError, ArithmeticError):
        return False


def taken_as_given(subject: Subject, pairs: Sequence[Pair]) -> str | None:
    """The scope, if the claim is nothing but what a question takes as given."""
    for one in assumptions(subject):
        if all(provable(pair.left, pair.right, {}, (one,)) for pair in pairs):
            return f"{ALL}, where {one.text.replace('$', '')}"
    return None


def true_under(
    subject: Subject, pairs: Sequence[Pair], repeated: frozenset[str], typed: Sequence[Side]
) -> tuple[str, str] | None:
    """The first convention under which the claim is proved, empty if that is an assumption, and its scope.

    `typed` are the sides as they are in the text.
    """
    named = frozenset(key for side in typed for expr in expressions_of(side) for key in tensors_in(expr))
    for one in conventions(subject, pairs, repeated, named):
        if not one.assuming and not looks_true(subject, one.pairs, one.definitions):
            continue
        outcome = in_general(subject, one.pairs, one.definitions, one.assuming)
        if outcome.truth:
            return ("", f"{outcome.scope}, {one.said}") if one.assuming else (one.said, outcome.scope)
    return None


def repeated_letters(pair: Pair) -> frozenset[str]:
    """Letters that are free on one side only, and stand at least twice in every term there that has them."""
    left, right = free_indices(pair.left), free_indices(pair.right)
    found = {name for name in left if name not in right and _twice(pair.left, name)}
    return frozenset(found | {name for name in right if name not in left and _twice(pair.right, name)})


def _terms(expr: Expr) -> tuple[Expr, ...]:
    return expr.terms if isinstance(expr, Add) else (expr,)


def _twice(expr: Expr, name: str) -> bool:
    return all(_count(term, name) >= 2 for term in _terms(expr) if name in free_indices(term))


def summed_over(pair: Pair, names: frozenset[str]) -> Pair:
    """Every term summed over those of the letters that are free in it."""
    left, right = set(free_indices(pair.left)), set(free_indices(pair.right))
    return Pair(_summed(pair.left, names - right), _summed(pair.right, names - left), pair.place)


def _summed(expr: Expr, names: frozenset[str]) -> Expr:
    return add(*(_term(term, names) for term in _terms(expr))) if names & set(free_indices(expr)) else expr


def _term(term: Expr, names: frozenset[str]) -> Expr:
    for name, index in free_indices(term).items():
        if name in names:
            term = _placed(term, index)
    return told_apart(term, frozenset(free_indices(term)))


def _placed(term: Expr, index: Index) -> Expr:
    """The sum over the innermost term that has both: tanh(w_c x_c) is the tanh of a sum."""
    places = [k for k, child in enumerate(term.children) if index.name in free_indices(child)]
    children = list(term.children)
    inside = children[places[0]] if len(places) == 1 and isinstance(term, Mul | Pow | Function | Sum) else None
    if inside is not None and _count(inside, index.name) > 1:
        summed = isinstance(term, Mul | Sum) and not isinstance(inside, Add)
        children[places[0]] = _placed(inside, index) if summed else _summed(inside, frozenset({index.name}))
        return term.with_children(tuple(children))
    return Sum(index, term)


def _count(expr: Expr, name: str) -> int:
    """How often a free index stands in a product; of a sum, in the term that has it most often."""
    if isinstance(expr, Sum) and expr.index.name == name:
        return 0
    if isinstance(expr, Index):
        return int(expr.name == name)
    counts = [_count(child, name) for child in expr.children]
    return max(counts, default=0) if isinstance(expr, Add) else sum(counts)
