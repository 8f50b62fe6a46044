"""A problem: the program, what is asked about it, and the prose around it. One file, one constant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from msgspec import Struct
from msgspec.structs import force_setattr, replace

from derive.errors import AuthorError
from derive.language.answers import Quantity
from derive.language.counting import Count, Counting, Ratio, check_count
from derive.language.deep import DeepNetwork
from derive.language.domain import Integers
from derive.language.expression import Direct, Expr, Index, Operand_, expression, free_indices, tensors_in
from derive.language.near import did_you_mean
from derive.language.notation import PartialName
from derive.language.program import Equation, Program, check_scope
from derive.language.question import (
    HYPOTHESIS,
    Assumption,
    Bound,
    Chain,
    Consequence,
    Forward,
    Gradient,
    Identity,
    Induction,
    Jacobian,
    Limit,
    Line,
    Numbers,
    Question,
    Value,  # noqa: F401 (Numbers is made of it, and is looked up here)
)
from derive.language.recurrence import Recurrence
from derive.language.tensor import Tensor, d
from derive.language.typed import check_types

_EXACT = re.compile(r"-?\d+(/0*[1-9]\d*)?|log\(0*[1-9]\d*(/0*[1-9]\d*)?\)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Remark:
    """An identity about the problem that is proved like a part: left = right for every value of its free indices.

    With `at` (a scalar and a number) the identity is the limit there: both sides are continuous at that value under
    the stated `conditions`, and equal at it. Lemmas are remarks that the derivation may cite.
    """

    id: str
    left: Expr
    right: Expr
    text: str = ""
    at: tuple[Tensor, int] | None = None
    conditions: tuple[str, ...] = ()
    assuming: tuple[Assumption, ...] = ()

    def __init__(
        self,
        id: str,
        left: Operand_,
        right: Operand_,
        text: str = "",
        *,
        at: tuple[Tensor, int] | None = None,
        conditions: tuple[str, ...] = (),
        assuming: tuple[Assumption, ...] = (),
    ) -> None:
        values = (id, expression(left), expression(right), text, at, conditions, assuming)
        for name, value in zip(self.__match_args__, values, strict=True):
            object.__setattr__(self, name, value)


class Mistake(Struct, frozen=True):
    """A tempting wrong answer to one part, which must be refuted before it is printed.

    The wrong answer is `form`, or what the engine derives when the paths through `frozen` are dropped; of the part's
    own quantity, or of `left` where the mistake is about another one.
    `breaks` names a remark that the wrong answer violates on the worked instance. `at` is an instance of its own on
    which the card shows every entry, the true one and the wrong one; without, the least counterexample is shown. Of a
    count, the wrong answer is what comes out with the `fault` of that name, a key of the table in
    `derive.engines.faults`.
    """

    id: str
    question: str
    title: str
    tempting: str
    repair: str
    form: Expr | None = None
    frozen: tuple[Tensor, ...] = ()
    breaks: str = ""
    left: Expr | None = None
    at: Numbers = {}
    fault: str = ""

    def __post_init__(self) -> None:
        for side in ("form", "left"):
            if getattr(self, side) is not None:
                force_setattr(self, side, expression(getattr(self, side)))
        check_types(self, skip=("at",))
        if (self.form is not None) + bool(self.frozen) + bool(self.fault) != 1:
            raise AuthorError(f"mistake {self.id}: give either the wrong form or the frozen tensors, or a fault")


class Framework(Struct, frozen=True):
    """The operator of a deep-learning framework that computes the same forward values.

    `operator` is a key of the table in `derive.verification.pytorch`; `arguments` maps its arguments to tensors.
    """

    operator: str
    output: Tensor
    arguments: Mapping[str, Tensor]

    def __post_init__(self) -> None:
        check_types(self)


class Matrix(Struct, frozen=True):
    """A picture of the tensor T with of[r] = sum_c T[r, c] by[c] as a matrix whose last indices run fastest.

    Drawn are its entries (matrices that follow one another stand side by side), its columns one below the other, as
    stamps that add up, or only its pattern; at `sizes`, or at those of the worked instance.
    """

    tensor: Tensor
    of: Tensor
    by: Tensor
    picture: Literal["entries", "stamps", "pattern"] = "entries"
    sizes: Mapping[str, int] = {}

    def __post_init__(self) -> None:
        check_types(self)


class Problem(Struct, frozen=True):
    """Everything derive knows of a problem. Prose may hold $...$ in the plain notation of the problem's names."""

    id: str
    title: str
    statement: str
    program: Program | Recurrence | Counting
    questions: tuple[Question, ...]
    summary: str = ""  # the one sentence to remember
    intuition: str = ""
    conventions: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()  # what every line needs, e.g. $var + eps > 0$
    lemmas: tuple[Remark, ...] = ()
    bounds: tuple[Bound, ...] = ()
    remarks: tuple[Remark, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    instance: Numbers = {}
    framework: Framework | None = None
    sources: tuple[str, ...] = ()
    otherwise: Mapping[str, str] = {}  # a condition -> what breaks without it
    shorthands: tuple[Equation, ...] = ()  # further names, each for an expression in the others and in derivatives
    boxed: tuple[str, ...] = ()  # the parts on page one; without any, gradients by what enters the program
    oracle_sizes: tuple[Mapping[str, int], ...] = ()  # where oracles look; without any, a few of every size
    written_out: tuple[str, ...] = ()  # parts of which every entry is printed, in symbols, at the instance's sizes
    units: tuple[Tensor, ...] = ()  # inputs whose entries are drawn as units, in a picture of the network
    matrices: tuple[Matrix, ...] = ()
    in_numbers: bool = False  # the statement gives the instance; else its numbers are an example
    decimals: bool = False  # an instance may hold irrational values, worked in decimals; else it is kept rational
    variant: str = ""  # which of several readings of the statement this is
    variants: Mapping[str, Problem] = {}  # the others, by what --given '{"variant": ...}' calls them

    def __post_init__(self) -> None:
        check_types(self, skip=("instance",))
        self._check_values("the instance", self.instance)
        self._check_shorthands()
        ids = [question.id for question in self.questions] + [r.id for r in (*self.lemmas, *self.remarks)]
        for repeated in {name for name in ids if ids.count(name) > 1}:
            raise AuthorError(f"{self.id}: the id '{repeated}' is used twice")
        known = {tensor.key for tensor in self.tensors()}
        for question in self.questions:
            self._check_question(question, known)
        for remark in (*self.lemmas, *self.remarks):
            free = tuple(free_of(remark.left, remark.right).values())
            for side in (remark.left, remark.right):
                check_scope(f"{self.id}, {remark.id}", side, free)
        for mistake in self.mistakes:
            self._check_values(f"the instance of mistake {mistake.id}", mistake.at)
            if mistake.question not in {q.id for q in self.questions}:
                raise AuthorError(f"{self.id}: mistake {mistake.id} is about '{mistake.question}', which is no part")
            remarks = [remark.id for remark in (*self.lemmas, *self.remarks)]
            if mistake.breaks and mistake.breaks not in remarks:
                near = did_you_mean(mistake.breaks, remarks, "; name a lemma or a remark")
                raise AuthorError(
                    f"{self.id}: mistake {mistake.id} breaks '{mistake.breaks}', which is no remark{near}"
                )

    def _check_shorthands(self) -> None:
        taken = {tensor.key for tensor in self.program.tensors()}
        for equation in self.shorthands:
            if equation.tensor.key in taken:
                raise AuthorError(f"{self.id}: the shorthand {equation.tensor.key} has the name of another tensor")
            taken.add(equation.tensor.key)
        for part in (*self.boxed, *self.written_out):
            self.question(part)
        for matrix in self.matrices:
            for tensor in (matrix.tensor, matrix.of, matrix.by):
                if tensor.key not in taken and not isinstance(tensor.name, PartialName):
                    raise AuthorError(f"{self.id}: a matrix is made of {tensor.key}, which the problem lacks")
            if matrix.tensor.shape != (*matrix.of.shape, *matrix.by.shape):
                raise AuthorError(
                    f"{self.id}: the axes of the matrix {matrix.tensor.key} are not those of {matrix.of.key}, then"
                    f" those of {matrix.by.key}"
                )

    def tensors(self) -> tuple[Tensor, ...]:
        """Those of the program, then the shorthands."""
        return (*self.program.tensors(), *(equation.tensor for equation in self.shorthands))

    def _check_question(self, question: Question, known: set[str]) -> None:
        match question.wants:
            case Gradient(by):
                nodes: tuple[Tensor, ...] = (by,)
            case Jacobian(of, by_read):
                nodes = (of.tensor, by_read.tensor)
            case Forward(node):
                nodes = (node,)
            case Induction():
                nodes = ()
            case Limit(chain=chain):
                nodes = ()
                known_bounds = {"", *(bound.id for bound in self.bounds)}
                for unknown in {by for _, by in chain} - known_bounds:
                    raise AuthorError(f"{self.id}: part '{question.id}' uses the bound '{unknown}', which is not there")
            case Chain(lines=lines, base=base):
                nodes = ()
                self._check_lines(question, (*base, *lines))
            case Count() as wants:
                nodes = ()
                check_count(f"{self.id}: part '{question.id}'", self.program, wants)
            case Ratio(parts=parts):
                nodes = ()
                for part in parts:
                    self.question(part)
            case Identity() | Consequence():
                nodes = ()
                if question.form is None:
                    raise AuthorError(f"{self.id}: part '{question.id}' needs the form that it is to be brought to")
        for node in nodes:
            if node.key not in known:
                raise AuthorError(f"{self.id}: part '{question.id}' asks about {node.key}, which the program lacks")
            if isinstance(question.wants, Forward):
                continue
            if node == self.program.loss or isinstance(node.domain, Integers):
                why = "is the loss itself" if node == self.program.loss else "is a whole number"
                raise AuthorError(f"{self.id}: part '{question.id}' asks for a derivative by {node.key}, which {why}")
        if question.form is not None and isinstance(self.program, Program):  # a recurrence shifts its one counter
            free = tuple(free_of(self.asked(question)).values())
            check_scope(f"{self.id}, form of part '{question.id}'", question.form, free, target=None)

    def _check_lines(self, question: Question, lines: tuple[Line, ...]) -> None:
        """Every line rests on what is there: a bound, an earlier part, the hypothesis of its own induction."""
        assert isinstance(question.wants, Chain)
        earlier = [q.id for q in self.questions[: self.questions.index(question)]]
        known = ["", *(bound.id for bound in self.bounds), *earlier, *((HYPOTHESIS,) if question.wants.base else ())]
        for line in lines:
            if line.by not in known:
                near = did_you_mean(line.by, known, f". There are {', '.join(filter(None, known))}.")
                raise AuthorError(f"{self.id}: a line of part '{question.id}' rests on '{line.by}', which is no bound"
                                  f" and no earlier part{near}")  # fmt: skip
        for line in question.wants.base:
            if line.by in (HYPOTHESIS, *earlier):
                raise AuthorError(f"{self.id}: the base of part '{question.id}' rests on '{line.by}'; it may rest on"
                                  " the program and on bounds alone")  # fmt: skip
        if question.form is None or lines[-1].after != question.form:
            raise AuthorError(f"{self.id}: the last line of part '{question.id}' must be its form")

    def _check_values(self, what: str, values: object) -> None:
        """Every name is one that an instance may give, every number an exact one."""
        if not isinstance(values, Mapping):
            raise AuthorError(f'{self.id}: {what} must be a dict such as {{"x": (1, 2)}}')
        program = self.program.written(values) if values else self.program
        known = [*self.program.counts, *(tensor.key for tensor in program.inputs())]
        known += [d(program.loss, program.through).key] if program.through is not None else []
        for key, value in values.items():
            if key not in known:
                near = did_you_mean(str(key), known, f". It takes {', '.join(known)}.")
                raise AuthorError(f"{self.id}: {what} gives '{key}', which the program does not take{near}")
            for number in _numbers(value):
                if isinstance(number, bool) or not (
                    isinstance(number, int) or (isinstance(number, str) and _EXACT.fullmatch(number))
                ):
                    raise AuthorError(
                        f"{self.id}: {what} gives {key} the number {number!r}; write exact ones such as 2, '1/3'"
                        " or 'log(2)'"
                    )

    def called(self, variant: str) -> Problem:
        """This problem, or the other variant of that name; '' is this one."""
        return self if variant in ("", self.variant) else self.variants[variant]

    def composed(self, depth: int) -> Problem:
        """The problem of the same network with so many layers, without its questions; with the instance if it fits."""
        network = self.program
        assert isinstance(network, DeepNetwork)
        named = tuple(one for shorthand in self.shorthands for one in network.at_every_layer(shorthand, depth))
        fits = self.instance.get(network.depth.key) == depth
        instance = {key: value for key, value in self.instance.items() if fits and key not in network.counts}
        return replace(
            self, program=network.composed(depth), questions=(), lemmas=(), remarks=(), mistakes=(), bounds=(),
            instance=instance, shorthands=named, boxed=(), written_out=(), matrices=(), framework=None,
        )  # fmt: skip

    def question(self, part: str) -> Question:
        for question in self.questions:
            if question.id == part:
                return question
        raise AuthorError(f"{self.id} has no part '{part}'; its parts are {', '.join(q.id for q in self.questions)}")

    def asked(self, question: Question) -> Expr:
        """The left side of a question's answer: d loss / d tensor at its own axes, or one edge's derivative."""
        match question.wants:
            case Gradient(by):
                return d(self.program.loss, by).entry()
            case Jacobian(of, by_read):
                return Direct(of, by_read, self.held(of.tensor, by_read.tensor))
            case Forward(of_tensor):
                return of_tensor.entry()
            case Identity(left) | Consequence(left) | Chain(left):
                return left
            case Induction(claims):
                return claims[0][0]
            case Limit():
                return question.wants.square
            case Count(what=what, layer=layer, network=network, called=called):
                return Quantity("shape" if called else what, called or layer, "" if called else network)
            case Ratio():
                return Quantity("ratio", question.id)

    def held(self, of: Tensor, by: Tensor) -> tuple[Tensor, ...]:
        """The other named nodes that stay fixed while `by` varies along its edge to `of`."""
        equation = self.program.definition(of)
        if equation is None:
            return ()
        defined = {tensor.key for tensor in self.program.defined()}
        return tuple(t for key, t in tensors_in(equation.value).items() if key in defined and key != by.key)


def _numbers(value: object) -> Iterator[object]:
    if isinstance(value, tuple | list):
        for item in value:
            yield from _numbers(item)
    else:
        yield value


def axes_of(left: Expr, right: Expr) -> tuple[Index, ...]:
    """The free indices of an equation: those of an entry on its left in their order, rows before columns."""
    return tuple(free_of(left, right).values())


def free_of(*sides: Expr) -> dict[str, Index]:
    """The free indices of several expressions together, by name."""
    found: dict[str, Index] = {}
    for side in sides:
        found.update(free_indices(side))
    return found
