"""What other systems publish about the files that they read, as schemas."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}

# https://gradescope-autograders.readthedocs.io/en/latest/specs/, section "Output format"
GRADESCOPE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "score": {"type": "number"},
        "execution_time": {"type": "number"},
        "output": {"type": "string"},
        "output_format": FORMAT,
        "test_output_format": FORMAT,
        "test_name_format": FORMAT,
        "visibility": VISIBILITY,
        "stdout_visibility": VISIBILITY,
        "extra_data": {"type": "object"},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "score": {"type": "number"},
                    "max_score": {"type": "number"},
                    "status": {"enum": ["passed", "failed"]},
                    "name": {"type": "string"},
                    "name_format": FORMAT,
                    "number": {"type": "string"},
                    "output": {"type": "string"},
                    "output_format": FORMAT,
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "visibility": VISIBILITY,
                    "extra_data": {"type": "object"},
                },
            },
        },
        "leaderboard": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "value"],
                "additionalProperties": False,
                "properties": {"name": {"type": "string"}, "value": {"type": ["number", "string"]},
                               "order": {"enum": ["asc", "desc"]}},
            },
        },
    },
    # a score at the top, or on each test
    "anyOf": [
        {"required": ["score"]},
        {"required": ["tests"], "properties": {"tests": {"items": {"required": ["score"]}}}},
    ],
}  # fmt: skip

# https://docs.prairielearn.com/externalGrading/, section "Grading results"
IMAGES = {
    "type": "array",
    "items": {"anyOf": [{"type": "string"}, {"type": "object", "required": ["url"], "properties": {
        "url": {"type": "string"}, "label": {"type": "string"}}}]},
}  # fmt: skip
PRAIRIELEARN: dict[str, Any] = {
    "type": "object",
    "properties": {
        "gradable": {"type": "boolean"},
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "message": {"type": "string"},
        "output": {"type": "string"},
        "images": IMAGES,
        "format_errors": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string"}, "description": {"type": "string"}, "message": {"type": "string"},
                    "output": {"type": "string"}, "points": {"type": "number"}, "max_points": {"type": "number"},
                    "images": IMAGES,
                },
            },
        },
    },
    "if": {"properties": {"gradable": {"const": False}}, "required": ["gradable"]},
    "else": {"required": ["score"]},
}  # fmt: skip
# https://docs.prairielearn.com/question/server/: what `grade` may change, and the type of what it finds
PRAIRIELEARN_DATA = {"params", "correct_answers", "submitted_answers", "format_errors", "partial_scores", "score",
                     "feedback"}  # fmt: skip
PARTIAL_SCORE: dict[str, Any] = {
    "type": "object",
    "required": ["score"],
    "additionalProperties": False,
    "properties": {"score": {"type": ["number", "null"], "minimum": 0, "maximum": 1}, "weight": {"type": "number"},
                   "feedback": {}},
}  # fmt: skip

# The schema junit-10.xsd of Jenkins' xUnit plugin: each element with the attributes that it must and may have, and
# what may stand in it.
TOLD = (set(), {"type", "message"}, set())
JUNIT: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": (
        {"name"}, {"time", "classname", "group"},
        {"skipped", "error", "failure", "rerunFailure", "rerunError", "flakyFailure", "flakyError", "system-out",
         "system-err"},
    ),
    "failure": TOLD, "error": TOLD, "skipped": TOLD,
}  # fmt: skip


def junit_faults(element: ElementTree.Element) -> list[str]:
    """Where a document is not as the schema says."""
    if element.tag not in JUNIT:
        return [f"{element.tag} is unknown"]
    required, allowed, inside = JUNIT[element.tag]
    found = [f"{element.tag} lacks {name}" for name in required - set(element.keys())]
    found += [f"{element.tag} has {name}" for name in set(element.keys()) - required - allowed]
    found += [f"{child.tag} in {element.tag}" for child in element if child.tag not in inside]
    if element.tag in ("testsuites", "testsuite", "testcase") and (element.text or "").strip():
        found.append(f"text in {element.tag}")
    return found + [fault for child in element for fault in junit_faults(child)]
