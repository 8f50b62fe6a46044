"""--given, checked against a problem."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from derive.catalogue import load
from derive.errors import UsageError
from derive.language.given import Given, check_given, with_instance

PROBLEM = load("bn_backward")


def test_sizes_and_exact_numbers() -> None:
    given = check_given(PROBLEM, {"x": [1, "1/3", "0.5"], "eps": 0.1, "dy": [1, 0, 0]})
    assert given == Given({"m": 3}, {"x": (1, "1/3", "1/2"), "eps": "1/10", "df/dy": (1, 0, 0)})


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([1], "an object such as"),
        ({"gama": 1}, "Did you mean 'gamma'"),
        ({"zzzz": 1}, "It takes"),
        ({"mu": 1}, "'mu' is computed by bn_backward"),
        ({"m": "4"}, "'m' is a size, so a whole number is expected, not \"4\""),
        ({"m": True}, "whole number"),
        ({"m": 4.0}, "whole number"),
        ({"m": 0}, "must be from 1"),
        ({"m": 10**9}, "must be from 1"),
        ({"m": 3, "x": [1, 2]}, "'x' has length 2, but m is given as 3"),
        ({"x": [1, 2], "dy": [1]}, "'dy' has length 1, but m is 2, the length of 'x'"),
        ({"x": 3}, "a list of numbers"),
        ({"x": []}, "is empty"),
        ({"x": [1, "one"]}, "'x[2]' is \"one\""),
        ({"x": [[1]]}, "'x[1]' is [1]"),
        ({"x": ["1/0"]}, "'x[1]' is \"1/0\""),
        ({"x": ["1e99999999"]}, "'x[1]' is \"1e99999999\", a number of more than 100 digits"),
        ({"x": ["1_0"]}, "but a number such as"),
        ({"x": ["\uff11"]}, "but a number such as"),
        ({"x": [float("nan")]}, "'x[1]'"),
        ({"eps": -1}, "'eps' is -1; it must not be negative"),
        ({"dy": [1], "df/dy": [1]}, "given twice"),
    ],
)
def test_each_mistake_names_its_entry(entries: object, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_given(PROBLEM, entries)
    assert message in str(caught.value)
    assert "--given" in str(caught.value)


def test_the_instance_gives_way_where_it_no_longer_fits() -> None:
    problem = replace(PROBLEM, instance={"x": (0, 1, 2), "gamma": 2, "df/dy": (1, 0, 0)})
    assert with_instance(problem, Given({"m": 4})).instance == {"gamma": 2, "m": 4}
    assert with_instance(problem, Given()) is problem
    same = with_instance(problem, Given({"m": 3}, {"gamma": 5}))
    assert same.instance == {"x": (0, 1, 2), "gamma": 5, "df/dy": (1, 0, 0), "m": 3}
