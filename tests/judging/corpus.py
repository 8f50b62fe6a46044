"""Statements about every problem, made at random: rewritten so that they stay true, or changed in one place.

A changed statement counts as different only where its two sides differ at an exact or enclosed point.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

from derive.algebra.binding import fresh_name, instantiate, substitute
from derive.algebra.edges import resolved
from derive.algebra.witness import witness
from derive.catalogue import ids, load
from derive.errors import DeriveError
from derive.judging.subject import Subject
from derive.language.counting import Counting
from derive.language.expression import (
    ZERO,
    Add,
    Expr,
    Function,
    Index,
    Mul,
    Number,
    Pow,
    Read,
    Sum,
    add,
    expression,
    free_indices,
    mul,
    neg,
    power,
    walk,
)
from derive.language.notation import PartialName
from derive.language.problem import Problem
from derive.language.recurrence import Recurrence
from derive.rendering.formula import latex


@dataclass(frozen=True)
class Pair:
    """One statement: its problem and part, the gold right side, the one that is said, and whether that is true."""

    problem: str
    part: str
    left: str
    gold: str
    said: str
    true: bool

    @property
    def statement(self) -> str:
        return f"{self.left} = {self.said}"


@cache
def subject(problem: str, part: str = "") -> Subject:
    return Subject(load(problem), part=part)


def problems() -> list[Problem]:
    return [problem for name in ids() if not isinstance((problem := load(name)).program, Recurrence | Counting)]


def claims(problem: Problem) -> list[tuple[str, Expr, Expr]]:
    """Parts and remarks that hold without further assumptions, in letters."""
    known = subject(problem.id).known.derivation
    found = [
        (part.question.id, part.claim.left, part.claim.right)
        for part in known.parts
        if part.claim.relation == "=" and not part.claim.assuming
    ]
    found += [("", one.left, one.right) for one in (*problem.lemmas, *problem.remarks) if one.at is None]
    return [(part, left, right) for part, left, right in found if _size(right) < 60]


def pairs(count: int, seed: str, alone: bool = False) -> Iterator[Pair]:
    """So many statements, true ones and false ones in turn, over all problems.

    `alone`: the two right sides are equal, or differ, without the definitions of the problem.
    """
    rng = Random(seed)
    everything = [(problem, *claim) for problem in problems() for claim in claims(problem)]
    made = 0
    while made < count:
        problem, part, left, right = rng.choice(everything)
        true = made % 2 == 0
        said = rewritten(right, problem, rng, alone) if true else changed(left, right, problem, rng, alone)
        if said is None or said == right:
            continue
        made += 1
        yield Pair(problem.id, part, latex(left), latex(right), latex(said), true)


def _size(expr: Expr) -> int:
    return sum(1 for _ in walk(expr))


# -- truth-preserving ----------------------------------------------------------------------------------------------


def rewritten(expr: Expr, problem: Problem, rng: Random, alone: bool = False) -> Expr | None:
    rules = [shuffled, renamed, distributed, moved_out, doubled, renamed, shuffled] + ([] if alone else [defined])
    for _ in range(rng.randint(1, 4)):
        rule = rng.choice(rules)
        expr = rule(expr, problem, rng)
        if _size(expr) > 150:
            return None
    return expr


def anywhere(expr: Expr, rng: Random, change: object, chance: float = 0.5) -> Expr:
    """A change tried at every node, taken by chance."""
    new = change(expr) if rng.random() < chance else None  # type: ignore[operator]
    if new is not None:
        return new  # type: ignore[no-any-return]
    children = expr.children
    if not children or isinstance(expr, Read):
        return expr
    return made(expr, tuple(anywhere(child, rng, change, chance) for child in children))


def made(node: Expr, children: tuple[Expr, ...]) -> Expr:
    if isinstance(node, Add):
        return add(*children)
    if isinstance(node, Mul):
        return mul(*children)
    return node.with_children(children)


def shuffled(expr: Expr, problem: Problem, rng: Random) -> Expr:
    def change(node: Expr) -> Expr | None:
        if isinstance(node, Add):
            return add(*rng.sample(node.terms, len(node.terms)))
        if isinstance(node, Mul):
            return mul(*rng.sample(node.factors, len(node.factors)))
        return None

    return anywhere(expr, rng, change)


def renamed(expr: Expr, problem: Problem, rng: Random) -> Expr:
    def change(node: Expr) -> Expr | None:
        if not isinstance(node, Sum):
            return None
        taken = set(free_indices(expr)) | {n.name for n in walk(node) if isinstance(n, Index)}
        taken |= set(subject(problem.id).known.words.names) | {"e", "d"}
        letter = fresh_name(node.index.name, taken)
        new = node.index.renamed(letter)
        return Sum(new, substitute(node.body, {node.index.name: new})) if len(letter) == 1 else None

    return anywhere(expr, rng, change)


def distributed(expr: Expr, problem: Problem, rng: Random) -> Expr:
    def change(node: Expr) -> Expr | None:
        if isinstance(node, Mul):
            for k, factor in enumerate(node.factors):
                if isinstance(factor, Add):
                    return add(*(mul(*node.factors[:k], term, *node.factors[k + 1 :]) for term in factor.terms))
        if isinstance(node, Pow) and node.exponent == expression(2):
            return Mul((node.base, node.base))
        return None

    return anywhere(expr, rng, change)


def moved_out(expr: Expr, problem: Problem, rng: Random) -> Expr:
    """Factors that do not depend on the index, before the sum; a sum of sums as two."""

    def change(node: Expr) -> Expr | None:
        if isinstance(node, Sum) and isinstance(node.body, Mul):
            out = [f for f in node.body.factors if node.index.name not in free_indices(f)]
            kept = [f for f in node.body.factors if node.index.name in free_indices(f)]
            return mul(*out, Sum(node.index, mul(*kept))) if out and kept else None
        if isinstance(node, Sum) and isinstance(node.body, Add):
            return add(*(Sum(node.index, term) for term in node.body.terms))
        return None

    return anywhere(expr, rng, change)


def defined(expr: Expr, problem: Problem, rng: Random) -> Expr:
    """A name by its definition."""
    definitions = subject(problem.id).definitions

    def change(node: Expr) -> Expr | None:
        if isinstance(node, Read) and node.tensor.key in definitions and not isinstance(node.tensor.name, PartialName):
            value = instantiate(definitions[node.tensor.key], node.indices)
            bound = {n.index.name for n in walk(value) if isinstance(n, Sum)}
            taken = {n.name for n in walk(expr) if isinstance(n, Index)}
            return None if bound & taken or _size(value) > 30 else value
        return None

    return anywhere(expr, rng, change, 0.3)


def doubled(expr: Expr, problem: Problem, rng: Random) -> Expr:
    """e as 3 e - 2 e; 1 as q / q is left alone, since q may be zero."""

    def change(node: Expr) -> Expr | None:
        return add(mul(3, node), mul(-2, node)) if isinstance(node, Read) else None

    return anywhere(expr, rng, change, 0.1)


# -- single changes ------------------------------------------------------------------------------------------------


def changed(left: Expr, right: Expr, problem: Problem, rng: Random, alone: bool = False) -> Expr | None:
    """One place changed, and the two sides seen to differ."""
    places = list(nodes(right))
    for _ in range(10):
        node, put = rng.choice(places)
        new = rng.choice((sign, factor, exponent, dropped, squared, swapped, unsummed, off_by_one))(node, problem, rng)
        if new is None or new == node:
            continue
        said = put(new)
        if differ_alone(right, said) if alone else differ(left, said, problem):
            return said
    return None


def differ(left: Expr, said: Expr, problem: Problem) -> bool:
    known = subject(problem.id).known
    try:
        return (
            witness(*(resolved(side, known.derivation.edges) for side in (left, said)), known.definitions) is not None
        )
    except (DeriveError, KeyError):
        return False


def differ_alone(gold: Expr, said: Expr) -> bool:
    try:
        return witness(gold, said, {}) is not None
    except (DeriveError, KeyError):
        return False


def nodes(expr: Expr, put: object = lambda new: new) -> Iterator[tuple[Expr, object]]:
    yield expr, put
    if isinstance(expr, Read):
        return
    for k, child in enumerate(expr.children):

        def inner(new: Expr, k: int = k, expr: Expr = expr) -> Expr:
            return put(made(expr, (*expr.children[:k], new, *expr.children[k + 1 :])))  # type: ignore[operator, no-any-return]

        yield from nodes(child, inner)


def sign(node: Expr, problem: Problem, rng: Random) -> Expr | None:
    if isinstance(node, Add):
        k = rng.randrange(len(node.terms))
        return add(*node.terms[:k], neg(node.terms[k]), *node.terms[k + 1 :])
    return neg(node) if isinstance(node, Mul | Sum | Read) else None


def factor(node: Expr, problem: Problem, rng: Random) -> Expr | None:
    return mul(rng.choice((2, 3, expression(1) / 2)), node) if isinstance(node, Mul | Sum | Read) else None


def exponent(node: Expr, problem: Problem, rng: Random) -> Expr | None:
    if isinstance(node, Pow) and isinstance(node.exponent, Number):
        new = node.exponent.value + rng.choice((1, -1))
        return Pow(node.base, Number(new)) if new else ZERO + 1
    return None


def dropped(node: Expr, problem: Problem, rng: Random) -> Expr | None:
    if isinstance(node, Add | Mul):
        kept = list(node.children)
        kept.pop(rng.randrange(len(kept)))
        return add(*kept) if isinstance(node, Add) else mul(*kept)
    return None


def squared(node: Expr, problem: Problem, rng: Random) -> Expr | None:
    return power(node, 2) if isinstance(node, Read | Function) else None


def swapped(node: Expr, problem: Problem, rng: Random) -> Expr | None:
    """Another tensor with the same axes."""
    if not isinstance(node, Read):
        return None
    others = [
        tensor
        for tensor in problem.program.tensors()
        if tensor.shape == node.tensor.shape and tensor.key != node.tensor.key and tensor != problem.program.loss
    ]
    return Read(rng.choice(others), node.indices) if others and node.indices else None


def unsummed(node: Expr, problem: Problem, rng: Random) -> Expr | None:
    """The sum sign lost where its letter is free outside, too."""
    if isinstance(node, Sum):
        return mul(2, node) if rng.random() < 0.5 else None
    return None


def off_by_one(node: Expr, problem: Problem, rng: Random) -> Expr | None:
    if isinstance(node, Sum):
        new = Index(node.index.name, node.index.upper, add(node.index.lower, 1))
        return Sum(new, substitute(node.body, {node.index.name: new}))
    return None
