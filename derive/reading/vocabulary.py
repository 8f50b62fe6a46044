"""The names in which a text about a problem is read: tensors by every spelling, derivatives, index letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from msgspec import Struct

from derive.errors import AuthorError
from derive.language.deep import DeepNetwork
from derive.language.domain import Integers
from derive.language.expression import Expr, Index, Read, Sum, walk
from derive.language.functions import FUNCTIONS
from derive.language.near import did_you_mean
from derive.language.notation import Name, PartialName
from derive.language.problem import Problem
from derive.language.recurrence import Recurrence
from derive.language.tensor import Tensor, d

FUNCTION_SPELLINGS: Mapping[str, str] = {**{name: name for name in FUNCTIONS}, "ln": "log", "sigmoid": "logistic"}
RESERVED = frozenset({*FUNCTION_SPELLINGS, "sum", "prod", "sqrt", "divides"})

_GREEK_NAMES = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu",
    "nu", "xi", "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
)  # fmt: skip
_GREEK = dict(zip(_GREEK_NAMES, "αβγδεζηθικλμνξοπρστυφχψω", strict=True))
_ACCENTS = {"hat": "\u0302", "tilde": "\u0303", "bar": "\u0304", "dot": "\u0307", "vec": "\u20d7"}
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_IDENTIFIER = re.compile(r"[^\W\d_][\w\u0300-\u036f]*(?:(?<=_)\{[a-zA-Z0-9+-]{1,8}\})?'*")


class Vocabulary(Struct, frozen=True):
    """What a text may say. `place` names the problem in messages.

    `names` maps every spelling to its tensor; `short` maps dx to the total derivative of the loss by x; `indices` has
    the letters whose range the problem fixes. `problem` is absent where an answer is compared without one.
    """

    place: str
    names: Mapping[str, Tensor]
    short: Mapping[str, Tensor]
    indices: Mapping[str, Index]
    loss: Tensor | None = None
    problem: Problem | None = None

    def near(self, spelling: str) -> str:
        """'. Did you mean ...?', or the names there are when none is near."""
        keys = dict.fromkeys(tensor.key for tensor in self.names.values())
        known = [*self.names, *self.short, *self.indices, *FUNCTION_SPELLINGS, "sum", "sqrt"]
        return did_you_mean(spelling, known, f". Its names are {', '.join(keys)}.")


def vocabulary(problem: Problem) -> Vocabulary:
    """The vocabulary of a problem. Raises AuthorError where two of its names are spelled alike."""
    expressions = list(_expressions(problem))
    loss = problem.program.loss
    tensors = {tensor.key: tensor for tensor in (*problem.program.tensors(), *problem.program.mentioned())}
    for expr in expressions:
        for node in walk(expr):
            if isinstance(node, Read) and not isinstance(node.tensor.name, PartialName):
                tensors.setdefault(node.tensor.key, node.tensor)
    names = _names(problem.id, tensors)
    indices = _indices(expressions, tensors.values())
    if isinstance(problem.program, DeepNetwork):  # a letter alone runs over layer l
        indices = {axis.name: axis for t in problem.program.glossary() for axis in t.axes} | indices
    if isinstance(problem.program, Recurrence):
        indices[problem.program.counter.name] = problem.program.counter
    for letter in indices:
        if letter in names:
            raise AuthorError(f"{problem.id}: '{letter}' is both an index and a tensor; rename one of them")
    for start in (f"d{spelling}" for spelling, tensor in names.items() if tensor == loss):
        if start in names:
            raise AuthorError(
                f"{problem.id}: the name '{start}' begins like a derivative of the loss; give it another text="
            )
    short = {
        f"d{key}": d(loss, tensor)
        for key, tensor in tensors.items()
        if tensor != loss
        and problem.program.differentiated
        and not isinstance(tensor.domain, Integers)
        and f"d{key}" not in names
        and f"d{key}" not in indices
    }
    return Vocabulary(problem.id, names, short, indices, loss, problem)


def _names(place: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Keys and declared spellings must differ; a spelling that only follows from the parts gives way."""
    names: dict[str, Tensor] = {}
    for tensor in tensors.values():
        if not _IDENTIFIER.fullmatch(tensor.key):
            raise AuthorError(f"{place}: '{tensor.key}' cannot be typed as one word; give its Name a text=")
        for spelling in (tensor.key, *tensor.name.spellings):
            if spelling in RESERVED:
                raise AuthorError(f"{place}: '{spelling}' is a word of the notation; give that name another text=")
            if names.setdefault(spelling, tensor) != tensor:
                raise AuthorError(f"{place}: two names are spelled '{spelling}'; give one of them a text=")
    derived: dict[str, list[Tensor]] = {}
    for tensor in tensors.values():
        if isinstance(tensor.name, Name):
            for spelling in _derived(tensor.name):
                derived.setdefault(spelling, []).append(tensor)
    for spelling, owners in derived.items():
        if len(owners) == 1 and spelling not in RESERVED:
            names.setdefault(spelling, owners[0])
    return names


def _derived(name: Name) -> set[str]:
    """Spellings that follow from the parts: sigma2, sigma^2, σ², x̂."""
    below, above, primes = "".join(name.sub), "".join(name.sup), "'" * name.primes
    found = {name.base + name.accent + below + above + primes}
    for base in {name.base, _GREEK.get(name.base, name.base)}:
        letter = unicodedata.normalize("NFC", base + _ACCENTS.get(name.accent, "")) if len(base) == 1 else base
        if not name.accent or len(base) == 1:
            found.add(letter + below + above.translate(_RAISED) + primes)
            if above:
                found.add(f"{letter}{below}{primes}^{above}")
    return found


def _indices(expressions: Iterable[Expr], tensors: Iterable[Tensor]) -> dict[str, Index]:
    """The letters the problem uses, where every use of a letter has one range."""
    found: dict[str, set[Index]] = {}
    for tensor in tensors:
        for axis in tensor.axes:
            found.setdefault(axis.name, set()).add(axis)
    for expr in expressions:
        for node in walk(expr):
            index = node.index if isinstance(node, Sum) else node
            if isinstance(index, Index):
                found.setdefault(index.name, set()).add(index)
    return {name: next(iter(several)) for name, several in found.items() if len(several) == 1}


def _expressions(problem: Problem) -> Iterable[Expr]:
    for equation in (*problem.program.equations, *problem.shorthands):
        yield from (equation.target, equation.value)
    for question in problem.questions:
        yield problem.asked(question)
        if question.form is not None:
            yield question.form
        for assumption in question.assuming:
            yield from (assumption.left, assumption.right)
    for remark in (*problem.lemmas, *problem.remarks):
        yield from (remark.left, remark.right)
    for mistake in problem.mistakes:
        if mistake.form is not None:
            yield mistake.form
