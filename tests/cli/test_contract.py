"""The command line from outside: statuses, streams, and what is not imported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("sympy", "rich", "jinja2", "flint", "mpmath", "typst", "torch", "numpy")


def derive(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "derive", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )


def test_list() -> None:
    done = derive("list")
    assert done.returncode == 0
    assert "bn_backward" in done.stdout
    assert "Gradients of batch normalization" in done.stdout


def test_list_as_json() -> None:
    problems = json.loads(derive("list", "--json").stdout)["problems"]
    assert {"id": "bn_backward", "title": "Gradients of batch normalization"} in problems


def test_version_and_help() -> None:
    assert derive("--version").stdout == "derive 0.1.0\n"
    shown = derive("--help").stdout
    for word in ("PROBLEM", "list", "--given", "--out", "--format", "--engine", "--oracles", "--json"):
        assert word in shown
    assert derive("list", "--help").returncode == 0
    assert derive().returncode == 2


@pytest.mark.parametrize("words", [("list",), ("--help",), ("--version",), ("list", "--json")], ids=" ".join)
def test_light_commands_import_nothing_heavy(words: tuple[str, ...]) -> None:
    code = (
        "import sys\n"
        "from derive.cli.main import run\n"
        f"assert run({list(words)!r}) == 0\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (("bn_backwards",), 2, "no problem has the id 'bn_backwards'. Did you mean 'bn_backward'"),
        (("./none.py",), 2, "there is no file none.py"),
        (("list", "--foo"), 2, "--foo"),
        (("bn_backward", "--format", "dvi"), 2, "'dvi' is no format"),
        (("bn_backward", "--format", ","), 2, "at least one format"),
        (("bn_backward", "--engine", "word"), 2, "word"),
        (("bn_backward", "--oracles", "unroled"), 2, "Did you mean 'unrolled'"),
        (("bn_backward", "--given", "{"), 2, "is not JSON at column 2"),
        (("bn_backward", "--given", '{"m": "4"}'), 2, "'m' is a size"),
        (("bn_backward", "--given", '{"m": 4, "m": 5}'), 2, "'m' is given twice"),
        (("bn_backward", "--given", '{"eps": NaN}'), 2, "NaN is not a number here"),
        (("bn_backward", "--given", "[" * 100_000), 2, "cannot be read"),
        (("bn_backward", "--given", "none.json"), 2, "neither a JSON object"),
        (("bn_backward", "--given", '{"m": 1%s}' % ("0" * 5000)), 2, "cannot be read"),
        (("bn_backward", "layer_norm"), 2, "layer_norm"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_input_is_one_line(words: tuple[str, ...], status: int, message: str) -> None:
    done = derive(*words)
    assert done.returncode == status
    assert done.stdout == ""
    assert message in done.stderr
    assert done.stderr.startswith("derive: ")
    assert done.stderr.count("\n") == 1


def test_with_json_an_error_is_one_object_too() -> None:
    done = derive("bn_backwards", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout) == {"error": {"message": done.stderr.removeprefix("derive: ").strip()}}


def test_options_may_come_first() -> None:
    assert derive("--json", "bn_backwards").returncode == 2


def test_a_fault_of_ours_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from derive import catalogue
    from derive.cli.main import run

    def fail(*words: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(catalogue, "load", fail)
    assert run(["bn_backward"]) == 5
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "a fault of ours" in error
    assert "RuntimeError: two lines" in error
    assert "DERIVE_TRACEBACK=1" in error


def test_a_closed_pipe_is_no_fault() -> None:
    done = subprocess.run(
        f"{sys.executable} -m derive list | true", shell=True, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
