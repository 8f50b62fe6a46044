"""The atoms of the normal form: what is left when sums, products and powers are taken apart.

Each kind has a canonical key, so equal atoms have equal keys:

- read      T[a, b], the index expressions being polynomials
- index     an index used as a number
- power     a primitive polynomial of several terms, standing as the base of a radical or reciprocal
- exp       exp of a primitive polynomial; exp of a sum is a product of these
- log       log of a primitive polynomial or of a prime
- prime     a prime number under a fractional exponent
- function  an application that no law touches
- bracket   a condition, 0 or 1
- contract  a sum over bound indices of one connected monomial, with canonical names for what it binds
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from derive.algebra.polynomial import Monomial, Poly, monomial_key

Kind: TypeAlias = Literal["read", "index", "power", "exp", "log", "prime", "function", "bracket", "contract"]
Bound: TypeAlias = "tuple[str, Poly, Poly]"  # placeholder, lower, upper


@dataclass(slots=True, eq=False)
class Atom:
    kind: Kind
    key: str
    free: frozenset[str]
    name: str = ""
    polys: tuple[Poly, ...] = ()  # arguments; the two sides of a bracket; the base of a power
    bounds: tuple[Bound, ...] = ()
    body: Monomial = ()
    positive: bool = False
    idempotent: bool = False
    depth: int = 0  # nesting of contractions inside, which keeps their placeholders apart
    _hash: int = field(default=0)

    def __post_init__(self) -> None:
        self._hash = hash(self.key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Atom) and self.key == other.key


def free_of(polys: tuple[Poly, ...]) -> frozenset[str]:
    return frozenset().union(*(poly.free for poly in polys))


def depth_of(polys: tuple[Poly, ...]) -> int:
    return max((atom.depth for poly in polys for mono in poly.terms for atom, _ in mono), default=0)


def read_atom(name: str, arguments: tuple[Poly, ...], positive: bool) -> Atom:
    key = f"{name}[{','.join(p.key for p in arguments)}]" if arguments else name
    return Atom("read", key, free_of(arguments), name, arguments, positive=positive, depth=depth_of(arguments))


def index_atom(name: str) -> Atom:
    return Atom("index", f"#{name}", frozenset((name,)), name)


def power_atom(base: Poly, positive: bool = False) -> Atom:
    return Atom("power", f"({base.key})", base.free, polys=(base,), positive=positive, depth=depth_of((base,)))


def exp_atom(argument: Poly) -> Atom:
    return Atom(
        "exp", f"exp({argument.key})", argument.free, polys=(argument,), positive=True, depth=depth_of((argument,))
    )


def log_atom(argument: Poly) -> Atom:
    return Atom("log", f"log({argument.key})", argument.free, polys=(argument,), depth=depth_of((argument,)))


def prime_atom(prime: int) -> Atom:
    return Atom("prime", f"{prime}", frozenset(), str(prime), positive=True)


def function_atom(name: str, arguments: tuple[Poly, ...]) -> Atom:
    key = f"{name}({','.join(p.key for p in arguments)})"
    return Atom("function", key, free_of(arguments), name, arguments, depth=depth_of(arguments))


def bracket_atom(relation: str, polys: tuple[Poly, ...]) -> Atom:
    """[p = 0], [0 <= p] or [p divides q]."""
    key = f"[{relation} {' '.join(poly.key for poly in polys)}]"
    return Atom("bracket", key, free_of(polys), relation, polys, idempotent=True, depth=depth_of(polys))


def contract_atom(bounds: tuple[Bound, ...], body: Monomial) -> Atom:
    """Sum over the placeholders of the monomial; both already canonical."""
    ranges = ",".join(f"{name}:{lower.key}..{upper.key}" for name, lower, upper in bounds)
    free = frozenset(name for atom, _ in body for name in atom.free) - {bound[0] for bound in bounds}
    free = free.union(*(lower.free | upper.free for _, lower, upper in bounds))
    depth = 1 + max((atom.depth for atom, _ in body), default=0)
    # a sum of positive terms is positive if there is a term: the range starts at 1 and ends at a size
    positive = all(atom.positive for atom, _ in body) and all(map(_never_empty, bounds))
    return Atom(
        "contract",
        f"S{{{ranges}|{monomial_key(body)}}}",
        free,
        bounds=bounds,
        body=body,
        positive=positive,
        depth=depth,
    )


def _never_empty(bound: Bound) -> bool:
    _, lower, upper = bound
    return lower.constant() == 1 and all(
        c > 0 and all(atom.positive for atom, _ in mono) for mono, c in upper.terms.items()
    )


def tied(atom: Atom) -> tuple[str, str] | None:
    """The two indices that a bracket [i = j] makes equal, sorted."""
    if atom.kind != "bracket" or atom.name != "=" or len(atom.polys[0].terms) != 2:
        return None
    names = []
    for mono, coefficient in atom.polys[0].terms.items():
        if len(mono) != 1 or mono[0][0].kind != "index" or mono[0][1] != 1 or abs(coefficient) != 1:
            return None
        names.append((mono[0][0].name, coefficient))
    (one, c), (other, d) = names
    return (min(one, other), max(one, other)) if c == -d else None


def plain_index(poly: Poly) -> str | None:
    """The name of the index that the polynomial is, if it is one."""
    single = poly.single()
    if single is None or single[1] != 1 or len(single[0]) != 1:
        return None
    atom, exponent = single[0][0]
    return atom.name if atom.kind == "index" and exponent == 1 else None
