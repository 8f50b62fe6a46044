"""Claims about the built-in problems in several hands, written before they were judged, their truth worked out apart.

`expected` is the verdict where it follows from more than the truth: numbers of the worked instance `depend` on it as
long as none are given. `python tests/submissions/test_unseen.py` prints those that come out otherwise.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from derive.checking import check
from derive.language.judgement import Judgement

FILES = ("unseen", "unseen_again", "unseen_third", "unseen_fourth")
OTHERWISE = {"unseen_third": 0.04, "unseen_fourth": 0.04}  # norms and dots in networks, and second derivatives
EXPECTED = {"right": "proved", "wrong": "refuted", "ambiguous": "depends"}


@cache
def found(name: str) -> list[tuple[dict[str, Any], Judgement]]:
    text = (Path(__file__).parent / f"{name}.jsonl").read_text(encoding="utf-8")
    claims: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]
    return [(c, check(c["problem"], c["statement"], given=c.get("given"), part=c.get("part", ""))) for c in claims]


def expected(claim: dict[str, Any]) -> str:
    return str(claim.get("expected", EXPECTED[claim["truth"]]))


@pytest.mark.parametrize("name", FILES)
def test_no_true_claim_is_refuted(name: str) -> None:
    assert [c["id"] for c, j in found(name) if c["truth"] != "wrong" and j.verdict == "refuted"] == []


@pytest.mark.parametrize("name", FILES)
def test_no_false_claim_is_proved(name: str) -> None:
    assert [c["id"] for c, j in found(name) if c["truth"] == "wrong" and j.verdict in ("proved", "depends")] == []


@pytest.mark.parametrize("name", FILES)
def test_agreement(name: str) -> None:
    otherwise = [c["id"] for c, j in found(name) if j.verdict != expected(c)]
    assert len(otherwise) <= OTHERWISE.get(name, 0.03) * len(found(name)), otherwise


@pytest.mark.parametrize("name", FILES)
def test_claims_of_every_kind_and_hand(name: str) -> None:
    claims = [claim for claim, _ in found(name)]
    assert len({claim["id"] for claim in claims}) == len(claims)
    assert len({claim["problem"] for claim in claims}) >= 10
    assert {"right", "wrong"} <= {claim["truth"] for claim in claims}


if __name__ == "__main__":
    for file in FILES:
        for claim, judgement in found(file):
            if judgement.verdict != expected(claim):
                print(f"{claim['id']:28} {claim['truth']:10} {judgement.verdict:10} {claim['statement']}")
