"""Bounds: a difference that is an identity and cannot be negative by its form; and lines that put bounds in.

Also the other side of a limit: a point where its quantifier is broken, and the quantity provably does not move.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from derive.algebra.binding import inline, rewrite
from derive.algebra.decide import is_zero
from derive.algebra.instance import Instance
from derive.algebra.signs import cases, nonnegative, raised
from derive.algebra.unroll import Unroll
from derive.errors import NotProvedError
from derive.language.derivation import Derivation, Part, Step, Unmoved
from derive.language.expression import (
    ONE,
    ZERO,
    Add,
    Expr,
    Function,
    Mul,
    Number,
    Read,
    add,
    expression,
    free_indices,
    mul,
    neg,
    tensors_in,
)
from derive.language.functions import log
from derive.language.plain import plain
from derive.language.question import Bound, Limit, Value
from derive.language.tensor import scalar
from derive.language.verdict import Proved, Undecided, Verdict

FREE = "R"  # how the entry that grows is written in `unless`


class Bounds:
    """Decides lines with <=. `equal` decides identities."""

    def __init__(self, bounds: tuple[Bound, ...], equal: Callable[[Expr, Expr], Verdict]) -> None:
        self.bounds, self.equal = bounds, equal

    def bound(self, bound: Bound) -> Verdict:
        """right - left = slack in every case of an absolute value, and slack >= 0."""
        for case in cases(add(bound.right, neg(bound.left), neg(bound.slack))):
            verdict = self.equal(case, ZERO)
            if not isinstance(verdict, Proved):
                return verdict
        if not nonnegative(bound.slack, self._known(bound)):
            return Undecided(f"{plain(bound.slack)} is not seen to be >= 0; write it with squares and exponentials")
        return Proved()

    def step(self, step: Step) -> Verdict:
        """before <= after: the bound itself, or the bound put in where a larger value makes more."""
        bound = step.bound
        assert bound is not None
        if (step.before, step.after) == (bound.left, bound.right):
            return self.bound(bound)
        made = raised(step.before, bound.left, bound.right, self._known(None))
        if made is None or made == step.before:
            return Undecided(f"bound {bound.id} cannot be put into {plain(step.before)}")
        return self.equal(made, step.after)

    def identity(self, step: Step) -> Verdict:
        """A line that holds case by case, as those with an absolute value outside of sums do."""
        verdicts = [self.equal(case, ZERO) for case in cases(add(step.before, neg(step.after)))]
        wrong = [verdict for verdict in verdicts if not isinstance(verdict, Proved)]
        return wrong[0] if wrong else verdicts[0]

    def _known(self, upto: Bound | None) -> list[Expr]:
        """What earlier bounds say is not negative: those of the form 0 <= right."""
        earlier = self.bounds if upto is None else self.bounds[: self.bounds.index(upto)]
        return [bound.right for bound in earlier if bound.left == ZERO]


def follows(part: Part) -> Verdict:
    """The claim is the two ends of a chain of its lines, each of which is established by itself."""
    current, found = part.claim.left, False
    for step in part.steps:
        if step.before == current:
            current, found = step.after, True
    if not found or current != part.claim.right:
        return Undecided("its lines do not lead from the left side to the right one")
    return Proved(part.scope)


def check_end(derivation: Derivation, limit: Limit) -> None:
    """The last expression moves only by exp(-c |far|), c > 0, which it holds once."""
    found: list[Expr] = []

    def without(node: Expr) -> Expr | None:
        if isinstance(node, Function) and node.name == "exp" and _decays(node.arguments[0], limit.far):
            found.append(node)
            return ONE
        return None

    end = limit.chain[-1][0]
    moves = tensors_in(inline(rewrite(end, without), derivation.definitions))
    if len(found) != 1 or limit.moving.key in moves:
        raise NotProvedError(
            f"{derivation.problem.id}: the last bound, {plain(end)}, must depend on {limit.moving.key} through"
            f" exp(-c*abs({plain(limit.far)})) alone. Nothing was written"
        )


def _decays(exponent: Expr, far: Expr) -> bool:
    """-c |far| with a number c > 0."""
    match exponent:
        case Mul((Number(c), Function("abs", (argument,)))):
            return c < 0 and argument == far
    return False


def unmoved(derivation: Derivation, limit: Limit) -> Unmoved:
    """`limit.of` at the point `unless` is one and the same number for every R, and not 0.

    Raises NotProvedError when it is not, and when the last bound of the limit does not tend to 0.
    """
    problem = derivation.problem
    check_end(derivation, limit)
    instance = Instance(problem, derivation.definitions, _with(limit.unless, "log(2)"))
    moving = scalar(FREE).as_expression()

    def at(expr: Expr, cell: dict[str, int]) -> Expr:
        whole = Unroll(instance.sizes)(inline(expr, derivation.definitions), cell)
        return _tidied(rewrite(whole, lambda node: _entry(node, limit, moving)))

    value = instance.value(limit.of, limit.at)
    if (
        value.logs
        or value.whole == 0
        or not is_zero(at(limit.of, dict(limit.at)) - Number(Fraction(int(value.whole.p), int(value.whole.q))), {})
    ):
        raise NotProvedError(
            f"{problem.id}: {plain(limit.of)} is not one number for every R where the limit should fail. Nothing was"
            " written"
        )
    far = tuple(at(limit.far, cell) for cell in instance.evaluator.assignments(free_indices(limit.far)))
    if all(FREE in tensors_in(entry) for entry in far) or not any(FREE in tensors_in(entry) for entry in far):
        raise NotProvedError(
            f"{problem.id}: where the limit fails, some of {plain(limit.far)} must move with R, not all. Nothing was"
            " written"
        )
    return Unmoved(limit.unless, far, Unroll(instance.sizes)(limit.of, limit.at), str(value))


def _tidied(expr: Expr) -> Expr:
    """0 times anything left out, numbers of a product multiplied."""
    children = tuple(map(_tidied, expr.children))
    if isinstance(expr, Mul):
        return mul(*children)
    return add(*children) if isinstance(expr, Add) else expr.with_children(children) if children else expr


def _entry(node: Expr, limit: Limit, moving: Expr) -> Expr | None:
    if not isinstance(node, Read) or node.tensor.key not in limit.unless:
        return None
    value = limit.unless[node.tensor.key]
    for index, axis in zip(node.indices, node.tensor.axes, strict=True):
        assert isinstance(index, Number)
        assert isinstance(axis.lower, Number)
        assert isinstance(value, tuple)
        value = value[int(index.value - axis.lower.value)]
    if value == FREE:
        return moving
    text = str(value)
    return log(Fraction(text[4:-1])) if text.startswith("log") else expression(Fraction(text))


def _with(values: object, free: str) -> dict[str, Value]:
    def put_in(value: object) -> Value:
        if isinstance(value, tuple):
            return tuple(map(put_in, value))
        return free if value == FREE else value  # type: ignore[return-value]

    assert hasattr(values, "items")
    return {key: put_in(value) for key, value in values.items()}
