"""Every number that the problems state or a textbook prints, exact or in correct decimals."""

from __future__ import annotations

import json
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from derive.algebra.decimals import rounded, significant, terminating
from derive.catalogue import load
from derive.engines.derive import derive_problem
from derive.language.derivation import Report
from derive.language.given import Given, check_given
from derive.pipeline import solve
from derive.verification.report import examine


@cache
def report(name: str, variant: str = "") -> Report:
    return examine(derive_problem(load(name).called(variant)), ("unrolled",))


def values(name: str, variant: str = "") -> dict[str, object]:
    worked = report(name, variant).worked
    assert worked is not None
    return worked.parts


def test_bn_forward() -> None:
    found = values("bn_forward")
    assert found["mu"] == ("13", "5", "0")
    assert found["var"] == ("1", "25", "25")
    assert found["zhat"] == (("-1", "1", "1", "-1"),) * 3
    assert found["ztilde"] == (("-1", "1", "1", "-1"), ("-11", "-9", "-9", "-11"), ("9", "11", "11", "9"))


def test_tanh_network_backprop() -> None:
    found = values("tanh_network_backprop")
    assert found["s1"] == ("7/10", "1")
    assert found["x1"] == ("1", "≈0.604368", "≈0.761594")
    assert found["s2"] == ("≈-1.48041",)
    assert found["x2"] == ("1", "≈-0.901546")
    assert (found["s3"], found["x3"]) == ("≈-0.803091", "≈-0.803091")
    assert (found["delta3"], found["delta2"]) == ("≈-3.60618", ("≈-1.35027",))
    assert found["delta1"] == ("≈-0.857067", "≈1.70123")
    assert found["dW1"] == (("≈-0.857067", "≈1.70123"), ("≈-1.71413", "≈3.40246"))
    assert found["dW2"] == (("≈-1.35027",), ("≈-0.816057",), ("≈-1.02835",))
    assert found["dW3"] == ("≈-3.60618", "≈3.25114")


def test_shared_weight_cnn() -> None:
    found = values("shared_weight_cnn")
    assert (found["q"], found["h"]) == (("3/2", "1/2"), ("3/2", "1/2"))
    assert (found["z"], found["y"], found["J"]) == (("2", "2"), ("1/2", "1/2"), "log(2)")
    assert found["dJdy"] == ("-2", "0")
    assert found["dydz"] == (("1/4", "-1/4"), ("-1/4", "1/4"))
    assert found["dJdz"] == ("-1/2", "1/2")
    assert (found["dJdh"], found["dJdq"], found["dw1"]) == (("0", "0"), ("0", "0"), "0")


def test_bn_update_rule() -> None:
    assert report("bn_update_rule").worked is not None
    exact = values("bn_update_rule", "C")
    assert exact["gamma"] == ("4/27", "5808/42875")
    assert exact["update"] == ("-2/135 + log(2)", "-2904/214375 + log(3)")
    assert all("≈" in str(value) for value in values("bn_update_rule", "B").values())


def test_tanh_mse() -> None:
    found = values("tanh_mse")
    assert found["dtanh"] == ("16/25", "9/25", "144/1369")
    assert found["gradient"] == ("1596896/6331625", "-327918/6331625")
    sides = found["limit"]
    assert isinstance(sides, dict)
    assert all(Fraction(low) <= Fraction(high) for low, high in zip(sides["left"], sides["right"], strict=True))


def test_json_has_the_values(tmp_path: Path) -> None:
    parts = solve(load("tanh_network_backprop"), out=tmp_path, formats=("tex",), oracles=()).as_json()["parts"]
    assert isinstance(parts, list)
    by_id = {part["id"]: part["value"] for part in json.loads(json.dumps(parts))}
    assert by_id["s1"] == ["7/10", "1"]
    assert by_id["x1"] == ["1", "0.604368 (rounded to 6 digits)", "0.761594 (rounded to 6 digits)"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(2, 3), "0.666667"), (Fraction(-1, 8), "-0.125000"), (Fraction(1234567), "1.23457e6"),
        (Fraction(999999, 1), "999999"), (Fraction(9999996, 10), "1.00000e6"), (Fraction(1, 30000), "3.33333e-5"),
        (Fraction(1, 3 * 10**9), "3.33333e-10"), (Fraction(0), "0"), (Fraction(99999951, 10**8), "1.00000"),
    ],
)  # fmt: skip
def test_significant(value: Fraction, text: str) -> None:
    assert significant(value) == text


def test_terminating() -> None:
    assert [terminating(Fraction(*pair)) for pair in ((7, 10), (-1, 4), (1, 3), (5, 1), (0, 1))] == [
        "0.7", "-0.25", "", "5", "0",
    ]  # fmt: skip


def test_rounding_never_trusts_a_short_enclosure() -> None:
    """A number that ends in ...4999999 down to the 30th digit: 64 bits cannot tell which way it rounds."""
    from flint import arb

    exact = Fraction(1234565, 10**6) - Fraction(1, 10**30)
    found = rounded(lambda bits: arb(exact.numerator) / arb(exact.denominator))
    assert found.text == "1.23456"


def test_a_variant_by_given() -> None:
    problem = load("bn_update_rule")
    assert check_given(problem, {"variant": "B"}) == Given(variant="B")
    assert problem.called("A") is problem
    assert "v" in check_given(problem, {"variant": "B", "v": [[1, 2]]}).values
