"""Prints a document: spans by a markup, blocks by a Jinja template of the same name as the format."""

from __future__ import annotations

import contextlib
import os
import re
from fractions import Fraction
from functools import lru_cache
from math import lcm
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from derive.algebra.decimals import SIGN
from derive.errors import UsageError
from derive.language.expression import Add, Bracket, Decimal, Mul, Number, Read, Sum, add, mul, walk
from derive.language.functions import log
from derive.rendering.document import Document, Math, Mono, Outer, Span, Strong, Text, Values
from derive.rendering.formula import Formula, unbroken
from derive.rendering.markup import LATEX, TYPST, Markup
from derive.rendering.matrix import outer_formula
from derive.rendering.padding import without_ranges

if TYPE_CHECKING:
    from jinja2 import Environment, FileSystemBytecodeCache
    from jinja2.bccache import Bucket

TEMPLATES = {"tex": "document.tex.j2", "typ": "document.typ.j2"}
MARKUPS = {"tex": LATEX, "typ": TYPST}


LONG = 16  # names in an equation that may not fit one line
DECIMAL = re.compile(rf"{SIGN}?-?\d+(?:\.\d+)?(?:e-?\d+)?|-?\d+/\d+")
_RATIONAL = r"\d+(?:/\d+)?"
_TERM = rf"(?:{_RATIONAL}\*)?log\({_RATIONAL}\)|{_RATIONAL}"
LOGARITHMS = re.compile(rf"-?(?:{_TERM})(?: [+-] (?:{_TERM}))*")
LOGARITHM = re.compile(rf"(-?|[+-] )(?:({_RATIONAL}\*)?log\(({_RATIONAL})\)|({_RATIONAL}))")


class Printer(Struct, frozen=True):
    """Turns spans into one format's text; the templates use it for every piece of content."""

    markup: Markup

    def text(self, text: Text) -> str:
        return "".join(self.span(span) for span in text)

    def span(self, span: Span) -> str:
        m = self.markup
        if isinstance(span, str):
            return m.escape(span)
        if isinstance(span, Strong):
            return m.strong.format(m.escape(span.text))
        if isinstance(span, Mono):
            return self.code(span.text)
        if isinstance(span, Values):
            return m.inline.format(self.values(span)) if is_exact(span) else self.inexact(span)
        return self.display(span) if isinstance(span, Outer) else m.inline.format(self.math(span, slashed=True))

    def cell(self, text: Text, column: str = "l") -> str:
        """In a table, where a formula may stand at full size; in a wide column it may break."""
        return "".join(
            (self.statement(span) if column == "w" else self.markup.box.format(self.math(span)))
            if isinstance(span, Math) and span.full
            else self.span(span)
            for span in text
        )

    def display(self, span: Math | Outer) -> str:
        if isinstance(span, Outer):
            return self.markup.display.format(outer_formula(Formula(self.markup), span))
        return self.markup.display.format(self.math(span))

    def statement(self, span: Math | Outer) -> str:
        """A side of a step: a long sum may break before a term, but nowhere inside one."""
        if isinstance(span, Outer):
            return self.display(span)
        span = _bare(span)
        if span.signs:
            return self._chain(span)
        last = span.sides[-1] if span.sides else None
        formula = Formula(self.markup, span.struck)
        if isinstance(last, Sum | Mul):
            first, *more = unbroken(formula, last)
            if more:
                start = f"{self.math(Math(span.sides[:-1], span.relation, span.leading))}{self._sign(span)}{first}"
                return " ".join(self.markup.box.format(text) for text in (start, *more))
        if not isinstance(last, Add):
            return self._two_sides(span) if len(span.sides) > 1 and _is_long(span) else self.display(span)
        head, *rest = last.terms
        head = Mul((head,)) if isinstance(head, Bracket) else head  # 0 or 1 here, not a condition
        first = self.math(Math((*span.sides[:-1], head), span.relation, span.leading, span.struck))
        boxes = [first, *(formula.signed(term, self.markup.signs) for term in rest)]
        return " ".join(self.markup.box.format(text) for text in boxes)

    def _chain(self, span: Math) -> str:
        """a = b ~ c, which may break before a sign, and in a sum before a term."""
        first, *rest = span.sides
        formula = Formula(self.markup, slashed=True)
        boxes = [f"{formula(first)} {self.markup.relations[span.signs[0]]} "]
        for position, side in enumerate(rest):
            terms = side.terms if isinstance(side, Add) and len(side.terms) > 1 else (side,)
            sign = f"{self.markup.hidden} {self.markup.relations[span.signs[position]]} " if position else boxes.pop()
            boxes.append(sign + formula(Mul(terms[:1]) if isinstance(terms[0], Bracket) else terms[0]))
            boxes += [formula.signed(term, self.markup.signs) for term in terms[1:]]
        return " ".join(self.markup.box.format(text) for text in boxes)

    def _two_sides(self, span: Math) -> str:
        """A long equation may break at its sign."""
        right = f"{self._sign(span).strip()} {self.math(Math(span.sides[-1:], struck=span.struck))}"
        left = self.math(Math(span.sides[:-1], span.relation, span.leading, span.struck))
        return " ".join(self.markup.box.format(text) for text in (left, right))

    def _sign(self, span: Math) -> str:
        """Between the last side and the one before it."""
        return f" {self.markup.relations[span.relation]} " if len(span.sides) > 1 else ""

    def math(self, span: Math, slashed: bool = False) -> str:
        formula, span = Formula(self.markup, span.struck, slashed), _bare(span)
        if span.tensor is not None:
            return formula.tensor(span.tensor)
        sign = f" {self.markup.relations[span.relation]} "
        joined = sign.join(
            formula.relation(side) if isinstance(side, Bracket) else formula(side) for side in span.sides
        )
        return f"{self.markup.hidden}{sign}{joined}" if span.leading else joined

    def values(self, span: Values) -> str:
        """3/4, or a row over its common denominator: (39, -31, ...)/160."""
        m = self.markup
        numbers = [Fraction(entry) for entry in span.entries]
        if span.scalar:
            return self.number(numbers[0])
        if len(numbers) == 1:
            return m.round.format(self.number(numbers[0]))
        below = lcm(*(number.denominator for number in numbers))
        row = m.round.format(", ".join(self.number(number * below) for number in numbers))
        return row if below == 1 else m.slash.format(row, below)

    def inexact(self, span: Values) -> str:
        """2e-34 as a power of ten; an enclosure such as 0.3(1) as it came."""
        m = self.markup
        if span.scalar and (found := re.fullmatch(r"(\d+)e(-?)0*(\d+)", span.entries[0])):
            return m.inline.format(found[1] + m.times + m.sup.format(10, found[2] + found[3]))
        if all(DECIMAL.fullmatch(entry) for entry in span.entries):
            entries = ", ".join(self.decimal(entry.removeprefix(SIGN)) for entry in span.entries)
            sign = f"{m.relations['~']} " if is_rounded(span) else ""
            return m.inline.format(sign + (entries if span.scalar else m.round.format(entries)))
        if all(LOGARITHMS.fullmatch(entry) for entry in span.entries):
            entries = ", ".join(map(self.with_logarithms, span.entries))
            return m.inline.format(entries if span.scalar else m.round.format(entries))
        return m.escape(as_it_came(span))

    def with_logarithms(self, text: str) -> str:
        """1/2 - 3/4*log(5) as a formula."""
        terms = []
        for sign, factor, inside, whole in LOGARITHM.findall(text):
            value = Fraction(whole or factor.rstrip("*") or 1) * (-1 if "-" in sign else 1)
            terms.append(mul(value, log(Fraction(inside))) if inside else Number(value))
        return Formula(self.markup, slashed=True)(add(*terms))

    def decimal(self, text: str) -> str:
        """0.25, 3.2 · 10^-5; a quotient of two as it is; what cannot be told from zero as 0."""
        if "/" in text:
            return self.number(Fraction(text))
        return Formula(self.markup)(Decimal(text if Fraction(text) else "0"))

    def number(self, number: Fraction) -> str:
        if number.denominator == 1:
            return Formula(self.markup)(Number(number))
        return self.markup.slash.format(number.numerator, number.denominator)

    def code(self, text: str) -> str:
        """Program text within a line."""
        if self.markup is TYPST:
            return self.markup.mono.format(quoted(text))
        return self.markup.mono.format(self.markup.escape(text))


def _bare(span: Math) -> Math:
    return replace(span, sides=tuple(map(without_ranges, span.sides)))


def _is_long(span: Math) -> bool:
    return sum(isinstance(node, Read) for side in span.sides for node in walk(side)) > LONG


def is_exact(span: Values) -> bool:
    """Whether every entry is an integer or a quotient of two: an enclosure such as 0.3(1) is not."""
    return all(re.fullmatch(r"-?\d+(/\d+)?", entry) for entry in span.entries)


def is_rounded(span: Values) -> bool:
    """Whether it carries the sign of rounding; a row carries it once."""
    return any(entry.startswith(SIGN) for entry in span.entries)


def as_it_came(span: Values) -> str:
    return span.entries[0] if span.scalar else f"({', '.join(span.entries)})"


def quoted(text: str) -> str:
    """A Typst string literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def template_folder() -> Path:
    """The templates shipped inside the package, or those at the top of a checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "templates", package.parent / "templates"):
        if (folder / TEMPLATES["typ"]).is_file():
            return folder
    raise UsageError(f"the document templates are missing from {package}; install derive again")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    # imported late: `list` and `--help` never print a document
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # LaTeX and Typst both use braces and #, so the templates speak in double angles
    return Environment(
        loader=FileSystemLoader(template_folder()), undefined=StrictUndefined, autoescape=False, auto_reload=False,
        block_start_string="<%", block_end_string="%>", variable_start_string="<<", variable_end_string=">>",
        comment_start_string="<#", comment_end_string="#>", trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True, bytecode_cache=_compiled_templates(),
    )  # fmt: skip


def _compiled_templates() -> FileSystemBytecodeCache | None:
    """Templates compiled by an earlier run, in the user's cache folder; without one they are compiled anew."""
    from jinja2 import FileSystemBytecodeCache

    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "derive" / "templates"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:  # no home, or a read-only one: only slower
        return None

    class Cache(FileSystemBytecodeCache):
        def dump_bytecode(self, bucket: Bucket) -> None:
            with contextlib.suppress(OSError):  # a full disk: only slower
                super().dump_bytecode(bucket)

    return Cache(str(folder)) if os.access(folder, os.W_OK) else None


def print_document(document: Document, suffix: str) -> str:
    """The whole document as LaTeX ('tex') or Typst ('typ') source."""
    template = _environment().get_template(TEMPLATES[suffix])
    return template.render(document=document, show=Printer(MARKUPS[suffix]), quoted=quoted)
