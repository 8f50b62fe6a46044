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
from itertools import islice

from derive.errors import UsageError
from derive.grading.building import name_of, sheet_of
from derive.grading.sheet import MAX_NAME, Answer, Sheet
from derive.grading.spans import answer_of

_HEADING = re.compile(r"^#{1,6}[ \t]([^\n]*)$", re.MULTILINE)
_PROBLEM = re.compile(r"problem\s*:\s*(\S+)", re.IGNORECASE)
_PART = re.compile(r"(?:part\s*:?\s+)?`?([\w.-]+)`?:?", re.IGNORECASE)
_QUOTED = re.compile(r"(?<!`)(`{1,3})(?!`)[^`\n]{1,300}\1(?!`)")
_FENCES = ("```", "~~~")
MOST_HEADINGS = 2_000
MAX_TITLE = 200


def read_markdown(text: str, source: str, fallback: str) -> Sheet:
    """Raises UsageError where the head cannot be read or there is no answer."""
    meta, body, lines = head_of(text)
    return sheet_of(meta, sections_of(body, lines + 1), source, fallback)


def head_of(text: str) -> tuple[Mapping[str, object], str, int]:
    """The head as data, the rest, and how many lines the head takes. `name: value` a line needs no YAML reader."""
    match = re.match(r"\s*---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", text, re.DOTALL | re.MULTILINE)
    if match is None:
        return {}, text, 0
    lines = [line.partition(":") for line in match[1].splitlines() if line.strip()]
    simple = {key.strip(): value.strip() for key, _, value in lines}
    if simple.keys() <= {"student", "problem"} and len(simple) == len(lines) and all(map(_is_plain, simple.values())):
        return {key: value for key, value in simple.items() if value}, text[match.end() :], match[0].count("\n")
    from derive.grading.structured import decoded_yaml

    found = decoded_yaml(match[1])
    if not isinstance(found, Mapping):
        raise UsageError("the head between --- is not a list of names and values")
    return {k: v for k, v in found.items() if v not in (None, "")}, text[match.end() :], match[0].count("\n")


def sections_of(body: str, first_line: int = 1, where: str = "") -> list[tuple[str, list[Answer]]]:
    """(problem, answers) in order; '' is the problem of the head.

    Mathematics under a heading that is no part's is kept under the heading's own words, to be told as unknown.
    """
    body = _without_comments(_without_code(body))
    sections: list[tuple[str, list[Answer]]] = [("", [])]
    headings = list(islice(_HEADING.finditer(body), MOST_HEADINGS + 1))
    if len(headings) > MOST_HEADINGS:
        raise UsageError(f"it has more than {MOST_HEADINGS} headings")
    before = answer_of("(before any heading)", body[: headings[0].start()] if headings else body, first_line, where)
    sections[0][1].extend([before] if before.lines else [])
    for number, heading in enumerate(headings):
        end = headings[number + 1].start() if number + 1 < len(headings) else len(body)
        title = heading[1].strip(" \t#")[:MAX_TITLE]
        problem = _PROBLEM.fullmatch(title)
        part = _PART.fullmatch(title)
        if problem:
            sections.append((name_of(problem[1], "'problem'"), []))
        else:
            line = first_line + body.count("\n", 0, heading.end())
            name = name_of((part[1] if part else title)[:MAX_NAME] or "(no heading)", "a part")
            answer = answer_of(name, _without_quotes(body[heading.end() : end]), line, where)
            sections[-1][1].extend([answer] if part or answer.lines else [])
    return sections


def _without_code(body: str) -> str:
    """Fenced code left out, its lines still counted."""
    lines, fence = [], ""
    for line in body.split("\n"):
        if fence:
            fence = "" if line.startswith(fence) else fence
            lines.append("")
        elif line.startswith(_FENCES):
            fence = line[:3]
            lines.append("")
        else:
            lines.append(line)
    return "\n".join(lines)


def _without_quotes(text: str) -> str:
    """Code in a line, such as `$ python`, is no mathematics."""
    return _QUOTED.sub(lambda match: " " * len(match[0]), text)


def _without_comments(body: str) -> str:
    """The same for what a page does not show; a comment without an end goes to the end."""
    kept, at = [], 0
    while (start := body.find("<!--", at)) >= 0:
        end = body.find("-->", start)
        stop = len(body) if end < 0 else end + 3
        kept += [body[at:start], "\n" * body.count("\n", start, stop)]
        at = stop
    return "".join([*kept, body[at:]])


def _is_plain(value: str) -> bool:
    return re.fullmatch(r"[\w./ -]*", value) is not None
