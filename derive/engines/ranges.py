"""Every subscript stays inside its axis: by the ranges of its indices, or by brackets that make the product 0 outside.

The normal form counts an entry beyond the edge as 0. That is what zero padding means, but only if the author says so.
"""

from __future__ import annotations

from derive.algebra import atoms as at
from derive.algebra.normal import Normalizer
from derive.algebra.polynomial import ONE, Poly, atom_poly
from derive.errors import AuthorError
from derive.language.expression import Bracket, Expr, Index, Mul, Number, Read, Sum
from derive.language.plain import plain
from derive.language.problem import Problem


def check_subscripts(problem: Problem) -> None:
    """Raises AuthorError for the first entry that may be read outside its axis."""
    for equation in problem.program.equations:
        _check(f"{problem.id}: the equation for {equation.tensor.key}", equation.value, ())
    for question in problem.questions:
        if question.form is not None and problem.program.equations:
            _check(f"{problem.id}: the form of part '{question.id}'", question.form, ())
    for remark in (*problem.lemmas, *problem.remarks):
        for side in (remark.left, remark.right):
            _check(f"{problem.id}: {remark.id}", side, ())


def _check(place: str, node: Expr, guards: tuple[Bracket, ...]) -> None:
    if isinstance(node, Mul):
        guards += tuple(factor for factor in node.factors if isinstance(factor, Bracket))
    if isinstance(node, Read):
        for axis, subscript in zip(node.tensor.axes, node.indices, strict=True):
            if not isinstance(subscript, Index | Number) and not _inside(axis, subscript, guards):
                raise AuthorError(
                    f"{place} reads {plain(node)}, and {plain(subscript)} may lie outside"
                    f" {plain(axis.lower)}..{plain(axis.upper)}; multiply by within({plain(subscript)},"
                    f" {plain(axis.upper)}), or restrict the index"
                )
    for child in (node.body,) if isinstance(node, Sum) else node.children:
        _check(place, child, guards)


def _inside(axis: Index, subscript: Expr, guards: tuple[Bracket, ...]) -> bool:
    if any(guard.relation == "=" and subscript in (guard.left, guard.right) for guard in guards):
        return True  # [q = e] with an index q of the axis
    context = Normalizer()
    value = context.normal(subscript)
    lower, upper = context.normal(axis.lower), context.normal(axis.upper)
    known = {context.normal(Bracket(g.relation, g.left, g.right)).key for g in guards}
    below, above = context.bracket("<=", lower, value), context.bracket("<=", value, upper)
    low = below.key in known or context.bracket("<=", lower, _extreme(context, value, least=True)).key == ONE.key
    return low and (
        above.key in known or context.bracket("<=", _extreme(context, value, least=False), upper).key == ONE.key
    )


def _extreme(context: Normalizer, value: Poly, least: bool) -> Poly:
    """The least or greatest value of a subscript that is linear in its indices, each at its own end."""
    for name in sorted(value.free):
        slope = [c for mono, c in value.terms.items() if any(name in atom.free for atom, _ in mono)]
        others = all(
            atom.name == name or atom.positive
            for mono in value.terms
            if any(name in a.free for a, _ in mono)
            for atom, _ in mono
        )
        if len({c > 0 for c in slope}) != 1 or not others:
            return atom_poly(at.index_atom("?"))  # not monotone: nothing is known
        lower, upper = context.ranges[name]
        end = lower if (slope[0] > 0) == least else upper
        value = context.substituted_poly(value, {name: end})
    return value
