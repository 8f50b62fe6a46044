"""What a scheme asks for: value and reasoning apart, conventions, and mistakes in the scheme itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from grading.serial import marks_of
from grading.test_marks import BETA_RIGHT, GAMMA, GAMMA_RIGHT, MU_CARRIED, ROUTE, VAR, VAR_CARRIED, XHAT, XHAT_WRONG, df

from derive.cli.main import run
from derive.errors import UsageError
from derive.grading.marks import Mark
from derive.grading.scheme import PartScheme, scheme_for

TWO = {"points": {"gamma": {"value": 2, "reasoning": 1}}}
RIGHT = f"= \\sum_i {df('y_i')} \\hat x_i"


def shares(mark: Mark) -> list[tuple[str, float, float]]:
    return [(one.name, float(one.earned), float(one.open)) for one in mark.shares]


@pytest.mark.parametrize(
    ("said", "value", "reasoning", "why"),
    [
        ([ROUTE, GAMMA_RIGHT], (2, 0), (1, 0), "each line is proved"),
        (f"{ROUTE} {RIGHT}", (2, 0), (1, 0), "each line is proved"),
        (GAMMA_RIGHT, (2, 0), (0, 1), "words are read by a person"),
        ([GAMMA_RIGHT, "0 = 0"], (2, 0), (0, 1), "words are read by a person"),
        ([GAMMA_RIGHT, r"\gamma = \gamma"], (2, 0), (0, 1), "words are read by a person"),
        ([r"\hat x_i = x_i", GAMMA_RIGHT], (2, 0), (0, 0), "a line of it is false: '\\hat x_i = x_i'"),
        (rf"{GAMMA} = \sum_i \hat x_i {RIGHT}", (2, 0), (0, 0), "a line of it is false"),
        ([r"y_i = \foo", GAMMA_RIGHT], (2, 0), (0, 1), "left to a person: cannot be read"),
        ([ROUTE, rf"{GAMMA} = 0"], (0, 0), (1, 0), "each line is proved"),
        (
            rf"{GAMMA} = \sum_i {df('y_i')}\frac{{\partial y_i}}{{\partial\gamma}}",
            (0, 2),
            (1, 0),
            "it leads back to what is asked",
        ),
        (rf"{ROUTE} = \sum_i \hat x_i", (0, 0), (0, 1), "which of its steps hold is left to a person"),
        ([BETA_RIGHT, ROUTE], (0, 2), (1, 0), "each line is proved"),
    ],
)
def test_value_and_reasoning_apart(said: object, value: tuple[int, int], reasoning: tuple[int, int], why: str) -> None:
    mark = marks_of({"gamma": said}, scheme=TWO)["gamma"]
    assert shares(mark) == [("value", *value), ("reasoning", *reasoning)], mark.reason
    assert why in mark.reason
    assert (mark.earned, mark.open, mark.of) == (value[0] + reasoning[0], value[1] + reasoning[1], 3)
    assert mark.reason.startswith("value: ")


def test_a_carried_value_and_its_reasoning() -> None:
    scheme = {"points": {"var": {"value": 2, "reasoning": 1}, "mu": {"value": 2, "reasoning": 1}}, "carried": 0.5}
    route = rf"{VAR} = \sum_i {XHAT} \frac{{\partial \hat{{x}}_i}}{{\partial\sigma^2}}"
    marks = marks_of({"xhat": XHAT_WRONG, "var": [route, VAR_CARRIED], "mu": MU_CARRIED}, scheme=scheme)
    assert shares(marks["var"]) == [("value", 1, 0), ("reasoning", 1, 0)]
    assert (marks["var"].status, marks["var"].earned) == ("carried", 2)
    assert "error carried forward: it is what follows from the answer given to 'xhat'" in marks["var"].reason
    assert shares(marks["mu"]) == [("value", 1, 0), ("reasoning", 0, 1)]
    assert marks["mu"].status == "person"


def test_a_count_and_its_reasoning() -> None:
    scheme = {"points": {"params": {"value": 2, "reasoning": 1}, "madds_conv1": {"value": 2, "reasoning": 1}}}
    marks = marks_of({"params": "294,192 + 1,179,648 = 1,474,560"}, "conv_cost", scheme)
    assert shares(marks["params"]) == [("value", 2, 0), ("reasoning", 0, 0)]
    marks = marks_of({"params": "294,912 + 1,179,648 = 1,474,560"}, "conv_cost", scheme)
    assert shares(marks["params"]) == [("value", 2, 0), ("reasoning", 1, 0)]
    marks = marks_of({"params": "1,474,560"}, "conv_cost", scheme)
    assert shares(marks["params"]) == [("value", 2, 0), ("reasoning", 0, 1)]
    said = {"shape_conv1": "(256, 31, 31)", "madds_conv1": r"9\times128\times256\times31\times31 = 283,410,432"}
    assert shares(marks_of(said, "conv_cost", scheme)["madds_conv1"]) == [("value", 2, 0), ("reasoning", 1, 0)]


@pytest.mark.parametrize(
    ("said", "status", "reason"),
    [
        # what it comes to is right, what is said on the way is not
        (rf"{GAMMA} = \sum_i \hat x_i {RIGHT}", "person", "a line of its reasoning is"),
        # a route that rests on a convention, and an answer that does not
        (rf"{GAMMA} = {df('y_i')}\frac{{\partial y_i}}{{\partial\gamma}} {RIGHT}", "right", "on the way is right"),
        (rf"{GAMMA} = \sum_i {df('y_i')} \hat x_i = 0", "wrong", ""),
    ],
)  # fmt: skip
def test_a_chain_is_marked_by_its_last_value(said: str, status: str, reason: str) -> None:
    mark = marks_of({"gamma": said})["gamma"]
    assert mark.status == status
    assert reason in mark.reason


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (rf"g = \sum_i {df('y_i')} \hat x_i", "right"),  # under a name of its own
        ("k = 3", "person"),
        ([GAMMA_RIGHT, "k = 3"], "right"),
        ([rf"{GAMMA} = 0", "k = 3"], "wrong"),
    ],
)
def test_a_name_of_its_own_is_the_answer_only_where_it_is_right(said: object, status: str) -> None:
    assert marks_of({"gamma": said})["gamma"].status == status


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"points": {"gamma": {"value": 2}}}, "part 'gamma': it has no 'reasoning'"),
        ({"points": {"gamma": {"reasoning": 2}}}, "part 'gamma': it has no 'value'"),
        ({"points": {"gamma": {"value": 2, "reasoning": -1}}}, "part 'gamma', reasoning: points are a number from 0"),
        ({"points": {"gamma": {"value": 2, "reasoning": 1, "points": 4}}}, "3 points together; leave 'points' out"),
        ({"points": {"gamma": {"value": 2, "reasoning": 1, "lines": {"a": 1}}}}, "it has 'lines' and both"),
        ({"points": {"gamma": {"value": 2, "reason": 1}}}, "'reason' is not known. Did you mean 'reasoning'"),
        ({"points": {"gamma": {"any_true_line": 1}}}, "'any_true_line' is true or false"),
        ({"depends": "ful"}, "'depends' is a number from 0 to 1, or full, none, person. Did you mean 'full'"),
        ({"points": {"gamma": {"depends": "half"}}}, "part 'gamma': 'depends' is a number from 0 to 1, or full"),
        ({"points": [1]}, "'points': this should be an object of names and values, such as {gamma: 2}"),
        ({"problems": {"bn_backward": [1]}}, "bn_backward: this should be an object"),
        ({"problems": {"bn_backward": {"problems": {}}}}, "'problems' is not known"),
        ({"problems": {"bn_backwards": {}}}, "no problem has the id 'bn_backwards'. Did you mean 'bn_backward'"),
        ({"carried": -0.5}, "'carried': a share is a number from 0 to 1, such as 0.5"),
        ({"given": [4]}, "'given': this should be an object"),
    ],
)  # fmt: skip
def test_a_wrong_scheme_is_told_with_its_place_and_the_remedy(
    data: object, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scheme, sheet = tmp_path / "points.json", tmp_path / "s.json"
    scheme.write_text(json.dumps(data))
    sheet.write_text(json.dumps({"problem": "bn_backward", "answers": {"gamma": ""}}))
    assert run(["grade", str(sheet), "--scheme", str(scheme)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith(f"derive: --scheme: {scheme}")
    assert message in line


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("points: {gamma: [", "it is not YAML"),
        ("points: {gamma: 1, gamma: 2}", "'gamma' stands twice in it"),
        ("- 1", "should be an object"),
        ("\x00", "it is not YAML"),
    ],
)
def test_a_scheme_that_is_no_scheme(
    text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scheme, sheet = tmp_path / "points.yaml", tmp_path / "s.json"
    scheme.write_text(text)
    sheet.write_text('{"problem": "bn_backward", "answers": {"gamma": ""}}')
    assert run(["grade", str(sheet), "--scheme", str(scheme)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"derive: --scheme: {scheme}: ")
    assert message in line


def test_a_share_for_a_convention_in_words() -> None:
    found = scheme_for({"depends": "full", "points": {"gamma": {"depends": "person"}}}, "p", ("gamma", "beta"), "s")
    assert found.part("gamma").depends is None
    assert found.part("beta").depends == 1
    assert scheme_for({"depends": "none"}, "p", (), "s").part("x") == PartScheme(depends=0 * PartScheme().points)
    with pytest.raises(UsageError, match="full, none, person"):
        scheme_for({"depends": "some"}, "p", (), "s")
