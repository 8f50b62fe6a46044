"""What a wrong gradient looks like: the arrays that well-known mistakes give, the likeliest first.

A mistake is a formula with the definitions of the names in it; it is told where it gives what the function returned at
every point that was tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from itertools import combinations

from msgspec import Struct

from derive.algebra.binding import Definitions, fresh_name, instantiate, rewrite, substitute
from derive.engines.adjoint import Adjoints
from derive.errors import AuthorError
from derive.functions.asked import Asked, Wanted
from derive.functions.slips import slips, without
from derive.language.domain import Integers
from derive.language.expression import (
    Add,
    Expr,
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
    power,
    tensors_in,
    walk,
)
from derive.language.notation import PartialName
from derive.language.plain import plain
from derive.language.program import Equation
from derive.language.question import Gradient
from derive.language.tensor import Tensor

MOST = 1500  # mistakes looked at for one array


class Fault(Struct, frozen=True):
    """A mistake as a sentence may end in it: 'it is ...', with what it gives."""

    text: str
    value: Expr
    definitions: Definitions


def faults(asked: Asked, wanted: Wanted) -> Iterator[Fault]:
    """Mistakes that a function may have made in one array."""
    yield from _swapped(asked, wanted)
    yield from _declared(asked, wanted)
    yield from _dropped_paths(asked, wanted)
    yield from _multiples(asked, wanted)
    yield from _fixed(asked, wanted)
    yield from _outside_roots(asked, wanted)
    yield from _other_axis(asked, wanted)
    yield from _exchanged(asked, wanted)
    yield from _in_formulas(asked, wanted)
    yield from _other_quantities(asked, wanted)


def _swapped(asked: Asked, wanted: Wanted) -> Iterator[Fault]:
    """Another array that is returned too: right, and in the wrong place."""
    axes = [(axis.lower, axis.upper) for axis in wanted.axes]
    for other in asked.wanted:
        if other != wanted and [(axis.lower, axis.upper) for axis in other.axes] == axes:
            renamed = {old.name: new for old, new in zip(other.axes, wanted.axes, strict=True)}
            order = ", ".join(one.label for one in asked.wanted)
            text = f"{other.label}, not {wanted.label}; the order is {order}"
            yield Fault(text, substitute(other.claim.right, renamed), asked.definitions)


def _declared(asked: Asked, wanted: Wanted) -> Iterator[Fault]:
    """The mistakes that the problem names about this quantity."""
    for wrong in asked.known.derivation.wrong:
        if wrong.claim.left == wanted.claim.left:
            title = wrong.mistake.title.replace("$", "")
            yield Fault(f"a known mistake: {title[0].lower()}{title[1:]}", wrong.claim.right, asked.definitions)


class _Cut(Adjoints):
    """Derivatives with one edge of the graph left out."""

    cut: tuple[str, str] = ("", "")

    def readers(self, node: Tensor) -> list[Equation]:
        return [one for one in super().readers(node) if (node.key, one.tensor.key) != self.cut]


def _dropped_paths(asked: Asked, wanted: Wanted) -> Iterator[Fault]:
    """The gradient without the paths through some nodes, or along one edge."""
    target = _target(asked, wanted)
    if target is None:
        return
    inner = [t for t in asked.program.defined() if t.key not in (target.key, asked.program.loss.key)]
    for count in (1, 2):
        for frozen in combinations(inner, count):
            names = " and ".join(plain(tensor.entry()) for tensor in frozen)
            through = f"the gradient with the path{'s' if count > 1 else ''} through {names} dropped"
            yield _by(asked, wanted, Adjoints(asked.program, frozen=frozen), through)
    for equation in asked.program.equations:
        for by in (node for node in asked.program.tensors() if node.key in _reads(equation)):
            if not isinstance(by.domain, Integers):
                cut = _Cut(asked.program)
                cut.cut = (by.key, equation.tensor.key)
                edge = f"the gradient with the edge from {plain(by.entry())} to {plain(equation.target)} dropped"
                yield _by(asked, wanted, cut, edge)


def _by(asked: Asked, wanted: Wanted, adjoints: Adjoints, text: str) -> Fault:
    derivatives = {k: e for k, e in adjoints.definitions.items() if isinstance(e.tensor.name, PartialName)}
    assert isinstance(wanted.claim.left, Read)
    return Fault(text, _defined(derivatives, wanted.claim.left), {**asked.definitions, **derivatives})


def _defined(definitions: Definitions, left: Read) -> Expr:
    """The right side of a definition at the indices of a claim."""
    return instantiate(definitions[left.tensor.key], left.indices)


def _target(asked: Asked, wanted: Wanted) -> Tensor | None:
    wants = asked.problem.question(wanted.part).wants
    return wants.by if isinstance(wants, Gradient) else None


def _reads(equation: Equation) -> set[str]:
    return {node.tensor.key for node in walk(equation.value) if isinstance(node, Read)}


def _multiples(asked: Asked, wanted: Wanted) -> Iterator[Fault]:
    """The whole times or over a number, a size, a value, or a power that the formula has."""
    right, free = wanted.claim.right, {axis.name for axis in wanted.axes}
    yield Fault("the right gradient with its sign turned round", mul(-1, right), asked.definitions)
    numbers: list[Expr] = [expression(value) for value in (2, 4, 3)]
    sizes = [Read(t) for t in asked.program.inputs() if isinstance(t.domain, Integers) and not t.axes]
    scales = [
        Read(t, at)
        for t in asked.program.inputs()
        if not isinstance(t.domain, Integers) and (at := _at(t, wanted.axes)) is not None and len(at) < 2
    ]
    powers = [n for n in walk(right) if isinstance(n, Pow) and set(free_indices(n)) <= free]
    for scale in dict.fromkeys((*numbers, *sizes, *scales, *powers)):
        inverse = power(scale, -1)
        for factor in (scale, inverse):
            missing = inverse if factor == scale else scale
            if _holds(right, missing):
                text = f"the gradient with the factor {plain(missing)} missing"
            else:
                text = f"the right gradient times {plain(factor)}"
            yield Fault(text, mul(factor, right), asked.definitions)
            yield Fault(f"{text}, and its sign turned round", mul(-1, factor, right), asked.definitions)


def _at(tensor: Tensor, axes: tuple[Index, ...]) -> tuple[Index, ...] | None:
    """The indices at which an array has an entry for each entry of the answer, where there are such."""
    found = [next((i for i in axes if (i.lower, i.upper) == (a.lower, a.upper)), None) for a in tensor.axes]
    return tuple(i for i in found if i is not None) if None not in found else None


def _other_axis(asked: Asked, wanted: Wanted) -> Iterator[Fault]:
    """Every sum along one axis taken along another one, its length put in for the other or not."""
    for own in wanted.axes:
        for other in wanted.axes:
            if (own.lower, own.upper) == (other.lower, other.upper):
                continue

            def turned(node: Expr, own: Index = own, other: Index = other) -> Expr | None:
                if isinstance(node, Sum) and (node.index.lower, node.index.upper) == (own.lower, own.upper):
                    inner = other.renamed(fresh_name(other.name, set(free_indices(node.body)) | {node.index.name}))
                    return Sum(inner, substitute(node.body, {node.index.name: own, other.name: inner}))
                return None

            right = rewrite(wanted.claim.right, turned)
            if right == wanted.claim.right:
                continue
            text = f"the gradient with its sums over {other.name} instead of {own.name}"
            for value in (right, _length_put_in(right, own.upper, other.upper)):
                yield Fault(text, value, asked.definitions)


def _length_put_in(expr: Expr, old: Expr, new: Expr) -> Expr:
    return rewrite(expr, lambda node: node if isinstance(node, Index) else new if node == old else None)


def _holds(expr: Expr, factor: Expr) -> bool:
    """Whether it is one of the factors of a product, so that it can be missing."""
    return isinstance(expr, Mul) and factor in expr.factors


def _fixed(asked: Asked, wanted: Wanted) -> Iterator[Fault]:
    """A number that was handed over and not used: a stride taken as 1, an eps as 0."""
    for tensor in asked.arguments():
        if tensor.axes or tensor == asked.upstream:
            continue
        for value in (1, 0) if isinstance(tensor.domain, Integers) else (0, 1):
            changed = {key: _changed(one, without(one.value, tensor.key, value))
                       for key, one in asked.definitions.items()}  # fmt: skip
            known = {key: one for key, one in changed.items() if one is not None}
            text = f"the gradient with {tensor.key} taken as {value}"
            yield Fault(text, without(wanted.claim.right, tensor.key, value), known)


def _outside_roots(asked: Asked, wanted: Wanted) -> Iterator[Fault]:
    """sqrt(var) + eps for sqrt(var + eps), wherever it stands."""
    for tensor in asked.arguments():
        if tensor.axes or isinstance(tensor.domain, Integers):
            continue
        moved = partial(_outside, Read(tensor))
        changed = {key: _changed(one, rewrite(one.value, moved)) for key, one in asked.definitions.items()}
        known = {key: one for key, one in changed.items() if one is not None}
        text = f"the gradient with {tensor.key} outside of the square root"
        yield Fault(text, rewrite(wanted.claim.right, moved), known)


def _outside(small: Expr, node: Expr) -> Expr | None:
    if not (isinstance(node, Pow) and isinstance(node.base, Add) and isinstance(node.exponent, Number)):
        return None
    if node.exponent.value.denominator != 2 or small not in node.base.terms:
        return None
    rest = add(*(rewrite(term, partial(_outside, small)) for term in node.base.terms if term != small))
    return power(add(power(rest, Fraction(1, 2)), small), 2 * node.exponent.value)


def _exchanged(asked: Asked, wanted: Wanted) -> Iterator[Fault]:
    """One array used where another of the same axes is meant: x for xhat."""
    held = [tensor for tensor in _arrays(asked) if tensor.axes]
    for key, meant in tensors_in(wanted.claim.right).items():
        for other in held:
            if other.key == key or _ranges(other) != _ranges(meant):
                continue

            def swapped(node: Expr, key: str = key, other: Tensor = other) -> Expr | None:
                return Read(other, node.indices) if isinstance(node, Read) and node.tensor.key == key else None

            text = f"the gradient with {plain(other.entry())} used where {plain(meant.entry())} is meant"
            yield Fault(text, rewrite(wanted.claim.right, swapped), asked.definitions)


def _arrays(asked: Asked) -> list[Tensor]:
    """What a formula may hold: the tensors of the program, and the derivative that is known."""
    known = [] if asked.upstream is None else [asked.upstream]
    return [tensor for tensor in asked.program.tensors() if not isinstance(tensor.domain, Integers)] + known


def _ranges(tensor: Tensor) -> list[tuple[Expr, Expr]]:
    return [(axis.lower, axis.upper) for axis in tensor.axes]


def _in_formulas(asked: Asked, wanted: Wanted) -> Iterator[Fault]:
    """A slip in the answer, in a derivative on the way to it, or in the forward pass that it is made from."""
    count = 0
    for text, value in slips(wanted.claim.right, wanted.axes):
        yield Fault(f"the gradient with {text}", value, asked.definitions)
    left = wanted.claim.left
    if not isinstance(left, Read) or left.tensor.key not in asked.definitions:
        return
    staged = _defined(asked.definitions, left)
    for text, value in slips(staged, wanted.axes):
        yield Fault(f"the gradient with {text}", value, asked.definitions)
    answers = {c.left.tensor.key: c for p in asked.known.derivation.parts if isinstance((c := p.claim).left, Read)}
    by_kind = sorted(asked.definitions.items(), key=lambda one: not isinstance(one[1].tensor.name, PartialName))
    for key, equation in by_kind:
        if key == left.tensor.key:
            continue
        claim = answers.get(key)
        formulas = [equation.value]
        if claim is not None and isinstance(claim.left, Read) and isinstance(equation.tensor.name, PartialName):
            formulas.append(instantiate(Equation(claim.left, claim.right), equation.target.indices))
        for formula in formulas:
            for text, value in slips(formula, equation.indices):
                count += 1
                if count > MOST:
                    return
                changed = _changed(equation, value)
                if changed is None:
                    continue
                definitions = {**asked.definitions, key: changed}
                for base in (staged, wanted.claim.right):
                    yield Fault(f"the gradient with {text}, in {plain(equation.target)}", base, definitions)


def _changed(equation: Equation, value: Expr) -> Equation | None:
    """The equation with another right side; None where that divides by zero or holds an index that nothing binds."""
    try:
        return Equation(equation.target, value)
    except AuthorError:
        return None


def _other_quantities(asked: Asked, wanted: Wanted) -> Iterator[Fault]:
    """Another array of the same axes, or a sum of two of them."""
    axes = [(axis.lower, axis.upper) for axis in wanted.axes]
    named: dict[str, Tensor] = {t.key: t for t in asked.program.tensors()}
    named |= {key: e.tensor for key, e in asked.definitions.items()}
    if asked.upstream is not None:
        named[asked.upstream.key] = asked.upstream
    reads = [
        Read(tensor, wanted.axes)
        for tensor in named.values()
        if [(axis.lower, axis.upper) for axis in tensor.axes] == axes and tensor != asked.program.loss
    ]
    for read in reads:
        if read != wanted.claim.left:
            yield Fault(f"{plain(read)}, not {wanted.label}", read, asked.definitions)
    for read in reads:
        if isinstance(wanted.claim.right, Add | Mul | Read):
            yield Fault(f"the right gradient plus {plain(read)}", add(wanted.claim.right, read), asked.definitions)
            less = add(wanted.claim.right, mul(-1, read))
            yield Fault(f"the right gradient less {plain(read)}", less, asked.definitions)
