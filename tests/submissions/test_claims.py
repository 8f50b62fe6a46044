"""Two homework solutions, claim by claim: what is right is not refuted, what is wrong is not proved.

The claims and their truth were worked out apart from this package. `python tests/submissions/test_claims.py` prints the
table of those that come out otherwise than expected, and of all false ones with their diagnosis.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from derive.checking import check
from derive.language.judgement import Judgement

CLAIMS: list[dict[str, Any]] = [
    json.loads(line) for line in (Path(__file__).parent / "claims.jsonl").read_text(encoding="utf-8").splitlines()
]
EXPECTED = {
    "right": ("proved",),
    "wrong": ("refuted",),
    "ambiguous": ("depends",),
    "conceptual": ("unreadable",),
}
FOR_A_PERSON = ("label", "coverage", "consistency", "conclusion", "free_text")


@cache
def judged(place: int) -> Judgement:
    claim = CLAIMS[place]
    return check(claim["problem"], claim["statement"], given=claim.get("given"), part=claim.get("part", ""))


def found() -> list[tuple[dict[str, Any], Judgement]]:
    return [(claim, judged(place)) for place, claim in enumerate(CLAIMS)]


def _is_asked(claim: dict[str, Any]) -> bool:
    """Not for a person."""
    return claim["kind"] not in FOR_A_PERSON


def test_no_true_claim_is_refuted() -> None:
    assert [c["id"] for c, j in found() if c["truth"] in ("right", "ambiguous") and j.verdict == "refuted"] == []


def test_no_false_claim_is_proved() -> None:
    assert [c["id"] for c, j in found() if c["truth"] in ("wrong", "ambiguous") and j.verdict == "proved"] == []


def test_agreement() -> None:
    asked = [(c, j) for c, j in found() if c["truth"] in ("right", "wrong") and _is_asked(c)]
    right = [c["id"] for c, j in asked if j.verdict in EXPECTED[c["truth"]]]
    assert len(right) >= 0.97 * len(asked), sorted({c["id"] for c, _ in asked} - set(right))


def test_what_is_for_a_person_is_left_to_a_person() -> None:
    wrong = [c["id"] for c, j in found() if c["truth"] == "conceptual" and j.verdict != "unreadable"]
    wrong += [
        c["id"]
        for c, j in found()
        if c["kind"] in FOR_A_PERSON and j.verdict not in ("unreadable", *EXPECTED[c["truth"]])
    ]
    assert wrong == []


def test_false_claims_are_explained() -> None:
    false = [(c, j) for c, j in found() if j.verdict == "refuted"]
    told = [c["id"] for c, j in false if {f.kind for f in j.diagnosis} & set(c.get("diagnosis", ()))]
    assert len(told) >= 0.85 * len(false), sorted({c["id"] for c, _ in false} - set(told))


@pytest.mark.parametrize("truth", EXPECTED)
def test_there_are_claims_of_every_kind(truth: str) -> None:
    assert any(claim["truth"] == truth for claim in CLAIMS)


if __name__ == "__main__":
    for claim, judgement in found():
        otherwise = judgement.verdict not in EXPECTED[claim["truth"]]
        if otherwise or claim["truth"] == "wrong":
            kinds = ", ".join(finding.kind for finding in judgement.diagnosis)
            print(f"{claim['id']:32} {claim['truth']:10} {judgement.verdict:10} {kinds:24} {claim.get('mistake', '')}")
