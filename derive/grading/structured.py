"""YAML and JSON sheets.

student: s001                      problem, given and answers once, or a list of them under `problems`
problem: bn_backward
answers:
  gamma: \\frac{\\partial f}{\\partial\\gamma} = ...       one statement
  beta: [first line, last line]                           several
  x: {a: line, b: line}                                   several, named for the scheme
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

from derive.errors import UsageError
from derive.grading.building import name_of, with_duplicates_told
from derive.grading.sheet import Answer, Answered, Line, Sheet

MAX_YAML = 300_000  # its reader is slow
KEYS = ("student", "problem", "given", "answers", "problems", "scheme")


def read_json(text: str, source: str, fallback: str) -> Sheet:
    """Raises UsageError where the text is no JSON or no sheet."""
    return _sheet(decoded_json(text), source, fallback)


def read_yaml(text: str, source: str, fallback: str) -> Sheet:
    """By a safe reader: plain data, no objects, no anchors that multiply."""
    return _sheet(decoded_yaml(text), source, fallback)


def decoded_json(text: str) -> object:
    """A name that stands twice is an error: one of the two would be lost."""
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise UsageError(f"it is not JSON at line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise UsageError("its lists are nested too deeply") from None


def decoded_yaml(text: str) -> object:
    if len(text) > MAX_YAML:
        raise UsageError(f"it has more than {MAX_YAML} characters; write a sheet of that size as JSON")
    try:
        yaml: Any = import_module("yaml")
    except ImportError:
        raise UsageError("a YAML sheet needs PyYAML; install it with: pip install 'derive[yaml]'") from None

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        """Names once, and no aliases: a short text stands for little data."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                raise yaml.YAMLError("it uses an alias (*name); write the value out")
            return super().compose_node(parent, index)

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            _once(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
            return super().construct_mapping(node, deep)

    try:
        return yaml.load(text, Loader)  # a subclass of the safe loader
    except yaml.YAMLError as error:
        raise UsageError(f"it is not YAML: {' '.join(str(error).split())[:160]}") from None
    except (RecursionError, ValueError):
        raise UsageError("it is not YAML that can be read here") from None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    _once(name for name, _ in pairs)
    return dict(pairs)


def _once(names: Iterable[str]) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise UsageError(f"'{name[:60]}' stands twice in it")


def _sheet(data: object, source: str, fallback: str) -> Sheet:
    if not isinstance(data, Mapping):
        raise UsageError("a sheet is an object with 'student', 'problem' and 'answers'")
    for key in data:
        if key not in KEYS:
            raise UsageError(f"'{str(key)[:60]}' is nothing that a sheet has; it has {', '.join(KEYS)}")
    if ("problems" in data) == ("problem" in data):
        raise UsageError("a sheet names its 'problem', or has a list of 'problems'")
    several = data.get("problems", [data])
    if not isinstance(several, list) or not several:
        raise UsageError("'problems' should be a list of objects with 'problem' and 'answers'")
    problems = tuple(_answered(one) for one in several)
    _once(one.problem for one in problems)
    student = name_of(data["student"], "'student'") if data.get("student") not in (None, "") else fallback
    return Sheet(student, problems, source, data.get("scheme"))


def _answered(data: object) -> Answered:
    if not isinstance(data, Mapping) or "problem" not in data:
        raise UsageError("each of 'problems' is an object with 'problem' and 'answers'")
    given, answers = data.get("given") or {}, data.get("answers") or {}
    if not isinstance(given, Mapping):
        raise UsageError("'given' should be an object such as {\"m\": 4}")
    if not isinstance(answers, Mapping):
        raise UsageError("'answers' should be an object: a part and what is answered to it")
    found = [_answer(name_of(part, "a part"), said) for part, said in answers.items()]
    return Answered(name_of(data["problem"], "'problem'"), with_duplicates_told(found), dict(given))


def _answer(part: str, said: object) -> Answer:
    if isinstance(said, Mapping):
        pairs = [(name_of(label, f"a line of part '{part}'"), text) for label, text in said.items()]
    else:
        pairs = [("", text) for text in (said if isinstance(said, list) else [said])]
    lines = []
    for label, text in pairs:
        if text is None or text == "":
            continue
        if isinstance(text, bool) or not isinstance(text, str | int | float):
            return Answer(part, (), "is neither a text nor a list of texts")
        lines.append(Line(str(text), label, f"part {part}"))
    return Answer(part, tuple(lines))
