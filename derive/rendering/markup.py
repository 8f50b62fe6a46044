"""Two tables that say how one and the same formula is spelled: as LaTeX and as Typst mathematics.

A `Markup` holds only spellings. What is a fraction, where parentheses stand, which index goes where: `formula` decides.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi"
    " omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
GREEK = frozenset(_GREEK.split())


class Markup(Struct, frozen=True):
    """Spellings, as templates for `str.format`: `{0}`, `{1}` are already printed parts."""

    name: str
    fraction: str
    slash: str  # a fraction on one line, for exponents
    root: str
    sub: str
    sup: str
    sum: str
    round: str
    tall_round: str
    square: str
    partial: str
    held: str  # a direct derivative: {0} the quotient, {1} what is held fixed
    plain_held: str  # the same when nothing else is held
    struck: str
    word: str
    prime: str
    times: str
    space: str  # between factors
    apart: str  # between two tall ones
    signs: tuple[str, str]  # plus and minus at the start of a box, spaced as between terms
    hidden: str  # nothing, where a binary sign needs something on its left
    absolute: str
    operator: str  # a named operator, upright
    dots: str  # of a product, at half height
    function: str  # {0} the operator, {1} its bracketed argument
    relations: Mapping[str, str]
    accents: Mapping[str, str]
    greek: Mapping[str, str]  # only where the spelling is not the default one
    vectors: Mapping[str, str]
    inline: str  # mathematics within a line of text
    display: str  # the same at full size, still breakable
    box: str  # the same, never broken, with room above and below
    strong: str
    mono: str
    escapes: Mapping[str, str]  # characters of plain text that the format would take for markup

    def escape(self, text: str) -> str:
        return "".join(self.escapes.get(sign, sign) for sign in text)

    def letter(self, base: str) -> str:
        """A base: a Greek letter by its name, one letter as it is, a longer word upright."""
        if base in GREEK:
            return self.greek.get(base, self.greek["*"].format(base))
        if len(base) == 1 or base.isdigit():
            return base
        if base[0].isalpha() and base[1:].isdigit():  # n1, as a renamed index is called
            return self.sub.format(base[0], base[1:])
        return self.word.format(base)


LATEX = Markup(
    name="latex",
    fraction=r"\frac{{{0}}}{{{1}}}",
    slash="{0}/{1}",
    root=r"\sqrt{{{0}}}",
    sub="{0}_{{{1}}}",
    sup="{0}^{{{1}}}",
    sum=r"\sum_{{{0}={1}}}^{{{2}}}",
    round="({0})",
    tall_round=r"\left({0}\right)",
    square=r"\left[{0}\right]",
    partial=r"\partial {0}",
    held=r"\left.{0}\right|_{{{1}}}",
    plain_held=r"\left.{0}\right|_{{\mathrm{{direct}}}}",
    struck=r"\struck{{{0}}}",
    word=r"\mathrm{{{0}}}",
    prime="{0}'",
    times=r" \cdot ",
    space=" ",
    apart=r" \, ",
    signs=("{} + ", "{} - "),
    hidden="{}",
    absolute=r"\left|{0}\right|",
    function=r"{0}{1}",
    operator=r"\operatorname{{{0}}}",
    dots=r"\cdots",
    relations={
        "=": "=",
        "!=": r"\neq",
        "<": "<",
        "<=": r"\le",
        ">": ">",
        ">=": r"\ge",
        "->": r"\to",
        "divides": r"\mid",
        "~": r"\approx",
    },
    accents={
        "hat": r"\hat{{{0}}}",
        "tilde": r"\tilde{{{0}}}",
        "bar": r"\bar{{{0}}}",
        "dot": r"\dot{{{0}}}",
        "vec": r"\vec{{{0}}}",
        "norm": r"\lVert {0} \rVert",
    },
    greek={"*": r"\{0}"},
    vectors={"bold": r"\mathbf{{{0}}}", "transpose": r"{0}^{{\top}}", "identity": "I", "one": r"\mathbf{1}"},
    inline="${0}$",
    display=r"$\displaystyle {0}$",
    box=r"\padded{{$\displaystyle {0}$}}",
    strong=r"\textbf{{{0}}}",
    mono=r"\texttt{{{0}}}",
    escapes={
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "%": r"\%",
        "_": r"\_",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "✓": r"$\checkmark$",
        "✗": r"$\times$",
        "×": r"$\times$",
        "–": "--",
        "…": r"\dots{}",
        "≥": r"$\ge$",
        "≤": r"$\le$",
        "⋯": r"$\cdots$",
        "≈": r"$\approx$",
        "→": r"$\to$",
        "∞": r"$\infty$",
        "Σ": r"$\Sigma$",
        "−": "$-$",
    },
)

TYPST = Markup(
    name="typst",
    fraction="frac({0}, {1})",
    slash=r"{0}\/{1}",
    root="sqrt({0})",
    sub="{0}_({1})",
    sup="{0}^({1})",
    sum="sum_({0} = {1})^({2})",
    round="({0})",
    tall_round="({0})",  # Typst grows parentheses by itself
    square="[{0}]",
    partial="partial {0}",
    held="lr({0} |)_({1})",
    plain_held='lr({0} |)_("direct")',
    struck="cancel({0})",
    word='"{0}"',
    prime="{0}'",
    times=" dot ",
    space=" ",
    apart=" thin ",
    signs=("+ med ", "- med "),
    hidden="",
    absolute="abs({0})",
    function="{0} {1}",
    operator='op("{0}")',
    dots="dots.c",
    relations={
        "=": "=",
        "!=": "!=",
        "<": "<",
        "<=": "<=",
        ">": ">",
        ">=": ">=",
        "->": "->",
        "divides": "divides",
        "~": "approx",
    },
    accents={
        "hat": "hat({0})",
        "tilde": "tilde({0})",
        "bar": "macron({0})",
        "dot": "dot({0})",
        "vec": "arrow({0})",
        "norm": "lr(bar.v.double {0} bar.v.double)",
    },
    # Typst names the curled forms plainly and the straight ones, LaTeX's default, `.alt`
    greek={"*": "{0}", "epsilon": "epsilon.alt", "phi": "phi.alt"},
    vectors={"bold": "bold({0})", "transpose": "{0}^(tack.b)", "identity": "I", "one": "bold(1)"},
    inline="${0}$",
    display="$display({0})$",
    box="#padded($display({0})$)",
    strong="#strong[{0}]",
    mono="#raw({0})",
    escapes={sign: f"\\{sign}" for sign in r"\`*_$#<>@[]~/-='" + '"'} | {"✗": "#sym.crossmark", "✓": "#sym.checkmark"},
)
