"""derive -> examine -> compose -> typeset: from a problem to a document of which every line was checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from derive.algebra.binding import at_sizes
from derive.algebra.decimals import DIGITS, SIGN
from derive.engines.derive import derive_problem
from derive.instances import with_given
from derive.language.derivation import Checked, Worked
from derive.language.given import NOTHING, Given
from derive.language.plain import plain
from derive.language.problem import Problem
from derive.language.recurrence import Recurrence
from derive.language.verdict import Evidence, Proved
from derive.reading.prose import prose_reader
from derive.rendering.composition import compose
from derive.rendering.formula import latex
from derive.rendering.markup import LATEX
from derive.rendering.pdf import typeset
from derive.verification.report import examine

ORACLES = ("unrolled", "differences")  # "pytorch" too where it is asked for


class SolvedPart(Struct, frozen=True):
    """One line of the answer key."""

    id: str
    label: str
    latex: str
    text: str
    verdict: str
    scope: str
    conditions: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    value: object = None  # on the worked instance: '39/160', or nested lists of such; None without one


class Solved(Struct, frozen=True):
    """What was established, and the files that say so."""

    problem: Problem
    parts: tuple[SolvedPart, ...]
    files: tuple[str, ...]
    pdf_engine: str | None

    def as_json(self) -> dict[str, object]:
        """The object that `--json` prints; its shape is a contract."""
        return {
            "problem": self.problem.id,
            "title": self.problem.title,
            "parts": [
                {
                    "id": part.id,
                    "label": part.label,
                    "equation": {"latex": part.latex, "text": part.text},
                    "verdict": part.verdict,
                    "scope": part.scope,
                    "conditions": list(part.conditions),
                    "evidence": [_evidence(evidence) for evidence in part.evidence],
                    **({} if part.value is None else {"value": _value(part.value)}),
                }
                for part in self.parts
            ],
            "files": list(self.files),
            "pdf_engine": self.pdf_engine,
        }


def _quiet(stage: str) -> None:
    """Tells nobody."""


def solve(
    problem: Problem,
    given: Given = NOTHING,
    out: Path = Path("out"),
    formats: Sequence[str] = ("tex", "pdf"),
    engine: str = "typst",
    oracles: Sequence[str] = ORACLES,
    tell: Callable[[str], None] = _quiet,
    apart: bool = False,
) -> Solved:
    """Derive, verify, and only then write. Raises NotProvedError, with nothing written, when a line is not proved.

    `apart` runs SymPy's oracle in a process of its own: for a caller that is the whole process, as the command is.
    """
    problem = problem.called(given.variant)
    prose = prose_reader(problem)
    asked = with_given(problem, given, prose)
    tell(f"deriving {problem.id}")
    derivation = derive_problem(asked)
    tell(f"verifying {problem.id}")
    sizes = {} if isinstance(asked.program, Recurrence) else given.sizes  # what holds for every step needs no number
    report = examine(derivation, oracles, own_instance=not given, sizes=sizes, apart=apart)
    tell(f"typesetting {problem.id}")
    files = typeset(compose(report, prose), formats, out, engine)
    parts = tuple(_solved(derivation.problem, checked, sizes, report.worked) for checked in report.parts)
    return Solved(asked, parts, tuple(map(str, files)), engine if "pdf" in formats else None)


def _solved(problem: Problem, checked: Checked, sizes: Mapping[str, int], worked: Worked | None) -> SolvedPart:
    """The line of one part: for all sizes, or at those that were given."""
    claim, verdict = checked.claim, checked.verdict
    right = at_sizes(claim.right, sizes)
    asked = problem.question(claim.id)
    assert isinstance(verdict, Proved)
    return SolvedPart(
        id=claim.id,
        label=asked.text or plain(claim.left),
        latex=f"{latex(claim.left)} {LATEX.relations[claim.relation]} {latex(right)}",
        text=f"{plain(claim.left)} {claim.relation} {plain(right)}",
        verdict=verdict.kind,
        scope=", ".join(f"{key} = {size}" for key, size in sizes.items()) or verdict.scope,
        conditions=tuple(text.replace("$", "") for text in (*problem.conditions, *verdict.conditions)),
        evidence=checked.evidence,
        value=worked.parts.get(claim.id) if worked else None,
    )


def _value(value: object) -> object:
    """Exact text as it is; what was rounded says to how many digits."""
    if isinstance(value, tuple):
        return [_value(item) for item in value]
    if isinstance(value, dict):
        return {side: _value(item) for side, item in value.items()}
    text = str(value)
    return f"{text.removeprefix(SIGN)} (rounded to {DIGITS} digits)" if text.startswith(SIGN) else text


def _evidence(found: Evidence) -> dict[str, object]:
    return {
        "oracle": found.oracle,
        "verdict": found.verdict.kind,
        "sizes": [dict(sizes) for sizes in found.sizes],
        "points": found.points,
        "error": found.error,
    }
