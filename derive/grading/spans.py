"""The mathematics in a text: what stands between dollar signs, in displays and in equation environments."""

from __future__ import annotations

import re

from derive.grading.sheet import Answer, Line

ENVIRONMENTS = r"(?:equation|align|gather|multline|eqnarray|displaymath|math|flalign)\*?"
_SPAN = re.compile(
    rf"\\begin\{{(?P<name>{ENVIRONMENTS})\}}(?P<env>.*?)\\end\{{(?P=name)\}}"
    r"|\\\[(?P<bracket>.*?)\\\]"
    r"|(?<!\\)\$\$(?P<display>.*?)(?<!\\)\$\$"
    r"|\\\((?P<paren>.*?)\\\)"
    r"|(?<!\\)\$(?P<inline>[^$]*?)(?<!\\)\$",
    re.DOTALL,
)
_CONTINUED = re.compile(
    r"\\\\(?:\[[^\]]*\])?\s*&(?:\s|&|\{\}|\\q?quad(?![A-Za-z])|\\[,;: ])*(?=[+-]|\\(?:pm|cdot|times)(?![A-Za-z]))"
)
_RELATION = re.compile(r"[=<>]|\\(?:leq?|geq?|neq?|approx|equiv|to)(?![A-Za-z])")
NO_MATHEMATICS = "has no mathematics in it; put it between dollar signs"
SEVERAL = "has several expressions and no equation; write an equation, or the answer alone"
UNPAIRED = "has a dollar sign or an environment without its partner"


def joined(text: str) -> str:
    r"""`a &= b \\ &\quad + c` is a = b + c: a line that begins with a sign goes on with the one before."""
    return _CONTINUED.sub(lambda match: " " * len(match[0]), text)


def answer_of(part: str, text: str, first_line: int = 1, where: str = "") -> Answer:
    """The statements in a text about one part.

    A lone formula without a relation is the answer itself; beside others such a formula is taken for prose, as in
    "where $m$ is the batch size". What is no mathematics is prose, and not judged.
    """
    spans = []
    for match in _SPAN.finditer(text):
        shown = match["inline"] is None and match["paren"] is None
        inside = match[match.lastgroup or 0] if match["name"] is None else match["env"]
        line = first_line + text.count("\n", 0, match.start())
        spans.append((inside.strip(), shown, f"{where}line {line}"))
    rest = _SPAN.sub(" ", text)
    if re.search(r"(?<!\\)\$|\\\[|\\\(|\\begin\{" + ENVIRONMENTS + r"\}", rest):
        return Answer(part, (), UNPAIRED)
    spans = [span for span in spans if span[0]]
    if not spans:
        return Answer(part, (), NO_MATHEMATICS if rest.strip() else "")
    said = [span for span in spans if span[1] or _RELATION.search(span[0])]
    if not said:
        if len({span[0] for span in spans}) > 1:
            return Answer(part, (), SEVERAL)
        said = spans[:1]
    return Answer(part, tuple(Line(joined(inside), "", place) for inside, _, place in said))
