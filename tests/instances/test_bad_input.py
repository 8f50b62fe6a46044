"""What is given by hand and cannot be used: one sentence with the place and the remedy."""

from __future__ import annotations

import pytest

from derive.catalogue import load
from derive.errors import AuthorError, UsageError
from derive.instances import with_given
from derive.language.given import check_given
from derive.reading.prose import prose_reader


def given(name: str, entries: dict[str, object]) -> None:
    problem = load(name)
    checked = check_given(problem, entries)
    subject = problem.called(checked.variant)
    with_given(subject, checked, prose_reader(subject))


@pytest.mark.parametrize(
    ("name", "entries", "message"),
    [
        (
            "bn_forward",
            {"Z": [[1, 2], [3, 3]], "eps": 0},
            r"needs var\[j\] \+ eps > 0, but var\[j\] \+ eps is 0 at j = 2",
        ),
        ("bn_forward", {"Z": [[1, 2], [3]]}, r"'Z\[2\]' has length 1, but m is 2"),
        ("bn_forward", {"Z": [[1, "nan"]]}, r"'Z\[1\]\[2\]' is \"nan\", but a number such as"),
        ("bn_forward", {"V": [4, -1, 9]}, r"'V\[2\]' is -1; it must be positive"),
        ("tanh_network_backprop", {"W2": [["a"]]}, r"'W2' has length 1; n \+ 1 must be at least 2"),
        ("tanh_network_backprop", {"W2": [["a"], [1]]}, r"'W2\[1\]\[1\]' is \"a\""),
        ("tanh_network_backprop", {"n": 2, "W2": [[1], [2]]}, r"'W2' has length 2, but n \+ 1 is 3"),
        ("tanh_network_backprop", {"W1": [[1, 2]]}, r"'W1' has length 1, but 2 is expected"),
        ("tanh_network_backprop", {"x1": 1}, "'x1' is computed by"),
        ("shared_weight_cnn", {"x": [1, 2]}, "'x' has length 2, but 3 is expected"),
        ("shared_weight_cnn", {"w3": "one"}, "'w3' is \"one\""),
        ("bn_update_rule", {"variant": "D"}, "'variant' is \"D\"; bn_update_rule has A, B, C"),
        ("bn_update_rule", {"variant": "C", "wout": [1, 2]}, "'wout' is not something bn_update_rule takes"),
        ("bn_update_rule", {"x": [[1, 1], [1, 1]], "eps": 0}, "at j = 1"),
        ("bn_backward", {"variant": "B"}, "'variant' is not something bn_backward takes"),
    ],
)
def test_one_sentence(name: str, entries: dict[str, object], message: str) -> None:
    with pytest.raises((UsageError, AuthorError), match=message) as caught:
        given(name, entries)
    assert "\n" not in str(caught.value)
    assert "--given" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "entries"),
    [
        ("tanh_network_backprop", {"x": "1/3"}), ("tanh_network_backprop", {"n": 3, "m": 2}),
        ("shared_weight_cnn", {"x": [1, 2, 3], "w3": 2}), ("shared_weight_cnn", {"w": [0, 0]}),
        ("bn_update_rule", {"variant": "B", "gamma": [1, "1/2"]}), ("tanh_mse", {"w": [1, 2]}),
        ("bn_forward", {"d": 2, "m": 5}),
    ],
)  # fmt: skip
def test_other_numbers_are_taken(name: str, entries: dict[str, object]) -> None:
    given(name, entries)
