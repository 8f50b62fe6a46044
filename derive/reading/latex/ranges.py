r"""For which values of its indices a statement is made: `i = 1, \dots, m`, `i, j \in \{1, 2\}`, `for i \ne j`."""

from __future__ import annotations

import re

from derive.reading.latex.formulas import Formulas
from derive.reading.latex.tokens import Token
from derive.reading.surface import (
    Condition,
    Dots,
    Link,
    Listed,
    Node,
    Numeral,
    Range,
    Relation,
    Spelled,
    Sums,
    Where,
    Word,
)
from derive.reading.trees import letters_bound, letters_of, letters_written, nodes_in

FOR = frozenset({"for", "if", "when", "whenever", "case", "forall"})
FOR_ALL = frozenset(
    {"all", "each", "every", "any", "in", "and", "with", "or", "the", "indices", "layers", "values", "of"}
)
MAX_LETTERS = 8
_DOTS = ("dots", "cdots")
_RELATED = ("=", "<", ">", "le", "ge", "ne")
_TURNED: dict[Relation, Relation] = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}


class Ranges(Formulas):
    """Ranges and conditions of indices, told apart from further statements.

    `names` are the letters that the problem uses for something else; `found` the chains that were read so far.
    """

    names: frozenset[str] = frozenset()
    found: list[Spelled]
    spoken: set[str]  # letters of the clause before
    running = False  # in a range, where dots stand between its ends

    def where(self) -> tuple[Where, ...]:
        """The ranges and conditions that begin here; none where a statement does."""
        back, start = self.at, self.token
        while self.is_symbol(",", ";"):
            self.advance()
        start = self.token
        if self.opens_range():
            self.advance()
            self.quantified()
            said = self.clauses(quantified=True)
            self.take(")", f"to close the '(' at column {start.position + 1}")
        else:
            said = self.clauses(self.quantified())
        if not said:
            self.at = back
        return tuple(said)

    def quantified(self) -> bool:
        r"""Passes "for", "for all", \forall."""
        back = self.at
        words: list[str] = []
        while self.token.kind == "text" or self.is_command("forall"):
            token = self.advance()
            words += [token.text] if token.kind == "command" else re.sub(r"[,.;:(]", " ", token.text.lower()).split()
        if any(word in FOR for word in words) and all(word in FOR or word in FOR_ALL for word in words):
            return True
        self.at = back
        return False

    def clauses(self, quantified: bool) -> list[Where]:
        """i = 1, ..., m, j = 1, ..., n, i \\neq j."""
        said = self.clause(quantified)
        new = said
        while new:
            back, self.spoken = self.at, self.spoken | set().union(*map(letters_of, new))
            while self.is_symbol(",", ";") or (self.token.kind == "text" and self.token.text.strip() == "and"):
                self.advance()
            new = self.clause(self.quantified()) if self.at > back else []
            said += new
            self.at = self.at if new else back
        self.spoken = set()
        return said

    def clause(self, quantified: bool) -> list[Where]:
        letters = self.letters_here()
        if letters and (found := self.range_of(letters, quantified)) is not None:
            return [found]
        for count in range(len(letters) if quantified else 0, 0, -1):
            if self.ends_clause(2 * count - 1):
                at = self.token.position
                self.at += 2 * count - 1
                return [Range(at, letters[:count], None, None)]
        return self.conditions_here(quantified)

    def letters_here(self) -> tuple[str, ...]:
        """The letters i, j, ... that stand here, between commas."""
        found: list[str] = []
        while len(found) < MAX_LETTERS and self.ahead(2 * len(found)).kind == "letter":
            found.append(self.ahead(2 * len(found)).text)
            if not self.is_ahead(2 * len(found) - 1, ","):
                break
        return tuple(found)

    def is_ahead(self, places: int, *texts: str) -> bool:
        token = self.ahead(places)
        return token.kind in ("symbol", "command") and token.text in texts

    def ends_clause(self, places: int) -> bool:
        kind = self.ahead(places).kind
        return kind in ("end", "text") or self.is_ahead(
            places, ",", ";", ":", ")", "&", "}", "]", "\\", "end", "forall"
        )

    def is_index(self, letter: str) -> bool:
        """Does a letter that names nothing stand as an index in what was read?"""
        sides = [side for one in self.found for side in one.sides]
        return letter not in self.names and (letter in self.spoken or any(
            letter in letters_written(side) or letter in letters_bound(side) for side in sides
        ))  # fmt: skip

    # -- i = 1, ..., m -------------------------------------------------------------------------------------------

    def range_of(self, letters: tuple[str, ...], quantified: bool) -> Range | None:
        r"""i, j = 1, \dots, m, or i \in \{1, \dots, m\}; None where something else follows."""
        several = len(letters) > 1 and bool(self.found or self.spoken) and not self.names & {*letters}
        quantified = quantified or (bool(self.spoken) and self.is_ahead(1, "=") and self.is_before_dots(2))
        if not (quantified or several or all(map(self.is_index, letters))):
            return None
        at, back = self.token.position, self.at
        self.at += 2 * len(letters) - 1
        if self.is_command("in"):
            self.advance()
            return self.members(at, letters)
        if self.is_symbol("="):
            self.advance()
            items = self.run()
            if len(items) > 1 or several:
                return Range(at, letters, *self.ends_of(items))
        self.at = back
        return None

    def members(self, at: int, letters: tuple[str, ...]) -> Range:
        r"""\{1, \dots, m\}, and [m] for the same."""
        opening = self.token
        if not (self.is_command("{") or self.is_symbol("[", "{")):
            self.fail("the values of an index are written as \\{1, \\dots, m\\}")
        self.advance()
        items = self.run()
        self.close("}" if opening.text == "{" else "]", opening)
        if opening.text == "{":
            return Range(at, letters, *self.ends_of(items))
        if len(items) > 1:
            self.fail("an index runs over whole numbers; write \\{1, \\dots, m\\}", opening)
        return Range(at, letters, Numeral(opening.position, "1"), items[0])

    def run(self) -> list[Node]:
        r"""1, 2, 3 or 1, \dots, m or m, \dots, 1 or 1..m, up to the comma before something else."""
        self.running, before = True, self.running
        items = self.items_of_run()
        self.running = before
        return items

    def items_of_run(self) -> list[Node]:
        items = [self.expression()]
        while True:
            comma = int(self.is_symbol(","))
            after_dots = isinstance(items[-1], Dots)
            if self.is_ahead(comma, *_DOTS) and not after_dots:
                self.at += comma
                items.append(Dots(self.advance().position))
            elif after_dots and self.is_ahead(comma, *_DOTS):
                self.fail("dots stand once in a range")
            elif after_dots and not self.ends_clause(comma) and not (comma and self.begins_clause(comma)):
                self.at += comma
                return [*items, self.expression()]
            elif comma and not after_dots and (self.is_number(1) or self.is_before_dots(1)):
                self.advance()
                items.append(self.expression())
            else:
                return items

    def is_number(self, places: int) -> bool:
        """A number that is all of an item."""
        return self.ahead(places).kind == "number" and (
            self.ends_clause(places + 1) or self.is_ahead(places + 1, *_DOTS)
        )

    def is_before_dots(self, places: int) -> bool:
        """L - 1 in L, L - 1, ..., 1."""
        stop = next((k for k in range(places, places + 6) if self.is_ahead(k, ",")), None)
        return stop is not None and self.is_ahead(stop + 1, *_DOTS)

    def begins_clause(self, places: int) -> bool:
        """Another range or condition after k = 0, 1, 2, ...?"""
        return self.ahead(places).kind == "letter" and self.is_ahead(places + 1, "in", *_RELATED)

    def ends_of(self, items: list[Node]) -> tuple[Node, Node | None]:
        """The least value, and the greatest where there is one."""
        first, last = items[0], items[-1]
        if not any(isinstance(item, Dots) for item in items):
            numbers = [_number(item) for item in items]
            if len(items) > 1 and numbers != list(range(numbers[0], numbers[0] + len(items))):
                self.fail_at("the values of a range follow each other, as in 1, 2, 3", first)
            return first, last
        if isinstance(last, Dots):
            return first, None
        if isinstance(last, Numeral) and not (isinstance(first, Numeral) and _number(first) <= _number(last)):
            return last, first  # from the last layer down to the first
        return first, last

    def fail_at(self, message: str, node: Node) -> None:
        self.fail(message, Token("end", "", node.at, node.at))

    # -- conditions ----------------------------------------------------------------------------------------------

    def opens_range(self) -> bool:
        r"""(i = 1, \dots, m), (for all i): a parenthesis that is no factor."""
        if not self.is_symbol("(") or self.scripts:
            return False
        inside = self.ahead()
        if inside.kind == "text":
            return any(word in FOR for word in inside.text.lower().split())
        if inside.kind == "number":
            return self.is_ahead(2, "le", "<") and self.ahead(3).kind == "letter" and self.is_ahead(4, "le", "<")
        places = 1
        while self.ahead(places).kind == "letter" and self.is_ahead(places + 1, ",") and places < 2 * MAX_LETTERS:
            places += 2
        related = self.ahead(places).kind == "letter" and self.is_ahead(places + 1, "in", *_RELATED)
        return related or self.is_ahead(1, "forall")

    def starts_factor(self) -> bool:
        return super().starts_factor() and not self.opens_range() and not (self.running and self.is_command(*_DOTS))

    def conditions_here(self, quantified: bool) -> list[Where]:
        r"""i \neq j, 2 \le i \le m - 1: of indices alone, unless it is said for what it is."""
        back = self.at
        if not quantified and not self.begins_with_index():
            return []
        sides, links = [self.expression()], list[Link]()
        while (relation := self.relation()) is not None:
            links.append(Link(relation, self.tokens[self.at - 1].position))
            sides.append(self.expression())
        if not links or not (quantified or all(map(_is_simple, sides))):
            self.at = back
            return []
        return [_said(*one) for one in zip(links, sides, sides[1:], strict=False)]

    def begins_with_index(self) -> bool:
        r"""An index, or a number in front of one: 1 \le i."""
        places = 2 if self.token.kind == "number" and self.is_ahead(1, "<", "le") else 0
        letter = self.ahead(places)
        return letter.kind == "letter" and self.is_index(letter.text) and (places > 0 or self.is_ahead(1, *_RELATED))


def _number(node: Node) -> int:
    return int(node.text) if isinstance(node, Numeral) and node.text.isdigit() else -1


def _is_simple(node: Node) -> bool:
    """Without names that have scripts, which only statements have."""
    words = [one for one in nodes_in(node) if isinstance(one, Word)]
    return not any(one.below or one.above or one.accent or one.primes for one in words) and not any(
        isinstance(one, Listed) and len(one.items) > 1 for one in nodes_in(node)
    )


def _said(link: Link, left: Node, right: Node) -> Where:
    """An end of the range of an index, or any other condition."""
    for letter, end, relation in ((left, right, link.relation), (right, left, _TURNED.get(link.relation))):
        if isinstance(letter, Word) and len(letter.base) == 1 and _is_simple(letter) and relation in _TURNED:
            if relation in ("<", ">"):
                end = Sums(end.at, ((1, end), (-1 if relation == "<" else 1, Numeral(end.at, "1"))))
            ends = (end, None) if relation in (">=", ">") else (None, end)
            return Range(link.at, (letter.base,), *ends)
    return Condition(link.at, link.relation, left, right)
