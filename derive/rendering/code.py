"""NumPy for a program and its claims: what is given has the shape that S2 says, and broadcasting does the rest.

Each axis (a range) has one position. A sum over an index reduces the position of its range and keeps it with size 1; a
given array without one of the last axes gets it where it is read, y[:, None]. Where two indices of one range meet in a
term, or an array has its axes the other way round, no line is written rather than a wrong one.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from fractions import Fraction
from keyword import iskeyword

from msgspec import Struct

from derive.language.derivation import Claim, Report
from derive.language.domain import Integers
from derive.language.expression import Add, Expr, Function, Index, Mul, Number, Pow, Read, Sum, tensors_in
from derive.language.notation import PartialName
from derive.language.program import Program
from derive.language.recurrence import Recurrence
from derive.language.tensor import Tensor

LINES = 12
WIDTH = 92  # of a line on the page
FUNCTIONS = {"exp": "np.exp", "log": "np.log", "tanh": "np.tanh", "cosh": "np.cosh", "sinh": "np.sinh",
             "relu": "np.maximum", "step": "np.heaviside", "abs": "np.abs"}  # fmt: skip
Axis = tuple[Expr, Expr]  # lower and upper end: what tells one range from another


class AmbiguousError(Exception):
    """No unambiguous array expression; never leaves this module."""


class Term(Struct, frozen=True):
    """Code, how tightly it binds (0 sum, 1 product, 2 atom), and which index stands on which axis."""

    text: str
    level: int
    axes: dict[Axis, str]

    def at(self, level: int) -> str:
        return f"({self.text})" if self.level < level else self.text


def numpy_line(program: Program, claim: Claim, arrays: Arrays | None = None) -> str:
    """The claim as one line, or '' where there is no unambiguous one; by itself, from arrays that are all given."""
    if not isinstance(claim.left, Read):
        return ""
    read = {claim.left.tensor.key: claim.left.tensor, **tensors_in(claim.right)}
    try:
        arrays = arrays or Arrays(program, read, frozenset(read))
        return f"{variable(claim.left.tensor)} = {arrays.whole(claim.left, claim.right)}"
    except AmbiguousError:
        return ""


def reads_shorthand(report: Report, claim: Claim) -> bool:
    """Whether it is put in names that the code does not compute."""
    names = {equation.tensor.key for equation in report.derivation.problem.shorthands}
    return not names.isdisjoint(tensors_in(claim.right))


def numpy_code(program: Program, report: Report) -> tuple[str, ...]:
    """A function from inputs to gradients: what the claims read is computed first, lines carry their step labels."""
    claims = _coded(program, report)
    needed = _closure(program, [claim.right for claim, _ in claims])
    forward: list[str] = []
    try:
        arrays = arrays_of(program, report)
        for equation in program.equations:
            if equation.tensor.key in needed and equation.target not in {claim.left for claim, _ in claims}:
                value = arrays.whole(equation.target, equation.value)
                forward.append(f"{variable(equation.tensor)} = {value}")
        body = [*arrays.sizes(needed), *forward, *(_commented(program, *claim, arrays) for claim in _ordered(claims))]
    except AmbiguousError:
        return ()
    if not claims or len(forward) + len(claims) + 3 > LINES + 2 or not all(body):
        return ()
    names = ", ".join(variable(c.left.tensor) for c, _ in claims if isinstance(c.left, Read))
    arguments = ", ".join(variable(t) for t in needed.values() if _is_argument(program, t, claims))
    folded = [piece for line in _shared_roots(body) for piece in _folded(line)]
    name = "gradients" if program.differentiated else "forward"
    return (f"def {name}({arguments}):", *(f"    {line}" for line in folded), f"    return {names}")


def _coded(program: Program, report: Report) -> list[tuple[Claim, str]]:
    """The claims that can be a line of code, with the step that ends in each."""
    claims: list[tuple[Claim, str]] = []
    for part, checked in zip(report.derivation.parts, report.parts, strict=True):
        known = {c.left for c, _ in claims}  # the first of several answers to one question assumes least
        if (
            checked.claim.left not in known
            and not reads_shorthand(report, checked.claim)
            and numpy_line(program, checked.claim)
        ):
            claims.append((checked.claim, part.steps[-1].label if part.steps else ""))
    return claims


def arrays_of(program: Program, report: Report) -> Arrays:
    """Those of the whole code: what is computed keeps every axis, what is given has its own."""
    claims = _coded(program, report)
    needed = _closure(program, [claim.right for claim, _ in claims])
    lefts = {claim.left.tensor.key: claim.left.tensor for claim, _ in claims if isinstance(claim.left, Read)}
    given = [key for key, tensor in needed.items() if program.definition(tensor) is None and key not in lefts]
    return Arrays(program, {**needed, **lefts}, frozenset(given))


def _folded(line: str) -> list[str]:
    """A line that is too wide for the page, in parentheses so that it may go on in the next."""
    if len(line) <= WIDTH:
        return [line]
    code, _, label = line.partition("  # ")
    name, _, value = code.partition(" = ")
    first, *rest = textwrap.wrap(f"{name} = ({value})", WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    lines = [first, *(f"    {piece}" for piece in rest)]
    return [*lines[:-1], f"{lines[-1]}  # {label}" if label else lines[-1]]


def _shared_roots(lines: list[str]) -> list[str]:
    """A square root that occurs more than once gets a name, just before its first use."""
    roots = Counter(root for line in lines for root in re.findall(r"np\.sqrt\([^()]*\)", line))
    shared = [root for root, count in roots.items() if count > 1]
    taken = {line.split(" = ")[0] for line in lines}
    for name, root in zip((n for n in ("s", "root", "scale") if n not in taken), shared, strict=False):
        first = next(k for k, line in enumerate(lines) if root in line)
        lines = [*lines[:first], f"{name} = {root}", *(line.replace(root, name) for line in lines[first:])]
    return lines


def _commented(program: Program, claim: Claim, label: str, arrays: Arrays) -> str:
    line = numpy_line(program, claim, arrays)
    return f"{line}  # {label}" if label and line else line


def _ordered(claims: list[tuple[Claim, str]]) -> list[tuple[Claim, str]]:
    """A claim that reads another's left side comes after it."""
    done: list[tuple[Claim, str]] = []
    waiting = list(claims)
    while waiting:
        pending = {c.left.tensor.key for c, _ in waiting if isinstance(c.left, Read)}
        ready = [pair for pair in waiting if not pending & set(tensors_in(pair[0].right))] or waiting
        done += ready
        waiting = [pair for pair in waiting if pair not in ready]
    return done


def _closure(program: Program, roots: list[Expr]) -> dict[str, Tensor]:
    """Every tensor that the roots need, directly or through the program, inputs in the program's order."""
    found: dict[str, Tensor] = {}
    waiting = list(roots)
    while waiting:
        for key, tensor in tensors_in(waiting.pop()).items():
            if key not in found:
                found[key] = tensor
                equation = program.definition(tensor)
                waiting += [equation.value] if equation else []
    order = [t.key for t in program.tensors()]
    return dict(sorted(found.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)))


def _is_argument(program: Program, tensor: Tensor, claims: list[tuple[Claim, str]]) -> bool:
    claimed = {c.left.tensor.key for c, _ in claims if isinstance(c.left, Read)}
    counted = isinstance(tensor.domain, Integers)
    return not counted and program.definition(tensor) is None and tensor.key not in claimed


def variable(tensor: Tensor) -> str:
    """x, xhat; the gradient of the loss by v is dv."""
    key = f"d{tensor.name.by.key}" if isinstance(tensor.name, PartialName) else tensor.key
    text = "".join(sign if sign.isalnum() else "_" for sign in key.replace("'", "_prime"))
    return f"{text}_" if iskeyword(text) or text[:1].isdigit() else text


class Arrays:
    """Translates entries to whole arrays: all of them along the same axes, in an order that suits every one."""

    def __init__(
        self,
        program: Program | Recurrence,
        tensors: dict[str, Tensor] | None = None,
        given: frozenset[str] = frozenset(),
    ) -> None:
        self.program, self.given = program, given
        ways = [list(map(_axis, tensor.axes)) for tensor in (tensors or {t.key: t for t in program.tensors()}).values()]
        self.axes = _in_one_order(ways)

    def sizes(self, needed: dict[str, Tensor]) -> list[str]:
        """m = x.shape[0]: sizes are read off the first array that has them."""
        lines = []
        for size in (t for t in needed.values() if isinstance(t.domain, Integers)):
            for tensor in needed.values():
                uppers = [axis.upper for axis in tensor.axes]
                if self.program.definition(tensor) is None and Read(size) in uppers:
                    position = uppers.index(Read(size))
                    lines.append(f"{variable(size)} = {variable(tensor)}.shape[{position}]")
                    break
            else:
                raise AmbiguousError
        return lines

    def whole(self, target: Read, value: Expr) -> str:
        term = self.term(value)
        wanted = {_axis(i): i.name for i in target.indices if isinstance(i, Index)}
        if len(wanted) != len(target.indices) or any(wanted.get(axis) != name for axis, name in term.axes.items()):
            raise AmbiguousError
        if set(term.axes) != set(wanted):  # a value that is constant along an axis of its target
            raise AmbiguousError
        return term.text

    def term(self, expr: Expr) -> Term:
        if isinstance(expr, Number):
            return _number(expr.value)
        if isinstance(expr, Read):
            return self.read(expr)
        if isinstance(expr, Sum):
            return self.sum(expr)
        if isinstance(expr, Pow):
            return self.pow(expr)
        if isinstance(expr, Mul):
            return self.product(expr)
        if isinstance(expr, Add):
            return self.add(expr)
        if isinstance(expr, Function) and expr.name in FUNCTIONS:
            (inside,) = map(self.term, expr.arguments)
            zero = ", 0" if expr.name in ("relu", "step") else ""
            return Term(f"{FUNCTIONS[expr.name]}({inside.text}{zero})", 2, inside.axes)
        raise AmbiguousError

    def read(self, expr: Read) -> Term:
        axes: dict[Axis, str] = {}
        for axis, index in zip(expr.tensor.axes, expr.indices, strict=True):
            if not isinstance(index, Index) or _axis(axis) in axes:
                raise AmbiguousError
            axes[_axis(axis)] = index.name
        name = variable(expr.tensor)
        if expr.tensor.key not in self.given or not axes:
            return Term(name, 2, axes)
        first = min(map(self.axes.index, axes))
        where = [":" if axis in axes else "None" for axis in self.axes[first:]]
        return Term(f"{name}[{', '.join(where)}]" if "None" in where else name, 2, axes)

    def sum(self, expr: Sum) -> Term:
        axis, body = _axis(expr.index), self.term(expr.body)
        if axis not in body.axes:
            return Term(f"{self.term(expr.index.upper).text} * {body.at(1)}", 1, body.axes)
        if body.axes[axis] != expr.index.name:
            raise AmbiguousError
        left = {a: n for a, n in body.axes.items() if a != axis}
        where = f"axis={self.axes.index(axis)}, keepdims=True" if len(self.axes) > 1 else ""
        return Term(f"np.sum({body.text}{', ' + where if where else ''})", 2, left)

    def pow(self, expr: Pow) -> Term:
        base = self.term(expr.base)
        if expr.exponent == Number(Fraction(1, 2)):
            return Term(f"np.sqrt({base.text})", 2, base.axes)
        exponent = self.term(expr.exponent)
        if expr.exponent == Number(Fraction(-1)):
            return Term(f"1 / {base.at(2)}", 1, base.axes)
        return Term(f"{base.at(3 if '**' in base.text and base.level == 2 else 2)}**{exponent.at(2)}", 2,
                    _joined([base, exponent]))  # fmt: skip

    def product(self, expr: Mul) -> Term:
        text, terms = "", []
        below: list[Term] = []
        for factor in (*expr.factors, None):
            under = _denominator(factor)
            if under is None and below:  # a run of denominators is one division: a / (b * c)
                bottom = below[0].at(2) if len(below) == 1 else f"({' * '.join(t.at(1) for t in below)})"
                text, below = f"{text or '1'} / {bottom}", []
            if factor is None:
                break
            term = self.term(factor if under is None else under)
            terms.append(term)
            if under is None:
                text = _times(text, term)
            else:
                below.append(term)
        return Term(text, 1, _joined(terms))

    def add(self, expr: Add) -> Term:
        text, terms = "", [self.term(term) for term in expr.terms]
        for term in terms:
            minus = term.text.startswith("-")
            text += (" - " + term.text[1:] if minus else " + " + term.text) if text else term.text
        return Term(text, 0, _joined(terms))


def _in_one_order(ways: list[list[Axis]]) -> list[Axis]:
    """Every axis once, so that each array has its own in this order; an error where no order suits them all."""
    order: list[Axis] = []
    left = list(dict.fromkeys(axis for way in ways for axis in way))
    while left:
        ready = [a for a in left if all(a not in way or set(way[: way.index(a)]) <= set(order) for way in ways)]
        if not ready:
            raise AmbiguousError
        order.append(ready[0])
        left.remove(ready[0])
    return order


def _denominator(factor: Expr | None) -> Expr | None:
    """b for b^-1, and the root or power for b^-n: what is divided by."""
    if isinstance(factor, Pow) and isinstance(factor.exponent, Number) and factor.exponent.value < 0:
        exponent = -factor.exponent.value
        return factor.base if exponent == 1 else Pow(factor.base, Number(exponent))
    return None


def _axis(index: Index) -> Axis:
    return index.lower, index.upper


def _number(value: Fraction) -> Term:
    return Term(str(value), 2 if value >= 0 and value.denominator == 1 else 0, {})


def _times(text: str, term: Term) -> str:
    """A leading number keeps its sign in front: -1/2 * x, and -x rather than -1 * x."""
    if not text:
        coefficient = not term.axes and term.level == 0 and "/" in term.text
        return term.text if term.text == "-1" or coefficient else term.at(1)
    return f"-{term.at(1)}" if text == "-1" else f"{text} * {term.at(1 if '/' not in term.text else 2)}"


def _joined(terms: list[Term]) -> dict[Axis, str]:
    """One index an axis; two different ones on the same axis cannot be told apart in an array."""
    axes: dict[Axis, str] = {}
    for term in terms:
        for axis, name in term.axes.items():
            if axes.setdefault(axis, name) != name:
                raise AmbiguousError
    return axes
