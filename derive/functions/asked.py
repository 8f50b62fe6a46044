"""What a function is asked for: the parts that it returns, what they are made of, and the names of all of it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from derive.algebra.binding import Definitions
from derive.errors import UsageError
from derive.judging.subject import Known, Subject
from derive.language.derivation import Claim
from derive.language.domain import Integers
from derive.language.expression import Expr, Index, Read, Sum, tensors_in, walk
from derive.language.near import did_you_mean
from derive.language.notation import Name, PartialName
from derive.language.plain import plain
from derive.language.problem import Problem, axes_of
from derive.language.program import Program
from derive.language.question import Assumption, Forward, Gradient, Identity, Jacobian
from derive.language.tensor import Tensor, d

NUMERIC = (Gradient, Jacobian, Forward, Identity)


class Wanted(Struct, frozen=True):
    """One array: the part, the claim that says what it is, and the axes of the array."""

    part: str
    claim: Claim
    axes: tuple[Index, ...]

    @property
    def label(self) -> str:
        return plain(self.claim.left)

    @property
    def names(self) -> tuple[str, ...]:
        """How a function that returns a dictionary may call it."""
        left = self.claim.left
        if isinstance(left, Read) and isinstance(left.tensor.name, PartialName):
            by, of = _word(left.tensor.name.by.key), _word(left.tensor.name.of.key)
            return (f"d{by}", f"d{of}_d{by}", f"grad_{by}", self.part, by)
        return (self.part, *((_word(left.tensor.key),) if isinstance(left, Read) else ()))


class Asked:
    """The parts of a problem that a function is to return. Raises UsageError for a problem without such."""

    def __init__(self, problem: Problem, parts: Sequence[str] = ()) -> None:
        if type(problem.program) is not Program:
            raise UsageError(f"{problem.id} is no program of arrays, so no function can be tried on it")
        self.known: Known = Subject(problem).known
        self.problem = self.known.derivation.problem
        self.definitions: Definitions = self.known.definitions
        self.program: Program = problem.program
        claims = {one.question.id: one.claim for one in self.known.derivation.parts}
        chosen = tuple(parts) or self._usual()
        for part in chosen:
            if part not in claims:
                near = did_you_mean(part, claims, f". Its parts are {', '.join(claims)}.")
                raise UsageError(f"{problem.id} has no part '{part}'{near}")
            if not isinstance(problem.question(part).wants, NUMERIC):
                raise UsageError(f"{problem.id}: part '{part}' asks for no array, so no function can be tried on it")
        if not chosen:
            raise UsageError(f"{problem.id} asks for no gradient by what enters it; name the parts with part=")
        self.wanted = tuple(Wanted(p, claims[p], axes_of(claims[p].left, claims[p].left)) for p in chosen)

    @property
    def assuming(self) -> tuple[Assumption, ...]:
        return tuple(dict.fromkeys(one for wanted in self.wanted for one in wanted.claim.assuming))

    def _usual(self) -> tuple[str, ...]:
        """The gradients by what enters the program, in the order of the parts; of two answers the one that assumes
        less."""
        inputs = {tensor.key for tensor in self.program.inputs()}
        found: dict[str, tuple[str, bool]] = {}
        for question in self.problem.questions:
            if isinstance(question.wants, Gradient) and question.wants.by.key in inputs:
                key, assumes = question.wants.by.key, bool(question.assuming)
                if key not in found or (found[key][1] and not assumes):
                    found[key] = (question.id, assumes)
        return tuple(part for part, _ in found.values())

    # -- what a function is given --------------------------------------------------------------------------------

    @property
    def upstream(self) -> Tensor | None:
        """The derivative that is known, where the loss is not written out."""
        through = self.program.through
        return None if through is None else d(self.program.loss, through)

    def arguments(self) -> tuple[Tensor, ...]:
        """In their order: arrays and numbers as the program reads them, the known derivative, sizes no array shows."""
        used = self._used()
        arrays = [t for t in self.program.inputs() if t.key in used and not isinstance(t.domain, Integers)]
        if self.upstream is not None and self.upstream.key in used:
            arrays.append(self.upstream)
        shown = {axis.upper.tensor.key for t in arrays for axis in t.axes if isinstance(axis.upper, Read)}
        sizes = [t for t in self.program.inputs() if isinstance(t.domain, Integers) and t.key in used - shown]
        return (*arrays, *sizes)

    def _used(self) -> set[str]:
        """Everything that the answers are made of, by key."""
        waiting: list[Expr] = [one for wanted in self.wanted for one in (wanted.claim.right, *wanted.axes)]
        found: set[str] = set()
        while waiting:
            for tensor in _read_in(waiting.pop()):
                if tensor.key not in found:
                    found.add(tensor.key)
                    if tensor.key in self.definitions:
                        waiting.append(self.definitions[tensor.key].value)
        return found

    def names(self) -> dict[str, Tensor]:
        """Every name that an argument may have, with what it stands for; what two things share is left out."""
        found: dict[str, Tensor | None] = {}
        tensors = {t.key: t for t in (*self.problem.tensors(), *(e.tensor for e in self.definitions.values()))}
        if self.upstream is not None:
            tensors[self.upstream.key] = self.upstream
        sure = {word for tensor in tensors.values() for word in _sure(tensor)}
        for tensor in tensors.values():
            for word in _sure(tensor):
                found.setdefault(word, tensor)
        for tensor in tensors.values():
            for word in _further(tensor):
                if word not in sure:
                    found[word] = tensor if found.get(word, tensor) == tensor else None
        framework = self.problem.framework
        for word, tensor in (framework.arguments if framework else {}).items():
            found.setdefault(word, tensor)
        if self.upstream is not None:
            for word in ("dout", "upstream", "grad_output"):
                found.setdefault(word, self.upstream)
        return {word: tensor for word, tensor in found.items() if tensor is not None}


def word(tensor: Tensor) -> str:
    """x, xhat; dy for the derivative of the loss by y."""
    return _sure(tensor)[0]


def _sure(tensor: Tensor) -> list[str]:
    if isinstance(tensor.name, PartialName):
        return [f"d{_word(tensor.name.by.key)}", f"d{_word(tensor.name.of.key)}_d{_word(tensor.name.by.key)}"]
    return [_word(tensor.key), *(w for w in tensor.name.spellings if w.isidentifier())]


def _further(tensor: Tensor) -> list[str]:
    name = tensor.name
    if isinstance(name, PartialName):
        return [f"grad_{_word(name.by.key)}", f"{_word(name.by.key)}_grad"]
    plain_base = isinstance(name, Name) and not (name.accent or name.sub or name.sup or name.primes)
    accented = [f"{name.base}_{name.accent}"] if isinstance(name, Name) and name.accent else []
    return ([name.base] if plain_base else []) + accented


def _word(key: str) -> str:
    text = "".join(sign if sign.isalnum() else "_" for sign in key.replace("'", "_prime"))
    return text if text.isidentifier() else f"_{text}"


def _read_in(expr: Expr) -> list[Tensor]:
    """What an expression reads, in the ranges of its sums and of what it reads too."""
    found = list(tensors_in(expr).values())
    for node in walk(expr):
        axes = node.tensor.axes if isinstance(node, Read) else (node.index,) if isinstance(node, Sum) else ()
        axes = (*axes, node) if isinstance(node, Index) else axes
        for axis in axes:
            found += [*tensors_in(axis.upper).values(), *tensors_in(axis.lower).values()]
    return found
