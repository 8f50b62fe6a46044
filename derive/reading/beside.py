r"""Two texts beside each other, each in a notation of its own: alpha*x[1] beside \alpha x_1."""

from __future__ import annotations

from derive.errors import AnswerError
from derive.reading import surface as s
from derive.reading.habits import in_two_fonts
from derive.reading.latex.blocks import Reader
from derive.reading.latex.table import FONTS, FUNCTIONS, SPELLED
from derive.reading.latex.tokens import Token, tokenize
from derive.reading.latex.typed import typed_tokens
from derive.reading.references import describe
from derive.reading.statement import is_latex
from derive.reading.trees import nodes_in

PLAIN_WORD, WORD = 2, 3  # so many letters side by side may be one word, in plain text and in LaTeX
NAMED = ("_", "^", *FONTS, *SPELLED, "begin", "end")  # in braces behind these, letters are a name or indices


def spelled_beside(texts: tuple[str, str]) -> tuple[tuple[s.Spelled, ...], ...]:
    """The statements of both texts. Raises AnswerError where letters may be a word, or one letter two names."""
    plain = [not is_latex(text) for text in texts]
    typed = [typed_tokens(text, {}) if alone else tokenize(text) for text, alone in zip(texts, plain, strict=True)]
    spelled = tuple(Reader(text, list(tokens)).statements() for text, tokens in zip(texts, typed, strict=True))
    for text, alone, tokens, own, other in zip(texts, plain, typed, spelled, spelled[::-1], strict=True):
        word = in_two_fonts(own)
        if word is not None:
            raise AnswerError(f"'{describe(word)}' stands in two fonts, which may be two names", text, word.at)
        known = {
            node.base for one in other for side in one.sides for node in nodes_in(side) if isinstance(node, s.Word)
        }
        for run in runs(tokens):
            said = "".join(token.text for token in run)
            if len(run) >= (PLAIN_WORD if alone else WORD) and said not in FUNCTIONS and not known.issuperset(said):
                message = f"'{said}' may be one name, which the other answer has not; write * between factors"
                raise AnswerError(message, text, run[0].position)
    return spelled


def runs(tokens: list[Token]) -> list[list[Token]]:
    """Letters close to each other, where they are not said to be a name."""
    found: list[list[Token]] = []
    named: list[bool] = []  # of each brace that is open
    last = Token("symbol", "", -1, -1)
    for token in tokens:
        if token.kind == "symbol" and token.text == "{":
            named.append(last.text in NAMED or any(named[-1:]))
        elif token.kind == "symbol" and token.text == "}" and named:
            named.pop()
        elif token.kind == "letter" and not any(named[-1:]):
            if last.kind == "letter" and last.stop == token.position and found:
                found[-1].append(token)
            elif last.text not in NAMED or last.kind == "letter":
                found.append([token])
        last = token
    return found
