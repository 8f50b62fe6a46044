r"""LaTeX sheets, marked up with `derive-answers.sty`.

\student{s001} \problem{bn_backward}
\answer{gamma}{\frac{\partial f}{\partial\gamma} = ...}           one statement
\begin{answerpart}{x} ... $...$ ... \[...\] \end{answerpart}      around what is written anyway

The text is read, never compiled, so a sheet that TeX refuses can be marked all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from derive.errors import UsageError
from derive.grading.building import MAX_PARTS, name_of, sheet_of
from derive.grading.sheet import Answer, Line, Sheet
from derive.grading.spans import answer_of

_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*")
_MACRO = re.compile(r"\\(student|problem|answer)\s*\{|\\begin\s*\{answerpart\}\s*\{")
_END = re.compile(r"\\end\s*\{answerpart\}")
_UNSEEN = re.compile(
    r"\\begin\s*\{(verbatim\*?|Verbatim|lstlisting|minted|comment|filecontents\*?)\}.*?(?:\\end\s*\{\1\}|\Z)"
    r"|\\iffalse(?![A-Za-z]).*?(?:\\fi(?![A-Za-z])|\Z)|\\end\s*\{document\}.*",
    re.DOTALL,
)
_DEFINES = re.compile(r"\\(?:re|provide)?newcommand\*?\s*\{?\\(?:student|problem|answer)\b[^\n]*")


def read_latex(text: str, source: str, fallback: str) -> Sheet:
    """Raises UsageError where a brace or an environment has no partner, or there is no answer."""
    text = _DEFINES.sub("", _seen(_COMMENT.sub(r"\1", text)))
    meta: dict[str, object] = {}
    sections: list[tuple[str, list[Answer]]] = [("", [])]
    for name, first, answer in _marks(text):
        if name == "student" and first.strip():
            meta["student"] = first.strip()
        elif name == "problem":
            sections.append((name_of(first, r"\problem"), []))
        elif answer is not None:
            sections[-1][1].append(answer)
    names = [problem for problem, _ in sections if problem]
    if len(names) == 1:
        meta["problem"] = names[0]
    return sheet_of(meta, sections, source, fallback)


def _seen(text: str) -> str:
    """Without what is quoted, commented out, or stands behind the end; lines are counted all the same."""
    return _UNSEEN.sub(lambda match: "\n" * match[0].count("\n"), text)


def _marks(text: str) -> Iterator[tuple[str, str, Answer | None]]:
    at = begun = count = 0
    line = 1
    while (match := _MACRO.search(text, at)) is not None:
        line, begun, count = line + text.count("\n", begun, match.start()), match.start(), count + 1
        if count > 4 * MAX_PARTS:
            raise UsageError(f"it has more than {4 * MAX_PARTS} marks; at most {MAX_PARTS} parts are read")
        first, at = _braced(text, match.end(), line)
        if match[1] is None:
            end = _END.search(text, at)
            if end is None:
                raise UsageError(rf"line {line}: \begin{{answerpart}} has no \end{{answerpart}}")
            part, start = name_of(first, rf"line {line}: the part of \begin{{answerpart}}"), at
            at = end.end()
            yield "answer", first, answer_of(part, text[start : end.start()], line + text.count("\n", begun, start))
        elif match[1] == "answer":
            part = name_of(first, rf"line {line}: the part of \answer")
            said, at = _second(text, at, line)
            inside = said.strip().strip("$").strip()
            lines = (Line(inside, "", f"line {line}"),) if inside else ()
            yield "answer", first, Answer(part, lines)
        else:
            yield match[1], first, None


def _second(text: str, at: int, line: int) -> tuple[str, int]:
    match = re.compile(r"\s*\{").match(text, at)
    if match is None:
        raise UsageError(rf"line {line}: \answer takes two arguments, the part and what is answered")
    return _braced(text, match.end(), line)


def _braced(text: str, start: int, line: int) -> tuple[str, int]:
    """What stands up to the brace that closes the one before `start`, and where it ends."""
    depth, at = 1, start
    while at < len(text):
        character = text[at]
        if character == "\\":
            at += 1
        elif character in "{}":
            depth += 1 if character == "{" else -1
            if depth == 0:
                return text[start:at], at + 1
        at += 1
    raise UsageError(f"line {line}: a brace is not closed")
