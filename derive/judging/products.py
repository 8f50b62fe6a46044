"""Formulas as sums of products in order: letters that do not commute, their transposes and inverses, and functions.

What is no sum or product is one letter, spelled by what stands in it. Two formulas that are equal as numbers are equal
as matrices where they are the same sum of products.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product as combinations
from typing import TypeAlias

from msgspec.structs import replace

from derive.reading import surface as s
from derive.reading.references import describe
from derive.reading.trees import nodes_in, with_nodes, without_columns

Letter: TypeAlias = "tuple[str, bool]"  # a name, and whether it is transposed
Word: TypeAlias = "tuple[Letter, ...]"
Combination: TypeAlias = "dict[Word, Fraction]"
COMMUTING = frozenset(
    {"alpha", "beta", "gamma", "eta", "lambda", "epsilon", "mu", "rho", "tau", "c", "n", "m", "N", "K", "M"}
)
BOLD = ("mathbf", "boldsymbol")
NUMBER = "#"  # in front of the spelling of what is a number for certain
INVERSE = "^-1"
MAX_WORDS = 200


class NotWordsError(Exception):
    """Too many products."""


def is_matrix(node: s.Node) -> bool:
    """Bold, or transposed, if it is not written out: then its entries have been multiplied as they should."""
    if isinstance(node, s.Transposed):
        return not isinstance(node.base, s.Grid) and not (isinstance(node.base, s.Listed) and len(node.base.items) > 1)
    return isinstance(node, s.Word) and node.font in BOLD and node.base != "1"


def commutes(name: str) -> bool:
    return name.startswith(NUMBER) or name.removesuffix(INVERSE).lstrip("\\") in COMMUTING


def words(node: s.Node) -> Combination:
    """The node as a linear combination of words."""
    match node:
        case s.Numeral(text=text):
            return {(): Fraction(text)}
        case s.Listed(items=(inside,)):
            return words(inside)
        case s.Word(above=(exponent,)) if not node.raised:
            return _power(replace(node, above=()), exponent, node)
        case s.Word():
            return _one(describe(node)) if not node.above else _one(_spelled(node))
        case s.Transposed(base=base):
            return _turned(words(base))
        case s.Sums(terms=terms):
            return collected([(word, sign * c) for sign, term in terms for word, c in words(term).items()])
        case s.Product(factors=factors, operators=operators):
            return _product(factors, operators)
        case s.Fraction(top=top, bottom=bottom):
            return _times([words(top), _inverse(words(bottom), bottom)])
        case s.Raised(base=s.Call(name="norm", arguments=(base,)), exponent=s.Numeral(text="2")):
            return scalars(_times([_turned(words(base)), words(base)]))
        case s.Raised(base=base, exponent=exponent):
            return _power(base, exponent, node)
        case s.Call(name="norm", arguments=(base,)):
            return _root(scalars(_times([_turned(words(base)), words(base)])))
        case s.Call(name="norm1", arguments=(base,)):
            return _one(f"{NUMBER}norm1[{_canonical(words(base))}]")
        case s.Big(letters=letters, body=body):
            inside = with_nodes(body, lambda one: _bound(one, letters))
            return collected([(_summed(node.kind, word), c) for word, c in words(inside).items()])
    return _one(_spelled(node))


def _one(name: str) -> Combination:
    return {((name, False),): Fraction(1)}


def _bound(node: s.Node, letters: Sequence[str]) -> s.Node | None:
    """A letter that a sign binds, by its place."""
    if isinstance(node, s.Word) and node.base in letters and not (node.below or node.above or node.accent):
        return replace(node, base=f"~{letters.index(node.base)}", font="mathrm")
    return None


def _summed(kind: str, word: Word) -> Word:
    """The sign over a word: what does not commute stays together."""
    inner = tuple(letter for letter in word if not commutes(letter[0]))
    numbers = tuple(letter for letter in word if commutes(letter[0]))
    if inner or kind != "sum":
        return (*numbers, (f"{'' if inner else NUMBER}{kind}[{inner}]", False))
    return (*numbers, (f"{NUMBER}sum", False))


def _spelled(node: object) -> str:
    """The signs of a node, with what stands in it as sums of products; a number, if only such stand in it."""
    if not isinstance(node, s.Node):
        return "".join(map(_spelled, node)) if isinstance(node, tuple) else str(node)
    fields = [getattr(node, name) for name in node.__struct_fields__ if name not in ("at", "stop")]
    inside = [one for field in fields for one in (field if isinstance(field, tuple) else (field,))]
    said = [_canonical(words(one)) if isinstance(one, s.Node) else str(one) for one in inside]
    if isinstance(node, s.Word):
        said = [str(without_columns(node))]
    names = [one for one in nodes_in(node) if isinstance(one, s.Word)]
    number = bool(names) and all(commutes(one.base) and not is_matrix(one) for one in names)
    return f"{NUMBER if number or not names else ''}{type(node).__name__}[{';'.join(said)}]"


def _canonical(combination: Combination) -> str:
    return str(sorted((word, str(c)) for word, c in combination.items()))


def _turned(combination: Combination) -> Combination:
    return collected([
        (tuple((n, not t and not commutes(n)) for n, t in reversed(word)), c) for word, c in combination.items()
    ])  # fmt: skip


def _root(combination: Combination) -> Combination:
    """The root of a square: a number before it is taken out."""
    if len(combination) == 1:
        ((word, c),) = combination.items()
        top, bottom = (round(float(part) ** 0.5) for part in (max(c.numerator, 0), c.denominator))
        if c > 0 and Fraction(top * top, bottom * bottom) == c:
            return {((f"{NUMBER}root[{_canonical({word: Fraction(1)})}]", False),): Fraction(top, bottom)}
    return _one(f"{NUMBER}root[{_canonical(combination)}]")


def _power(base: s.Node, exponent: s.Node, node: s.Node) -> Combination:
    match exponent:
        case s.Numeral(text=text) if text.isdigit() and int(text) <= 6:
            return _times([words(base)] * int(text))
        case s.Sums(terms=((-1, s.Numeral(text=text)),)) if text.isdigit() and int(text) <= 6:
            return _times([_inverse(words(base), base)] * int(text))
    return _one(_spelled(node))


def _inverse(combination: Combination, node: s.Node) -> Combination:
    """1/c of a number, and Z^-1 Y^-1 of Y Z; of small letters, which no matrix has for its name, a number."""
    if len(combination) == 1:
        ((word, c),) = combination.items()
        if c and not any(letter[1] for letter in word):
            return {tuple((_inverted(n), t) for n, t in reversed(word)): 1 / c}
    capital = any(is_matrix(one) or (isinstance(one, s.Word) and one.base.isupper()) for one in nodes_in(node))
    return _one(f"{'' if capital else NUMBER}inverse[{_canonical(combination)}]")


def _inverted(name: str) -> str:
    if name.endswith(INVERSE):
        return name.removesuffix(INVERSE)
    small = not name.startswith(NUMBER) and len(name) == 1 and name.islower()
    return f"{NUMBER if small else ''}{name}{INVERSE}"


def _product(factors: Sequence[s.Node], operators: Sequence[s.Operator]) -> Combination:
    """In order; A u ⊙ v is (A u) ⊙ v, and what is multiplied entry by entry may change places."""
    entries: list[Combination] = []
    result = words(factors[0])
    for operator, factor in zip(operators, factors[1:], strict=True):
        right = words(factor)
        if operator == "odot":
            entries.append(result)
            result = right
        else:
            result = _times([result, _inverse(right, factor) if operator == "/" else right])
    return _by_entries([*entries, result]) if entries else result


def _by_entries(factors: Sequence[Combination]) -> Combination:
    """Factor by factor, with numbers in front."""
    result: list[tuple[Word, Fraction]] = []
    for terms in combinations(*(factor.items() for factor in factors)):
        numbers = tuple(letter for word, _ in terms for letter in word if commutes(letter[0]))
        rest = sorted(tuple(letter for letter in word if not commutes(letter[0])) for word, _ in terms)
        coefficient = Fraction(1)
        for _, c in terms:
            coefficient *= c
        result.append(((*numbers, (f"entries[{rest}]", False)), coefficient))
        if len(result) > MAX_WORDS:
            raise NotWordsError
    return collected(result)


def _times(factors: Sequence[Combination]) -> Combination:
    result: Combination = {(): Fraction(1)}
    for factor in factors:
        pairs = [((*a, *b), c * d) for (a, c), (b, d) in combinations(result.items(), factor.items())]
        if len(pairs) > MAX_WORDS:
            raise NotWordsError
        result = collected(pairs)
    return result


def collected(pairs: Sequence[tuple[Word, Fraction]]) -> Combination:
    """Numbers first: letters that commute with all others are sorted to the front; X X^-1 is left out."""
    found: Combination = {}
    for word, c in pairs:
        numbers = tuple(sorted((n, False) for n, _ in word if commutes(n)))
        key = _cancelled((*numbers, *(letter for letter in word if not commutes(letter[0]))))
        found[key] = found.get(key, Fraction(0)) + c
    return {word: c for word, c in found.items() if c}


def _cancelled(word: Word) -> Word:
    kept: list[Letter] = []
    for letter in word:
        if kept and kept[-1] in ((letter[0] + INVERSE, letter[1]), (letter[0].removesuffix(INVERSE), letter[1])):
            if kept[-1] == letter:
                kept.append(letter)
            else:
                kept.pop()
            continue
        kept.append(letter)
    return tuple(kept)


def scalars(combination: Combination) -> Combination:
    """a^T A b as b^T A^T a, a number for columns a and b: of the two, the first by name."""
    found = []
    for word, c in combination.items():
        names = [letter for letter in word if not commutes(letter[0])]
        ends = len(names) > 1 and shape(names[0][0]) == shape(names[-1][0]) == (2, 1)
        if ends and names[0][1] and not names[-1][1]:
            numbers = word[: len(word) - len(names)]
            turned = tuple((name, not up) for name, up in reversed(names))
            word = (*numbers, *min(tuple(names), turned))
        found.append((word, c))
    return collected(found)


def shape(name: str) -> tuple[int, int]:
    """Of small matrices: numbers, matrices for capitals, columns for small letters."""
    if commutes(name):
        return 1, 1
    letters = [c for c in name.split("_")[0] if c.isalpha()]
    return (2, 2) if letters and letters[-1].isupper() else (2, 1)
