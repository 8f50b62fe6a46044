"""Two answers without a problem."""

from __future__ import annotations

from derive.language.judgement import Judgement


def compared(gold: str, answer: str) -> Judgement:
    return Judgement("undecided")
