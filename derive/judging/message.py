"""A judgement in a few lines, as a student should read it."""

from __future__ import annotations

from collections.abc import Mapping

from derive.language.judgement import Failure, Finding, Judgement

MAX_VALUES = 12
SENTENCES = {
    "proved": "true", "refuted": "false", "depends": "true under a convention", "agrees": "no proof, no counterexample",
    "unreadable": "cannot be read",
}  # fmt: skip


def message(found: Judgement, text: str = "") -> str:
    """The verdict, how the text was read, where it fails, what would make it true."""
    lines = [_head(found)]
    if found.error is not None:
        return "\n".join([*lines, *_where(found, text)])
    if found.read_as:
        lines.append(f"  read as: {found.read_as}")
    if found.reading:
        lines.append(f"  reading: {found.reading}")
    if found.link:
        lines.append(f"  first false link: {found.link}")
    if found.counterexample is not None:
        lines.append(f"  {counterexample(found.counterexample)}")
    lines += [f"  {one.text}{f': {one.repair}' if says_more(one) else ''}" for one in found.diagnosis]
    return "\n".join(lines)


def says_more(one: Finding) -> bool:
    """Is the repair more than the value that the explanation ends with?"""
    return bool(one.repair) and not one.text.endswith(f" {one.repair}")


def _head(found: Judgement) -> str:
    if found.error is not None:
        return f"{found.verdict}: column {found.error.position + 1}: {found.error.message}"
    return f"{found.verdict}: {said_of(found)}"


def said_of(found: Judgement) -> str:
    """The verdict in words, with the scope or the convention that it holds under; of an undecided one why it is so."""
    more = found.convention or found.scope
    if found.verdict == "undecided":
        return more or SENTENCES["agrees"]
    return f"{SENTENCES[found.verdict]}{f' ({more})' if more else ''}"


def _where(found: Judgement, text: str) -> list[str]:
    """The text with a caret under the place."""
    if not text or found.error is None or "\n" in text or not text.isprintable():
        return []
    low = max(0, found.error.position - 60)
    return [f"  {text[low : low + 100]}", f"  {' ' * (found.error.position - low)}^"]


def counterexample(failure: Failure) -> str:
    """Where it is false: 'at m = 1, y = (-1): the left side is ..., the right side ...'."""
    at = [f"{key} = {value}" for key, value in failure.sizes.items()]
    at += [f"{key} = {_value(value)}" for key, value in failure.values.items()]
    if len(at) > MAX_VALUES:
        at = [*at[:MAX_VALUES], "..."]
    place = f"at {', '.join(at)}: " if at else ""
    return f"{place}the left side is {failure.left}, the right side {failure.right}"


def _value(value: object) -> str:
    if isinstance(value, tuple | list):
        return f"({', '.join(map(_value, value))})"
    if isinstance(value, Mapping):
        return str(dict(value))
    return str(value)
