"""What is false for every stride and padding may be meant for those of the instance: judged there, for all lengths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from derive.algebra.binding import Definitions, at_sizes
from derive.algebra.probe import Probe
from derive.errors import BudgetError, UnsupportedError
from derive.judging.decision import ALL, provable
from derive.judging.decision import at_sizes as at_all_sizes
from derive.judging.fixed import FixedSizes
from derive.judging.links import is_concrete
from derive.judging.pairs import Pair
from derive.judging.subject import Known, Subject
from derive.language.domain import Integers
from derive.language.expression import Expr, Sum, tensors_in, walk
from derive.language.program import Equation
from derive.language.statement import Side, expressions_of


def settings(known: Known) -> frozenset[str]:
    """The sizes that are the length of no axis, such as a stride."""
    tensors = known.program.tensors()
    lengths = {key for tensor in tensors for axis in tensor.axes for key in tensors_in(axis.upper)}
    return frozenset(t.key for t in tensors if isinstance(t.domain, Integers) and not t.axes and t.key not in lengths)


def unsaid(subject: Subject, typed: Sequence[Side]) -> Mapping[str, int]:
    """The settings of the instance that a claim, as it was typed, does not name."""
    named = {key for side in typed for expr in expressions_of(side) for key in _read(expr)}
    return {
        key: subject.sizes[key] for key in sorted(settings(subject.known) & subject.sizes.keys()) if key not in named
    }


def true_at_settings(subject: Subject, pairs: Sequence[Pair], typed: Sequence[Side]) -> tuple[str, str] | None:
    """The scope, and the convention where they are not given, if the claim is proved at the settings it leaves out."""
    fixed = unsaid(subject, typed)
    if not fixed or not _true_at(subject, pairs, fixed):
        return None
    said = ", ".join(f"{key} = {size}" for key, size in fixed.items())
    given = fixed.keys() <= subject.given.sizes.keys()
    return f"{ALL}, {said}", "" if given else f"at {said}, as in the worked instance"


def true_by_sizes(subject: Subject, pairs: Sequence[Pair], fixed: FixedSizes) -> str | None:
    """The scope of numbers that are right for all values at sizes given, or meant by entries that are named."""
    given = bool(subject.sizes) and subject.sizes.keys() <= subject.given.sizes.keys()
    if not subject.sizes or not (given or is_concrete(pairs)) or not _true_for_all(subject, pairs, fixed):
        return None
    return ", ".join(f"{key} = {size}" for key, size in subject.sizes.items())


def _true_at(subject: Subject, pairs: Sequence[Pair], fixed: Mapping[str, int]) -> bool:
    """Is the claim proved with these sizes put in, for all others?"""
    points = subject.known.points(sizes=fixed)
    if any(Probe(points, (pair.left, pair.right)).tells_apart(pair.left, pair.right) for pair in pairs):
        return False
    definitions = _put_in(subject.definitions, fixed)
    return all(provable(at_sizes(p.left, fixed), at_sizes(p.right, fixed), definitions) for p in pairs)


def _true_for_all(subject: Subject, pairs: Sequence[Pair], fixed: FixedSizes) -> bool:
    """Is the claim proved at the sizes of the instance, for all values of the entries?"""
    points = subject.known.points(sizes=fixed.sizes)
    try:
        if any(Probe(points, (pair.left, pair.right)).tells_apart(pair.left, pair.right) for pair in pairs):
            return False
        return at_all_sizes(subject, pairs, fixed).truth is True
    except (UnsupportedError, BudgetError, ArithmeticError):
        return False


def _put_in(definitions: Definitions, fixed: Mapping[str, int]) -> Definitions:
    return {key: Equation(at_sizes(e.target, fixed), at_sizes(e.value, fixed)) for key, e in definitions.items()}


def _read(expr: Expr) -> set[str]:
    """The names in an expression, those in the ranges of its sums included."""
    found = set(tensors_in(expr))
    for node in walk(expr):
        if isinstance(node, Sum):
            found |= {*tensors_in(node.index.upper), *tensors_in(node.index.lower)}
    return found
