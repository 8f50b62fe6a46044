"""A counterexample in words, for the line of an error."""

from __future__ import annotations

from derive.language.verdict import Counterexample


def told(found: Counterexample) -> str:
    """'at m = 2, x = (0, 1), the left side is 0 but the right side is 1/2'."""
    places = [f"{name} = {_text(value)}" for name, value in {**found.sizes, **found.where, **found.values}.items()]
    at = f"at {', '.join(places)}, " if places else ""
    return f"{at}the left side is {found.left} but the right side is {found.right}"


def _text(value: object) -> str:
    return f"({', '.join(map(_text, value))})" if isinstance(value, list | tuple) else str(value)
