"""LaTeX mathematics into tokens with their columns; spacing is dropped, an unknown character ends the reading."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct

from derive.errors import AnswerError
from derive.reading.latex.newlines import statement_ends

MAX_LENGTH = 10_000
MAX_DIGITS = 100
DIGITS = frozenset("0123456789")

Kind: TypeAlias = Literal["number", "letter", "command", "symbol", "text", "end"]


class Token(Struct, frozen=True):
    """`text` without the backslash; `position` and `stop` are columns of the original."""

    kind: Kind
    text: str
    position: int
    stop: int

    def __str__(self) -> str:
        if self.kind == "end":
            return "the end"
        return f"'\\{self.text}'" if self.kind == "command" else f"'{self.text}'"


GREEK = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu",
    "nu", "xi", "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
)  # fmt: skip
_LETTERS = dict(zip("αβγδεζηθικλμνξοπρστυφχψω", GREEK, strict=True)) | {"ϵ": "epsilon", "ϕ": "phi"}
_LETTERS |= {"Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Σ": "Sigma", "Φ": "Phi", "Ω": "Omega"}
_SIGNS: Mapping[str, str] = {
    "∂": "partial", "∑": "sum", "∏": "prod", "√": "sqrt", "·": "cdot", "⋅": "cdot", "×": "times", "∇": "nabla",
    "⊙": "odot", "≤": "le", "≥": "ge", "≠": "ne", "≈": "approx", "…": "dots", "⋯": "cdots", "⊤": "top", "∈": "in",
    "′": "prime", "→": "to", "∀": "forall",
    "ℝ": "Reals", "←": "leftarrow", "‖": "Vert", "∘": "circ", "⌊": "lfloor", "⌋": "rfloor", "⌈": "lceil",
    "⌉": "rceil", "∙": "cdot",
}  # fmt: skip
_SAME: Mapping[str, str] = {
    "varepsilon": "epsilon", "varphi": "phi", "vartheta": "theta", "varrho": "rho", "varsigma": "sigma",
    "leq": "le", "geq": "ge", "neq": "ne", "leqslant": "le", "geqslant": "ge", "ldots": "dots", "dotsc": "dots",
    "dotsb": "cdots", "dotsm": "cdots", "rightarrow": "to", "intercal": "top", "intertext": "text", "mbox": "text",
    "textrm": "text", "textit": "text", "textbf": "text", "dfrac": "frac", "tfrac": "frac", "cfrac": "frac",
    "lbrace": "{", "rbrace": "}", "lbrack": "[", "rbrack": "]", "lvert": "vert", "rvert": "vert", "|": "Vert",
    "lVert": "Vert", "rVert": "Vert", "ast": "times*", "widehat": "hat", "widetilde": "tilde", "overline": "bar",
    "bm": "boldsymbol", "pmb": "boldsymbol", "mathbfit": "boldsymbol", "ln": "log", "hadamard": "odot",
    "simeq": "approx", "mathbbm": "mathbb", "colon": ":",
}  # fmt: skip
# Spacing and sizes, which say nothing.
_SILENT = frozenset(
    [
        ",",
        ";",
        "!",
        ":",
        ">",
        "quad",
        "qquad",
        "left",
        "right",
        "middle",
        "big",
        "Big",
        "bigg",
        "Bigg",
        "bigl",
        "bigr",
        "Bigl",
        "Bigr",
        "biggl",
        "biggr",
        "Biggl",
        "Biggr",
        "limits",
        "nolimits",
        "displaystyle",
        "textstyle",
        "nonumber",
        "notag",
        "thinspace",
        "enspace",
        "hspace*",
        "dag",
        "boxed",
    ]
)
_SEPARATING = frozenset({"quad", "qquad"})
_TOKEN = re.compile(
    r"(?P<space>[\s~]+)"
    r"|(?P<dots>\.{2,3})(?![0-9.])"
    r"|(?P<stop>(?<=\S)\.(?=\s|\\(?![,!])))"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+(?![A-Za-z0-9]))?)"
    r"|(?P<line>\\\\\s*\[\s*-?[0-9.]+\s*(?:pt|em|ex|mm|cm|in)\s*\])"
    r"|\\(?P<command>[A-Za-z]+|.)"
    r"|(?P<symbol>[-+*/^_{}()\[\]|,:;&=<>!'%])"
    r"|(?P<letter>[^\W\d_])",
    re.ASCII | re.DOTALL,
)
_UNICODE_LETTER = re.compile(r"[^\W\d_][\u0300-\u036f\u20d7]*")
_GROUPS = re.compile(r"[0-9]{1,3}(?:(?:,|\{,\}|\\,|\\!,|,\\!)[0-9]{3})+(?![0-9])(?:\.[0-9]+)?")
_TEXT = re.compile(r"\\(?:text|textrm|textit|textbf|mbox|intertext)\s*\{([^{}$\\]*)\}")
_RELATED = re.compile(r"[^\n]*[=<>≤≥≈]")  # a line of plain text that says something of its own
_BAR = re.compile(r"\\right\s*(?:\||\\vert|\\rvert)(?=\s*_)|\\[bB]igg?[rl]?\|(?=\s*_)")
_ACCENTS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0307": "dot", "\u20d7": "vec"}
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵀⁱʲᵏˡⁿᵐ", "0123456789+-=()Tijklnm", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ᵢⱼₖₗₙₘₜ", "0123456789+-=()ijklnmt", strict=True))


def tokenize(text: str) -> list[Token]:
    r"""The tokens of `text`, ended by one of kind 'end'.

    >>> [token.text for token in tokenize(r"\frac{1}{m}\,x_i = 1,024")]
    ['frac', '{', '1', '}', '{', 'm', '}', 'x', '_', 'i', '=', '1024', '']
    """
    if len(text) > MAX_LENGTH:
        raise AnswerError(f"the text has {len(text)} characters; at most {MAX_LENGTH} are read", text, MAX_LENGTH)
    tokens: list[Token] = []
    at, depth = 0, 0
    ends = statement_ends(text) if "\\" in text else frozenset[int]()
    while at < len(text):
        found = ([Token("command", "\\", at, at)], at + 1) if at in ends else _one(text, at, depth)
        if found is None:
            raise AnswerError(f"{_describe(text[at])} has no meaning here", text, at)
        new, at = found
        for token in new:
            if token.kind == "symbol" and token.text in "([":
                depth += 1
            elif token.kind == "symbol" and token.text in ")]":
                depth -= 1
            tokens.append(token)
    tokens.append(Token("end", "", len(text), len(text)))
    return tokens


def _one(text: str, at: int, depth: int) -> tuple[list[Token], int] | None:
    """The tokens that start at a column (none for spacing, two for a letter with an accent), and where they stop."""
    first = text[at]
    if first == "\\":
        bar = _BAR.match(text, at)
        if bar is not None:
            return [Token("command", "heldbar", at, bar.end())], bar.end()
        if text.startswith(("\\left.", "\\right."), at):
            return [], text.index(".", at) + 1
        words = _TEXT.match(text, at)
        if words is not None:
            return [Token("text", words[1], at, words.end())], words.end()
    groups = _GROUPS.match(text, at) if first in DIGITS and _thousands(text, at, depth) else None
    if groups is not None:
        digits = re.sub(r"[^0-9.]", "", groups[0])
        return _number(text, digits, at, groups.end()), groups.end()
    match = _TOKEN.match(text, at) if text[at + 1 : at + 2] not in _ACCENTS else None
    if match is None:
        return _unicode(text, at)
    kind, found, stop = match.lastgroup, match[match.lastgroup or 0], match.end()
    if kind == "space":
        ends = "\n" in found and depth <= 0 and "\\" not in text and _RELATED.match(text, stop)
        return [Token("command", "\\", at, stop)] if ends else [], stop
    if kind == "line":  # with so much space below it
        return [Token("command", "\\", at, stop)], stop
    if kind == "dots":
        return [Token("command", "dots", at, stop)], stop
    if kind == "stop":  # between sentences
        return [Token("symbol", ";", at, stop)], stop
    if kind == "number":
        return _number(text, found, at, stop), stop
    if kind == "command":
        return _command(found, at, stop), stop
    if found == "%":
        return [Token("command", "%", at, stop)], stop
    return [Token("letter" if kind == "letter" else "symbol", found, at, stop)], stop


def _thousands(text: str, at: int, depth: int) -> bool:
    """1,024 is one number where no list is open; in (100,200) the comma tells two numbers apart."""
    before = text[at - 1] if at else " "
    return not before.isdigit() and before not in "._^" and (depth <= 0 or "{,}" in text[at : at + 6])


def _number(text: str, digits: str, at: int, stop: int) -> list[Token]:
    if len(digits) > MAX_DIGITS:
        raise AnswerError(f"a number of more than {MAX_DIGITS} digits", text, at)
    if re.search(r"[0-9],\Z", text[:at]) and re.fullmatch(r"0[0-9]{2}", digits):
        raise AnswerError("whether the comma parts two numbers or thousands is open; write 1000, or a space", text, at)
    return [Token("number", digits, at, stop)]


def _command(name: str, at: int, stop: int) -> list[Token]:
    if name in _SILENT:
        return [Token("symbol", ";", at, stop)] if name in _SEPARATING else []
    if name.isspace():
        return []
    name = _SAME.get(name, name)
    if name == "times*":
        return [Token("symbol", "*", at, stop)]
    if name in ("[", "]", ":"):
        return [Token("symbol", name, at, stop)]
    return [Token("command", name, at, stop)]


def _unicode(text: str, at: int) -> tuple[list[Token], int] | None:
    """Letters and signs beyond ASCII: γ, ∂, x̂, ²."""
    sign = text[at]
    if sign == "−":
        return [Token("symbol", "-", at, at + 1)], at + 1
    if sign in _RAISED or sign in _LOWERED:
        return _script(text, at)
    if unicodedata.name(sign, "").startswith("VULGAR FRACTION"):
        top, bottom = unicodedata.normalize("NFKC", sign).split("\u2044")
        signs = ["frac", "{", top, "}", "{", bottom, "}"]
        kinds: list[Kind] = ["command", "symbol", "number", "symbol", "symbol", "number", "symbol"]
        return [Token(kind, one, at, at + 1) for kind, one in zip(kinds, signs, strict=True)], at + 1
    if sign in _SIGNS:
        return [Token("command", _SIGNS[sign], at, at + 1)], at + 1
    match = _UNICODE_LETTER.match(text, at)
    if match is None:
        return None
    parts = unicodedata.normalize("NFD", match[0])
    letter, marks = parts[0], parts[1:]
    if not (letter.isascii() or letter in _LETTERS) or any(mark not in _ACCENTS for mark in marks):
        return None
    kind: Kind = "command" if letter in _LETTERS else "letter"
    word = Token(kind, _LETTERS.get(letter, letter), at, match.end())
    return [*(Token("command", _ACCENTS[mark], at, match.end()) for mark in marks), word], match.end()


def _script(text: str, at: int) -> tuple[list[Token], int]:
    """²: ^{2}; ₁₂: _{12}; ᵏ⁺¹: ^{k+1}."""
    table = _RAISED if text[at] in _RAISED else _LOWERED
    stop = at
    while stop < len(text) and text[stop] in table:
        stop += 1
    inside = "".join(table[sign] for sign in text[at:stop])
    tokens = [Token("symbol", "^" if table is _RAISED else "_", at, stop), Token("symbol", "{", at, stop)]
    for match in re.finditer(r"[0-9]+|[A-Za-z]|.", inside):
        kind: Kind = "number" if match[0].isdigit() else "letter" if match[0].isalpha() else "symbol"
        tokens.append(Token(kind, match[0], at + match.start(), at + match.end()))
    return [*tokens, Token("symbol", "}", stop, stop)], stop


def _describe(character: str) -> str:
    return f"'{character}'" if character.isprintable() else f"the character U+{ord(character):04X}"
