"""sum(x_i*y_i, i=1..m) beside names with scripts: the sum over the letters that stand behind the comma."""

from __future__ import annotations

from derive.reading.latex.tokens import Token

OPENING, CLOSING = frozenset("([{"), frozenset(")]}")
SIGNS = ("sum", "prod")


def called_sums(tokens: list[Token]) -> list[Token]:
    """sum(a, i=1..m) as sum_{i=1}^{m} (a), and sum(a, i) as sum_{i} (a)."""
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        out.append(token)
        if token.kind != "command" or token.text not in SIGNS or tokens[at].text != "(":
            continue
        commas, stop = _commas(tokens, at)
        ranges = [tokens[one + 1 : end] for one, end in zip(commas, [*commas[1:], stop], strict=False)]
        scripts = [_script(each) for each in ranges]
        if not scripts or stop >= len(tokens) or any(one is None for one in scripts):
            continue
        for place, script in enumerate(scripts):
            out += [*([token] if place else []), *(script or [])]
        out += [tokens[at], *called_sums([*tokens[at + 1 : commas[0]], tokens[-1]])[:-1], tokens[stop]]
        at = stop + 1
    return out


def _commas(tokens: list[Token], start: int) -> tuple[list[int], int]:
    """The commas directly inside the parenthesis that opens there, and where it closes."""
    commas, depth = [], 0
    for place in range(start, len(tokens)):
        token = tokens[place]
        if token.kind != "symbol":
            continue
        depth += (token.text in OPENING) - (token.text in CLOSING)
        if depth == 1 and token.text == ",":
            commas.append(place)
        if depth == 0:
            return commas, place
    return commas, len(tokens)


def _script(said: list[Token]) -> list[Token] | None:
    """The scripts of the sign for i, or for i = 1..m."""
    if not said or said[0].kind != "letter":
        return None
    if len(said) == 1:
        return [_symbol("_", said[0]), _symbol("{", said[0]), said[0], _symbol("}", said[0])]
    dots = [place for place, token in enumerate(said) if token.kind == "command" and token.text == "dots"]
    if said[1].text != "=" or len(dots) != 1 or not 2 < dots[0] < len(said) - 1:
        return None
    lower, upper = said[: dots[0]], said[dots[0] + 1 :]
    return [_symbol("_", said[0]), _symbol("{", said[0]), *lower, _symbol("}", lower[-1]),
            _symbol("^", upper[0]), _symbol("{", upper[0]), *upper, _symbol("}", upper[-1])]  # fmt: skip


def _symbol(sign: str, near: Token) -> Token:
    place = near.stop if sign == "}" else near.position
    return Token("symbol", sign, place, place)
