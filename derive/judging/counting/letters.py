"""The usual letters of a layer, as one table: what W, C_in, K, S and P mean, and in which notations.

A notation is what one author writes by; a formula is read in every notation that knows all of its letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from msgspec import Struct

from derive.language.domain import Integers
from derive.language.expression import Expr
from derive.language.notation import Name
from derive.language.tensor import Tensor
from derive.reading.letters import Letter

Role: TypeAlias = Literal[
    "height in", "width in", "size in", "height out", "width out", "size out", "kernel", "kernel height",
    "kernel width", "stride", "padding", "dilation", "groups", "channels in", "channels out",
]  # fmt: skip


class Meaning(Struct, frozen=True):
    """What a letter stands for, in words, and how it is printed."""

    words: str
    base: str
    sub: str = ""
    primes: int = 0
    least: int = 1


ROLES: Mapping[Role, Meaning] = {
    "height in": Meaning("the height of the input", "H"),
    "width in": Meaning("the width of the input", "W"),
    "size in": Meaning("the size of the input along each axis", "n"),
    "height out": Meaning("the height of the output", "H", primes=1),
    "width out": Meaning("the width of the output", "W", primes=1),
    "size out": Meaning("the size of the output along each axis", "n", primes=1),
    "kernel": Meaning("the size of the kernel along each axis", "K"),
    "kernel height": Meaning("the height of the kernel", "K", "h"),
    "kernel width": Meaning("the width of the kernel", "K", "w"),
    "stride": Meaning("the stride", "S"),
    "padding": Meaning("the rows of zeros on each side", "P", least=0),
    "dilation": Meaning("the dilation", "d"),
    "groups": Meaning("the groups", "g"),
    "channels in": Meaning("the channels of the input", "C", "in"),
    "channels out": Meaning("the channels of the output", "C", "out"),
}


class Notation(Struct, frozen=True):
    """Letters with their roles. `marks`: it is meant only where one of each of these groups of letters occurs."""

    name: str
    letters: Mapping[str, Role]
    marks: tuple[frozenset[str], ...] = ()


def _spelled(table: Mapping[str, Role]) -> dict[str, Role]:
    return {key: role for keys, role in table.items() for key in keys.split()}


_WINDOW: Mapping[str, Role] = {
    "K k F f kernel|size filter|size kernel filter": "kernel", "K_h k_h F_h f_h": "kernel height",
    "K_w k_w F_w f_w": "kernel width", "S s stride": "stride", "P p padding pad zero-padding": "padding",
    "d dilation": "dilation", "g G groups": "groups",
}  # fmt: skip
_CHANNELS: Mapping[str, Role] = {
    "C C_in c_in c M M_in n_c n_c_in N_in input|channels in|channels channels|in depth": "channels in",
    "C' C_out c' c_out N N_out M_out n_c' n_c_out n_f N_f output|channels out|channels channels|out filters kernels"
    " feature|maps number|of|filters number|of|kernels": "channels out",
}  # fmt: skip
_SIZES: Mapping[str, Role] = {
    "W W_in w w_in n_w N_w n_w_in": "width in", "W' W_out w' w_out n_w' n_w_out": "width out",
    "H H_in h h_in n_h N_h n_h_in": "height in", "H' H_out h' h_out n_h' n_h_out": "height out",
    "n n_in I I_in i input|size": "size in", "n' n_out O o output|size": "size out",
}  # fmt: skip
_USUAL = {key.replace("|", " "): role for key, role in _spelled({**_WINDOW, **_CHANNELS, **_SIZES}).items()}
_W_LIKE = frozenset({"W", "W'", "W_in", "W_out"})
_D_LIKE = frozenset({"D", "D'", "D_in", "D_out"})
_AS_HEIGHT: Mapping[str, Role] = {"D": "height in", "D_in": "height in", "D'": "height out", "D_out": "height out"}
_AS_DEPTH: Mapping[str, Role] = {"D": "channels in", "D_in": "channels in", "D'": "channels out",
                                 "D_out": "channels out"}  # fmt: skip
_NUMBERED: Mapping[str, Role] = {
    "W_1": "width in", "H_1": "height in", "D_1": "channels in", "W_2": "width out", "H_2": "height out",
    "D_2": "channels out", "C_1": "channels in", "C_2": "channels out", "F": "kernel", "S": "stride", "P": "padding",
    "K": "channels out",
}  # fmt: skip

NOTATIONS = (
    Notation("1 is before the layer and 2 behind it, F is the kernel, K the number of kernels", _NUMBERED,
             (frozenset(_NUMBERED) - {"F", "S", "P", "K"},)),
    Notation("F is the kernel, K the number of kernels", {**_USUAL, **_AS_DEPTH, "K": "channels out"},
             (frozenset({"F", "f"}), frozenset({"K"}))),
    Notation("W × D is the image", {**_USUAL, **_AS_HEIGHT}, (_W_LIKE, _D_LIKE)),
    Notation("", _USUAL),
    Notation("D is the height", {**_USUAL, **_AS_HEIGHT}, (_D_LIKE,)),
    Notation("D is the number of channels", {**_USUAL, **_AS_DEPTH}, (_D_LIKE,)),
)  # fmt: skip
CERTAIN = 3  # of these notations, the first whose marks are there is the one that is meant


def symbol(role: Role) -> Expr:
    """The letter that is printed for a role."""
    meaning = ROLES[role]
    name = Name(meaning.base, sub=(meaning.sub,) if meaning.sub else (), primes=meaning.primes, text=role)
    return Tensor(name, meaning=meaning.words, domain=Integers(meaning.least)).entry()


SIZES: tuple[Role, ...] = ("height in", "width in", "size in", "channels in")
OUT: tuple[Role, ...] = ("height out", "width out", "size out")
SYMBOLS: Mapping[Role, Expr] = {role: symbol(role) for role in ROLES}


class Sense(Struct, frozen=True):
    """One way to read the letters of a statement: each as typed -> its role, and the layer that all of them name."""

    roles: Mapping[str, Role]
    layer: str = ""
    notation: str = ""

    @property
    def letters(self) -> dict[str, Expr]:
        return {raw: SYMBOLS[role] for raw, role in self.roles.items()}


def senses(letters: Iterable[Letter]) -> list[Sense]:
    """The readings of these letters, those that differ; none where no notation knows all of them."""
    found: dict[tuple[object, ...], Sense] = {}
    known = tuple(letters)
    for place, notation in enumerate(NOTATIONS):
        numbered = place == 0
        keys = {letter.raw: _key(letter, numbered=numbered) for letter in known}
        if not all(mark & set(keys.values()) for mark in notation.marks):
            continue
        if not keys or not set(keys.values()) <= set(notation.letters):
            continue
        layers = set() if numbered else {name for letter in known for name in letter.of}
        if len(layers) > 1:
            continue
        roles = {raw: notation.letters[key] for raw, key in keys.items()}
        sense = Sense(roles, next(iter(layers), ""), notation.name)
        found.setdefault((tuple(sorted(roles.items())), sense.layer), sense)
        if place < CERTAIN and not (numbered and len(set(keys.values())) == 1):
            break
    return list(found.values())


def _key(letter: Letter, *, numbered: bool) -> str:
    if numbered and letter.of in (("1",), ("2",)) and not letter.mark:
        return f"{letter.base}_{letter.of[0]}"
    return letter.key
