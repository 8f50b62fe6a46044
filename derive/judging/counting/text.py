r"""What people type for a number, in the one spelling that is read: 240 000 is 240,000, and 1.47M a product."""

from __future__ import annotations

import re

POWERS = {"k": 3, "K": 3, "M": 6, "G": 9, "B": 9, "thousand": 3, "million": 6, "mio": 6, "billion": 9, "bn": 9}
_SPACED = re.compile(r"(?<![\w.,\\^])\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?!\d|[.,]\d)")
_LABEL = re.compile(r"^\s*\\text\s*\{([^{}:]*):\s*\}")
_HEADED = re.compile(r"^\s*\\text\s*\{([^{}:]*):\s*([^{}\s][^{}]*)\}")
_COUNTED = re.compile(r"(?<![A-Za-z\\])[Nn]_\{\s*\\(?:text|mathrm)\s*\{([A-Za-z -]{3,})\}\s*\}")
_RANGE = re.compile(r"(?<=[\w)])\s*\.\.\.?\s*(?=[\w(])")
_MAPS = re.compile(r"(\d{1,9}) (?:feature )?(?:maps|channels|filters|planes) (?:of|with)(?: size)? (?=\d)")
_BIAS = re.compile(r"\(([a-z ]*\bbias(?:es)?)\)")
_FLOORED = re.compile(r"(\([^()]*\)|\d{1,12})\s*//\s*(\d{1,12})")
_SAME = re.compile(r"(?<![=<>!:])==(?!=)")
_ABOUT = re.compile(r"(?<=[\d)\]}])\s*~\s*(?=\d)|\s+~\s+(?=\d)")
_FOLLOWS = re.compile(r"\\(?:Rightarrow|implies|Longrightarrow|longrightarrow|leadsto)(?![A-Za-z])|=>|⇒|⟶")
_FROM = re.compile(r"\\leftarrow(?![A-Za-z])|<-|←")
_SHAPED = re.compile(r"\.(?:shape|size\(\))\s*(?::|={1,2}(?!=))")
_WITHOUT = re.compile(r"(?<![A-Za-z])(w/o|w/)\s*(?=bias)")
_ASIDE = re.compile(
    r"(?<=[A-Za-z\d]),\s*(?=(?:no|not|with|without|including|excluding|incl\.?|excl\.?|ignoring|counting)\s)"
)
_SPACES = re.compile(r"\\[;:!]")
_THIN = re.compile(r"\\,(?!\s*\d)")
_NUMBER = r"(?P<ahead>(?:^|[=:≈~a-z]|\\approx)\s*)(?P<number>\d[\d,]{0,40}(?:\.\d{1,20})?)(?:\\,|~)?"
_LETTER = re.compile(rf"{_NUMBER}(?P<unit>[kKMGB])(?=\s*(?:$|[.,;](?:\s|$)|\\text|[=≈)]|\s[A-Za-z]{{2}}))")
_PREFIX = re.compile(rf"{_NUMBER}\s*(?P<open>\\text\s*\{{\s*)?(?P<unit>[kKMGB])-?"
                     r"(?=(?:MACs?|MAdds?|FLOPs?|FLOPS|[Oo]ps|params|parameters|weights)\b)")  # fmt: skip
_WORD = re.compile(rf"{_NUMBER}\s*(?P<open>\\text\s*\{{\s*)?(?P<unit>thousand|million|mio|billion|bn)\b\.?")


def spelled(text: str) -> str:
    """The text with its numbers written out; a letter behind a short whole number may be a factor, and stays."""
    text = _COUNTED.sub(r"\\text{\1}", text.replace("$", " "))
    text = _SPACES.sub("  ", _SHAPED.sub(" :", text))
    text = _FROM.sub(":", _FOLLOWS.sub("→", _ABOUT.sub(" ≈ ", _SAME.sub("=", text))))
    text = _WITHOUT.sub(lambda match: "without " if match[1] == "w/o" else "with ", text)
    text = _ASIDE.sub(" ", text)
    text = _RANGE.sub(":", text)
    text = _MAPS.sub(r"\1@", text)
    text = _BIAS.sub(r" \1 ", text)
    text = _HEADED.sub(r"\1: \\text{\2}", _LABEL.sub(r"\1: ", text))
    text = _FLOORED.sub(r"\\lfloor \1/\2 \\rfloor", text)
    text = _SPACED.sub(lambda match: re.sub(r"\D", ",", match[0]), text)
    text = _THIN.sub("  ", text)
    for pattern in (_WORD, _PREFIX):
        text = re.sub(
            r"\\text\s*\{\s*\}", "", pattern.sub(lambda match: f"{_product(match)} {match['open'] or ''}", text)
        )
    return _LETTER.sub(lambda match: match[0] if _may_be_factor(match) else _product(match), text)


def place_in(text: str, other: str, at: int) -> int:
    """Where in a text a place of its spelling is: before the first change, behind the last one, or at the change."""
    ahead = next((k for k, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other)))
    behind = next((k for k, (a, b) in enumerate(zip(text[::-1], other[::-1], strict=False)) if a != b), 0)
    return at if at <= ahead else max(ahead, len(text) - (len(other) - at)) if len(other) - at <= behind else ahead


def _may_be_factor(match: re.Match[str]) -> bool:
    """2K and 27M can be a number times a letter; 1.47M, 302M and what is about 27M cannot."""
    return len(match["number"]) < 3 and match["ahead"].strip() not in ("≈", r"\approx")


def _product(match: re.Match[str]) -> str:
    return f"{match['ahead']}({match['number']}*10^{POWERS[match['unit']]})"
