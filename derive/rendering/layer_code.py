"""NumPy for a network of any depth: two loops over the layers, made from the equations and the claims.

Matrices and vectors are kept by the number of their layer, A[l]. A sum of a matrix entry times a vector entry becomes
a matrix product, turned round where the rows are summed; anything that is no such product is left out.
"""

from __future__ import annotations

from fractions import Fraction

from derive.language.derivation import Claim, Report
from derive.language.domain import Integers
from derive.language.expression import (
    Add,
    Expr,
    Function,
    Index,
    Mul,
    Number,
    Pow,
    Read,
    Sum,
    free_indices,
    tensors_in,
)
from derive.language.network import Network
from derive.language.notation import Level, Name, PartialName
from derive.language.program import Equation
from derive.language.question import Chain, Question
from derive.language.tensor import Tensor
from derive.rendering.code import AmbiguousError


def layer_code(network: Network, report: Report) -> tuple[str, ...]:
    """A function from weights and biases to the gradients of every layer; empty where some line has no array form."""
    try:
        return tuple(_Loops(network, report).lines())
    except AmbiguousError:
        return ()


def layer_line(claim: Claim) -> str:
    """The claim as one line at one layer, or ''."""
    try:
        assert isinstance(claim.left, Read)
        return f"{_name(claim.left.tensor)} = {_value(claim.right, _axes(claim.left))}"
    except (AmbiguousError, AssertionError):
        return ""


class _Loops:
    def __init__(self, network: Network, report: Report) -> None:
        self.network = network
        self.claims = [
            (claim, next((s.label for s in part.steps if s.after == claim.right), ""))
            for part, checked in zip(report.derivation.parts, report.parts, strict=True)
            if checked.claim.relation == "="
            for claim in _recursion(network, part.question, checked.claim)
        ]

    def lines(self) -> list[str]:
        layer, top = self.network.layer.text, self.network.last_layer.text
        given = [t for t in self.network.glossary() if not isinstance(t.domain, Integers)]
        inputs = dict.fromkeys(_base(t) for t in given if self.network.definition(t) is None)
        held = dict.fromkeys(_base(e.tensor) for e in self.network.hidden)
        start = [_base(t) for t in self.network.mentioned()]
        arguments = [*(name for name in inputs if name not in start), *(f"{name}_0" for name in start)]
        sets = ", ".join(f"{{0: {name}_0}}" if name in start else "{}" for name in held)
        names = list(dict.fromkeys(_base(_read(claim).tensor) for claim, _ in self.claims))
        return [
            f"def gradients({', '.join(arguments)}):  # {arguments[0]}[1], {arguments[0]}[2], ... by layer",
            f"    {top}, {', '.join(held)} = max({arguments[0]}), {sets}",
            f"    for {layer} in range(1, {top}):", *(f"        {_defined(e)}" for e in self.network.hidden),
            *(f"    {_defined(e)}" for e in self.network.last),
            f"    {', '.join(names)} = {', '.join('{}' for _ in names)}",
            *self._backward(layer, top),
            f"    return {', '.join(names)}",
        ]  # fmt: skip

    def _backward(self, layer: str, top: str) -> list[str]:
        """What starts at the top; what goes down from layer to layer; what each layer has by itself."""
        first = [pair for pair in self.claims if _level(pair[0]).letter == top]
        below = [pair for pair in self.claims if _level(pair[0]).letter == layer]
        down = [pair for pair in below if any(_at(t).offset > 0 for t in tensors_in(pair[0].right).values())]
        alone = [pair for pair in below if pair not in down]
        reached = min((_level(claim).offset for claim, _ in first), default=0)
        starts = [pair for pair in first if any(_same_family(pair[0], other) for other, _ in down)]
        lines = [f"    {_line(*pair)}" for pair in starts]
        if down:
            lines.append(f"    for {layer} in range({top} - {1 - reached}, 0, -1):")
            lines += [f"        {_line(*pair)}" for pair in down]
        if alone:
            lines.append(f"    for {layer} in range(1, {top}):")
            lines += [f"        {_line(*pair)}" for pair in alone]
        return [*lines, *(f"    {_line(*pair)}" for pair in first if pair not in starts)]


def _recursion(network: Network, question: Question, claim: Claim) -> list[Claim]:
    """A product over the layers is worked out from the top, as its induction goes; anything else by its claim."""
    chain = question.wants
    if not isinstance(chain, Chain):
        return [claim]
    step = Claim(question.id, chain.left, chain.lines[0].after)
    if not chain.base:
        return [step]
    return [Claim(question.id, network.at(chain.left, network.last_layer - 1), chain.base[0].after), step]


def _line(claim: Claim, label: str) -> str:
    read = _read(claim)
    return f"{_name(read.tensor)} = {_value(claim.right, _axes(read))}  # {label}"


def _at(tensor: Tensor) -> Level:
    name = tensor.name.by if isinstance(tensor.name, PartialName) else tensor.name
    return name.level or Level()


def _same_family(one: Claim, other: Claim) -> bool:
    return _base(_read(one).tensor) == _base(_read(other).tensor)


def _read(claim: Claim) -> Read:
    if not isinstance(claim.left, Read):
        raise AmbiguousError
    return claim.left


def _level(claim: Claim) -> Level:
    name = _read(claim).tensor.name
    level = name.by.level if isinstance(name, PartialName) else name.level
    if level is None:
        raise AmbiguousError
    return level


def _defined(equation: Equation) -> str:
    return f"{_name(equation.tensor)} = {_value(equation.value, equation.indices)}"


def _axes(read: Read) -> tuple[Index, ...]:
    if not all(isinstance(index, Index) for index in read.indices):
        raise AmbiguousError
    return tuple(index for index in read.indices if isinstance(index, Index))


def _base(tensor: Tensor) -> str:
    """A for A_l, ds for the derivative by s_l."""
    if isinstance(tensor.name, PartialName):
        return f"d{_plain(tensor.name.by)}"
    return _plain(tensor.name)


def _plain(name: Name) -> str:
    text = Name(name.base, name.accent, name.sub, name.sup, name.primes, name.text).key
    return "".join(sign if sign.isalnum() else "_" for sign in text)


def _name(tensor: Tensor) -> str:
    name = tensor.name.by if isinstance(tensor.name, PartialName) else tensor.name
    if name.level is None:
        return _base(tensor)
    offset = name.level.offset
    shift = f" {'+' if offset > 0 else '-'} {abs(offset)}" if offset else ""
    return f"{_base(tensor)}[{name.level.letter}{shift}]"


def _value(expr: Expr, axes: tuple[Index, ...]) -> str:
    """The array of an expression over its free indices."""
    match expr:
        case Number(value):
            return str(value)
        case Read():
            return _entry(expr, axes)
        case Mul(factors) if len(axes) == 2 and len(factors) == 2:
            return f"np.outer({', '.join(_value(f, (axis,)) for f, axis in zip(factors, axes, strict=True))})"
        case Add(terms):
            return " + ".join(_value(term, _used(term, axes)) for term in terms).replace("+ -", "- ")
        case Mul(factors):
            return _times(factors, axes)
        case Pow(base, Number(value)) if value.denominator == 1 and value > 0:
            return f"{_closed(base, axes)}**{value}"
        case Sum(index, body):
            return _summed(index, body, axes)
        case Function("logistic", (z,)):
            return f"1 / (1 + np.exp(-{_closed(z, axes)}))"
        case Function("logistic'", (z,)):
            return f"np.exp(-{_closed(z, axes)}) / (1 + np.exp(-{_closed(z, axes)}))**2"
    raise AmbiguousError


def _entry(read: Read, axes: tuple[Index, ...]) -> str:
    """The whole array; one entry or row where a subscript is a number."""
    fixed = [index for index in read.indices if isinstance(index, Number)]
    if tuple(index for index in read.indices if not isinstance(index, Number)) != axes:
        raise AmbiguousError
    if fixed != list(read.indices[: len(fixed)]):
        raise AmbiguousError
    return (
        f"{_name(read.tensor)}[{', '.join(str(index.value - 1) for index in fixed)}]" if fixed else _name(read.tensor)
    )


def _times(factors: tuple[Expr, ...], axes: tuple[Index, ...]) -> str:
    if factors[0] == Number(Fraction(-1)):
        return f"-{_times(factors[1:], axes)}"
    return " * ".join(_closed(factor, axes) for factor in factors)


def _summed(index: Index, body: Expr, axes: tuple[Index, ...]) -> str:
    """sum_c M[r, c] v[c] is M @ v, sum_q M[q, r] v[q] is M.T @ v; over nothing else, a plain sum."""
    if not axes:
        return f"np.sum({_value(body, (index,))})"
    factors = body.factors if isinstance(body, Mul) else (body,)
    matrices = [f for f in factors if isinstance(f, Read) and len(f.indices) == 2]
    if len(matrices) != 1 or len(axes) != 1:
        raise AmbiguousError
    vector = tuple(factor for factor in factors if factor is not matrices[0])
    ways: dict[tuple[Expr, ...], str] = {(axes[0], index): "", (index, axes[0]): ".T"}
    turned = ways.get(matrices[0].indices)
    if turned is None or not vector:
        raise AmbiguousError
    column = _closed(vector[0], (index,)) if len(vector) == 1 else f"({_times(vector, (index,))})"
    return f"{_name(matrices[0].tensor)}{turned} @ {column}"


def _used(expr: Expr, axes: tuple[Index, ...]) -> tuple[Index, ...]:
    """Of the axes those that the expression reads; a number broadcasts."""
    free = free_indices(expr)
    return tuple(axis for axis in axes if axis.name in free)


def _closed(expr: Expr, axes: tuple[Index, ...]) -> str:
    """In parentheses where it is more than a name, a number or a call."""
    text = _value(expr, _used(expr, axes))
    simple = isinstance(expr, Read | Number) or (isinstance(expr, Sum) and text.startswith("np.sum("))
    return text if simple and "/" not in text else f"({text})"
