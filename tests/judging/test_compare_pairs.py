"""Pairs of answers of the kinds that public answer checkers test: never a false verdict, and most of them decided.

`python tests/judging/test_compare_pairs.py` prints how many of each kind are right, undecided and wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from derive import compare

WANTED = {"==": ("proved",), "!=": ("refuted",), "=+": ("depends", "refuted")}
FALSE = {"==": ("refuted",), "!=": ("proved",), "=+": ("proved",), "??": ("proved", "refuted")}
_PAIR = re.compile(r"(?P<gold>.+?) (?P<sign>==|!=|=\+|\?\?) (?P<answer>.+)")


@dataclass
class Group:
    kind: str
    sources: str
    least: int
    pairs: list[tuple[str, str, str]] = field(default_factory=list)


def groups() -> list[Group]:
    found: list[Group] = []
    for line in Path(__file__).with_name("compare_pairs.txt").read_text(encoding="utf8").splitlines():
        if line.startswith("## "):
            kind, sources, least = line[3:].split(" | ")
            found.append(Group(kind, sources, int(least)))
        elif found and line:
            match = _PAIR.fullmatch(line)
            assert match is not None, line
            found[-1].pairs.append((match["gold"], match["sign"], match["answer"]))
    return found


GROUPS = groups()


def test_there_are_enough() -> None:
    assert sum(len(group.pairs) for group in GROUPS) >= 530


@pytest.mark.parametrize("group", GROUPS, ids=[group.kind for group in GROUPS])
def test_never_wrong_and_mostly_decided(group: Group) -> None:
    decided, wanted = 0, 0
    for gold, sign, answer in group.pairs:
        verdict = compare(gold, answer).verdict
        assert verdict not in FALSE[sign], (gold, sign, answer, verdict)
        if sign in WANTED:
            wanted += 1
            decided += verdict in WANTED[sign]
    assert decided * 100 >= group.least * wanted, f"{decided} of {wanted}"


SYMMETRIC = [pair for group in GROUPS for pair in group.pairs if pair[1] in ("==", "!=")]


@pytest.mark.parametrize("part", range(4))
def test_neither_way_around(part: int) -> None:
    """The answer in the place of the gold one: no other truth."""
    for gold, sign, answer in SYMMETRIC[part::4]:
        verdict = compare(answer, gold).verdict
        assert verdict not in FALSE[sign], (answer, sign, gold, verdict)


def test_where_they_differ() -> None:
    """What refutes a relation is a point at which only one of the two holds."""
    found = compare(r"x \ge 1", "x > 1").counterexample
    assert found is not None
    assert found.values == {"x": "1"}
    assert (found.left, found.right) == ("true", "false")


if __name__ == "__main__":
    print(f"{'':40}{'right':>8}{'undecided':>11}{'wrong':>7}")
    for group in GROUPS:
        found = [(sign, compare(gold, answer).verdict) for gold, sign, answer in group.pairs]
        wrong = sum(verdict in FALSE[sign] for sign, verdict in found)
        right = sum(verdict in WANTED.get(sign, ()) for sign, verdict in found)
        print(f"{group.kind:40}{right:>8}{len(found) - right - wrong:>11}{wrong:>7}")
