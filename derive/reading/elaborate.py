"""Surface nodes into expressions in the names of a vocabulary: every name looked up, every script given its meaning."""

from __future__ import annotations

from fractions import Fraction as Rational
from functools import partial, reduce

from derive.algebra.binding import fresh_name, substitute, told_apart
from derive.errors import AnswerError
from derive.language.deep import DeepNetwork
from derive.language.expression import (
    ZERO,
    Bracket,
    Decimal,
    Expr,
    Index,
    Mul,
    Number,
    Sum,
    add,
    div,
    free_indices,
    mul,
    neg,
    power,
    sqrt,
    walk,
)
from derive.language.matrices import MatrixExpr
from derive.language.statement import Chain, Open, Relation, Side, Statement, Table, expressions_of, with_expressions
from derive.reading import surface as s
from derive.reading.arrays import ShapeError, entrywise, mapped, product, settled, squared_norm, transposed
from derive.reading.calls import Calls
from derive.reading.dots import NoPatternError, at, filled
from derive.reading.entries import is_bare
from derive.reading.levels import as_matrix, opened, products
from derive.reading.pending import Bare, exactly, letters_outside, written_outside
from derive.reading.ranges import Stated, bound_alike, layers_of, restricted
from derive.reading.references import Names, split
from derive.reading.scope import Hole, free_ranges
from derive.reading.scope import filled as with_letters
from derive.reading.trees import beside_a_slash, is_two

MAX_BITS = 4096
MAX_EXPONENT = 64
MAX_SCALE = 100


class Elaborator(Calls):
    """Sides, sums, products, powers, functions and arrays."""

    def chain(self, one: s.Spelled) -> Chain:
        self.notes, self.assumed, self.ranges, self.layers = [], "", (), None
        sides = self.one_by_one([settled(self.side(node)) for node in one.sides])
        holds = self.restrictions(one.where)
        sides = [reduce(partial(entrywise, mul), holds, side) for side in sides]
        relations: list[Relation] = []
        for link in one.links:
            if link.relation == ":" or link.relation == "|":
                message = "shapes are not read in this problem" if link.relation == ":" else "'|' has no place here"
                raise AnswerError(message, self.text, link.at)
            relations.append(link.relation)
        sides = self.with_sums(self.with_ranges(sides))
        texts = tuple(self.text[start:stop].strip() for start, stop in one.spans)
        notes = tuple(dict.fromkeys(self.notes))
        return Chain(tuple(sides), tuple(relations), texts, notes, one.term, self.assumed, self.ranges, self.layers)

    def restrictions(self, where: tuple[s.Where, ...]) -> list[Expr]:
        """The conditions on the indices; the ranges among them are kept until those of the axes are known."""
        self.stated = {}
        holds: list[Expr] = []
        for one in where:
            if isinstance(one, s.Condition):
                holds.append(self.condition(one))
                continue
            ends = [None if end is None else exactly(self.scalar(end)) for end in (one.lower, one.upper)]
            for letter in one.letters:
                if self.names_tensor(letter) and not self.is_layer(letter):
                    self.fail(f"'{letter}' is a name in {self.words.place}, not an index", one)
                lower, upper = (None if end is None or free_indices(end) else end for end in ends)
                before = self.stated.get(letter, Stated(None, None, one.at))
                self.stated[letter] = Stated(lower or before.lower, upper or before.upper, one.at)
                letter_ = Index(letter, Hole(one.at))
                pairs = [(end, place) for place, end in enumerate(ends) if end is not None and free_indices(end)]
                holds += [Bracket("<=", *((letter_, end) if place else (end, letter_))) for end, place in pairs]
        return holds

    def with_ranges(self, sides: list[Side]) -> list[Side]:
        """Every letter with its range, and every bound one told apart from those that are free around it."""
        flat = tuple(expr for side in sides for expr in expressions_of(side))
        free = free_ranges(self.text, flat, self.words)
        free, holds, self.ranges = restricted(self.text, free, self.stated)
        flat = with_letters(self.text, flat, self.words, free)
        for letter in sorted(self.stated.keys() - free.keys()):
            if self.is_layer(letter):
                self.layers = layers_of(self.text, self.stated[letter], self.program, flat)
            else:
                bound_alike(self.text, letter, self.stated[letter], flat)
        names = frozenset(name for expr in flat for name in free_indices(expr))
        filled_in = iter(mul(holds, told_apart(expr, names)) for expr in flat)
        return [with_expressions(side, tuple(next(filled_in) for _ in expressions_of(side))) for side in sides]

    def with_sums(self, sides: list[Side]) -> list[Side]:
        """Sum signs without a letter, now that it is known which letters are free on the other sides."""
        if not any(isinstance(node, Bare) for side in sides for expr in expressions_of(side) for node in walk(expr)):
            return sides
        whole = [letters_outside(side) for side in sides]
        done: list[Side] = []
        for place, side in enumerate(sides):
            elsewhere = set().union(*(names for k, names in enumerate(whole) if k != place))
            new = tuple(self.summed(expr, elsewhere | written_outside(expr)) for expr in expressions_of(side))
            if isinstance(side, Open):
                left = free_indices(new[0])
                rows, columns = (tuple(a for a in axes if a.name in left) for axes in (side.rows, side.columns))
                done.append(settled(Open(rows, columns, new[0], side.implied)))
            else:
                done.append(with_expressions(side, new))
        return done

    def summed(self, expr: Expr, kept: set[str]) -> Expr:
        if isinstance(expr, Bare):
            body = self.summed(expr.body, kept)
            over = [index for name, index in free_indices(body).items() if name not in kept]
            if not over:
                raise AnswerError("the sum sign has no letter, and none in it is free to be summed", self.text, expr.at)
            names = ", ".join(index.name for index in over)
            self.notes.append(f"the sum sign without a letter sums over {names}")
            if any(index.name not in expr.written for index in over):
                self.assumed = f"the sum sign without a letter sums over every entry ({names})"
            for index in reversed(over):
                body = Sum(index, body)
            return body
        children = expr.children
        return expr.with_children(tuple(self.summed(child, kept) for child in children)) if children else expr

    def side(self, node: s.Node) -> Side:
        rule = getattr(self, f"_{type(node).__name__.lower()}", None)
        if rule is None:
            self.fail("this has no meaning here", node)
        try:
            found: Side = rule(node)
        except ShapeError as error:
            self.fail(str(error), node)
        return self.bounded(found, node)

    def bounded(self, side: Side, node: s.Node) -> Side:
        for expr in expressions_of(side):
            first = expr.factors[0] if isinstance(expr, Mul) else expr
            if (
                isinstance(first, Number)
                and first.value.numerator.bit_length() + first.value.denominator.bit_length() > MAX_BITS
            ):
                self.fail("the numbers here grow too large to be read", node)
        return side

    def scalar(self, node: s.Node) -> Expr:
        found = settled(self.side(node))
        if not isinstance(found, Expr):
            self.fail("one number is expected here, not an array", node)
        return found

    def _numeral(self, node: s.Numeral) -> Expr:
        scale = node.text.lower().partition("e")[2]
        if scale and abs(int(scale)) > MAX_SCALE:
            self.fail(f"powers of ten beyond {MAX_SCALE} are not read", node)
        if "." in node.text or scale:
            return Decimal(node.text.lower())
        return Number(Rational(node.text))

    def _percent(self, node: s.Percent) -> Side:
        self.notes.append("% is a hundredth")
        return mapped(self.side(node.value), lambda e: mul(Rational(1, 100), e))

    def _sums(self, node: s.Sums) -> Side:
        if any(isinstance(term, s.Dots) for _, term in node.terms):
            return self.dotted(node)
        total: Side | None = None
        terms: list[Expr] = []
        for sign, term in node.terms:
            side = self.side(term)
            side = mapped(side, neg) if sign < 0 else side
            if isinstance(side, Expr) and total is None:
                terms.append(side)
                continue
            if total is None and terms:
                total = add(*terms)
            total = side if total is None else entrywise(lambda a, b: add(a, b), total, side)
        return add(*terms) if total is None else total

    def dotted(self, node: s.Sums) -> Expr:
        """a_1 + a_2 + ... + a_n as a sum."""
        places = [k for k, (_, term) in enumerate(node.terms) if isinstance(term, s.Dots)]
        if len(places) != 1 or not 0 < places[0] == len(node.terms) - 2 or any(sign < 0 for sign, _ in node.terms):
            self.fail("dots are read between the first terms of a sum and its last one", node)
        before = [self.scalar(term) for _, term in node.terms[: places[0]]]
        last = self.scalar(node.terms[-1][1])
        try:
            template, start, end = filled(before, last)
        except NoPatternError:
            self.fail("the terms around the dots do not show what is left out", node.terms[places[0]][1])
        letter = fresh_name("k", self.taken | set(self.words.indices))
        self.taken.add(letter)
        return Sum(Index(letter, end, start), at(template, Index(letter, Hole(node.at))))

    def _product(self, node: s.Product) -> Side:
        factors, operators = self.applied(list(node.factors), list(node.operators))
        if self.slash != "one":
            factors, operators = beside_a_slash(factors, operators, self.slash)
        if any(isinstance(factor, s.Dots) for factor in factors):
            return self.over_layers(factors, node)
        result = self.side(factors[0])
        for operator, factor in zip(operators, factors[1:], strict=True):
            value = self.side(factor)
            result = self.quotient(result, value, factor) if operator == "/" else product(result, value, operator)
        return result

    def over_layers(self, factors: list[s.Node], node: s.Product) -> Side:
        """A_L D_{L-1} A_{L-1} ... A_{i+1} D_i as a product over the layers."""
        places = [k for k, factor in enumerate(factors) if isinstance(factor, s.Dots)]
        if not isinstance(self.program, DeepNetwork):
            self.fail("products with dots are not read in this problem", node)
        if len(places) != 1 or not 0 < places[0] < len(factors) - 1:
            self.fail("dots are read once in a product, between factors", node)
        sides = [self.side(factor) for factor in factors if not isinstance(factor, s.Dots)]
        matrices = [as_matrix(settled(side)) for side in sides]
        wrong = next((k for k, matrix in enumerate(matrices) if matrix is None), None)
        if wrong is not None and wrong in (places[0] - 1, places[0]):
            self.fail("beside dots, matrices, their transposes and diag(..) are read", node)
        before, after = self.known_near(matrices, places[0])
        found = products(before, after, self.program)
        if len(found) != 1:
            said = "allow two readings" if found else "do not show what is left out"
            self.fail(f"the factors around the dots {said}", factors[places[0]])
        first = places[0] - len(before) + found[0].lead
        run = opened(found[0].run, self.taken)
        result: Side | None = None
        for side in (*sides[:first], run, *sides[places[0] + found[0].used :]):
            result = side if result is None else product(result, side)
        assert result is not None
        return result

    @staticmethod
    def known_near(matrices: list[MatrixExpr | None], place: int) -> tuple[list[MatrixExpr], list[MatrixExpr]]:
        """The factors that stand next to the dots without anything else between."""
        before: list[MatrixExpr] = []
        after: list[MatrixExpr] = []
        for matrix in reversed(matrices[:place]):
            if matrix is None:
                break
            before.insert(0, matrix)
        for matrix in matrices[place:]:
            if matrix is None:
                break
            after.append(matrix)
        return before, after

    def _entry(self, node: s.Entry) -> Side:
        """[A B]_{rc}: the entry of an array at scripts in the order of its axes."""
        inside = settled(self.side(node.base))
        scripts = split(node.below)
        if not isinstance(inside, Open) or len(scripts) != len(inside.axes):
            self.fail("these scripts do not fit what stands in the parentheses", node)
        values = {axis.name: self.scalar(script) for axis, script in zip(inside.axes, scripts, strict=True)}
        return substitute(inside.entry, values)

    def quotient(self, top: Side, bottom: Side, node: s.Node) -> Side:
        bottom = settled(bottom)
        if bottom == ZERO:
            self.fail("division by zero", node)
        if not isinstance(bottom, Expr) and not (isinstance(bottom, Open) and bottom.implied):
            self.fail("one number is expected as a divisor, not an array", node)
        return entrywise(div, top, bottom)

    def applied(self, factors: list[s.Node], operators: list[s.Operator]) -> tuple[list[s.Node], list[s.Operator]]:
        r"""sigma(z) is a function where no sigma is named; E(w) is E; x_k(i) has the index i."""
        out: list[s.Node] = [factors[0]]
        ops: list[s.Operator] = []
        for operator, factor in zip(operators, factors[1:], strict=True):
            last = out[-1]
            inside = factor.base if isinstance(factor, s.Raised) else factor
            if operator == "" and isinstance(inside, s.Listed) and not inside.square:
                joined = self.joined(last, inside)
                if joined is not None:
                    out[-1] = s.Raised(last.at, joined, factor.exponent) if isinstance(factor, s.Raised) else joined
                    continue
            out.append(factor)
            ops.append(operator)
        return out, ops

    def joined(self, head: s.Node, inside: s.Listed) -> s.Node | None:
        if isinstance(head, s.Nabla) or (isinstance(head, s.Word) and self.is_loss(head)):
            named = all(isinstance(item, s.Word) and is_bare(item) and self.is_named(item) for item in inside.items)
            return head if named else None
        if not isinstance(head, s.Word) or head.above or head.below:
            if isinstance(head, s.Word) and len(inside.items) == 1 and isinstance(inside.items[0], s.Word):
                item = inside.items[0]
                reference = self.names.reference(head, self.fits)
                if reference is not None and None in reference.places and self.is_letter(item) and not head.above:
                    return s.Word(
                        head.at, head.base, head.accent, head.font, head.primes, head.below, (item,), True, head.stop
                    )
            return None
        if head.base == "sigma" and not head.accent and len(inside.items) == 1 and not self.is_named(head):
            return s.Call(head.at, "logistic", inside.items, head.primes)
        if head.base == "sigma" and not head.accent and head.primes and len(inside.items) == 1:
            return s.Call(head.at, "logistic", inside.items, head.primes)
        return None

    def is_named(self, word: s.Word) -> bool:
        """Does it read a tensor as it stands?"""
        return self.names.reference(word, self.fits) is not None

    def is_loss(self, word: s.Word) -> bool:
        reference = self.names.reference(word, self.fits) if not word.below and not word.above else None
        return reference is not None and reference.tensor == self.words.loss

    def is_letter(self, word: s.Word) -> bool:
        bare = not (word.below or word.above or word.accent or word.primes)
        return bare and (word.base in self.words.indices or self.bound(word.base) is not None)

    def _fraction(self, node: s.Fraction) -> Side:
        return self.quotient(self.side(node.top), self.side(node.bottom), node.bottom)

    def _raised(self, node: s.Raised) -> Side:
        if isinstance(node.base, s.Call) and node.base.name == "norm" and is_two(node.exponent):
            return squared_norm(self.side(node.base.arguments[0]))
        return self.to_power(self.side(node.base), node.exponent, node)

    def to_power(self, base: Side, exponent: s.Node, node: s.Node) -> Side:
        if isinstance(exponent, s.Word) and exponent.base in ("*", "circ"):
            self.fail("this exponent is not read", exponent)
        e = self.scalar(exponent)
        e = exactly(e)
        if isinstance(e, Number):
            if abs(e.value) > MAX_EXPONENT and not isinstance(base, Expr):
                self.fail(f"exponents beyond {MAX_EXPONENT} are not read", exponent)
            if isinstance(base, Open) and not base.implied and e.value not in (1,) and base.columns:
                self.fail("powers of matrices are not read", node)
            if isinstance(base, Table):
                return self.repeated(base, e.value, node)
        if isinstance(base, Table):
            self.fail("a power of an array is not read", node)
        if base == ZERO and isinstance(e, Number) and e.value <= 0:
            self.fail("zero to this power is not defined", node)
        if isinstance(base, Number) and isinstance(e, Number) and e.value.denominator == 1 and abs(e.value) <= 64:
            bits = base.value.numerator.bit_length() + base.value.denominator.bit_length()
            if bits * abs(e.value) > 2 * MAX_BITS:
                self.fail("the numbers here grow too large to be read", node)
        return mapped(base, lambda b: power(b, e))

    def repeated(self, base: Table, times: Rational, node: s.Node) -> Side:
        """A matrix times itself."""
        if base.vector or len(base.rows) != len(base.rows[0]) or times.denominator != 1 or not 1 <= times <= 8:
            self.fail("of arrays, small whole powers of square matrices are read", node)
        result: Side = base
        for _ in range(int(times) - 1):
            result = product(result, base)
        return result

    def _transposed(self, node: s.Transposed) -> Side:
        inside = self.side(node.base)
        if isinstance(inside, Expr) and not isinstance(node.base, s.Word | s.Listed | s.Grid):
            return inside
        return transposed(inside)

    def _root(self, node: s.Root) -> Side:
        inside = self.side(node.inside)
        if node.degree == 2:
            return mapped(inside, sqrt)
        return mapped(inside, lambda e: power(e, Rational(1, node.degree)))


def elaborated(text: str, names: Names, spelled: tuple[s.Spelled, ...], *, slash: s.Slash = "one") -> Statement:
    """The statement that surface nodes make in a vocabulary. Raises AnswerError where they do not."""
    elaborator = Elaborator(text, names, spelled)
    elaborator.slash = slash
    return Statement(text, tuple(elaborator.chain(one) for one in spelled))
