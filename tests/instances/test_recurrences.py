"""Numbers for a recurrence: given sequences have an entry a step, the others go on with their last one."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from derive.catalogue import load
from derive.cli.main import run
from derive.instances import with_given
from derive.language.given import check_given
from derive.language.problem import Problem
from derive.language.recurrence import Recurrence
from derive.reading.prose import prose_reader
from derive.verification.simulation import simulated


def asked(entries: dict[str, object]) -> Problem:
    problem = load("momentum_forms")
    return with_given(problem, check_given(problem, entries), prose_reader(problem))


@pytest.mark.parametrize(
    ("entries", "steps"), [({"alpha": "1/5"}, 4), ({"g": [1, 2]}, 2), ({"n": 7}, 7), ({"g": [0] * 9, "n": 9}, 9)]
)
def test_as_many_steps_as_asked_for(entries: dict[str, object], steps: int) -> None:
    problem = asked(entries)
    assert isinstance(problem.program, Recurrence)
    values = simulated(problem.program, problem.instance)
    theta, phi = values["theta"], values["phi"]
    assert isinstance(theta, tuple)
    assert theta == phi
    assert len(theta) == steps + 1


def test_the_first_step_is_the_learning_rate_times_the_gradient() -> None:
    problem = asked({"alpha": "1/3", "first": 2, "g": [6]})
    assert isinstance(problem.program, Recurrence)
    theta = simulated(problem.program, problem.instance)["theta"]
    assert isinstance(theta, tuple)
    assert Fraction(theta[1]) == 2 - Fraction(1, 3) * 6


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"g": []}, "'g' has length 0, and every step is printed; give from 1 to 16 steps"),
        ({"g": [1, 2], "eta": [1]}, "'eta' has length 1, but 'g' has length 2; give both for as many steps"),
        ({"n": 3, "g": [1, 2]}, "'n' is 3, but 'g' has length 2; give both for as many steps"),
        ({"n": 17}, "'n' is 17, and every step is printed; give from 1 to 16 steps"),
        ({"n": 0}, "'n' is 0; it must be from 1"),
        ({"n": -1}, "'n' is -1; it must be from 1"),
        ({"g": [1, "x"]}, '\'g[2]\' is "x", but a number such as 2, 0.5 or "1/3" is expected'),
        ({"g": 3}, "'g' is 3, but a list of numbers is expected"),
        ({"beta": None}, "'beta' is null, but a number such as"),
        ({"theta": [1]}, "'theta' is computed by momentum_forms; give what it is computed from"),
    ],
)
def test_one_sentence(
    entries: dict[str, object], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert run(["momentum_forms", "--given", json.dumps(entries)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_the_document_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["momentum_forms", "--given", '{"g": [1, 2, 3, 4, 5, 6, 7, 8]}']) == 0
    assert (tmp_path / "out/momentum_forms.pdf").is_file()
