"""LaTeX without its backslashes, as people type it: sum_i, y_11, df/dvar, w1, sqrt(..), x^(k+1), Σ.

Tokens are changed before anything is read: words become commands or names of the vocabulary, runs of letters or digits
after _ and ^ one script, and parentheses after a root or ^ its argument. Columns stay those of the text.
"""

from __future__ import annotations

from collections.abc import Mapping

from derive.language.notation import Name
from derive.language.tensor import Tensor
from derive.reading.latex.blocks import NEUTRAL
from derive.reading.latex.called import called_sums
from derive.reading.latex.ranges import FOR, FOR_ALL
from derive.reading.latex.table import FUNCTIONS, NAMES
from derive.reading.latex.tokens import Token, tokenize

COMMANDS = frozenset({*NAMES, *FUNCTIONS, "sum", "prod", "partial", "nabla"})
WORDS = NEUTRAL | FOR | FOR_ALL
_AFTER_A_NAME = frozenset("^)=+-,;:]}*/'")  # what stands after the letter Sigma, and never after the sign of a sum


def typed_tokens(text: str, names: Mapping[str, Tensor]) -> list[Token]:
    r"""The tokens of a text, completed with what its author left to the reader.

    >>> "".join(token.text for token in typed_tokens("y_11 = sqrt(2)", {}))
    'y_{11}=sqrt{(2)}'
    """
    tokens = tokenize(text)
    if "\\" not in text:
        tokens = called_sums(_scripts(_entries(_words(tokens, names))))
    tokens = _numbered(_signs(tokens, names), names)
    return _arguments(tokens)


def _words(tokens: list[Token], names: Mapping[str, Tensor]) -> list[Token]:
    """Runs of letters that are words: of the notation, of the vocabulary, or such as say nothing."""
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        stop = at
        while tokens[stop].kind == "letter" and (stop == at or tokens[stop].position == tokens[stop - 1].stop):
            stop += 1
        if stop - at < 2 or (out and out[-1].kind == "symbol" and out[-1].text in ("_", "^")):
            out += tokens[at : max(stop, at + 1)]
            at = max(stop, at + 1)
            continue
        digits = (
            tokens[stop] if tokens[stop].kind == "number" and tokens[stop].position == tokens[stop - 1].stop else None
        )
        out += _word(tokens[at:stop], digits, names)
        at = stop + (1 if digits is not None and out[-1].stop == digits.stop else 0)
    return out


def _word(letters: list[Token], digits: Token | None, names: Mapping[str, Tensor]) -> list[Token]:
    word, start, stop = "".join(one.text for one in letters), letters[0].position, letters[-1].stop
    if digits is not None and (found := _name(word + digits.text, names, start, digits.stop)):
        return found
    if found := _name(word, names, start, stop):
        return found
    if word in COMMANDS:
        return [Token("command", word, start, stop)]
    if word.startswith("d"):
        rest = _name(word[1:], names, start + 1, stop)
        if rest or word[1:] in COMMANDS:
            return [letters[0], *(rest or [Token("command", word[1:], start + 1, stop)])]
    if word == "in":
        return [Token("command", word, start, stop)]
    if word.lower() in WORDS:
        return [Token("text", word, start, stop)]
    return letters


def _name(word: str, names: Mapping[str, Tensor], start: int, stop: int) -> list[Token]:
    """The tokens of a name of the vocabulary; none where it is a single letter, or no name."""
    tensor = names.get(word)
    if len(word) < 2 or tensor is None or not isinstance(tensor.name, Name) or tensor.name.level is not None:
        return []
    name = tensor.name
    if len(name.base) > 1 and name.base not in NAMES:
        return []
    found = [Token("command", name.accent, start, stop)] if name.accent else []
    found.append(Token("letter" if len(name.base) == 1 else "command", name.base, start, stop))
    found += [Token("symbol", "'", start, stop)] * name.primes
    for mark, own in (("_", name.sub), ("^", name.sup)):
        if own:
            inside = [
                Token("number" if sign.isdigit() else "letter", sign, start, stop) for part in own for sign in part
            ]
            found += [Token("symbol", mark, start, stop), Token("symbol", "{", start, stop), *inside,
                      Token("symbol", "}", start, stop)]  # fmt: skip
    return found


def _entries(tokens: list[Token]) -> list[Token]:
    """x[i] as x_{i}: brackets close behind a name, with letters, digits and signs in them."""
    out: list[Token] = []
    closing: list[int] = []
    for place, token in enumerate(tokens):
        last = out[-1] if out else None
        named = last is not None and (last.kind == "letter" or (last.kind == "command" and last.text in NAMES))
        if token.kind == "symbol" and token.text == "[" and named and last is not None and last.stop == token.position:
            stop = next((k for k in range(place + 1, len(tokens)) if tokens[k].text in "[]()="), place)
            if tokens[stop].text == "]":
                closing.append(stop)
                out += [Token("symbol", "_", token.position, token.position), _brace("{", token)]
                continue
        out.append(_brace("}", token) if place in closing else token)
    return out


def _scripts(tokens: list[Token]) -> list[Token]:
    """_nc, _11 and ^11 as one script each."""
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        out.append(token)
        at += 1
        if token.kind != "symbol" or token.text not in ("_", "^"):
            continue
        first = tokens[at]
        stop = at + 1
        if first.kind == "letter" and token.text == "_":
            while tokens[stop].kind == "letter" and tokens[stop].position == tokens[stop - 1].stop:
                stop += 1
        if first.kind not in ("letter", "number") or (stop == at + 1 and first.kind == "letter"):
            continue
        out += [_brace("{", first), *tokens[at:stop], _brace("}", tokens[stop - 1])]
        at = stop
    return out


def _brace(sign: str, near: Token) -> Token:
    place = near.position if sign == "{" else near.stop
    return Token("symbol", sign, place, place)


def _signs(tokens: list[Token], names: Mapping[str, Tensor]) -> list[Token]:
    """The capital letter Sigma before what can be summed is the sign of a sum, where it names nothing."""
    if any(isinstance(tensor.name, Name) and tensor.name.base == "Sigma" for tensor in names.values()):
        return tokens
    out = []
    for token, after in zip(tokens, [*tokens[1:], tokens[-1]], strict=True):
        typed = token.kind == "command" and token.text == "Sigma" and token.stop - token.position == 1
        sums = typed and after.kind != "end" and after.text not in _AFTER_A_NAME
        out.append(Token("command", "sum", token.position, token.stop) if sums else token)
    return out


def _numbered(tokens: list[Token], names: Mapping[str, Tensor]) -> list[Token]:
    """w1 as w_1, where w is a name that has entries or scripts: a number is not written behind what it multiplies."""
    scripted = {
        tensor.name.base
        for tensor in names.values()
        if isinstance(tensor.name, Name) and (tensor.axes or tensor.name.sub or tensor.name.sup)
    }
    out: list[Token] = []
    for place, token in enumerate(tokens):
        last = out[-1] if out else None
        if (
            token.kind == "number"
            and token.text.isdigit()
            and last is not None
            and last.stop == token.position
            and last.kind in ("letter", "command")
            and last.text in scripted
            and not (len(out) > 1 and out[-2].text in ("_", "^"))
            and tokens[place + 1].text not in ("_", "!")
        ):
            out += [Token("symbol", "_", token.position, token.position), _brace("{", token), token, _brace("}", token)]
        else:
            out.append(token)
    return out


def _arguments(tokens: list[Token]) -> list[Token]:
    """sqrt(..) and ^(..) with their argument in braces."""
    out: list[Token] = []
    closing: list[bool] = []
    for token in tokens:
        before = out[-1] if out else None
        if token.kind == "symbol" and token.text == "(":
            taken = before is not None and (
                (before.kind == "symbol" and before.text == "^") or (before.kind == "command" and before.text == "sqrt")
            )
            closing.append(taken)
            out += [_brace("{", token), token] if taken else [token]
        elif token.kind == "symbol" and token.text == ")" and closing:
            out += [token, _brace("}", token)] if closing.pop() else [token]
        else:
            out.append(token)
    return out
