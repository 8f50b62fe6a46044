"""The terms of a gradient: what each path from a quantity to the loss contributes.

A statement may be about one term alone, "term 2: ...". It is right where it is the contribution of a path, or of
several; it is wrong where it has no monomial in common with the gradient.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from derive.algebra.binding import instantiate, told_apart
from derive.algebra.normal import Normalizer
from derive.algebra.probe import Key, Probe
from derive.errors import BudgetError, UnsupportedError
from derive.judging.decision import PROOF_BUDGET, provable
from derive.judging.edits import Edit, Phrase, edits, exponents
from derive.judging.subject import Known, Subject
from derive.language.expression import Add, Expr, Mul, Read, add, free_indices, mul, tensors_in
from derive.language.judgement import Finding, Judgement
from derive.language.notation import PartialName
from derive.rendering.formula import latex

MAX_PATHS = 16
STEPS = 60_000
READING = "a term is what one path to the loss contributes, or several together"


def paths(known: Known, left: Expr) -> tuple[Expr, ...]:
    """The contributions of all paths to a derivative of the loss; nothing where they are too many."""
    if not isinstance(left, Read) or not isinstance(left.tensor.name, PartialName):
        return ()
    found: list[Expr] = []
    for term in _expanded(known, left):
        found.append(told_apart(term, frozenset(free_indices(left))))
        if len(found) > MAX_PATHS:
            return ()
    return tuple(found)


def _expanded(known: Known, term: Expr) -> Iterator[Expr]:
    """The first derivative in a term that has a definition, by each of its routes in turn."""
    read = next(
        (
            node
            for node in _nodes(term)
            if isinstance(node, Read)
            and isinstance(node.tensor.name, PartialName)
            and node.tensor.key in known.definitions
        ),
        None,
    )
    if read is None:
        yield term
        return
    value = instantiate(known.definitions[read.tensor.key], read.indices)
    for route in value.terms if isinstance(value, Add) else (value,):
        yield from _expanded(known, _replaced(term, read, told_apart(route, frozenset(free_indices(term)))))


def _nodes(expr: Expr) -> Iterator[Expr]:
    yield expr
    for child in expr.children:
        yield from _nodes(child)


def _replaced(expr: Expr, old: Expr, new: Expr) -> Expr:
    if expr == old:
        return new
    children = tuple(_replaced(child, old, new) for child in expr.children)
    if isinstance(expr, Mul):
        return mul(*children)
    if isinstance(expr, Add):
        return add(*children)
    return expr.with_children(children) if children else expr


class Terms:
    """One said term against the paths of one derivative."""

    def __init__(self, subject: Subject, left: Expr, said: Sequence[Expr]) -> None:
        self.subject, self.left = subject, left
        self.paths = paths(subject.known, left)
        self.probe = Probe(subject.known.points(), (left, *said, *self.paths), STEPS)
        self.keys = [self.probe.values(path) for path in self.paths]

    def sum_of(self, said: Expr) -> tuple[Expr, ...] | None:
        """The paths whose contributions it is, proved."""
        wanted = self.probe.values(said)
        if wanted is None:
            return None
        for count in range(1, len(self.paths) + 1):
            for chosen in combinations(self.paths, count):
                total = add(*chosen)
                if self.probe.values(total, wanted) is not None and self.provable(said, total):
                    return chosen
        return None

    def provable(self, one: Expr, other: Expr) -> bool:
        return provable(one, other, self.subject.definitions, known=self.subject.known)

    def shares_nothing(self, said: Expr) -> bool:
        """No monomial in common with the gradient, in the names that the paths are written in or in fewer."""
        total = add(*self.paths)
        own = {
            k: e for k, e in self.subject.definitions.items() if k in tensors_in(said).keys() - tensors_in(total).keys()
        }
        try:
            for definitions in ({}, own):
                context = Normalizer(definitions, PROOF_BUDGET)
                if context.normal(said).terms.keys() & context.normal(total).terms.keys():
                    return False
        except (BudgetError, UnsupportedError, ArithmeticError):
            return False
        return True

    def repaired(self, said: Expr, path: Expr, wanted: Key) -> Edit | None:
        """One change, or a missing sum and an exponent, that make a said term the contribution of a path."""
        sums = []
        for one in edits(said, self.subject.sizes):
            if self.probe.steps < 0:
                return None
            if self.probe.values(one.expr, wanted) is not None:
                return one
            if one.kind == "missing sum":
                sums.append(one)
        for one in sums:
            if self.probe.steps < 0:
                return None
            for two in exponents(one.expr):
                if self.probe.values(two.expr, wanted) is not None:
                    return Edit(one.kind, Phrase("{}; {}", (str(one.phrase), str(two.phrase))), two.expr)
        return None

    def nearest(self, said: Expr) -> tuple[int, Edit] | None:
        """The path that a said term comes to by a small change, and the change."""
        for place, (path, key) in enumerate(zip(self.paths, self.keys, strict=True)):
            if key is None or self.probe.steps < 0:
                continue
            found = self.repaired(said, path, key)
            if found is not None and self.provable(found.expr, path):
                return place, found
        return None


def judge_term(subject: Subject, left: Expr, said: Expr) -> Judgement:
    """A term of a gradient, as a statement of its own."""
    read_as = latex(said)
    terms = Terms(subject, left, [said])
    if not terms.paths:
        return Judgement("undecided", "the terms of this part are not known", read_as)
    if terms.provable(said, mul(0, said)):
        return Judgement("depends", "all sizes", read_as, READING, "a term that is zero may be written in any way")
    found = terms.sum_of(said)
    if found is not None:
        return Judgement("proved", "all sizes", read_as, READING)
    if not terms.shares_nothing(said):
        return Judgement("undecided", "it is a part of the gradient, but not of one path", read_as, READING)
    near = terms.nearest(said)
    diagnosis = () if near is None else (Finding(near[1].kind, str(near[1].phrase), latex(terms.paths[near[0]])),)
    return Judgement("refuted", "all sizes", read_as, READING, diagnosis=diagnosis)


def explained(subject: Subject, left: Expr, right: Expr) -> Finding | None:
    """A false gradient term by term: each is the contribution of a path, or comes to one by a small change."""
    said = list(_summands(right))
    if not 2 <= len(said) <= MAX_PATHS:
        return None
    terms = Terms(subject, left, said)
    open_ = {key: path for key, path in zip(terms.keys, terms.paths, strict=True) if key is not None}
    changes: list[Edit] = []
    for term in said:
        key = terms.probe.values(term)
        if key in open_:
            open_.pop(key)
            continue
        near = terms.nearest(term)
        if near is None:
            return None
        open_.pop(terms.keys[near[0]], None)  # type: ignore[arg-type]
        changes.append(near[1])
    if not changes or any(not terms.provable(path, mul(0, path)) for path in open_.values()):
        return None
    text = "; ".join(str(one.phrase) for one in changes)
    return Finding(changes[0].kind, text, f"{latex(left)} = {latex(add(*terms.paths))}")


def _summands(expr: Expr) -> Iterator[Expr]:
    """The terms of a sum, products over sums multiplied out."""
    if isinstance(expr, Add):
        for term in expr.terms:
            yield from _summands(term)
    elif isinstance(expr, Mul) and any(isinstance(factor, Add) and len(factor.terms) <= 4 for factor in expr.factors):
        place = next(k for k, factor in enumerate(expr.factors) if isinstance(factor, Add))
        inner = expr.factors[place]
        assert isinstance(inner, Add)
        if _has_derivative(inner):
            for term in inner.terms:
                yield from _summands(mul(*expr.factors[:place], term, *expr.factors[place + 1 :]))
        else:
            yield expr
    else:
        yield expr


def _has_derivative(expr: Expr) -> bool:
    return any(isinstance(node, Read) and isinstance(node.tensor.name, PartialName) for node in _nodes(expr))
