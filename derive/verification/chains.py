"""What a chain has to show, set up again from the problem alone: where it starts and ends, and what its lines rest on.

Its lines are established one by one; here they are seen to lead from the left side to the right one, at the layer below
the last and at any layer, each resting only on what is there to rest on.
"""

from __future__ import annotations

from derive.algebra.binding import alpha
from derive.language.derivation import Claim, Derivation, Part, Step
from derive.language.expression import Expr
from derive.language.network import Network
from derive.language.problem import Problem
from derive.language.question import HYPOTHESIS, Bound, Chain
from derive.language.verdict import Proved, Undecided, Verdict


def chained(derivation: Derivation, part: Part) -> Verdict:
    """Proved when the lines lead from left to right, for the base and for the step."""
    chain, problem = part.question.wants, derivation.problem
    assert isinstance(chain, Chain)
    claim = Claim(part.question.id, chain.left, part.claim.right, relation=chain.relation)
    ways = [claim]
    if chain.base:
        network = problem.program
        if not isinstance(network, Network):
            return Undecided("only a network has layers to descend")
        ways.insert(0, _at(network, claim, below=True))
    steps = [step for step in part.steps if step.rule != "identity" and not _is_bound_itself(problem, step)]
    for way in ways:
        done, steps, why = _follow(way, steps)
        if why:
            return Undecided(why)
        if len(ways) == 2 and way is ways[0] and any(step.by for step in done):
            return Undecided("the base rests on what is claimed for other layers")
    if steps:
        return Undecided(f"line {steps[0].label} belongs to nothing")
    for step in part.steps:
        why = _rests(derivation, part, claim, step)
        if why:
            return Undecided(why)
    return Proved(part.scope)


def _at(network: Network, claim: Claim, below: bool) -> Claim:
    """The claim at the layer below the last, or at the one above any layer."""
    layer = network.last_layer - 1 if below else network.layer + 1
    return Claim(claim.id, network.at(claim.left, layer), network.at(claim.right, layer), relation=claim.relation)


def _is_bound_itself(problem: Problem, step: Step) -> bool:
    return any((step.before, step.after) == (bound.left, bound.right) for bound in problem.bounds)


def _follow(claim: Claim, steps: list[Step]) -> tuple[list[Step], list[Step], str]:
    """The lines from the left side of the claim to its right side, those that are left over, and what is wrong."""
    current, done = claim.left, 0
    for place, step in enumerate(steps):
        if step.before != current or (step.left is not None) != (place == 0):
            break
        if step.relation == "<=" and claim.relation == "=":
            return [], steps, f"line {step.label} only bounds, where an equation is claimed"
        current, done = step.after, place + 1
    if current != claim.right:
        return [], steps, "its lines do not lead from the left side to the right one"
    return steps[:done], steps[done:], ""


def _rests(derivation: Derivation, part: Part, claim: Claim, step: Step) -> str:
    """Why a line may not rest on what it does; '' where it may."""
    if not step.by:
        if step.bound is not None and not _is_known(derivation.problem, step.bound):
            return f"line {step.label} rests on a bound that the problem lacks"
        return "" if not step.assuming else f"line {step.label} assumes what nobody granted"
    granted = _granted(derivation, part, claim, step.by)
    said = step.bound if step.bound is not None else step.assuming[0] if step.assuming else None
    if said is None or not any(_is(given, said.left, said.right) for given in granted):
        return f"line {step.label} does not rest on what '{step.by}' says"
    return ""


def _is_known(problem: Problem, used: Bound) -> bool:
    """A bound of the problem, or the same at the layer below the last: what is proved of layer l holds at each."""
    network = problem.program
    for bound in problem.bounds:
        sides = [(bound.left, bound.right)]
        if isinstance(network, Network):
            below = network.last_layer - 1
            sides.append((network.at(bound.left, below), network.at(bound.right, below)))
        if bound.id == used.id and any(
            alpha(left) == alpha(used.left) and right == used.right for left, right in sides
        ):
            return True
    return False


def _granted(derivation: Derivation, part: Part, claim: Claim, by: str) -> list[Claim]:
    """What a line may put in: its own claim at the layer above, or an earlier part's, there or at its own layer.

    The layer above is there only where the base takes care of the last hidden layer.
    """
    network, chain = derivation.problem.program, part.question.wants
    assert isinstance(chain, Chain)
    earlier = [p.claim for p in _before(derivation, part) if p.question.id == by]
    with_base = isinstance(network, Network) and bool(chain.base)
    if by == HYPOTHESIS:
        return [_at(network, claim, below=False)] if isinstance(network, Network) and with_base else []
    above = [_at(network, one, below=False) for one in earlier if isinstance(network, Network) and with_base]
    return [*earlier, *above]


def _before(derivation: Derivation, part: Part) -> tuple[Part, ...]:
    ids = [other.question.id for other in derivation.parts]
    return derivation.parts[: ids.index(part.question.id)]


def _is(given: Claim, left: Expr, right: Expr) -> bool:
    return alpha(given.left) == alpha(left) and given.right == right
