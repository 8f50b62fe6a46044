"""of^2 <= ... <= c * sum exp(-k |far|): bounds put in one after another, until only the exponential is left to move."""

from __future__ import annotations

from derive.language.derivation import Claim, Part, Step
from derive.language.expression import ZERO, Expr, add, neg
from derive.language.problem import Problem, axes_of
from derive.language.question import Bound, Limit, Question


class Limits:
    """Writes the part of a question about a limit. Nothing in it has been checked yet."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.bounds = {bound.id: bound for bound in problem.bounds}

    def part(self, number: int, question: Question) -> Part:
        limit = question.wants
        assert isinstance(limit, Limit)
        steps: list[Step] = []
        for bound in self.problem.bounds:
            steps += self._bound(bound, number, len(steps))
        current: Expr = limit.square
        for after, by in limit.chain:
            reason = "the same, reordered" if current != limit.square else "result of the gradient, squared"
            reason = f"bound {by}" if by else reason
            steps.append(
                Step(
                    f"{number}.{len(steps) + 1}", limit.square if current == limit.square else None, current, after,
                    "bound" if by else "rewrite", reason, axes_of(limit.square, after),
                    relation="<=" if by else "=", bound=self.bounds[by] if by else None,
                )
            )  # fmt: skip
            current = after
        claim = Claim(question.id, limit.square, current, relation="<=")
        return Part(question, tuple(steps), current, claim, scope="all sizes")

    def _bound(self, bound: Bound, number: int, before: int) -> list[Step]:
        """right - left = slack, which cannot be negative; so left <= right."""
        difference = add(bound.right, neg(bound.left)) if bound.left != ZERO else bound.right
        free = axes_of(bound.left, bound.right)
        first = Step(f"{number}.{before + 1}", difference, difference, bound.slack, "identity",
                     "difference of the two sides: never negative", free)  # fmt: skip
        second = Step(f"{number}.{before + 2}", bound.left, bound.left, bound.right, "bound",
                      f"so: bound {bound.id}", free, relation="<=", bound=bound)  # fmt: skip
        return [first, second]
