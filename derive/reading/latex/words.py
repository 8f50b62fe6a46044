"""Names as LaTeX spells them: letters, accents, fonts, primes and scripts."""

from __future__ import annotations

from derive.reading.latex.cursor import Cursor
from derive.reading.latex.table import ACCENTS, FONTS, NAMES, is_transposition
from derive.reading.latex.tokens import Token
from derive.reading.surface import Node, Numeral, Product, Transposed, Word

MAX_SCRIPTS = 12


class Words(Cursor):
    """A name with everything that belongs to it; what its scripts mean is left open."""

    def argument(self) -> Node:
        raise NotImplementedError

    def item(self) -> Node:
        raise NotImplementedError

    def primes(self) -> int:
        count = 0
        while self.is_symbol("'") or self.is_command("prime"):
            self.advance()
            count += 1
        return count

    def word(self) -> Node:
        return self.scripted(self.bare_word())

    def bare_word(self) -> Word:
        token = self.advance()
        if token.kind == "letter":
            return Word(token.position, token.text, stop=token.stop)
        if token.text in NAMES:
            return Word(token.position, token.text, stop=token.stop)
        if token.kind != "command" or token.text not in (*FONTS, *ACCENTS):
            self.fail(f"a letter is expected, but here is {token}", token)
        self.deeper()
        braced = self.skip("{")
        node = self.in_font(token, braced) if token.text in FONTS else self.accented(token, braced)
        if braced:
            self.take("}", f"to close the braces of '\\{token.text}'")
        self.shallower()
        return node

    def in_font(self, token: Token, braced: bool) -> Word:
        if self.token.kind == "number" and token.text in ("mathbb", "mathbf", "boldsymbol") and self.token.text in "01":
            one = self.advance()
            return Word(token.position, one.text, font=token.text, stop=one.stop)
        if token.text == "mathbb":
            self.fail(
                f"a letter in this font, such as the sign of an expectation, is not read: '\\{token.text}'", token
            )
        if not braced:
            inner = self.bare_word()
            return Word(token.position, inner.base, inner.accent, token.text, stop=inner.stop)
        if token.text in ("mathrm", "mathit", "mathsf", "rm") and self.ahead().kind == "letter":
            letters = ""
            while self.token.kind == "letter":
                letters += self.advance().text
            return Word(token.position, letters, font=token.text, stop=self.token.position)
        inner = self.inner_word(token)
        return Word(token.position, inner.base, inner.accent, token.text, inner.primes, inner.below, inner.above,
                    inner.raised, inner.stop)  # fmt: skip

    def accented(self, token: Token, braced: bool) -> Word:
        inner = self.inner_word(token) if braced else self.bare_word()
        if inner.accent:
            self.fail("two accents on one letter are not read", token)
        return Word(token.position, inner.base, token.text, inner.font, inner.primes, inner.below, inner.above,
                    inner.raised, inner.stop)  # fmt: skip

    def inner_word(self, token: Token) -> Word:
        if self.token.kind != "letter" and not (
            self.token.kind == "command" and self.token.text in (*NAMES, *ACCENTS, *FONTS)
        ):
            self.fail(f"a letter is expected under '\\{token.text}', but here is {self.token}")
        inner = self.scripted(self.bare_word())
        if not isinstance(inner, Word):
            self.fail(f"one name is expected under '\\{token.text}'", token)
        return inner

    def scripted(self, word: Word) -> Node:
        """The scripts and primes that follow a name; a transposition is told apart from an index."""
        primes, below, above, raised = word.primes, word.below, word.above, word.raised
        transposed = False
        while True:
            primes += self.primes()
            if self.is_symbol("_") and not below:
                self.advance()
                below, _ = self.script()
            elif self.is_symbol("^") and not above and not transposed:
                mark = self.advance()
                if self.is_command("prime") or (self.is_symbol("{") and self.ahead().text in ("prime", "'")):
                    braced = self.skip("{")
                    primes += self.primes()
                    if braced:
                        self.take("}", "after the prime")
                    continue
                found, raised = self.script()
                if len(found) == 1 and is_transposition(found[0]):
                    transposed = True
                elif not found:
                    self.fail("an exponent is expected", mark)
                else:
                    above = found
            else:
                break
        stop = self.tokens[self.at - 1].stop
        node = Word(word.at, word.base, word.accent, word.font, primes, below, above, raised, stop)
        return Transposed(word.at, node) if transposed else node

    def script(self) -> tuple[tuple[Node, ...], bool]:
        """The contents of a script between commas; and whether they stand in parentheses."""
        if not self.is_symbol("{"):
            token = self.token
            if token.kind == "number" and token.text.isdigit():
                if len(token.text) > 1:
                    sign, digits = self.tokens[self.at - 1].text, token.text
                    self.fail(
                        f"{sign}{digits} means {sign}{digits[0]} times {digits[1:]}; write {sign}{{{digits}}}", token
                    )
                self.advance()
                return (Numeral(token.position, token.text),), False
            return (self.argument(),), False
        self.deeper()
        self.scripts += 1
        start = self.advance()
        if self.is_symbol("(", "["):
            inside = self.try_parentheses()
            if inside is not None:
                self.shallower()
                self.scripts -= 1
                return inside, True
        items = [self.item()]
        while self.skip(","):
            items.append(self.item())
        self.take("}", f"to close the '{{' at column {start.position + 1}")
        self.shallower()
        self.scripts -= 1
        if sum(len(one.factors) if isinstance(one, Product) else 1 for one in items) > MAX_SCRIPTS:
            self.fail(f"more than {MAX_SCRIPTS} scripts on one name", start)
        return tuple(items), False

    def try_parentheses(self) -> tuple[Node, ...] | None:
        """(i), [i] or (n+1) as the whole script."""
        back = self.at
        closing = ")" if self.advance().text == "(" else "]"
        items = [self.item()]
        while self.skip(","):
            items.append(self.item())
        if self.is_symbol(closing) and self.ahead().text == "}":
            self.advance()
            self.advance()
            return tuple(items)
        self.at = back
        return None

    def name_in_braces(self) -> str:
        self.take("{", "before the name")
        letters = ""
        while self.token.kind in ("letter", "number"):
            letters += self.advance().text
        self.take("}", "after the name")
        return letters
