"""Structured names -> mathematics: base, accent, primes, scripts; and the derivative of one name by another."""

from __future__ import annotations

from collections.abc import Sequence

from derive.language.notation import AnyName, Name, PartialName
from derive.rendering.markup import Markup


def spelled(m: Markup, name: AnyName, indices: Sequence[str] = ()) -> str:
    """A name with indices as further subscripts, or some as superscripts; those of d f / d v belong to v."""
    if isinstance(name, PartialName):
        return quotient(m, spelled(m, name.of), spelled(m, name.by, indices))
    text = m.letter(name.base)
    if name.accent and name.level is None:
        text = m.accents[name.accent].format(text)
    for _ in range(name.primes):
        text = m.prime.format(text)
    above, below = list(indices[: name.above]), list(indices[name.above :])
    if name.enclosed and above:
        above = [m.round.format(", ".join(above))]
    if name.level is not None:
        return _of_layer(m, name, text, [*above, *below])
    lower = scripts([*(m.letter(script) for script in name.sub), *_by_rows(below, name.rows)])
    upper = scripts([*(m.letter(script) for script in name.sup), *above])
    if lower:
        text = m.sub.format(text, lower)
    return m.sup.format(text, upper) if upper else text


def _of_layer(m: Markup, name: Name, text: str, indices: list[str]) -> str:
    """W_{l+1}, and (W_{l+1})_{ij} of an entry: the layer is no index of the array."""
    assert name.level is not None
    if name.accent and name.accent != "norm":
        text = m.accents[name.accent].format(text)
    level = m.letter(name.level.letter) if name.level.letter else ""
    offset = name.level.offset
    number = f"{offset:+d}" if level and offset else "" if level else str(offset)
    text = m.sub.format(text, scripts([*(m.letter(script) for script in name.sub), level + number]))
    if name.sup:
        text = m.sup.format(text, scripts([m.letter(script) for script in name.sup]))
    if name.accent == "norm":  # of the whole matrix
        text = m.accents["norm"].format(text)
    return m.sub.format(m.round.format(text), scripts(indices)) if indices else text


def _by_rows(indices: list[str], rows: int) -> list[str]:
    """Indices one by one; or those of the row as one script, and those of the column as another."""
    if not rows or len(indices) <= rows:
        return [scripts(indices)] if indices else []
    return [scripts(indices[:rows]), scripts(indices[rows:])]


def is_raised(name: AnyName) -> bool:
    """Whether it ends in something that a power could be mistaken for."""
    return not isinstance(name, PartialName) and bool(name.sup or name.primes or name.above)


def scripts(texts: list[str]) -> str:
    """Single signs stand side by side, i j; anything longer is told apart by commas."""
    separator = " " if all(len(text.replace(" ", "")) <= 1 for text in texts) else ", "
    return separator.join(texts)


def quotient(m: Markup, of: str, by: str, inline: bool = False) -> str:
    """d of / d by, from names already spelled."""
    return (m.slash if inline else m.fraction).format(m.partial.format(of), m.partial.format(by))
