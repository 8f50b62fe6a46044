"""Names with structure: base, accent, scripts, primes. One table per problem feeds print and reading."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct


class Level(Struct, frozen=True):
    """The number of a layer: l, l + 1, L - 1, or 3. Without a letter it is the number `offset` itself."""

    letter: str = ""
    offset: int = 0

    def __add__(self, steps: int) -> Level:
        return Level(self.letter, self.offset + steps)

    def __sub__(self, steps: int) -> Level:
        return self + -steps

    @property
    def text(self) -> str:
        if not self.letter:
            return str(self.offset)
        return self.letter + (f"{self.offset:+d}" if self.offset else "")


class Name(Struct, frozen=True):
    """A name such as x-hat or sigma^2, written once and printed everywhere.

    `base` is a letter or the spelled name of a Greek letter ("sigma"). A superscript here is part of the name
    (sigma^2 may be one name), never a power. `text` is the plain spelling used in JSON, `--given` and prose;
    `spellings` are further ones accepted from students. The first `above` indices of an entry are printed as
    superscripts, w_k^{ij}, and a comma stands after so many of the others as `rows` says, A_{jt,in}.
    `level` is the layer that the tensor belongs to: W_{l+1}, of which (W_{l+1})_{ij} is an entry.
    """

    base: str
    accent: str = ""  # hat, tilde, bar, dot, vec
    sub: tuple[str, ...] = ()
    sup: tuple[str, ...] = ()
    primes: int = 0
    text: str = ""
    spellings: tuple[str, ...] = ()
    above: int = 0
    enclosed: bool = False  # the indices above stand in parentheses, x_k^{(i)}: plainly no power
    rows: int = 0
    level: Level | None = None

    @property
    def key(self) -> str:
        text = self.text or self.base + self.accent + "".join(self.sub) + "".join(self.sup) + "'" * self.primes
        if self.level is None:
            return text
        at = self.level.text
        return f"{text}_{at}" if at.isalnum() else f"{text}_{{{at}}}"


class PartialName(Struct, frozen=True):
    """d f / d v: the total derivative of f by v, itself a tensor with the axes of v."""

    of: Name
    by: Name

    @property
    def key(self) -> str:
        return f"d{self.of.key}/d{self.by.key}"

    @property
    def spellings(self) -> tuple[str, ...]:
        return ()


AnyName: TypeAlias = Name | PartialName
