"""From entries to a matrix: (a v)_i = c sum_j (delta_ij - 1/m - a_i a_j / m) v_j is c (I - 1 1^T / m - a a^T / m) v."""

from __future__ import annotations

from derive.language.expression import Add, Bracket, Expr, Index, Mul, Read, Sum, free_indices, mul
from derive.language.notation import PartialName
from derive.language.tensor import Tensor
from derive.rendering.document import Outer
from derive.rendering.formula import Formula, negated
from derive.rendering.names import quotient, spelled

Pair = tuple[Tensor | None, Tensor | None]


def outer_of(left: Expr, right: Expr) -> Outer | None:
    """The matrix form of left[i] = scale * sum_j (terms) v[j], or None where the entries do not show one."""
    if not (isinstance(left, Read) and len(left.indices) == 1 and isinstance(left.indices[0], Index)):
        return None
    factors = right.factors if isinstance(right, Mul) else (right,)
    total = factors[-1]
    if not (isinstance(total, Sum) and isinstance(total.body, Mul) and len(total.body.factors) == 2):
        return None
    kernel, vector = total.body.factors
    if not (isinstance(vector, Read) and vector.indices == (total.index,) and isinstance(kernel, Add)):
        return None
    row, column = left.indices[0].name, total.index.name
    terms = [_term(term, row, column) for term in kernel.terms]
    scale = mul(*factors[:-1])
    if row in free_indices(scale) or any(term is None for term in terms):
        return None
    return Outer(left, scale, tuple(term for term in terms if term is not None), vector.tensor)


def _term(term: Expr, row: str, column: str) -> tuple[Expr, Pair | None] | None:
    """coefficient times delta, or times an outer product of vectors; a missing vector is all ones."""
    coefficient: list[Expr] = []
    above: Tensor | None = None
    beside: Tensor | None = None
    identity = False
    for factor in term.factors if isinstance(term, Mul) else (term,):
        names = set(free_indices(factor)) & {row, column}
        if not names:
            coefficient.append(factor)
        elif isinstance(factor, Bracket) and names == {row, column} and factor.relation == "=" and not identity:
            identity = True
        elif isinstance(factor, Read) and len(factor.indices) == 1 and names == {row} and above is None:
            above = factor.tensor
        elif isinstance(factor, Read) and len(factor.indices) == 1 and names == {column} and beside is None:
            beside = factor.tensor
        else:
            return None
    if identity and (above is not None or beside is not None):
        return None
    return mul(*coefficient), None if identity else (above, beside)


def outer_formula(f: Formula, outer: Outer) -> str:
    """Bold names are columns over all examples."""
    v = f.markup.vectors
    texts: list[str] = []
    for coefficient, pair in outer.terms:
        product = (
            v["identity"] if pair is None else " ".join((_bold(f, pair[0]), v["transpose"].format(_bold(f, pair[1]))))
        )
        minus = f.piece(coefficient).minus
        size = negated(coefficient) if minus else coefficient
        head = "" if f(size) == "1" else f(size) + " "
        texts.append((" - " if minus else " + " if texts else "") + head + product)
    assert isinstance(outer.left, Read)
    left, vector = _bold(f, outer.left.tensor), _bold(f, outer.vector)
    inside = f.markup.tall_round.format("".join(texts))
    scale = f(outer.scale)
    return f"{left} = {'' if scale == '1' else scale + ' '}{inside} {vector}"


def _bold(f: Formula, tensor: Tensor | None) -> str:
    v = f.markup.vectors
    if tensor is None:
        return v["one"]
    if isinstance(tensor.name, PartialName):
        m = f.markup
        return quotient(m, spelled(m, tensor.name.of), v["bold"].format(spelled(m, tensor.name.by)))
    return v["bold"].format(f.tensor(tensor))
