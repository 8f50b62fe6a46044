"""`derive check` and `derive compare` from outside: JSON, statuses, batches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from derive.cli.main import run

RIGHT = r"\frac{\partial f}{\partial\beta} = \sum_i \frac{\partial f}{\partial y_i}"
WRONG = r"\frac{\partial f}{\partial\beta} = \sum_i \hat x_i"


@pytest.mark.parametrize(
    ("words", "status", "verdict"),
    [
        (["check", "bn_backward", RIGHT], 0, "proved"),
        (["check", "bn_backward", WRONG], 1, "refuted"),
        (["check", "bn_backward", r"\mu = \foo"], 3, "unreadable"),
        (["check", "tanh_mse", r"\lim_{|z_n| \to \infty} \frac{\partial E}{\partial w_c} = 0"], 4, "depends"),
        (["check", "bn_backward", "sum(dy[i], i)", "--part", "beta"], 0, "proved"),
        (["check", "bn_forward", r"\mu_1 = 2", "--given", '{"Z": [[1, 3]]}'], 0, "proved"),
        (["compare", "2x", "x + x"], 0, "proved"),
        (["compare", "2x", "3x"], 1, "refuted"),
    ],
)
def test_status_and_json(words: list[str], status: int, verdict: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*words, "--json"]) == status
    captured = capsys.readouterr()
    assert captured.err == ""
    found = json.loads(captured.out)
    assert found["verdict"] == verdict
    assert {"verdict", "scope", "read_as"} <= found.keys()
    if verdict == "refuted":
        assert found["counterexample"].keys() == {"sizes", "values", "left", "right"}
    if verdict == "unreadable":
        assert found["error"].keys() == {"message", "position", "excerpt"}
    assert run(words) == status
    assert capsys.readouterr().out.startswith(verdict)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["check", "bn_backwards", RIGHT], "Did you mean 'bn_backward'"),
        (["check", "bn_backward", RIGHT, "--part", "gama"], "Did you mean 'gamma'"),
        (["check", "bn_backward"], "check takes a problem and a statement"),
        (["check"], "check takes a problem and a statement"),
        (["compare", "2x"], "compare takes a gold answer"),
        (["check", "--batch", "/nowhere"], "cannot be read"),
        (["check", "bn_backward", RIGHT, "--given", "{"], "is not JSON"),
    ],
)
def test_wrong_calls(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words) == 2
    assert message in capsys.readouterr().err


def test_batch_has_a_row_for_each_row_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {"id": "a", "problem": "bn_backward", "statement": RIGHT},
        {"id": "b", "problem": "nowhere", "statement": RIGHT},
        {"id": "c", "problem": "bn_forward", "statement": r"\mu_1 = 2", "given": {"Z": [[1, 3]]}},
        {"id": "d", "problem": "bn_backward"},
        {"id": "e", "problem": "bn_backward", "statement": "sum(dy[i], i)", "part": "beta"},
    ]
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows) + "not json\n[1]\n")
    assert run(["check", "--batch", str(file)]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["id"] for row in found] == ["a", "b", "c", "d", "e", 6, 7]
    assert [row["verdict"] for row in found] == ["proved", "unreadable", "proved", "unreadable", "proved"] + [
        "unreadable"
    ] * 2
    assert "no problem has the id 'nowhere'" in found[1]["error"]["message"]


def test_batch_of_pairs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps({"id": 1, "gold": "2x", "answer": "x+x"}) + "\n")
    assert run(["compare", "--batch", str(file)]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "id": 1,
        "verdict": "proved",
        "scope": "all sizes",
        "read_as": "x + x",
    }
