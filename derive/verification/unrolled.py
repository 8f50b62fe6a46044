"""The oracle of unrolled scalars: left - right = 0 exactly, at rational points of small sizes.

The forward program is written out in scalars and differentiated by SymPy. Points are chosen so that roots and
exponentials are rational; where some stay irrational, the difference is decided by exact algebra, never by floats.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from typing import ClassVar

from derive.language.derivation import Claim
from derive.language.expression import Add, Expr, Function, Mul, Number, Pow, Read, Sum, walk
from derive.language.problem import Problem
from derive.language.question import Assumption
from derive.language.verdict import Agrees, Evidence
from derive.verification.assumptions import satisfied, satisfy
from derive.verification.evaluation import Scalar
from derive.verification.forward import Forward
from derive.verification.points import Point, Role, Sizes, draw, size_tensors
from derive.verification.roots import rational_point
from derive.verification.scalars import Cell, ExactNumbers, FreeNumbers, is_zero
from derive.verification.session import Comparison, Session
from derive.verification.tangents import Tangents

EXPONENTIAL = ("exp", "tanh", "logistic", "cosh", "sinh")


class Unrolled(Session):
    oracle: ClassVar[str] = "unrolled"
    grid: ClassVar[tuple[int, ...]] = (1, 2, 3)
    exact: ClassVar[bool] = True

    def __init__(self, problem: Problem, sizes: Sequence[Sizes] | None = None, seed: int = 0) -> None:
        super().__init__(problem, sizes, seed)
        self._cells: dict[Expr, Cell] = {}
        self._roles = roles(problem)

    @cached_property
    def arithmetic(self) -> ExactNumbers:
        return ExactNumbers()

    @cached_property
    def formal(self) -> Formal | None:
        return Formal(self.problem, self.sizes, self.seed) if is_nested(self.problem) else None

    def check(self, claim: Claim) -> Evidence:
        if self.formal is not None and claim.relation == "=":
            evidence = Session.check(self.formal, claim)
            if isinstance(evidence.verdict, Agrees):
                return evidence
        return super().check(claim)

    def differentiator(self, forward: Forward) -> Tangents:
        return Tangents(forward, self.arithmetic, self._cells)

    def draw(self, sizes: Sizes, assuming: tuple[Assumption, ...], salt: str) -> Point:
        point = satisfy(assuming, draw(self.problem, sizes, salt, self._roles))
        rational = rational_point(self.problem, point, self.arithmetic, salt)
        return rational if satisfied(assuming, rational) else point

    def compare(self, left: Scalar, right: Scalar) -> Comparison:
        return Comparison(is_zero(self.arithmetic.add([left, self.arithmetic.mul([Fraction(-1), right])])))

    def show(self, value: Scalar) -> str:
        return str(value)


class Formal(Unrolled):
    """The same with exponentials and logarithms as free numbers: an identity of rational functions in them holds for
    the true ones too. What differs here may still be true by a law of exponentials, so nothing is refuted."""

    def __init__(self, problem: Problem, sizes: Sequence[Sizes] | None = None, seed: int = 0) -> None:
        super().__init__(problem, sizes, seed)
        self._roles = {}

    @cached_property
    def arithmetic(self) -> ExactNumbers:
        return FreeNumbers(f"{self.problem.id}/{self.seed}")

    def draw(self, sizes: Sizes, assuming: tuple[Assumption, ...], salt: str) -> Point:
        point = satisfy(assuming, draw(self.problem, sizes, salt))
        rational = rational_point(self.problem, point, FreeNumbers(salt, lenient=True), salt)
        return rational if satisfied(assuming, rational) else point


def is_nested(problem: Problem) -> bool:
    """Whether an exponential is taken of another one or of a root: then hardly a point makes all of them rational."""
    seen: set[str] = set()
    for equation in problem.program.equations:
        inside = [node for node in walk(equation.value) if isinstance(node, Function) and node.name in EXPONENTIAL]
        for node in inside:
            if any(_is_irrational(other, seen) for other in walk(node.arguments[0])):
                return True
        if any(_is_irrational(node, seen) for node in walk(equation.value)):
            seen.add(equation.tensor.key)
    return False


def _is_irrational(node: Expr, seen: set[str]) -> bool:
    """An exponential, a root, or a node made of such."""
    if isinstance(node, Pow):
        return isinstance(node.exponent, Number) and node.exponent.value.denominator > 1
    if isinstance(node, Function):
        return node.name in EXPONENTIAL
    return isinstance(node, Read) and node.tensor.key in seen


def roles(problem: Problem) -> dict[str, Role]:
    """How inputs that stand in exponents are drawn: as log(q) where they stand alone, so that exp(log q) = q; of the
    factors of a product only the first is, the others are integers, so that exp(n log q) = q^n.
    """
    found: dict[str, Role] = {}
    sizes = {tensor.key for tensor in size_tensors(problem)}
    for equation in problem.program.equations:
        for node in walk(equation.value):
            if isinstance(node, Function) and node.name in EXPONENTIAL:
                for read, role in _exponents(problem, node.arguments[0], "logarithm"):
                    if read.tensor.key not in sizes:
                        found.setdefault(read.tensor.key, role)
    return found


def _exponents(problem: Problem, expr: Expr, role: Role) -> Iterator[tuple[Read, Role]]:
    """The inputs an exponent reads, through the equations of its nodes, each with its role there."""
    match expr:
        case Read(tensor):
            equation = problem.program.definition(tensor)
            if equation is None:
                yield expr, role
            else:
                yield from _exponents(problem, equation.value, role)
        case Add(terms):
            for term in terms:
                yield from _exponents(problem, term, role)
        case Mul(factors):
            for factor in factors:
                inner = list(_exponents(problem, factor, role))
                yield from inner
                role = "integer" if inner else role
        case Sum(_, body):
            yield from _exponents(problem, body, role)
        case Function("relu" | "abs", (argument,)):
            yield from _exponents(problem, argument, role)
        case Pow(base, _):
            yield from _exponents(problem, base, "integer")


def session(problem: Problem, sizes: Sequence[Sizes] | None = None, seed: int = 0) -> Unrolled:
    return Unrolled(problem, sizes, seed)


def check(problem: Problem, claim: Claim, sizes: Sequence[Sizes] | None = None, seed: int = 0) -> Evidence:
    return session(problem, sizes, seed).check(claim)
