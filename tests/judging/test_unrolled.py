"""Sequences written out as sums: proved by induction, with the last terms of the sums apart."""

from __future__ import annotations

import pytest

from derive.checking import check

SUMS = [
    (r"v^{k+1}=\sum_{j=0}^{k}\beta^{%s}g^j", "k-j", "k-j+1"),
    (r"v^{k}=\sum_{j=0}^{k-1}\beta^{%s}g^j", "k-1-j", "k-j"),
    (r"\theta^{k+1}=\theta^0-\alpha\sum_{j=%s}^{k+1}v^j", "1", "2"),
    (r"\theta^{k}=\theta^0-\alpha\sum_{j=1}^{%s}v^j", "k", "k-1"),
    (r"\theta^{k+1}=\theta^0-\alpha\sum_{j=0}^{k}v^{%s}", "j+1", "j"),
    (r"\theta^{k+1}=\theta^k-\alpha\sum_{j=0}^{k}\beta^{%s}g^j", "k-j", "j"),
    (r"\theta^{k+1}=\theta^k-\alpha\sum_{j=0}^{k}\beta^{%s}g^{k-j}", "j", "j+1"),
    (r"\phi^k=\phi^0-\alpha\sum_{j=1}^{k}v^{%s}", "j", "j-1"),
]


@pytest.mark.parametrize(("text", "right", "wrong"), SUMS)
def test_sums_up_to_the_step_at_hand(text: str, right: str, wrong: str) -> None:
    found = check("momentum_forms", text % right)
    assert (found.verdict, found.scope) == ("proved", "all k >= 0")
    assert check("momentum_forms", text % wrong).verdict == "refuted"


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        (r"v^t = \sum_{j=0}^{t-1} \beta^{t-1-j} g^j", "proved"),
        (r"v^t = \sum_{j=0}^{t-1} \beta^{t-j} g^j", "refuted"),
        (r"v^{t+1} = \sum_{j=0}^{t} \beta^{t-j} g^j", "proved"),
        (r"\theta^t = \theta^0 - \alpha \sum_{j=1}^{t} v^j", "proved"),
        (r"\theta^t = \theta^0 - \alpha \sum_{j=0}^{t} v^j + t", "refuted"),
    ],
)
def test_another_letter_for_the_step_stands_in_ends_and_exponents_too(statement: str, verdict: str) -> None:
    assert check("momentum_forms", statement).verdict == verdict
