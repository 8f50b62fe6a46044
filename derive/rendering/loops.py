"""NumPy in loops, for a program of one equation y[..] = sum of a product under conditions, such as a convolution.

The gradient by a factor is the product with that factor taken out, times the derivative by y: one pass over all
indices adds both up. Indices count from 0 here, so each stands for itself plus one, a subscript for itself minus one.
"""

from __future__ import annotations

from collections import Counter

from derive.language.derivation import Report
from derive.language.domain import Integers
from derive.language.expression import Add, Bracket, Expr, Index, Mul, Number, Read, Sum
from derive.language.program import Program
from derive.language.question import Gradient
from derive.language.tensor import Tensor, d
from derive.rendering.code import variable

LAST = "\uffff"  # before an index: in a product it comes after the sizes
Polynomial = dict[tuple[str, ...], int]  # names multiplied -> coefficient


def loop_code(program: Program, report: Report) -> tuple[str, ...]:
    """The gradients asked for; empty where the program has another form."""
    wants = [part.question.wants for part in report.derivation.parts]
    asked = {want.by.key for want in wants if isinstance(want, Gradient)}
    if len(program.equations) != 1 or program.through is None:
        return ()
    equation = program.equations[0]
    indices, factors = _taken_apart(equation.value)
    reads = [factor for factor in factors if isinstance(factor, Read)]
    conditions = [factor for factor in factors if isinstance(factor, Bracket)]
    targets = [read for read in reads if read.tensor.key in asked]
    if not targets or not conditions or len(reads) + len(conditions) != len(factors):
        return ()
    upstream = Read(d(program.loss, equation.tensor), equation.target.indices)
    return _written(program, [*equation.indices, *indices], [*reads, upstream], targets)


def _taken_apart(expr: Expr) -> tuple[list[Index], tuple[Expr, ...]]:
    indices: list[Index] = []
    while isinstance(expr, Sum):
        indices.append(expr.index)
        expr = expr.body
    return indices, expr.factors if isinstance(expr, Mul) else ()


def _written(program: Program, indices: list[Index], reads: list[Read], targets: list[Read]) -> tuple[str, ...]:
    """The last of the reads is the derivative by the result."""
    places: dict[str, tuple[str, str]] = {}  # name -> (subscript, the extent of its axis)
    entries: dict[Read, str] = {}
    sizes: dict[str, None] = {}
    shapes: list[str] = []
    for read in reads:
        array, names = variable(read.tensor), []
        extents = [_spelled(_polynomial(own.upper)) for own in read.tensor.axes]
        shapes.append(f"{', '.join('_' if size in sizes else size for size in extents)} = {array}.shape")
        sizes.update(dict.fromkeys(extents))
        for own, index in zip(read.tensor.axes, read.indices, strict=True):
            if not isinstance(index, Index):
                places[own.name] = _spelled(_from_zero(index)), _spelled(_polynomial(own.upper))
            names.append(index.name if isinstance(index, Index) else own.name)
        entries[read] = f"{array}[{', '.join(names)}]"
    given = [t.key for t in program.inputs() if isinstance(t.domain, Integers) and t.key not in sizes]
    results = [_gradient(program, read.tensor) for read in targets]
    counts = [_spelled(_polynomial(index.upper)) for index in indices]
    lines = [
        *shapes,
        f"{', '.join(results)} = {', '.join(f'np.zeros({variable(read.tensor)}.shape)' for read in targets)}",
        f"for {', '.join(index.name for index in indices)} in np.ndindex({', '.join(counts)}):",
        f"    {', '.join(places)} = {', '.join(subscript for subscript, _ in places.values())}",
        f"    if {' and '.join(f'0 <= {name} < {extent}' for name, (_, extent) in places.items())}:",
    ]
    for read, result in zip(targets, results, strict=True):
        others = [entries[other] for other in (reads[-1], *reads[:-1]) if other is not read]
        lines.append(f"        {result}{entries[read].removeprefix(variable(read.tensor))} += {' * '.join(others)}")
    arguments = ", ".join([*(variable(read.tensor) for read in reads), *given])
    return (f"def gradients({arguments}):", *(f"    {line}" for line in lines), f"    return {', '.join(results)}")


def _gradient(program: Program, tensor: Tensor) -> str:
    return variable(d(program.loss, tensor))


def _from_zero(subscript: Expr) -> Polynomial:
    """The subscript minus one, where every index stands for itself plus one."""
    return _sum([_polynomial(subscript, shift=1), {(): -1}])


def _polynomial(expr: Expr, shift: int = 0) -> Polynomial:
    match expr:
        case Number(value):
            return {(): int(value)}
        case Index(name):
            return {(LAST + name,): 1, (): shift}
        case Read(tensor, ()):
            return {(tensor.key,): 1}
        case Add(terms):
            return _sum([_polynomial(term, shift) for term in terms])
        case Mul(factors):
            product: Polynomial = {(): 1}
            for factor in factors:
                other = _polynomial(factor, shift)
                product = _sum([{(*a, *b): c * e} for a, c in product.items() for b, e in other.items()])
            return product
    raise AssertionError("a subscript is a polynomial in indices and sizes")


def _sum(polynomials: list[Polynomial]) -> Polynomial:
    total: Counter[tuple[str, ...]] = Counter()
    for polynomial in polynomials:
        for names, coefficient in polynomial.items():
            total[tuple(sorted(names))] += coefficient
    return {names: coefficient for names, coefficient in total.items() if coefficient}


def _spelled(polynomial: Polynomial) -> str:
    """s * t + q * k - p"""
    text = ""
    ordered = sorted(polynomial.items(), key=lambda item: (item[1] < 0, -len(item[0])))
    for names, coefficient in ordered:
        size = abs(coefficient)
        own = " * ".join(
            [*([str(size)] if size != 1 or not names else []), *(name.removeprefix(LAST) for name in names)]
        )
        sign = ("-" if coefficient < 0 else "") if not text else " - " if coefficient < 0 else " + "
        text += sign + own
    return text or "0"
