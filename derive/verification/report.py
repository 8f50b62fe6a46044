"""Derivation -> report: every line proved, every claim seen by every oracle, every mistake refuted; or an error."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

from derive.algebra.binding import Definitions
from derive.algebra.decimals import DIGITS, NEAR_ZERO
from derive.algebra.instance import Instance, worked
from derive.errors import NotProvedError, UnsupportedError
from derive.language.counting import Counting
from derive.language.derivation import (
    Checked,
    Claim,
    Control,
    Derivation,
    Part,
    Report,
    Unmoved,
    Worked,
    WorkedMistake,
    Wrong,
)
from derive.language.expression import Read
from derive.language.plain import plain
from derive.language.problem import Limit, axes_of
from derive.language.program import Equation
from derive.language.recurrence import Recurrence
from derive.language.verdict import Evidence, Proved, Refuted, Verdict
from derive.verification import ORACLES, verify
from derive.verification.bounds import follows, unmoved
from derive.verification.counterexample import told
from derive.verification.inductive import inductive
from derive.verification.normal_form import ORACLE, NormalForm
from derive.verification.simulation import Simulation, simulated


def examine(
    derivation: Derivation,
    oracles: Sequence[str] | None = None,
    own_instance: bool = True,
    sizes: Mapping[str, int] | None = None,
) -> Report:
    """The report on a derivation. Raises NotProvedError at the first line that is not established.

    Without `own_instance` the numbers are a caller's, on which a mistake may happen not to show. `sizes` are those that
    a caller fixed: what is proved for all sizes holds at these, and is printed at them too.
    """
    problem = derivation.problem
    if isinstance(problem.program, Counting):
        from derive.verification.counts import examine_counts  # and with it what no other problem needs

        return examine_counts(derivation, oracles or (), sizes or {})
    prover = NormalForm(derivation)
    claims = [part.claim for part in derivation.parts]
    remarks = [*problem.lemmas, *problem.remarks]
    verdicts = [_verdict(derivation, part, prover) for part in derivation.parts]
    verdicts += [prover.remark(remark) for remark in remarks]
    claims += [Claim(remark.id, remark.left, remark.right, remark.assuming) for remark in remarks]
    for claim, verdict in zip(claims, verdicts, strict=True):
        require(problem.id, f"part '{claim.id}'", claim, verdict)
    lines = _lines(derivation, prover)
    limits = {remark.id for remark in remarks if remark.at is not None}
    seen = iter(verify(problem, [claim for claim in claims if claim.id not in limits], oracles))
    checked = []
    for claim, verdict in zip(claims, verdicts, strict=True):
        evidence = () if claim.id in limits else next(seen)
        for found in evidence:
            require(problem.id, f"part '{claim.id}', by the oracle '{found.oracle}'", claim, found.verdict, proof=False)
        checked.append(Checked(claim, verdict, (Evidence(ORACLE, verdict, error="exact"), *evidence)))
    first, second = len(derivation.parts), len(derivation.parts) + len(problem.lemmas)
    return Report(
        derivation,
        parts=tuple(checked[:first]),
        lemmas=tuple(checked[first:second]),
        remarks=tuple(checked[second:]),
        mistakes=tuple(_refuted(derivation, wrong, prover, own_instance) for wrong in derivation.wrong),
        worked=_worked(derivation),
        framework=_framework(derivation, oracles or ()),
        sizes=sizes or {},
        unmoved=_unmoved(derivation),
        lines=lines,
    )


def _unmoved(derivation: Derivation) -> dict[str, Unmoved]:
    """For every limit, the point where it fails once its quantifier is weakened."""
    limits = [(part.question.id, part.question.wants) for part in derivation.parts]
    return {part: unmoved(derivation, wants) for part, wants in limits if isinstance(wants, Limit)}


def _verdict(derivation: Derivation, part: Part, prover: NormalForm) -> Verdict:
    program = derivation.problem.program
    if isinstance(part.question.wants, Limit):
        return follows(part)
    return inductive(program, part) if isinstance(program, Recurrence) else prover.claim(part.claim)


def _worked(derivation: Derivation) -> Worked | None:
    problem = derivation.problem
    if not problem.instance:
        return None
    if isinstance(problem.program, Recurrence):
        return Worked(simulated(problem.program, problem.instance))
    return Worked(worked(problem, derivation.definitions), _values(derivation))


def _values(derivation: Derivation) -> dict[str, object]:
    """What every part comes to on the worked instance; parts about something else than numbers are left out."""
    instance = Instance(derivation.problem, derivation.definitions, derivation.problem.instance, DIGITS)
    found: dict[str, object] = {}
    for part in derivation.parts:
        with contextlib.suppress(UnsupportedError):
            claim = part.claim
            if claim.relation != "=":
                sides = {"left": claim.left, "right": claim.right}
                axes = axes_of(claim.left, claim.right)
                found[part.question.id] = {side: instance.all_of(expr, axes) for side, expr in sides.items()}
                continue
            found[part.question.id] = instance.all_of(claim.right, axes_of(claim.left, claim.right))
    return found


def _framework(derivation: Derivation, oracles: Sequence[str]) -> Evidence | None:
    """The program's forward values against the framework's own operator, where PyTorch was asked."""
    problem = derivation.problem
    if problem.framework is None or "pytorch" not in oracles:
        return None
    evidence: Evidence = ORACLES["pytorch"].framework(problem)
    output = problem.framework.output.entry()
    require(problem.id, f"{problem.framework.operator} of PyTorch", Claim("forward", output, output), evidence.verdict,
            proof=False)  # fmt: skip
    return evidence


def _lines(derivation: Derivation, prover: NormalForm) -> dict[str, Verdict]:
    lines: dict[str, Verdict] = {}
    for part in derivation.parts:
        for step in part.steps:
            verdict = prover.step(step, (*part.claim.assuming, *step.assuming))
            line = Claim(step.label, step.before, step.after, relation=step.relation)
            require(derivation.problem.id, f"part '{part.question.id}', line {step.label}", line, verdict)
            lines[step.label] = verdict
    return lines


def _refuted(derivation: Derivation, wrong: Wrong, prover: NormalForm, own_instance: bool) -> WorkedMistake:
    """A mistake is printed only with its counterexample; one that is right after all is the author's error."""
    if isinstance(derivation.problem.program, Recurrence):
        verdict = Simulation(derivation.problem).check(wrong.claim).verdict
    else:
        verdict = prover.wrong(wrong.claim)
    if not isinstance(verdict, Refuted):
        raise NotProvedError(
            f"{derivation.problem.id}: the mistake '{wrong.mistake.id}' is {verdict.kind}, not refuted:"
            f" {plain(wrong.claim.left)} = {plain(wrong.claim.right)}. Nothing was written"
        )
    controls = _controls(derivation, wrong)
    named = wrong.mistake.breaks
    if named and own_instance and named not in {control.remark.id for control in controls}:
        raise NotProvedError(
            f"{derivation.problem.id}: the mistake '{wrong.mistake.id}' does not break '{named}' on the worked"
            " instance; name a remark that it breaks, or change the instance. Nothing was written"
        )
    return WorkedMistake(wrong.mistake, wrong.claim, verdict, controls)


def _controls(derivation: Derivation, wrong: Wrong) -> tuple[Control, ...]:
    """Every remark whose two sides differ on the worked instance once the wrong answer stands for the right one."""
    problem = derivation.problem
    recurrent = isinstance(problem.program, Recurrence)
    if recurrent or not problem.instance or not isinstance(wrong.claim.left, Read):
        return ()
    replaced: Definitions = {
        **derivation.definitions,
        wrong.claim.left.tensor.key: Equation(wrong.claim.left, wrong.claim.right),
    }
    bad = Instance(problem, replaced, problem.instance, DIGITS)
    good = Instance(problem, derivation.definitions, problem.instance, DIGITS)
    found = []
    for remark in (*problem.lemmas, *problem.remarks):
        at = remark.at
        if at is not None and str(good.value(at[0].as_expression(), {})) != str(at[1]):
            continue  # the limit is not at this instance
        left, right = bad.side(remark.left), good.side(remark.left)
        if left != right and NEAR_ZERO not in left + right:  # what may be 0 tells nothing
            found.append(Control(remark, left, right))
    return tuple(found)


def require(problem: str, place: str, claim: Claim, verdict: Verdict, proof: bool = True) -> None:
    """Raise NotProvedError unless the claim is proved; for an oracle that samples, unless it agrees."""
    if isinstance(verdict, Proved) or (not proof and not isinstance(verdict, Refuted)):
        return
    line = f"{problem}, {place}: {plain(claim.left)} {claim.relation} {plain(claim.right)}"
    if isinstance(verdict, Refuted):
        found = verdict.counterexample
        raise NotProvedError(f"{line} is wrong: {told(found)}. Nothing was written", found)
    why = getattr(verdict, "why", "it held at every point tried, but no proof was found")
    raise NotProvedError(f"{line} could not be proved: {why}. Nothing was written")
