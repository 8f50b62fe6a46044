"""Derivation -> report: every line proved, every claim seen by every oracle, every mistake refuted; or an error."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from functools import partial

from derive.algebra.binding import Definitions
from derive.algebra.decimals import DIGITS, NEAR_ZERO
from derive.algebra.elaborate import elaborated
from derive.algebra.instance import Instance, worked
from derive.algebra.layers import definitions_at
from derive.algebra.points import inputs_of
from derive.errors import AuthorError, NotProvedError, UnsupportedError
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
from derive.language.expression import Expr, Read
from derive.language.matrices import Component
from derive.language.network import Network
from derive.language.plain import plain
from derive.language.problem import Problem, axes_of, free_of
from derive.language.program import Equation
from derive.language.question import Chain, Limit
from derive.language.recurrence import Recurrence
from derive.language.verdict import Counterexample, Evidence, Proved, Refuted, Undecided, Verdict
from derive.verification import DEFAULT, ORACLES, verify
from derive.verification.beside import Beside, can_fork
from derive.verification.bounds import follows, unmoved
from derive.verification.chains import chained
from derive.verification.depths import Depths
from derive.verification.inductive import inductive
from derive.verification.normal_form import ORACLE, NormalForm
from derive.verification.simulation import Simulation, simulated

SLOWEST = "unrolled"  # it imports SymPy, which takes as long as all the rest


def examine(
    derivation: Derivation,
    oracles: Sequence[str] | None = None,
    own_instance: bool = True,
    sizes: Mapping[str, int] | None = None,
    apart: bool = False,
) -> Report:
    """The report on a derivation. Raises NotProvedError at the first line that is not established.

    Without `own_instance` the numbers are a caller's, on which a mistake may happen not to show. `sizes` are those that
    a caller fixed: what is proved for all sizes holds at these, and is printed at them too. `apart` lets SymPy's
    oracle work in a process of its own meanwhile; the caller must have no other threads that matter.
    """
    problem = derivation.problem
    remarks = [*problem.lemmas, *problem.remarks]
    claims = [part.claim for part in derivation.parts]
    claims += [Claim(remark.id, remark.left, remark.right, remark.assuming) for remark in remarks]
    limits = {remark.id for remark in remarks if remark.at is not None}
    asked = [claim for claim in claims if claim.id not in limits]
    names = DEFAULT if oracles is None else tuple(oracles)
    away = [name for name in names if name == SLOWEST and _may_fork(problem, names, apart)]
    with Beside(partial(_seen_apart, derivation, asked, away)) if away else contextlib.nullcontext() as beside:
        prover = NormalForm(derivation)
        verdicts = [_verdict(derivation, part, prover) for part in derivation.parts]
        verdicts += [prover.remark(remark) for remark in remarks]
        for claim, verdict in zip(claims, verdicts, strict=True):
            require(problem.id, f"part '{claim.id}'", claim, verdict)
        lines = _lines(derivation, prover)
        numbers, unmoved = _worked(derivation), _unmoved(derivation)
        ours = verify(problem, asked, [name for name in names if name not in away])
        theirs, faults = beside.result() if beside is not None else (((),) * len(asked), _at_depths(derivation))
        seen = tuple((*first, *second) for first, second in zip(theirs, ours, strict=True))
        mistakes = tuple(_refuted(derivation, wrong, prover, own_instance, faults) for wrong in derivation.wrong)
    evidence = iter(seen)
    seen_by = [() if claim.id in limits else next(evidence) for claim in claims]
    checked = [_checked(problem.id, *line) for line in zip(claims, verdicts, seen_by, strict=True)]
    first, second = len(derivation.parts), len(derivation.parts) + len(problem.lemmas)
    return Report(
        derivation,
        parts=tuple(checked[:first]),
        lemmas=tuple(checked[first:second]),
        remarks=tuple(checked[second:]),
        mistakes=mistakes,
        worked=numbers,
        framework=_framework(derivation, oracles or ()),
        sizes=sizes or {},
        unmoved=unmoved,
        lines=lines,
    )


Faults = dict[str, Verdict]  # by mistake


def _seen_apart(
    derivation: Derivation, asked: Sequence[Claim], names: Sequence[str]
) -> tuple[tuple[tuple[Evidence, ...], ...], Faults]:
    return verify(derivation.problem, asked, names), _at_depths(derivation)


def _at_depths(derivation: Derivation) -> Faults:
    """What the oracle of exact numbers says of every mistake about a network."""
    if not isinstance(derivation.problem.program, Network) or not derivation.wrong:
        return {}
    depths = Depths(derivation.problem, ORACLES[SLOWEST], 0)
    return {wrong.mistake.id: depths.wrong(wrong.claim) for wrong in derivation.wrong}


def _may_fork(problem: Problem, names: Sequence[str], apart: bool) -> bool:
    """PyTorch has threads of its own, and a recurrence is simulated without SymPy."""
    return apart and can_fork() and "pytorch" not in names and not isinstance(problem.program, Recurrence)


def _checked(problem: str, claim: Claim, verdict: Verdict, evidence: tuple[Evidence, ...]) -> Checked:
    """A proved claim with what the oracles saw of it; none of them may refute it."""
    for found in evidence:
        require(problem, f"part '{claim.id}', by the oracle '{found.oracle}'", claim, found.verdict, proof=False)
    return Checked(claim, verdict, (Evidence(ORACLE, verdict, error="exact"), *evidence))


def _unmoved(derivation: Derivation) -> dict[str, Unmoved]:
    """For every limit, the point where it fails once its quantifier is weakened."""
    limits = [(part.question.id, part.question.wants) for part in derivation.parts]
    return {part: unmoved(derivation, wants) for part, wants in limits if isinstance(wants, Limit)}


def _verdict(derivation: Derivation, part: Part, prover: NormalForm) -> Verdict:
    program = derivation.problem.program
    if isinstance(part.question.wants, Limit):
        return follows(part)
    if isinstance(part.question.wants, Chain):
        return chained(derivation, part)
    return inductive(program, part) if isinstance(program, Recurrence) else prover.claim(part.claim)


def _worked(derivation: Derivation) -> Worked | None:
    problem = derivation.problem
    if not problem.instance:
        return None
    if isinstance(problem.program, Recurrence):
        return Worked(simulated(problem.program, problem.instance))
    if isinstance(problem.program, Network):
        return at_layers(derivation, problem.program)
    instance = Instance(problem, derivation.definitions, problem.instance, DIGITS)
    return Worked(worked(instance), _values(derivation, instance))


def at_layers(derivation: Derivation, network: Network) -> Worked:
    """The worked instance of a network: every node and derivative of every layer, every part at every layer."""
    depth = derivation.problem.instance[network.depth.key]
    assert isinstance(depth, int)
    whole = derivation.problem.composed(depth)
    definitions = definitions_at(derivation.problem, derivation.definitions, depth)
    instance = Instance(whole, definitions, whole.instance, DIGITS)
    values, parts = worked(instance), dict[str, object]()
    for part in derivation.parts:
        places = network.instances((part.claim.left, part.claim.right), depth)
        parts[part.question.id] = {str(number): _sides(instance, part.claim, sides) for number, sides in places}
    return Worked(values, parts)


def _sides(instance: Instance, claim: Claim, sides: tuple[Expr, ...]) -> object:
    left, right = elaborated(*sides)
    axes = axes_of(*sides)
    if claim.relation == "=":  # a product of many matrices is worked out factor by factor on the left
        whole = isinstance(sides[1], Component) and isinstance(left, Read)
        return instance.all_of(left if whole else right, axes)
    return {"left": instance.all_of(left, axes), "right": instance.all_of(right, axes)}


def _values(derivation: Derivation, instance: Instance) -> dict[str, object]:
    """What every part comes to on the worked instance; parts about something else than numbers are left out."""
    found: dict[str, object] = {}
    for part in derivation.parts:
        with contextlib.suppress(UnsupportedError):
            claim = part.claim
            found[part.question.id] = _sides(instance, claim, (claim.left, claim.right))
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


def _refuted(
    derivation: Derivation, wrong: Wrong, prover: NormalForm, own_instance: bool, faults: Faults
) -> WorkedMistake:
    """A mistake is printed only with its counterexample; one that is right after all is the author's error."""
    if isinstance(derivation.problem.program, Recurrence):
        verdict: Verdict = _simulated(derivation, wrong)
    elif wrong.mistake.id in faults:
        verdict = faults[wrong.mistake.id]
    elif wrong.mistake.at:
        verdict = _at_its_instance(derivation, wrong)
    else:
        verdict = prover.wrong(wrong.claim)
    if not isinstance(verdict, Refuted):
        why = f" ({verdict.why})" if isinstance(verdict, Undecided) else ""
        raise NotProvedError(
            f"{derivation.problem.id}: the mistake '{wrong.mistake.id}' is {verdict.kind}, not refuted{why}:"
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


def _simulated(derivation: Derivation, wrong: Wrong) -> Verdict:
    """The first step where a mistake about a recurrence shows, on its own instance if it has one."""
    try:
        return Simulation(derivation.problem, instance=wrong.mistake.at or None).check(wrong.claim).verdict
    except UnsupportedError as error:
        raise AuthorError(f"mistake {wrong.mistake.id}, at its own instance: {error}; give it a value") from error


def _at_its_instance(derivation: Derivation, wrong: Wrong) -> Verdict:
    """Every entry of both sides on the mistake's own instance: a counterexample when they differ."""
    free = free_of(wrong.claim.left, wrong.claim.right)
    try:
        instance = Instance(derivation.problem, derivation.definitions, wrong.mistake.at)
        left, right = instance.side(wrong.claim.left, free), instance.side(wrong.claim.right, free)
    except AuthorError as error:
        raise AuthorError(f"mistake {wrong.mistake.id}, at its own instance: {error}") from error
    if left == right:
        return Undecided("both sides are the same on the instance of the mistake; give it another one")
    read = inputs_of((wrong.claim.left, wrong.claim.right), derivation.definitions)
    shown = {t.key: wrong.mistake.at[t.key] for t in read}
    return Refuted(Counterexample(instance.sizes, shown, left, right))


def _controls(derivation: Derivation, wrong: Wrong) -> tuple[Control, ...]:
    """Every remark whose two sides differ on the worked instance once the wrong answer stands for the right one."""
    problem = derivation.problem
    unlike = isinstance(problem.program, Recurrence | Network)
    if unlike or not problem.instance or not isinstance(wrong.claim.left, Read):
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


def told(found: Counterexample) -> str:
    """'at m = 2, x = (0, 1), the left side is 0 but the right side is 1/2'."""
    places = [f"{name} = {_text(value)}" for name, value in {**found.sizes, **found.where, **found.values}.items()]
    at = f"at {', '.join(places)}, " if places else ""
    return f"{at}the left side is {found.left} but the right side is {found.right}"


def _text(value: object) -> str:
    return f"({', '.join(map(_text, value))})" if isinstance(value, list | tuple) else str(value)
