"""Claims on shapes, counts, costs and receptive fields, as students write them.

Their truth was worked out by hand and with PyTorch, apart from this package. What is true as arithmetic and not the
answer is `ambiguous`, like what is right under a convention alone; a `sentence` says more than one value. `expected` is
the verdict where it follows from more than the truth: what holds at the numbers of the worked instance depends on them.
`python tests/submissions/test_unseen_counts.py` prints the small table and those that come out otherwise than expected.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from derive.checking import check
from derive.language.judgement import Judgement

FILES = ("unseen_counts.jsonl", "unseen_counts_again.jsonl", "unseen_counts_third.jsonl")
CLAIMS: list[dict[str, Any]] = [
    json.loads(line)
    for name in FILES
    for line in (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
]
EXPECTED = {"right": "proved", "wrong": "refuted", "ambiguous": "depends", "conceptual": "unreadable"}


@cache
def judged(place: int) -> Judgement:
    claim = CLAIMS[place]
    return check(claim["problem"], claim["statement"], part=claim.get("part", ""))


def found() -> list[tuple[dict[str, Any], Judgement]]:
    return [(claim, judged(place)) for place, claim in enumerate(CLAIMS)]


def otherwise() -> list[str]:
    return [c["id"] for c, j in found() if j.verdict != expected(c) and c["kind"] != "sentence"]


def expected(claim: dict[str, Any]) -> str:
    return str(claim.get("expected", EXPECTED[claim["truth"]]))


def test_no_true_claim_is_refuted() -> None:
    assert [c["id"] for c, j in found() if c["truth"] in ("right", "ambiguous") and j.verdict == "refuted"] == []


def test_no_false_claim_is_proved() -> None:
    assert [c["id"] for c, j in found() if c["truth"] in ("wrong", "ambiguous") and j.verdict == "proved"] == []


def test_agreement() -> None:
    asked = [claim for claim in CLAIMS if claim["kind"] != "sentence"]
    assert len(otherwise()) <= 0.04 * len(asked), otherwise()


def test_what_says_more_than_a_value_is_judged_rightly_or_not_at_all() -> None:
    sentences = [(c, j) for c, j in found() if c["kind"] == "sentence"]
    assert [c["id"] for c, j in sentences if j.verdict not in ("unreadable", EXPECTED[c["truth"]])] == []


def test_what_is_not_read_says_what_is_missing() -> None:
    unread = [(c["id"], j.error) for c, j in found() if j.verdict == "unreadable"]
    assert [one for one, error in unread if error is None or len(error.message.split()) < 5] == []


def test_false_claims_are_explained() -> None:
    false = [(c, j) for c, j in found() if c["truth"] == "wrong" and j.verdict == "refuted"]
    silent = [c["id"] for c, j in false if not _kinds(j) & set(c["diagnosis"])]
    assert len(silent) <= 0.15 * len(false), silent


def test_a_refuted_number_is_shown_beside_the_right_one() -> None:
    false = [(c["id"], j.counterexample) for c, j in found() if j.verdict == "refuted"]
    assert [one for one, failure in false if failure is None or failure.left == failure.right] == []


def test_there_are_claims_of_every_kind() -> None:
    assert Counter(claim["truth"] for claim in CLAIMS).keys() == EXPECTED.keys()
    assert len({claim["problem"] for claim in CLAIMS}) == 10


def _kinds(found: Judgement) -> set[str]:
    """Each kind, also without 'in every layer'."""
    kinds = {finding.kind for finding in found.diagnosis}
    return kinds | {kind.removesuffix(" in every layer") for kind in kinds}


if __name__ == "__main__":
    table = Counter((claim["truth"], judgement.verdict) for claim, judgement in found())
    for (truth, verdict), number in sorted(table.items()):
        print(f"{truth:10} {verdict:10} {number:4}")
    for claim, judgement in found():
        silent = claim["truth"] == "wrong" and not _kinds(judgement) & set(claim["diagnosis"])
        if claim["id"] in otherwise() or silent:
            kinds = ", ".join(sorted(_kinds(judgement)))
            print(f"{claim['id']:20} {claim['truth']:10} {judgement.verdict:10} {kinds:24} {claim.get('mistake', '')}")
