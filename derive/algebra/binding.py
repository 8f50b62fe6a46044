"""Capture-avoiding substitution of indices, and putting definitions in for names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from derive.language.expression import Expr, Index, Read, Sum, expression, free_indices
from derive.language.program import Equation

Definitions = Mapping[str, Equation]


def substitute(expr: Expr, values: Mapping[str, Expr]) -> Expr:
    """Put an expression in for each free index named in `values`; bound indices that would capture are renamed."""
    if not values:
        return expr
    if isinstance(expr, Index):
        return values.get(expr.name, expr)
    if isinstance(expr, Sum):
        return _substitute_sum(expr, values)
    children = expr.children
    changed = tuple(substitute(child, values) for child in children)
    return expr if all(map(_same, changed, children)) else expr.with_children(changed)


def _same(one: Expr, other: Expr) -> bool:
    return one is other


def _substitute_sum(expr: Sum, values: Mapping[str, Expr]) -> Expr:
    index = expr.index
    bounds = Index(index.name, substitute(index.upper, values), substitute(index.lower, values))
    inner = {name: value for name, value in values.items() if name != index.name}
    live = free_indices(expr.body)
    arriving = {n for name, value in inner.items() if name in live for n in free_indices(value)}
    if index.name in arriving:
        bounds = bounds.renamed(fresh_name(index.name, arriving | set(live)))
        inner[index.name] = bounds
    return Sum(bounds, substitute(expr.body, inner))


def fresh_name(name: str, taken: set[str]) -> str:
    """The next letter a person would use: j after i, k after n or c; then i1, i2, ..."""
    letters = "ijklpqrst"
    start = letters.index(name) + 1 if name in letters else letters.index("k")
    for letter in letters[start:] + letters[:start]:
        if letter not in taken and letter != name:
            return letter
    number = 1
    while f"{name}{number}" in taken:
        number += 1
    return f"{name}{number}"


def instantiate(equation: Equation, indices: tuple[Expr, ...]) -> Expr:
    """The right side of an equation at the given indices."""
    values = {own.name: new for own, new in zip(equation.indices, indices, strict=True) if own != new}
    return substitute(equation.value, values)


def rewrite(expr: Expr, rule: Callable[[Expr], Expr | None]) -> Expr:
    """Replace every node for which `rule` gives something, parents first; what it gives is final."""
    new = rule(expr)
    if new is not None:
        return new
    children = expr.children
    changed = tuple(rewrite(child, rule) for child in children)
    return expr if all(map(_same, changed, children)) else expr.with_children(changed)


def inline(expr: Expr, definitions: Definitions) -> Expr:
    """Every defined name replaced by its definition, until only inputs are left."""

    def put_in(node: Expr) -> Expr | None:
        if isinstance(node, Read) and node.tensor.key in definitions:
            return inline(instantiate(definitions[node.tensor.key], node.indices), definitions)
        return None

    return rewrite(expr, put_in)


def told_apart(expr: Expr, taken: frozenset[str]) -> Expr:
    """The same expression with no sum over an index name that is also free around it: legal, but hard to read."""
    if isinstance(expr, Sum):
        index = expr.index
        body = expr.body
        if index.name in taken:
            index = index.renamed(fresh_name(index.name, set(taken) | set(free_indices(body))))
            body = substitute(body, {expr.index.name: index})
        return Sum(index, told_apart(body, taken | {index.name}))
    children = expr.children
    changed = tuple(told_apart(child, taken) for child in children)
    return expr if all(map(_same, changed, children)) else expr.with_children(changed)


def alpha(expr: Expr, depth: int = 0) -> Expr:
    """The same expression with bound indices named by their depth: equal up to bound names means equal here."""
    if isinstance(expr, Sum):
        index = Index(f"\N{MIDDLE DOT}{depth}", alpha(expr.index.upper), alpha(expr.index.lower))
        return Sum(index, alpha(substitute(expr.body, {expr.index.name: index}), depth + 1))
    children = expr.children
    changed = tuple(alpha(child, depth) for child in children)
    return expr if all(map(_same, changed, children)) else expr.with_children(changed)


def at_sizes(expr: Expr, sizes: Mapping[str, int]) -> Expr:
    """The expression with numbers put in for sizes, in the ranges of its indices too."""

    def put_in(node: Expr) -> Expr | None:
        if isinstance(node, Read) and not node.indices and node.tensor.key in sizes:
            return expression(sizes[node.tensor.key])
        if isinstance(node, Index):
            return Index(node.name, at_sizes(node.upper, sizes), at_sizes(node.lower, sizes))
        if isinstance(node, Sum):
            index = at_sizes(node.index, sizes)
            assert isinstance(index, Index)
            return Sum(index, at_sizes(node.body, sizes))
        return None

    return rewrite(expr, put_in)
