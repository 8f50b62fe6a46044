"""A function against the gradients that were derived: called at many points, the smallest first.

A number is right if it misses the true one by no more than rounding explains: SLACK u e, where u is the unit roundoff
of its precision and e bounds, in units of u, the error of evaluating the derived closed form and of one rounding of
every input (`rounding`), the largest of the array. The slack leaves room for other orders of the same computation; a
wrong formula misses by the size of its terms.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from derive.errors import DeriveError, UnsupportedError
from derive.functions.arrays import DTYPES, ROUNDOFF, Found, Library
from derive.functions.asked import Asked, Wanted
from derive.functions.calling import Caller, Outcome, Unusable
from derive.functions.diagnose import Seen, in_place_of, looks_like, of_shape
from derive.functions.signature import Signature, signature_of
from derive.functions.trials import Trials
from derive.functions.values import Array, At, Shape, places
from derive.language.domain import NonNegative, Positive
from derive.language.problem import Problem
from derive.verification.assumptions import satisfied
from derive.verification.differences import Differences
from derive.verification.evaluation import UndefinedError
from derive.verification.forward import Forward
from derive.verification.points import Point, drawn_tensors
from derive.verification.session import Run

SLACK = 8.0
SIMPLER = tuple(map(Fraction, (0, 1, -1, 2)))
MOST_CALLS = 200  # on the way to a smaller failing input
MOST_SEEN = 5  # points at which a mistake must show
CHANGES = "called again with the same input, it returns something else"
LEAST = 5e-324  # the smallest number there is
EXACT = 1e-11  # how near our own evaluation must come to differences at 50 digits, relative to its terms


class Failure(Struct, frozen=True):
    """The smallest input found at which the function fails, and how."""

    signature: Signature
    dtype: str
    at: Mapping[str, object]  # by parameter: a number or nested lists
    sizes: Mapping[str, int]
    wanted: Wanted | None = None
    expected: Array | None = None
    found: Found | None = None
    place: Shape = ()  # of the entry that misses most, counting from 0
    why: str = ""  # where it is no array of the right numbers: an error, a shape, a type
    like: str = ""
    unreadable: bool = False


class Agreed(Struct, frozen=True):
    """So many inputs were tried, and the function was right at all of them."""

    inputs: int
    sizes: Mapping[str, int]  # the largest of each
    dtypes: Sequence[str]

    def __str__(self) -> str:
        sizes = ", ".join(f"{key} up to {most}" for key, most in self.sizes.items())
        return f"right at {self.inputs} inputs{f' ({sizes})' if sizes else ''}, in {' and '.join(self.dtypes)}"


class Options(Struct, frozen=True):
    """How a function is called. With `only`, one of the parts that it returns is looked at."""

    names: Mapping[str, str] = {}
    dtypes: Sequence[str] = DTYPES
    framework: str = "numpy"
    seed: int = 0
    only: str = ""


def examined(
    problem: Problem, function: Callable[..., Any], parts: Sequence[str] = (), options: Options | None = None
) -> Failure | Agreed:
    """Where it fails, or what was tried.

    Raises UsageError where it cannot be called, UnsupportedError where the problem gives no point to try it at.
    """
    return _Examination(Asked(problem, parts), function, options or Options()).failure()


class _Examination:
    def __init__(self, asked: Asked, function: Callable[..., Any], options: Options) -> None:
        self.asked, self.options = asked, options
        self.caller = Caller(function, signature_of(function, asked, options.names), asked)
        self.trials = Trials(asked.problem, asked.assuming, options.seed)
        self.libraries = [Library(options.framework, dtype) for dtype in options.dtypes]

    def failure(self) -> Failure | Agreed:
        tried = 0
        sizes: dict[str, int] = {}
        for at, true in self.points():
            tried += 1
            sizes = {key: max(size, sizes.get(key, 0)) for key, size in at.point.sizes.items()}
            for library in self.libraries:
                failure = self.at(at, true, library)
                if failure is not None:
                    return self.told(failure, at, library)
        if not tried:
            raise UnsupportedError(f"{self.asked.problem.id}: no point was found at which its gradients exist")
        return Agreed(tried, sizes, self.options.dtypes)

    def points(self) -> Iterator[tuple[At, tuple[Array, ...]]]:
        """Where every array that is asked for exists, with the true ones."""
        sure = False
        for point in self.trials.all():
            at = At(self.asked.definitions, point)
            try:
                true = self.true(at)
                self.caller.arguments(at)
            except UndefinedError:
                continue
            if not sure and all(size > 1 for size in point.sizes.values()):
                sure = True
                for wanted, array in zip(self.asked.wanted, true, strict=True):
                    for place in places(array.shape):
                        self.confirm(wanted, array, place, point)
            yield at, true

    def true(self, at: At) -> tuple[Array, ...]:
        """Raises UndefinedError where some value of the forward program does not exist."""
        for equation in self.asked.program.equations:
            at.array(equation.value, equation.indices)
        return tuple(at.array(wanted.claim.right, wanted.axes) for wanted in self.asked.wanted)

    def at(self, at: At, true: Sequence[Array], library: Library) -> Failure | None:
        outcome = self.caller(at, library)
        start = Failure(
            self.caller.signature, library.dtype,
            {name: value for name, (_, value) in self.caller.arguments(at).items()}, at.point.sizes,
        )  # fmt: skip
        if isinstance(outcome, Unusable):
            return replace(start, why=outcome.why, unreadable=outcome.unreadable)
        for wanted, array, found in zip(self.asked.wanted, true, outcome, strict=True):
            if self.options.only not in ("", wanted.part):
                continue
            failure = replace(start, wanted=wanted, expected=array, found=found)
            if found.fault:
                return replace(failure, why=found.fault)
            if found.shape != array.shape:
                return replace(failure, why=f"its shape is {found.shape}, where {array.shape} is expected")
            worst = _worst(array, found, ROUNDOFF[library.dtype])
            if worst is not None:
                return replace(failure, place=worst)
            if found.dtype and found.dtype != library.dtype and found.dtype.startswith("float"):
                return replace(failure, why=f"it has the type {found.dtype} where the inputs are {library.dtype}")
        return None

    # -- a failure, made smaller and explained -------------------------------------------------------------------

    def told(self, failure: Failure, at: At, library: Library) -> Failure:
        smaller, at = self.smaller(failure, at, library)
        if smaller.wanted is None or smaller.expected is None or smaller.found is None:
            return smaller
        if str(self.caller(at, library)) != str(self.caller(at, library)):
            return replace(smaller, like=CHANGES)
        if not smaller.why:
            self.confirm(smaller.wanted, smaller.expected, smaller.place, at.point)
            seen, close = self.seen(smaller, at, library), _close(ROUNDOFF[library.dtype])
            return _matching(smaller, looks_like(self.asked, smaller.wanted, seen, close))
        if smaller.found.entries and smaller.found.shape != smaller.expected.shape:
            return _matching(smaller, self.of_shape(smaller, at, library))
        return smaller

    def of_shape(self, failure: Failure, at: At, library: Library) -> str:
        """Judged at larger sizes than the smallest ones, where two axes may look like one."""
        assert failure.wanted is not None
        close = _close(ROUNDOFF[library.dtype])
        seen = self.seen(failure, at, library)
        said = in_place_of(self.asked, failure.wanted, seen, close)
        for one in () if said else reversed(seen):
            said = of_shape(self.asked, failure.wanted, one.point, one.found, close)
            if said:
                break
        return said

    def smaller(self, failure: Failure, at: At, library: Library) -> tuple[Failure, At]:
        """The least sizes, and each number replaced by a simpler one, as long as it fails in the same way."""
        failure, at = self.of_least_size(failure, at, library)
        calls = 0
        tensors = {tensor.key: tensor for tensor in drawn_tensors(self.asked.problem)}
        for key, entries in at.point.values.items():
            positive = isinstance(tensors[key].domain, Positive | NonNegative)
            for entry in entries:
                for value in SIMPLER:
                    if value == at.point.values[key][entry]:
                        break
                    if (positive and value < isinstance(tensors[key].domain, Positive)) or calls >= MOST_CALLS:
                        continue
                    point = at.point.replaced(key, {entry: value})
                    if not satisfied(self.asked.assuming, point):
                        continue
                    calls += 1
                    found, there = self.fails(point, library)
                    if found is not None and _alike(found, failure):
                        failure, at = found, there
                        break
        return failure, at

    def of_least_size(self, failure: Failure, at: At, library: Library) -> tuple[Failure, At]:
        """At the sizes before, other numbers may fail too."""
        for point in self.trials.again(sum(at.point.sizes.values())):
            found, there = self.fails(point, library)
            if found is not None and _alike(found, failure):
                return found, there
        return failure, at

    def fails(self, point: Point, library: Library) -> tuple[Failure | None, At]:
        at = At(self.asked.definitions, point)
        try:
            return self.at(at, self.true(at), library), at
        except UndefinedError:
            return None, at

    def seen(self, failure: Failure, at: At, library: Library) -> list[Seen]:
        """What the function returns for the part here and at larger points."""
        assert failure.wanted is not None
        assert failure.found is not None
        position = self.asked.wanted.index(failure.wanted)
        found = [Seen(at.point, failure.found)]
        for point in self.trials.telling():
            there = At(self.asked.definitions, point)
            try:
                self.true(there)
                outcome: Outcome = self.caller(there, library)
            except UndefinedError:
                continue
            if isinstance(outcome, tuple) and outcome[position].entries:
                found.append(Seen(point, outcome[position]))
            if len(found) > MOST_SEEN:
                break
        return found

    def confirm(self, wanted: Wanted, array: Array, place: Shape, point: Point) -> None:
        """Raises DeriveError unless differences of the forward program at 50 digits give the same number."""
        session = Differences(self.asked.problem, ())
        forward = Forward(self.asked.problem, point.sizes, point.scalars(session.arithmetic), session.arithmetic)
        evaluator = Run(point, forward, session.differentiator(forward)).evaluator
        spans = [evaluator.span(axis, {}) for axis in wanted.axes]
        scope = {axis.name: span[k] for axis, span, k in zip(wanted.axes, spans, place, strict=True)}
        try:
            other = float(evaluator.value(wanted.claim.left, scope))
        except UndefinedError:
            return
        ours = array.at(place)
        if not abs(other - ours.value) <= EXACT * max(ours.error, abs(other), 1.0):
            raise DeriveError(
                f"{self.asked.problem.id}: the derived {wanted.label} and differences of the forward program do not"
                f" agree ({ours.value!r} and {other!r}); this is a fault of the problem or of derive"
            )


def _matching(failure: Failure, what: str) -> Failure:
    return replace(failure, like=f"matches {what}") if what else failure


def _worst(array: Array, found: Found, unit: float) -> Shape | None:
    """The place that misses most, among those that rounding does not explain."""
    most = max(allowed(array, unit), LEAST)
    misses = [
        (abs(value - entry.value) / most, place)
        for place, entry, value in zip(places(array.shape), array.entries, found.entries, strict=True)
    ]
    bad = [(math.inf if math.isnan(miss) else miss, place) for miss, place in misses if not miss <= 1]
    return max(bad, key=lambda one: one[0])[1] if bad else None


def allowed(array: Array, unit: float) -> float:
    """The rounding of the function and, in double precision, our own."""
    return SLACK * array.error * (unit + ROUNDOFF["float64"])


def _close(unit: float) -> Callable[[float, Array, int], bool]:
    def close(value: float, array: Array, offset: int) -> bool:
        return abs(value - array.entries[offset].value) <= allowed(array, unit)

    return close


def _alike(one: Failure, other: Failure) -> bool:
    """Both stop, or both return something wrong for the same part."""
    kinds = [failure.why.partition(":")[0] if failure.wanted is None else bool(failure.why) for failure in (one, other)]
    return kinds[0] == kinds[1] and one.wanted == other.wanted
