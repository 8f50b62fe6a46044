"""Walking surface nodes: what stands in a text, whatever it means."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any

from msgspec.structs import replace

from derive.reading import surface as s
from derive.reading.references import split

PLAIN = frozenset({"int", "str", "bool", "Relation", "tuple[str, ...]", "tuple[Operator, ...]"})  # types of fields


def nodes_in(node: object) -> list[s.Node]:
    """Every surface node under one."""
    found: list[s.Node] = []
    stack: list[object] = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, s.Node):
            found.append(one)
            for inside in _inside(type(one)):
                stack.append(inside(one))
        elif type(one) is tuple:
            stack.extend(one)
    return found


@cache
def _inside(kind: type[s.Node]) -> tuple[Callable[[object], object], ...]:
    """What gets the fields that may hold nodes: all but those of columns, texts and flags."""
    said = {name: hint for base in kind.__mro__ for name, hint in getattr(base, "__annotations__", {}).items()}
    return tuple(attrgetter(name) for name in kind.__struct_fields__ if said[name] not in PLAIN)


def letters_bound(node: s.Node) -> set[str]:
    return {letter for one in nodes_in(node) if isinstance(one, s.Big) for letter in one.letters}


def letters_written(node: s.Node) -> set[str]:
    """Single letters that stand as scripts."""
    found: set[str] = set()
    for one in nodes_in(node):
        if isinstance(one, s.Word):
            for script in (*split(one.below), *split(one.above)):
                found |= {n.base for n in nodes_in(script) if isinstance(n, s.Word)}
    return found


def letters_of(where: s.Where) -> set[str]:
    """The letters that a range or a condition is about."""
    if isinstance(where, s.Range):
        return {*where.letters}
    return {one.base for one in nodes_in(where) if isinstance(one, s.Word) and len(one.base) == 1}


def rebuilt(node: s.Node, change: Callable[[Any], Any]) -> s.Node:
    """The node with its fields changed."""
    fields = {name: getattr(node, name) for name in node.__struct_fields__}
    changed = {name: change(value) for name, value in fields.items() if isinstance(value, s.Node | tuple)}
    return replace(node, **changed)


def with_nodes(node: Any, rule: Callable[[s.Node], s.Node | None]) -> Any:
    """The node with every node replaced for which the rule gives one, parents first."""
    if isinstance(node, tuple):
        return tuple(with_nodes(one, rule) for one in node)
    if not isinstance(node, s.Node):
        return node
    return rule(node) or rebuilt(node, lambda one: with_nodes(one, rule))


def without_columns(node: object) -> object:
    """The node without its columns."""
    if isinstance(node, s.Node):
        fields = {name: getattr(node, name) for name in node.__struct_fields__ if name not in ("at", "stop")}
        return (type(node).__name__, tuple((name, without_columns(value)) for name, value in fields.items()))
    if isinstance(node, tuple):
        return tuple(map(without_columns, node))
    return node


def word_of(node: s.Node) -> s.Word | None:
    if isinstance(node, s.Word):
        return node
    if isinstance(node, s.Listed) and len(node.items) == 1:
        return word_of(node.items[0])
    return None


def exponent_of(word: s.Word) -> s.Node:
    return word.above[0] if len(word.above) == 1 else s.Listed(word.at, word.above)


def is_sign(node: s.Node, after: list[s.Node]) -> bool:
    """The bold 1 in front of a condition, which is the sign of an indicator."""
    bold = isinstance(node, s.Word) and node.base == "1" and not (node.below or node.above)
    return bold and any(isinstance(one, s.Indicator) for one in after)


def is_two(node: s.Node) -> bool:
    return isinstance(node, s.Numeral) and node.text == "2"


_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def disjoint(one: s.Condition | None, other: s.Condition) -> bool:
    if one is None:
        return False
    same = without_columns(one.left) == without_columns(other.left) and without_columns(one.right) == without_columns(
        other.right
    )
    return same and _OPPOSITE.get(one.relation) == other.relation


def beside_a_slash(
    factors: list[s.Node], operators: list[s.Operator], slash: s.Slash
) -> tuple[list[s.Node], list[s.Operator]]:
    """a/bc as a/(bc): what stands beside a divisor is divided by, too, all of it or as far as a parenthesis."""
    out, kept = [factors[0]], list[s.Operator]()
    for operator, factor in zip(operators, factors[1:], strict=True):
        ends = slash == "names" and isinstance(factor, s.Listed)
        if operator == "" and kept and kept[-1] == "/" and not ends:
            last = out[-1]
            inside = last.factors if isinstance(last, s.Product) and not any(last.operators) else (last,)
            nothing: s.Operator = ""
            out[-1] = s.Product(last.at, (*inside, factor), (nothing,) * len(inside))
        else:
            out.append(factor)
            kept.append(operator)
    return out, kept


def has_open_slash(spelled: tuple[s.Spelled, ...]) -> bool:
    """Does something stand beside a divisor, so that a/bc may be meant in two ways?"""
    for one in spelled:
        for side in one.sides:
            for node in nodes_in(side):
                if isinstance(node, s.Product):
                    pairs = zip(node.operators, node.operators[1:], strict=False)
                    if any(first == "/" and second == "" for first, second in pairs):
                        return True
    return False
