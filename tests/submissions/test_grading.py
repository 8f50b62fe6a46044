"""The two homework solutions as answer sheets, marked from end to end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from submissions.test_claims import CLAIMS, FOR_A_PERSON

from derive.cli.main import run

HERE = Path(__file__).parent
# The part under which a claim stands, by the beginning of its name.
PARTS = {
    "s000-q2-1-Zhat": "zhat", "s000-q2-1-mu": "mu", "s000-q2-1": "var", "s000-q2": "ztilde", "s000-q3a-y": "y",
    "s000-q3a": "A", "s000-q3b-d": "partials", "s000-q3b": "B", "s000-q3c": "flip", "s001-q3a": "gamma",
    "s001-q3b": "beta", "s001-q3c": "xhat", "s001-q3d": "var", "s001-q3e": "mu", "s001-q3f": "x",
}  # fmt: skip


def part_of(claim: dict[str, Any]) -> str:
    return next((part for start, part in PARTS.items() if claim["id"].startswith(start)), "")


def marked(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    status = run(["grade", *words, "--json"])
    captured = capsys.readouterr()
    assert captured.err == ""
    found: dict[str, Any] = json.loads(captured.out)
    return status, found


@pytest.mark.parametrize("student", ["s000", "s001"])
def test_every_line_is_marked_as_it_is_judged(student: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each claim a line with a label, as in a sheet whose lines the course has named, one point each."""
    claims = [claim for claim in CLAIMS if claim["id"].startswith(student) and part_of(claim)]
    problems: dict[str, dict[str, Any]] = {}
    for claim in claims:
        own = problems.setdefault(claim["problem"], {"problem": claim["problem"], "answers": {}})
        own["answers"].setdefault(part_of(claim), {})[claim["id"]] = claim["statement"]
        own |= {"given": claim["given"]} if "given" in claim else {}
    scheme = {
        name: {
            "points": {
                part: {"lines": dict.fromkeys(lines, 1), "any_true_line": True}
                for part, lines in own["answers"].items()
            }
        }
        for name, own in problems.items()
    }
    sheet, points = tmp_path / "sheet.json", tmp_path / "scheme.json"
    sheet.write_text(json.dumps({"student": student, "problems": list(problems.values())}))
    points.write_text(json.dumps({"problems": scheme}))
    status, found = marked([str(sheet), "--scheme", str(points)], capsys)
    assert status == 4
    lines = {
        line["label"]: line
        for problem in found["sheets"][0]["problems"]
        for part in problem["parts"]
        for line in part["answers"]
    }
    assert len(lines) == len(claims)
    truth = {claim["id"]: claim["truth"] for claim in claims}
    assert [name for name, line in lines.items() if truth[name] != "right" and line.get("points")] == []
    assert [name for name, line in lines.items() if truth[name] != "wrong" and line.get("points") == 0] == []
    asked = [claim for claim in claims if claim["truth"] in ("right", "wrong") and claim["kind"] not in FOR_A_PERSON]
    expected = {"right": 1, "wrong": 0}
    decided = [
        claim["id"]
        for claim in asked
        if lines[claim["id"]].get("points") == expected[claim["truth"]]
        or "says the same" in lines[claim["id"]].get("note", "")
    ]
    assert len(decided) >= 0.97 * len(asked), sorted({claim["id"] for claim in asked} - set(decided))


def test_a_solution_as_it_was_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whole displays under a heading a part: routes that rest on implied sums, then the answers."""
    scheme = tmp_path / "scheme.json"
    scheme.write_text('{"depends": 1}')
    status, found = marked([str(HERE / "s001.md"), "--scheme", str(scheme)], capsys)
    parts = {part["part"]: part for part in found["sheets"][0]["problems"][0]["parts"]}
    assert {name: part["status"] for name, part in parts.items()} == {
        **dict.fromkeys(("gamma", "beta", "xhat", "var", "mu"), "right"),
        "x": "person",  # its staged form is right, the last line is not
    }
    assert status == 4
    assert "rightly and wrongly" in parts["x"]["reason"]
    assert "indices that stand twice in a term are summed over" in parts["gamma"]["reason"]
    # without a word on conventions in the scheme, a person decides on those
    status, found = marked([str(HERE / "s001.md")], capsys)
    assert found["sheets"][0]["points"] == 1
    assert found["sheets"][0]["open"] == 5
