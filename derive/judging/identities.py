r"""Statements about a function alone, in a variable of its own: \sigma'(x) = \sigma(x)(1 - \sigma(x)) \le 1/4.

Equations are decided by normal forms. A bound on a rational function of \sigma(x), or of \tanh x, is one on an open
interval: its sign there is that of a polynomial, which changes at roots of odd order alone.
"""

from __future__ import annotations

from msgspec.structs import replace

from derive.algebra.binding import rewrite
from derive.algebra.interval import RANGES, below_zero, value_at
from derive.engines.local import places
from derive.errors import AnswerError, BudgetError, UnsupportedError
from derive.judging.decision import ALL, Outcome, failure_of, find_witness
from derive.judging.show import shown_chain
from derive.language.expression import ZERO, Expr, Read, tensors_in
from derive.language.judgement import Failure, Judgement
from derive.language.statement import Chain, Relation
from derive.reading import surface as s
from derive.reading.free import elaborated_freely
from derive.reading.latex.blocks import Reader
from derive.reading.latex.typed import typed_tokens
from derive.reading.pending import exactly
from derive.reading.trees import nodes_in, with_nodes

CONSTANTS = ("e", "pi")
FUNCTION = "sigma"
PLACE = "D"  # stands for a derivative that is worked out


def identity(text: str) -> Judgement | None:
    """The judgement on a text about functions of one variable; None where it speaks of anything else."""
    try:
        spelled = Reader(text, typed_tokens(text, {})).statements()
        spelled = tuple(one for one in spelled if not _is_real(one))
        if not spelled or not all(map(_is_about_functions, spelled)):
            return None
        chains = [_elaborated(text, replace(one, where=())) for one in spelled]
    except (AnswerError, UnsupportedError):
        return None
    found = [_judged(chain) for chain in chains if len(chain.sides) > 1]
    if len(found) != len(chains):
        return None
    worst = min(found, key=lambda one: ("refuted", "undecided", "agrees", "proved").index(one.verdict))
    return replace(worst, read_as=" ; ".join(one.read_as for one in found))


def bound(text: str) -> Judgement | None:
    """The judgement on a bound on functions of one variable; None where the text says anything else."""
    try:
        spelled = Reader(text, typed_tokens(text, {})).statements()
    except AnswerError:
        return None
    orders = all(link.relation in ("<", "<=", ">", ">=") for one in spelled for link in one.links)
    found = identity(text) if orders else None
    return found if found is not None and found.verdict in ("proved", "refuted") else None


def _is_real(one: s.Spelled) -> bool:
    """Said to be a real number, without scripts: of a variable, that says nothing."""
    if [link.relation for link in one.links] != [":"] or not isinstance(one.sides[0], s.Word):
        return False
    return isinstance(one.sides[1], s.Listed) and not one.sides[1].items


def _is_about_functions(one: s.Spelled) -> bool:
    """One letter without scripts, in at least one function, and constants."""
    nodes = [node for side in one.sides for node in nodes_in(side)]
    words = [node for node in nodes if isinstance(node, s.Word)]
    letters = {word.base for word in words if word.base not in (*CONSTANTS, FUNCTION)}
    plain = all(not (word.below or word.accent) and (not word.primes or word.base == FUNCTION) for word in words)
    plain = plain and all(not word.above or word.base in (*CONSTANTS, *letters) for word in words)
    applied = any(isinstance(node, s.Call) or (isinstance(node, s.Word) and node.base == FUNCTION) for node in nodes)
    foreign = any(isinstance(node, s.Big | s.Nabla | s.Grid | s.Cases | s.Transposed | s.Dots) for node in nodes)
    return (
        plain
        and applied
        and not foreign
        and len(letters) == 1
        and len(next(iter(letters))) == 1
        and all(
            isinstance(said, s.Range) and {*said.letters} == letters and said.lower is None and said.upper is None
            for said in one.where
        )
    )


def _elaborated(text: str, one: s.Spelled) -> Chain:
    """The chain with the derivatives of expressions worked out."""
    inner: list[s.Derivative] = []

    def named(node: s.Node) -> s.Node | None:
        if not isinstance(node, s.Derivative):
            return None
        inner.append(node)
        return s.Word(node.at, PLACE, below=(s.Numeral(node.at, str(len(inner))),))

    sides = tuple(with_nodes(side, named) for side in one.sides)
    (chain,) = elaborated_freely((text,), ((replace(one, sides=sides),),))[0].chains
    slopes = {f"{PLACE}_{number}": _slope(text, one, node) for number, node in enumerate(inner, start=1)}

    def put_in(node: Expr) -> Expr | None:
        return slopes.get(node.tensor.key.partition("[")[0]) if isinstance(node, Read) else None

    if not all(isinstance(side, Expr) for side in chain.sides):
        raise UnsupportedError("a side is an array")
    done = tuple(rewrite(exactly(side), put_in) for side in chain.sides if isinstance(side, Expr))
    if len({key for side in done for key in tensors_in(side)}) != 1:
        raise UnsupportedError("it is about something else than one variable")
    return replace(chain, sides=done)


def _slope(text: str, one: s.Spelled, node: s.Derivative) -> Expr:
    """The derivative of an expression by the letter that stands in it."""
    pair = replace(one, sides=(node.of, node.by), links=one.links[:1], spans=one.spans[:2])
    (chain,) = elaborated_freely((text,), ((pair,),))[0].chains
    of, by = chain.sides
    if not isinstance(of, Expr) or not isinstance(by, Read) or by.indices:
        raise UnsupportedError("a derivative by a letter is expected")
    total: Expr = ZERO
    for place in places(exactly(of), by.tensor):
        total = total + place.partial
    return total


def _judged(chain: Chain) -> Judgement:
    read_as = shown_chain(chain.sides, chain.relations)
    outcomes = []
    for left, right, relation in zip(chain.sides, chain.sides[1:], chain.relations, strict=False):
        assert isinstance(left, Expr)
        assert isinstance(right, Expr)
        outcomes.append(_equal(left, right) if relation in ("=", "~") else _ordered(left, right, relation))
    for outcome in outcomes:
        if outcome.truth is False:
            return Judgement("refuted", "every value of the variable", read_as, counterexample=outcome.failure)
    for outcome in outcomes:
        if outcome.truth is None:
            return Judgement("undecided", outcome.why, read_as)
    return Judgement("proved", "every value of the variable", read_as)


def _equal(left: Expr, right: Expr) -> Outcome:
    from derive.judging.comparing import is_proved

    if is_proved(left, right):
        return Outcome(True, ALL)
    found = find_witness(left, right, {})
    return Outcome(None, why="no proof and no counterexample were found") if found is None else Outcome(
        False, ALL, failure_of(found))  # fmt: skip


def _ordered(left: Expr, right: Expr, relation: Relation) -> Outcome:
    """By the sign of right - left over the values that the function takes."""
    if relation in (">", ">="):
        left, right = right, left
    for name in RANGES:
        try:
            point = below_zero(right - left, name, relation in ("<", ">"))
        except (UnsupportedError, BudgetError, ZeroDivisionError):
            continue
        if point is None:
            return Outcome(True, ALL)
        values = {f"{name}({_variable(left - right)})": str(point)}
        return Outcome(False, ALL, Failure({}, values, *(str(value_at(side, name, point)) for side in (left, right))))
    return Outcome(None, why="the bound is not decided")


def _variable(expr: Expr) -> str:
    return next((key for key in tensors_in(expr)), "")
