"""What is said of arrays whose shapes do not fit."""

from __future__ import annotations

import re
from itertools import count

from derive.language.judgement import Failure, Finding, Judgement

MISFIT = "the shapes do not fit each other"


def misfitting(left: str, right: str, sizes: tuple[str, ...], read_as: str = "", *, sides: bool = False) -> Judgement:
    """Refuted, with sizes that tell the shapes apart; of the `sides` of an equation, or of what is joined in one."""
    used = {int(number) for number in re.findall(r"[0-9]+", f"{left} {right}") if len(number) < 4}
    apart = dict(zip(sizes, (k for k in count(2) if k not in used), strict=False))
    failure = Failure(apart, {}, left, right)
    return Judgement("refuted", "all sizes", read_as, MISFIT, counterexample=failure,
                     diagnosis=(_explained(left.split("×"), right.split("×"), sides),))  # fmt: skip


def _explained(left: list[str], right: list[str], sides: bool) -> Finding:
    one, other = "×".join(left), "×".join(right)
    if sides and len(left) == 2 and left == right[::-1]:
        return Finding("transposed", f"the left side is {one}, the right side {other}: one of them is turned round")
    if sides:
        return Finding("shape", f"the left side is {one}, the right side {other}")
    if len(left) == 2 and left[0] == right[0] != left[1]:
        turned = "×".join(left[::-1])
        return Finding(
            "transposed", f"what is {one} cannot be multiplied with what is {other}; turned round, {turned}, it can"
        )
    return Finding("shape", f"what is {one} and what is {other} do not fit each other")
