"""A pytest plugin for autograders: points by test, and `--gradescope PATH` for Gradescope's results.json.

@pytest.mark.points(2)
def test_beta():
    derive.assert_answer("bn_backward", "beta", answer)

A test that passes earns its points; one whose assertion fails, or whose answer is refuted, earns none. One that stops
in any other way, is skipped, or has an answer that cannot be read or decided, has no score: a person looks at it.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path

import pytest

MAX_OUTPUT = 20_000


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--gradescope", metavar="PATH", help="write the points as Gradescope's results.json")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "points(n): what the test is worth, with --gradescope; 1 where nothing is said")
    path = config.getoption("--gradescope")
    if path:
        config.pluginmanager.register(Collector(Path(path)), "derive-gradescope")


class Collector:
    """Gathers the outcome of every test, and writes them all at the end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tests: dict[str, dict[str, object]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        found = self.tests.setdefault(item.nodeid, {"name": item.name, "max_score": points_of(item)})
        if call.excinfo is not None:
            raised = call.excinfo.value
            wrong = report.failed and call.when == "call" and isinstance(raised, AssertionError)
            self._stopped(found, str(raised), wrong and getattr(raised, "verdict", "refuted") == "refuted")
        elif call.when == "call" and report.passed:
            found |= {"score": found["max_score"], "status": "passed"}
        return report

    def _stopped(self, found: dict[str, object], why: str, wrong: bool) -> None:
        found.pop("score", None)
        found.pop("status", None)
        found["output_format"] = "text"
        found["output"] = (why if wrong else f"needs a person: {why}")[:MAX_OUTPUT]
        if wrong:
            found |= {"score": 0, "status": "failed"}

    def pytest_sessionfinish(self) -> None:
        scores = [test["score"] for test in self.tests.values() if isinstance(test.get("score"), int | float)]
        total = sum(score for score in scores if isinstance(score, int | float))
        text = json.dumps({"score": total, "tests": list(self.tests.values())}, indent=1)
        self.path.write_text(text + "\n", encoding="utf-8")


def points_of(item: pytest.Item) -> int | float:
    """What the marker says; 1 without one. Raises UsageError where it is no number from 0 on."""
    marker = item.get_closest_marker("points")
    if marker is None:
        return 1
    value = marker.args[0] if len(marker.args) == 1 else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise pytest.UsageError(f"{item.nodeid}: points(n) takes one number from 0 on")
    return value
