"""Formulas over several lines: one that ends or begins with a sign goes on with the one before."""

from __future__ import annotations

from derive.reading.latex.brackets import Brackets
from derive.reading.latex.table import RELATIONS
from derive.reading.latex.tokens import Token

MAX_BREAKS = 20  # ends of lines, & and spacing between two signs


def is_break(token: Token) -> bool:
    r"""The end of a line, the & of an alignment, or spacing."""
    if token.kind == "symbol":
        return token.text in ("&", ";")
    return token.kind == "command" and token.text in ("\\", "newline", "cr")


class Lines(Brackets):
    r"""`a &= b \\ &\quad + c` is a = b + c."""

    def breaks(self) -> int:
        """How many tokens of breaks stand here; none in a matrix, whose entries they end."""
        if self.grids:
            return 0
        places = 0
        while is_break(self.ahead(places)):
            places += 1
            if places == MAX_BREAKS:
                return 0
        return places

    def pass_breaks(self) -> None:
        """Behind a sign that something must follow."""
        self.at += self.breaks()

    def go_on(self, *signs: str) -> None:
        """Passes the breaks before one of the signs, where the formula goes on with it."""
        places = self.breaks()
        sign = self.ahead(places)
        if not places or sign.kind not in ("symbol", "command") or sign.text not in signs:
            return
        if sign.text == "-" and not self.goes_on_with_minus(places):
            return
        self.at += places

    def goes_on_with_minus(self, places: int) -> bool:
        r"""Not where a statement of its own begins with it: a = b \\ -c &= d. Whether it does may be open."""
        before = [self.ahead(k) for k in range(places)]
        if not any(one.text != ";" for one in before):
            return False
        aligned = before[-1].text == "&" or (len(before) > 1 and before[-2].text == "&")
        relation = self.relation_in_line(places + 1)
        if relation and aligned and self.ahead(relation - 1).text != "&":
            self.fail("whether this line goes on with the one before is open; begin it with =, or write one line",
                      self.ahead(places))  # fmt: skip
        return not relation

    def relation_in_line(self, places: int) -> int:
        """How far ahead the next relation of this line stands; 0 where it has none."""
        depth = 0
        while True:
            token = self.ahead(places)
            if token.kind == "end" or (depth <= 0 and token.kind == "command" and token.text in ("\\", "cr", "end")):
                return 0
            depth += (token.text in ("{", "(", "[")) - (token.text in ("}", ")", "]"))
            if depth <= 0 and token.kind in ("symbol", "command") and (token.text in RELATIONS or token.text == ","):
                return places if token.text != "," else 0
            places += 1
