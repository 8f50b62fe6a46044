"""Finding problems, and what a wrong problem file is told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from derive import catalogue
from derive.cli.group import COMMANDS
from derive.errors import AuthorError, UsageError

HEAD = """\
from derive.language import Equation, Gradient, Problem, Program, Question, Sum, d, index, scalar, size, tensor
m = size("m")
i, j, k = index("i", m), index("j", m), index("k", m)
x, y, f, mu = tensor("x", i), tensor("y", i), scalar("f"), scalar("mu")
"""
GOOD = (
    HEAD
    + """\
PROBLEM = Problem(id="mine", title="Mine", statement="",
    program=Program((Equation(mu, Sum(j, x[j])), Equation(y[i], x[i] - mu)), loss=f, through=y),
    questions=(Question("x", Gradient(x)),))
"""
)


def test_titles_and_ids_are_those_of_the_problems() -> None:
    for entry in catalogue.entries():
        problem = catalogue.load(entry.id)
        assert (problem.id, problem.title) == (entry.id, entry.title)


def test_no_problem_is_named_like_a_command() -> None:
    assert not {entry.id for entry in catalogue.entries()} & set(COMMANDS)


def test_a_file_nobody_registered(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(GOOD)
    before = set(sys.modules)
    assert catalogue.load(str(path)).id == "mine"
    assert set(sys.modules) == before


def test_what_a_file_prints_goes_to_standard_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.py"
    path.write_text("print('hello')\n" + GOOD)
    catalogue.load(str(path))
    assert capsys.readouterr() == ("", "hello\n")


WRONG = {
    "syntax": ("x = 1\ny = = 2\n", "mine.py:2: invalid syntax, in: y = = 2"),
    "exception": ("x = 1\ny = x / 0\n", "mine.py:2: ZeroDivisionError: division by zero"),
    "exit": ("raise SystemExit(0)\n", "mine.py:1: SystemExit: 0"),
    "import": ("import nowhere_at_all\n", "mine.py:1: ModuleNotFoundError"),
    "nothing": ("x = 1\n", "defines no PROBLEM; end the file with"),
    "another": ("PROBLEM = 3\n", "PROBLEM is of type int"),
    "unbound": (HEAD + "Equation(y[i], x[k])\n", "mine.py:5: the equation for y: x[k] is read, but k is not bound"),
    "captured": (HEAD + "Equation(y[i], Sum(i, x[i]))\n", "mine.py:5: the equation for y: the sum over i captures i"),
    "shadowed": (HEAD + "Equation(mu, Sum(j, Sum(j, x[j])))\n", "mine.py:5: the equation for mu: a sum over j stands"),
    "id": (GOOD.replace('id="mine"', 'id="../mine"'), "the id '../mine' names the files"),
    "binary": ("\0", "mine.py"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_file_names_the_place(kind: str, tmp_path: Path) -> None:
    source, message = WRONG[kind]
    path = tmp_path / "mine.py"
    path.write_text(source)
    with pytest.raises(AuthorError) as caught:
        catalogue.load(str(path))
    assert message in str(caught.value)


def test_unknown_problems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").write_text(GOOD)
    (tmp_path / "latin.py").write_bytes(b"# \xe9\n")
    for name, message in [
        ("bn_backwrd", "Did you mean 'bn_backward'"),
        ("zzz", "There are bn_backward"),
        ("mine", "write ./mine"),
        ("./none.py", "there is no file none.py"),
        (str(tmp_path) + "/", "is a folder"),
    ]:
        with pytest.raises(UsageError) as caught:
            catalogue.load(name)
        assert message in str(caught.value)
    with pytest.raises(AuthorError, match="UTF-8"):
        catalogue.load("./latin.py")
