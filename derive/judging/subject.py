"""What statements are judged against: a problem derived once, its names, and an instance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from derive.algebra.binding import Definitions
from derive.algebra.instance import Instance
from derive.algebra.logs import LogNumbers
from derive.algebra.probe import Points, Scatter
from derive.algebra.values import Numbers, Value
from derive.engines.derive import derive_problem
from derive.errors import DeriveError
from derive.language.deep import DeepNetwork
from derive.language.derivation import Derivation
from derive.language.domain import Integers
from derive.language.expression import Expr, Function, Number, Read
from derive.language.given import NOTHING, Given, with_instance
from derive.language.problem import Problem
from derive.language.program import Equation
from derive.language.question import Assumption
from derive.language.recurrence import Recurrence
from derive.language.tensor import Tensor
from derive.reading.references import Names
from derive.reading.vocabulary import Vocabulary, vocabulary
from derive.verification.simulation import Simulation

if TYPE_CHECKING:
    from derive.judging.sequences import Sequences

MAX_POINTS = 32
MAX_PROOFS = 512


class Known:
    """A problem with its derivation and its names; made once for each problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.derivation: Derivation = derive_problem(problem)
        self.words: Vocabulary = vocabulary(problem)
        self.names = Names(self.words)
        self.definitions: Definitions = self.derivation.definitions
        self._points: dict[object, Points] = {}
        self._scatters: dict[tuple[tuple[str, int], ...], Scatter] = {}
        self._proofs: dict[tuple[Expr, Expr], bool] = {}
        self.program = problem.program

    def points(self, extra: Definitions | None = None, sizes: Mapping[str, int] | None = None) -> Points:
        """The points that statements are tried at, with further definitions or at certain sizes; made once."""
        return self.points_under({**self.definitions, **extra} if extra else self.definitions, sizes)

    def points_under(self, definitions: Definitions, sizes: Mapping[str, int] | None = None) -> Points:
        """Points at which these definitions hold, some of the problem's or others; all other names are free."""
        key = (frozenset(definitions.items()), tuple(sorted((sizes or {}).items())))
        return self._kept(key, lambda: Points(self._names, definitions, sizes, self._scatter(dict(sizes or {}))))

    def _scatter(self, sizes: Mapping[str, int]) -> Scatter:
        key = tuple(sorted(sizes.items()))
        if key not in self._scatters:
            self._scatters[key] = Scatter(self._names, self.definitions, sizes)
        return self._scatters[key]

    def points_of(self, name: object, definitions: Callable[[], Definitions]) -> Points:
        """Points for what some definitions define that go by a name, such as a depth."""
        return self._kept(name, lambda: _points_of(definitions()))

    def _kept(self, key: object, made: Callable[[], Points]) -> Points:
        found = self._points.pop(key, None) or made()
        while len(self._points) >= MAX_POINTS:
            self._points.pop(next(iter(self._points)))
        self._points[key] = found  # the latest used come last
        return found

    def once(self, left: Expr, right: Expr, provable: Callable[[], bool]) -> bool:
        """Is left = right proved? Found out once: different mistakes in one answer have the same repair."""
        found = self._proofs.get((left, right))
        if found is None:
            found = provable()
            if len(self._proofs) >= MAX_PROOFS:
                self._proofs.clear()
            self._proofs[left, right] = found
        return found

    @cached_property
    def read(self) -> tuple[Tensor, ...]:
        """The tensors that a formula may read: those of the program, sizes and derivatives included."""
        tensors = (*self.program.tensors(), *(equation.tensor for equation in self.definitions.values()))
        return tuple({tensor.key: tensor for tensor in tensors if tensor != self.program.loss}.values())

    @cached_property
    def active(self) -> Mapping[str, str]:
        """The tensors that an activation gives, entry by entry, with its name."""
        values = {equation.tensor.key: equation.value for equation in self.program.equations}
        return {
            key: value.name
            for key, value in values.items()
            if isinstance(value, Function) and value.name in ("logistic", "tanh")
        }

    @cached_property
    def _names(self) -> tuple[Read, ...]:
        entries = [tensor.entry() for tensor in self.words.names.values()]
        return (*entries, *(equation.target for equation in self.definitions.values()))


def _points_of(definitions: Definitions) -> Points:
    return Points([equation.target for equation in definitions.values()], definitions)


@lru_cache(maxsize=64)
def _known(key: int, holder: Holder) -> Known:
    return Known(holder.problem)


class Holder:
    """A problem by identity, since what it holds cannot be hashed."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem

    def __hash__(self) -> int:
        return id(self.problem)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Holder) and other.problem is self.problem


class Subject:
    """A known problem with what the caller gives: the instance that numbers are judged at."""

    def __init__(self, problem: Problem, given: Given = NOTHING, part: str = "") -> None:
        problem = given.subject or problem.called(given.variant)
        self.known = _known(id(problem), Holder(problem))
        self.problem = self.known.problem
        self.given = given
        self.part = part
        self.quantities: list[Value] | None = None
        if part:
            problem.question(part)

    @property
    def given_depth(self) -> int:
        """The number of layers that is given; 0 where none is."""
        return self.depth if self.given else 0

    @property
    def depth(self) -> int:
        """The number of layers that is given, or that of the instance; 0 where there is neither."""
        program = self.problem.program
        if not isinstance(program, DeepNetwork):
            return 0
        found = self.given.values.get(program.depth.key, self.problem.instance.get(program.depth.key))
        return found if isinstance(found, int) else 0

    @cached_property
    def names(self) -> Names:
        """The names of the problem, as they are to be read with what is given."""
        return self.known.names.of_depth(self.depth) if self.depth else self.known.names

    @property
    def definitions(self) -> Definitions:
        return self.known.definitions

    @cached_property
    def assuming(self) -> tuple[Assumption, ...]:
        """What the part that is asked takes as given."""
        return self.problem.question(self.part).assuming if self.part else ()

    @cached_property
    def instance(self) -> Instance | None:
        """The given numbers, the rest as the problem's own instance has it; None where the problem has none."""
        if not self.problem.instance and not self.given:
            return None
        try:
            completed = with_instance(self.problem, self.given)
            return Instance(completed, self.definitions, completed.instance, partial=True)
        except DeriveError:
            return None

    @cached_property
    def numbers(self) -> Numbers | None:
        """Values at the instance."""
        if self.instance is None:
            return None
        if isinstance(self.problem.program, Recurrence):
            values = Simulation(self.problem, instance=with_instance(self.problem, self.given).instance).runs[0]
            tables = {key: {at: LogNumbers().number(v) for at, v in table.items()} for key, table in values.items()}
            return Numbers({}, self.instance.sizes, tables)
        return Numbers(self.definitions, self.instance.sizes, self.instance.inputs)

    @cached_property
    def sequences(self) -> Sequences:
        from derive.judging.sequences import Sequences

        return Sequences(self)

    @property
    def explicit(self) -> bool:
        """Did the caller give numbers, rather than take the problem's own?"""
        return bool(self.given.values)

    @property
    def example(self) -> str:
        """What a true claim about numbers needs where neither the caller nor the problem gave any."""
        return (
            "" if self.explicit or self.problem.in_numbers else "at the numbers of the worked example; none are given"
        )

    @cached_property
    def sizes(self) -> Mapping[str, int]:
        """The sizes of the instance."""
        return dict(self.instance.sizes) if self.instance is not None else dict(self.given.sizes)

    @cached_property
    def zeros(self) -> Mapping[str, Equation]:
        """Scalars that are zero in the instance, as definitions: what is multiplied by them may be left out."""
        found: dict[str, Equation] = {}
        for tensor in self.problem.program.inputs():
            if tensor.axes or isinstance(tensor.domain, Integers) or self.instance is None:
                continue
            value = self.instance.inputs.get(tensor.key, {}).get(())
            if value is not None and value.whole == 0 and not value.logs:
                found[tensor.key] = Equation(Read(tensor), Number(Fraction(0)))
        return found
