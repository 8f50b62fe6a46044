"""Markdown sheets: a head between `---` lines, a heading a part, mathematics between dollar signs under it.

---
student: s001
problem: bn_backward
---
## gamma
$$\\frac{\\partial f}{\\partial\\gamma} = ...$$

A heading `# problem: ID` begins another problem.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from derive.errors import UsageError
from derive.grading.building import name_of, sheet_of
from derive.grading.sheet import MAX_NAME, Answer, Sheet
from derive.grading.spans import answer_of

_HEADING = re.compile(r"^#{1,6}[ \t]+(.*?)[ \t#]*$", re.MULTILINE)
_PROBLEM = re.compile(r"problem\s*:\s*(\S+)", re.IGNORECASE)
_PART = re.compile(r"(?:part\s*:?\s+)?`?([\w.-]+)`?:?", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_FENCE = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.DOTALL | re.MULTILINE)


def read_markdown(text: str, source: str, fallback: str) -> Sheet:
    """Raises UsageError where the head cannot be read or there is no answer."""
    meta, body, lines = head_of(text)
    return sheet_of(meta, sections_of(body, lines + 1), source, fallback)


def head_of(text: str) -> tuple[Mapping[str, object], str, int]:
    """The head as data, the rest, and how many lines the head takes. `name: value` a line needs no YAML reader."""
    match = re.match(r"\s*---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", text, re.DOTALL | re.MULTILINE)
    if match is None:
        return {}, text, 0
    simple = re.findall(r"^(student|problem)[ \t]*:[ \t]*([\w./ -]*?)[ \t]*$", match[1], re.MULTILINE)
    if len(dict(simple)) == len([line for line in match[1].splitlines() if line.strip()]):
        return {key: value for key, value in simple if value}, text[match.end() :], match[0].count("\n")
    from derive.grading.structured import decoded_yaml

    found = decoded_yaml(match[1])
    if not isinstance(found, Mapping):
        raise UsageError("the head between --- is not a list of names and values")
    return {k: v for k, v in found.items() if v not in (None, "")}, text[match.end() :], match[0].count("\n")


def sections_of(body: str, first_line: int = 1, where: str = "") -> list[tuple[str, list[Answer]]]:
    """(problem, answers) in order; '' is the problem of the head.

    Mathematics under a heading that is no part's is kept under the heading's own words, to be told as unknown.
    """
    body = _COMMENT.sub(_blank, _FENCE.sub(_blank, body))
    sections: list[tuple[str, list[Answer]]] = [("", [])]
    headings = list(_HEADING.finditer(body))
    before = answer_of("(before any heading)", body[: headings[0].start()] if headings else body, first_line, where)
    sections[0][1].extend([before] if before.lines else [])
    for number, heading in enumerate(headings):
        end = headings[number + 1].start() if number + 1 < len(headings) else len(body)
        problem = _PROBLEM.fullmatch(heading[1])
        part = _PART.fullmatch(heading[1])
        if problem:
            sections.append((name_of(problem[1], "'problem'"), []))
        else:
            line = first_line + body.count("\n", 0, heading.end())
            name = name_of((part[1] if part else heading[1])[:MAX_NAME] or "(no heading)", "a part")
            answer = answer_of(name, body[heading.end() : end], line, where)
            sections[-1][1].extend([answer] if part or answer.lines else [])
    return sections


def _blank(match: re.Match[str]) -> str:
    """Left out, its lines still counted."""
    return "\n" * match[0].count("\n")
