"""What an engine hands on: steps with their reasons, and one claim a question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from derive.language.expression import Expr, Index, Read
from derive.language.problem import Mistake, Problem, Remark
from derive.language.program import Equation
from derive.language.question import Assumption, Bound, Question
from derive.language.verdict import Evidence, Verdict


class Claim(Struct, frozen=True):
    """left = right, or left <= right, for every value of its free indices and every size."""

    id: str
    left: Expr
    right: Expr
    assuming: tuple[Assumption, ...] = ()
    relation: Literal["=", "<="] = "="


class Struck(Struct, frozen=True):
    """A term that is shown and struck out, and the reason it is zero."""

    term: Expr
    reason: str


class Step(Struct, frozen=True):
    """One rule applied: before = after.

    `left` is printed where a line starts a new equation; None continues the one above. `struck` are the terms of
    `before` that vanish. `reason` is at most eight words and may hold $...$.
    """

    label: str
    left: Expr | None
    before: Expr
    after: Expr
    rule: str
    reason: str
    indices: tuple[Index, ...] = ()  # free on both sides: the line's shape
    conditions: tuple[str, ...] = ()
    struck: tuple[Struck, ...] = ()
    assuming: tuple[Assumption, ...] = ()  # what this line alone takes as given: a hypothesis, a law
    relation: Literal["=", "<="] = "="
    bound: Bound | None = None  # what a line with <= rests on
    by: str = ""  # the earlier part, or the hypothesis, that the line puts in


class Part(Struct, frozen=True):
    """The derivation of one question: its steps, the staged answer in the author's names, and the claim."""

    question: Question
    steps: tuple[Step, ...]
    staged: Expr
    claim: Claim
    uses: tuple[str, ...] = ()  # ids of the parts whose answers it uses
    scope: str = ""  # set where the claim follows from its lines, as base and step do: for which k, then


class Edge(Struct, frozen=True):
    """d of / d by along one edge, for every value of the two reads' indices."""

    of: Read
    by: Read
    value: Expr


class Wrong(Struct, frozen=True):
    """What a mistake claims, to be refuted."""

    mistake: Mistake
    claim: Claim


class Derivation(Struct, frozen=True):
    """The parts, and what the engine computed on the way: every total derivative and every edge, as definitions."""

    problem: Problem
    parts: tuple[Part, ...]
    definitions: Mapping[str, Equation]  # the forward program, and d loss / d node for every node
    edges: tuple[Edge, ...] = ()
    wrong: tuple[Wrong, ...] = ()


class Checked(Struct, frozen=True):
    """A claim with the verdict on it and the evidence of every oracle asked."""

    claim: Claim
    verdict: Verdict
    evidence: tuple[Evidence, ...]


class Control(Struct, frozen=True):
    """A remark that a wrong answer breaks on the worked instance: what its left side becomes, what it should be."""

    remark: Remark
    wrong: str
    right: str


class WorkedMistake(Struct, frozen=True):
    """A mistake with its refutation, and the remarks that it breaks on the worked instance."""

    mistake: Mistake
    claim: Claim
    verdict: Verdict
    controls: tuple[Control, ...] = ()


class Unmoved(Struct, frozen=True):
    """Where the quantifier of a limit is broken: `far` moves with R for some indices; `of` is `value` for every R."""

    values: Mapping[str, object]
    far: tuple[Expr, ...]
    of: Expr
    value: str


class Worked(Struct, frozen=True):
    """The worked instance: tensor key -> nested tuples of strings such as '39/160', or '≈0.604368' where irrational."""

    values: dict[str, object]
    parts: dict[str, object] = {}  # id of a part -> its value, nested by the free indices of its claim


class Report(Struct, frozen=True):
    """Everything a document prints: nothing in it is unchecked."""

    derivation: Derivation
    parts: tuple[Checked, ...]
    remarks: tuple[Checked, ...]
    lemmas: tuple[Checked, ...]
    mistakes: tuple[WorkedMistake, ...]
    worked: Worked | None
    framework: Evidence | None = None  # the forward values against a framework's own operator, where that was asked for
    sizes: Mapping[str, int] = {}  # sizes that a caller fixed: every claim is then also printed at them
    unmoved: Mapping[str, Unmoved] = {}  # by part, for limits
    lines: Mapping[str, Verdict] = {}  # by label of the step: its mark in the margin
