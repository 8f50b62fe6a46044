"""A claim led from left to right line by line; over the layers of a network, by induction from the top."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from derive.algebra.binding import alpha
from derive.language.derivation import Claim, Part, Step
from derive.language.expression import Expr, free_indices, walk
from derive.language.network import Network
from derive.language.notation import Level
from derive.language.plain import plain
from derive.language.problem import Problem, axes_of
from derive.language.question import HYPOTHESIS, Assumption, Bound, Chain, Line, Question


class Chains:
    """Writes the parts that are chains. Nothing in them has been checked yet."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.bounds = {bound.id: bound for bound in problem.bounds}
        self.results: dict[str, Claim] = {}  # of the chains before this one, by part

    def part(self, number: int, question: Question) -> Part:
        chain, form = question.wants, question.form
        assert isinstance(chain, Chain)
        assert form is not None
        claim = Claim(question.id, chain.left, form, relation=chain.relation)
        known = dict(self.results)
        steps = [step for bound in self._used(chain) for step in _established(bound)]
        if chain.base:
            network = self.problem.program
            assert isinstance(network, Network)
            known[HYPOTHESIS] = above(network, claim)
            below = network.last_layer - 1
            first = Line(network.at(form, below), "the product of one layer")
            base = chain.base if chain.base[-1].after == first.after else (*chain.base, first)
            lowered = {name: at_layer(network, bound, below) for name, bound in self.bounds.items()}
            steps += _lines(network.at(chain.left, below), base, "base: ", lowered, {}, network)
        steps += _lines(
            chain.left, chain.lines, "step: " if chain.base else "", self.bounds, known, self.problem.program
        )
        uses = tuple(dict.fromkeys(line.by for line in chain.lines if line.by in known and line.by != HYPOTHESIS))
        labelled = tuple(replace(step, label=f"{number}.{k}") for k, step in enumerate(steps, start=1))
        self.results[question.id] = claim
        return Part(question, labelled, form, claim, uses, scope=self._scope())

    def _scope(self) -> str:
        """Of a network: what is said of layer i holds for every layer below the last."""
        network = self.problem.program
        if not isinstance(network, Network):
            return "all sizes"
        layer, top = network.layer.text, network.last_layer.text
        return f"all widths, every depth {top}, every layer 1 ≤ {layer} < {top}"

    def _used(self, chain: Chain) -> list[Bound]:
        names = {line.by for line in (*chain.base, *chain.lines)}
        return [bound for bound in self.problem.bounds if bound.id in names]


def _lines(
    left: Expr, lines: tuple[Line, ...], what: str, bounds: Mapping[str, Bound], known: Mapping[str, Claim],
    program: object,
) -> list[Step]:  # fmt: skip
    steps: list[Step] = []
    before = left
    for line in lines:
        why = line.why if steps else f"{what}{line.why}"
        start = Step("", None if steps else left, before, line.after, "rewrite", why,
                     tuple(free_indices(before).values()))  # fmt: skip
        steps.append(_line(start, line, bounds, known, program))
        before = line.after
    return steps


def _line(step: Step, line: Line, bounds: Mapping[str, Bound], known: Mapping[str, Claim], program: object) -> Step:
    if line.by in bounds:
        return _bounded(step, bounds[line.by])
    if not line.by:
        return step
    claim = known[line.by]
    if line.above:
        assert isinstance(program, Network)
        claim = above(program, claim)
    if claim.relation == "<=":
        return replace(_bounded(step, Bound(line.by, claim.left, claim.right, claim.right)), by=line.by)
    given = Assumption(claim.left, claim.right, f"${plain(claim.left)} = {plain(claim.right)}$")
    return replace(step, rule="earlier result", assuming=(given,), by=line.by)


def at_layer(network: Network, bound: Bound, layer: Level) -> Bound:
    """What holds at any layer, at one of them."""
    left, right, slack = (network.at(side, layer) for side in (bound.left, bound.right, bound.slack))
    return Bound(bound.id, left, right, slack, bound.text)


def above(network: Network, claim: Claim) -> Claim:
    """The claim at the layer above: what an induction from the top may take as given."""
    up = network.layer + 1
    return Claim(HYPOTHESIS, network.at(claim.left, up), network.at(claim.right, up), relation=claim.relation)


def _established(bound: Bound) -> list[Step]:
    """right - left = slack, which cannot be negative; so left <= right."""
    free, difference = axes_of(bound.left, bound.right), bound.right - bound.left
    why = bound.text or "difference of the two sides: never negative"
    return [
        Step("", difference, difference, bound.slack, "identity", why, free),
        Step("", bound.left, bound.left, bound.right, "bound", f"so: bound {bound.id}", free, relation="<=",
             bound=bound),
    ]  # fmt: skip


def _bounded(step: Step, bound: Bound) -> Step:
    """The bound in the letters in which its left side stands in the line."""
    wanted = alpha(bound.left)
    found = next((node for node in walk(step.before) if alpha(node) == wanted), bound.left)
    spelled = Bound(bound.id, found, bound.right, bound.slack, bound.text)
    return replace(step, rule="bound", relation="<=", bound=spelled)
