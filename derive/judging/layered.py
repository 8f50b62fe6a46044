"""Statements about a network of symbolic depth: proved for every layer, or refuted at a layer of a small network."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TypeAlias

from msgspec.structs import replace

from derive.algebra.binding import Definitions, rewrite, substitute
from derive.algebra.decide import is_zero
from derive.algebra.elaborate import elaborated
from derive.algebra.layers import definitions_at
from derive.algebra.probe import Points, Probe
from derive.errors import BudgetError, UnsupportedError
from derive.judging.decision import (
    AGREED,
    PROOF_BUDGET,
    UNMET,
    Outcome,
    failure_of,
    find_witness,
    provable,
    staged,
)
from derive.judging.pairs import Pair
from derive.judging.subject import Known
from derive.language.deep import DeepNetwork, levels_in
from derive.language.derivation import Derivation
from derive.language.expression import ONE, Expr, Read, free_indices, walk
from derive.language.matrices import Component, Diagonal, MatrixExpr, Ordered, Product, Releveled
from derive.language.notation import Level
from derive.language.program import Equation
from derive.language.question import Chain

SHIFTS = (0, 1, -1)  # (A_j D_{j-1}) and (A_{j+1} D_j) are one product, counted from neighbouring layers
DEPTHS = (2, 3, 4)  # of the networks in which a counterexample is looked for
EVERY = "every depth, every layer, all widths"


Layers: TypeAlias = tuple[Level, Level] | None


def at_every_layer(known: Known, pairs: tuple[Pair, ...], layers: Layers = None, given: int = 0) -> Outcome:
    """left = right for those layers, or all below the last: by normal forms, else at real depths, layer by layer.

    Those are the `given` one, if there is one.
    """
    last = _of_last(known, pairs, layers)
    below = () if layers is not None and layers[0] == layers[1] and last else pairs
    if not looks_false(known, pairs, layers) and holds(known, (*below, *last)):
        return Outcome(True, EVERY if layers is None else _said(*layers), mode="exact")
    if (depth := given or _named_depth(known, pairs)) and all(
        _provable_at(known, pair, depth, layers) for pair in pairs
    ):
        return Outcome(True, f"{known.problem.program.depth.key} = {depth}, all widths", mode="exact")  # type: ignore[union-attr]
    for pair in pairs:
        found = _differs(known, pair, layers, given)
        if found is not None:
            return _with_one_output(known, (*below, *last)) or found
    return Outcome(None, why=AGREED if all(looks_true(known, pair, layers) for pair in pairs) else UNMET)


def holds(known: Known, pairs: tuple[Pair, ...]) -> bool:
    """Is every pair proved for every depth and every layer?"""
    return all(_provable(known, pair) for pair in pairs)


def looks_true(known: Known, pair: Pair, layers: Layers = None) -> bool:
    """Are both sides the same at some point, and at none different?"""
    compared = False
    for points, _, sides in _instances(known, pair, layers):
        unlike = _unlike(points, *sides)
        if unlike:
            return False
        compared = compared or unlike is False
    return compared


def looks_false(known: Known, pairs: tuple[Pair, ...], layers: Layers = None) -> bool:
    """Do the sides differ at a random point of any layer?"""
    return any(_unlike(points, *sides) for pair in pairs for points, _, sides in _instances(known, pair, layers))


def _of_last(known: Known, pairs: tuple[Pair, ...], layers: Layers) -> list[Pair]:
    """The same of the last layer, where that is one of the `layers`."""
    network = known.problem.program
    assert isinstance(network, DeepNetwork)
    if layers is None or layers[1] != network.last_layer:
        return []
    top = network.last_layer
    return [Pair(network.at(pair.left, top), network.at(pair.right, top)) for pair in pairs]


def _said(first: Level, last: Level) -> str:
    return f"every depth, layers {first.text} to {last.text}, all widths"


def _unlike(points: Points, left: Expr, right: Expr) -> bool | None:
    """Do two expressions differ at a random point? None where that is not known."""
    return Probe(points, (left, right)).tells_apart(left, right)


def _with_one_output(known: Known, pairs: tuple[Pair, ...]) -> Outcome | None:
    """What fails for a vector of outputs, and holds for the single one that the instance has."""
    network = known.problem.program
    assert isinstance(network, DeepNetwork)
    top = network.last_layer
    depth = known.problem.instance.get(network.depth.key)
    last = known.problem.instance.get(f"b_{depth}")
    if network.fixed or not isinstance(last, tuple) or len(last) != 1:
        return None
    narrow = Releveled({}, {top: 1})
    points = known.points_of("one output", lambda: {k: narrow.equation(e) for k, e in known.definitions.items()})
    for pair in pairs:
        left, right = elaborated(*(_single(narrow(side)) for side in (pair.left, pair.right)))
        if _unlike(points, left, right) or not provable(left, right, points.definitions):
            return None
    return Outcome(True, f"n_{top.text} = 1, {EVERY}", mode="exact")


def _single(expr: Expr) -> Expr:
    """An index that has one value, at that value."""
    return substitute(expr, {name: ONE for name, index in free_indices(expr).items() if index.upper == ONE})


def _provable(known: Known, pair: Pair) -> bool:
    """With what the problem's own inductions have established put in for the derivatives that they are about."""
    established = _results(known.derivation)
    theirs = [run for equation in established.values() for run in _runs(equation.value)]
    sides = [_in_known_runs(known, side, theirs) for side in (pair.left, pair.right)]
    for results in ({}, established):
        definitions = {**known.definitions, **results}
        values = [equation.value for equation in results.values()]
        left, right, *spelled = elaborated(*sides, *values)
        named = zip(results.values(), spelled, strict=True)
        definitions |= {e.tensor.key: Equation(e.target, value) for e, value in named}
        for few in staged(definitions, left, right):
            try:
                if is_zero(left - right, {**few, **_only(results, definitions)}, (), PROOF_BUDGET):
                    return True
            except (BudgetError, UnsupportedError, ArithmeticError):
                continue
    return False


def _runs(expr: Expr) -> list[Ordered]:
    """The products over layers in an expression, all of them downwards."""
    found: list[Ordered] = []
    for node in walk(expr):
        if isinstance(node, Component):
            parts = node.matrix.factors if isinstance(node.matrix, Product) else (node.matrix,)
            found += [part for part in parts if isinstance(part, Ordered)]
    return found


def _in_known_runs(known: Known, expr: Expr, theirs: list[Ordered]) -> Expr:
    """Each product over layers that the text spells in its own way, as the problem does: factor by factor equal."""

    def same(node: Expr) -> Expr | None:
        if not isinstance(node, Component) or not isinstance(node.matrix, Ordered):
            return None
        run = node.matrix
        for candidate in (one for other in theirs for one in (other, other.T)):
            assert isinstance(candidate, Ordered)
            for shift in SHIFTS:
                if _are_equal(known, run, candidate, shift):
                    named = replace(candidate, start=run.start + shift, stop=run.stop + shift)
                    return Component(named, node.row, node.column)
        return None

    return rewrite(expr, same)


def _are_equal(known: Known, one: Ordered, other: Ordered, shift: int) -> bool:
    """The same direction, and equal factors at any layer, counted from another one where they are shifted."""
    if (one.upwards, len(one.factors)) != (other.upwards, len(other.factors)):
        return False
    network = known.problem.program
    assert isinstance(network, DeepNetwork)
    mine, theirs = one.at(network.layer), other.at(network.layer + shift)
    return all(_factor_is(known, *both) for both in zip(mine, theirs, strict=True))


def _factor_is(known: Known, mine: MatrixExpr, theirs: MatrixExpr) -> bool:
    if mine == theirs:
        return True
    if not isinstance(mine, Diagonal) or not isinstance(theirs, Diagonal):
        return False
    named = substitute(theirs.entry, {theirs.index.name: mine.index})
    left, right = elaborated(mine.entry, named)
    return mine.shape == theirs.shape and provable(left, right, known.definitions)


def _named_depth(known: Known, pairs: tuple[Pair, ...]) -> int:
    """The depth of the instance, where a statement names layers by number alone."""
    network, numbers = known.problem.program, [level for pair in pairs for level in _numbers(pair)]
    assert isinstance(network, DeepNetwork)
    depth = known.problem.instance.get(network.depth.key)
    return depth if numbers and isinstance(depth, int) and max(level.offset for level in numbers) <= depth else 0


def _provable_at(known: Known, pair: Pair, depth: int, layers: Layers) -> bool:
    network = known.problem.program
    assert isinstance(network, DeepNetwork)
    definitions = definitions_at(known.problem, known.definitions, depth)
    sides = [sides for _, sides in network.instances((pair.left, pair.right), depth, layers)]
    spelled = [elaborated(*both) for both in sides]
    return bool(sides) and all(provable(left, right, definitions) for left, right in spelled)


def _only(results: Definitions, definitions: Definitions) -> Definitions:
    return {key: definitions[key] for key in results}


def _results(derivation: Derivation) -> dict[str, Equation]:
    """dy/db_i[r] = [A_L ... D_i]_r, and the same for what that derivative is equal to."""
    found: dict[str, Equation] = {}
    for part in derivation.parts:
        chain = part.question.wants
        if isinstance(chain, Chain) and chain.base and chain.relation == "=" and isinstance(part.claim.left, Read):
            found[part.claim.left.tensor.key] = Equation(part.claim.left, part.claim.right)
            for key, equation in derivation.definitions.items():  # db_i is ds_i
                if equation.value == part.claim.left or _is_renamed(derivation, key, part.claim.left):
                    found[key] = Equation(equation.target, part.claim.right)
    return found


def _is_renamed(derivation: Derivation, key: str, left: Read) -> bool:
    """Is the derivative `left` nothing but that other one?"""
    own = derivation.definitions.get(left.tensor.key)
    return own is not None and isinstance(own.value, Read) and own.value.tensor.key == key


def _differs(known: Known, pair: Pair, layers: Layers, given: int) -> Outcome | None:
    network = known.problem.program
    assert isinstance(network, DeepNetwork)
    for points, where, (left, right) in _instances(known, pair, layers, given):
        if _unlike(points, left, right) is False:
            continue
        found = find_witness(left, right, points.definitions)
        if found is not None:
            failure = failure_of(found)
            sizes = {**where, **failure.sizes}
            return Outcome(False, EVERY, type(failure)(sizes, failure.values, failure.left, failure.right))
    return None


def _instances(
    known: Known, pair: Pair, layers: Layers = None, given: int = 0
) -> Iterator[tuple[Points, dict[str, int], tuple[Expr, Expr]]]:
    """The statement at every layer of networks of a few depths: points there, depth and layer, and both sides."""
    network = known.problem.program
    assert isinstance(network, DeepNetwork)
    for depth in (given,) if given else _depths(pair, known):
        points = known.points_of(depth, partial(definitions_at, known.problem, known.definitions, depth))
        for number, sides in network.instances((pair.left, pair.right), depth, layers):
            left, right = elaborated(*sides)
            yield points, {network.depth.key: depth, network.layer.letter: number}, (left, right)


def _depths(pair: Pair, known: Known) -> Iterator[int]:
    """A few layers more than the highest that the statement names by its number."""
    network = known.problem.program
    assert isinstance(network, DeepNetwork)
    highest = max((level.offset for level in _numbers(pair)), default=0)
    default = known.problem.instance.get(network.depth.key)
    if highest and isinstance(default, int):
        yield from (depth for depth in dict.fromkeys((default, highest + 1)) if depth >= highest)
        return
    yield from DEPTHS


def _numbers(pair: Pair) -> Iterator[Level]:
    for side in (pair.left, pair.right):
        for node in walk(side):
            yield from (level for level in levels_in(node) if not level.letter)
