"""python -m derive PROBLEM, from outside."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ["gamma", "beta", "xhat", "var", "mu", "x"]
LIGHT = ("--oracles", "unrolled")


def derive(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "derive", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )


def test_a_line_a_part_then_the_files(tmp_path: Path) -> None:
    done = derive("bn_backward", *LIGHT, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines[: len(PARTS)]] == PARTS
    assert all("proved (all sizes)" in line for line in lines[: len(PARTS)])
    assert lines[len(PARTS) :] == ["wrote out/bn_backward.tex", "wrote out/bn_backward.pdf"]
    assert (tmp_path / "out/bn_backward.pdf").read_bytes().startswith(b"%PDF")


def test_the_json_contract(tmp_path: Path) -> None:
    done = derive("bn_backward", "--json", "--format", "tex", "--out", "here", *LIGHT, cwd=tmp_path)
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    assert set(answer) == {"problem", "title", "parts", "files", "pdf_engine"}
    assert [part["id"] for part in answer["parts"]] == PARTS
    for part in answer["parts"]:
        assert set(part) - {"value"} == {"id", "label", "equation", "verdict", "scope", "conditions", "evidence"}
        assert set(part["equation"]) == {"latex", "text"}
        assert (part["verdict"], part["scope"]) == ("proved", "all sizes")
        assert {evidence["oracle"] for evidence in part["evidence"]} >= {"normal form", "unrolled"}
    assert answer["files"] == ["here/bn_backward.tex"]
    assert answer["pdf_engine"] is None


def test_the_same_input_gives_the_same_output(tmp_path: Path) -> None:
    once = [derive("bn_backward", "--json", "--out", "a", *LIGHT, cwd=tmp_path) for _ in range(2)]
    assert once[0].stdout == once[1].stdout
    derive("bn_backward", "--out", "b", *LIGHT, cwd=tmp_path)
    for suffix in ("tex", "pdf"):
        assert (tmp_path / f"a/bn_backward.{suffix}").read_bytes() == (
            tmp_path / f"b/bn_backward.{suffix}"
        ).read_bytes()


def test_a_wrong_form_is_refuted_and_nothing_is_written(tmp_path: Path) -> None:
    source = (ROOT / "derive/problems/bn_backward.py").read_text()
    wrong = source.replace("* (m * dy[i] - Sum", "* (m * dy[i] + Sum")
    assert wrong != source
    (tmp_path / "wrong.py").write_text(wrong)
    done = derive("./wrong.py", *LIGHT, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    for word in ("part 'x'", "df/dy[i]", "m = ", "the left side is", "the right side is", "Nothing was written"):
        assert word in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("given", ['{"m": 4}', '{"m": 1}'])
def test_a_concrete_size(given: str, tmp_path: Path) -> None:
    assert derive("bn_backward", "--given", given, *LIGHT, cwd=tmp_path).returncode == 0


def test_a_name_that_is_a_file_is_no_folder_to_write_to(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    done = derive("bn_backward", *LIGHT, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "out" in done.stderr
    assert (tmp_path / "out").read_text() == "mine"


def test_misspelled_prose_is_the_authors(tmp_path: Path) -> None:
    source = (ROOT / "derive/problems/bn_backward.py").read_text()
    (tmp_path / "mine.py").write_text(source.replace('"batch variance, divided by $m$"', '"divided by $mm$"'))
    done = derive("./mine.py", cwd=tmp_path)
    assert done.returncode == 2
    assert "'mm' is not a name in bn_backward" in done.stderr
    assert not (tmp_path / "out").exists()
